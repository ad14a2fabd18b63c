"""Writes the tables of docs/record.md, one a kind of event, from the classes. Run by `make readme`."""

import inspect
import re
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from diag.record.event import ENVELOPE, Event, Unit
from diag.record.kinds import KINDS

PAGE = Path("docs/record.md")
SOURCES = {
    "venue": "the ledger of a venue",
    "client": "the client under test",
    "probe": "the probe",
    "child": "the observed program",
}
_PLAIN = {"str": "text", "int": "integer", "float": "number", "bool": "true or false", "Decimal": "decimal"}


def kinds() -> str:
    """A section a source, a table a kind."""
    parts = []
    for source, whose in SOURCES.items():
        parts.append(f"## {source}: {whose}\n")
        parts += [_section(kind) for (said_by, _), kind in KINDS.items() if said_by == source]
    return "\n".join(parts)


def written(text: str) -> str:
    """The page with its tables as they should be now."""
    text, found = re.subn(
        r"(<!-- kinds -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}{kinds()}{m[2]}", text, flags=re.DOTALL
    )
    if found != 1:
        raise ValueError(f"{PAGE}: expected one place for the kinds, found {found}")
    return text


def _section(kind: type[Event]) -> str:
    hints = get_type_hints(kind, include_extras=True)
    about = " ".join(inspect.getdoc(kind).split())  # type: ignore[union-attr]  # a test wants one of each
    rows = [
        f"| `{field.name}` | {_type(hints[field.name])} | {_unit(hints[field.name])} |"
        for field in fields(kind)
        if field.name not in ENVELOPE
    ]
    table = ["", "| field | type | unit |", "|---|---|---|", *rows] if rows else []
    return "\n".join((f"### {kind.source} {kind.kind}\n", about, *table)) + "\n"


def _parts(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return get_args(hint)
    return (hint,)


def _type(hint: Any) -> str:
    return " or ".join(map(_one_type, _parts(hint)))


def _one_type(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if hint is types.NoneType:
        return "null"
    if origin is Annotated:
        return _type(parts[0])
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {_type(parts[0])}"
    if origin is not None:
        return "object"
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        inner = (f"`{name}` {_type(part)} {_unit(part)}".strip() for name, part in hints.items())
        return f"object ({', '.join(inner)})"
    if hint.__name__ in _PLAIN:
        return _PLAIN[hint.__name__]
    return ", ".join(f"`{member}`" for member in hint)


def _unit(hint: Any) -> str:
    for part in _parts(hint):
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, Unit):
                return note.name
    return ""


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
