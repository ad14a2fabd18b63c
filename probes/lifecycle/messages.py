"""What a subscription of the client delivers, kept until a case asks for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

from probes.lifecycle.errors import FailedError, SkippedError

T = TypeVar("T")


class Messages(Generic[T]):
    """Messages of one stream, each of which is looked at once, in order."""

    def __init__(self, timeout_s: float, *, may_be_silent: bool) -> None:
        self.timeout_s = timeout_s
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
        """The first message that passes the test; fails the case when the time is over before it."""
        count = 0

        def counted(message: T) -> object:
            nonlocal count
            count += 1
            return test(message)

        found = await self.within(self.timeout_s, counted)
        if found is not None:
            return found
        if self._may_be_silent and not count:
            raise SkippedError(f"no message within {self.timeout_s:g} s")
        raise FailedError(f"{count} messages of the stream, none of them {what}", what)

    async def pump(self, stream: AsyncIterator[T]) -> None:
        try:
            async for message in stream:
                self._messages.put_nowait(message)
        except Exception as error:
            self._messages.put_nowait(error)


@contextlib.asynccontextmanager
async def subscribe(
    subscription: AbstractAsyncContextManager[AsyncIterator[T]], timeout_s: float, *, may_be_silent: bool
) -> AsyncIterator[Messages[T]]:
    """Subscribe, and unsubscribe at the end."""
    async with subscription as stream:
        messages: Messages[T] = Messages(timeout_s, may_be_silent=may_be_silent)
        pump = asyncio.create_task(messages.pump(stream))
        try:
            yield messages
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
