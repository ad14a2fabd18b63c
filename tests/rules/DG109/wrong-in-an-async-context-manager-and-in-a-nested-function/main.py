import asyncio


class Session:
    async def _close(self) -> None:
        await asyncio.sleep(0)

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(self, *error: object) -> None:
        asyncio.run(self._close())  # <- DG109


async def main() -> None:
    def close(session: Session) -> None:
        asyncio.run(session._close())

    async with Session() as session:
        close(session)  # <- DG109
