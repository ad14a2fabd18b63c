class Bot:
    def __init__(self, rest, stream) -> None:
        self.rest = rest
        self.stream = stream

    async def stop(self, other) -> None:
        await self.stream.close()
        self.rest.close()
        other.close()
        client = self.stream
        await client.close()
        client = self.rest
        client.close()


class Other:
    def __init__(self, stream) -> None:
        self.stream = stream

    def stop(self) -> None:
        self.stream.close()
