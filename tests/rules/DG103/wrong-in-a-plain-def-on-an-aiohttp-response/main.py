import aiohttp


class Rest:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def ticker(self, url: str) -> dict:
        async with self.session.get(url) as response:
            return response.json()["result"]  # <- DG103

    def mark_price(self, url: str) -> float:
        return float(self.ticker(url)["mark"])  # <- DG103


async def main() -> None:
    async with aiohttp.ClientSession() as session:
        print(await Rest(session).ticker("https://example.invalid"))
