"""What clients and venues do with each other, in words that hold for every venue.

Scenarios name events so; each venue says which of its endpoints and streams stand for what.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """What a request is for, whichever endpoint and transport it takes."""

    LOGIN = "login"
    PLACE = "place"
    AMEND = "amend"
    CANCEL = "cancel"
    CANCEL_ALL = "cancel_all"
    CANCEL_ALL_AFTER = "cancel_all_after"  # a dead man's switch: all are cancelled unless it is renewed
    ORDER_QUERY = "order_query"
    OPEN_ORDERS_QUERY = "open_orders_query"
    ORDER_HISTORY_QUERY = "order_history_query"
    FILL_HISTORY_QUERY = "fill_history_query"
    POSITION_QUERY = "position_query"
    BALANCE_QUERY = "balance_query"
    LEVERAGE_QUERY = "leverage_query"
    LEVERAGE_CHANGE = "leverage_change"
    INSTRUMENT_QUERY = "instrument_query"
    TICKER_QUERY = "ticker_query"
    BOOK_QUERY = "book_query"
    TRADE_QUERY = "trade_query"
    CANDLE_QUERY = "candle_query"

    @property
    def serves_quotes(self) -> bool:
        return self in (Operation.TICKER_QUERY, Operation.BOOK_QUERY)


class Feed(StrEnum):
    """What the messages of a stream tell of."""

    TICKER = "ticker"
    BBO = "bbo"
    BOOK = "book"
    TRADE = "trade"
    CANDLE = "candle"
    ORDER = "order"
    ORDER_STATE = "order_state"  # only what changed of an order
    CANCEL = "cancel"
    FILL = "fill"
    POSITION = "position"

    @property
    def serves_quotes(self) -> bool:
        return self in (Feed.TICKER, Feed.BBO, Feed.BOOK)


_OPERATIONS = {operation.value: operation for operation in Operation}
_FEEDS = {feed.value: feed for feed in Feed}


@dataclass(frozen=True, slots=True)
class WireNames:
    """What one venue calls these things on its wire; scenarios may use its names, too.

    An endpoint or a stream with None is one for which there is no common word.
    """

    endpoints: Mapping[str, Operation | None] = field(default_factory=dict)
    streams: Mapping[str, Feed | None] = field(default_factory=dict)

    @staticmethod
    def of_all(venues: Iterable["WireNames"]) -> "WireNames":
        """The names of several venues; of two that differ about one, the first is right."""
        endpoints: dict[str, Operation | None] = {}
        streams: dict[str, Feed | None] = {}
        for venue in venues:
            endpoints = {**venue.endpoints, **endpoints}
            streams = {**venue.streams, **streams}
        return WireNames(endpoints, streams)

    def of_request(self, endpoint: str) -> tuple[str, ...]:
        """The events that a request to an endpoint is, the narrowest first."""
        operation = self.endpoints.get(endpoint, _OPERATIONS.get(endpoint))
        quote = ("quote",) if operation is not None and operation.serves_quotes else ()
        return (endpoint, *((operation.value,) if operation is not None else ()), "request", *quote)

    def of_message(self, stream: str) -> tuple[str, ...]:
        """The events that a message of a stream is, the narrowest first."""
        feed = self.streams.get(stream, _FEEDS.get(stream))
        common = (f"stream.{feed}",) if feed is not None else ()
        quote = ("quote",) if feed is not None and feed.serves_quotes else ()
        return (f"stream.{stream}", *common, "stream", *quote)

    @property
    def events(self) -> Collection[str]:
        """Everything that a scenario can wait for at this venue."""
        return (*EVENTS, *self.endpoints, *(f"stream.{name}" for name in self.streams))

    @property
    def requests(self) -> Collection[str]:
        """Those of `events` that are requests."""
        return (*_OPERATIONS, *self.endpoints)


EVENTS = ("request", "stream", "quote", "fill", *_OPERATIONS, *(f"stream.{name}" for name in _FEEDS))
"""Everything that a scenario can wait for at any venue."""

NO_NAMES = WireNames()
"""Those of a venue that has none of its own."""
