"""Code of one colour with a mistake in the part that runs."""

import asyncio

_IS_SYNC = False


class Topology:
    async def open(self) -> str:
        return "open"

    def close(self) -> str:
        return "closed"


class Client:
    def __init__(self) -> None:
        self.topology = Topology()

    async def start(self) -> str:
        if not _IS_SYNC:
            return self.topology.open().upper()  # <- DG103
        return await self.topology.open()

    async def stop(self) -> str:
        if _IS_SYNC:
            return self.topology.close()
        else:
            return await self.topology.close()  # <- DG101


class Runner:
    def send(self):
        return asyncio.run(Topology().open())


async def fault_start() -> None:
    await Client().start()


async def fault_stop() -> None:
    await Client().stop()


async def fault_nested() -> None:
    Runner().send()  # <- DG109


def main() -> None:
    asyncio.run(fault_stop())
