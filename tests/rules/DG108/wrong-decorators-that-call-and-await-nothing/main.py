import asyncio
import atexit
import functools


@atexit.register  # <- DG108
async def close() -> None:
    await asyncio.sleep(0)


@functools.lru_cache  # <- DG108
async def tick_size(symbol: str) -> float:
    await asyncio.sleep(0)
    return 0.01


class Client:
    @functools.cache  # <- DG108
    async def markets(self) -> dict:
        await asyncio.sleep(0)
        return {}

    async def spread(self) -> None:
        print(await self.markets())
        print(await self.markets())


async def prices() -> None:
    print(await tick_size("ETH"))
    print(await tick_size("ETH"))


class Bus:
    def __init__(self) -> None:
        self.handlers: dict[str, list] = {}
        self.commands = {}

    def on(self, event: str):
        def register(handler):
            self.handlers.setdefault(event, []).append(handler)
            return handler

        return register

    def command(self, handler):
        self.commands[handler.__name__] = handler
        return handler

    def emit(self, event: str, message: dict) -> None:
        for handler in self.handlers.get(event, []):
            handler(message)

    async def run(self, name: str) -> None:
        await self.commands[name]()


bus = Bus()


@bus.on("fill")  # <- DG108
async def on_fill(message: dict) -> None:
    await asyncio.sleep(0)


@bus.on("tick")
def on_tick(message: dict) -> None:
    print(message)


@bus.command  # <- DG108
def stop() -> None:
    print("stop")


@bus.command
async def start() -> None:
    await asyncio.sleep(0)
