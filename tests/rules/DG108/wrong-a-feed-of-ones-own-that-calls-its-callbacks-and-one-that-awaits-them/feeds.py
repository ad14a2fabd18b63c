import logging


class CallingFeed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            callback(fill)


class AwaitingFeed:
    def __init__(self) -> None:
        self.callbacks: list = []

    def subscribe(self, callback) -> None:
        self.callbacks.append(callback)

    async def publish(self, fill: dict) -> None:
        for callback in self.callbacks:
            await callback(fill)
