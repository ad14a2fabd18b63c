"""Values of either kind behind a guard: isawaitable, iscoroutine, isfuture, early returns, ternaries."""

import asyncio
import inspect
from collections.abc import Awaitable, Coroutine
from typing import Any


async def settle(value: Any) -> Any:
    if not inspect.isawaitable(value):
        return value
    return await value


async def settle_nested(value: Any) -> Any:
    while inspect.isawaitable(value):
        value = await value
    return value


async def settle_ternary(value: Any) -> Any:
    return (await value) if isinstance(value, Awaitable) else value


async def settle_future(value: Any) -> Any:
    if asyncio.isfuture(value) or asyncio.iscoroutine(value):
        value = await value
    return value


async def settle_class(value: Any) -> Any:
    if isinstance(value, Coroutine):
        return await value
    elif isinstance(value, asyncio.Future):
        return await value
    return value


async def settle_match(value: Any) -> Any:
    match value:
        case Awaitable():
            return await value
        case _:
            return value


async def settle_many(values: list) -> list:
    out = []
    for value in values:
        if inspect.isawaitable(value):
            value = await value
        out.append(value)
    return out


async def settle_gather(values: list) -> list:
    return await asyncio.gather(*[v for v in values if inspect.isawaitable(v)])


async def settle_assert(value: Any) -> Any:
    assert inspect.isawaitable(value)
    return await value


async def settle_raise(value: Any) -> Any:
    if isinstance(value, (int, str)):
        raise TypeError("plain")
    return await value


def discard(value: Any) -> None:
    """A coroutine that is not needed any more is closed."""
    if asyncio.iscoroutine(value):
        value.close()


def plain(n: int) -> int:
    return n


async def coloured(n: int) -> int:
    await asyncio.sleep(0)
    return n


def maybe(n: int):
    """Plain for even numbers, a coroutine for odd ones."""
    if n % 2:
        return coloured(n)
    return plain(n)


class Reply:
    def __init__(self, value) -> None:
        self.value = value

    async def get(self):
        value = self.value
        if inspect.isawaitable(value):
            self.value = value = await value
        return value


class Hooks:
    async def emit(self, n: int):
        hook = getattr(self, "on_number", None)
        if hook is None:
            return None
        result = hook(n)
        return await result if inspect.isawaitable(result) else result


class PlainHooks(Hooks):
    def on_number(self, n):
        return n


class CoroutineHooks(Hooks):
    async def on_number(self, n):
        return n


async def main() -> None:
    for n in (1, 2):
        assert await settle(maybe(n)) == n
        assert await settle_nested(maybe(n)) == n
        assert await settle_ternary(maybe(n)) == n
        assert await settle_future(maybe(n)) == n
        assert await settle_class(maybe(n)) == n
        assert await settle_match(maybe(n)) == n
        assert await Reply(maybe(n)).get() == n
        result = maybe(n)
        if inspect.isawaitable(result):
            result = await result
        assert result == n
        discard(maybe(n))
    assert await settle_many([coloured(1), 2]) == [1, 2]
    assert await settle_gather([coloured(1), 2]) == [1]
    assert await settle_assert(coloured(3)) == 3
    assert await settle_raise(coloured(4)) == 4
    assert await PlainHooks().emit(1) == await CoroutineHooks().emit(1)
    assert await Hooks().emit(1) is None
