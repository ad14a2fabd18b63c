"""What ccxt makes at run time: endpoints, names in camel case, and classes that are chosen by name.

Source: ccxt/base/exchange.py (`BaseExchange.__init__`, `Exchange.define_rest_api_endpoint`) and the class
`Entry` of ccxt/base/types.py.
"""

import re
from typing import TYPE_CHECKING

from diag.model.infer import attributes
from diag.model.infer.values import EMPTY, ClassValue, Func, Instance, Value, Values, ordered

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer
    from diag.model.syntax.module import Module

_BASES = ("ccxt.base.exchange.", "ccxt.async_support.base.exchange.")
_ENDPOINT = re.compile(
    r"[a-z]\w*(?:(?:Get|Post|Put|Delete|Patch|Head)[A-Z0-9]|_(?:get|post|put|delete|patch|head)_)\w*"
)
_CAPITALS = {"OHLCV": "Ohlcv", "LE": "Le", "BE": "Be", "ADL": "Adl"}
_MODULES = ("ccxt", "ccxt.async_support", "ccxt.pro")
# One of each kind; what they do not have in common is not known of a class that is chosen by name.
_CHOSEN = ("binance", "bybit", "okx", "kraken")


def made_at_run_time(infer: "Infer", value: Instance, name: str) -> Values:
    """What an exchange has by a name that its class does not bind; EMPTY for other objects and names."""
    names = value.cls.lineage(infer).names
    if not any(full.startswith(_BASES) for full in names) and not _is_bundled(value):
        return EMPTY
    if _ENDPOINT.fullmatch(name):
        return attributes.read(infer, value, "request")
    snake = _in_snake_case(name)
    if snake == name:
        return EMPTY
    found = attributes.read(infer, value, snake)
    return found if found and all(isinstance(v, Func) for v in found) else EMPTY


def _is_bundled(value: Instance) -> bool:
    return value.cls.module.kind == "bundled" and value.cls.full_name.startswith("ccxt.")


def _in_snake_case(name: str) -> str:
    for word, plain in _CAPITALS.items():
        name = name.replace(word, plain)
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", name)


def endpoint(infer: "Infer", entry: Value, receiver: Instance) -> Values:
    """`ticker = Entry("ticker", "public", "GET", {})` read off an exchange: calls its `request`."""
    if isinstance(entry, Instance) and entry.cls.full_name == "ccxt.base.types.Entry":
        return attributes.read(infer, receiver, "request")
    return EMPTY


def chosen_class(infer: "Infer", module: "Module") -> Values:
    """`getattr(ccxt.pro, name)`."""
    if module.name not in _MODULES:
        return EMPTY
    found = [infer.module_member(module, name) for name in _CHOSEN]
    classes = [v for each in found for v in ordered(each) if isinstance(v, ClassValue)]
    return frozenset(classes) if len(classes) == len(_CHOSEN) else EMPTY
