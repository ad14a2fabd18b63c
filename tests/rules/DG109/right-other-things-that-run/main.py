import asyncio


class App:
    def run(self, value: str) -> str:
        return value

    def run_until_complete(self) -> None: ...


async def main() -> None:
    app = App()
    app.run("started")
    app.run_until_complete()
    loop = asyncio.get_running_loop()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
    await asyncio.sleep(0)
