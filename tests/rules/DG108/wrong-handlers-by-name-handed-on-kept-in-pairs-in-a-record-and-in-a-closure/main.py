import functools
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass


class Socket:
    def __init__(self, on_message=None, on_error=None) -> None:
        self.on_message = on_message
        self.on_error = on_error

    def _callback(self, callback, *args) -> None:
        if callback:
            try:
                callback(self, *args)
            except ValueError as error:
                print(f"{callback} failed: {error}")
                if self.on_error is not None:
                    self.on_error(self, error)

    def received(self, text: str) -> None:
        self._callback(self.on_message, text)


class Bus:
    def __init__(self) -> None:
        self.one = {}
        self.many = defaultdict(list)
        self.pairs = []

    def set(self, topic: str, handler) -> None:
        self.one[topic] = handler

    def add(self, topic: str, handler) -> None:
        self.many.setdefault(topic, []).append(handler)

    def pair(self, topic: str, handler) -> None:
        self.pairs.append((topic, handler))

    def publish(self, topic: str, fill: dict) -> None:
        handler = self.one.get(topic)
        if handler is not None:
            handler(fill)
        for each in list(self.many[topic]):
            each(fill)

    async def publish_pairs(self, topic: str, fill: dict) -> None:
        for name, handler in self.pairs:
            if name == topic:
                await handler(fill)


@dataclass
class Timer:
    seconds: float
    action: Callable[[], None]

    def fire(self) -> None:
        self.action()


def in_thread(action) -> None:
    threading.Thread(target=action).start()


def decoded(action):
    def on_text(text: str) -> None:
        action({"text": text})

    return on_text


class Bot:
    def __init__(self) -> None:
        self.socket = Socket(on_message=self.on_fill, on_error=self.save)  # <- DG108
        self.bus = Bus()
        self.bus.set("fill", self.save)
        self.bus.set("fill", self.on_fill)  # <- DG108
        self.bus.add("fill", self.save)
        self.bus.add("fill", functools.partial(self.on_fill, None))  # <- DG108
        self.bus.pair("fill", self.on_fill)
        self.bus.pair("fill", self.save)  # <- DG108
        self.timer = Timer(1, action=self.on_fill)  # <- DG108
        in_thread(self.on_fill)  # <- DG108
        self.on_text = decoded(self.on_fill)  # <- DG108

    async def on_fill(self, *args) -> None:
        print("hedging", args)

    def save(self, *args) -> None:
        print("saved", args)
