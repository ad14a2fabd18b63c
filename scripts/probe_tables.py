"""Writes the generated tables of the documents of the probes anew. Run by `make readme`."""

import re
from collections.abc import Iterable
from pathlib import Path

from probes.market.scenario import load, names

EXPECTS = {"success": "success", "safe_failure": "safe failure"}


def scenarios() -> str:
    rows = [f"| `{name}` | {load(name).about} | {EXPECTS[load(name).expects]} |" for name in names()]
    return _table(("name", "what it shows", "a correct client reaches"), rows)


TABLES = {Path("docs/scenarios.md"): {"scenarios": scenarios}}


def written(path: Path, text: str) -> str:
    """The document with its generated tables as they should be now."""
    for name, table in TABLES[path].items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, found = between.subn(lambda m, table=table: f"{m[1]}{table()}{m[2]}", text)  # type: ignore[misc]
        if found != 1:
            raise ValueError(f"{path}: expected one place for the table {name}, found {found}")
    return text


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    heads = tuple(heads)
    return "\n".join((f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *rows)) + "\n"


if __name__ == "__main__":
    for path in TABLES:
        path.write_text(written(path, path.read_text(encoding="utf-8")), encoding="utf-8")
