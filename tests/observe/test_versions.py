"""The hooks run in the user's interpreter, whichever it is."""

import pytest

from diag.observe.run import Simulation
from tests.observe.conftest import Watch, interpreter

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, contextlib, logging, sys, time

log = logging.getLogger("bot")

def plain():
    return {}

async def coroutine():
    return 1

async def numbers():
    yield 1

async def main():
    for bad in (lambda: asyncio.gather(plain()), lambda: asyncio.wait_for(plain(), 1), lambda: asyncio.shield(plain())):
        try:
            await bad()
        except Exception as error:
            log.warning("%s", error)
    try:
        await plain()
    except Exception:
        pass
    try:
        async with plain():
            pass
    except Exception:
        pass
    try:
        async for _ in plain():
            pass
    except Exception:
        pass
    coroutine()
    await coroutine()
    async for _ in numbers():
        pass
    [x async for x in numbers()]
    async with asyncio.Lock():
        time.sleep(0.2)
    with contextlib.suppress(Exception):
        None.missing
    await asyncio.gather(coroutine(), asyncio.sleep(0))
    await asyncio.wait_for(coroutine(), 1)
    try:
        await asyncio.open_connection("192.0.2.1", 80)
    except OSError as error:
        print("refused", sys.version_info[:2])

asyncio.run(main())
"""


def _line(text: str) -> str:
    return str(PROGRAM.split("\n").index(text) + 1)


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_every_supported_python_is_watched(watch: Watch, nothing_simulated: Simulation, version: str) -> None:
    seen = watch(PROGRAM, command=(interpreter(version), "bot.py"), simulation=nothing_simulated)
    assert seen.ended.code == 0, seen.of("stderr")
    faults = {
        (fault["how"], fault["place"].split("bot.py:")[1].split(":")[0]) for fault in seen.of("await_fault")
    }
    assert {how for how, _ in faults} == {"gather", "wait_for", "shield", "await", "async with", "async for"}
    assert ("await", _line("        await plain()")) in faults
    assert [data["coroutine"] for data in seen.of("never_awaited")] == ["coroutine"]
    assert seen.of("never_awaited")[0]["made"].split("bot.py:")[1].startswith(_line("    coroutine()") + ":")
    assert any(data["catches"] == "suppress" for data in seen.of("caught"))
    assert any(stall["ms"] + stall["late_ms"] >= 200 for stall in seen.of("stall"))
    assert len(seen.of("log")) == 3
    assert [data["target"] for data in seen.of("refused")] == ["('192.0.2.1', 80)"]
