"""Callbacks of either colour, dispatched on what they are or on what they return."""

import asyncio
import inspect
from typing import Any, Awaitable, Callable, Union

Handler = Callable[[dict], Union[None, Awaitable[None]]]


def on_fill(order: dict) -> None:
    order["seen"] = order.get("seen", 0) + 1


async def on_fill_async(order: dict) -> None:
    await asyncio.sleep(0)
    order["seen"] = order.get("seen", 0) + 1


class Stream:
    def __init__(self, on_message: Handler) -> None:
        self.on_message = on_message
        self.handlers: dict[str, Handler] = {}
        self.listeners: list[Handler] = []

    def on(self, event: str, handler: Handler) -> None:
        self.handlers[event] = handler

    async def by_function(self, message: dict) -> None:
        if asyncio.iscoroutinefunction(self.on_message):
            await self.on_message(message)
        else:
            self.on_message(message)

    async def by_inspect(self, message: dict) -> None:
        if inspect.iscoroutinefunction(self.on_message):
            await self.on_message(message)
            return
        self.on_message(message)

    async def by_result(self, message: dict) -> None:
        result = self.on_message(message)
        if inspect.isawaitable(result):
            await result

    async def by_coroutine(self, message: dict) -> None:
        result = self.on_message(message)
        if asyncio.iscoroutine(result):
            await result

    async def by_attribute(self, message: dict) -> None:
        result = self.on_message(message)
        if hasattr(result, "__await__"):
            await result

    async def by_truth(self, message: dict) -> None:
        result = self.on_message(message)
        if result:
            await result

    async def by_none(self, message: dict) -> None:
        result = self.on_message(message)
        if result is not None:
            await result

    async def by_error(self, message: dict) -> None:
        try:
            await self.on_message(message)
        except TypeError:
            pass

    async def by_flag(self, message: dict, is_async: bool) -> None:
        if is_async:
            await self.on_message(message)
        else:
            self.on_message(message)

    async def in_registry(self, event: str, message: dict) -> None:
        handler = self.handlers.get(event)
        if handler is None:
            return
        if asyncio.iscoroutinefunction(handler):
            await handler(message)
        else:
            await asyncio.to_thread(handler, message)

    async def in_list(self, message: dict) -> None:
        pending = []
        for listener in self.listeners:
            result = listener(message)
            if inspect.isawaitable(result):
                pending.append(result)
        await asyncio.gather(*pending)

    async def as_task(self, message: dict) -> None:
        if inspect.iscoroutinefunction(self.on_message):
            task = asyncio.create_task(self.on_message(message))
        else:
            task = asyncio.create_task(asyncio.to_thread(self.on_message, message))
        await task


async def call(function: Callable[..., Any], *args: Any) -> Any:
    result = function(*args)
    return await result if inspect.isawaitable(result) else result


async def call_walrus(function, *args):
    if inspect.isawaitable(result := function(*args)):
        result = await result
    return result


async def call_stored_colour(function, *args):
    coloured = asyncio.iscoroutinefunction(function)
    value = await function(*args) if coloured else function(*args)
    return value


def plan(function, *args):
    """Chooses the wrapper once, outside of the coroutine."""
    if asyncio.iscoroutinefunction(function):
        runner = function
    else:

        async def runner(*inner):
            return function(*inner)

    return runner(*args)


async def main() -> None:
    for handler, coloured in ((on_fill, False), (on_fill_async, True)):
        order: dict = {}
        stream = Stream(handler)
        stream.on("fill", handler)
        stream.listeners.append(handler)
        await stream.by_function(order)
        await stream.by_inspect(order)
        await stream.by_result(order)
        await stream.by_coroutine(order)
        await stream.by_attribute(order)
        await stream.by_truth(order)
        await stream.by_none(order)
        await stream.by_error(order)
        await stream.by_flag(order, coloured)
        await stream.in_registry("fill", order)
        await stream.in_registry("cancel", order)
        await stream.in_list(order)
        await stream.as_task(order)
        await call(handler, order)
        await call_walrus(handler, order)
        await call_stored_colour(handler, order)
        await plan(handler, order)
        assert order["seen"] == 16, order
