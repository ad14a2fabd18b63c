"""Drives the user's own client: a command a line from the parent, an answer a line for each.

Commands are the functions of an adapter (see `adapters`), run one after another in one event loop. Decimals
travel as strings. An error of the client is an answer, too; the traceback goes to standard error.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import ModuleType
from typing import Any, Callable, Optional

from .adapters import Order

Arrived = Callable[[Optional[BaseException]], None]

_FUNCTIONS = ("construct", "connect", "fetch_bbo", "work_order", "position", "disconnect")
_QUOTE = {
    "bid_price": ("best_bid_price", "best_bid", "bid"),
    "bid_size": ("best_bid_size", "bid_size"),
    "ask_price": ("best_ask_price", "best_ask", "ask"),
    "ask_size": ("best_ask_size", "ask_size"),
}
_FILLED = ("filled", "total_filled", "filled_size", "size")
_PRICE = ("average_price", "avg_fill_price", "price")
_REASON = ("reason", "error_message", "error")


def run(arguments: list[str], arrived: Arrived) -> None:
    """`CONTROL SPEC`: the parent's socket, and JSON with `client`, `adapter`, `adapters` and `order`.

    `adapter` is a file of the user's own or null, `adapters` are those of the venue's own libraries: name,
    file and the top-level packages whose classes each fits. `arrived` is told of errors of the client: they
    are answers, and nobody hides them.
    """
    sys.path[0] = os.getcwd()
    driver = Driver(json.loads(arguments[1]), arrived)
    driver.load()  # imports take long and are none of the event loop's business
    asyncio.run(_serve(arguments[0], driver))


async def _serve(control: str, driver: Driver) -> None:
    reader, writer = await asyncio.open_unix_connection(control)
    try:
        while line := await reader.readline():
            command = json.loads(line)
            try:
                answer = {"id": command["id"], "result": await driver.do(command["do"], command.get("order"))}
            except Exception as error:
                driver.arrived(error)
                traceback.print_exc()
                answer = {"id": command["id"], "error": f"{type(error).__name__}: {error}"}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
    finally:
        await driver.end()
        _leave()


def _leave() -> None:
    """End the process here: tasks and threads that a client leaves running would keep it for ever."""
    gc.collect()  # coroutines that nobody awaited tell of themselves
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class Driver:
    def __init__(self, spec: dict[str, Any], arrived: Arrived) -> None:
        self.arrived = arrived
        self._name: str = spec["client"]
        self._file: str | None = spec["adapter"]
        self._adapters: list[tuple[str, str, list[str]]] = spec["adapters"]
        self._order = Order(spec["order"])
        self._functions: dict[str, Any] = {}
        self._failed: Exception | None = None
        self._kind: Any = None
        self._client: Any = None

    async def do(self, command: str, order: dict[str, Any] | None) -> Any:
        if order is not None:
            self._order.update(order)
        return await getattr(self, "_" + command)()

    def load(self) -> None:
        """Import the client's class and the functions that drive it; what fails is told by `connect`."""
        try:
            module_name, _, class_name = self._name.partition(":")
            kind: Any = importlib.import_module(module_name)
            for part in class_name.split("."):
                kind = getattr(kind, part)
            own = _module_of("diag_adapter", self._file) if self._file else None
            profile = _profile(kind, getattr(own, "PROFILE", None), self._adapters)
        except Exception as error:
            self.arrived(error)
            self._failed = error
            return
        self._kind = kind
        self._functions = {name: getattr(own, name, None) or getattr(profile, name) for name in _FUNCTIONS}

    async def _connect(self) -> None:
        if self._failed is not None:
            raise self._failed
        self._client = await self._call("construct", self._kind)
        await self._call("connect")

    async def _fetch_bbo(self) -> dict[str, str | None]:
        quote = await self._call("fetch_bbo")
        if isinstance(quote, (tuple, list)):
            quote = {"bid": quote[0], "ask": quote[1]}
        return {name: _decimal(_first(quote, names)) for name, names in _QUOTE.items()}

    async def _work_order(self) -> dict[str, Any]:
        claim = await self._call("work_order")
        return {
            "success": bool(_first(claim, ("success", "complete"))),
            "filled": _decimal(_first(claim, _FILLED)),
            "average_price": _decimal(_first(claim, _PRICE)),
            "iterations": int(_first(claim, ("iterations",)) or 0),
            "reason": str(_first(claim, _REASON) or ""),
        }

    async def _position(self) -> str | None:
        return _decimal(await self._call("position"))

    async def _disconnect(self) -> None:
        await self.end()

    async def end(self) -> None:
        """Disconnect once, also when the parent is gone."""
        client, self._client = self._client, None
        if client is not None:
            answer = self._functions["disconnect"](client, self._order)
            if inspect.isawaitable(answer):
                await answer

    async def _call(self, name: str, *subject: Any) -> Any:
        answer = self._functions[name](*(subject or (self._client,)), self._order)
        return await answer if inspect.isawaitable(answer) else answer


def _module_of(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _profile(kind: Any, wanted: str | None, adapters: list[tuple[str, str, list[str]]]) -> ModuleType:
    """The profile named, else the one that fits the class by where it comes from."""
    packages = {base.__module__.partition(".")[0] for base in kind.__mro__}
    for name, path, fits in adapters:
        if name == wanted or (wanted is None and not packages.isdisjoint(fits)):
            return _module_of(f"diag_adapter_{name}", path)
    if wanted is None:
        wanted = "ccxt" if "ccxt" in packages else "perp_dex_tools"
    return importlib.import_module(f"{__package__}.adapters.{wanted}")


def _first(claim: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        value = claim.get(name) if isinstance(claim, Mapping) else getattr(claim, name, None)
        if value is not None:
            return value
    return None


def _decimal(value: Any) -> str | None:
    """A number of any kind as a plain decimal string; None when the client names none."""
    if value is None:
        return None
    try:
        return format(Decimal(str(value)), "f")
    except InvalidOperation:
        raise TypeError(f"the client answered {value!r} where a number was due") from None
