"""Coroutines that pass through the built-in containers and functions before they are awaited."""

import asyncio
import collections
import functools
import itertools
import operator
import types


async def get(number=1):
    await asyncio.sleep(0)
    return number


def plain():
    return 0


async def by_keyword():
    jobs = dict(a=get(), b=get(2))
    assert await jobs["a"] + await jobs["b"] == 3


async def by_keyword_onto_another():
    jobs = dict({"x": 1}, a=get())
    assert await jobs["a"] == 1


async def by_pairs():
    jobs = dict([("a", get()), ("b", get(2))])
    assert await jobs["a"] + await jobs["b"] == 3


async def by_zip():
    jobs = dict(zip("ab", [get(), get(2)], strict=True))
    assert await jobs["a"] + await jobs["b"] == 3


async def unpacked_dict():
    first = {"a": get()}
    jobs = {**first, "b": get(2)}
    assert await jobs["a"] + await jobs["b"] == 3


async def unpacked_over_plain():
    first = {"a": get()}
    jobs = {"x": 1, **first}
    assert await jobs["a"] == 1


async def merged():
    jobs = {"x": 1} | {"a": get()}
    assert await jobs["a"] == 1


async def merged_in_place():
    jobs = {"x": 1}
    jobs |= {"a": get()}
    assert await jobs["a"] == 1


async def updated():
    jobs = {"x": 1}
    jobs.update(a=get())
    jobs.update({"b": get()})
    assert await jobs["a"] + await jobs["b"] == 2


async def set_by_default():
    jobs = {"x": 1}
    jobs.setdefault("a", get())
    assert await jobs["a"] == 1


async def got_by_default():
    jobs = {"x": 1}
    assert await jobs.get("a", get()) == 1
    assert await jobs.pop("a", get()) == 1


async def from_keys():
    jobs = dict.fromkeys(["a"], get())
    assert await jobs["a"] == 1


async def summed():
    jobs = [[get()], [get(2)]]
    assert [await job for job in sum(jobs, [])] == [1, 2]
    jobs = [[get()], [get(2)]]
    assert await asyncio.gather(*sum(jobs, start=[])) == [1, 2]


async def default_of_next():
    job = next(iter([]), get())
    assert await job == 1


async def default_of_next_directly():
    assert await next((job for job in ()), get()) == 1


async def default_of_max():
    assert await max([], default=get()) == 1
    assert await min([], key=id, default=get()) == 1


async def smallest():
    jobs = [get(), get()]
    job = min(jobs, key=id)
    assert await job == 1
    await max(jobs, key=lambda one: one is not job)


async def added():
    jobs = [0] + [get()]
    assert await jobs[1] == 1
    jobs = [0]
    jobs += [get()]
    assert await jobs[1] == 1
    jobs = (0,) + (get(),)
    assert await jobs[1] == 1


async def starred():
    first = [get()]
    assert await [0, *first][1] == 1


async def repeated():
    jobs = [get()] * 1
    assert await jobs[0] == 1


async def reversed_and_sorted():
    jobs = [get(), get(2)]
    total = 0
    for job in reversed(sorted(jobs, key=id)):
        total += await job
    assert total == 3


async def chained():
    jobs = itertools.chain([get()], [get(2)])
    assert [await job for job in jobs] == [1, 2]


async def reduced():
    jobs = functools.reduce(operator.add, [[get()], [get(2)]])
    assert [await job for job in jobs] == [1, 2]


async def ordered():
    jobs = collections.OrderedDict(a=get())
    assert await jobs["a"] == 1
    jobs = collections.defaultdict(plain, a=get())
    assert await jobs["a"] == 1
    jobs = collections.ChainMap({"x": 1}, {"a": get()})
    assert await jobs["a"] == 1
    jobs = collections.deque([0])
    jobs.append(get())
    assert await jobs.pop() == 1


async def in_namespace():
    jobs = types.SimpleNamespace(a=get())
    assert await jobs.a == 1


async def mapped():
    assert [await job for job in map(get, [1, 2])] == [1, 2]
    for name, job in zip("ab", map(get, [1, 2]), strict=True):
        assert name
        await job
    for number, job in enumerate([get(), get()]):
        assert number >= 0
        await job


async def filtered():
    for job in filter(None, [None, get()]):
        assert await job == 1


async def sliced():
    jobs = [0, get()]
    assert await jobs[1:][0] == 1
    jobs = [0]
    jobs[:] = [get()]
    assert await jobs[0] == 1


async def popped():
    jobs = [get()]
    assert await jobs.pop() == 1
    jobs = {"a": get()}
    name, job = jobs.popitem()
    assert name == "a"
    assert await job == 1


async def main():
    for function in (
        by_keyword, by_keyword_onto_another, by_pairs, by_zip, unpacked_dict, unpacked_over_plain, merged,
        merged_in_place, updated, set_by_default, got_by_default, from_keys, summed, default_of_next,
        default_of_next_directly, default_of_max, smallest, added, starred, repeated, reversed_and_sorted,
        chained, reduced, ordered, in_namespace, mapped, filtered, sliced, popped,
    ):  # fmt: skip
        await function()


if __name__ == "__main__":
    asyncio.run(main())
