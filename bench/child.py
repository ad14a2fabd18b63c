"""python -m bench.child: what watching a program costs, in turns with the same program unwatched."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from diag.observe.command import BOOT, observed
from diag.observe.run import Run
from diag.observe.scrub import Scrubber
from diag.record import Journal

ROUNDS = 9

# Each prints one number: nanoseconds. What the watcher adds lies between two runs of the same program.
TRIVIAL = """\
import asyncio, time

async def nothing():
    return 1

async def main():
    best = float("inf")
    for _ in range(15):
        began = time.perf_counter_ns()
        for _ in range(50_000):
            await nothing()
        best = min(best, time.perf_counter_ns() - began)
    print(best / 50_000)

asyncio.run(main())
"""

# What a bot does: quotes over sockets, a little arithmetic, a mistake that it swallows, and LOG.
BOT = """\
import asyncio, json, logging, os, ssl, time
import aiohttp

logging.basicConfig(filename="bot.log", level="INFO")
log = logging.getLogger("bot")
URL = os.environ["BENCH_URL"]

async def ask(session, path, payload):
    async with session.post(URL + path, json=payload) as response:
        return await response.json()

async def step(session, number):
    ticker = await ask(session, "/full/v1/ticker", {"instrument": "ETH_USDT_Perp"})
    book = await ask(session, "/full/v1/book", {"instrument": "ETH_USDT_Perp", "depth": 10, "aggregate": 1})
    bid, ask_price = float(ticker["result"]["best_bid_price"]), float(book["result"]["asks"][0]["price"])
    LOG
    try:
        return {"spread": ask_price - bid}["size"]
    except KeyError:
        return None

async def main():
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        for number in range(50):
            await step(session, number)
        began = time.perf_counter_ns()
        for number in range(STEPS):
            await step(session, number)
        print(time.perf_counter_ns() - began)

asyncio.run(main())
"""

START = "pass\n"


def plain(folder: Path, environment: dict[str, str]) -> float:
    command = [sys.executable, "bot.py"]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return float(ran.stdout or 0)


def watched(folder: Path, environment: dict[str, str], number: int) -> float:
    """The same program under observation, nothing simulated: the network's hooks are not what is measured."""
    record = folder / f"record-{number}"
    with Journal(record) as journal:
        run = Run(
            observed(["python", "bot.py"], python=Path(sys.executable), folder=folder),
            folder,
            environment,
            [folder],
            journal,
            Scrubber(environment),
            foreground=False,
            cache=folder / "cache",
        )
        ended = asyncio.run(run())
        said = [str(event.text) for event in journal.events() if event.kind == "stdout"]
    if ended.code:
        sys.exit(f"the watched program ended with {ended}")
    return float(said[-1]) if said else 0.0


def in_turns(program: str, environment: dict[str, str]) -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory(prefix="diag-bench-") as scratch:
        folder = Path(scratch)
        (folder / "bot.py").write_text(textwrap.dedent(program), encoding="utf-8")
        bare, hooked = [], []
        watched(folder, environment, -1)  # fills the cache
        for number in range(ROUNDS):
            bare.append(plain(folder, environment))
            hooked.append(watched(folder, environment, number))
        return bare, hooked


def start_up() -> tuple[float, float]:
    """Milliseconds of wall time from exec to exit: bare, and with the hooks."""

    def took(command: Sequence[str], environment: dict[str, str], folder: Path) -> float:
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True)
        return (time.perf_counter() - began) * 1000

    with tempfile.TemporaryDirectory(prefix="diag-bench-") as scratch:
        folder = Path(scratch)
        (folder / "bot.py").write_text(START, encoding="utf-8")
        settings = {
            "channel": str(folder / "nobody-listens"),
            "simulated": True,
            "isolated": True,
            "routes": {"venue.example": ["127.0.0.1", 9]},
            "ca_file": None,
            "roots": [scratch],
            "cache": str(folder / "cache"),
            "stall_ms": 50,
        }
        (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        hooked = {**os.environ, "DIAG_CHILD": str(folder / "settings.json"), "PYTHONPATH": str(BOOT)}
        command = observed(["python", "bot.py"], python=Path(sys.executable), folder=folder).argv
        bare = [sys.executable, "bot.py"]
        took(command, hooked, folder)
        rounds = [
            (took(bare, dict(os.environ), folder), took(command, hooked, folder))
            for _ in range(ROUNDS * 2 + 1)
        ]
        return median(one for one, _ in rounds), median(two for _, two in rounds)


LOG = 'log.info("step %d: %s / %s, spread %.2f", number, bid, ask_price, ask_price - bid)'
REMOTE = """
about = "Each answer takes 5 ms, as from a venue nearby."
expects = "success"
[latency]
default = { ms = 5 }
"""


@contextmanager
def venue(scenario: str) -> Iterator[str]:
    """A simulated venue in a process of its own; what it costs is the same for both."""
    command = [sys.executable, "-m", "diag", "sim", "grvt", "--scenario", scenario]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://[0-9.]+:[0-9]+", process.stdout.readline())
            assert address is not None
            yield address[0]
        finally:
            process.terminate()


def bot(scenario: str, steps: int, log: str) -> tuple[float, str]:
    """How many per cent more wall time a bot takes under observation, and the same in words."""
    with venue(scenario) as url:
        program = BOT.replace("LOG", log).replace("STEPS", str(steps))
        bare, hooked = in_turns(program, {**os.environ, "BENCH_URL": url})
    percent = (median(hooked) / median(bare) - 1) * 100
    each = f"{median(bare) / 1e3 / steps:.0f} us a step plain, {median(hooked) / 1e3 / steps:.0f} us watched"
    return percent, f"{each}; minima {(min(hooked) / min(bare) - 1) * 100:+.1f} %"


def main() -> int:
    bare, hooked = in_turns(TRIVIAL, dict(os.environ))
    print(f"trivial await: {min(bare):.0f} ns plain, {min(hooked):.0f} ns watched: ", end="")
    print(f"{_bar(min(hooked) - min(bare), 35)} ns more")
    with tempfile.TemporaryDirectory(prefix="diag-bench-") as scratch:
        remote = Path(scratch, "remote.toml")
        remote.write_text(REMOTE, encoding="utf-8")
        percent, words = bot(str(remote), 100, "pass")
        print(f"a bot, answers after 5 ms: {_bar(percent, 3)} % more ({words})")
        percent, words = bot(str(remote), 100, LOG)
        print(f"the same with a log line a step: {percent:.1f} % more ({words})")
    percent, words = bot("calm", 600, "pass")
    print(f"answers at once, nothing logged: {percent:.1f} % more ({words})")
    percent, words = bot("calm", 600, LOG)
    print(f"answers at once, a log line a step: {percent:.1f} % more ({words})")
    one, two = start_up()
    print(f"start-up: {one:.0f} ms plain, {two:.0f} ms with the hooks: {_bar(two - one, 80)} ms more")
    print(f"{ROUNDS} runs each in turns, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    return 0


def _bar(figure: float, bar: float) -> str:
    return f"{figure:.1f} (bar {bar}: {'met' if figure <= bar else 'MISSED'})"


if __name__ == "__main__":
    raise SystemExit(main())
