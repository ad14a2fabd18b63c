"""The streams of the reference client: what it shows is what the venue published, across any trouble."""

import asyncio
import contextlib
from decimal import Decimal

import pytest

from probes.client import OrderRequest
from probes.failures import NotAllowedError, RefusedError
from probes.market.dynamics import Dynamics
from probes.market.faults import Action, Fault
from probes.market.order import Side, Status
from probes.market.scenario import Scenario, VenueModel
from probes.venues.grvt.feeds import Feeds, Message
from probes.venues.grvt.rest import Rest
from tests.venues.grvt.simulated import ETH, asked, grvt

QUIET = Dynamics(taker_every=0)


def scenario(*faults, dynamics=QUIET, **model):
    return Scenario("any", "", "success", dynamics, faults=faults, venue=VenueModel(**model))


def play(folder, given, act):
    """Run `act(client, venue)` against a venue; return the venue with its ledger."""
    with grvt(folder, given) as venue:

        async def whole():
            async with venue.client() as client:
                return await act(client, venue)

        asyncio.run(asyncio.wait_for(whole(), 60))
        return venue


def buy(client, price="2900", size="0.5"):
    return OrderRequest(ETH, Side.BUY, Decimal(size), Decimal(price), client.new_client_order_id())


async def until(stream, condition):
    """Everything up to the first entry that fulfils the condition."""
    seen = []
    async for entry in stream:
        seen.append(entry)
        if condition(entry):
            return seen
    raise AssertionError("the stream ended")


def test_orders_fills_and_positions_are_those_of_the_ledger(tmp_path):
    seen = {}

    async def act(client, venue):
        async with (
            client.watch_orders(ETH) as orders,
            client.watch_fills(ETH) as fills,
            client.watch_positions(ETH) as positions,
            client.watch_trades(ETH) as trades,
            client.watch_candles(ETH) as candles,
        ):
            resting = await client.create_order(buy(client))
            await client.cancel_order(order_id=resting.order_id)
            taking = await client.create_order(buy(client, "3100"))
            seen["orders"] = await until(orders, lambda order: order.status is Status.FILLED)
            seen["fills"] = await until(fills, lambda fill: fill.order_id == taking.order_id)
            seen["position"] = (await until(positions, lambda size: size == Decimal("0.5")))[-1]
            seen["trade"] = await anext(trades)
            seen["candle"] = await anext(candles)

    venue = play(tmp_path / "run", scenario(), act)
    rows = [row for row in venue.rows("order") if row["account"] == venue.account]
    assert [(order.order_id, order.status, order.filled) for order in seen["orders"]] == [
        (row["order_id"], row["status"], Decimal(row["filled"])) for row in rows
    ]
    assert [(fill.fill_id, fill.price, fill.size, fill.fee) for fill in seen["fills"]] == [
        (row["fill_id"], Decimal(row["price"]), Decimal(row["size"]), Decimal(row["fee"]))
        for row in venue.fills()
    ]
    assert seen["position"] == venue.position()
    (trade,) = venue.rows("trade")
    assert (seen["trade"].trade_id, seen["trade"].side) == (trade["trade_id"], trade["side"])
    assert seen["candle"].volume == Decimal(trade["size"])


LOSSY = (
    Fault("stream.book", Action.DROP, every=3),
    Fault("stream.book", Action.DUPLICATE, every=4),
    Fault("stream.book", Action.SWAP, every=5),
)


def test_the_watched_book_is_the_book(tmp_path):
    async def act(client, venue):
        exchange = venue.embedded.simulator.exchange
        async with client.watch_book(ETH) as books, client.watch_quotes(ETH) as quotes:
            async with client.watch_book(ETH) as others:
                assert (await anext(books)).bids[0].price < (await anext(others)).asks[0].price
            for number in range(12):
                await client.create_order(buy(client, price=str(2990 + number % 7)))
            await client.create_order(buy(client, price="2999.99", size="0.07"))
            book = (await until(books, lambda book: book.bids[0].size == Decimal("0.07")))[-1]
            bids, asks = venue.embedded.call(lambda: exchange.depth(ETH, 500))
            assert (list(book.bids), list(book.asks)) == (bids, asks)
            quote = (await until(quotes, lambda quote: quote.bid_size == Decimal("0.07")))[-1]
            assert (quote.bid_price, quote.ask_price) == (bids[0].price, asks[0].price)

    play(tmp_path / "run", scenario(), act)


def test_a_book_whose_messages_are_lost_doubled_and_out_of_order_is_the_book_at_some_moment(tmp_path):
    """No level that never was, and none that is gone: after a gap, nothing is shown before a snapshot."""

    async def act(client, venue):
        true, ends = [], asyncio.Event()
        depth = venue.embedded.simulator.exchange.depth

        async def trade():
            for number in range(30):
                order = await client.create_order(buy(client, price=str(2990 + number % 7)))
                true.append(venue.embedded.call(lambda: depth(ETH, 500)))
                if number % 2:
                    await client.cancel_order(order_id=order.order_id)
                    true.append(venue.embedded.call(lambda: depth(ETH, 500)))
            ends.set()

        async with client.watch_book(ETH) as books:
            first = await anext(books)
            true.append((list(first.bids), list(first.asks)))
            trading = asyncio.create_task(trade())
            seen = []
            while not ends.is_set():
                with contextlib.suppress(TimeoutError):
                    seen.append(await asyncio.wait_for(anext(books), 0.1))
            await trading
        assert len(seen) > 5
        for book in seen:
            assert (list(book.bids), list(book.asks)) in true

    venue = play(tmp_path / "run", scenario(*LOSSY), act)
    assert [row["endpoint"] for row in venue.rows("request")].count("subscribe") > 1


def test_orders_come_through_disconnects(tmp_path):
    """The connection breaks at every fifth message and at each fill; the client comes back by itself."""
    faults = (
        Fault("stream.order", Action.DISCONNECT, every=5),
        Fault("fill", Action.DISCONNECT),
        Fault("request", Action.EXPIRE_SESSION, every=9),
    )

    async def act(client, venue):
        async with client.watch_orders(ETH) as orders:
            for _ in range(8):
                resting = await client.create_order(buy(client))
                await client.cancel_order(order_id=resting.order_id)
            taken = await client.create_order(buy(client, "3100"))
            subscribed = [row["endpoint"] for row in venue.rows("request")].count("subscribe")
            assert subscribed > 1
            await asked(venue, "subscribe", subscribed)
            late = await client.create_order(buy(client))
            await client.cancel_order(order_id=late.order_id)
            while True:  # a message may be lost between two connections; the next one comes
                last = await client.create_order(buy(client))
                await client.cancel_order(order_id=last.order_id)
                with contextlib.suppress(TimeoutError):
                    mine = last.order_id
                    await asyncio.wait_for(
                        until(orders, lambda order, mine=mine: order.order_id == mine), 0.5
                    )
                    break
            assert (await client.fetch_order(order_id=taken.order_id)).status is Status.FILLED

    play(tmp_path / "run", scenario(*faults), act)


def test_a_refused_subscription_is_raised_where_it_is_entered(tmp_path):
    async def act(client, venue):
        with pytest.raises(RefusedError) as refused:
            async with client.watch_orders("NO_SUCH_Perp"):
                pass
        assert refused.value.code == 3000
        client._rest.credentials = None
        with pytest.raises(NotAllowedError):
            async with client.watch_orders(ETH):
                pass

    play(tmp_path / "run", scenario(), act)


@pytest.mark.parametrize("action", [Action.DROP, Action.SWAP])
def test_a_snapshot_that_does_not_come_is_asked_for_again(tmp_path, action):
    """In a market in which nothing happens, so that nothing else comes after it."""

    async def act(client, venue):
        async with client.watch_quotes(ETH) as quotes:
            assert (await asyncio.wait_for(anext(quotes), 5)).bid_price == Decimal("2999.95")
        async with client.watch_book(ETH) as books:
            assert (await asyncio.wait_for(anext(books), 5)).bids[0].price == Decimal("2999.95")

    faults = (Fault("stream.mini", action, nth=1), Fault("stream.book", action, nth=1))
    play(tmp_path / "run", scenario(*faults), act)


def test_leaving_unsubscribes(tmp_path):
    async def act(client, venue):
        async with client.watch_quotes(ETH) as one, client.watch_quotes(ETH) as other:
            assert (await anext(one)).bid_price == (await anext(other)).bid_price
        await asked(venue, "unsubscribe")

    venue = play(tmp_path / "run", scenario(), act)
    assert venue.rows("request")[-1]["endpoint"] == "unsubscribe"


def test_orders_over_the_stream(tmp_path):
    async def act(client, venue):
        taken = await client.create_order_over_stream(buy(client, "3100"))
        assert (await client.fetch_order(order_id=taken.order_id)).filled == venue.filled() == Decimal("0.5")
        with pytest.raises(RefusedError) as refused:
            await client.create_order_over_stream(buy(client, "2900.005"))
        assert refused.value.code == 2064

    for errors in ("jsonrpc", "rest"):
        play(tmp_path / errors, scenario(rpc_errors=errors), act)


@pytest.mark.parametrize("session", ["live", "expired"])
def test_a_lost_answer_over_the_stream_is_found(tmp_path, session):
    async def act(client, venue):
        await client.create_order_over_stream(buy(client))
        if session == "expired":
            venue.embedded.call(lambda: venue.embedded.simulator.state.sessions.end_all(venue.account))
        taken = await client.create_order_over_stream(buy(client, "3100"))
        assert (await client.fetch_order(order_id=taken.order_id)).filled == venue.filled() == Decimal("0.5")

    fault = Fault("create_order", Action.LOSE_ACK, nth=2, silence_ms=1)
    venue = play(tmp_path / "run", scenario(*([fault] if session == "live" else [])), act)
    assert len(venue.orders()) == 2


# Sequence numbers, message by message.


def feed(folder, numbers):
    """What a watcher is told when the venue sends these (sequence, previous) pairs."""
    from probes.venues.grvt.feeds import _Subscription

    queue = asyncio.Queue()
    subscription = _Subscription("v1.order", "1", [queue])
    subscription.subscribed({"subs": ["1"], "first_sequence_number": ["11"]})
    missing = [
        subscription.take({"sequence_number": str(number), "prev_sequence_number": str(previous), "feed": {}})
        for number, previous in numbers
    ]
    told = [queue.get_nowait() for _ in range(queue.qsize())]
    return [(message.sequence, message.gap) for message in told], missing


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([(11, 10), (12, 11)], [(11, False), (12, False)]),
        ([(12, 11), (13, 12)], [(12, True), (13, False)]),
        ([(11, 10), (11, 10), (12, 11)], [(11, False), (12, False)]),
        ([(11, 10), (13, 12), (12, 11), (14, 13)], [(11, False), (13, True), (14, False)]),
        ([(0, 0), (0, 0), (11, 10)], [(0, False), (0, False), (11, False)]),
        ([(11, 10), (15, 11)], [(11, False), (15, False)]),
    ],
)
def test_gaps_repetitions_and_late_messages_are_seen(tmp_path, numbers, told):
    seen, missing = feed(tmp_path, numbers)
    assert seen == told
    assert sum(missing) == sum(gap for _, gap in told)


def test_a_slow_watcher_loses_the_oldest_and_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("probes.venues.grvt.feeds._LONGEST_QUEUE", 3)

    async def act(client, venue):
        feeds = Feeds(Rest(client.environment, client._rest.credentials))
        async with feeds.watch("v1.order", f"{venue.account}-{ETH}") as messages:
            for _ in range(4):
                await client.cancel_order(order_id=(await client.create_order(buy(client))).order_id)
            last = list(venue.orders())[-1]
            got = await until(messages, lambda message: message.feed["order_id"] == last and _ended(message))
            assert any(message.gap for message in got)
        await feeds.close()
        await feeds._trades._rest.close()

    play(tmp_path / "run", scenario(), act)


def _ended(message: Message) -> bool:
    return message.feed["state"]["status"] == "CANCELLED"
