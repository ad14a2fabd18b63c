import asyncio
import inspect


class Feed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    async def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            if inspect.iscoroutinefunction(callback):
                await callback(fill)
            else:
                callback(fill)

    async def publish_any(self, fill: dict) -> None:
        for callback in self.callbacks:
            result = callback(fill)
            if asyncio.iscoroutine(result):
                await result


async def hedge(fill: dict) -> None: ...


def log(fill: dict) -> None: ...


feed = Feed()
feed.subscribe(hedge)
feed.subscribe(log)
