import asyncio


class LighterClient:
    async def cancel(self, order: str) -> bool:
        await asyncio.sleep(0)
        return bool(order)

    async def flush(self) -> None:
        """Waits until everything is sent, however long that takes."""
        while self.pending():
            await asyncio.sleep(0.1)

    def pending(self) -> int:
        return 0
