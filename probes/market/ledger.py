"""The venue's truth: everything that was asked, answered, served, ordered and filled, in order.

Rows are events of the run record with the source "venue". Times stand in the event itself and never
in `data`, so that two runs can be compared row for row.
"""

from collections.abc import Mapping
from decimal import Decimal

from diag.record import Journal, encoded
from probes.market.account import Position
from probes.market.order import Fill, Order, Quote, Reason


class Ledger:
    """Writes the rows of a venue into the journal; every method returns the sequence number of its row."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def _row(self, kind: str, data: dict[str, object]) -> int:
        return self.journal.append("venue", kind, data)

    def request(self, endpoint: str, *, account: str | None, data: Mapping[str, object]) -> int:
        """A request as it arrived. `data` must hold no secret."""
        return self.repeat(self.request_row(endpoint, account=account, data=data))

    @staticmethod
    def request_row(endpoint: str, *, account: str | None, data: Mapping[str, object]) -> str:
        """The row of `request`, for `repeat`."""
        return encoded("request", {"endpoint": endpoint, "account": account, "data": data})

    def response(self, request_seq: int, status: int, code: int | None = None) -> int:
        """How a request was answered: HTTP status, and the venue's error code when there is one."""
        shown = "null" if code is None else code
        return self.repeat(
            f'"kind":"response","data":{{"request":{request_seq},"status":{status},"code":{shown}}}}}'
        )

    def quote(self, quote: Quote, *, via: str) -> int:
        """A quote as it was served, which a fault may have made differ from the book; `via` says where."""
        return self.repeat(self.quote_row(quote, via=via))

    @staticmethod
    def quote_row(quote: Quote, *, via: str) -> str:
        """The row of `quote`, for `repeat`."""
        return encoded("quote", {"via": via, **_quote(quote)})

    def repeat(self, row: str) -> int:
        """Write a row that was made before: what is asked and served most is made once."""
        return self.journal.append_encoded("venue", row)

    def arrival(self, order: Order, quote: Quote) -> int:
        """The true book when an order arrived, before it was matched or refused."""
        return self._row(
            "arrival",
            {"client_order_id": order.client_order_id, "account": order.account, **_quote(quote)},
        )

    def order(self, order: Order) -> int:
        """An order after each change of its state."""
        return self._row("order", _order(order) | {"status": order.status, "reason": order.reason})

    def refused(self, order: Order, reason: Reason) -> int:
        """An order that the venue did not accept."""
        return self._row("refused", _order(order) | {"reason": reason})

    def fill(self, fill: Fill) -> int:
        """A fill of an account. (The other side has a row of its own unless it is the market's.)"""
        return self._row(
            "fill",
            {
                "fill_id": fill.fill_id,
                "order_id": fill.order_id,
                "client_order_id": fill.client_order_id,
                "account": fill.account,
                "instrument": fill.instrument,
                "side": fill.side,
                "price": _text(fill.price),
                "size": _text(fill.size),
                "fee": _text(fill.fee),
                "realized_pnl": _text(fill.realized_pnl),
                "is_taker": fill.is_taker,
            },
        )

    def trade(self, trade: Fill) -> int:
        """A public trade, whoever was part of it; `side` is the taker's."""
        return self._row(
            "trade",
            {
                "trade_id": trade.fill_id,
                "instrument": trade.instrument,
                "side": trade.side,
                "price": _text(trade.price),
                "size": _text(trade.size),
            },
        )

    def cancel(self, account: str, order: Order | None, refused: Reason | None = None) -> int:
        """A request to cancel and what came of it; None when no such order was found."""
        order_id = None if order is None else order.order_id
        return self._row("cancel", {"account": account, "order_id": order_id, "refused": refused})

    def position(self, position: Position) -> int:
        return self._row(
            "position",
            {
                "account": position.account,
                "instrument": position.instrument,
                "size": _text(position.size),
                "entry_price": _text(position.entry_price),
                "realized_pnl": _text(position.realized_pnl),
                "fees": _text(position.fees),
            },
        )

    def fault(self, name: str, **data: object) -> int:
        """A fault that the scenario brought about."""
        return self._row("fault", {"name": name, **data})

    def connection(self, what: str, **data: object) -> int:
        """A connection or a stream that opened or closed."""
        return self._row("connection", {"what": what, **data})


def _quote(quote: Quote) -> dict[str, object]:
    return {
        "instrument": quote.instrument,
        "bid_price": _text(quote.bid_price),
        "bid_size": _text(quote.bid_size),
        "ask_price": _text(quote.ask_price),
        "ask_size": _text(quote.ask_size),
    }


def _order(order: Order) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "account": order.account,
        "instrument": order.instrument,
        "side": order.side,
        "size": _text(order.size),
        "limit_price": _text(order.limit_price),
        "time_in_force": order.time_in_force,
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "filled": _text(order.filled),
        "filled_notional": _text(order.filled_notional),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
