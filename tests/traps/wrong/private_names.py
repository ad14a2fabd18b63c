"""The private attribute of one class, used in the colour of the other's."""

import asyncio


class Blocking:
    def close(self) -> str:
        return "closed"


class Concurrent:
    async def close(self) -> str:
        return "closed"


class Client:
    def __init__(self) -> None:
        self.__session = Blocking()

    async def close(self) -> str:
        return await self.__session.close()  # <- DG101

    @staticmethod
    def __shown(text: str) -> str:
        return text.upper()

    def shown(self) -> str:
        return self.__shown("client")


class AsyncClient(Client):
    def __init__(self) -> None:
        super().__init__()
        self.__session = Concurrent()

    async def aclose(self) -> None:
        self.__session.close()  # <- DG102

    async def __shown(self, text: str) -> str:
        return text.upper()

    async def ashown(self) -> bool:
        return self.__shown("async client").startswith("A")  # <- DG103


async def fault_await() -> None:
    await AsyncClient().close()


async def fault_dropped() -> None:
    await AsyncClient().aclose()


async def fault_attribute() -> None:
    await AsyncClient().ashown()


def main() -> None:
    asyncio.run(fault_await())
