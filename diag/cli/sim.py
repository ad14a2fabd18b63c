"""`diag sim`: a simulated venue on its own, for clients in any language."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from probes.venue import Simulator, Venue

STEP_MS = 200  # between two moves of the market


def sim(
    venue: Annotated[
        str, typer.Argument(metavar="VENUE", help="The venue; a wrong name lists them.", show_default=False)
    ],
    scenario: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="How market and network behave; see docs/scenarios.md.")
    ] = "calm",
    seed: Annotated[int, typer.Option(min=0, help="Decides the market and the credentials.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen on 127.0.0.1; 0 is any free port.")
    ] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS, with a throw-away CA.")] = False,
    record: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the ledger of the venue in this folder.")
    ] = None,
) -> int:
    """Run a simulated venue until Ctrl-C. It serves this machine only and takes no real credentials.

    The market moves by itself, and one step for each request.
    """
    import asyncio
    from tempfile import TemporaryDirectory

    from diag.cli.ending import OK, interruptible
    from diag.cli.extra import require_probe_extra
    from diag.config import ConfigError
    from diag.record import Journal, RecordError
    from probes import venue as registry
    from probes.market.scenario import ScenarioError, load

    found = registry.load(venue)
    require_probe_extra()
    try:
        chosen = load(scenario, found.wire_names)
        interruptible()
        with (
            TemporaryDirectory(prefix="diag-sim-") as folder,
            Journal(record) as journal,
        ):
            simulator = found.simulator(chosen, seed, journal, step_ms=STEP_MS)
            asyncio.run(_serve(found, simulator, seed, port, Path(folder) if tls else None))
    except ScenarioError as error:
        raise ConfigError(str(error).splitlines()) from None
    except RecordError as error:
        raise ConfigError([str(error)]) from None
    except OSError as error:
        raise ConfigError([f"127.0.0.1:{port}: cannot listen: {error.strerror or error}"]) from None
    return OK


async def _serve(venue: "Venue", simulator: "Simulator", seed: int, port: int, tls: Path | None) -> None:
    """Listen until SIGINT, SIGTERM or SIGQUIT, or until the terminal goes.

    With `tls`, the certificate of the CA goes to that folder.
    """
    import asyncio
    import signal
    from contextlib import suppress

    context, ca_file = None, None
    if tls is not None:
        from probes.tls import issue

        certificates = issue(venue.hosts)
        context, ca_file = certificates.server, certificates.write_ca(tls / "ca.pem")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError):  # Windows: Ctrl-C interrupts the loop itself
            loop.add_signal_handler(getattr(signal, name), stop.set)
    try:
        bound = await simulator.start("127.0.0.1", port, context)
        _announce(venue, simulator, seed, bound, ca_file)
        await stop.wait()
    finally:
        await simulator.close()
    with suppress(OSError):  # the terminal may be gone
        sys.stdout.write("ended\n")


def _announce(venue: "Venue", simulator: "Simulator", seed: int, port: int, ca_file: Path | None) -> None:
    """Where it listens and how a client gets there."""
    url = f"{'https' if ca_file else 'http'}://127.0.0.1:{port}"
    variables = dict(simulator.accounts[0].variables)
    if ca_file is not None:
        variables |= {"SSL_CERT_FILE": str(ca_file), "REQUESTS_CA_BUNDLE": str(ca_file)}
    lines = [
        f"A simulated {venue.title} listens on {url} (scenario {simulator.scenario.name}, seed {seed}).",
        venue.about,
        "",
        "Credentials that are worth nothing anywhere else; they depend on the seed alone:",
        *(f"  export {name}={value}" for name, value in variables.items()),
        "",
        f"A client with configurable addresses: {url} stands for every host of the venue.",
        f"A client with fixed host names: `diag run --sim {venue.name}` re-routes them; or use --tls and",
        f"re-route them yourself ({', '.join(venue.hosts[:3])}).",
        "Ctrl-C ends it.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
