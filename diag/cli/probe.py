"""`diag probe`: run probes against a venue and judge them by its ledger."""

import os
import re
import signal
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from diag.bounds import Bounds
    from diag.cli.outputs import Target
    from diag.cli.probing import Ended, Request
    from diag.report.checks import Report
    from probes.user_client import Subject
    from probes.venue import Access, Venue

EMBEDDED = "embedded"
EVERY = "all"  # shipped scenarios, as --scenario names them
DEFAULT_PROBES = ("bbo", "iterative_order")
PROBES = (*DEFAULT_PROBES, "order_lifecycle")
ARMED_BY = "DIAG_ARM_ORDERS"  # must name the environment for --yes to stand for the typed confirmation


def probe(
    venue: Annotated[
        str, typer.Argument(metavar="VENUE", help="The venue; a wrong name lists them.", show_default=False)
    ],
    ticker: Annotated[
        str,
        typer.Option(metavar="TICKER", help="The instrument, by base currency or name.", show_default=False),
    ],
    env: Annotated[
        str, typer.Option(metavar="ENV", help="embedded (simulated, on this machine), testnet or prod.")
    ] = EMBEDDED,
    probes: Annotated[
        list[str] | None,
        typer.Option(
            "--probe",
            metavar="NAME",
            help="bbo, iterative_order or order_lifecycle. May be repeated. Default: the first two.",
        ),
    ] = None,
    samples: Annotated[int, typer.Option(metavar="N", help="How often to ask for the BBO.")] = 50,
    size: Annotated[str, typer.Option(metavar="SIZE", help="What to buy, in base units.")] = "0.5",
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How the embedded venue behaves: a name, a .toml file, or all. Default: calm.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Of the embedded venue. Default: 1.")
    ] = None,
    duration: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Spread the samples over this time. 0: one after the other."),
    ] = 0,
    bound: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A bound, as in [tool.diag.probe]. May be repeated."),
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:CLASS",
            help="Your own client, as imported here. Default: the reference client.",
        ),
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How to drive --client where no profile fits it.")
    ] = None,
    python: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Interpreter or environment of --client.")
    ] = None,
    allow_real_credentials: Annotated[
        bool, typer.Option("--allow-real-credentials", help="Simulate although credentials look real.")
    ] = False,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT[:FILE]",
            help="full, concise, json, junit or github; to FILE, else to stdout. May be repeated.",
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the run record goes. Default: a new folder in .diag_runs."),
    ] = None,
    arm_orders: Annotated[
        bool, typer.Option("--arm-orders", help="Place real orders on testnet or prod; buys, then sells.")
    ] = False,
    max_notional: Annotated[
        str | None,
        typer.Option(
            metavar="AMOUNT", help="The most that may be at stake, in quote units. With --arm-orders."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help=f"Confirm --arm-orders; takes {ARMED_BY}=ENV in the environment.")
    ] = False,
) -> int:
    """Hold an exchange client against what the venue knows.

    Fetches the BBO, works an order in small steps, and judges both by the venue's own ledger. Without
    --env, the venue is a simulation on this machine.
    """
    from diag.cli import outputs
    from diag.cli.ending import FINDINGS, INCONCLUSIVE, interruptible, signalled
    from diag.cli.extra import require_probe_extra
    from diag.cli.records import new_folder, outcome_code
    from diag.config import ConfigError, load_bounds
    from diag.record import EVENTS, RecordError
    from diag.report import checks as reports
    from diag.report.style import complain

    targets = outputs.parse(output or [], reports.FORMATS)
    root, bounds = load_bounds(bound or [])
    require_probe_extra()
    from diag.cli import probing

    request = _request(
        venue, ticker, env, probes or [], samples, size, scenario, seed, duration, arm_orders, max_notional
    )
    if client is None:
        alone = {"--adapter": adapter, "--python": python, "--allow-real-credentials": allow_real_credentials}
        errors = [f"{option} goes with --client; give that, too" for option, value in alone.items() if value]
        if errors:
            raise ConfigError(errors)
    else:
        subject = _subject(request.venue, client, adapter, python, env, allow_real_credentials)
        request = replace(request, subject=subject)
    if yes and not arm_orders:
        raise ConfigError(["--yes confirms --arm-orders; give that, too"])
    if arm_orders:
        _confirm(request, yes)
    folder = record or new_folder(root, f"{request.venue.name}-{request.env}-{request.ticker}")
    read = [folder / EVENTS, *(Path(file) for file in (scenario, adapter, python) if file)]
    outputs.spare(targets, read)
    interruptible()
    if scenario == EVERY:
        return _every_scenario(request, folder, bounds, targets)
    try:
        report, ended = _judged(request, folder, bounds)
    except RecordError as error:
        raise ConfigError([f"--record: {error}"]) from error
    except probing.UnfitError as error:
        raise ConfigError([str(error)]) from error
    except probing.NothingShownError as error:
        complain(str(error), sys.stderr, "nothing shown")
        return INCONCLUSIVE
    if ended.signal:
        targets = [target for target in targets if target.format not in outputs.HUMAN]
    machine, errors = outputs.deliver(
        targets, lambda name: reports.lines(name, report), lambda name: reports.text(name, report)
    )
    if ended.signal:
        return signalled(ended.signal)
    below = [*reports.summary(report.checks), ("  record: ", "dim"), (folder.as_posix(), "")]
    outputs.say([below], human=not machine)
    if errors:
        raise ConfigError(errors)
    if ended.problems:
        return FINDINGS
    return outcome_code(report.checks)


def _judged(request: "Request", folder: Path, bounds: "Bounds") -> "tuple[Report, Ended]":
    """Run it and judge it. Raises what `probing.run` does, and RecordError."""
    from diag.cli import probing
    from diag.record import Journal
    from diag.report.checks import Report
    from diag.report.live import Live
    from diag.report.style import complain

    ended = probing.Ended()
    began_s, began = time.time(), time.monotonic()
    with Journal(folder) as journal:
        try:
            with Live(journal, _title(request), sys.stderr):
                probing.run(request, journal, bounds, ended)
        finally:
            for line in ended.problems:
                complain(line, sys.stderr)
        checks = probing.judge(journal, bounds)
    judged: dict[str, str | int | None] = {**ended.subject, "record": folder.as_posix()}
    if ended.problems:
        judged["left"] = "; ".join(ended.problems)
    if ended.signal:
        judged["signal"] = signal.Signals(ended.signal).name
    return Report(judged, tuple(checks), began_s, time.monotonic() - began), ended


def _every_scenario(request: "Request", folder: Path, bounds: "Bounds", targets: "list[Target]") -> int:
    """Run all shipped scenarios, one after the other, and judge each by what it expects."""
    from diag.cli import outputs, probing
    from diag.cli.ending import FINDINGS, signalled
    from diag.cli.records import outcome_code
    from diag.conduct.expected import verdicts
    from diag.config import ConfigError
    from diag.record import RecordError
    from diag.report import checks as reports
    from diag.verdict import Check, Outcome
    from probes.market.scenario import load, names

    runs: list[Report] = []
    ended = probing.Ended()
    for scenario in map(load, names()):
        one, within = replace(request, scenario=scenario), folder / scenario.name
        try:
            report, ended = _judged(one, within, bounds)
        except RecordError as error:
            raise ConfigError([f"--record: {error}"]) from error
        except probing.UnfitError as error:
            raise ConfigError([str(error)]) from error
        except probing.NothingShownError as error:
            expects = scenario.expects.replace("_", " ")
            nothing = Check(f"{scenario.name}.run", "run", Outcome.NOT_SHOWN, str(error), expects)
            runs.append(reports.Report({"scenario": scenario.name}, (nothing,), time.time()))
            continue
        judged = verdicts(scenario.name, scenario.expects, report.checks)
        runs.append(replace(report, checks=tuple(judged)))
        if ended.signal:
            targets = [target for target in targets if target.format not in outputs.HUMAN]
            break
    checks = [check for run in runs for check in run.checks]
    left = [str(run.subject["left"]) for run in runs if "left" in run.subject]
    subject: dict[str, str | int | None] = {
        **runs[-1].subject,
        "scenario": EVERY,
        "record": folder.as_posix(),
        **({"left": "; ".join(left)} if left else {}),
    }
    whole = reports.Report(subject, tuple(checks), runs[0].began_s, sum(run.took_s for run in runs))
    machine, errors = outputs.deliver(
        targets,
        lambda name: reports.matrix(checks) if name == "full" else reports.lines(name, whole),
        lambda name: reports.junit(runs) if name == "junit" else reports.text(name, whole),
    )
    if ended.signal:
        return signalled(ended.signal)
    below = [*reports.summary(checks), (f"  {whole.took_s:.0f} s  record: ", "dim"), (folder.as_posix(), "")]
    outputs.say([below], human=not machine)
    if errors:
        raise ConfigError(errors)
    return FINDINGS if left else outcome_code(checks)


def _request(
    venue: str,
    ticker: str,
    env: str,
    probes: list[str],
    samples: int,
    size: str,
    scenario: str | None,
    seed: int | None,
    duration: float,
    arm_orders: bool,
    max_notional: str | None,
) -> "Request":
    """The options, checked; raises ConfigError with everything that is wrong with them."""
    from diag.cli.probing import Request
    from diag.config import ConfigError, nearest
    from probes.market.operations import NO_NAMES
    from probes.market.scenario import DEFAULT, Scenario, ScenarioError
    from probes.market.scenario import load as load_scenario

    errors: list[str] = []
    found = _venue(venue, errors)
    envs = (EMBEDDED, *(found.environments if found else ()))
    for what, value, known in (
        *((("--env: unknown environment", env, envs),) if found else ()),
        *(("--probe: unknown probe", name, PROBES) for name in probes),
    ):
        if value not in known:
            errors.append(f'{what} "{value}"{nearest(value, known) or "; known are " + ", ".join(known)}')
    loaded: Scenario | None = None
    if env == EMBEDDED:
        if arm_orders or max_notional is not None:
            errors.append(
                "--arm-orders and --max-notional are for --env testnet or prod; nothing to arm here"
            )
        try:
            chosen = DEFAULT if scenario in (None, EVERY) else scenario
            loaded = load_scenario(chosen or DEFAULT, found.wire_names if found else NO_NAMES)
        except ScenarioError as error:
            errors += [f"--scenario: {line}" for line in str(error).splitlines()]
    else:
        errors += [
            f"{option} is of the embedded venue; leave it out with --env {env}"
            for option, value in (("--scenario", scenario), ("--seed", seed))
            if value is not None
        ]
    if samples < 1:
        errors.append("--samples: must be 1 or more")
    if not 0 <= duration < 86400:
        errors.append("--duration: must be between 0 and 86400 seconds")
    amount = _amount("--size", size, errors)
    notional = None if max_notional is None else _amount("--max-notional", max_notional, errors)
    access = None
    if env in envs[1:]:
        if arm_orders != (max_notional is not None):
            errors.append("--arm-orders and --max-notional go together: neither places orders alone")
        if "iterative_order" in probes and not arm_orders:
            errors.append(
                f"--probe iterative_order on {env} places orders: give --arm-orders --max-notional AMOUNT"
            )
        if found:
            access = _access(found, env, arm_orders, errors)
    if errors or found is None:
        raise ConfigError(errors)
    return Request(
        venue=found,
        ticker=ticker,
        env=env,
        probes=tuple(dict.fromkeys(probes)) or DEFAULT_PROBES,
        samples=samples,
        size=amount,
        duration_s=duration,
        scenario=loaded,
        seed=1 if seed is None else seed,
        access=access,
        max_notional=notional,
    )


def _venue(name: str, errors: list[str]) -> "Venue | None":
    from probes.venue import VenueError, load

    try:
        return load(name)
    except VenueError as error:
        errors += error.errors
        return None


def _subject(
    venue: "Venue",
    client: str,
    adapter: Path | None,
    python: Path | None,
    env: str,
    allow_real_credentials: bool,
) -> "Subject":
    """The client under test, as the options name it; raises ConfigError."""
    from diag.cli.outputs import unreadable
    from diag.config import ConfigError
    from diag.observe.command import CommandError, interpreter_for
    from diag.observe.secrets import around, in_environment
    from probes.credentials import RealCredentialsError, refuse_real
    from probes.user_client import Subject
    from probes.venue import SHIPPED

    folder = Path.cwd()
    module, colon, name = client.partition(":")
    if not (module and colon and name):
        raise ConfigError([f'--client: "{client}" is not MODULE:CLASS, as in exchanges.venue:Client'])
    if env != EMBEDDED:
        raise ConfigError([f"--client: your own client runs against the embedded venue only, not on {env}"])
    if adapter is not None and not adapter.is_file():
        raise ConfigError([f"--adapter: {adapter}: no such file"])
    if adapter is not None and (why := unreadable(adapter)):
        raise ConfigError([f"--adapter: {adapter}: {why[0]}"])
    try:
        if not allow_real_credentials:
            refuse_real([*in_environment(os.environ), *around([folder])], [*SHIPPED, venue.name])
        return Subject(
            client, adapter.absolute() if adapter else None, interpreter_for(python, folder), folder
        )
    except (CommandError, RealCredentialsError) as error:
        raise ConfigError([str(error)]) from None


def _amount(option: str, text: str, errors: list[str]) -> Decimal:
    """Only what nobody misreads, and what arithmetic of 28 digits takes: no 1e3, no 1_000."""
    amount = Decimal(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text) else Decimal(0)
    if not amount:
        errors.append(f'{option}: "{text}" is not a positive number, as in 0.5')
    return amount


def _access(venue: "Venue", env: str, arm_orders: bool, errors: list[str]) -> "Access | None":
    """With the user's credentials where orders are armed, else without any."""
    from probes.credentials import CredentialsError, load

    try:
        found = load(venue.variables) if arm_orders else None
        if arm_orders and found is None:
            names = ", ".join(variable.name for variable in venue.variables)
            errors.append(f"credentials: set {names} in the environment or in .env")
            return None
        return venue.at_real(env, found)
    except CredentialsError as error:
        errors.append(f"credentials: {error}")
        return None


def _confirm(request: "Request", yes: bool) -> None:
    """Raises ConfigError unless the user says so, by typing the ticker or by --yes with ARMED_BY."""
    from diag.config import ConfigError

    if yes:
        if os.environ.get(ARMED_BY) != request.env:
            raise ConfigError([f"--yes: takes {ARMED_BY}={request.env} in the environment"])
        return
    if not sys.stdin.isatty():
        raise ConfigError([f"--arm-orders: confirm on a terminal, or by --yes with {ARMED_BY}={request.env}"])
    does = {
        "iterative_order": f"buys {request.size}, then sells it again",
        "order_lifecycle": "runs cases that buy, sell and cancel, dozens of orders in all",
    }
    effect = " and ".join(does[name] for name in request.probes if name in does) or "none, for bbo only reads"
    sys.stderr.write(
        f"This places real orders of {request.ticker} on {request.env}: {effect}, "
        f"with up to {request.max_notional} at stake.\nType {request.ticker} to go on: "
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip() != request.ticker:
        raise ConfigError(["--arm-orders: not confirmed; nothing was sent"])


def _title(request: "Request") -> str:
    title = f"{request.venue.name} {request.env} · {request.ticker}"
    return f"{title} · {request.scenario.name} · seed {request.seed}" if request.scenario else title
