"""Money safety, at a simulated venue that is treated as a real one: its own ledger tells what reached it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from diag.bounds import Bounds
from diag.conduct.iterative_order import IterativeOrderJudge
from diag.conduct.judge import judge
from diag.conduct.restored import RestoredJudge
from diag.record import Event, Journal, RecordError
from diag.verdict import Outcome
from probes import guard as guards
from probes import iterative_order
from probes.client import OrderPlan, OrderRequest
from probes.embedded import Embedded, embedded
from probes.guard import Guard, GuardError
from probes.market.order import Side
from probes.market.scenario import load
from probes.opening import at_real
from probes.session import Session
from probes.venues.grvt import environments
from probes.venues.grvt.client import GrvtClient
from probes.venues.grvt.credentials import Credentials
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.venue import Grvt, GrvtAccess
from probes.venues.order_worker import Pace
from tests.probes import faulty
from tests.probes.conftest import HALF

pytestmark = pytest.mark.slow

ETH = "ETH_USDT_Perp"
AMPLE = Decimal(2000)  # half an ETH at 3000 is 1500


@dataclass(frozen=True)
class Access(GrvtAccess):
    """With a client of the test's own; the look past it is that of the reference client."""

    make: Any = faulty.Simple

    def client(self, *, permit: Any = None, seed: int | None = None) -> Any:
        if permit is None:
            return GrvtClient(self.environment, self.credentials)
        return self.make(self.environment, self.credentials, permit=permit)


class Venue(NamedTuple):
    """The venue, what it wrote down, and where the record of the run goes."""

    embedded: Embedded[Simulator]
    ledger: Journal
    journal: Journal

    @property
    def account(self) -> str:
        return self.embedded.simulator.credentials[0].sub_account_id

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return [event.values() for event in self.ledger.events() if event.kind == kind]

    def orders(self) -> dict[str, dict[str, Any]]:
        return {row["order_id"]: row for row in self.rows("order")}

    def open_orders(self) -> list[str]:
        return [name for name, row in self.orders().items() if row["status"] in ("pending", "open")]

    def position(self) -> Decimal:
        exchange = self.embedded.simulator.exchange
        return self.embedded.call(lambda: exchange.position(self.account, ETH).size)

    @asynccontextmanager
    async def session(
        self, max_notional: Decimal | None = AMPLE, make: Any = faulty.Simple
    ) -> AsyncIterator[tuple[Session, Guard]]:
        known = self.embedded.simulator.credentials[0]
        credentials = Credentials.of(known.api_key, known.private_key, known.sub_account_id)
        access = Access(environments.simulated(self.embedded.url), credentials, make=make)
        async with at_real(Grvt(), access, self.journal, "ETH", max_notional) as opened:
            opened[0].begin(env="testnet", probes=(), places_orders=True, has_ledger=False)
            yield opened


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Any]:
    with contextlib.ExitStack() as stack:

        def opened(scenario: str = "calm") -> Venue:
            ledger = stack.enter_context(Journal(tmp_path / "venue"))
            journal = stack.enter_context(Journal(tmp_path / "run"))
            simulator = Simulator(load(scenario), 1, ledger)
            return Venue(stack.enter_context(embedded(simulator)), ledger, journal)

        yield opened


async def worked(venue: Venue, make: Any, max_notional: Decimal | None = AMPLE) -> tuple[str, ...]:
    """The armed probe, as the command runs it; what is not as it was before."""
    async with venue.session(max_notional, make) as (session, guard):
        try:
            await guard.begin()
            await iterative_order.run(session, Side.BUY, HALF, Bounds(), unwind=True)
        finally:
            problems = await guard.end()
    return problems


def request(size: str = "0.5", price: str | None = "3000.00", side: Side = Side.BUY) -> OrderRequest:
    return OrderRequest(ETH, side, Decimal(size), None if price is None else Decimal(price), str(2**63 + 1))


def test_an_armed_order_is_worked_and_the_position_brought_back(venue) -> None:
    at = venue()
    assert asyncio.run(worked(at, faulty.Simple)) == ()
    assert at.position() == 0
    assert at.open_orders() == []
    assert {row["side"] for row in at.rows("fill")} == {"buy", "sell"}
    checks = judge(at.journal, Bounds(), (IterativeOrderJudge, RestoredJudge))
    seen = {check.name: f"{check.outcome}: {check.observed}" for check in checks}
    assert {check.outcome for check in checks} == {Outcome.PASS}, seen
    assert seen["iterative_order.filled"] == "pass: buy: 0.5 of 0.5; sell: 0.5 of 0.5"
    assert {"guard.position", "guard.open_orders"} <= set(seen)


@pytest.mark.parametrize(
    "scenario",
    ["partial-fills", "lagging-rest", "rate-limited", "lost-acks", "lost-cancels", "disconnects", "failing"],
)
def test_the_reference_client_is_armed_through_trouble(venue, scenario: str) -> None:
    at = venue(scenario)
    assert asyncio.run(worked(at, partial(GrvtClient, seed=1, pace=Pace(poll_s=0.001)))) == ()
    assert (at.position(), at.open_orders()) == (0, [])
    checks = judge(at.journal, Bounds(), (IterativeOrderJudge, RestoredJudge))
    seen = {check.name: f"{check.outcome}: {check.observed}" for check in checks}
    assert {check.outcome for check in checks} == {Outcome.PASS}, seen


def test_orders_side_by_side_see_each_other(venue) -> None:
    at = venue()

    async def run() -> list[object]:
        async with at.session(Decimal(1600)) as (session, guard):
            await guard.begin()
            orders = [replace(request(), client_order_id=str(2**63 + number)) for number in range(4)]
            sent = [session.client.create_order(order) for order in orders]
            return await asyncio.gather(*sent, return_exceptions=True)

    refused = [answer for answer in asyncio.run(run()) if isinstance(answer, GuardError)]
    assert (len(at.orders()), len(refused)) == (1, 3)


def test_unarmed_no_order_is_let_through(venue) -> None:
    at = venue()
    asyncio.run(worked(at, faulty.LeavesOpen, None))
    assert at.rows("order") == at.rows("refused") == []
    assert "create_order" not in {row["endpoint"] for row in at.rows("request")}


def test_the_client_of_a_real_venue_refuses_orders_that_no_permit_allows(venue) -> None:
    client = GrvtClient(environments.PROD)
    with pytest.raises(Exception, match="not armed"):
        asyncio.run(client.create_order(request()))


@pytest.mark.parametrize(
    ("asked", "limit", "said"),
    [
        (request(), "1499.99", "0.5 at 3000 would put 1500 at stake, more than --max-notional 1499.99"),
        (request(side=Side.SELL, price="1.00"), "1499", "0.5 at 2999.95 would put 1499.975 at stake"),
        (request(price=None), "1575", "0.5 at 3150.0525 would put 1575.02625 at stake"),
    ],
)
def test_an_order_beyond_the_notional_is_not_sent(venue, asked: OrderRequest, limit: str, said: str) -> None:
    at = venue()

    async def run() -> None:
        async with at.session(Decimal(limit)) as (session, guard):
            await guard.begin()
            with pytest.raises(GuardError, match=said.replace(".", r"\.")):
                await session.client.create_order(asked)

    asyncio.run(run())
    assert at.rows("order") == []


def test_what_earlier_orders_filled_or_may_fill_counts(venue) -> None:
    """A client that sees every fill as zero stops at the notional, not at its twentieth order."""
    at = venue()
    problems = asyncio.run(worked(at, faulty.SeesZero, Decimal(3100)))
    bought = [row for row in at.rows("fill") if row["side"] == "buy"]
    assert sum(Decimal(row["size"]) for row in bought) <= Decimal(1)
    assert at.open_orders() == []
    checks = {check.name: check for check in judge(at.journal, Bounds(), (IterativeOrderJudge,))}
    assert checks["iterative_order.over_fill"].outcome is Outcome.FAIL
    assert "more than --max-notional" in checks["iterative_order.claim"].observed
    assert problems == () or "position" in problems[-1]


def test_the_way_back_is_not_barred_by_a_market_that_rose(venue) -> None:
    """What was bought for nearly the most that may be at stake is worth more than that when it is sold."""
    at = venue("trend")
    asking = at.embedded.call(lambda: at.embedded.simulator.exchange.quote(ETH)).ask_price
    most = asking + Decimal("0.40")
    assert asyncio.run(worked(at, faulty.Simple, HALF * most)) == ()
    sold = [row for row in at.rows("fill") if row["side"] == "sell"]
    assert at.position() == 0
    assert min(Decimal(row["price"]) for row in sold) > most


def test_selling_more_than_the_run_bought_counts(venue) -> None:
    at = venue()

    async def run() -> None:
        async with at.session() as (session, guard):
            await guard.begin()
            await session.client.create_order(request("0.5", "3010.00"))
            with pytest.raises(GuardError, match=r"0\.7 at .* would put"):
                await session.client.create_order(
                    replace(request("1.2", "2990.00", Side.SELL), client_order_id=str(2**63 + 2))
                )

    asyncio.run(run())
    assert [row["side"] for row in at.orders().values()] == ["buy"]


def test_orders_of_another_ticker_are_not_let_through(venue) -> None:
    at = venue()

    async def run() -> None:
        async with at.session() as (session, guard):
            await guard.begin()
            other = OrderRequest("BTC_USDT_Perp", Side.BUY, Decimal("0.001"), Decimal(60000), "1")
            with pytest.raises(GuardError, match="armed for ETH_USDT_Perp"):
                await session.client.create_order(other)

    asyncio.run(run())
    assert at.rows("order") == []


@pytest.mark.parametrize(
    "scenario", ["calm", "rate-limited", "lost-acks", "lost-cancels", "disconnects", "failing"]
)
def test_what_a_client_leaves_open_is_cancelled(venue, scenario: str) -> None:
    at = venue(scenario)
    assert asyncio.run(worked(at, faulty.LeavesOpen)) == ()
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]
    checks = {check.name: check.outcome for check in judge(at.journal, Bounds(), (IterativeOrderJudge,))}
    assert checks["iterative_order.left_open"] is Outcome.FAIL


class Crashes(faulty.LeavesOpen):
    """Dies with an order open, by an error that no probe catches."""

    async def work_order(self, plan: Any) -> Any:
        await super().work_order(plan)
        raise SystemExit(3)


def test_after_a_crash_nothing_is_left_open(venue) -> None:
    at = venue()
    with pytest.raises(SystemExit):
        asyncio.run(worked(at, Crashes))
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]


def test_a_run_that_is_cancelled_again_and_again_still_cleans_up(venue) -> None:
    """As by Ctrl-C, SIGTERM, and Ctrl-C again by somebody impatient."""
    at = venue()

    async def run() -> None:
        loop, rests = asyncio.get_running_loop(), asyncio.Event()

        def heard(event: Event) -> None:
            if event.kind == "order" and event.status == "open":
                loop.call_soon_threadsafe(rests.set)

        at.ledger.listen(heard)
        task = asyncio.ensure_future(worked(at, faulty.Hangs))
        await rests.wait()
        for _ in range(5):
            task.cancel()
            await asyncio.sleep(0)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(run(), 30))
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]


class Late(faulty.Simple):
    """Crashes while its order is on the way, which comes when the way out has begun."""

    def __init__(self, *args: Any, arrives: asyncio.Event, **options: Any) -> None:
        super().__init__(*args, **options)
        self.arrives = arrives

    async def work_order(self, plan: Any) -> Any:
        payload = {"order": await self._signed(request(price="2999.94"))}
        self.on_its_way = asyncio.ensure_future(self._arrive(payload))
        raise SystemExit(3)

    async def _arrive(self, payload: dict[str, Any]) -> None:
        await self.arrives.wait()
        await self._rest.trading("create_order", payload)


def test_an_order_that_arrives_when_the_run_has_ended_is_cancelled(venue) -> None:
    at = venue()

    async def run() -> None:
        loop, arrives = asyncio.get_running_loop(), asyncio.Event()

        def heard(event: Event) -> None:
            seen = [row["endpoint"] for row in at.rows("request")]
            if event.kind == "response" and seen[-1] == "open_orders" and seen.count("open_orders") > 1:
                loop.call_soon_threadsafe(arrives.set)

        at.ledger.listen(heard)
        await worked(at, partial(Late, arrives=arrives))

    with pytest.raises(SystemExit):
        asyncio.run(run())
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]


@contextmanager
def broken_cancels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def cancel_order(self: GrvtClient, **_: Any) -> None:
        raise ConnectionError("the venue is gone")

    with monkeypatch.context() as patch:
        patch.setattr(GrvtClient, "cancel_order", cancel_order)
        yield


def test_what_cannot_be_cancelled_is_named(venue, monkeypatch: pytest.MonkeyPatch) -> None:
    at = venue()
    with broken_cancels(monkeypatch):
        problems = asyncio.run(worked(at, faulty.LeavesOpen))
    (name,) = at.open_orders()
    assert problems[0] == f"order {name} (buy 0.5 {ETH} at 2999.94) could not be cancelled: the venue is gone"


def test_a_venue_that_is_gone_at_the_end_is_said_with_the_orders_that_may_be_open(
    venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = venue()

    async def run() -> tuple[str, ...]:
        async with at.session(make=faulty.LeavesOpen) as (session, guard):
            await guard.begin()
            await iterative_order.run(session, Side.BUY, HALF, Bounds(), unwind=False)

            async def gone(*_: Any, **__: Any) -> None:
                raise ConnectionError("no route")

            monkeypatch.setattr(GrvtClient, "fetch_open_orders", gone)
            return await guard.end()

    (problem,) = asyncio.run(run())
    (row,) = at.orders().values()
    assert problem.startswith(f"{ETH}: not known whether anything is left open: no route; client order ids")
    assert row["client_order_id"] in problem


def test_what_is_open_is_cancelled_first_for_other_questions_may_hang(
    venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = venue()
    monkeypatch.setattr(guards, "CLEAN_UP_S", 1.0)

    async def run() -> None:
        async with at.session(make=faulty.LeavesOpen) as (session, guard):
            await guard.begin()
            await session.client.work_order(OrderPlan(ETH, Side.BUY, HALF, Decimal("0.01")))

            async def hangs(*_: Any, **__: Any) -> None:
                await asyncio.Event().wait()

            monkeypatch.setattr(GrvtClient, "fetch_order", hangs)
            await guard.end()

    asyncio.run(run())
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]


def test_a_position_that_is_not_brought_back_fails_the_run(venue) -> None:
    at = venue()

    async def run() -> tuple[str, ...]:
        async with at.session() as (session, guard):
            await guard.begin()
            await iterative_order.run(session, Side.BUY, HALF, Bounds(), unwind=False)
            return await guard.end()

    assert asyncio.run(run()) == (f"position of {ETH}: 0 before, 0.5 after",)
    checks = {check.name: check.outcome for check in judge(at.journal, Bounds(), (RestoredJudge,))}
    assert checks == {"guard.position": Outcome.FAIL, "guard.open_orders": Outcome.PASS}


def test_orders_of_others_are_left_alone_and_reported(venue) -> None:
    at = venue()

    async def run() -> tuple[str, ...]:
        known = at.embedded.simulator.credentials[0]
        credentials = Credentials.of(known.api_key, known.private_key, known.sub_account_id)
        environment = environments.simulated(at.embedded.url)
        async with GrvtClient(environment, credentials) as other, at.session() as (_, guard):
            before = await other.create_order(request(price="2990.00"))
            await guard.begin()
            late = OrderRequest(ETH, Side.BUY, HALF, Decimal("2980.00"), str(2**63 + 2))
            await other.create_order(late)
            await other.cancel_order(order_id=before.order_id)
            return await guard.end()

    problems = asyncio.run(run())
    assert len(at.open_orders()) == 1
    assert "was not open before and is not of this run" in problems[0]
    assert "was open before and is not any more" in problems[1]


def test_a_disk_that_is_full_does_not_keep_the_orders_from_being_cancelled(
    venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = venue()

    def full(event: Event) -> None:
        if event.kind == "order" and event.status == "open":
            monkeypatch.setattr(at.journal, "_write", fails)
            monkeypatch.setattr(at.journal, "append_encoded", fails)

    def fails(*_: Any) -> None:
        raise RecordError("run: cannot write the run record: No space left on device")

    at.ledger.listen(full)
    with pytest.raises(RecordError):
        asyncio.run(worked(at, faulty.LeavesOpen))
    assert [row["status"] for row in at.orders().values()] == ["cancelled"]
    monkeypatch.undo()
