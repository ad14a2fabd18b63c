"""Plain generators are not awaitable."""

import types


@types.coroutine
def pause():
    yield


def plain_generator():
    yield 1


class Feed:
    def rows(self):
        yield from plain_generator()


async def fault_await_generator():
    await plain_generator()  # <- DG101


async def fault_await_generator_method():
    await Feed().rows()  # <- DG101


async def fault_await_generator_expression():
    await ((n for n in range(3)))  # <- DG101


async def fault_await_constant():
    await 1  # <- DG101


async def fault_await_display():
    await [pause]  # <- DG101
