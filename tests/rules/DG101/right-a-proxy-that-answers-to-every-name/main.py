import asyncio


class Proxy:
    def __init__(self, target: object) -> None:
        self._target = target

    def __getattr__(self, name: str):
        async def call(*args):
            await asyncio.sleep(0)
            return getattr(self._target, name)(*args)

        return call


async def main() -> None:
    print(await Proxy({}).get("ETH"))
