"""python -m bench.simulator: throughput and memory of the simulator of GRVT. See bench/README.md."""

import argparse
import asyncio
import itertools
import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.simulator.load import Load, post, send
from probes.venues.grvt.instruments import ASSETS
from probes.venues.grvt.signing import Wallet, sign_order

ROOT = Path(__file__).resolve().parents[2]
ETH = "ETH_USDT_Perp"
CHAIN = 325
BARS = {"ticker": 0.8, "book": 0.8, "order, not filled": 0.25, "order, filled": 0.25}
VENUES = {
    "calm": "The calm scenario: the order flow trades now and then",
    "rest": "A market at rest: nobody trades but the client",
}
SAMPLES = 20  # of memory in a run


@dataclass(frozen=True, slots=True)
class Server:
    process: "subprocess.Popen[str]"
    port: int
    credentials: dict[str, str]

    def load(self, requests: list[bytes]) -> tuple[Load, float]:
        """What came of a load, and the processor time that a request took of the server, in seconds."""
        before = self._used_s()
        load = asyncio.run(send(self.port, iter(requests)))
        return load, (self._used_s() - before) / load.answered

    def _used_s(self) -> float:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextmanager
def server(*arguments: str) -> Iterator[Server]:
    """A server in a process of its own (`bench.simulator.serve`), ended with the block."""
    command = [sys.executable, "-m", "bench.simulator.serve", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield Server(process, ready.pop("port"), ready)
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


class Requests:
    """Makes requests to a venue; orders are signed beforehand, so that their signing is not timed."""

    def __init__(self, venue: Server) -> None:
        self._venue = venue
        self._wallet = Wallet(venue.credentials["private_key"])
        self._numbers = itertools.count(1)
        login = urllib.request.Request(
            f"http://127.0.0.1:{venue.port}/auth/api_key/login",
            json.dumps({"api_key": venue.credentials["api_key"]}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(login) as answer:
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
            account = answer.headers["X-Grvt-Account-Id"]
        self._session = f"Cookie: {cookie}\r\nX-Grvt-Account-Id: {account}\r\n"

    def of(self, kind: str, count: int) -> list[bytes]:
        if kind == "ticker":
            return [post("/full/v1/ticker", f'{{"instrument":"{ETH}"}}'.encode())] * count
        if kind == "book":
            return [post("/full/v1/book", f'{{"instrument":"{ETH}","depth":10}}'.encode())] * count
        return [self._order(filled=kind == "order, filled") for _ in range(count)]

    def _order(self, *, filled: bool) -> bytes:
        """A market order, each the other way round; or one far from the market, cancelled at once."""
        number = next(self._numbers)
        leg = {"instrument": ETH, "size": "0.1", "is_buying_asset": bool(number % 2) or not filled}
        order = {
            "sub_account_id": self._venue.credentials["sub_account_id"],
            "is_market": filled,
            "time_in_force": "IMMEDIATE_OR_CANCEL",
            "post_only": False,
            "reduce_only": False,
            "legs": [leg if filled else {**leg, "limit_price": "2500.5"}],
            "signature": {"nonce": number, "expiration": str(time.time_ns() + 3600 * 10**9)},
            "metadata": {"client_order_id": str(2**63 + number)},
        }
        order["signature"] = sign_order(order, ASSETS, self._wallet, CHAIN)
        return post("/full/v1/create_order", json.dumps({"order": order}).encode(), self._session)


def throughput(kind_of_venue: str, rounds: int, count: int) -> bool:
    """Print what the venue and bare handlers do, loaded in turns; True when all bars are met."""
    met = True
    print("| request | venue 1/s | bare 1/s | ratio | bar | | venue cpu µs | bare cpu µs | ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    with server(kind_of_venue) as venue:
        requests = Requests(venue)
        for kind, bar in BARS.items():
            size = venue.load(requests.of(kind, 50))[0].body_bytes
            with server("bare", str(size)) as bare:
                pairs = []
                for _ in range(rounds):
                    given = requests.of(kind, count)
                    pairs.append((venue.load(given), bare.load([_to_root(each) for each in given])))
            ratio = median(ours[0].per_second / theirs[0].per_second for ours, theirs in pairs)
            met = met and ratio >= bar
            rates = (median(pair[who][0].per_second for pair in pairs) for who in (0, 1))
            cpu_us = [median(pair[who][1] for pair in pairs) * 1e6 for who in (0, 1)]
            print(
                f"| {kind} | {next(rates):,.0f} | {next(rates):,.0f} | {ratio:.2f} | {bar} | "
                f"{'met' if ratio >= bar else 'MISSED'} | {cpu_us[0]:.0f} | {cpu_us[1]:.0f} | "
                f"{cpu_us[1] / cpu_us[0]:.2f} |",
                flush=True,
            )
    return met


def _to_root(request: bytes) -> bytes:
    """The same request to the one path of a bare server."""
    method, _, rest = request.split(b" ", 2)
    return b"%b / %b" % (method, rest)


def memory(count: int) -> None:
    """Print the resident memory of the venue while it answers so many requests, a tenth of them orders."""
    with server("calm") as venue:
        requests = Requests(venue)
        sizes = []
        for number in range(SAMPLES):
            part = count // SAMPLES
            tenth = part // 10
            given = [*requests.of("order, filled", tenth), *requests.of("book", 2 * tenth)]
            given += requests.of("ticker", part - len(given))
            venue.load(given)
            sizes.append(_resident_mib(venue.process.pid))
            print(f"{(number + 1) * part:>10,} requests: {sizes[-1]:.1f} MiB", flush=True)
    settled = sizes[SAMPLES // 10 :]
    grown = settled[-1] - settled[0]
    print(f"after the first tenth: from {settled[0]:.1f} to {settled[-1]:.1f} MiB, {grown:+.1f}")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.simulator", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="loads of each server, in turns")
    parser.add_argument("--count", type=int, default=500, help="requests a load")
    parser.add_argument("--memory", type=int, metavar="REQUESTS", help="look at memory instead (Linux)")
    args = parser.parse_args(argv)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    if args.memory:
        memory(args.memory)
        return 0
    met = True
    for kind, title in VENUES.items():
        print(f"\n## {title}\n")
        met = throughput(kind, args.rounds, args.count) and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
