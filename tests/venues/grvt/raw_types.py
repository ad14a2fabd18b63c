"""Holds answers of the simulator against the types that GRVT's own SDK ships (grvt-pysdk, raw)."""

import dataclasses
import types
import typing
from enum import Enum

from pysdk import grvt_raw_types


def mismatches(name: str, value: object) -> list[str]:
    """Where `value` is not what the SDK's type of that name takes. The SDK lacks some fields."""
    return _wrong(name, getattr(grvt_raw_types, name), value)


def is_known(name: str) -> bool:
    return hasattr(grvt_raw_types, name)


def _wrong(where: str, kind: object, value: object) -> list[str]:
    origin = typing.get_origin(kind)
    if kind is typing.Any:
        return []
    if origin is types.UnionType or origin is typing.Union:
        return min((_wrong(where, one, value) for one in typing.get_args(kind)), key=len)
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        (inner,) = typing.get_args(kind)
        return [wrong for item in value for wrong in _wrong(where, inner, item)]
    if dataclasses.is_dataclass(kind):
        return _wrong_object(where, kind, value)
    assert isinstance(kind, type), kind
    if issubclass(kind, Enum):
        return (
            []
            if value in {member.value for member in kind}
            else [f"{where}: {value!r} is no {kind.__name__}"]
        )
    return [] if type(value) is kind else [f"{where}: {value!r} is no {kind.__name__}"]


def _wrong_object(where: str, kind: typing.Any, value: object) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    hints = typing.get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        if field.name in value:
            found += _wrong(f"{where}.{field.name}", hints[field.name], value[field.name])
        elif field.default is dataclasses.MISSING:
            found.append(f"{where}.{field.name}: missing")
    return found
