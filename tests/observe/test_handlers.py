"""A handler hides a mistake when it ends without one: how it ends is seen, not guessed."""

import subprocess
import sys
from pathlib import Path

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.observed import ObservedJudge
from diag.record import read
from tests.observe.conftest import Watch

pytestmark = pytest.mark.slow

MISTAKE = "None.missing"


def hidden(tmp_path: Path) -> str:
    """What the check of the record says: nothing, or how often."""
    checks = {check.name: check for check in judge(read(tmp_path / "record"), Bounds(), (ObservedJudge,))}
    return checks["observed.swallowed"].observed


@pytest.mark.parametrize(
    ("handler", "verdict"),
    [
        ("pass", "1 at 1 place"),
        ("raise", "none"),
        ("raise error", "none"),
        ("raise RuntimeError('x')", "none"),
        ("raise RuntimeError('x') from None", "none"),
        ("if True: raise", "none"),
        ("if False: raise", "1 at 1 place"),
        ("fail(error)", "none"),
        ("sys.exit(1)", "none"),
        ("return 1", "1 at 1 place"),
        ("None.other", "none"),
        ("try: fail(error)\n        except RuntimeError: pass", "1 at 1 place"),
        (
            "for _ in range(2):\n            try: raise\n            except AttributeError: continue",
            "1 at 1 place",
        ),
        ("import os; os._exit(0)", "1 at 1 place"),
    ],
)
def test_what_goes_on_is_not_hidden(watch: Watch, tmp_path: Path, handler: str, verdict: str) -> None:
    seen = watch(
        f"""
import subprocess
import sys
def fail(error):
    raise RuntimeError("x") from error

def work():
    try:
        {MISTAKE}
    except Exception as error:
        {handler}

try:
    work()
except (AttributeError, RuntimeError, SystemExit):
    pass
"""
    )
    assert seen.ended.code == 0
    assert hidden(tmp_path) == verdict


def test_only_those_that_are_hidden_are_counted(watch: Watch, tmp_path: Path) -> None:
    watch(
        """
        def work(number):
            try:
                None.missing
            except Exception:
                if number % 3:
                    raise

        for number in range(50):
            try:
                work(number)
            except AttributeError:
                pass
        """
    )
    assert hidden(tmp_path) == "17 at 1 place"


def test_a_handler_that_is_cancelled_has_hidden_what_it_caught(watch: Watch, tmp_path: Path) -> None:
    watch(
        """
        import asyncio
        async def work():
            try:
                None.missing
            except Exception:
                await asyncio.sleep(60)
        async def main():
            task = asyncio.create_task(work())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        asyncio.run(main())
        """
    )
    assert hidden(tmp_path) == "1 at 1 place"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions")
@pytest.mark.parametrize("handler", ["except* AttributeError", "except* Exception", "except Exception"])
def test_mistakes_in_groups_are_named(watch: Watch, handler: str) -> None:
    seen = watch(
        f"""
        import asyncio
        async def fail():
            None.missing
        async def main():
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(fail())
            {handler}:
                pass
        asyncio.run(main())
        """
    )
    [caught] = seen.of("caught")
    assert caught["error"] == "AttributeError"
    assert caught["raised"].endswith("bot.py:4")


def test_tracebacks_through_a_handler_are_the_original_ones(watch: Watch, tmp_path: Path) -> None:
    program = """
import traceback
def work():
    try:
        None.missing
    except Exception as error:
        try:
            raise
        except AttributeError:
            raise ValueError("x") from error
try:
    work()
except ValueError:
    print(traceback.format_exc())
try:
    try:
        None.missing
    except Exception:
        raise
except AttributeError:
    print(traceback.format_exc())
"""
    script = tmp_path / "bot" / "bot.py"
    script.parent.mkdir()
    script.write_text(program, encoding="utf-8")
    bare = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    seen = watch(program)
    assert seen.output().split() == bare.stdout.split()
