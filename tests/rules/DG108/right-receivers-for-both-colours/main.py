import asyncio
from unittest.mock import AsyncMock, Mock


class Signal:
    def __init__(self) -> None:
        self.slots = []

    def connect(self, slot) -> None:
        self.slots.append(slot)

    def emit(self, fill: dict) -> None:
        for slot in self.slots:
            result = slot(fill)
            if result is not None:
                asyncio.ensure_future(result).add_done_callback(print)


class TwoWays:
    def __init__(self) -> None:
        self.handlers = {}

    def on(self, event: str, handler) -> None:
        self.handlers[event] = handler

    def dispatch(self, event: str, fill: dict) -> None:
        self.handlers[event](fill)

    async def dispatch_async(self, event: str, fill: dict) -> None:
        await self.handlers[event](fill)


class Base:
    def __init__(self, action) -> None:
        self.action = action


class Plain(Base):
    def run(self) -> None:
        self.action({})


class Async(Base):
    async def run(self) -> None:
        await self.action({})


class ByName:
    def __init__(self, on_fill=None) -> None:
        self.on_fill = on_fill

    def fill(self) -> None:
        self.on_fill({})

    async def fire(self, event: str) -> None:
        await getattr(self, f"on_{event}")({})


async def hedge(fill: dict) -> None:
    print("hedging", fill)


def log(fill: dict) -> None:
    print("fill", fill)


def later(fill: dict):
    return hedge(fill)


for handler in (hedge, log):
    signal = Signal()
    signal.connect(handler)
ways = TwoWays()
ways.on("fill", hedge)
ways.on("log", log)
Plain(log)
Async(hedge)
Async(later)
Async(Mock())
Async(AsyncMock())
ByName(on_fill=hedge)
Mock().connect(hedge)
