import httpx


def make_client(url: str):
    return httpx.Client(base_url=url)


async def leave(url: str) -> None:
    client = make_client(url)
    await client.aclose()  # <- DG101
