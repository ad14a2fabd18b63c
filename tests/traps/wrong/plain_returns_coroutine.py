"""Plain functions that hand out a coroutine which nobody awaits, and plain ones that hand out a dict."""

import asyncio


class Api:
    async def fetch(self, path, **params):
        await asyncio.sleep(0)
        return {"path": path, **params}

    def ticker(self, symbol):
        return self.fetch("ticker", symbol=symbol)

    def book(self, symbol):
        request = self.fetch("book", symbol=symbol)
        return request

    def deep(self, symbol):
        return self._deeper(symbol)

    def _deeper(self, symbol):
        return self.fetch("deeper", symbol=symbol)

    def cached(self, symbol):
        return {"symbol": symbol}

    def cached_deep(self, symbol):
        return self.cached(symbol)


def recursive(api, depth):
    if depth == 0:
        return {"depth": depth}
    return recursive(api, depth - 1)


async def fault_dropped():
    api = Api()
    api.ticker("ETH")  # <- DG102


async def fault_dropped_through_a_name():
    api = Api()
    api.book("ETH")  # <- DG102


async def fault_subscript():
    api = Api()
    return api.deep("ETH")["symbol"]  # <- DG103


async def fault_await_dict():
    api = Api()
    await api.cached("ETH")  # <- DG101


async def fault_await_dict_deep():
    api = Api()
    return (await api.cached_deep("ETH"))["symbol"]  # <- DG101


async def fault_recursive():
    await recursive(Api(), 2)  # <- DG101


async def fault_lambda():
    api = Api()
    get = lambda path: api.cached(path)  # noqa: E731
    await get("lambda")  # <- DG101
