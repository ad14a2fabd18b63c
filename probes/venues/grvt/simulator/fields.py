"""What a request may say: fields, their types, and what is refused.

A payload that does not fit is refused with 1003 (malformed syntax); a `null` is a field left out. Fields
that the description does not have are let pass, as the venue does: its own SDK sends some, and so does ccxt.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from probes.venues.grvt.errors import VenueError

Check = Callable[[object], object]
"""Takes a JSON value, returns what the handler works with; ValueError says that it does not fit."""

_DIGITS = re.compile("[0-9]{1,20}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_HEX = re.compile("0x[0-9a-fA-F]{1,64}", re.ASCII)


class Fields:
    """The fields of one object. `required` must be there and not null."""

    def __init__(
        self,
        required: Mapping[str, Check] | None = None,
        optional: Mapping[str, Check] | None = None,
    ) -> None:
        self._required = dict(required or {})
        self._checks = {**self._required, **(optional or {})}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._checks)

    def parse(self, payload: object) -> dict[str, Any]:
        """The checked values by name, without those left out. Raises VenueError 1003."""
        if not isinstance(payload, dict):
            raise malformed("a JSON object is due")
        parsed: dict[str, Any] = {}
        for name, value in payload.items():
            check = self._checks.get(name)
            if check is None or value is None:
                continue
            try:
                parsed[name] = check(value)
            except ValueError as error:
                raise malformed(f"{name}: {error}") from None
        for name in self._required:
            if name not in parsed:
                raise malformed(f"{name} is missing")
        return parsed

    def __call__(self, value: object) -> object:
        return self.parse(value)


def malformed(detail: str) -> VenueError:
    return VenueError(1003, f"Request could not be processed due to malformed syntax: {detail}")


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _integer(bits: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
            raise ValueError(f"must be an unsigned integer of {bits} bits")
        return value

    return check


uint8 = _integer(8)
uint32 = _integer(32)
timestamp = _integer(63)
"""Nanoseconds since 1970, as a decimal string or a number."""
_uint64 = _integer(64)


def uint64(value: object) -> str:
    """An id; the wire shows ids as strings."""
    return str(_uint64(value))


def uint256(value: object) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError("must be hex digits after 0x")
    return value.lower()


def decimal(value: object) -> Decimal:
    """A decimal string; the venue's SDK writes a zero as 0E-9."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError("must be a decimal number in a string")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError("must be a decimal number in a string") from None


def one_of(*names: str) -> Check:
    def check(value: object) -> object:
        if value not in names or not isinstance(value, str):
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return check


def list_of(check: Check, longest: int = 1000) -> Check:
    def check_all(value: object) -> object:
        if not isinstance(value, list) or len(value) > longest:
            raise ValueError(f"must be a list of at most {longest}")
        return [check(item) for item in value]

    return check_all


KINDS = ("PERPETUAL", "FUTURE", "CALL", "PUT", "SPOT_SWAP")

INSTRUMENT: Mapping[str, Check] = {"instrument": text}
SUB_ACCOUNT: Mapping[str, Check] = {"sub_account_id": uint64}
KIND_BASE_QUOTE: Mapping[str, Check] = {
    "kind": list_of(one_of(*KINDS)),
    "base": list_of(text),
    "quote": list_of(text),
}
PAGE: Mapping[str, Check] = {
    "start_time": timestamp,
    "end_time": timestamp,
    "limit": uint32,
    "cursor": text,
}
