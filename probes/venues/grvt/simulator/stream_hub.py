"""Who is subscribed to what, and what goes out to them when the market moves.

What an operation changed is published at its end, in the order in which it happened: first orders, fills,
positions and trades, then tickers and books. With a market that moves by events alone, rates are not
waited for: each operation publishes at once, and the rows of the ledger never depend on the clock. A
market that runs by itself publishes tickers and books at their rates. Either way a `.s` stream repeats
what it last showed when nothing changed for the time of its rate; a repeat writes no row and meets no fault.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection

from probes.market.events import BookChanged, Filled, MarketEvent, OrderChanged, PositionChanged, Traded
from probes.market.faults import Action, Fault
from probes.market.order import Status
from probes.venues.grvt.errors import VenueError, not_simulated
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.simulator import stream_feeds as feeds
from probes.venues.grvt.simulator.fields import malformed
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.simulator.stream_connection import QUOTES, Channel, Connection
from probes.venues.grvt.simulator.summaries import position_json
from probes.venues.grvt.streams import STREAMS, Selector, SelectorError, feed_message, parse_selector
from probes.venues.grvt.wire import Json, encode, order_json, trade_json

_GLOBAL_STEP = 10**5  # a global sequence number is that of the cluster times this


Ending = Callable[[Connection], None]
"""What happens to a connection in place of a message."""


class Hub:
    """Listens to the exchange and publishes. Serves one event loop.

    `paced`: tickers and books go out at their rates, not at every change.
    """

    def __init__(self, state: State, *, paced: bool) -> None:
        self._state = state
        self._faults = state.faults
        self._paced = paced
        self._channels: dict[tuple[str, str, bool], Channel] = {}
        self._by_topic: dict[tuple[str, str], list[Channel]] = defaultdict(list)
        self._changed: dict[str, None] = {}  # instruments whose book changed since the last flush
        self._traded: dict[str, None] = {}  # and those that traded
        self._out: list[tuple[Collection[Connection], bytes | Ending]] = []
        self._is_flush_due = False
        self._global_sequence = 0
        state.exchange.listeners.append(self._listen)

    @property
    def channels(self) -> Collection[Channel]:
        """All that were ever subscribed to; a venue has a bounded number of them."""
        return self._channels.values()

    def subscribe(self, connection: Connection, stream: str, selectors: list[str], is_global: bool) -> Json:
        """Subscribe to all selectors or, raising VenueError, to none. The next flush sends the snapshots."""
        parsed = [self._permitted(connection, stream, text) for text in dict.fromkeys(selectors)]
        result: Json = {
            "stream": stream,
            "subs": [],
            "unsubs": [],
            "num_snapshots": [],
            "first_sequence_number": [],
            "latest_sequence_number": [],
        }
        for selector in parsed:
            key = (stream, selector.primary, is_global)
            before = connection.subscriptions.get(key)
            if before is not None and before.selector.text != selector.text:
                result["unsubs"].append(before.selector.text)
                self._leave(connection, key)
            channel = self._channel(selector, is_global)
            channel.connections[connection] = None
            connection.subscriptions[key] = channel
            result["subs"].append(selector.text)
            result["num_snapshots"].append(self._send_snapshots(channel, connection))
            result["first_sequence_number"].append(str(self._next(channel)))
            result["latest_sequence_number"].append(str(channel.sequence))
        return result

    def unsubscribe(self, connection: Connection, stream: str, selectors: list[str], is_global: bool) -> Json:
        """Unsubscribe from those selectors, whole or by their primary part, that are subscribed to."""
        gone = []
        for text in selectors:
            key = (stream, text.partition("@")[0], is_global)
            channel = connection.subscriptions.get(key)
            if channel is not None and text in (channel.selector.text, channel.selector.primary):
                self._leave(connection, key)
                gone.append(channel.selector.text)
        return {"stream": stream, "unsubs": gone}

    def leave(self, connection: Connection) -> None:
        """The connection is gone."""
        for key in list(connection.subscriptions):
            self._leave(connection, key)

    def flush(self) -> None:
        """Publish what changed since the last flush. Due at the end of every operation."""
        if not (self._is_flush_due or self._out):
            return
        self._is_flush_due = False
        for instrument in self._traded:
            for channel in self._by_topic["candle", instrument]:
                if channel.connections:
                    for feed in feeds.candles(self._state, channel.selector, 1):
                        self._publish(channel, feed, self._faults.on_message("candle"))
        self._traded.clear()
        for instrument in self._changed:
            for channel in self._by_topic["quote", instrument]:
                if channel.connections:
                    if self._paced and channel.selector.rate_ms:
                        channel.is_due = True
                    else:
                        self._publish_quote(channel)
        self._changed.clear()
        out, self._out = self._out, []
        for connections, message in out:
            for connection in connections:
                if isinstance(message, bytes):
                    connection.send(message)
                else:
                    message(connection)

    def end(self, sub_account: str, fault: Fault) -> None:
        """Close every connection that follows this account, or let it fall silent, with the next flush."""
        following = {
            connection: None
            for channel in self.channels
            if channel.selector.sub_account == sub_account
            for connection in channel.connections
        }
        self._out.append((following, _ending(fault)))

    def close(self) -> None:
        for channel in self.channels:
            if channel.timer is not None:
                channel.timer.cancel()

    def _permitted(self, connection: Connection, stream: str, text: str) -> Selector:
        described, session = STREAMS.get(stream), connection.session
        if described is None or connection.gateway == ("market-data" if described.private else "trades"):
            raise malformed("no such stream here")
        if described.private and (session is None or session.ended):
            raise VenueError(1000 if described.account == "sub" else 1001)
        try:
            selector = parse_selector(described, text, LISTINGS)
        except SelectorError as error:
            raise VenueError(error.code) from None
        if selector.candle_type not in ("", "TRADE"):
            raise not_simulated(f"v1.candle of type {selector.candle_type}")
        if session is not None:
            if selector.sub_account:
                session.demand(selector.sub_account)
            if selector.main_account not in ("", session.credentials.main_account_id):
                raise VenueError(1001)
        return selector

    def _channel(self, selector: Selector, is_global: bool) -> Channel:
        key = (selector.stream, selector.text, is_global)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(selector, is_global)
            self._by_topic[channel.topic].append(channel)
        if channel.timer is None and (channel.repeats or (self._paced and selector.rate_ms)):
            self._arm(channel)
        return channel

    def _leave(self, connection: Connection, key: tuple[str, str, bool]) -> None:
        channel = connection.subscriptions.pop(key)
        channel.connections.pop(connection, None)
        if not channel.connections:
            channel.held = None
            channel.shown = {}

    def _send_snapshots(self, channel: Channel, connection: Connection) -> int:
        """Send a new subscriber the snapshots with which the stream begins; returns their number."""
        if channel.kind in QUOTES:
            fault = self._faults.on_message(channel.kind)
            if not (channel.is_delta and channel.shown):
                self._refresh(channel, fault)
            self._emit(channel, (connection,), _message(channel, 0, 0, channel.shown), fault)
            return 1
        snapshots = feeds.snapshots(self._state, channel.selector)
        for feed in snapshots:
            fault = self._faults.on_message(channel.kind)
            self._emit(channel, (connection,), _message(channel, 0, 0, feed), fault)
        return len(snapshots)

    def _refresh(self, channel: Channel, fault: Fault | None) -> None:
        """Take in the ticker or book that the subscribers of a channel are shown next."""
        channel.shown, channel.quote = feeds.quote(self._state, channel.selector, fault)
        channel.is_true = fault is None

    def _listen(self, event: MarketEvent) -> None:
        if not self._channels:
            return
        match event:
            case BookChanged(instrument):
                self._changed[instrument] = None
            case Traded(trade):
                self._traded[trade.instrument] = None
                self._publish_to_topic("trade", trade.instrument, "", lambda: trade_json(trade))
            case OrderChanged(order):
                if order.status is Status.PENDING and not self._state.scenario.venue.pending_pushed:
                    return
                self._publish_to_topic("order", order.account, order.instrument, lambda: order_json(order))
                self._publish_to_topic("state", order.account, order.instrument, lambda: feeds.state(order))
            case Filled(fill):
                self._publish_to_topic(
                    "fill", fill.account, fill.instrument, lambda: feeds.fill(self._state, fill)
                )
            case PositionChanged(position):
                self._publish_to_topic(
                    "position",
                    position.account,
                    position.instrument,
                    lambda: position_json(self._state, position),
                )
        if not self._is_flush_due:
            # What a timer set off has nobody to flush it.
            self._is_flush_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def _publish_to_topic(self, kind: str, about: str, instrument: str, feed: Callable[[], Json]) -> None:
        """Publish to the channels of this kind that are about this instrument or account."""
        for channel in self._by_topic.get((kind, about), ()):
            self._close_ended_sessions(channel)
            if channel.connections and channel.selector.instrument in ("", instrument or about):
                self._publish(channel, feed(), self._faults.on_message(kind))

    def _close_ended_sessions(self, channel: Channel) -> None:
        """Close the connections whose session has ended, before they are told anything private."""
        if not STREAMS[channel.selector.stream].private:
            return
        for connection in [
            each for each in channel.connections if each.session is None or each.session.ended
        ]:
            self.leave(connection)
            self._out.append(((connection,), lambda each: each.close()))

    def _publish_quote(self, channel: Channel) -> None:
        before = channel.shown
        if not channel.is_delta:
            fault = self._faults.on_message(channel.kind)
            self._refresh(channel, fault)
            self._publish(channel, channel.shown, fault)
            return
        self._refresh(channel, None)
        if not feeds.delta(channel.kind, before, channel.shown):
            return
        fault = self._faults.on_message(channel.kind)
        if fault is not None:
            self._refresh(channel, fault)
        delta = feeds.delta(channel.kind, before, channel.shown)
        if delta:
            self._publish(channel, delta, fault)

    def _publish(self, channel: Channel, feed: Json, fault: Fault | None) -> None:
        """Send the next message of a channel to all its subscribers."""
        channel.is_due, channel.is_fresh = False, True
        previous = channel.sequence
        if not channel.repeats:  # what is always a snapshot has the number 0
            channel.sequence = self._next(channel)
            if channel.is_global:
                self._global_sequence = channel.sequence
        self._emit(channel, channel.connections, _message(channel, channel.sequence, previous, feed), fault)

    def _emit(
        self, channel: Channel, to: Collection[Connection], message: bytes, fault: Fault | None
    ) -> None:
        """Put a message into the next flush, or do what the fault says."""
        messages: list[bytes | Ending] = [message]
        if fault is not None:
            about = channel.selector
            self._state.ledger.fault(
                fault.action, stream=about.stream, selector=about.text, is_delta=channel.is_delta
            )
            match fault.action:
                case Action.DROP:
                    return
                case Action.DUPLICATE:
                    messages = [message, message]
                case Action.DISCONNECT | Action.MUTE:
                    messages = [_ending(fault)]
                case Action.SWAP if channel.held is None and to is channel.connections:
                    channel.held = message
                    return
        if channel.quote is not None:
            self._state.ledger.quote(channel.quote, via=channel.selector.stream)
        if channel.held is not None and to is channel.connections:
            messages.append(channel.held)
            channel.held = None
        self._out += [(to, each) for each in messages]

    def _next(self, channel: Channel) -> int:
        """The sequence number of the next message, if it is the next of all that count globally."""
        return self._global_sequence + _GLOBAL_STEP if channel.is_global else channel.sequence + 1

    def _arm(self, channel: Channel) -> None:
        channel.timer = self._state.clock.call_later(channel.selector.rate_ms / 1000, self._tick, channel)

    def _tick(self, channel: Channel) -> None:
        """The rate of a channel is over: publish what is due, else repeat what stands."""
        channel.timer = None
        if not channel.connections:
            return
        if channel.is_due:
            self._publish_quote(channel)
            self.flush()
        elif channel.repeats and channel.is_true and not channel.is_fresh:
            repeated = {**channel.shown, "event_time": str(self._state.clock.utc_ns())}
            self._out.append((channel.connections, _message(channel, 0, 0, repeated)))
            self.flush()
        channel.is_fresh = False
        self._arm(channel)


def _ending(fault: Fault) -> Ending:
    if fault.action is Action.MUTE:
        return lambda connection: connection.mute()
    return lambda connection: connection.close(fault.close_code)


def _message(channel: Channel, sequence: int, previous: int, feed: Json) -> bytes:
    selector = channel.selector
    return encode(feed_message(selector.stream, selector.text, sequence, previous, feed))
