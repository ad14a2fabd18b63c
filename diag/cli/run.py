"""`diag run`: a whole program under observation, with simulated venues or with whatever it talks to."""

import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from diag.record.kinds.child import Expected


def run(
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND...", help="As in: -- python bot.py --ticker ETH")
    ],
    sim: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VENUE",
            help="Simulate this venue, refuse all else. May be repeated. Without: nothing is re-routed.",
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="How the simulated market and network behave. Default: calm."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Decides the simulated market. Default: 1.")] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Stop the program after this time.")
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Variables for the program, as in a .env file.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the run record goes. Default: in .diag_runs."),
    ] = None,
    python: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Interpreter or environment of the program.")
    ] = None,
    stall_ms: Annotated[
        float, typer.Option(min=1, help="From when on a held-up event loop counts as a stall.")
    ] = 50.0,
    allow_real_credentials: Annotated[
        bool, typer.Option("--allow-real-credentials", help="Simulate although credentials look real.")
    ] = False,
    bound: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A bound, as in [tool.diag.probe]. May be repeated."),
    ] = None,
    expect_orders: Annotated[
        bool, typer.Option("--expect-orders", help="With --sim: a run without any order shows nothing.")
    ] = False,
    expect_position: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[INSTRUMENT=]SIZE",
            help="With --sim: the signed position at the end, in base units. May be repeated.",
        ),
    ] = None,
    max_position: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[INSTRUMENT=]SIZE",
            help="With --sim: the largest position at any time, long or short. May be repeated.",
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", metavar="FORMAT[:FILE]", help="full, concise, json, junit, github."),
    ] = None,
) -> int:
    """Run a program, unmodified, and say what it did and hid: wrong awaits, swallowed errors, stalls.

    Exit code: 0 all passed, 1 something failed, 2 wrong usage, 3 something was not shown, 128 + N ended by
    signal N.
    """
    import asyncio
    import math
    import time

    from diag.cli import outputs
    from diag.cli.ending import interruptible, signalled
    from diag.cli.extra import require_probe_extra
    from diag.cli.records import new_folder, outcome_code
    from diag.config import ConfigError, load_bounds
    from diag.observe.command import CommandError
    from diag.record import EVENTS, Journal, RecordError
    from diag.report import checks as reports
    from diag.report.style import complain
    from probes.venue import VenueError, load

    targets = outputs.parse(output or [], reports.FORMATS)
    root, bounds = load_bounds(bound or [])
    errors: list[str] = []
    venues = []
    for name in dict.fromkeys(sim or []):
        try:
            venues.append(load(name))
        except VenueError as error:
            errors += [f"--sim: {line}" for line in error.errors]
    if not sim:
        alone = {"--scenario": scenario, "--seed": seed, "--allow-real-credentials": allow_real_credentials}
        errors += [
            f"{option} is of a simulated venue; give --sim VENUE, or leave it out"
            for option, value in alone.items()
            if value not in (None, False)
        ]
    errors += [
        f"{option}: must be a number of {unit}, not {value}"
        for option, unit, value in (
            ("--timeout", "seconds", timeout),
            ("--stall-ms", "milliseconds", stall_ms),
        )
        if value is not None and not math.isfinite(value)
    ]
    if env_file is not None:
        errors += [f"--env-file: {env_file}: {why}" for why in outputs.unreadable(env_file)]
    expected = _expected(expect_orders, expect_position or [], max_position or [], errors)
    if expected and not sim:
        errors.append("--expect-orders, --expect-position and --max-position: give --sim VENUE with them")
    if errors:
        raise ConfigError(errors)
    require_probe_extra()
    from diag.cli import observing

    try:
        request = observing.Request(
            venues=tuple(venues),
            command=tuple(command),
            folder=Path.cwd(),
            python=python,
            env_file=env_file,
            scenario=observing.load_scenario(scenario or "calm", venues) if venues else None,
            seed=1 if seed is None else seed,
            timeout_s=timeout,
            stall_ms=stall_ms,
            allow_real_credentials=allow_real_credentials,
            expected=expected,
        )
        folder = record or new_folder(root, "run")
        read = [Path(word) for word in command if len(word) < 1024]
        read += [folder / EVENTS, *(path for path in (env_file, python) if path)]
        outputs.spare(targets, [*read, *([Path(scenario)] if scenario else [])])
        began_s, began = time.time(), time.monotonic()
        interruptible()
        with Journal(folder) as journal:
            ran = asyncio.run(observing.run(request, journal, keeps_stdout=outputs.is_for_machine(targets)))
            checks = observing.judge(journal, bounds)
    except (CommandError, RecordError, observing.RefusedError) as error:
        raise ConfigError(str(error).splitlines()) from None
    subject: dict[str, str | int | None] = {"command": ran.command, "ended": ran.ended.how}
    subject |= {"exit_code": ran.ended.code, "record": folder.as_posix()}
    if venues:
        subject |= {
            "venue": ", ".join(venue.name for venue in venues),
            "scenario": request.scenario.name if request.scenario else None,
            "seed": request.seed,
        }
    left = observing.left(ran.standings)
    if ran.ended.signal:
        subject["signal"] = signal.Signals(ran.ended.signal).name
        if left:
            subject["left"] = left
    report = reports.Report(subject, tuple(checks), began_s, time.monotonic() - began)
    machine, errors = outputs.deliver(
        targets, lambda name: reports.lines(name, report), lambda name: reports.text(name, report)
    )
    outputs.say(observing.summary(ran), human=not machine)
    below = [*reports.summary(checks), ("  record: ", "dim"), (folder.as_posix(), "")]
    outputs.say([below], human=not machine)
    if errors:
        raise ConfigError(errors)
    if ran.ended.signal:
        if left:
            complain(f"left behind: {left}", sys.stderr)
        return signalled(ran.ended.signal)
    return outcome_code(checks)


def _expected(
    orders: bool, positions: list[str], most: list[str], errors: list[str]
) -> "tuple[Expected, ...]":
    """What the user expects, as it goes into the record."""
    from decimal import Decimal

    from diag.record.kinds.child import Expected

    expected = [Expected(orders=True)] if orders else []
    for option, texts in (("--expect-position", positions), ("--max-position", most)):
        sign = "-?" if option == "--expect-position" else ""
        for text in texts:
            found = re.fullmatch(rf"(?:([^=\s]+)=)?({sign}[0-9]{{1,12}}(?:\.[0-9]{{1,12}})?)", text)
            if found is None:
                errors.append(f'{option}: "{text}" is not SIZE or INSTRUMENT=SIZE, as in 0.5')
            elif option == "--expect-position":
                expected.append(Expected(instrument=found[1], position=Decimal(found[2])))
            else:
                expected.append(Expected(instrument=found[1], max_position=Decimal(found[2])))
    return tuple(expected)
