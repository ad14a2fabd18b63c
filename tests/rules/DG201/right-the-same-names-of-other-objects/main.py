import asyncio


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Limits:
    def __init__(self) -> None:
        self.requests: dict[str, int] = {}

    async def count(self, time: Clock, key: str, session) -> int:
        time.sleep(1)
        session.get(key)
        return self.requests.get(key, 0)


def input(text: str) -> str:
    return text


async def main() -> None:
    print(input("no question"), await Limits().count(Clock(), "a", {}))
    await asyncio.sleep(0)
