"""Frozen dataclasses out of TOML tables: types are checked, unknown keys named, all errors at once."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from diag.config import nearest

T = TypeVar("T")
_BAD = object()


def decode(kind: type[T], table: Mapping[str, object], where: str, errors: list[str]) -> T | None:
    """`table` as a `kind`; on errors None, and one line for each, which starts with the dotted key.

    Fields may be str, int, bool, Decimal, StrEnum (by value), Literal, dataclasses, mappings from str to
    these and tuples of these. A ValueError of `kind` itself is an error like the others.
    """
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    before = len(errors)
    values: dict[str, Any] = {}
    for key, value in table.items():
        at = f"{where}.{key}" if where else key
        if key in known:
            values[key] = _value(hints[key], value, at, errors)
        else:
            offered = [name for name in known if name != "name"]
            errors.append(f"{at}: unknown key{nearest(key, offered) or '; known are ' + ', '.join(offered)}")
    for name, item in known.items():
        if name not in values and item.default is MISSING and item.default_factory is MISSING:
            errors.append(f"{where + '.' if where else ''}{name}: is missing")
    if len(errors) > before:
        return None
    try:
        return kind(**values)
    except ValueError as error:
        errors.append(f"{where}: {error}" if where else str(error))
        return None


def _value(hint: Any, value: object, at: str, errors: list[str]) -> object:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):  # X | None: TOML has no null, a key is there or not
        hint = next(part for part in get_args(hint) if part is not type(None))
        origin = get_origin(hint)
    if origin is Literal:
        return _one_of(get_args(hint), value, at, errors)
    if origin is tuple:
        if not isinstance(value, list):
            return _wrong(at, "an array", value, errors)
        return tuple(
            _value(get_args(hint)[0], item, f"{at}[{number}]", errors) for number, item in enumerate(value, 1)
        )
    if origin is not None:
        if not isinstance(value, dict):
            return _wrong(at, "a table", value, errors)
        return {key: _value(get_args(hint)[1], item, f"{at}.{key}", errors) for key, item in value.items()}
    if is_dataclass(hint):
        if not isinstance(value, dict):
            return _wrong(at, "a table", value, errors)
        return decode(hint, value, at, errors)  # type: ignore[arg-type]
    if issubclass(hint, StrEnum):
        chosen = _one_of(tuple(item.value for item in hint), value, at, errors)
        return chosen if chosen is _BAD else hint(chosen)
    if hint is Decimal and isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite():
            return number
        errors.append(f"{at}: must be a finite number")
        return _BAD
    if type(value) is hint:
        return value
    return _wrong(at, _WORDS[hint], value, errors)


def _one_of(choices: tuple[str, ...], value: object, at: str, errors: list[str]) -> object:
    if value in choices:
        return value
    if not isinstance(value, str):
        return _wrong(at, "a string", value, errors)
    errors.append(f'{at}: unknown "{value}"{nearest(value, choices) or "; known are " + ", ".join(choices)}')
    return _BAD


_WORDS: dict[type, str] = {
    str: "a string",
    int: "an integer",
    bool: "true or false",
    Decimal: "a number",
    float: "a number",
    list: "an array",
    dict: "a table",
}


def _wrong(at: str, expected: str, value: object, errors: list[str]) -> object:
    errors.append(f"{at}: must be {expected}, not {_WORDS.get(type(value), 'a date or time')}")
    return _BAD
