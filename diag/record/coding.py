"""Code made from the fields of a class: one function that writes it as JSON, one that reads it back.

Made once a class, as `dataclasses` makes `__init__`: a row of the ledger costs one formatted string.
"""

import json
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as _text
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} does not belong in a record")


# ASCII: a string may hold a lone surrogate, or what some readers take for the end of a line.
_encode = json.JSONEncoder(default=_plain, separators=(",", ":"), allow_nan=False).encode


@cache
def hints(kind: type) -> dict[str, Any]:
    """Types by field, without what they are annotated with."""
    return get_type_hints(kind)


# Writing


def _number(value: Decimal | None) -> str:
    return "null" if value is None else f'"{value:f}"'


def _text_or_none(value: str | None) -> str:
    return "null" if value is None else _text(value)


def _code(value: int | str | None) -> str:
    return "null" if value is None else _text(value) if isinstance(value, str) else str(value)


_BOOLEANS = ("false", "true")
_TOOLS = {
    "_encode": _encode,
    "_text": _text,
    "_number": _number,
    "_text_or_none": _text_or_none,
    "_code": _code,
    "_booleans": _BOOLEANS,
}


def _is(hint: Any, *kinds: type) -> bool:
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return all(isinstance(part, type) and issubclass(part, kinds) for part in parts)


def _written(hint: Any, value: str) -> str:
    """The part of an f-string that writes the expression `value`, which has the type `hint`."""
    if hint is Decimal:
        return f'"{{{value}:f}}"'
    if hint is bool:
        return f"{{_booleans[{value}]}}"
    if hint is int:
        return f"{{{value}}}"
    if _is(hint, Enum):
        return f'"{{{value}}}"'
    if hint is str:
        return f"{{_text({value})}}"
    for tool, kinds in (
        ("_number", (Decimal, types.NoneType)),
        ("_text_or_none", (str, types.NoneType)),
        ("_code", (int, str, types.NoneType)),
    ):
        if _is(hint, *kinds):
            return f"{{{tool}({value})}}"
    return f"{{_encode({value})}}"


def writer(
    kind: type,
    head: str,
    names: Iterable[str],
    sources: tuple[type, ...],
    constants: Mapping[str, Any],
) -> Callable[..., str]:
    """A function of one object a source, and by name of what none of them has, to `HEAD,"name":value...}`."""
    said = [head]
    arguments = [f"s{number}" for number in range(len(sources))]
    more: list[str] = []
    for name in names:
        if constants.get(name, ...) is not ...:
            written = f"{{_is_{name}}}"
        else:
            among = () if name in constants else sources
            place = next((n for n, source in enumerate(among) if name in hints(source)), None)
            if place is None:
                more.append(name)
            written = _written(hints(kind)[name], name if place is None else f"s{place}.{name}")
        said.append(f'"{name}":{written}')
    signature = ", ".join((*arguments, *(("*", *more) if more else ())))
    source = f"def write({signature}):\n return f'''{','.join(said)}}}}}'''\n"
    space: dict[str, Any] = _TOOLS | {
        f"_is_{name}": _encode(value) for name, value in constants.items() if value is not ...
    }
    exec(compile(source, f"<writer of {kind.__qualname__}>", "exec"), space)
    written_by: Callable[..., str] = space["write"]
    return written_by


# Reading


def reader(
    kind: type, optional: Iterable[str], ignored: tuple[str, ...] = ()
) -> Callable[[Mapping[str, Any]], Any]:
    """A function from the JSON object of `kind` to it; raises ValueError or TypeError for anything else."""
    readers = {name: _read(hint) for name, hint in hints(kind).items() if _is_field(kind, name)}
    known = frozenset((*readers, *ignored))
    needed = frozenset(readers) - frozenset(optional)

    def read(document: Mapping[str, Any]) -> Any:
        if not (document.keys() <= known and needed <= document.keys()):
            odd = sorted(document.keys() - known) or sorted(needed - document.keys())
            raise ValueError(f"{', '.join(odd)}: unknown or missing in {kind.__name__}")
        try:
            return kind(**{name: readers[name](value) for name, value in document.items() if name in readers})
        except ArithmeticError as error:
            raise ValueError(f"no number in {kind.__name__}") from error

    return read


def _is_field(kind: type, name: str) -> bool:
    return any(field.name == name for field in fields(kind))


@cache
def _read(hint: Any) -> Callable[[Any], Any]:
    """A function from a JSON value to a value of the type `hint`; raises TypeError for another."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if types.NoneType in parts:
            rest = [part for part in parts if part is not types.NoneType]
            inner = _read(rest[0] if len(rest) == 1 else Union[tuple(rest)])  # noqa: UP007
            return lambda value: None if value is None else inner(value)
        return _exactly(*parts)
    if origin is Literal:
        return _among(frozenset(parts))
    if origin is tuple:
        return _items(_read(parts[0]))
    if hint is Decimal:
        return _decimal
    if isinstance(hint, type) and is_dataclass(hint):
        made = reader(hint, ())
        return lambda value: made(_exactly(dict)(value))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint is float:
        return _exactly(float, int)
    return _exactly(dict if origin is not None else hint)


def _exactly(*kinds: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{type(value).__name__} where {kinds[0].__name__} is due")
        return value

    return read


def _decimal(value: Any) -> Decimal:
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} where a decimal string is due")
    return Decimal(value)


def _among(known: frozenset[Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(map(str, known))}")
        return value

    return read


def _items(inner: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise TypeError(f"{type(value).__name__} where a list is due")
        return tuple(map(inner, value))

    return read
