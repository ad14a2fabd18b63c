"""Awaits objects whose base classes are found through star imports in a circle."""

from venue import Order, Reply, futures


class Cancel(futures.Future):
    pass


async def main():
    assert await Order()
    assert await Cancel()
    reply = await Reply()
    assert reply.text() == "filled"
