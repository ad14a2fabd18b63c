"""Callables known by their annotation only: what they give may be called, awaited or entered."""

import asyncio
from typing import Any, AsyncContextManager, Awaitable, Callable, Optional, Union

Send = Callable[[Any], Awaitable[None]]
NewApp = Callable[[dict, Send], Awaitable[None]]
OldApp = Callable[[dict], Callable[[Send], Awaitable[None]]]
Factory = Callable[[], Union["Session", Awaitable["Session"]]]


class Session:
    def __init__(self) -> None:
        self.rows: list = []

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    async def send(self, row: Any) -> None:
        self.rows.append(row)

    def size(self) -> int:
        return len(self.rows)


class WrapOld:
    """Makes an application of the old kind, called twice, one of the new."""

    def __init__(self, app: OldApp) -> None:
        self.app = app

    async def __call__(self, scope: dict, send: Send) -> None:
        instance = self.app(scope)
        await instance(send)


class Worker:
    def __init__(self, app: NewApp) -> None:
        self.app = app

    async def run(self, scope: dict, send: Send) -> None:
        await self.app(scope, send)


class Client:
    def __init__(self, app: "OldApp | NewApp", old: bool) -> None:
        if old:
            app = WrapOld(app)
        self.app = app

    async def get(self, send: Send) -> None:
        worker = Worker(self.app)
        await worker.run({}, send)


async def make(factory: Factory) -> Session:
    made = factory()
    if isinstance(made, Session):
        return made
    return await made


async def hook(before: Optional[Callable[[dict], Optional[Awaitable[dict]]]], order: dict) -> dict:
    if before:
        changed = before(order)
        if changed:
            order = await changed
    return order


async def entered(connect: Callable[[str], AsyncContextManager[Session]]) -> int:
    async with connect("x") as session:
        await session.send(1)
        return session.size()


async def kept(connect: Callable[[str], Any]) -> int:
    session = await connect("x")
    return session.size()


def schedule(callback: Callable[[], object]) -> object:
    return callback()


async def new_app(scope: dict, send: Send) -> None:
    await send("new")


def old_app(scope: dict) -> Callable[[Send], Awaitable[None]]:
    async def instance(send: Send) -> None:
        await send("old")

    return instance


async def make_later() -> Session:
    return Session()


async def double(order: dict) -> dict:
    return {"size": 2 * order["size"]}


async def main() -> None:
    session = Session()
    await Client(new_app, old=False).get(session.send)
    await Client(old_app, old=True).get(session.send)
    assert session.rows == ["new", "old"]
    assert (await make(Session)).size() == (await make(make_later)).size() == 0
    assert (await hook(double, {"size": 1}))["size"] == 2
    assert (await hook(None, {"size": 1}))["size"] == (await hook(lambda order: None, {"size": 1}))["size"]
    assert await entered(lambda url: Session()) == 1
    assert await kept(lambda url: make_later()) == 0
    await schedule(make_later)
    assert schedule(Session)
    await asyncio.gather(schedule(make_later), make_later())
