import asyncio
import logging
import threading


class Strategy:
    async def run(self) -> None:
        await self.on_start()
        while await self.on_tick({}):
            self.on_idle()

    async def on_start(self) -> None:
        await asyncio.sleep(0)

    async def on_tick(self, ticker: dict) -> bool:
        return False

    def on_idle(self) -> None:
        print("idle")


class Maker(Strategy):
    def on_start(self) -> None:  # <- DG108
        print("start")

    def on_tick(self, ticker: dict) -> bool:  # <- DG108
        return bool(ticker)

    async def on_idle(self) -> None:  # <- DG108
        await asyncio.sleep(1)


class Worker(threading.Thread):
    async def run(self) -> None:  # <- DG108
        await asyncio.sleep(0)


class Wire(asyncio.Protocol):
    async def data_received(self, data: bytes) -> None:  # <- DG108
        await asyncio.sleep(0)


class Chat(logging.Handler):
    async def emit(self, record: logging.LogRecord) -> None:  # <- DG108
        await asyncio.sleep(0)


class Client:
    async def __init__(self) -> None:  # <- DG108
        await asyncio.sleep(0)
