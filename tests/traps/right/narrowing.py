"""Tests that tell which of two kinds of object it is."""

import asyncio
from typing import Any, Union


class Plain:
    kind = "plain"
    supports_async = False

    def get(self):
        return 1


class Later:
    kind = "later"
    supports_async = True

    async def get(self):
        await asyncio.sleep(0)
        return 1

    async def aget(self):
        return 1


Either = Union[Plain, Later]


def make(later: bool) -> Either:
    return Later() if later else Plain()


async def by_isinstance(source: Either) -> int:
    if isinstance(source, Later):
        return await source.get()
    return source.get()


async def by_isinstance_negated(source: Either) -> int:
    if not isinstance(source, Later):
        return source.get()
    return await source.get()


async def by_isinstance_tuple(source: Any) -> int:
    if isinstance(source, (Plain, dict)):
        return source.get() if isinstance(source, Plain) else source.get("x")
    return await source.get()


async def by_class(source: Either) -> int:
    if source.__class__ is Later:
        return await source.get()
    return source.get()


async def by_type_name(source: Either) -> int:
    if type(source).__name__ == "Later":
        return await source.get()
    return source.get()


async def by_attribute(source: Either) -> int:
    if source.supports_async:
        return await source.get()
    return source.get()


async def by_constant(source: Either) -> int:
    if source.kind == "later":
        return await source.get()
    return source.get()


async def by_hasattr(source: Either) -> int:
    if hasattr(source, "aget"):
        return await source.aget()
    return source.get()


async def by_getattr(source: Either) -> int:
    aget = getattr(source, "aget", None)
    if aget is not None:
        return await aget()
    return source.get()


async def by_match(source: Either) -> int:
    match source:
        case Later():
            return await source.get()
        case Plain() as plain:
            return plain.get()
    raise TypeError(source)


async def by_match_attribute(source: Either) -> int:
    match source:
        case Later(kind="later"):
            return await source.get()
        case _:
            return source.get()


async def by_function(source: Either) -> int:
    if asyncio.iscoroutinefunction(source.get):
        return await source.get()
    return source.get()


async def by_assert(source: Either) -> int:
    assert isinstance(source, Later)
    return await source.get()


async def by_boolean(source: Either) -> int:
    later = isinstance(source, Later)
    value = await source.get() if later else source.get()
    return value


async def by_early_continue(sources: list) -> int:
    total = 0
    for source in sources:
        if isinstance(source, Plain):
            total += source.get()
            continue
        total += await source.get()
    return total


async def by_error(source: Either) -> int:
    try:
        return await source.aget()
    except AttributeError:
        return source.get()


async def by_and(source: Either) -> int:
    if isinstance(source, Later) and (value := await source.get()):
        return value
    return 1


async def by_dictionary(source: Either) -> int:
    readers = {Plain: lambda: asyncio.sleep(0, source.get()), Later: lambda: source.get()}
    return await readers[type(source)]()


async def by_count(sources: dict) -> int:
    return sources["plain"].get() + await sources["later"].get()


async def by_index(sources: tuple) -> int:
    return sources[0].get() + await sources[1].get()


async def by_filter(sources: list) -> list:
    later = [s for s in sources if isinstance(s, Later)]
    plain = [s for s in sources if not isinstance(s, Later)]
    return [*(s.get() for s in plain), *(await asyncio.gather(*(s.get() for s in later)))]


async def main() -> None:
    ways = (
        by_isinstance, by_isinstance_negated, by_isinstance_tuple, by_class, by_type_name, by_attribute,
        by_constant, by_hasattr, by_getattr, by_match, by_match_attribute, by_function, by_boolean, by_error,
        by_and, by_dictionary,
    )  # fmt: skip
    for later in (True, False):
        for way in ways:
            assert await way(make(later)) == 1
    assert await by_assert(Later()) == 1
    assert await by_early_continue([Plain(), Later()]) == 2
    assert await by_count({"plain": Plain(), "later": Later()}) == 2
    assert await by_index((Plain(), Later())) == 2
    assert await by_filter([Plain(), Later()]) == [1, 1]
