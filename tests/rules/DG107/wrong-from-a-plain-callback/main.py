import asyncio
from asyncio import create_task


async def resubscribe() -> None:
    await asyncio.sleep(0)


class Feed:
    def __init__(self) -> None:
        self.loop = asyncio.get_event_loop()

    def on_close(self) -> None:
        create_task(resubscribe())  # <- DG107

    def on_error(self, error: Exception) -> None:
        if error is not None:
            self.loop.create_task(resubscribe())  # <- DG107
