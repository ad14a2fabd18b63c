"""Playing the cards: one after the other, each to a check, each row of the verdict into the record."""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal

from diag.record import Event, Journal
from diag.record.kinds import probe, venue
from diag.verdict import Check, Evidence, Outcome
from probes.client import Trader
from probes.guard import GuardError
from probes.lifecycle import cards as _cards  # noqa: F401 - enters them
from probes.lifecycle.card import CARDS, Card
from probes.lifecycle.errors import FailedError, SkippedError
from probes.lifecycle.rows import Rows, evidence
from probes.lifecycle.trial import Trial
from probes.market.order import ZERO, Instrument, Side
from probes.market.scenario import Scenario
from probes.session import Session
from probes.venue import Feature

NAME = "order_lifecycle"
CARD_S = 60.0  # how long one card may take
PATIENCE_S = 5.0  # how long to wait for a message or a row that has to come
MOST_EVIDENCE = 6
NO_FAULT = "what should have gone wrong did not"

ALL = tuple(CARDS[number] for number in sorted(CARDS))
METHODS = frozenset(name for card in ALL for name in card.needs)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where cards are played.

    `open` begins a session with a connected client: at a simulated venue a new one in the given scenario; at
    a real one always the same. `base` is the scenario of cards that want none of their own, and None at a
    real venue. `client_order_ids` is what the venue leaves to clients, `lacks` what it has not
    got for the instrument; `armed` says whether orders may be
    placed there.
    """

    venue: str
    instrument: str
    open: Callable[[Scenario | None], AbstractAsyncContextManager[Session]]
    base: Scenario | None
    client_order_ids: range
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    other: Instrument | None = None
    armed: bool = True
    patience_s: float = PATIENCE_S


async def play(
    stage: Stage,
    journal: Journal,
    cards: Iterable[Card] = ALL,
    on_check: Callable[[Check], None] | None = None,
) -> list[Check]:
    """A check for each card. Never raises for what the client does."""
    free = stage.client_order_ids
    # A real venue may remember the ids of earlier runs.
    first = (
        free.start
        if stage.base is not None
        else free.start + secrets.randbelow((free.stop - free.start) // 2)
    )
    ids = itertools.count(first)
    rows = Rows(journal, stage.patience_s)
    lacks: set[str] = set()
    checks = []
    for card in cards:
        rows.clear()
        check = await _check(card, stage, rows, ids, lacks)
        journal.append(_row(check, stage))
        checks.append(check)
        if on_check is not None:
            on_check(check)
    return checks


def judge(events: Iterable[Event]) -> list[Check]:
    """The checks of a record, as they were shown when it was made."""
    return [_read(event) for event in events if isinstance(event, probe.Case)]


async def _check(card: Card, stage: Stage, rows: Rows, ids: "itertools.count[int]", lacks: set[str]) -> Check:
    """`lacks` collects the methods that the client turns out not to have; no venue is opened for these."""
    if missing := sorted(card.features & stage.lacks.keys()):
        return _result(
            card, Outcome.NOT_SHOWN, "; ".join(dict.fromkeys(stage.lacks[each] for each in missing))
        )
    if lacks & {*card.needs}:
        return _lacking(card, lacks)
    if stage.base is None and card.only_simulated:
        return _result(card, Outcome.NOT_SHOWN, card.only_simulated)
    if stage.base is None and card.private and not stage.armed:
        return _result(card, Outcome.NOT_SHOWN, "orders are not armed")
    try:
        async with asyncio.timeout(CARD_S), stage.open(stage.base and card.scenario(stage.base)) as session:
            lacks |= {name for name in METHODS if not callable(getattr(session.client, name, None))}
            if lacks & {*card.needs}:
                return _lacking(card, lacks)
            return await _played(card, stage, session, rows, ids)
    except TimeoutError:
        return _result(card, Outcome.FAIL, f"not done within {CARD_S:g} s")
    except Exception as error:
        outcome = Outcome.NOT_SHOWN if stage.base is None else Outcome.FAIL
        return _result(card, outcome, f"cannot connect or disconnect: {type(error).__name__}: {_line(error)}")


async def _played(
    card: Card, stage: Stage, session: Session, rows: Rows, ids: "itertools.count[int]"
) -> Check:
    client: Trader = session.client  # type: ignore[assignment]  # what the card needs of it is there
    has_ledger = stage.base is not None
    rows.ask = None if has_ledger else session.look
    before: Decimal | None = ZERO
    if card.places_orders and not has_ledger:
        before = await session.watch.position(session.instrument.name)
    trial = Trial(
        client, rows, session.instrument, stage.other, ids, session.watch, has_ledger, before, stage.lacks
    )
    try:
        return await _steps(card, trial, session)
    finally:
        if not has_ledger and card.places_orders:
            await _restore(trial)
            if session.settle is not None:
                await session.settle()  # what was refused no longer counts as at stake


async def _steps(card: Card, trial: Trial, session: Session) -> Check:
    try:
        await card.play(trial)
        if trial.has_ledger and await trial.rows.follow(card.events) is None:
            raise FailedError(trial.rows.told(), " → ".join(card.events))
    except SkippedError as skipped:
        return _result(card, Outcome.NOT_SHOWN, str(skipped))
    except FailedError as failed:
        if card.faults and not trial.rows.of(venue.Fault):
            return _result(card, Outcome.NOT_SHOWN, NO_FAULT)
        cited = [row for row in trial.rows.all() if row.where in failed.where]
        cited = cited or trial.rows.own()[-MOST_EVIDENCE:]
        shown = tuple(evidence(row) for row in cited)
        return _result(card, Outcome.FAIL, f"{failed.observed}, not {failed.bound}", shown)
    except GuardError as error:
        return _result(card, Outcome.NOT_SHOWN, f"the guard let no order through: {error}")
    except TimeoutError:
        raise
    except Exception as error:
        shown = tuple(evidence(row) for row in trial.rows.own()[-MOST_EVIDENCE:])
        told = f"the client raised {type(error).__name__}: {session.scrub(_line(error))}"
        return _result(card, Outcome.FAIL, told, shown)
    if card.faults and not trial.rows.of(venue.Fault):
        return _result(card, Outcome.NOT_SHOWN, NO_FAULT)
    if not trial.seen:
        return _result(card, Outcome.NOT_SHOWN, "nothing was there to be seen")
    shown = tuple(dict.fromkeys((*(evidence(row) for row in trial.rows.own()), *trial.shown)))
    return _result(card, Outcome.PASS, "; ".join(dict.fromkeys(trial.seen)), shown[-MOST_EVIDENCE:])


async def _restore(trial: Trial) -> None:
    """Leave a real venue as it was: nothing of the card open, the position what it was before."""
    for ticket in trial.tickets:
        order = await trial.watch.fetch_order(client_order_id=ticket.client_order_id)
        if order is not None and not order.status.is_final:
            await trial.watch.cancel_order(order_id=order.order_id)
    await trial.sync()
    if change := await trial.moved():
        back = trial.ticket(Side.SELL if change > 0 else Side.BUY, None, abs(change))
        await trial.client.create_order(back)
        await trial.ends(back.client_order_id, "filled")


def _lacking(card: Card, lacks: set[str]) -> Check:
    named = " and no ".join(name for name in card.needs if name in lacks)
    return _result(card, Outcome.NOT_SHOWN, f"the client has no {named}")


def _result(card: Card, outcome: Outcome, observed: str, shown: tuple[Evidence, ...] = ()) -> Check:
    return Check(
        f"{NAME}.{card.number}", f"{card.number} {card.title}", outcome, observed, card.passes, shown
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or "no message"


def _row(check: Check, stage: Stage) -> probe.Case:
    return probe.Case(
        venue=stage.venue,
        instrument=stage.instrument,
        name=check.name,
        title=check.title,
        outcome=check.outcome.value,
        observed=check.observed,
        bound=check.bound,
        evidence=tuple(probe.Cited(item.where, item.text) for item in check.evidence),
    )


def _read(case: probe.Case) -> Check:
    shown = tuple(Evidence(cited.where, cited.text) for cited in case.evidence)
    return Check(case.name, case.title, Outcome(case.outcome), case.observed, case.bound, shown)
