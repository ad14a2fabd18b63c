class Connection:
    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *error: object) -> None: ...

    async def __aenter__(self) -> "Connection":
        return self

    async def __aexit__(self, *error: object) -> None: ...

    def __iter__(self):
        return iter(())

    def __aiter__(self):
        return self

    async def __anext__(self) -> str:
        raise StopAsyncIteration


async def main() -> None:
    with Connection() as connection:
        for message in connection:
            print(message)
    async with Connection() as connection:
        async for message in connection:
            print(message)
