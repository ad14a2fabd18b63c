"""The venue's truth: everything that was asked, answered, served, ordered and filled, in order.

Rows are the events of `diag.record.kinds.venue`. Times stand beside what they say and never in it, so that
two runs can be compared row for row.
"""

from collections.abc import Mapping
from types import MappingProxyType

from diag.record import Event, Journal, writer
from diag.record.kinds import venue as rows
from diag.record.trading import Refusal
from probes.market.account import Position
from probes.market.operations import Feed, Operation
from probes.market.order import Fill, Order, Quote, Reason


class Ledger:
    """Writes the rows of one venue into the journal; every method returns the sequence number of its row.

    `refusals` is what the codes of the venue mean, by code as text: a refusal says it in its row.

    An order makes half a dozen rows: the most common ones are written from what the exchange holds, without
    an event in between.
    """

    def __init__(
        self, journal: Journal, venue: str, refusals: Mapping[str, Refusal] = MappingProxyType({})
    ) -> None:
        self.journal = journal
        self.venue = venue
        self._refusals = refusals
        self._response = writer(rows.Response, venue=venue)
        self._quote = writer(rows.Quote, Quote, venue=venue)
        self._arrival = writer(rows.Arrival, Order, Quote, venue=venue)
        self._order = writer(rows.Order, Order, venue=venue)
        self._refused = writer(rows.Refused, Order, venue=venue, reason=...)
        self._fill = writer(rows.Fill, Fill, venue=venue)
        self._trade = writer(rows.Trade, Fill, venue=venue)
        self._position = writer(rows.Position, Position, venue=venue)

    def _row(self, event: Event) -> int:
        return self.journal.append(event)

    def repeat(self, row: str) -> int:
        """Write a row that was made before: what is asked and served most is made once."""
        return self.journal.append_encoded(self.venue, row)

    def request(
        self,
        endpoint: str,
        *,
        account: str | None,
        data: Mapping[str, object],
        operation: Operation | None = None,
        order: rows.Named | None = None,
        feed: Feed | None = None,
    ) -> int:
        """A request as it arrived. `data` must hold no secret."""
        return self.repeat(
            self.request_row(
                endpoint, account=account, data=data, operation=operation, order=order, feed=feed
            )
        )

    def request_row(
        self,
        endpoint: str,
        *,
        account: str | None,
        data: Mapping[str, object],
        operation: Operation | None = None,
        order: rows.Named | None = None,
        feed: Feed | None = None,
    ) -> str:
        """The row of `request`, for `repeat`."""
        return rows.Request(
            venue=self.venue,
            endpoint=endpoint,
            account=account,
            operation=operation,
            data=data,
            order=order,
            feed=feed,
        ).tail()

    def response(
        self,
        request_seq: int,
        status: int,
        code: int | str | None = None,
        *,
        retry_after_s: int | None = None,
    ) -> int:
        """How a request was answered: HTTP status, and the venue's error code when there is one."""
        refusal = None if code is None else self._refusals.get(str(code))
        return self.repeat(
            self._response(
                request=request_seq,
                status=status,
                code=code,
                origin=refusal and refusal.origin,
                meaning=refusal and refusal.meaning,
                retry_after_s=retry_after_s,
            )
        )

    def quote(self, quote: Quote, *, via: str) -> int:
        """A quote as it was served, which a fault may have made differ from the book; `via` says where."""
        return self.repeat(self.quote_row(quote, via=via))

    def quote_row(self, quote: Quote, *, via: str) -> str:
        """The row of `quote`, for `repeat`."""
        return self._quote(quote, via=via)

    def arrival(self, order: Order, quote: Quote) -> int:
        """The true book when an order arrived, before it was matched or refused."""
        return self.repeat(self._arrival(order, quote))

    def order(self, order: Order) -> int:
        """An order after each change of its state."""
        return self.repeat(self._order(order))

    def refused(self, order: Order, reason: Reason) -> int:
        """An order that the venue did not accept."""
        return self.repeat(self._refused(order, reason=reason))

    def fill(self, fill: Fill) -> int:
        """A fill of an account. (The other side has a row of its own unless it is the market's.)"""
        return self.repeat(self._fill(fill))

    def trade(self, trade: Fill) -> int:
        """A public trade, whoever was part of it; `side` is the taker's."""
        return self.repeat(self._trade(trade, trade_id=trade.fill_id))

    def cancel(self, account: str, order: Order | None, refused: Reason | None = None) -> int:
        """A request to cancel and what came of it; None when no such order was found."""
        return self._row(
            rows.Cancel(
                venue=self.venue,
                account=account,
                instrument=None if order is None else order.instrument,
                order_id=None if order is None else order.order_id,
                refused=refused,
            )
        )

    def position(self, position: Position) -> int:
        return self.repeat(self._position(position))

    def fault(
        self,
        name: str,
        *,
        account: str | None = None,
        request: int | None = None,
        stream: str | None = None,
        selector: str | None = None,
        is_delta: bool = False,
    ) -> int:
        """A fault that the scenario brought about; `is_delta` of a stream that sends changes."""
        return self._row(
            rows.Fault(
                venue=self.venue,
                account=account,
                name=name,
                request=request,
                stream=stream,
                selector=selector,
                is_delta=is_delta,
            )
        )
