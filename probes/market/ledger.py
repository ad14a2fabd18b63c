"""The venue's truth: everything that was asked, answered, served, ordered and filled, in order.

Rows are events of the run record with the source "venue". Times stand in the event itself and never
in `data`, so that two runs can be compared row for row.
"""

from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring_ascii as _text

from diag.record import Journal, encoded
from probes.market.account import Position
from probes.market.order import Fill, Order, Quote, Reason

_BOOLEANS = ("false", "true")


class Ledger:
    """Writes the rows of a venue into the journal; every method returns the sequence number of its row.

    An order makes half a dozen rows, which is why the most common ones are put together by hand: a third of
    the time that an encoder of dictionaries takes.
    """

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

    def response(self, request_seq: int, status: int, code: int | str | None = None) -> int:
        """How a request was answered: HTTP status, and the venue's error code when there is one."""
        shown = "null" if code is None else _text(code) if isinstance(code, str) else code
        return self.repeat(
            f'"kind":"response","data":{{"request":{request_seq},"status":{status},"code":{shown}}}}}'
        )

    def quote(self, quote: Quote, *, via: str) -> int:
        """A quote as it was served, which a fault may have made differ from the book; `via` says where."""
        return self.repeat(self.quote_row(quote, via=via))

    @staticmethod
    def quote_row(quote: Quote, *, via: str) -> str:
        """The row of `quote`, for `repeat`."""
        return f'"kind":"quote","data":{{"via":{_text(via)},{_quote(quote)}}}}}'

    def repeat(self, row: str) -> int:
        """Write a row that was made before: what is asked and served most is made once."""
        return self.journal.append_encoded("venue", row)

    def arrival(self, order: Order, quote: Quote) -> int:
        """The true book when an order arrived, before it was matched or refused."""
        return self.repeat(
            f'"kind":"arrival","data":{{"client_order_id":{_text(order.client_order_id)},'
            f'"account":{_text(order.account)},{_quote(quote)}}}}}'
        )

    def order(self, order: Order) -> int:
        """An order after each change of its state."""
        return self.repeat(
            f'"kind":"order","data":{{{_order(order)},"status":"{order.status}",'
            f'"reason":{"null" if order.reason is None else _text(order.reason)}}}}}'
        )

    def refused(self, order: Order, reason: Reason) -> int:
        """An order that the venue did not accept."""
        return self.repeat(f'"kind":"refused","data":{{{_order(order)},"reason":{_text(reason)}}}}}')

    def fill(self, fill: Fill) -> int:
        """A fill of an account. (The other side has a row of its own unless it is the market's.)"""
        return self.repeat(
            f'"kind":"fill","data":{{"fill_id":{_text(fill.fill_id)},"order_id":{_text(fill.order_id)},'
            f'"client_order_id":{_text(fill.client_order_id)},"account":{_text(fill.account)},'
            f'"instrument":{_text(fill.instrument)},"side":"{fill.side}","price":"{fill.price:f}",'
            f'"size":"{fill.size:f}","fee":"{fill.fee:f}","realized_pnl":"{fill.realized_pnl:f}",'
            f'"is_taker":{_BOOLEANS[fill.is_taker]}}}}}'
        )

    def trade(self, trade: Fill) -> int:
        """A public trade, whoever was part of it; `side` is the taker's."""
        return self.repeat(
            f'"kind":"trade","data":{{"trade_id":{_text(trade.fill_id)},'
            f'"instrument":{_text(trade.instrument)},"side":"{trade.side}",'
            f'"price":"{trade.price:f}","size":"{trade.size:f}"}}}}'
        )

    def cancel(self, account: str, order: Order | None, refused: Reason | None = None) -> int:
        """A request to cancel and what came of it; None when no such order was found."""
        order_id = None if order is None else order.order_id
        return self._row("cancel", {"account": account, "order_id": order_id, "refused": refused})

    def position(self, position: Position) -> int:
        return self.repeat(
            f'"kind":"position","data":{{"account":{_text(position.account)},'
            f'"instrument":{_text(position.instrument)},"size":"{position.size:f}",'
            f'"entry_price":{_number(position.entry_price)},'
            f'"realized_pnl":"{position.realized_pnl:f}","fees":"{position.fees:f}"}}}}'
        )

    def fault(self, name: str, **data: object) -> int:
        """A fault that the scenario brought about."""
        return self._row("fault", {"name": name, **data})

    def connection(self, what: str, **data: object) -> int:
        """A connection or a stream that opened or closed."""
        return self._row("connection", {"what": what, **data})


def _quote(quote: Quote) -> str:
    return (
        f'"instrument":{_text(quote.instrument)},"bid_price":{_number(quote.bid_price)},'
        f'"bid_size":"{quote.bid_size:f}","ask_price":{_number(quote.ask_price)},'
        f'"ask_size":"{quote.ask_size:f}"'
    )


def _order(order: Order) -> str:
    return (
        f'"order_id":{_text(order.order_id)},"client_order_id":{_text(order.client_order_id)},'
        f'"account":{_text(order.account)},"instrument":{_text(order.instrument)},"side":"{order.side}",'
        f'"size":"{order.size:f}","limit_price":{_number(order.limit_price)},'
        f'"time_in_force":"{order.time_in_force}","post_only":{_BOOLEANS[order.post_only]},'
        f'"reduce_only":{_BOOLEANS[order.reduce_only]},"filled":"{order.filled:f}",'
        f'"filled_notional":"{order.filled_notional:f}"'
    )


def _number(value: Decimal | None) -> str:
    return "null" if value is None else f'"{value:f}"'
