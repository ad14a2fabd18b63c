"""Holds messages of the simulator against the venue's API description, if it lies beside the checkout."""

import json
import re
from functools import cache
from pathlib import Path

SPEC = Path(__file__).parents[4] / "shared" / "grvt" / "apispec.json"
PRESENT = SPEC.is_file()

_TYPES = {"string": str, "integer": int, "boolean": bool}
_TEXTS = {
    "uint64": re.compile("[0-9]{1,20}"),
    "timestamp": re.compile("[0-9]{1,20}"),
    "uint128": re.compile("0x[0-9a-f]{1,32}"),
    "uint256": re.compile("0x[0-9a-fA-F]{1,64}"),
    "address": re.compile("0x[0-9a-fA-F]{1,40}"),
}


@cache
def spec() -> dict:
    return json.loads(SPEC.read_text(encoding="utf-8"))


@cache
def _structs() -> dict[str, list[dict]]:
    return {struct["name"]: struct["fields"] for struct in spec()["structs"]}


@cache
def _enums() -> dict[str, set[str]]:
    return {enum["name"]: {value["name"] for value in enum["values"]} for enum in spec()["enums"]}


def mismatches(struct: str, value: object) -> list[str]:
    """Where `value` is not what the description says of `struct`: missing, unknown and mistyped fields."""
    if not isinstance(value, dict):
        return [f"{struct}: {value!r} is no object"]
    fields = {field["name"]: field for field in _structs()[struct]}
    found = [f"{struct}.{name}: not described" for name in value.keys() - fields.keys()]
    for name, field in fields.items():
        if name in value:
            found += _wrong(f"{struct}.{name}", field, value[name], field["array_depth"])
        elif not field["optional"]:
            found.append(f"{struct}.{name}: missing")
    return found


def _wrong(where: str, field: dict, value: object, depth: int) -> list[str]:
    if depth:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [wrong for item in value for wrong in _wrong(where, field, item, depth - 1)]
    kind = field["json_type"]
    if kind in _structs():
        return mismatches(kind, value)
    if kind in _enums():
        return [] if value in _enums()[kind] else [f"{where}: {value!r} is not one of {kind}"]
    if type(value) is not _TYPES.get(kind, type(value)):
        return [f"{where}: {value!r} is no {kind}"]
    text = _TEXTS.get(field["semantic_type"])
    if text is not None and value != "" and not text.fullmatch(value):
        return [f"{where}: {value!r} is no {field['semantic_type']}"]
    return []
