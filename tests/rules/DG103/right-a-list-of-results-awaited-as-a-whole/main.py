import asyncio


async def price(symbol: str) -> float:
    await asyncio.sleep(0)
    return 1.0


async def total(symbols: list[str]) -> float:
    prices = await asyncio.gather(*(price(symbol) for symbol in symbols))
    first, *others = prices
    waiting = {symbol: asyncio.ensure_future(price(symbol)) for symbol in symbols}
    for symbol, future in waiting.items():
        print(symbol, await future)
    by_symbol = dict(zip(symbols, prices))
    return first + sum(others) + by_symbol.get("ETH", 0.0)
