"""Running the cases: one after the other, each to a check, each row of the verdict into the record."""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal

from diag.conduct.lifecycle import NAME
from diag.record import Journal
from diag.record.kinds import probe, venue
from diag.verdict import Check, Evidence, Outcome
from probes.client import Trader
from probes.guard import GuardError
from probes.lifecycle import cases as _cases  # noqa: F401 - enters them
from probes.lifecycle.case import CASES, Case
from probes.lifecycle.case_run import CaseRun
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.rows import Rows, evidence
from probes.market.order import ZERO, Instrument, Side
from probes.market.scenario import Scenario
from probes.session import Session
from probes.venue import Feature

CASE_S = 60.0  # how long one case may take
TIMEOUT_S = 5.0  # how long to wait for a message or a row that has to come
MOST_EVIDENCE = 6
NO_FAULT = "what should have gone wrong did not"

ALL = tuple(CASES[number] for number in sorted(CASES))
METHODS = frozenset(name for case in ALL for name in case.needs)


@dataclass(frozen=True, slots=True)
class VenueFactory:
    """Where cases are run.

    `open` begins a session with a connected client: at a simulated venue a new one in the given scenario; at
    a real one always the same. `base` is the scenario of cases that want none of their own, and None at a
    real venue. `client_order_ids` is what the venue leaves to clients, `lacks` what it has not got for the
    instrument; `armed` says whether orders may be placed there.
    """

    venue: str
    instrument: str
    open: Callable[[Scenario | None], AbstractAsyncContextManager[Session]]
    base: Scenario | None
    client_order_ids: range
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    other: Instrument | None = None
    armed: bool = True
    timeout_s: float = TIMEOUT_S


async def run_cases(
    factory: VenueFactory,
    journal: Journal,
    cases: Iterable[Case] = ALL,
    on_check: Callable[[Check], None] | None = None,
) -> list[Check]:
    """A check for each case. Never raises for what the client does."""
    free = factory.client_order_ids
    # A real venue may remember the ids of earlier runs.
    first = (
        free.start
        if factory.base is not None
        else free.start + secrets.randbelow((free.stop - free.start) // 2)
    )
    ids = itertools.count(first)
    rows = Rows(journal, factory.timeout_s)
    lacks: set[str] = set()
    checks = []
    for case in cases:
        rows.clear()
        check = await _check(case, factory, rows, ids, lacks)
        journal.append(_row(check, factory))
        checks.append(check)
        if on_check is not None:
            on_check(check)
    return checks


async def _check(
    case: Case, factory: VenueFactory, rows: Rows, ids: "itertools.count[int]", lacks: set[str]
) -> Check:
    """`lacks` collects the methods that the client turns out not to have; no venue is opened for these."""
    if missing := sorted(case.features & factory.lacks.keys()):
        return _result(
            case, Outcome.NOT_SHOWN, "; ".join(dict.fromkeys(factory.lacks[each] for each in missing))
        )
    if lacks & {*case.needs}:
        return _lacking(case, lacks)
    if factory.base is None and case.only_simulated:
        return _result(case, Outcome.NOT_SHOWN, case.only_simulated)
    if factory.base is None and case.private and not factory.armed:
        return _result(case, Outcome.NOT_SHOWN, "orders are not armed")
    try:
        scenario = factory.base and case.scenario(factory.base)
        async with asyncio.timeout(CASE_S), factory.open(scenario) as session:
            lacks |= {name for name in METHODS if not callable(getattr(session.client, name, None))}
            if lacks & {*case.needs}:
                return _lacking(case, lacks)
            return await _run_case(case, factory, session, rows, ids)
    except TimeoutError:
        return _result(case, Outcome.FAIL, f"not done within {CASE_S:g} s")
    except Exception as error:
        outcome = Outcome.NOT_SHOWN if factory.base is None else Outcome.FAIL
        return _result(case, outcome, f"cannot connect or disconnect: {type(error).__name__}: {_line(error)}")


async def _run_case(
    case: Case, factory: VenueFactory, session: Session, rows: Rows, ids: "itertools.count[int]"
) -> Check:
    client: Trader = session.client  # type: ignore[assignment]  # what the case needs of it is there
    has_ledger = factory.base is not None
    rows.refresh = None if has_ledger else session.refresh
    before: Decimal | None = ZERO
    if case.places_orders and not has_ledger:
        before = await session.view.position(session.instrument.name)
    case_run = CaseRun(
        client, rows, session.instrument, factory.other, ids, session.view, has_ledger, before, factory.lacks
    )
    try:
        return await _steps(case, case_run, session)
    finally:
        if not has_ledger and case.places_orders:
            await _restore(case_run)
            if session.settle is not None:
                await session.settle()  # what was refused no longer counts as at stake


async def _steps(case: Case, case_run: CaseRun, session: Session) -> Check:
    try:
        await case.steps(case_run)
        if case_run.has_ledger and await case_run.rows.follow(case.events) is None:
            raise FailedError(case_run.rows.summary(), " → ".join(case.events))
    except SkippedError as skipped:
        return _result(case, Outcome.NOT_SHOWN, str(skipped))
    except FailedError as failed:
        if case.faults and not case_run.rows.of(venue.Fault):
            return _result(case, Outcome.NOT_SHOWN, NO_FAULT)
        cited = [row for row in case_run.rows.all() if row.where in failed.where]
        cited = cited or case_run.rows.own()[-MOST_EVIDENCE:]
        shown = tuple(evidence(row) for row in cited)
        return _result(case, Outcome.FAIL, f"{failed.observed}, not {failed.bound}", shown)
    except GuardError as error:
        return _result(case, Outcome.NOT_SHOWN, f"the guard let no order through: {error}")
    except TimeoutError:
        raise
    except Exception as error:
        shown = tuple(evidence(row) for row in case_run.rows.own()[-MOST_EVIDENCE:])
        observed = f"the client raised {type(error).__name__}: {session.scrub(_line(error))}"
        return _result(case, Outcome.FAIL, observed, shown)
    if case.faults and not case_run.rows.of(venue.Fault):
        return _result(case, Outcome.NOT_SHOWN, NO_FAULT)
    if not case_run.observations:
        return _result(case, Outcome.NOT_SHOWN, "nothing was there to be seen")
    shown = tuple(dict.fromkeys((*(evidence(row) for row in case_run.rows.own()), *case_run.evidence)))
    observed = "; ".join(dict.fromkeys(case_run.observations))
    return _result(case, Outcome.PASS, observed, shown[-MOST_EVIDENCE:])


async def _restore(case_run: CaseRun) -> None:
    """Leave a real venue as it was: nothing of the case open, the position what it was before."""
    for request in case_run.requests:
        order = await case_run.view.fetch_order(client_order_id=request.client_order_id)
        if order is not None and not order.status.is_final:
            await case_run.view.cancel_order(order_id=order.order_id)
    await case_run.sync()
    if change := await case_run.moved():
        back = case_run.request(Side.SELL if change > 0 else Side.BUY, None, abs(change))
        await case_run.client.create_order(back)
        await case_run.wait_status(back.client_order_id, "filled")


def _lacking(case: Case, lacks: set[str]) -> Check:
    named = " and no ".join(name for name in case.needs if name in lacks)
    return _result(case, Outcome.NOT_SHOWN, f"the client has no {named}")


def _result(case: Case, outcome: Outcome, observed: str, shown: tuple[Evidence, ...] = ()) -> Check:
    return Check(
        f"{NAME}.{case.number}", f"{case.number} {case.title}", outcome, observed, case.passes, shown
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or "no message"


def _row(check: Check, factory: VenueFactory) -> probe.Case:
    return probe.Case(
        venue=factory.venue,
        instrument=factory.instrument,
        name=check.name,
        title=check.title,
        outcome=check.outcome.value,  # type: ignore[arg-type]  # a case is always applicable
        observed=check.observed,
        bound=check.bound,
        evidence=tuple(probe.Cited(item.where, item.text) for item in check.evidence),
    )
