"""Mistakes that go out of the program's own code are followed: nobody saw them again, or somebody did."""

import sys
from pathlib import Path

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.observed import ObservedJudge
from diag.observe.naming import is_named
from diag.record import read
from diag.verdict import Check
from tests.observe.conftest import Watch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.version_info < (3, 11), reason="programs in new syntax"),
]

HEAD = """\
import asyncio, atexit, builtins, concurrent.futures, contextlib, json, logging, signal, sys, threading
def bad(*_): return None + 1
async def fail(*_): return None + 1
def run(main): asyncio.run(main())
async def later(): await asyncio.sleep(0.01)
class Quiet:
    def __enter__(self): return self
    def __exit__(self, *error): return True
    async def __aenter__(self): return self
    async def __aexit__(self, *error): return True
kept = []
ALIAS = (ValueError, Exception)
"""


def verdict(tmp_path: Path, name: str = "swallowed") -> Check:
    checks = judge(read(tmp_path / "record"), Bounds(), (ObservedJudge,))
    return next(check for check in checks if check.name == f"observed.{name}")


def library(folder: Path, source: str) -> None:
    """A library named `sdk`, beside the program and none of its own code."""
    packages = folder / "site-packages"
    packages.mkdir(parents=True)
    (packages / "sdk.py").write_text(source, encoding="utf-8")


LOST = {
    "a callback": "async def main():\n    asyncio.get_running_loop().call_soon(bad); await later()\nrun(main)",
    "a timer": "async def main():\n    asyncio.get_running_loop().call_later(0, bad); await later()\nrun(main)",
    "a lambda": "async def main():\n    asyncio.get_running_loop().call_soon(lambda: None + 1); await later()\nrun(main)",
    "a done callback": "async def main():\n    asyncio.create_task(later()).add_done_callback(bad)\n    await later(); await later()\nrun(main)",
    "a lost task": "async def main():\n    asyncio.create_task(fail()); await later()\nrun(main)",
    "a kept task": "async def main():\n    kept.append(asyncio.create_task(fail())); await later()\nrun(main)",
    "waited for": "async def main():\n    await asyncio.wait([asyncio.create_task(fail())])\nrun(main)",
    "gathered": "async def main():\n    await asyncio.gather(fail(), return_exceptions=True)\nrun(main)",
    "gathered, counted": "async def main():\n    r = await asyncio.gather(fail(), return_exceptions=True); print(len(r))\nrun(main)",
    "gathered, of a library": "async def main():\n    await asyncio.gather(asyncio.sleep('x'), return_exceptions=True)\nrun(main)",
    "a thread": "thread = threading.Thread(target=bad); thread.start(); thread.join()",
    "a timer thread": "thread = threading.Timer(0, bad); thread.start(); thread.join()",
    "an executor": "concurrent.futures.ThreadPoolExecutor().submit(bad)",
    "a kept future": "kept.append(concurrent.futures.ThreadPoolExecutor().submit(lambda: None + 1))",
    "atexit": "atexit.register(bad)",
    "the end by os._exit": "import os\nkept.append(concurrent.futures.ThreadPoolExecutor(1).submit(bad))\nconcurrent.futures.wait(kept)\nos._exit(0)",
    "logging": "logging.warning('%d', 'x')",
    "return in finally": "def work():\n    try: bad()\n    finally: return 1\nwork()",
    "break in finally": "while True:\n    try: bad()\n    except ValueError: pass\n    finally:\n        if True: break",
    "__exit__": "with Quiet(): bad()",
    "__aexit__": "async def main():\n    async with Quiet(): bad()\nrun(main)",
    "a group": "async def main():\n    try:\n        async with asyncio.TaskGroup() as group: group.create_task(fail())\n    except ExceptionGroup: pass\nrun(main)",
    "an alias": "try: bad()\nexcept ALIAS: pass",
    "builtins.Exception": "try: bad()\nexcept builtins.Exception: pass",
    "a broad suppress": "with contextlib.suppress(*ALIAS): bad()",
    "a library's callback": "import sdk\nsdk.call(bad)",
    "a library's callback, by a lambda": "import sdk\nsdk.call(lambda: bad())",
    "a library's await": "import sdk\nrun(lambda: sdk.acall(fail))",
    "a library's decorator": "import sdk\n@sdk.catch\ndef work(): bad()\nwork()",
}

SDK = """
import functools
def call(callback):
    try:
        callback()
    except Exception as error:
        print("sdk: callback failed:", error)
async def acall(callback):
    try:
        await callback()
    except Exception as error:
        print("sdk: callback failed:", error)
def catch(function):
    @functools.wraps(function)
    def caught(*values):
        try:
            return function(*values)
        except Exception:
            print("sdk: caught")
    return caught
def look_up(callback):
    try:
        return callback()
    except (LookupError, TypeError):
        return None
def told(callback, on_error):
    try:
        callback()
    except Exception as error:
        on_error(error)
def own_error(callback):
    try:
        callback()
    except Exception as error:
        text = str(error)
    raise RuntimeError(text)
"""


@pytest.mark.parametrize("program", LOST.values(), ids=LOST)
def test_a_mistake_that_nobody_sees_again_is_told(watch: Watch, tmp_path: Path, program: str) -> None:
    library(tmp_path / "bot", SDK)
    seen = watch("import sys; sys.path.insert(0, 'site-packages')\n" + HEAD + program)
    assert seen.ended.code == 0
    check = verdict(tmp_path)
    assert check.observed == "1 at 1 place"
    assert "TypeError" in check.evidence[0].text


RIGHT = """
class Lazy:
    def __getattr__(self, name): raise AttributeError(name)
    @property
    def helper(self): return self.load()
    def load(self): raise AttributeError("not loaded")
class Named:
    def __enter__(self): return self
    def __exit__(self, kind, error, trace): return kind is not None and issubclass(kind, TypeError)
class NotFound(LookupError): pass
def missing(): raise NotFound("of our own making")
@contextlib.contextmanager
def naming():
    try: yield
    except TypeError: print("named")
def done(task):
    if task.exception(): print("asked", task.exception())
async def main():
    loop = asyncio.get_running_loop()
    asyncio.create_task(fail()).add_done_callback(done)
    asyncio.create_task(fail()).add_done_callback(lambda task: print(task.exception()))
    await later(); await later()
    try: await asyncio.create_task(fail())
    except TypeError: pass
    for result in await asyncio.gather(fail(), later(), return_exceptions=True):
        if isinstance(result, Exception): print("result", result)
    first, _ = await asyncio.gather(fail(), later(), return_exceptions=True)
    finished, _ = await asyncio.wait([asyncio.create_task(fail())])
    for task in finished: print(task.exception())
    for call in (asyncio.wait_for(fail(), 1), asyncio.to_thread(bad), loop.run_in_executor(None, bad)):
        try: await call
        except TypeError: pass
    for call in asyncio.as_completed([fail()]):
        try: await call
        except TypeError: pass
    try:
        async with asyncio.TaskGroup() as group: group.create_task(fail())
    except* TypeError: print("group")
    with contextlib.suppress(TypeError): await fail()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(TypeError)); bad()
    sleeping = asyncio.create_task(asyncio.sleep(9)); await asyncio.sleep(0); sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)
    loop.set_exception_handler(lambda loop, context: print(context["exception"]))
    loop.call_soon(bad); await later()
asyncio.run(main())
with naming(): bad()
with Named(): bad()
try: sorted([1, 2], key=bad)
except TypeError: pass
hasattr(Lazy(), "x"); hasattr(Lazy(), "helper")
with concurrent.futures.ThreadPoolExecutor() as pool:
    print(pool.submit(bad).exception())
    try: pool.submit(bad).result()
    except TypeError: pass
def work():
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        try: pool.submit(bad).result()
        except TypeError: pass
work()
def thread_died(args): print(args.exc_value)
threading.excepthook = thread_died
thread = threading.Thread(target=bad); thread.start(); thread.join()
import sdk
sdk.look_up(bad)
sdk.call(missing)
sdk.told(bad, lambda error: print("told", error))
def on_error(error): print("told", error)
sdk.told(bad, on_error)
try: sdk.own_error(bad)
except RuntimeError: pass
try: json.dumps(object(), default=bad)
except TypeError: pass
def last():
    try: bad()
    finally: print("no jump")
last()
"""


def test_what_comes_back_is_not_lost(watch: Watch, tmp_path: Path) -> None:
    library(tmp_path / "bot", SDK)
    seen = watch("import sys; sys.path.insert(0, 'site-packages')\n" + HEAD + RIGHT)
    assert "no jump" in seen.output()
    assert seen.ended.code == 1  # the last mistake is nobody's: it ends the program
    check = verdict(tmp_path)
    assert check.observed == "none", check.evidence


def test_handlers_of_libraries_are_not_the_users(watch: Watch, tmp_path: Path) -> None:
    library(
        tmp_path / "bot",
        "import contextlib\nwith contextlib.suppress(Exception):\n    import nothing_like_it\n"
        "def quiet(function):\n    with contextlib.suppress(AttributeError):\n        return function()\n"
        "def broken(): return None.x\n",
    )
    watch(
        "import sys; sys.path.insert(0, 'site-packages')\nimport sdk\nsdk.quiet(sdk.broken)\n"
        "import contextlib\nwith contextlib.suppress(KeyError): {}['x']\n"
    )
    assert verdict(tmp_path).outcome == "pass"


def test_a_lost_error_is_told_before_the_program_is_killed(watch: Watch, tmp_path: Path) -> None:
    watch(
        HEAD
        + """
        async def main():
            kept.append(asyncio.create_task(fail()))
            await asyncio.sleep(2.5)
            import os; os.kill(os.getpid(), signal.SIGKILL)
        run(main)
        """.replace("\n        ", "\n")
    )
    assert verdict(tmp_path).observed == "1 at 1 place"


def test_an_error_that_is_asked_for_late_is_not_lost(watch: Watch, tmp_path: Path) -> None:
    seen = watch(
        HEAD
        + """
        async def main():
            task = asyncio.create_task(fail())
            await asyncio.sleep(2.5)
            print(task.exception())
        run(main)
        """.replace("\n        ", "\n")
    )
    assert seen.of("given_back")
    assert verdict(tmp_path).outcome == "pass"


def test_coroutines_that_outlive_the_program_are_told(watch: Watch, tmp_path: Path) -> None:
    watch(
        HEAD
        + "alone = later()\nkept.append(later())\nclass Ring: pass\nring = Ring(); ring.me = ring; ring.of = later(); del ring\n"
        + "def made():\n    yield later()\nhalf = made(); next(half)\n"
    )
    assert verdict(tmp_path, "coroutines").observed.startswith("4 ")


def test_the_handler_of_a_library_says_what_is_a_signal(tmp_path: Path) -> None:
    path = tmp_path / "sdk.py"
    path.write_text(SDK, encoding="utf-8")
    lines = SDK.splitlines()

    def within(function: str) -> str:
        start = next(number for number, line in enumerate(lines, 1) if f"def {function}(" in line)
        call = next(number for number in range(start + 1, len(lines)) if "callback()" in lines[number - 1])
        return f"{path}:{call} {function}"

    assert is_named("KeyError", [within("look_up")])
    assert is_named("TypeError", [within("look_up"), within("call")])
    assert not is_named("AttributeError", [within("look_up"), within("call")])
    assert not is_named("TypeError", [within("call"), within("look_up")])
    assert not is_named("KeyError", ["/nowhere.py:1 f", "nonsense"])


def test_code_too_deeply_nested_to_be_watched_runs_all_the_same(watch: Watch) -> None:
    """Python allows twenty blocks in one another; those of the program alone are few enough."""
    blocks = [f"{'    ' * (depth + 1)}with contextlib.suppress():" for depth in range(19)]
    body = "    " * 20 + "print('deep')"
    seen = watch("import contextlib\ndef work():\n" + "\n".join([*blocks, body]) + "\nwork()\n")
    assert seen.output() == "deep"
