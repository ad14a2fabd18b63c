import asyncio


class Rest:
    async def _request(self, method: str, path: str) -> dict:
        await asyncio.sleep(0)
        return {"method": method, "path": path}

    def get(self, path: str) -> dict:
        return self._request("GET", path)

    def later(self, path: str):
        return asyncio.ensure_future(self._request("GET", path))

    def both(self, first: str, second: str):
        return asyncio.gather(self.get(first), self.get(second))


async def main() -> None:
    rest = Rest()
    print(await rest.get("/ticker"), await rest.later("/book"), await rest.both("/a", "/b"))
