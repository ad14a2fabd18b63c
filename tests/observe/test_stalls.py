"""What occupies the event loop is told with its duration and the line that blocked."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.observed import ObservedJudge
from diag.record import read
from diag.record.kinds import child
from diag.verdict import Check
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
    assert 300 <= stall["ms"] + stall["late_ms"] < 400


def verdict(folder: Path, bounds: Bounds | None = None) -> Check:
    checks = judge(read(folder), bounds or Bounds(), (ObservedJudge,))
    return next(check for check in checks if check.name == "observed.stalls")


BUSY = """
import asyncio, os, time

async def main():
    for _ in range(4):
        BLOCK
        await asyncio.sleep(0.02)

# As many as it takes, beside others on one processor: whoever is ready waits for it.
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
others = []
for _ in range(6):
    pid = os.fork()
    if pid == 0:
        while os.getppid() == PARENT: pass
        os._exit(0)
    others.append(pid)
asyncio.run(main())
for pid in others:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
""".replace("PARENT", "parent").replace("others = []", "parent = os.getpid(); others = []")

on_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not Path("/proc/self/schedstat").exists(),
    reason="the kernel does not count for how long a thread waited",
)


@on_linux
def test_a_loop_that_waits_for_a_processor_is_not_charged(watch: Watch, tmp_path: Path) -> None:
    seen = watch(BUSY.replace("BLOCK", "sum(range(600_000))"), stall_ms=40)
    assert seen.of("late"), "the machine was not busy"
    assert verdict(tmp_path / "record").outcome != "fail"


@on_linux
def test_a_loop_that_blocks_on_a_busy_machine_is_charged(watch: Watch, tmp_path: Path) -> None:
    watch(BUSY.replace("BLOCK", "time.sleep(0.3)"), stall_ms=40)
    check = verdict(tmp_path / "record")
    assert check.outcome == "fail"
    assert "bot.py:6" in check.evidence[0].text


def test_imports_and_what_was_before_the_loop_are_left_out(watch: Watch, tmp_path: Path) -> None:
    slow = tmp_path / "bot" / "slow.py"
    slow.parent.mkdir()
    slow.write_text("import time\ntime.sleep(0.6)\n", encoding="utf-8")
    watch(
        """
        import asyncio, time
        time.sleep(1.5)
        async def main():
            import slow
            await asyncio.sleep(0.1)
        asyncio.run(main())
        """
    )
    assert verdict(tmp_path / "record").outcome == "pass"


BLOCKED = """
import asyncio, time
time.sleep(2)
async def main():
    await asyncio.sleep(0)
    time.sleep(0.4)
asyncio.run(main())
"""


def test_a_short_life_that_was_blocked_is_not_lost_in_the_time_without_a_loop(
    watch: Watch, tmp_path: Path
) -> None:
    watch(BLOCKED)
    check = verdict(tmp_path / "record")
    assert check.outcome == "fail"
    assert "40 %" in check.observed


def test_one_long_stall_has_a_bound_of_its_own(watch: Watch, tmp_path: Path) -> None:
    watch(BLOCKED)
    wide = Decimal(100)
    assert verdict(tmp_path / "record", Bounds(max_blocked_percent=wide)).outcome == "pass"
    check = verdict(tmp_path / "record", Bounds(max_blocked_percent=wide, max_stall_ms=Decimal(300)))
    assert check.outcome == "fail"


def test_a_program_without_a_loop_holds_none_up(watch: Watch, tmp_path: Path) -> None:
    watch("import time\ntime.sleep(0.2)\n")
    assert verdict(tmp_path / "record").observed == "no event loop ran"


def test_loops_that_nobody_can_time_are_not_shown(watch: Watch, tmp_path: Path) -> None:
    module = tmp_path / "bot" / "site-packages" / "uvloop.py"
    module.parent.mkdir(parents=True)
    module.write_text("import asyncio\nclass Loop(asyncio.SelectorEventLoop):\n    pass\n", encoding="utf-8")
    seen = watch(
        """
        import asyncio, sys
        sys.path.insert(0, "site-packages")
        import uvloop
        async def main(): await asyncio.sleep(0)
        uvloop.Loop().run_until_complete(main())
        """
    )
    assert {each.is_watched for each in seen.events if isinstance(each, child.Loop)} == {False}
    assert verdict(tmp_path / "record").outcome == "not shown"
