"""What a subscription of the client delivers, kept until a card asks for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from probes.lifecycle.errors import FailedError, SkippedError

T = TypeVar("T")


class Heard(Generic[T]):
    """Messages of one stream, each of which is looked at once, in order."""

    def __init__(self, patience_s: float, *, may_be_silent: bool) -> None:
        self.patience_s = patience_s
        self._may_be_silent = may_be_silent
        self._messages: asyncio.Queue[T | Exception] = asyncio.Queue()

    async def within(self, seconds: float, test: Callable[[T], object]) -> T | None:
        """The first message that passes the test; None when there is none in that time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    message = await self._messages.get()
                    if isinstance(message, Exception):
                        raise message
                    if test(message):
                        return message
        return None

    async def until(self, test: Callable[[T], object], what: str) -> T:
        """The first message that passes the test; fails the card when patience ends before it."""
        count = 0

        def counted(message: T) -> object:
            nonlocal count
            count += 1
            return test(message)

        found = await self.within(self.patience_s, counted)
        if found is not None:
            return found
        if self._may_be_silent and not count:
            raise SkippedError(f"no message within {self.patience_s:g} s")
        raise FailedError(f"{count} messages of the stream, none of them {what}", what)

    async def pump(self, stream: AsyncIterator[T]) -> None:
        try:
            async for message in stream:
                self._messages.put_nowait(message)
        except Exception as error:
            self._messages.put_nowait(error)


@contextlib.asynccontextmanager
async def listen(
    subscription: AbstractAsyncContextManager[AsyncIterator[T]], patience_s: float, *, may_be_silent: bool
) -> AsyncIterator[Heard[T]]:
    """Subscribe, and unsubscribe at the end."""
    async with subscription as stream:
        heard: Heard[T] = Heard(patience_s, may_be_silent=may_be_silent)
        pump = asyncio.create_task(heard.pump(stream))
        try:
            yield heard
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
