import httpx


class Rest:
    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url)

    async def ticker(self, symbol: str) -> dict:
        response = await self._http.get("/ticker", params={"symbol": symbol})
        await response.raise_for_status()  # <- DG101
        return await response.json()  # <- DG101
