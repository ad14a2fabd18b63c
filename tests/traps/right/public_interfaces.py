"""A library without callers: what its parameters are, only their annotations say, if anything."""

import asyncio
import typing
from typing import Any, Awaitable, Callable, Protocol, Union

NewApp = Callable[[dict, Any], Awaitable[None]]
OldApp = Callable[[dict], Callable[[Any], Awaitable[None]]]


class WrapOld:
    def __init__(self, app: OldApp) -> None:
        self.app = app

    async def __call__(self, scope: dict, send: Any) -> None:
        instance = self.app(scope)
        await instance(send)


class Session:
    app: NewApp

    async def run(self, scope: dict, send: Any) -> None:
        await self.app(scope, send)


class Transport:
    def __init__(self, app: NewApp) -> None:
        self.app = app

    def handle(self, scope: dict, send: Any) -> None:
        asyncio.run(self._handle(scope, send))

    async def _handle(self, scope: dict, send: Any) -> None:
        await self.app(scope, send)


class Client:
    def __init__(self, app: "OldApp | NewApp") -> None:
        if self._is_old(app):
            app = typing.cast(OldApp, app)
            wrapped = WrapOld(app)
        else:
            wrapped = typing.cast(NewApp, app)
        self.app = wrapped
        self.transport = Transport(wrapped)
        self.session = Session()
        self.session.app = wrapped

    @staticmethod
    def _is_old(app) -> bool:
        return not asyncio.iscoroutinefunction(app)


class WrapTwice:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, send):
        instance = self.app(scope)
        await instance(send)


class Lifespan:
    def __init__(self, app, old):
        if old:
            wrapped = WrapTwice(app)
        else:
            wrapped = app
        self.app = wrapped

    async def run(self, scope, send):
        await self.app(scope, send)


class Venue(Protocol):
    def fetch(self, symbol: str) -> Union[dict, Awaitable[dict]]: ...

    async def place(self, order: dict) -> dict: ...

    def name(self) -> str: ...


class Router:
    def __init__(self, venues, fallback=None, on_error: Callable[..., Any] = print) -> None:
        self.venues = venues
        self.fallback = fallback
        self.on_error = on_error

    async def best(self, symbol):
        quotes = []
        for venue in self.venues:
            quote = venue.fetch(symbol)
            if asyncio.iscoroutine(quote):
                quote = await quote
            quotes.append(quote)
        return max(quotes, key=lambda quote: quote["bid"])

    async def place(self, venue: Venue, order: dict):
        try:
            return await venue.place(order)
        except ConnectionError as error:
            self.on_error(error)
            if self.fallback is not None:
                return await self.fallback.place(order)
            raise

    async def names(self):
        return [venue.name() for venue in self.venues]

    async def close(self):
        await asyncio.gather(*(venue.close() for venue in self.venues))
        self.venues.clear()


def subscribe(stream, handler):
    stream.on("book", handler)
    stream.start()
    return stream


async def consume(stream, handler):
    await stream.start()
    async for row in stream:
        handler(row)
    stream.close()


async def consume_old(stream, handler):
    stream.start()
    for row in stream:
        await handler(row)
    await stream.close()


class Strategy:
    def __init__(self, client, logger, clock=asyncio.sleep):
        self.client = client
        self.logger = logger
        self.clock = clock

    async def run(self):
        while self.client.is_running():
            await self.clock(1)
            await self.step()

    async def step(self):
        self.logger.info("step")
        position = await self.client.position()
        self.logger.info("at %s", position)

    def on_start(self):
        """Subclasses may make it a coroutine function."""

    async def start(self):
        started = self.on_start()
        if started is not None:
            await started
