"""What a call does depends on what it is given; and what a class keeps, on the class."""

import asyncio
import threading
import time


class Nodes:
    def __init__(self) -> None:
        self.by_name = {"a": 1}

    def get(self, host: str | None = None, port: int | None = None, name: str | None = None) -> int:
        if host and port:
            if host == "localhost":
                time.sleep(0.001)
            return port
        return self.by_name.get(name or "a", 0)

    def wait(self, pause: float | None = None) -> None:
        if pause is not None:
            time.sleep(pause)


class Cluster:
    def __init__(self) -> None:
        self.nodes = Nodes()

    def get_node(self, host: str | None = None, port: int | None = None, name: str | None = None) -> int:
        return self.nodes.get(host, port, name)

    async def redirect(self, name: str) -> int:
        self.nodes.wait()
        return self.get_node(name=name) + self.nodes.get(name=name)


class Script:
    def run(self) -> bool:
        return True


class AsyncScript:
    async def run(self) -> bool:
        return True


class Lock:
    release = None

    def __init__(self) -> None:
        cls = self.__class__
        if cls.release is None:
            cls.release = Script()

    def do(self) -> bool:
        return bool(self.release.run())


class AsyncLock:
    release = None

    def __init__(self) -> None:
        cls = self.__class__
        if cls.release is None:
            cls.release = AsyncScript()

    async def do(self) -> bool:
        return bool(await self.release.run())


async def in_thread() -> str:
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(done.set_result, "done"))
    thread.start()
    try:
        return await done
    finally:
        thread.join()


async def main() -> None:
    assert await in_thread() == "done"
    assert await Cluster().redirect("a") == 2
    assert Lock().do() and await AsyncLock().do()


if __name__ == "__main__":
    asyncio.run(main())
