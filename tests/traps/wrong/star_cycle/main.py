"""The same circle, and classes that nobody made awaitable."""

from venue import Reply, futures


class Cancel(futures.Future):
    def text(self):
        return "cancelled"


class Plain:
    pass


async def fault_text():
    await Reply().text()  # <- DG101


async def fault_own_text():
    await Cancel().text()  # <- DG101


async def fault_plain():
    await Plain()  # <- DG101
