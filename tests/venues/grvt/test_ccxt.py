"""ccxt, unmodified, at the venue's real names over TLS: what it sees is what the ledger has.

It signs and hashes by itself, so that it is independent of GRVT's SDK and of this project.
"""

import asyncio
from decimal import Decimal

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest

from probes.market.dynamics import Dynamics
from probes.market.scenario import Scenario
from tests.venues.grvt.simulated import ETH, asked, grvt_at_its_hosts

pytestmark = pytest.mark.slow

SYMBOL = "ETH/USDT:USDT"
STATUSES = {
    "pending": "pending",
    "open": "open",
    "filled": "closed",
    "cancelled": "canceled",
    "rejected": "rejected",
}


@pytest.fixture
def venue(tmp_path):
    with grvt_at_its_hosts(tmp_path / "run") as venue:
        yield venue


def exchange(kind, venue, *, sandbox=False, **options):
    made = kind({"privateKey": venue.credentials.private_key, "enableRateLimit": False, "options": options})
    made.set_sandbox_mode(sandbox)
    return made


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 30))


def number(value):
    """ccxt's floats show the decimals that the venue sent."""
    return None if value is None else Decimal(str(value))


def check_order(order, venue):
    row = venue.orders()[order["id"]]
    assert order["symbol"] == SYMBOL
    assert order["clientOrderId"] == row["client_order_id"]
    assert (order["side"], order["status"]) == (row["side"], STATUSES[row["status"]])
    assert number(order["amount"]) == Decimal(row["size"])
    assert number(order["filled"]) == Decimal(row["filled"])
    if Decimal(row["filled"]):
        assert number(order["average"]) == Decimal(row["filled_notional"]) / Decimal(row["filled"])
    if row["limit_price"]:
        assert number(order["price"]) == Decimal(row["limit_price"])


def check_trades(trades, rows):
    assert [
        (trade["id"], number(trade["price"]), number(trade["amount"]), trade["side"]) for trade in trades
    ] == [
        (row.get("fill_id", row.get("trade_id")), Decimal(row["price"]), Decimal(row["size"]), row["side"])
        for row in rows
    ]


def check_quote(bid, ask, row):
    assert (number(bid), number(ask)) == (Decimal(row["bid_price"]), Decimal(row["ask_price"]))


async def trade_everything(call, api, venue):
    """A session with ccxt, plain or async; `call` turns what a method returns into its result."""
    markets = await call(api.load_markets())
    assert markets[SYMBOL]["id"] == ETH
    assert markets[SYMBOL]["precision"]["price"] == 0.01
    assert {"ETH", "USDT"} <= set(await call(api.fetch_currencies()))
    ticker = await call(api.fetch_ticker(SYMBOL))
    check_quote(ticker["bid"], ticker["ask"], venue.rows("quote")[-1])
    book = await call(api.fetch_order_book(SYMBOL, 10))
    check_quote(book["bids"][0][0], book["asks"][0][0], venue.rows("quote")[-1])

    resting = await call(api.create_order(SYMBOL, "limit", "buy", 0.1, 2990.55))
    integral = await call(api.create_order(SYMBOL, "limit", "buy", 0.2, 2990, {"postOnly": True}))
    opened = await call(api.fetch_open_orders(SYMBOL))
    assert {order["id"] for order in opened} == {resting["id"], integral["id"]}
    for order in opened:
        check_order(order, venue)
    await call(api.cancel_order(resting["id"], SYMBOL))
    await call(api.cancel_order(None, SYMBOL, {"clientOrderId": integral["clientOrderId"]}))
    check_order(await call(api.fetch_order(resting["id"], SYMBOL)), venue)
    taken = await call(api.create_order(SYMBOL, "market", "buy", 0.5))
    check_order(await call(api.fetch_order(taken["id"], SYMBOL)), venue)
    sold = await call(api.create_order(SYMBOL, "limit", "sell", 0.2, 2999.5, {"timeInForce": "FOK"}))
    named = await call(api.fetch_order(None, SYMBOL, {"clientOrderId": sold["clientOrderId"]}))
    assert named["id"] == sold["id"]
    crossing = await call(api.create_order(SYMBOL, "limit", "buy", 0.1, 3100, {"postOnly": True}))
    check_order(await call(api.fetch_order(crossing["id"], SYMBOL)), venue)
    assert venue.orders()[crossing["id"]]["status"] in ("cancelled", "rejected")
    reduced = await call(
        api.create_order(SYMBOL, "limit", "sell", 0.1, 2999, {"reduceOnly": True, "timeInForce": "IOC"})
    )
    check_order(await call(api.fetch_order(reduced["id"], SYMBOL)), venue)
    for order in await call(api.fetch_orders(SYMBOL)):
        check_order(order, venue)
    await call(api.create_order(SYMBOL, "limit", "buy", 0.1, 2900))
    await call(api.cancel_all_orders(SYMBOL))
    assert await call(api.fetch_open_orders(SYMBOL)) == []
    assert venue.open_orders() == []

    check_trades(await call(api.fetch_my_trades(SYMBOL)), venue.fills())
    trades = await call(api.fetch_trades(SYMBOL))
    check_trades(trades, [row for row in venue.rows("trade") if row["instrument"] == ETH])
    assert (await call(api.fetch_ohlcv(SYMBOL, "1m", limit=2)))[-1][1] > 0
    (position,) = await call(api.fetch_positions([SYMBOL]))
    assert (position["side"], number(position["contracts"])) == ("long", Decimal("0.2"))
    assert venue.position() == Decimal("0.2")
    paid = sum(Decimal(row["fee"]) - Decimal(row["realized_pnl"]) for row in venue.fills())
    balance = await call(api.fetch_balance())
    assert abs(number(balance["total"]["USDT"]) - (1_000_000 - paid)) < Decimal("1e-6")
    await call(api.set_leverage(10, SYMBOL))
    with pytest.raises(ccxt.OperationRejected, match="1004"):
        await call(api.fetch_order("0x99", SYMBOL))
    with pytest.raises(ccxt.ExchangeError, match="2066"):
        await call(api.create_order(SYMBOL, "limit", "buy", 0.01, 1000))
    bid = (await call(api.fetch_ticker("BTC/USDT:USDT")))["bid"]
    with pytest.raises(ccxt.InsufficientFunds, match="2080"):
        await call(api.create_order("BTC/USDT:USDT", "limit", "buy", 999, bid))


async def _is_result(result):
    return result


@pytest.mark.parametrize("sandbox", [False, True])
@pytest.mark.parametrize("builder", [True, False])
def test_plain_ccxt_does_all_it_can(venue, sandbox, builder):
    """With a builder it signs another type, which it has to have authorized before."""
    api = exchange(ccxt.grvt, venue, sandbox=sandbox, builderFee=builder)
    run(trade_everything(_is_result, api, venue))
    api.session.close()
    assert api.options["builderFee"] is builder  # ccxt gives the builder up by itself if it is refused


@pytest.mark.parametrize("kind", [ccxt.async_support.grvt, ccxt.pro.grvt])
def test_async_ccxt_does_all_it_can(venue, kind):
    async def trade():
        async def call(awaitable):
            return await awaitable

        api = exchange(kind, venue)
        try:
            await trade_everything(call, api, venue)
        finally:
            await api.close()

    run(trade())


@pytest.mark.parametrize("channel", ["v1.book.d", "v1.book.s"])
def test_a_watched_book_is_the_book(tmp_path, channel):
    """In a market where nobody but the client does anything."""

    async def watch(venue):
        api = exchange(ccxt.pro.grvt, venue)
        try:
            book = await api.watch_order_book(SYMBOL, 10, {"channel": channel})
            assert book["bids"][0][0] == 2999.95
            for price in (2999.97, 2999.99):
                await api.create_order(SYMBOL, "limit", "buy", 0.1, price)
            while list(book["bids"][0][:2]) != [2999.99, 0.1]:
                book = await api.watch_order_book(SYMBOL, 10, {"channel": channel})
            return book
        finally:
            await api.close()

    with grvt_at_its_hosts(
        tmp_path / "run", Scenario("quiet", "", "success", Dynamics(taker_every=0))
    ) as venue:
        book = run(watch(venue))
        sides = venue.embedded.call(lambda: venue.embedded.simulator.exchange.depth(ETH, 10))
    for name, levels in zip(("bids", "asks"), sides, strict=True):
        assert [(number(price), number(size)) for price, size, *_ in book[name]][:10] == [
            (level.price, level.size) for level in levels
        ]


@pytest.mark.parametrize("channel", ["v1.ticker.s", "v1.ticker.d", "v1.mini.s", "v1.mini.d"])
def test_a_watched_ticker_is_the_quote(venue, channel):
    async def watch():
        api = exchange(ccxt.pro.grvt, venue)
        try:
            return await api.watch_tickers([SYMBOL], {"channel": channel})
        finally:
            await api.close()

    ticker = run(watch())[SYMBOL]
    check_quote(ticker["bid"], ticker["ask"], venue.rows("quote")[-1])


WATCHED = {
    "watch_orders": lambda api: api.watch_orders(SYMBOL),
    "watch_my_trades": lambda api: api.watch_my_trades(SYMBOL),
    "watch_positions": lambda api: api.watch_positions([SYMBOL]),
    "watch_trades": lambda api: api.watch_trades(SYMBOL),
    "watch_ohlcv": lambda api: api.watch_ohlcv(SYMBOL, "1m"),
}


@pytest.mark.parametrize("name", WATCHED)
def test_what_ccxt_watches_is_what_the_ledger_has(venue, name):
    """One stream an exchange: ccxt takes two streams with the same selector for one."""

    async def watch():
        api = exchange(ccxt.pro.grvt, venue, newUpdates=True)
        try:
            await api.load_markets()
            waiting = asyncio.ensure_future(WATCHED[name](api))
            await asked(venue, "subscribe")
            await api.create_order(SYMBOL, "market", "buy", 0.3)
            news = await waiting
            while name == "watch_orders" and news[-1]["status"] != "closed":
                news = await api.watch_orders(SYMBOL)
            return news[-1]
        finally:
            await api.close()

    seen = run(watch())
    (fill,) = venue.fills()
    if name == "watch_orders":
        check_order(seen, venue)
    elif name == "watch_my_trades":
        check_trades([seen], [fill])
    elif name == "watch_positions":
        assert number(seen["contracts"]) == venue.position() == Decimal("0.3")
    elif name == "watch_trades":
        assert seen["id"] in {row["trade_id"] for row in venue.rows("trade")}
    else:
        assert number(seen[5]) >= Decimal("0.3")


class _OfOld(ccxt.grvt):
    """ccxt as it was up to 4.5.64 (issue 28759): the fraction of a limit price was not taken off the unit."""

    def eip_message_for_order(self, order, structureType):
        message = super().eip_message_for_order(order, structureType)
        for leg, signed in zip(order["legs"], message["legs"], strict=True):
            signed["limitPrice"] *= 10 ** len((leg["limit_price"] or "").partition(".")[2])
        return message


def test_a_decimal_price_signed_wrongly_is_refused(venue):
    """The known defect of ccxt, which the simulator refuses as the venue does; an integer passes."""
    api = exchange(_OfOld, venue)
    with pytest.raises(ccxt.ExchangeError, match=r'"code":2002'):
        api.create_order(SYMBOL, "limit", "buy", 0.1, 2990.55)
    assert venue.rows("response")[-1]["status"] == 403
    assert venue.orders() == {}
    api.create_order(SYMBOL, "limit", "buy", 0.1, 2990)
    api.create_order(SYMBOL, "market", "buy", 0.1)
    assert len(venue.orders()) == 2
    api.session.close()


def test_the_key_of_a_stranger_is_refused(venue):
    api = ccxt.grvt({"privateKey": "0x" + "12" * 32, "enableRateLimit": False})
    with pytest.raises(ccxt.AuthenticationError):
        api.fetch_balance()
    assert venue.rows("response")[-1]["code"] == 1000
    api.session.close()
