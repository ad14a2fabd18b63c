"""Writes the generated tables of the documents of the probes anew. Run by `make readme`."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from probes.lifecycle.order_lifecycle import ALL
from probes.market.scenario import load, names
from probes.venues.grvt.coverage import NOTES, RPCS
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.streams import STREAMS

# Streams that can be subscribed to and have nothing to tell: nothing is transferred in the simulator, and
# cancels do not wait for orders to come.
SILENT = ("v1.cancel", "v1.deposit", "v1.transfer", "v1.withdrawal")
EXPECTS = {"success": "success", "safe_failure": "safe failure"}


def scenarios() -> str:
    rows = [f"| `{name}` | {load(name).about} | {EXPECTS[load(name).expects]} |" for name in names()]
    return _table(("name", "what it shows", "a correct client reaches"), rows)


def cases(letter: str) -> str:
    rows = [
        f"| {case.number} | {case.title} | {_names(case.needs)} | {case.does} | {' → '.join(case.events)} "
        f"| {case.passes} | {case.skipped} |"
        for case in ALL
        if case.number.startswith(letter)
    ]
    return _table(("case", "title", "needs", "does", "must follow", "passes when", "skipped when"), rows)


def grvt_rpcs() -> str:
    names = [*RPCS, *(name for name in rpcs if name not in RPCS)]
    rows = [
        f"| `{name}` | {rpcs[name].gateway if name in rpcs else RPCS[name]} "
        f"| {'yes' if name in rpcs else 'no'} | {NOTES.get(name, '')} |"
        for name in names
    ]
    return _table(("RPC", "gateway", "simulated", "notes"), rows)


def grvt_streams() -> str:
    rows = [
        f"| `{name}` | {'trades' if stream.account else 'market-data'} | "
        f"{'no' if name in SILENT else 'yes'} |"
        for name, stream in STREAMS.items()
    ]
    return _table(("stream", "gateway", "ever speaks"), rows)


CORNER = Path(__file__).parents[1] / "tests/venues/corner"


def source(name: str) -> str:
    """A file of the made-up venue, as code."""
    return f"\n```python\n{(CORNER / name).read_text(encoding='utf-8')}```\n"


TABLES: dict[Path, dict[str, Callable[[], str]]] = {
    Path("docs/scenarios.md"): {"scenarios": scenarios},
    Path("docs/grvt-coverage.md"): {"rpcs": grvt_rpcs, "streams": grvt_streams},
    Path("docs/add-a-venue.md"): {
        name: partial(source, name)
        for name in ("venue.py", "simulator.py", "client.py", "adapters/corner_sdk.py")
    },
    Path("docs/lifecycle.md"): {"data cases": partial(cases, "D"), "execution cases": partial(cases, "E")},
}


def written(path: Path, text: str) -> str:
    """The document with its generated tables as they should be now."""
    for name, table in TABLES[path].items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, found = between.subn(lambda m, table=table: f"{m[1]}{table()}{m[2]}", text)
        if found != 1:
            raise ValueError(f"{path}: expected one place for the table {name}, found {found}")
    return text


def _names(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    heads = tuple(heads)
    return "\n".join((f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *rows)) + "\n"


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(written(path, path.read_text(encoding="utf-8")), encoding="utf-8")
