"""`__session` of a base class and `__session` of a subclass are two attributes, of two colours."""

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

    def close(self) -> str:
        return self.__session.close()

    @staticmethod
    def __shown(text: str) -> str:
        return text.upper()

    def shown(self) -> str:
        return self.__shown("client")


class AsyncClient(Client):
    def __init__(self) -> None:
        super().__init__()
        self.__session = Concurrent()

    @classmethod
    def made(cls) -> "AsyncClient":
        client = cls()
        client.__session = Concurrent()
        return client

    async def aclose(self) -> str:
        return await self.__session.close()

    async def __shown(self, text: str) -> str:
        return text.upper()

    async def ashown(self) -> str:
        return await self.__shown("async client")


async def main() -> None:
    client = AsyncClient.made()
    assert client.close() == await client.aclose() == "closed"
    assert client.shown() == "CLIENT"
    assert await client.ashown() == "ASYNC CLIENT"


if __name__ == "__main__":
    asyncio.run(main())
