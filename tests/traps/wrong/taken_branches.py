"""The same, with what makes the call block, and without the await."""

import asyncio
import threading
import time


class Nodes:
    def get(self, host: str | None = None, port: int | None = None) -> int:
        if host and port:
            time.sleep(0.001)
            return port
        return 0


class Cluster:
    def __init__(self) -> None:
        self.nodes = Nodes()

    def get_node(self, host: str | None = None, port: int | None = None) -> int:
        return self.nodes.get(host, port)

    async def redirect(self) -> int:
        return self.get_node("localhost", 1)  # <- DG202


class AsyncScript:
    async def run(self) -> bool:
        return True


class AsyncLock:
    release = None

    def __init__(self) -> None:
        cls = self.__class__
        if cls.release is None:
            cls.release = AsyncScript()

    async def do(self) -> bool:
        return bool(self.release.run())  # <- DG103


async def in_thread() -> None:
    thread = threading.Thread(target=time.sleep, args=(0.001,))
    thread.start()
    thread.join()  # <- DG201


async def fault_do() -> None:
    await AsyncLock().do()


def main() -> None:
    asyncio.run(fault_do())
