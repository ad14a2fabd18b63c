"""Coroutines, tasks and lists of them in expressions where they are rightly values."""

import asyncio
import inspect
import json
from decimal import Decimal


async def price(symbol):
    await asyncio.sleep(0)
    return "1.5"


def cached(symbol):
    return "1.5"


async def in_expressions():
    total = Decimal(await price("ETH")) + Decimal(await price("BTC"))
    text = f"{await price('ETH')} of {cached('ETH')}"
    row = {"price": float(await price("ETH"))}
    if await price("ETH") and not await price("") == "2":
        total += 1
    first, *_ = await price("ETH")
    head = (await price("ETH"))[0]
    upper = (await price("ETH")).upper()
    packed = json.dumps({"price": await price("ETH")})
    best = max([await price("ETH"), await price("BTC")])
    chosen = await price("ETH") if text else await price("BTC")
    truth = await price("ETH") or await price("BTC")
    sliced = text[: len(await price("ETH"))]
    print("" if row else await price("ETH"), sep="", end="", flush=bool(await price("ETH")))
    return total, first, head, upper, packed, best, chosen, truth, sliced


async def asked_about():
    coroutine = price("ETH")
    assert coroutine is not None
    assert inspect.iscoroutine(coroutine) and hasattr(coroutine, "send")
    assert coroutine.__name__ == "price" and coroutine.cr_frame is not None
    assert repr(coroutine).startswith("<coroutine")
    assert isinstance(coroutine, object) and callable(price)
    assert coroutine in [coroutine] and coroutine == coroutine
    assert {coroutine: 1}[coroutine] == 1
    await coroutine


async def optional(fresh):
    coroutine = price("ETH") if fresh else None
    if coroutine:
        return await coroutine
    return cached("ETH")


async def optional_by_or(coroutine=None):
    coroutine = coroutine or price("ETH")
    return await coroutine


async def lists():
    pending = [price("ETH"), price("BTC")]
    assert len(pending) == 2
    if pending:
        first = pending[0]
        assert await first
    named = dict(zip(["b"], pending[1:]))
    if "b" in named:
        assert await named["b"]
    pairs = [(n, price(str(n))) for n in range(2)]
    pairs.sort(key=lambda pair: pair[0])
    return [await coroutine for _, coroutine in pairs]


async def tasks():
    task = asyncio.create_task(price("ETH"))
    assert not task.done()
    text = f"waiting for {task.get_name()}"
    running = [task]
    if task in running and running[0] is task:
        await task
    return text + task.result()


async def functions_as_values():
    table = {price: "coroutine", cached: "plain"}
    assert table[price] == "coroutine"
    name = price.__name__ + cached.__name__
    assert price is not cached and price != cached
    if price:
        name += price.__doc__ or ""
    return name


def logged(logger=str.lower):
    return logger("starting %s" % price.__name__)


async def starred():
    first, second = await asyncio.gather(price("ETH"), price("BTC"))
    low, high = sorted([first, second])
    results = await asyncio.gather(*[price(s) for s in "ab"])
    assert results[0] == results[-1]
    (one,) = await asyncio.gather(price("c"))
    return low, high, one


async def conditional_chain(kind):
    return await (price("ETH") if kind == "a" else price("BTC") if kind == "b" else price("SOL"))


async def main():
    assert (await in_expressions())[0] == 4
    await asked_about()
    assert await optional(True) == await optional(False) == await optional_by_or()
    assert await optional_by_or(price("x"))
    assert await lists() == ["1.5", "1.5"]
    assert (await tasks()).endswith("1.5")
    assert await functions_as_values() == "pricecached"
    logged()
    assert (await starred())[2] == "1.5"
    assert await conditional_chain("b") == "1.5"
