"""GRVT's own SDK, unmodified, at the venue's real names over TLS: what it sees is what the ledger has."""

import asyncio
import gc
import itertools
import logging
import random
import time
from decimal import Decimal

import pytest
from pysdk import grvt_raw_types as raw
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEnv, GrvtWSEndpointType
from pysdk.grvt_ccxt_pro import GrvtCcxtPro
from pysdk.grvt_ccxt_ws import GrvtCcxtWS
from pysdk.grvt_raw_async import GrvtRawAsync
from pysdk.grvt_raw_base import GrvtApiConfig, GrvtError
from pysdk.grvt_raw_env import GrvtEnv as RawEnv
from pysdk.grvt_raw_signing import sign_order
from pysdk.grvt_raw_sync import GrvtRawSync

from tests.venues.grvt.simulated import ETH, Venue, asked, grvt_at_its_hosts

LOGGER = logging.getLogger("grvt-pysdk")
# The SDK wants a running loop to finalize its async clients, and leaves its sockets to the collector.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ENVIRONMENTS = [GrvtEnv.PROD, GrvtEnv.TESTNET]


@pytest.fixture(autouse=True)
def _quiet():
    """The SDK logs every request; pytest would keep it all."""
    logging.disable(logging.CRITICAL)
    yield
    gc.collect()  # here, and not in a later test
    logging.disable(logging.NOTSET)


@pytest.fixture
def venue(tmp_path):
    with grvt_at_its_hosts(tmp_path / "run") as venue:
        yield venue


def parameters(venue: Venue):
    mine = venue.credentials
    return {
        "api_key": mine.api_key,
        "private_key": mine.private_key,
        "trading_account_id": mine.sub_account_id,
    }


def run(coroutine, seconds=30):
    """Run, and end the tasks that the SDK leaves behind, of which some resist a first time."""

    async def whole():
        try:
            return await asyncio.wait_for(coroutine, seconds)
        finally:
            while others := asyncio.all_tasks() - {asyncio.current_task()}:
                for task in others:
                    task.cancel()
                await asyncio.wait(others, timeout=0.1)

    return asyncio.run(whole())


def state(order):
    """What an order as the SDK shows it says of itself."""
    (leg,), now = order["legs"], order["state"]
    return {
        "order_id": order["order_id"],
        "client_order_id": order["metadata"]["client_order_id"],
        "instrument": leg["instrument"],
        "side": "buy" if leg["is_buying_asset"] else "sell",
        "size": Decimal(leg["size"]),
        "limit_price": Decimal(leg["limit_price"]) or None,
        "status": now["status"].lower(),
        "filled": Decimal(now["traded_size"][0]),
    }


def ledger_state(row):
    price = row["limit_price"]
    return {
        **{name: row[name] for name in ("order_id", "client_order_id", "instrument", "side", "status")},
        "size": Decimal(row["size"]),
        "limit_price": price and Decimal(price),
        "filled": Decimal(row["filled"]),
    }


def check_orders(orders, venue):
    """These are all the orders of the ledger, in the state of the ledger."""
    rows = venue.orders()
    assert {order["order_id"] for order in orders} == set(rows)
    for order in orders:
        assert state(order) == ledger_state(rows[order["order_id"]])


def check_fills(fills, venue):
    assert [
        (fill["trade_id"], Decimal(fill["price"]), Decimal(fill["size"]), Decimal(fill["fee"]))
        for fill in fills
    ] == [
        (row["fill_id"], Decimal(row["price"]), Decimal(row["size"]), Decimal(row["fee"]))
        for row in reversed(venue.fills())
    ]


def check_quote(best_bid, best_ask, row):
    assert (Decimal(best_bid), Decimal(best_ask)) == (Decimal(row["bid_price"]), Decimal(row["ask_price"]))


def trade_everything(call, api, venue):
    """The session of an SDK client, plain or async: `call` turns what its methods return into results."""
    ticker = call(api.fetch_ticker(ETH))
    check_quote(ticker["best_bid_price"], ticker["best_ask_price"], venue.rows("quote")[-1])
    mini = call(api.fetch_mini_ticker(ETH))
    check_quote(mini["best_bid_price"], mini["best_ask_price"], venue.rows("quote")[-1])
    book = call(api.fetch_order_book(ETH, limit=10))
    check_quote(book["bids"][0]["price"], book["asks"][0]["price"], venue.rows("quote")[-1])
    assert len(book["bids"]) == len(book["asks"]) == 10
    assert call(api.fetch_market(ETH))["tick_size"] == "0.01"
    assert [each["instrument"] for each in call(api.fetch_markets({"kind": "PERPETUAL", "base": "ETH"}))] == [
        ETH
    ]
    assert ETH in [each["instrument"] for each in call(api.fetch_all_markets())]
    trades = call(api.fetch_recent_trades(ETH, limit=50))
    assert [each["trade_id"] for each in trades] == [
        row["trade_id"] for row in reversed(venue.rows("trade")) if row["instrument"] == ETH
    ]
    assert len(call(api.fetch_trades(ETH, limit=1))["result"]) == 1
    assert call(api.fetch_ohlcv(ETH, "1m", limit=2))["result"][0]["instrument"] == ETH

    price = Decimal("2990.55")  # not an integer: what ccxt once signed wrongly
    created = call(
        api.create_order(ETH, "limit", "buy", 0.1, price, {"client_order_id": 4321, "post_only": True})
    )
    assert created["state"]["status"] == "PENDING"
    assert call(api.fetch_order(params={"client_order_id": 4321}))["result"]["state"]["status"] == "OPEN"
    (resting,) = call(api.fetch_open_orders(ETH))
    assert state(resting) == ledger_state(venue.orders()[created["order_id"]])
    again = call(api.create_order(ETH, "limit", "buy", 0.1, price, {"client_order_id": 4321}))
    assert again == {}  # the SDK's word for an error
    assert call(api.cancel_order(params={"client_order_id": 4321})) is True
    assert (
        call(api.fetch_order(id=created["order_id"]))["result"]["state"]["reject_reason"] == "CLIENT_CANCEL"
    )

    call(api.create_order(ETH, "market", "buy", "0.5"))
    call(api.create_limit_order(ETH, "sell", "0.2", "2990", params={"time_in_force": "IMMEDIATE_OR_CANCEL"}))
    call(api.create_limit_order(ETH, "buy", "0.3", "2900.01"))
    call(
        api.create_limit_order(
            "BTC_USDT_Perp", "buy", "0.01", call(api.fetch_ticker("BTC_USDT_Perp"))["best_bid_price"]
        )
    )
    assert len(call(api.fetch_open_orders())) == 2
    assert call(api.cancel_all_orders({"kind": "PERPETUAL", "base": "BTC", "quote": "USDT"})) is True
    assert [state(each)["instrument"] for each in call(api.fetch_open_orders())] == [ETH]
    assert call(api.cancel_all_orders()) is True
    assert call(api.fetch_open_orders()) == []
    check_orders(call(api.fetch_order_history({"kind": "PERPETUAL", "limit": 50}))["result"], venue)
    check_fills(call(api.fetch_my_trades(ETH, limit=50))["result"], venue)
    (position,) = call(api.fetch_positions([ETH]))
    assert Decimal(position["size"]) == venue.position() == Decimal("0.3")
    paid = sum(Decimal(row["fee"]) - Decimal(row["realized_pnl"]) for row in venue.fills())
    balance = call(api.fetch_balance())
    assert Decimal(balance["USDT"]["total"]) == 1_000_000 - paid
    for kind in ("sub-account", "funding", "aggregated"):
        assert Decimal(call(api.get_account_summary(kind))["total_equity"]) >= 0
    missing = call(api.fetch_order(params={"client_order_id": 1}))
    assert missing == {"code": 1004, "message": "Data Not Found", "status": 404}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_plain_client_does_all_it_can(venue, env):
    api = GrvtCcxt(env, LOGGER, parameters=parameters(venue))
    assert ETH in api.markets
    trade_everything(lambda result: result, api, venue)
    api._session.close()


def test_the_async_client_does_all_it_can(venue):
    async def trade():
        api = GrvtCcxtPro(GrvtEnv.TESTNET, LOGGER, parameters=parameters(venue))
        await api.load_markets()
        loop = asyncio.get_running_loop()

        def call(awaitable):
            return asyncio.run_coroutine_threadsafe(awaitable, loop).result(10)

        await asyncio.to_thread(trade_everything, call, api, venue)
        await api._session.close()

    run(trade())


def test_a_wrong_api_key_or_private_key_is_refused(venue):
    wrong = GrvtCcxt(GrvtEnv.PROD, LOGGER, parameters={**parameters(venue), "api_key": "nobody"})
    assert wrong._cookie is None
    assert wrong.fetch_open_orders() == []
    wrong._session.close()
    stranger = GrvtCcxt(
        GrvtEnv.PROD, LOGGER, parameters={**parameters(venue), "private_key": "0x" + "12" * 32}
    )
    assert stranger.create_order(ETH, "limit", "buy", "0.1", "2990") == {}
    stranger._session.close()
    assert venue.rows("response")[-1]["code"] == 2000
    assert venue.orders() == {}


MARKET_STREAMS = ("mini.s", "mini.d", "ticker.s", "ticker.d", "book.s", "book.d", "trade", "candle")
TRADE_STREAMS = ("order", "state", "position", "fill")


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("form", ["older", "jsonrpc"])
def test_streams_and_orders_over_them(venue, env, form):
    """All streams, in both forms of subscription, and orders by RPC over the WebSocket."""
    rpc = form == "jsonrpc"
    points = {
        "market": GrvtWSEndpointType.MARKET_DATA_RPC_FULL if rpc else None,
        "trade": GrvtWSEndpointType.TRADE_DATA_RPC_FULL if rpc else None,
    }

    async def trade():
        seen, changed = {}, asyncio.Event()

        def keep(stream):
            async def callback(message):
                seen.setdefault(stream, []).append(message)
                changed.set()

            return callback

        async def until(condition):
            while not condition():
                changed.clear()
                await asyncio.wait_for(changed.wait(), 10)

        def statuses():
            return [message["feed"]["state"]["status"] for message in seen.get("order", ())]

        api = GrvtCcxtWS(env, asyncio.get_running_loop(), LOGGER, parameters=parameters(venue))
        for streams, point in ((MARKET_STREAMS, points["market"]), (TRADE_STREAMS, points["trade"])):
            for stream in streams:
                await api.subscribe(stream, keep(stream), ws_end_point_type=point, params={"instrument": ETH})
        await api.initialize()
        await until(lambda: {"mini.s", "mini.d", "ticker.s", "ticker.d", "book.s", "book.d"} <= set(seen))
        await asked(venue, "subscribe", len(MARKET_STREAMS) + len(TRADE_STREAMS))
        named = {"client_order_id": "555"}
        await api.rpc_create_order(ETH, "limit", "buy", "0.5", "2990.5", params=named)
        await until(lambda: "OPEN" in statuses())
        await api.rpc_fetch_order(params=named)
        await api.rpc_fetch_open_orders(params={"kind": "PERPETUAL"})
        await api.rpc_cancel_order(params=named)
        await until(lambda: "CANCELLED" in statuses())
        await api.rpc_create_order(ETH, "market", "sell", "0.2", params={"client_order_id": "556"})
        await until(lambda: {"fill", "position"} <= set(seen) and "FILLED" in statuses())
        await api.rpc_create_limit_order(ETH, "buy", "0.1", "2950", params={"client_order_id": "557"})
        await until(lambda: statuses()[-1] == "OPEN")
        await api.rpc_cancel_all_orders()
        await until(lambda: statuses()[-1] == "CANCELLED")
        await until(lambda: set(MARKET_STREAMS) <= set(seen))
        for point in api.endpoint_types:
            await api._close_connection(point)
        await api._session.close()
        return seen

    seen = run(trade())
    assert set(seen) == {*MARKET_STREAMS, *TRADE_STREAMS}
    last = {message["feed"]["order_id"]: message["feed"] for message in seen["order"]}
    check_orders(last.values(), venue)
    check_fills([message["feed"] for message in seen["fill"]], venue)
    assert Decimal(seen["position"][-1]["feed"]["size"]) == venue.position() == Decimal("-0.2")
    assert [message["feed"]["order_state"]["status"] for message in seen["state"]] == [
        message["feed"]["state"]["status"] for message in seen["order"]
    ]
    trades = {message["feed"]["trade_id"] for message in seen["trade"]}
    assert trades <= {row["trade_id"] for row in venue.rows("trade")}
    for stream, messages in seen.items():
        assert {message["stream"] for message in messages} == {f"v1.{stream}"}
        numbers = [
            int(message["sequence_number"]) for message in messages if message["sequence_number"] != "0"
        ]
        assert numbers == sorted(set(numbers))
    endpoints = [row["endpoint"] for row in venue.rows("request")]
    assert endpoints.count("create_order") == 3
    assert {"order", "open_orders", "cancel_order", "cancel_all_orders"} <= set(endpoints)
    assert {row["status"] for row in venue.rows("response")} == {200}


def config(venue):
    mine = venue.credentials
    return GrvtApiConfig(RawEnv.TESTNET, mine.sub_account_id, mine.private_key, mine.api_key, LOGGER)


def raw_calls(api, venue):
    """Every RPC of the raw classes that is simulated: name, request, what the result has to say."""
    sub = venue.account
    ids = itertools.count(900)

    def new(price, size, *, market=False):
        order = raw.Order(
            sub_account_id=sub,
            time_in_force=raw.TimeInForce.GOOD_TILL_TIME,
            legs=[raw.OrderLeg(ETH, size, True, price)],
            signature=raw.Signature("", "", "", 0, str(time.time_ns() + 10**12), random.getrandbits(32)),
            metadata=raw.OrderMetadata(str(next(ids))),
            is_market=market,
        )
        return raw.ApiCreateOrderRequest(sign_order(order, api.config, api.account, instruments))

    listed = yield "get_all_instruments_v1", raw.ApiGetAllInstrumentsRequest(is_active=True)
    instruments = {each.instrument: each for each in listed.result}
    perpetuals = {"kind": [raw.Kind.PERPETUAL], "base": ["ETH"], "quote": ["USDT"]}
    found = yield (
        "get_filtered_instruments_v1",
        raw.ApiGetFilteredInstrumentsRequest(**perpetuals, is_active=True, limit=10),
    )
    assert [each.instrument for each in found.result] == [ETH]
    found = yield "get_instrument_v1", raw.ApiGetInstrumentRequest(ETH)
    assert found.result == instruments[ETH]
    found = yield "get_currency_v1", raw.ApiGetCurrencyRequest()
    assert {"ETH", "USDT"} <= {each.symbol for each in found.result}
    for name, request in (("mini_ticker_v1", raw.ApiMiniTickerRequest), ("ticker_v1", raw.ApiTickerRequest)):
        found = yield name, request(ETH)
        check_quote(found.result.best_bid_price, found.result.best_ask_price, venue.rows("quote")[-1])
    found = yield "orderbook_levels_v1", raw.ApiOrderbookLevelsRequest(ETH, 10)
    check_quote(found.result.bids[0].price, found.result.asks[0].price, venue.rows("quote")[-1])
    found = yield "trade_v1", raw.ApiTradeRequest(ETH, 50)
    found = yield "trade_history_v1", raw.ApiTradeHistoryRequest(ETH)
    found = yield (
        "candlestick_v1",
        raw.ApiCandlestickRequest(ETH, raw.CandlestickInterval.CI_1_M, raw.CandlestickType.TRADE),
    )
    assert found.result

    resting = yield "create_order_v1", new("2990.55", "0.5")
    yield "create_order_v1", new("0", "0.3", market=True)
    mine = resting.result.metadata.client_order_id
    found = yield "get_order_v1", raw.ApiGetOrderRequest(sub, client_order_id=mine)
    assert found.result.state.status is raw.OrderStatus.OPEN
    found = yield "open_orders_v1", raw.ApiOpenOrdersRequest(sub, **perpetuals)
    assert [each.order_id for each in found.result] == [resting.result.order_id]
    found = yield "cancel_order_v1", raw.ApiCancelOrderRequest(sub, order_id=resting.result.order_id)
    assert found.result.ack
    yield "create_order_v1", new("2980.55", "0.5")
    yield "cancel_all_orders_v1", raw.ApiCancelAllOrdersRequest(sub)
    found = yield "order_history_v1", raw.ApiOrderHistoryRequest(sub)
    rows = venue.orders()
    assert {(each.order_id, each.state.status.value.lower()) for each in found.result} == {
        (row["order_id"], row["status"]) for row in rows.values()
    }
    assert venue.open_orders() == []
    found = yield "fill_history_v1", raw.ApiFillHistoryRequest(sub)
    assert [each.trade_id for each in found.result] == [row["fill_id"] for row in reversed(venue.fills())]
    found = yield "positions_v1", raw.ApiPositionsRequest(sub)
    assert [Decimal(each.size) for each in found.result] == [venue.position()] == [Decimal("0.3")]
    found = yield "sub_account_summary_v1", raw.ApiSubAccountSummaryRequest(sub)
    assert found.result.sub_account_id == sub
    found = yield "aggregated_account_summary_v1", raw.EmptyRequest()
    assert found.result.main_account_id == venue.credentials.main_account_id
    yield "funding_account_summary_v1", raw.EmptyRequest()
    yield "set_initial_leverage_v1", raw.ApiSetInitialLeverageRequest(sub, ETH, "5")
    found = yield "get_all_initial_leverage_v1", raw.ApiGetAllInitialLeverageRequest(sub)
    assert {each.instrument: Decimal(each.leverage) for each in found.results}[ETH] == 5
    yield "cancel_on_disconnect_v1", raw.ApiCancelOnDisconnectRequest(sub, "2000")
    yield "cancel_on_disconnect_v1", raw.ApiCancelOnDisconnectRequest(sub, "0")
    wrong = yield "create_order_v1", new("2990.555", "0.5"), GrvtError
    assert (wrong.code, wrong.status) == (2064, 400)
    wrong = yield "get_order_v1", raw.ApiGetOrderRequest(sub, client_order_id="1"), GrvtError
    assert (wrong.code, wrong.status) == (1004, 404)


def test_the_raw_classes_do_all_that_is_simulated(venue):
    api = GrvtRawSync(config(venue))
    calls = raw_calls(api, venue)
    call = next(calls)
    for _ in range(100):
        result = getattr(api, call[0])(call[1])
        assert isinstance(result, GrvtError) == (GrvtError in call), (call, result)
        try:
            call = calls.send(result)
        except StopIteration:
            break
    else:
        raise AssertionError("no end")
    api._session.close()


def test_the_raw_async_classes_do_all_that_is_simulated(venue):
    async def trade():
        api = GrvtRawAsync(config(venue))
        calls = raw_calls(api, venue)
        call = next(calls)
        for _ in range(100):
            result = await getattr(api, call[0])(call[1])
            assert isinstance(result, GrvtError) == (GrvtError in call), (call, result)
            try:
                call = calls.send(result)
            except StopIteration:
                break
        await api._session.close()

    run(trade())
