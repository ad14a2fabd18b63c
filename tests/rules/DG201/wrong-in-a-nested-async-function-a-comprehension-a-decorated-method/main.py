import requests

from retry import retry

URL = "https://example.invalid"


class Client:
    @retry
    async def tickers(self, symbols: list[str]) -> list[int]:
        return [requests.get(f"{URL}/{symbol}", timeout=5).status_code for symbol in symbols]  # <- DG201


def make():
    async def handler(order: dict) -> int:
        return requests.post(URL, json=order, timeout=5).status_code  # <- DG201

    return handler
