"""python -m bench.latency: the latency that `bbo` reports, against a bare socket's. See bench/README.md."""

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from diag.conduct.bbo import NAME
from diag.record import Journal, read
from diag.record.kinds.client import Quote
from probes.embedded import Embedded, embedded
from probes.market.scenario import parse
from probes.opening import at_embedded
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.venue import Grvt

BAR = 0.05  # of p50
DELAYS_MS = (0, 2, 5, 20)  # that the venue adds to an answer
BODY = b'{"instrument":"ETH_USDT_Perp"}'
ASKED = (
    b"POST /full/v1/ticker HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


def bare(port: int) -> None:
    """One exchange for each line of stdin, its latency in ns to stdout: no asyncio, no aiohttp."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in sys.stdin:
            began = time.monotonic_ns()
            connection.sendall(ASKED)
            answer = connection.recv(1 << 16)
            taken = time.monotonic_ns() - began
            head, _, rest = answer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            while len(rest) < length:
                rest += connection.recv(1 << 16)
            json.loads(rest)["result"]
            print(taken, flush=True)


async def turns(
    venue: Embedded[Simulator], other: "subprocess.Popen[str]", journal: Journal, samples: int
) -> list[int]:
    """The bare socket and the probe ask the same venue in turns; returns what the bare socket saw."""
    assert other.stdin is not None
    assert other.stdout is not None
    found = []
    async with at_embedded(Grvt(), venue, journal, "ETH", 1) as (session, _):
        session.begin(env="embedded", probes=(), places_orders=True, has_ledger=True)
        for _ in range(samples):
            other.stdin.write("\n")
            other.stdin.flush()
            found.append(int(other.stdout.readline()))
            await session.query_bbo(NAME, session.client.fetch_bbo)
    return found


def measure(delay_ms: int, samples: int) -> tuple[float, float]:
    """The p50 of the bare socket and of the probe, in ms."""
    text = f'about = "steady"\nexpects = "success"\n[latency]\ndefault = {{ ms = {delay_ms} }}\n'
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "run")
        with (
            Journal(record) as journal,
            embedded(Simulator(parse(text, "steady", "steady"), 1, journal)) as venue,
        ):
            command = [sys.executable, "-m", "bench.latency", "--bare", str(venue.port)]
            pipe = subprocess.PIPE
            with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
                one = asyncio.run(turns(venue, process, journal, samples))
                assert process.stdin is not None
                process.stdin.close()
        quotes = read(record).events(Quote)
        other = [quote.elapsed_ns if quote.wire_ns is None else quote.wire_ns for quote in quotes]
    return median(one) / 1e6, median(other) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=__doc__)
    parser.add_argument("--samples", type=int, default=200, help="exchanges each (default: %(default)s)")
    parser.add_argument("--bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.bare:
        bare(args.bare)
        return 0
    met = True
    print("| delay of the venue | bare socket, p50 | probe, p50 | difference | bar |")
    print("|---|---|---|---|---|")
    for delay_ms in DELAYS_MS:
        one, other = measure(delay_ms, args.samples)
        apart = (other - one) / one
        met = met and (abs(apart) <= BAR or not delay_ms)
        bar = f"{BAR:.0%}" if delay_ms else "none"
        print(f"| {delay_ms} ms | {one:.3f} ms | {other:.3f} ms | {apart:+.1%} | {bar} |")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
