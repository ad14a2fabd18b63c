"""How `diag probe --client` drives the clients of this example: they take settings, not a config dict."""

PROFILE = "perp_dex_tools"


def construct(kind, order):
    from exchanges.base import Settings

    return kind(Settings(order.ticker, environment="prod"))


async def position(client, order):
    return await client.fetch_position(order.instrument)
