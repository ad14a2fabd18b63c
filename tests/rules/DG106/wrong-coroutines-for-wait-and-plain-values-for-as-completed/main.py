import asyncio


async def fetch(symbol: str) -> str:
    await asyncio.sleep(0)
    return symbol


def spread(symbol: str) -> int:
    return len(symbol)


async def main() -> None:
    await asyncio.wait([fetch("ETH")])  # <- DG106
    done, pending = await asyncio.wait({fetch(s) for s in ("ETH", "BTC")}, timeout=1)  # <- DG106
    print(done, pending)
    jobs = [fetch("ETH"), fetch("BTC")]
    await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)  # <- DG106
    for each in asyncio.as_completed([fetch("ETH"), spread("BTC")]):  # <- DG106
        print(await each)
    widths = [spread("ETH"), spread("BTC")]
    for each in asyncio.as_completed(widths):  # <- DG106
        print(await each)
