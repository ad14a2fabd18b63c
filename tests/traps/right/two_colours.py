"""Code that is generated in two colours: a constant says which one this is."""

import asyncio

_IS_SYNC = False


class Topology:
    async def open(self) -> str:
        return "open"

    def close(self) -> str:
        return "closed"


class Client:
    def __init__(self, connect: bool = True) -> None:
        self.topology = Topology()
        if _IS_SYNC and connect:
            self.topology.open()

    async def start(self) -> str:
        if _IS_SYNC:
            return self.topology.open().upper()
        return await self.topology.open()

    async def stop(self) -> str:
        if not _IS_SYNC:
            return self.topology.close()
        else:
            return await self.topology.close()


class Runner:
    def __init__(self, run_async: bool) -> None:
        self.run_async = run_async

    def send(self):
        if self.run_async:
            return asyncio.ensure_future(Topology().open())
        else:
            return asyncio.run(Topology().open())


async def main() -> None:
    client = Client()
    assert await client.start() == "open"
    assert await client.stop() == "closed"
    runner = Runner(run_async=True)
    assert await runner.send() == "open"


if __name__ == "__main__":
    asyncio.run(main())
    assert Runner(run_async=False).send() == "open"
