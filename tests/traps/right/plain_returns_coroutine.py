"""Plain functions that hand a coroutine to a caller, which awaits it."""

import asyncio
from functools import partial


class Api:
    async def fetch(self, path, **params):
        await asyncio.sleep(0)
        return {"path": path, **params}

    async def fetch_cached(self, path, **params):
        return {"path": path, "cached": True}

    def ticker(self, symbol):
        return self.fetch("ticker", symbol=symbol)

    def book(self, symbol, depth=5):
        request = self.fetch("book", symbol=symbol, depth=depth)
        return request

    def orders(self, symbol, cached=False):
        return self.fetch_cached("orders") if cached else self.fetch("orders", symbol=symbol)

    def trades(self, symbol, cached):
        if cached:
            call = self.fetch_cached
        else:
            call = self.fetch
        return call("trades", symbol=symbol)

    def dispatch(self, kind, symbol):
        calls = {"ticker": self.ticker, "book": self.book}
        return calls[kind](symbol)

    def dispatch_default(self, kind, symbol):
        return {"ticker": self.ticker}.get(kind, self.book)(symbol)

    def by_name(self, name, *args):
        return getattr(self, name)(*args)

    def either(self, primary, fallback):
        return primary and self.fetch(primary) or self.fetch(fallback)

    def nested(self, symbol):
        def build():
            return self.fetch("nested", symbol=symbol)

        return build()

    def deep(self, symbol):
        return self._deeper(symbol)

    def _deeper(self, symbol):
        return self._deepest(symbol)

    def _deepest(self, symbol):
        return self.fetch("deepest", symbol=symbol)

    def match(self, kind):
        match kind:
            case "cached":
                return self.fetch_cached(kind)
            case _:
                return self.fetch(kind)

    def logged(self, path):
        try:
            coroutine = self.fetch(path)
        except KeyError:
            raise
        else:
            return coroutine
        finally:
            self.last = path

    account = lambda self: self.fetch("account")  # noqa: E731

    def forward(self, *args, **kwargs):
        return self.fetch(*args, **kwargs)


HANDLERS = {"ticker": Api.ticker, "fetch": Api.fetch}


def module_level(api):
    return api.fetch("module")


def through_argument(call, *args):
    return call(*args)


def recursive(api, depth):
    if depth == 0:
        return api.fetch("bottom")
    return recursive(api, depth - 1)


async def main():
    api = Api()
    assert (await api.ticker("ETH"))["symbol"] == "ETH"
    assert (await api.book("ETH"))["depth"] == 5
    assert (await api.orders("ETH", cached=True))["cached"]
    await api.orders("ETH")
    await api.trades("ETH", cached=False)
    await api.dispatch("book", "ETH")
    await api.dispatch_default("other", "ETH")
    assert await api.by_name("ticker", "ETH") == await api.ticker("ETH")
    await api.either("", "b")
    await api.either("a", "b")
    await api.nested("ETH")
    await api.deep("ETH")
    await api.match("cached")
    await api.logged("x")
    await api.account()
    await api.forward("x", symbol="ETH")
    await HANDLERS["ticker"](api, "ETH")
    await HANDLERS["fetch"](api, "raw")
    await module_level(api)
    await through_argument(api.fetch, "x")
    await through_argument(api.ticker, "ETH")
    await recursive(api, 3)
    get = lambda path: api.fetch(path)  # noqa: E731
    await get("lambda")
    fetch = partial(api.fetch, "partial")
    await fetch(symbol="ETH")
    request = api.ticker("ETH")
    quote = await request
    assert quote["symbol"] == "ETH"
