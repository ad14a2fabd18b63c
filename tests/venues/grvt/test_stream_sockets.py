"""The WebSockets of the simulator, over real sockets: subscriptions, messages, orders, faults."""

import asyncio
import enum
from decimal import Decimal
from itertools import pairwise

import aiohttp
import dacite
import pytest
from pysdk import grvt_raw_types as raw

from probes.market.scenario import parse
from probes.venues.grvt.names import NAMES
from tests.venues.grvt import description
from tests.venues.grvt.streaming import ETH, Trader, trader

FEEDS = {
    "v1.mini.s": ("WSMiniTickerFeedDataV1", f"{ETH}@500"),
    "v1.mini.d": ("WSMiniTickerFeedDataV1", f"{ETH}@0"),
    "v1.ticker.s": ("WSTickerFeedDataV1", f"{ETH}@500"),
    "v1.ticker.d": ("WSTickerFeedDataV1", f"{ETH}@100"),
    "v1.book.s": ("WSOrderbookLevelsFeedDataV1", f"{ETH}@500-10"),
    "v1.book.d": ("WSOrderbookLevelsFeedDataV1", f"{ETH}@50"),
    "v1.trade": ("WSTradeFeedDataV1", f"{ETH}@50"),
    "v1.candle": ("WSCandlestickFeedDataV1", f"{ETH}@CI_1_M-TRADE"),
    "v1.order": ("WSOrderFeedDataV1", "{sub}-" + ETH),
    "v1.state": ("WSOrderStateFeedDataV1", "{sub}"),
    "v1.fill": ("WSFillFeedDataV1", "{sub}-" + ETH),
    "v1.position": ("WSPositionsFeedDataV1", "{sub}"),
}


def as_described(struct: str, message: dict) -> None:
    """Fails unless the message is what the SDK's raw types, and the description if it is there, say."""
    dacite.from_dict(getattr(raw, struct), message, dacite.Config(cast=[enum.Enum]))
    if description.PRESENT:
        assert description.mismatches(struct, message) == []


def faulty(on: str, action: str, **more: int) -> str:
    keys = "".join(f"{name} = {value}\n" for name, value in more.items())
    return parse(
        'about = "for a test"\nexpects = "success"\n[dynamics]\nkind = "random_walk"\nstep_ticks = 3\n'
        f'[[faults]]\non = "{on}"\naction = "{action}"\n{keys}',
        "faulty",
        "faulty.toml",
        NAMES,
    )


@pytest.mark.parametrize("stream", FEEDS)
def test_every_stream_speaks_as_described(simulate, stream):
    struct, selector = FEEDS[stream]

    async def play(one: Trader) -> None:
        asked = selector.format(sub=one.account)
        async with one.socket() as socket:
            result = await socket.subscribe(stream, asked)
            as_described("WSSubscribeResult", result)
            assert result["subs"] == [asked]
            await one.post("create_order", order=one.order(size="0.5"))
            await one.post("ticker", instrument=ETH)
            messages = await socket.sync()
        assert len(messages) > result["num_snapshots"][0]
        for message in messages:
            as_described(struct, message)
            assert message["stream"] == stream
            assert message["selector"] == asked

    simulate(play, "walk")


@pytest.mark.parametrize("stream", ["v1.cancel", "v1.deposit", "v1.transfer", "v1.withdrawal"])
def test_streams_without_events_take_a_subscription_and_are_quiet(simulate, stream):
    async def play(one: Trader) -> None:
        main = one.credentials.main_account_id
        async with one.socket() as socket:
            result = await socket.subscribe(stream, one.account if stream == "v1.cancel" else main)
            assert result["num_snapshots"] == [0]
            await one.post("create_order", order=one.order())
            assert await socket.sync() == []

    simulate(play)


@pytest.mark.parametrize("stream", ["v1.mini.d", "v1.ticker.d"])
def test_a_ticker_with_its_deltas_is_the_ticker(simulate, stream):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            result = await socket.subscribe(stream, f"{ETH}@100")
            for price in ("2999.90", "2999.91", "2990"):
                await one.post("create_order", order=one.order(price=price))
            await one.post("create_order", order=one.order(buy=False))
            truth = (await one.post(stream.split(".")[1], instrument=ETH))["result"]
            first, *deltas = await socket.sync()
        numbers = [int(message["sequence_number"]) for message in deltas]
        assert first["sequence_number"] == "0"
        assert numbers == list(range(1, len(deltas) + 1))
        assert result["first_sequence_number"] == ["1"]
        assert [message["prev_sequence_number"] for message in deltas] == [str(n - 1) for n in numbers]
        shown = dict(first["feed"])
        for delta in deltas:
            assert delta["feed"].keys() <= shown.keys()
            shown.update(delta["feed"])
        assert len(deltas) > 2
        assert any(delta["feed"].keys() < shown.keys() for delta in deltas)
        assert {**shown, "event_time": ""} == {**truth, "event_time": ""}

    simulate(play, "walk")


def test_a_book_with_its_deltas_is_the_book(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.book.d", f"{ETH}@50")
            await one.post("create_order", order=one.order(price="2990"))
            await one.post("create_order", order=one.order(size="7"))
            for _ in range(5):
                truth = (await one.post("book", instrument=ETH, depth=500))["result"]
            first, *deltas = await socket.sync()
        assert len(deltas) > 2
        for side in ("bids", "asks"):
            held = {level["price"]: level for level in first["feed"][side]}
            for delta in deltas:
                for level in delta["feed"][side]:
                    if level["size"] == "0":
                        del held[level["price"]]
                    else:
                        held[level["price"]] = level
            down = side == "bids"
            assert sorted(held.values(), key=lambda at: Decimal(at["price"]), reverse=down) == truth[side]

    simulate(play, "walk")


def test_snapshot_streams_show_all_of_it_each_time(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.book.s", f"{ETH}@500-10")
            for _ in range(3):
                truth = (await one.post("book", instrument=ETH, depth=10))["result"]
            messages = await socket.sync()
        assert len(messages) > 2
        assert {message["sequence_number"] for message in messages} == {"0"}
        assert {**messages[-1]["feed"], "event_time": ""} == {**truth, "event_time": ""}

    simulate(play, "walk")


def test_a_snapshot_is_repeated_at_its_rate_while_nothing_changes_and_writes_no_row(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.mini.s", f"{ETH}@200")
            first, second, third = [await socket.receive() for _ in range(3)]
        times = [int(message["feed"].pop("event_time")) for message in (first, second, third)]
        assert first == second == third
        assert times == sorted(times)

    rows = simulate(play)

    assert [row.via for row in rows if row.kind == "quote"] == ["v1.mini.s"]


def test_an_order_is_told_step_by_step_and_as_the_ledger_has_it(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            for stream in ("v1.order", "v1.state", "v1.fill", "v1.position"):
                await socket.subscribe(stream, one.account)
            answer = await one.post("create_order", order=one.order(size="7.5"))
            assert answer["result"]["state"]["status"] == "PENDING"
            said = await socket.sync()
        orders = [message["feed"] for message in said if message["stream"] == "v1.order"]
        states = [message["feed"] for message in said if message["stream"] == "v1.state"]
        fills = [message["feed"] for message in said if message["stream"] == "v1.fill"]
        positions = [message["feed"] for message in said if message["stream"] == "v1.position"]
        assert [order["state"]["status"] for order in orders] == ["PENDING", "FILLED"]
        assert [state["order_state"] for state in states] == [order["state"] for order in orders]
        assert len(fills) > 1, "deeper than the best level"
        assert sum(Decimal(fill["size"]) for fill in fills) == Decimal("7.5")
        assert positions[-1]["size"] == "7.5"
        assert {fill["order_id"] for fill in fills} == {orders[0]["order_id"]}
        seen.extend(fills)

    seen: list[dict] = []
    rows = [row.values() for row in simulate(play) if row.kind == "fill"]

    assert [(row["fill_id"], Decimal(row["size"]), Decimal(row["price"])) for row in rows] == [
        (fill["trade_id"], Decimal(fill["size"]), Decimal(fill["price"])) for fill in seen
    ]


def test_a_subscriber_who_comes_late_is_shown_trades_and_positions_first(simulate):
    async def play(one: Trader) -> None:
        for _ in range(3):
            await one.post("create_order", order=one.order())
        trades = (await one.post("trade", instrument=ETH, limit=50))["result"]
        async with one.socket() as socket:
            result = await socket.subscribe("v1.trade", f"{ETH}@50")
            shown = [message["feed"] for message in await socket.sync()]
            assert result["num_snapshots"] == [len(trades)]
            assert shown == trades[::-1]
            result = await socket.subscribe("v1.position", one.account)
            (position,) = await socket.sync()
            assert result["num_snapshots"] == [1]
            assert position["sequence_number"] == "0"
            assert position["feed"]["size"] == "1.5"
            result = await socket.subscribe("v1.position", f"{one.account}-BTC_USDT_Perp")
            assert result["num_snapshots"] == [0]

    simulate(play)


def test_orders_go_over_the_socket_and_the_answer_comes_before_the_stream(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.order", one.account)
            order = one.order(price="2900")
            await socket.raw.send_json(
                {"jsonrpc": "2.0", "method": "v1/create_order", "params": {"order": order}, "id": 77}
            )
            answer = await socket.raw.receive_json()
            assert answer["id"] == 77
            assert answer["method"] == "v1/create_order"
            created = answer["result"]["result"]
            pending, opened = await socket.sync()
            assert [m["feed"]["state"]["status"] for m in (pending, opened)] == ["PENDING", "OPEN"]
            found = await socket.ask(
                "v1/order", {"sub_account_id": one.account, "order_id": opened["feed"]["order_id"]}
            )
            assert found["result"]["result"]["legs"] == created["legs"]
            cancel = {"sub_account_id": one.account, "client_order_id": order["metadata"]["client_order_id"]}
            assert (await socket.ask("v1/cancel_order", cancel))["result"] == {"result": {"ack": True}}
            (cancelled,) = await socket.sync()
            assert cancelled["feed"]["state"]["reject_reason"] == "CLIENT_CANCEL"
            refused = await socket.ask("v1/order", {"sub_account_id": one.account, "order_id": "0x1"})
            assert refused["error"] == {"code": 1004, "message": "Data Not Found"}
            assert "result" not in refused

    simulate(play)


def test_the_older_form_answers_as_described(simulate):
    async def play(one: Trader) -> None:
        asked = {"stream": "v1.ticker.s", "feed": [f"{ETH}@500"], "is_full": True}
        async with one.socket("/ws") as socket:
            await socket.raw.send_json({**asked, "method": "subscribe", "request_id": 5})
            answer = await socket.answer("request_id", 5)
            as_described("WSSubscribeResponseV1Legacy", answer)
            assert answer["subs"] == [f"{ETH}@500"]
            as_described("WSTickerFeedDataV1", await socket.receive())
            await socket.raw.send_json({**asked, "method": "unsubscribe", "request_id": 6})
            answer = await socket.answer("request_id", 6)
            as_described("WSSubscribeResponseV1Legacy", answer)
            assert answer["unsubs"] == [f"{ETH}@500"]
            await socket.raw.send_json({**asked, "feed": [ETH], "method": "subscribe"})
            assert await socket.raw.receive_json() == {
                "code": 1101,
                "message": "Feed Format must be in the format of <primary>@<secondary>",
                "status": 400,
            }

    simulate(play)


def test_a_new_secondary_selector_replaces_the_old_one(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.book.s", f"{ETH}@500-10", "BTC_USDT_Perp@500-10")
            result = await socket.subscribe("v1.book.s", f"{ETH}@500-50")
            assert result["unsubs"] == [f"{ETH}@500-10"]
            await socket.sync()
            await one.post("ticker", instrument=ETH)
            assert {m["selector"] for m in await socket.sync()} <= {f"{ETH}@500-50", "BTC_USDT_Perp@500-10"}
            answer = await socket.ask("unsubscribe", {"stream": "v1.book.s", "selectors": [ETH, "x"]})
            assert answer["result"] == {"stream": "v1.book.s", "unsubs": [f"{ETH}@500-50"]}

    simulate(play, "walk")


def test_global_sequence_numbers_order_messages_across_streams(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            more = {"use_global_sequence_number": True}
            await socket.subscribe("v1.order", one.account, **more)
            await socket.subscribe("v1.state", one.account, **more)
            await one.post("create_order", order=one.order())
            said = await socket.sync()
        numbers = [int(message["sequence_number"]) for message in said]
        assert numbers == sorted(set(numbers))
        for stream in ("v1.order", "v1.state"):
            own = [message for message in said if message["stream"] == stream]
            previous = ["0", *(message["sequence_number"] for message in own[:-1])]
            assert [message["prev_sequence_number"] for message in own] == previous

    simulate(play)


@pytest.mark.parametrize(
    ("stream", "selector", "code"),
    [
        ("v1.order", "{other}", 1001),
        ("v1.fill", "{other}-" + ETH, 1001),
        ("v1.deposit", "0x1", 1001),
        ("v1.order", "{sub}-DOGE", 3000),
        ("v1.order", "me", 3020),
        ("v1.ticker.s", f"{ETH}@123", 3030),
        ("v1.book.s", f"{ETH}@500-11", 3031),
        ("v1.nonsense", ETH, 1003),
    ],
)
def test_a_refused_subscription_has_the_venues_code_and_leaves_nothing(simulate, stream, selector, code):
    async def play(one: Trader) -> None:
        other = one.venue.simulator.credentials[1].sub_account_id
        text = selector.format(sub=one.account, other=other)
        async with one.socket() as socket:
            refusal = await socket.subscribe(stream, text)
            assert refusal["code"] == code
            assert refusal["message"]
            good = {"v1.deposit": one.credentials.main_account_id, "v1.book.s": f"{ETH}@500-10"}.get(
                stream, one.account if stream in ("v1.order", "v1.fill") else f"{ETH}@500"
            )
            assert "code" in await socket.subscribe(stream, good, text), "all or nothing"
            await one.post("create_order", order=one.order())
            assert await socket.sync() == []

    rows = simulate(play, "walk")

    responses = [row.code for row in rows if row.kind == "response"]
    assert responses.count(code) == 2


@pytest.mark.parametrize(("stream", "code"), [("v1.order", 1000), ("v1.withdrawal", 1001)])
def test_private_streams_ask_for_a_session(simulate, stream, code):
    async def play(one: Trader) -> None:
        for headers in ({"Cookie": ""}, {"Cookie": "gravity=guess"}, {"X-Grvt-Account-Id": "0x12"}):
            async with one.socket("/ws/full", **headers) as socket:
                assert (await socket.subscribe(stream, one.account))["code"] == code
                assert (await socket.ask("v1/open_orders", {"sub_account_id": one.account}))["error"][
                    "code"
                ] == 1000
                assert "subs" in await socket.subscribe("v1.mini.s", f"{ETH}@500")

    simulate(play)


def test_each_account_hears_of_its_own_orders_alone(simulate):
    async def play(one: Trader) -> None:
        async with trader(one.venue, 1) as other, one.socket() as mine, other.socket() as theirs:
            await mine.subscribe("v1.order", one.account)
            await theirs.subscribe("v1.order", other.account)
            await one.post("create_order", order=one.order(price="2900"))
            assert {m["feed"]["sub_account_id"] for m in await mine.sync()} == {one.account}
            assert await theirs.sync() == []

    simulate(play)


def test_hosts_serve_their_own_streams(simulate):
    async def play(one: Trader) -> None:
        async with one.socket("/ws/full", Host="market-data.grvt.io") as socket:
            assert (await socket.subscribe("v1.order", one.account))["code"] == 1003
            assert "subs" in await socket.subscribe("v1.mini.s", f"{ETH}@500")
        async with one.socket("/ws/full", Host="trades.testnet.grvt.io") as socket:
            assert (await socket.subscribe("v1.mini.s", f"{ETH}@500"))["code"] == 1003
            assert "subs" in await socket.subscribe("v1.order", one.account)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with one.socket("/ws/full", Host="edge.grvt.io"):
                pass

    simulate(play)


def test_the_lite_form_is_not_simulated_and_says_so(simulate):
    async def play(one: Trader) -> None:
        async with one.http.get(f"{one.venue.url}/ws/lite") as answer:
            assert answer.status == 501
            assert "not simulated" in (await answer.json())["message"]
        async with one.socket("/ws") as socket:
            asked = {"stream": "v1.mini.s", "feed": [f"{ETH}@500"], "method": "subscribe", "is_full": False}
            await socket.raw.send_json(asked)
            answer = await socket.raw.receive_json()
            assert answer["status"] == 501
            assert "not simulated" in answer["message"]

    simulate(play)


def _trades(one: Trader, count: int):
    return [one.post("create_order", order=one.order(size="0.1")) for _ in range(count)]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("drop", ["1", "3", "5"]),
        ("duplicate", ["1", "2", "2", "3", "4", "4", "5"]),
        ("swap", ["1", "3", "2", "5", "4"]),
    ],
)
def test_messages_are_lost_doubled_and_swapped_as_the_scenario_says(simulate, action, expected):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            for trade in _trades(one, 5):
                await trade
            said = await socket.sync()
        assert [message["sequence_number"] for message in said] == expected

    rows = simulate(play, faulty("stream.fill", action, every=2))

    assert [row.name for row in rows if row.kind == "fault"] == [action, action]


def test_a_broken_stream_is_closed_after_what_went_before_and_can_be_opened_again(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            for trade in _trades(one, 2):
                await trade
            assert await socket.closed() == aiohttp.WSCloseCode.GOING_AWAY
            assert [message["sequence_number"] for message in socket.kept] == ["1"]
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            await one.post("create_order", order=one.order(size="0.1"))
            assert len(await socket.sync()) == 1

    simulate(play, faulty("stream.fill", "disconnect", nth=2))


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 1006])
def test_a_stream_is_closed_with_the_code_of_the_scenario(simulate, code):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            await one.post("create_order", order=one.order(size="0.1"))
            assert await socket.closed() == code

    simulate(play, faulty("stream.fill", "disconnect", nth=1, close_code=code))


def test_a_mute_stream_stays_open_and_says_nothing_more(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            for trade in _trades(one, 3):
                await trade
            await socket.raw.ping()
            await socket.raw.send_json(
                {
                    "jsonrpc": "2.0",
                    "method": "v1/open_orders",
                    "params": {"sub_account_id": one.account},
                    "id": 1,
                }
            )
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await socket.raw.receive()
            assert not socket.raw.closed
        async with one.socket() as socket:
            await socket.subscribe("v1.fill", one.account)
            await one.post("create_order", order=one.order(size="0.1"))
            assert len(await socket.sync()) == 1

    simulate(play, faulty("stream.fill", "mute", nth=1))


@pytest.mark.parametrize("action", ["cut_answer", "gateway_error"])
def test_what_http_alone_has_breaks_a_socket(simulate, action):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.raw.send_json(
                {"jsonrpc": "2.0", "method": "v1/create_order", "params": {"order": one.order()}, "id": 1}
            )
            assert await socket.closed() == 1006

    rows = simulate(play, faulty("place", action, nth=1))
    assert bool([row for row in rows if row.kind == "fill"]) == (action == "cut_answer")
    (fault,) = [row for row in rows if row.kind == "fault"]
    assert [row.status for row in rows if row.kind == "response" and row.request == fault.request] == [0]


def test_a_fill_that_breaks_streams_breaks_those_of_its_account(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as mine, one.socket() as public:
            await mine.subscribe("v1.fill", one.account)
            await public.subscribe("v1.trade", f"{ETH}@50")
            await one.post("create_order", order=one.order())
            await mine.closed()
            assert len(await public.sync()) == 1

    simulate(play, faulty("fill", "disconnect", nth=1))


def test_a_session_that_expires_is_told_nothing_more(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.order", one.account)
            assert (await one.post("open_orders", sub_account_id=one.account))["code"] == 1000
            refused = await socket.ask("v1/create_order", {"order": one.order()})
            assert refused["error"]["code"] == 1000
            await one.login()
            await one.post("create_order", order=one.order())
            await socket.closed()
            assert socket.kept == []

    simulate(play, faulty("open_orders", "expire_session", nth=1))


@pytest.mark.parametrize("action", ["lose_ack", "lose_request", "disconnect"])
def test_an_answer_can_get_lost_on_the_socket(simulate, action):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.raw.send_json(
                {"jsonrpc": "2.0", "method": "v1/create_order", "params": {"order": one.order()}, "id": 1}
            )
            await socket.closed()
            assert socket.kept == []

    rows = simulate(play, faulty("create_order", action, nth=1))

    assert bool([row for row in rows if row.kind == "fill"]) == (action == "lose_ack")


def test_a_crossed_quote_goes_out_on_the_stream_and_stands_in_the_ledger(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.ticker.s", f"{ETH}@500")
            await one.post("ticker", instrument=ETH)
            quotes = [message["feed"] for message in await socket.sync()]
        crossed = [Decimal(q["best_bid_price"]) > Decimal(q["best_ask_price"]) for q in quotes]
        assert crossed == [False, True]

    rows = simulate(play, faulty("stream.ticker", "crossed_quote", nth=2))

    served = [row.values() for row in rows if row.kind == "quote" and row.via == "v1.ticker.s"]
    assert [Decimal(row["bid_price"]) > Decimal(row["ask_price"]) for row in served] == [False, True]


def test_same_seed_and_same_client_same_rows(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            for stream, (_, selector) in FEEDS.items():
                await socket.subscribe(stream, selector.format(sub=one.account))
            for step in range(10):
                price = None if step % 2 else str(3000 - step)
                order = one.order(price=price)
                order["metadata"]["client_order_id"] = str(step + 1)
                await one.post("create_order", order=order)
            await one.post("cancel_all_orders", sub_account_id=one.account)
            await socket.sync()

    first, second = simulate(play, "lossy-stream"), simulate(play, "lossy-stream")

    assert len(first) > 100
    assert [(row.seq, row.kind, row.values()) for row in first] == [
        (row.seq, row.kind, row.values()) for row in second
    ]


def test_a_market_that_runs_by_itself_publishes_at_the_rate(simulate):
    async def play(one: Trader) -> None:
        async with one.socket() as socket:
            await socket.subscribe("v1.mini.d", f"{ETH}@0")
            await socket.subscribe("v1.mini.s", f"{ETH}@200")
            said = []
            while sum(message["stream"] == "v1.mini.s" for message in said) < 3:
                said.append(await socket.receive())
        slow = [int(m["feed"]["event_time"]) for m in said if m["stream"] == "v1.mini.s"]
        assert len(said) - len(slow) > len(slow), "every change on the raw stream"
        assert min(later - earlier for earlier, later in pairwise(slow[1:])) > 150 * 10**6

    simulate(play, "walk", free_running_ms=10)
