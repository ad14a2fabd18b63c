"""The reference client against the simulator: what it says is what the ledger holds, in every scenario."""

import asyncio
import itertools
import logging
import tempfile
import traceback
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.client import OrderPlan, OrderRequest
from probes.failures import (
    ClientError,
    NotAllowedError,
    NotAuthenticatedError,
    RefusedError,
    UnreachableError,
)
from probes.market import scenario as scenarios
from probes.market.dynamics import Dynamics, Kind
from probes.market.faults import Action, Fault
from probes.market.order import Quote, Side, Status, TimeInForce
from probes.market.scenario import Scenario, VenueModel
from probes.venues import order_worker
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.environments import PROD, TESTNET, simulated
from tests.venues.grvt.simulated import ETH, QUICK, grvt, grvt_at_its_hosts

pytestmark = pytest.mark.slow

TICK = Decimal("0.01")
HALF = Decimal("0.5")


def plan(side=Side.BUY, size=HALF, **options):
    return OrderPlan(ETH, side, size, TICK, **options)


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


def worked(folder, scenario, side=Side.BUY, **options):
    """The claim, and the venue's ledger as it stands afterwards."""
    with grvt(folder, scenario) as venue:

        async def work():
            async with venue.client() as client:
                return await client.work_order(plan(side, **options))

        claim = run(work())
        check_honest(venue, claim, side, options.get("size", HALF))
        return claim, venue


def check_honest(venue, claim, side, size):
    """What holds of a correct client whatever happens."""
    fills = venue.fills(side=str(side))
    assert len(fills) == len(venue.fills())
    filled = sum((Decimal(row["size"]) for row in fills), Decimal(0))
    assert bool(claim.reason) != claim.success
    at_risk(venue, size)
    if "may be open or filled" in claim.reason:  # the venue would not say, so that this is all that is known
        assert claim.filled <= filled <= size
        return
    assert claim.filled == filled <= size
    assert claim.success == (filled == size)
    assert venue.open_orders() == []
    if filled:
        notional = sum((Decimal(row["size"]) * Decimal(row["price"]) for row in fills), Decimal(0))
        assert abs(claim.average_price - notional / filled) < Decimal("1e-8")
    else:
        assert claim.average_price is None


def at_risk(venue, size):
    """At no moment more open than what remains."""
    states, filled = {}, Decimal(0)
    for event in venue.journal.events():
        if getattr(event, "account", None) != venue.account:
            continue
        if event.kind == "fill":
            filled += Decimal(event.size)
        elif event.kind == "order":
            states[event.order_id] = event.values()
            live = [row for row in states.values() if row["status"] in ("pending", "open")]
            assert sum(Decimal(row["size"]) - Decimal(row["filled"]) for row in live) <= size - min(
                filled, sum(Decimal(row["filled"]) for row in states.values())
            )


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", scenarios.names())
def test_an_order_is_worked_in_every_scenario(tmp_path, name, side):
    claim, venue = worked(tmp_path / "run", name, side)
    expected = scenarios.load(name).expects == "success"
    if name == "one-sided" and side is Side.SELL:
        expected = False
    assert claim.success == expected, claim.reason
    if expected:
        assert abs(venue.position()) == HALF


def children(venue):
    first = {}
    for row in venue.rows("order"):
        first.setdefault(row["order_id"], row)
    return list(first.values())


@pytest.mark.parametrize(("side", "sign"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_children_begin_a_tick_better_than_the_touch_and_move_a_tick_at_a_time(tmp_path, side, sign):
    """Nobody takes in this market, so that the children reach the touch."""
    scenario = Scenario("quiet", "", "success", Dynamics(taker_every=0))
    claim, venue = worked(tmp_path / "run", scenario, side)
    quote = venue.rows("quote")[0]
    touch = Decimal(quote["ask_price" if side is Side.BUY else "bid_price"])
    prices = [Decimal(row["limit_price"]) for row in children(venue)]
    assert claim.success
    assert prices == [touch - sign * TICK, touch]
    assert len(venue.rows("quote")) == len(prices) == claim.iterations


def test_the_price_never_passes_the_slippage_from_arrival(tmp_path):
    scenario = Scenario("running", "", "safe_failure", Dynamics(Kind.TRENDING, step_ticks=40, taker_every=0))
    claim, venue = worked(tmp_path / "run", scenario, max_iterations=6)
    quote = venue.rows("quote")[0]
    mid = (Decimal(quote["bid_price"]) + Decimal(quote["ask_price"])) / 2
    assert not claim.success
    assert claim.iterations == 6
    assert "6 iterations" in claim.reason
    assert all(Decimal(row["limit_price"]) <= mid * Decimal("1.0005") for row in children(venue))


OF_REQUESTS = {
    "on": st.sampled_from(["create_order", "cancel_order", "order", "ticker", "order_history", "request"]),
    "action": st.sampled_from(
        [
            Action.FAIL,
            Action.RATE_LIMIT,
            Action.LOSE_REQUEST,
            Action.LOSE_ACK,
            Action.DISCONNECT,
            Action.EXPIRE_SESSION,
            Action.REFUSE,
        ]
    ),
    "silence_ms": st.just(1),
}
FAULTY = st.one_of(
    st.builds(Fault, **OF_REQUESTS, every=st.integers(2, 5)),
    st.builds(Fault, **OF_REQUESTS, nth=st.integers(1, 9), times=st.integers(1, 7)),
    st.builds(Fault, on=st.just("create_order"), action=st.just(Action.REJECT), every=st.integers(1, 3)),
    st.builds(
        Fault,
        on=st.sampled_from(["order", "order_history", "positions"]),
        action=st.just(Action.LAG),
        every=st.integers(1, 2),
        lag=st.integers(1, 6),
    ),
    st.builds(
        Fault,
        on=st.just("quote"),
        action=st.sampled_from([Action.CROSSED_QUOTE, Action.EMPTY_QUOTE, Action.STALE_QUOTE]),
        every=st.integers(1, 3),
        age_ms=st.just(60_000),
    ),
    st.builds(Fault, on=st.just("fill"), action=st.just(Action.EXPIRE_SESSION)),
)
MARKETS = st.builds(
    Dynamics,
    kind=st.sampled_from(list(Kind)),
    spread_ticks=st.integers(1, 60),
    level_size=st.sampled_from([Decimal("0.02"), Decimal("0.1"), Decimal(3)]),
    step_ticks=st.integers(0, 5),
    taker_every=st.integers(0, 4),
    taker_size=st.sampled_from([Decimal("0.03"), Decimal("0.2"), Decimal(2)]),
)
MODELS = st.builds(VenueModel, ended_orders_found=st.booleans())
_runs = itertools.count()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(faults=st.lists(FAULTY, max_size=3), dynamics=MARKETS, venue=MODELS, side=st.sampled_from(list(Side)))
def test_a_claim_is_honest_whatever_goes_wrong(faults, dynamics, venue, side):
    scenario = Scenario("any", "", "safe_failure", dynamics, venue=venue, faults=tuple(faults))
    with tempfile.TemporaryDirectory() as folder:
        worked(Path(folder, "run"), scenario, side, max_iterations=6)


@pytest.mark.parametrize("requests", range(1, 12))
def test_a_cancelled_run_leaves_nothing_open(tmp_path, requests):
    """Whenever it is cancelled: at the first request of the run, at the second, ..."""
    scenario = Scenario("quiet", "", "success", Dynamics(taker_every=0))
    with grvt(tmp_path / "run", scenario) as venue:

        async def work():
            loop, due = asyncio.get_running_loop(), asyncio.Event()
            seen = itertools.count(1)

            def count(event):
                if event.kind == "request" and next(seen) == requests:
                    loop.call_soon_threadsafe(due.set)

            async with venue.client() as client:
                venue.journal.listen(count)
                task = asyncio.create_task(client.work_order(plan()))
                await due.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        run(work())
        assert venue.open_orders() == []
        assert venue.filled() <= HALF


def test_a_venue_that_answers_no_more_does_not_hold_up_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(order_worker, "_LAST_S", 0.2)
    scenario = Scenario("quiet", "", "success", Dynamics(taker_every=0, level_size=Decimal("0.1")))
    with grvt(tmp_path / "run", scenario) as venue:

        async def work():
            loop, rests = asyncio.get_running_loop(), asyncio.Event()

            def heard(event):
                if event.kind == "order" and event.status == "open":
                    loop.call_soon_threadsafe(rests.set)

            async def hangs(*_, **__):
                await asyncio.Event().wait()

            async with venue.client() as client:
                venue.journal.listen(heard)
                monkeypatch.setattr(client, "cancel_order", hangs)
                task = asyncio.create_task(client.work_order(plan()))
                await rests.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        run(asyncio.wait_for(work(), 10))


def test_an_order_whose_answer_is_lost_is_found_and_not_sent_again(tmp_path):
    scenario = Scenario(
        "lost", "", "success", faults=(Fault("create_order", Action.LOSE_ACK, nth=1, silence_ms=1),)
    )
    with grvt(tmp_path / "run", scenario) as venue:

        async def create():
            async with venue.client() as client:
                request = OrderRequest(ETH, Side.BUY, HALF, Decimal(2900), client.new_client_order_id())
                return await client.create_order(request)

        order = run(create())
        assert [order.order_id] == list(venue.orders())
        assert order.status is Status.OPEN
        assert [row["endpoint"] for row in venue.rows("request")].count("create_order") == 1


@pytest.mark.parametrize("failure", [Action.REFUSE, Action.RATE_LIMIT, Action.FAIL, Action.DISCONNECT])
def test_a_look_that_fails_says_nothing_of_the_order_it_looked_for(tmp_path, failure):
    """The answer to an order is lost, and so are those to the first questions for it."""
    faults = (
        Fault("create_order", Action.LOSE_ACK, nth=1, silence_ms=1),
        Fault("order", failure, nth=1, times=20 if failure is Action.REFUSE else 8),
        Fault("order_history", failure, nth=1, times=3),
    )
    claim, venue = worked(tmp_path / "run", Scenario("blind", "", "success", faults=faults))
    assert claim.success, claim.reason
    assert len({row["client_order_id"] for row in venue.orders().values()}) == claim.iterations


def test_at_its_real_names_the_client_signs_for_their_chain(tmp_path):
    for environment in (PROD, TESTNET):
        with grvt_at_its_hosts(tmp_path / environment.name) as venue:

            async def work(environment=environment, venue=venue):
                credentials = venue.client()._rest.credentials
                async with GrvtClient(environment, credentials, permit=_permit_all, pace=QUICK) as client:
                    async with client.watch_orders(ETH) as orders:
                        claim = await client.work_order(plan())
                        assert (await anext(orders)).instrument == ETH
                    return claim

            check_honest(venue, claim := run(work()), Side.BUY, HALF)
            assert claim.success


async def _permit_all(request):
    pass


def test_orders_and_accounts_read_as_the_ledger_has_them(tmp_path):
    with grvt(tmp_path / "run") as venue:

        async def trade():
            async with venue.client() as client:
                resting = await client.create_order(
                    OrderRequest(ETH, Side.BUY, HALF, Decimal("2900.55"), "77", post_only=True)
                )
                taking = await client.create_order(
                    OrderRequest(ETH, Side.SELL, Decimal("0.2"), None, client.new_client_order_id())
                )
                assert [each.order_id for each in await client.fetch_open_orders(ETH)] == [resting.order_id]
                seen = await client.fetch_order(client_order_id="77")
                assert (seen.status, seen.limit_price, seen.post_only) == (
                    Status.OPEN,
                    Decimal("2900.55"),
                    True,
                )
                await client.cancel_order(order_id=resting.order_id)
                ended = await client.fetch_order(order_id=resting.order_id)
                assert (ended.status, ended.filled) == (Status.CANCELLED, 0)
                history = await client.fetch_order_history(ETH)
                assert {each.order_id for each in history} == {resting.order_id, taking.order_id}
                fills = await client.fetch_fills(ETH)
                assert [(each.fill_id, each.price, each.size, each.fee) for each in fills] == [
                    (row["fill_id"], Decimal(row["price"]), Decimal(row["size"]), Decimal(row["fee"]))
                    for row in venue.fills()
                ]
                assert await client.position(ETH) == venue.position() == Decimal("-0.2")
                assert await client.fetch_order(client_order_id="1") is None
                cash = 1_000_000 - sum(each.fee for each in fills)
                assert abs(await client.fetch_equity() - cash) < 1
                await client.create_order(
                    OrderRequest(ETH, Side.BUY, HALF, Decimal(2900), client.new_client_order_id())
                )
                await client.cancel_all_orders(ETH)

        run(trade())
        assert venue.open_orders() == []


def test_market_data_reads_as_the_ledger_has_it(tmp_path):
    with grvt(tmp_path / "run", "walk") as venue:

        async def look():
            async with GrvtClient(simulated(venue.embedded.url)) as client:
                quotes = [await client.fetch_bbo(ETH), await client.fetch_mini(ETH)]
                book = await client.fetch_book(ETH)
                quotes.append(
                    Quote(
                        ETH,
                        book.bids[0].price,
                        book.bids[0].size,
                        book.asks[0].price,
                        book.asks[0].size,
                        book.utc_ns,
                    )
                )
                for served, row in zip(quotes, venue.rows("quote"), strict=True):
                    for name in ("bid_price", "bid_size", "ask_price", "ask_size"):
                        assert getattr(served, name) == Decimal(row[name]), name
                instruments = {each.name: each for each in await client.fetch_instruments()}
                assert instruments[ETH].tick_size == TICK
                trades = await client.fetch_trades(ETH, 50)
                rows = [row for row in venue.rows("trade") if row["instrument"] == ETH]
                assert [each.trade_id for each in trades] == [row["trade_id"] for row in reversed(rows)]
                candles = await client.fetch_candles(ETH, 5)
                assert sum(each.volume for each in candles) >= sum(Decimal(row["size"]) for row in rows)
                with pytest.raises(NotAllowedError, match="credentials"):
                    await client.position(ETH)

        run(look())


def test_a_refusal_carries_the_venues_code(tmp_path):
    with grvt(tmp_path / "run") as venue:

        async def refused(request):
            async with venue.client() as client:
                await client.create_order(request)

        for size, price, code in [("0.105", "2990", 2065), ("0.5", "2990.005", 2064)]:
            request = OrderRequest(ETH, Side.BUY, Decimal(size), Decimal(price), "1")
            with pytest.raises(RefusedError) as error:
                run(refused(request))
            assert error.value.code == code
        request = OrderRequest(
            ETH,
            Side.BUY,
            HALF,
            Decimal(2990),
            "1",
            post_only=True,
            time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL,
        )
        with pytest.raises(RefusedError) as error:
            run(refused(request))
        assert error.value.code == 2032


def test_a_size_or_tick_off_the_grid_is_a_claim_of_failure(tmp_path):
    claim, _ = worked(tmp_path / "size", "calm", size=Decimal("0.505"))
    assert "multiple of the minimum size" in claim.reason
    with grvt(tmp_path / "tick") as venue:

        async def work():
            async with venue.client() as client:
                return await client.work_order(OrderPlan(ETH, Side.BUY, HALF, Decimal("0.015")))

        assert "multiple of the tick size" in run(work()).reason
        assert venue.orders() == {}


def test_a_size_that_no_signature_can_hold_is_a_claim_of_failure(tmp_path):
    claim, venue = worked(tmp_path / "run", "calm", size=Decimal(10) ** 12)
    assert "cannot be signed" in claim.reason
    assert venue.orders() == {}


@pytest.mark.parametrize("environment", [PROD, TESTNET])
def test_orders_to_a_real_venue_are_refused_unless_permitted(environment, tmp_path):
    """Before anything is signed or sent: the client has not even a connection."""
    with grvt(tmp_path / "run") as venue:
        credentials = venue.client()._rest.credentials
    client = GrvtClient(environment, credentials)
    with pytest.raises(NotAllowedError, match="not armed"):
        run(client.create_order(OrderRequest(ETH, Side.BUY, HALF, Decimal(2990), "1")))
    assert client._rest._http is None


def test_an_order_passes_the_permit_first(tmp_path):
    seen = []
    with grvt(tmp_path / "run") as venue:

        def permit(request):
            seen.append(request)
            raise NotAllowedError("too large")

        async def work():
            async with venue.client(permit=permit) as client:
                return await client.work_order(plan())

        claim = run(work())
        assert claim.reason == "too large"
        assert [request.size for request in seen] == [HALF]
        assert venue.orders() == {}


def test_a_venue_that_is_not_there_is_one_clear_line():
    async def look():
        async with GrvtClient(simulated("http://127.0.0.1:9")):
            pass

    with pytest.raises(UnreachableError) as error:
        run(look())
    assert str(error.value).startswith("instruments: no connection to http://127.0.0.1:9")
    assert "\n" not in str(error.value)


WRONG_API_KEY, WRONG_PRIVATE_KEY = f"{0xABCDEF:x}", "12" * 32


def test_wrong_credentials_are_told_and_nothing_secret_is(tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with grvt(tmp_path / "run") as venue:
        mine = venue.credentials
        with pytest.raises(ClientError) as error:
            run(log_in(venue, api_key=WRONG_API_KEY))
        assert isinstance(error.value, NotAuthenticatedError)
        with pytest.raises(ClientError) as refused:
            run(log_in(venue, private_key=WRONG_PRIVATE_KEY, work=True))
        assert refused.value.code in (2000, 2002)
        text = "".join(
            [
                *traceback.format_exception(error.value),
                *traceback.format_exception(refused.value),
                caplog.text,
                *capfd.readouterr(),
                (tmp_path / "run" / "events.jsonl").read_text(),
                repr(venue.client()._rest.credentials),
            ]
        )
    for secret in (WRONG_API_KEY, WRONG_PRIVATE_KEY, mine.api_key, mine.private_key, mine.private_key[2:]):
        assert secret not in text


async def log_in(venue, api_key=None, private_key=None, *, work=False):
    mine = venue.credentials
    credentials = Credentials.of(
        api_key or mine.api_key, private_key or mine.private_key, mine.sub_account_id
    )
    async with GrvtClient(simulated(venue.embedded.url), credentials, pace=QUICK) as client:
        if work:
            await client.create_order(OrderRequest(ETH, Side.BUY, HALF, Decimal(2990), "1"))


NOW = 10**18


@pytest.mark.parametrize(
    ("bid", "ask", "utc_ns", "reason"),
    [
        ("10", "11", NOW, ""),
        ("10", "11", NOW - 4 * 10**9, ""),
        (None, "11", NOW, "no bid"),
        ("10", None, NOW, "no ask"),
        (None, None, NOW, "no bid and no ask"),
        ("11", "10", NOW, "crossed"),
        ("10", "10", NOW, "crossed"),
        ("10", "11", NOW - 6 * 10**9, "6.0 s old"),
        ("10", "11", NOW + 6 * 10**9, "clocks"),
    ],
)
def test_a_bbo_is_judged_before_it_is_traded_on(bid, ask, utc_ns, reason):
    bid, ask = bid and Decimal(bid), ask and Decimal(ask)
    said = order_worker.unfit(Quote(ETH, bid, Decimal(1), ask, Decimal(1), utc_ns), NOW, 5.0)
    assert (reason in said) if reason else said == ""
