"""python -m bench [TREE...]: measure `diag lint` and its peers in turns, and print ratios. See README.md."""

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

from bench import tools, trees
from bench.measure import Run, run
from bench.table import MODES, Measured, table, verdicts

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "exchange-diag" / "bench"
SLOW = 20.0  # seconds; a tool that needs longer is run once a mode
START_UPS = 15


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Speed of diag lint, as ratios to its peers."
    )
    parser.add_argument(
        "trees", nargs="*", metavar="TREE", help="folder, or pypi:NAME==VERSION (default: the examples)"
    )
    parser.add_argument(
        "--tools", default=",".join(tools.COMMANDS), help="comma separated (default: %(default)s)"
    )
    parser.add_argument(
        "--runs", type=int, default=5, help="timed runs of each tool a mode (default: %(default)s)"
    )
    parser.add_argument(
        "--limit", type=float, default=300, help="seconds a run may take (default: %(default)s)"
    )
    parser.add_argument(
        "--python", type=Path, help="environment to resolve imports in (default: an empty one)"
    )
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="where peers and trees are kept (%(default)s)"
    )
    args = parser.parse_args(argv)
    args.cache.mkdir(parents=True, exist_ok=True)
    environment = (args.python or empty_environment(args.cache)).absolute()
    present, missing = tools.set_up(args.cache, args.tools.split(","))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {args.runs} runs in turns; ", end="")
    print("imports resolved in", args.python or "an empty environment")
    for name, why in missing.items():
        print(f"missing: {name}: {why}")
    for name in args.trees or [str(ROOT / "examples")]:
        try:
            source = (
                trees.from_registry(name[5:], args.cache)
                if name.startswith("pypi:")
                else Path(name).resolve()
            )
            with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
                tree = trees.copy(source, Path(scratch))
                print(f"\n## {tree.name}: {tree.files:,} files, {tree.lines:,} lines", end="; ")
                print("changed file:", tree.edited.relative_to(tree.folder), flush=True)
                results = measure(present, tree, environment, args.runs, args.limit)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            print(f"error: {name}: {error}", file=sys.stderr)
            return 2
        print(table(results), *verdicts(results), sep="\n", flush=True)
    for tool in present:
        if tool.name == "diag":
            print(start_up(tool.command(environment)[0]))
    return 0


def empty_environment(cache: Path) -> Path:
    folder = cache / "empty"
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def measure(
    present: list[tools.Tool], tree: trees.Tree, environment: Path, runs: int, limit: float
) -> list[Measured]:
    """Every tool in every mode, in turns: one round is one run of each tool."""
    results = {tool.name: Measured(tool.name, tool.version) for tool in present}
    for mode in MODES:
        for number in range(runs):
            for tool in present:
                result = results[tool.name]
                earlier = [one for mode in MODES for one in result.runs[mode]]
                if any(one.trouble for one in earlier) or (number and earlier[-1].seconds > SLOW):
                    continue
                result.runs[mode].append(once(tool, tree, environment, mode, limit))
                say(f"{mode}: {tool.name} {result.runs[mode][-1].seconds:.2f} s")
    for mode in ("cold", "warm"):
        for tool in present:
            if not results[tool.name].trouble():
                peak = once(tool, tree, environment, mode, limit, memory=True).peak
                if peak is not None:
                    results[tool.name].peak[mode] = peak
    say("")
    return list(results.values())


def once(
    tool: tools.Tool, tree: trees.Tree, environment: Path, mode: str, limit: float, *, memory: bool = False
) -> Run:
    """One run. Warm runs find what the cold ones left, since these come first."""
    if mode == "cold":
        tool.forget(tree.folder)
    change: Callable[[], AbstractContextManager[None]] = nullcontext
    if mode == "one file changed":
        change = tree.one_file_changed
    with change():
        return run(tool.command(environment), tree.folder, limit=limit, memory=memory)


def start_up(program: str) -> str:
    """What `diag --version` takes, and of it what Python itself takes."""
    times: dict[str, list[float]] = {"diag": [], "python": []}
    for _ in range(START_UPS):
        for name, command in (("diag", [program, "--version"]), ("python", [sys.executable, "-c", "pass"])):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - start)
    ours, bare = median(times["diag"]) * 1000, median(times["python"]) * 1000
    return f"\nstart-up: diag --version {ours:.0f} ms, python -c pass {bare:.0f} ms ({ours / bare:.2f} x)"


def say(line: str) -> None:
    """What is being done, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # So that a tool that is running is ended, and the copy of its tree removed, on SIGTERM as on Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
