"""What occupies the event loop is told with its duration and the line that blocked."""

import pytest

from tests.observe.conftest import Watch

pytestmark = pytest.mark.slow


def test_a_stall_names_the_line_that_blocked_and_for_how_long(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio, time

        def fetch():
            time.sleep(0.2)

        async def main():
            await asyncio.sleep(0)
            fetch()
            await asyncio.sleep(0.2)

        asyncio.run(main())
        """
    )
    [part] = [part for stall in seen.of("stall") for part in stall["parts"] if "fetch" in part.stack[-1]]
    assert part.ms >= 150
    assert part.stack[-1].endswith("bot.py:5 fetch")
    assert any(line.endswith("bot.py:9 main") for line in part.stack)


def test_calls_that_block_one_after_the_other_share_the_time(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio, time

        def short():
            time.sleep(0.1)

        def long():
            time.sleep(0.3)

        async def main():
            await asyncio.sleep(0)
            short()
            long()

        asyncio.run(main())
        """
    )
    shares = {part.stack[-1].split()[-1]: part.ms for stall in seen.of("stall") for part in stall["parts"]}
    assert shares["long"] > shares["short"] > 0


def test_a_loop_that_waits_or_runs_short_callbacks_is_no_stall(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio

        async def main():
            for _ in range(2000):
                await asyncio.sleep(0)
            await asyncio.sleep(0.3)

        asyncio.run(main())
        """,
        stall_ms=150,
    )
    assert seen.of("stall") == []


def test_loops_of_several_threads_are_told_apart(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio, threading, time

        async def block():
            time.sleep(0.3)

        async def idle():
            await asyncio.sleep(0.5)

        thread = threading.Thread(target=lambda: asyncio.run(idle()))
        thread.start()
        asyncio.run(block())
        thread.join()
        """
    )
    parts = [part for stall in seen.of("stall") for part in stall["parts"]]
    assert {part.stack[-1].rpartition(" ")[2] for part in parts} == {"block"}


NESTED = """
import asyncio, time

def run_nested(loop, coroutine):
    task = loop.create_task(coroutine)
    outer = asyncio.current_task()
    asyncio.tasks._leave_task(loop, outer)
    while not task.done():
        loop._run_once()
    asyncio.tasks._enter_task(loop, outer)

async def inner():
    await asyncio.sleep(0.4)
    BLOCK

async def main():
    run_nested(asyncio.get_running_loop(), inner())

asyncio.run(main())
"""


def test_a_callback_that_runs_the_loop_itself_does_not_hold_it(watch: Watch) -> None:
    seen = watch(NESTED.replace("BLOCK", "pass"), stall_ms=150)
    assert seen.ended.code == 0
    assert seen.of("stall") == []


def test_what_blocks_inside_such_a_callback_is_told(watch: Watch) -> None:
    seen = watch(NESTED.replace("BLOCK", "time.sleep(0.3)"), stall_ms=150)
    [stall] = seen.of("stall")
    assert 300 <= stall["ms"] < 400
