import asyncio


async def fetch() -> str:
    await asyncio.sleep(0)
    return "ETH"


def test_fetch() -> None:
    assert asyncio.run(fetch()) == "ETH"


def later() -> str:
    return asyncio.run(fetch())


async def main(pool: list) -> None:
    pool.append(later)
