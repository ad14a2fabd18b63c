"""One run of probes against one venue: opened, watched, cleaned up after, whatever ends it."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from diag.bounds import Bounds
from diag.conduct.bbo import NAME as BBO
from diag.conduct.iterative_order import NAME as ITERATIVE_ORDER
from diag.conduct.judge import judge as conduct
from diag.conduct.judges import JUDGES
from diag.conduct.lifecycle import NAME as ORDER_LIFECYCLE
from diag.observe.command import Command
from diag.observe.run import Run
from diag.observe.scrub import Scrubber
from diag.observe.secrets import around
from diag.record import Journal, RecordError
from diag.record.kinds.probe import Left
from diag.verdict import Check
from probes import bbo, guard, iterative_order, opening
from probes.client import OrderPlan
from probes.embedded import embedded
from probes.failures import ClientError, NoAnswerError, RefusedError, UnreachableError
from probes.guard import Guard
from probes.lifecycle import order_lifecycle
from probes.market.order import Instrument, Side
from probes.session import Session
from probes.simulation import simulated
from probes.user_client import Subject, UserClientError, user_client

if TYPE_CHECKING:
    from probes.market.scenario import Scenario
    from probes.venue import Access, Venue


CLOCK_S = 1.0  # how far the clocks may be apart, with the way of the answer


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run. `scenario` is None on a venue that is not simulated, `access` on one that is."""

    venue: "Venue"
    ticker: str
    env: str
    probes: tuple[str, ...]
    samples: int
    size: Decimal
    duration_s: float
    scenario: "Scenario | None"
    seed: int
    access: "Access | None"
    max_notional: Decimal | None  # None: orders are not armed
    subject: Subject | None = None  # the user's own client; None: the reference client

    @property
    def places_orders(self) -> bool:
        return self.scenario is not None or self.max_notional is not None


class UnfitError(Exception):
    """A request that the venue cannot take: one line."""


class NothingShownError(Exception):
    """The run ended before there was anything to judge: one line."""


@dataclass(slots=True)
class Ended:
    """How a run ended. `problems` is what is not at the venue as it was before; each is one line."""

    problems: tuple[str, ...] = ()
    signal: int = 0  # that ended it, if one did
    limit: threading.Timer | None = None  # of the way out, from then on
    subject: dict[str, str | int | None] = field(default_factory=dict)


def run(request: Request, journal: Journal, bounds: Bounds, ended: Ended) -> None:
    """Run the probes; `ended` is filled in even when this raises.

    Raises UnfitError and NothingShownError. A signal ends it after all is cleaned up, and only then.
    """
    try:
        asyncio.run(_run(request, journal, bounds, ended))
    except asyncio.CancelledError:
        if not ended.signal:
            raise
    except (UnreachableError, NoAnswerError) as error:
        raise NothingShownError(f"{request.env}: {error}") from None
    except RefusedError as error:
        if error.status in (401, 403):
            raise UnfitError(f"{request.env}: the venue refused the credentials: {error}") from None
        raise NothingShownError(f"{request.env}: {error}") from None
    except opening.UnknownTickerError as error:
        raise UnfitError(str(error)) from None
    except ClientError as error:
        raise NothingShownError(f"{request.env}: {error}") from None
    except UserClientError as error:
        raise NothingShownError(f"--client: {error}") from None
    finally:
        if ended.limit is not None:
            ended.limit.cancel()


async def _run(request: Request, journal: Journal, bounds: Bounds, ended: Ended) -> None:
    _end_on_signals(ended, journal)
    async with _opened(request, request.scenario, journal) as (session, watching_guard):
        _fit(request.size, session.instrument)
        ended.subject = {
            "venue": request.venue.name,
            "env": request.env,
            "client": request.subject.client if request.subject else "reference",
            "instrument": session.instrument.name,
            "scenario": request.scenario.name if request.scenario else None,
            "seed": request.seed if request.scenario else None,
        }
        session.begin(
            env=request.env,
            probes=request.probes,
            places_orders=request.places_orders,
            has_ledger=request.scenario is not None,
            client=request.subject.client if request.subject else None,
            scenario=request.scenario.name if request.scenario else None,
            seed=request.seed if request.scenario else None,
        )
        try:
            if request.scenario is None:
                await _same_time(session)
            if request.places_orders:
                await watching_guard.begin()
            if BBO in request.probes:
                await bbo.run(session, request.samples, request.duration_s)
            if ITERATIVE_ORDER in request.probes and request.places_orders:
                await iterative_order.run(
                    session, Side.BUY, request.size, bounds, unwind=request.scenario is None
                )
            if ORDER_LIFECYCLE in request.probes:
                await order_lifecycle.run_cases(_factory(request, journal, session), journal)
        finally:
            ended.problems = await watching_guard.end()
            if ended.problems:
                with contextlib.suppress(RecordError):
                    journal.append(
                        Left(
                            venue=request.venue.name,
                            instrument=session.instrument.name,
                            problems=ended.problems,
                        )
                    )


def _end_on_signals(ended: Ended, journal: Journal) -> None:
    """Cancel this task on Ctrl-C, on SIGTERM and SIGQUIT, and when the terminal goes.

    A second Ctrl-C would break off the way out, with orders open, if it were left to asyncio.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop(number: int) -> None:
        if not ended.signal:
            ended.signal = number
            ended.limit = threading.Timer(guard.WAY_OUT_S, _give_up, (number, journal))
            ended.limit.daemon = True
            ended.limit.start()
            task.cancel()
        else:
            with contextlib.suppress(OSError):  # the terminal may be gone
                sys.stderr.write(
                    f"diag: cancelling what is open; this takes {guard.WAY_OUT_S:.0f} s at most\n"
                )

    for name in ("SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"):
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
            loop.add_signal_handler(number := getattr(signal, name), stop, number)


def _give_up(number: int, journal: Journal) -> None:
    """The way out takes longer than was promised: what hangs is left hanging, and is said."""
    with contextlib.suppress(OSError):
        sys.stderr.write(
            f"diag: error: not done in {guard.WAY_OUT_S:.0f} s: whether anything is left open is not known; "
            f"the record names the orders: {journal.folder}\n"
        )
        sys.stderr.flush()
    with contextlib.suppress(RecordError):
        journal.flush()
    os._exit(128 + number)


def _factory(request: Request, journal: Journal, session: Session) -> order_lifecycle.VenueFactory:
    """Where cases are run: at a new simulated venue each, or in this session at a real one."""

    @contextlib.asynccontextmanager
    async def opened(scenario: "Scenario | None") -> AsyncIterator[Session]:
        if scenario is None:
            yield session
            return
        async with _opened(request, scenario, journal) as (new, _):
            yield new

    other = session.others[0] if session.others else None
    return order_lifecycle.VenueFactory(
        session.venue,
        session.instrument.name,
        opened,
        request.scenario,
        request.venue.client_order_ids,
        session.lacks,
        other,
        armed=request.places_orders,
    )


@contextlib.asynccontextmanager
async def _opened(
    request: Request, scenario: "Scenario | None", journal: Journal
) -> AsyncIterator[tuple[Session, Guard]]:
    if scenario is None:
        assert request.access is not None
        async with opening.at_real(
            request.venue, request.access, journal, request.ticker, request.max_notional
        ) as opened:
            yield opened
        return
    if request.subject is not None:
        async with _with_user_client(request, scenario, request.subject, journal) as opened:
            yield opened
        return
    with embedded(request.venue.simulator(scenario, request.seed, journal)) as running:
        async with opening.at_embedded(
            request.venue, running, journal, request.ticker, request.seed
        ) as opened:
            yield opened


@contextlib.asynccontextmanager
async def _with_user_client(
    request: Request, scenario: "Scenario", subject: Subject, journal: Journal
) -> AsyncIterator[tuple[Session, Guard]]:
    """The user's own client in the user's interpreter, its host names re-routed to the embedded venue."""
    with simulated([request.venue], scenario, request.seed, journal, free_running=False) as venues:
        running = venues.venues[request.venue.name]
        listed = running.simulator.exchange.instruments.values()
        instrument = opening.instrument_of(request.venue, request.ticker, listed)
        plan = OrderPlan(instrument.name, Side.BUY, request.size, instrument.tick_size)
        environment = {**os.environ, **venues.environment}
        scrubber = Scrubber(environment, around([subject.folder]))

        def observe(command: Command) -> Run:
            return Run(
                command,
                subject.folder,
                environment,
                [subject.folder],
                journal,
                scrubber,
                simulation=venues.simulation,
                foreground=False,
            )

        async with (
            user_client(subject, request.venue.adapters, request.ticker, plan, scrubber, observe) as client,
            opening.at_embedded(
                request.venue, running, journal, request.ticker, request.seed, lambda _: client
            ) as opened,
        ):
            yield opened


async def _same_time(session: Session) -> None:
    """Raises NothingShownError if the venue stamps its quotes in what is the future here."""
    ahead_s = ((await session.view.fetch_bbo(session.instrument.name)).utc_ns - time.time_ns()) / 1e9
    if ahead_s > CLOCK_S:
        raise NothingShownError(
            f"the clock of this machine is {ahead_s:.1f} s behind the venue's: set it (NTP), and try again"
        )


def _fit(size: Decimal, instrument: Instrument) -> None:
    if size < instrument.min_size:
        raise UnfitError(
            f"--size: {size} is below the minimum size {instrument.min_size} of {instrument.name}"
        )
    if size % instrument.size_step:
        raise UnfitError(
            f"--size: {size} is not a multiple of {instrument.size_step}, the step of {instrument.name}"
        )


def judge(journal: Journal, bounds: Bounds) -> list[Check]:
    """The checks of what the record holds: of the probes that were asked for, and of the program observed."""
    return conduct(journal, bounds, JUDGES)
