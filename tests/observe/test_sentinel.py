"""Wrong awaits, forgotten coroutines and swallowed errors are named with their lines, whoever hides them."""

import pytest

from tests.observe.conftest import Watch

pytestmark = pytest.mark.slow

HEAD = """\
import asyncio, contextlib, warnings
warnings.simplefilter("ignore")
def plain(): return {"bid": 1}
async def coroutine(): return 1
async def main():
    try:
        STATEMENT
    except Exception:
        pass
asyncio.run(main())
"""
LINE = 7


@pytest.mark.parametrize(
    ("statement", "how", "kind"),
    [
        ("await plain()", "await", "dict"),
        ("x = [await plain() for _ in range(1)]", "await", "dict"),
        ("await (await plain())", "await", "dict"),
        ("await (plain() if warnings else coroutine())", "await", "dict"),
        ("f'{await plain()}'", "await", "dict"),
        ("async with plain(): pass", "async with", "dict"),
        ("async for _ in plain(): pass", "async for", "dict"),
        ("[x async for x in plain()]", "async for", "dict"),
        ("await asyncio.gather(plain())", "gather", "dict"),
        ("await asyncio.gather(coroutine(), 5)", "gather", "int"),
        ("await asyncio.wait_for(plain(), 1)", "wait_for", "dict"),
        ("await asyncio.shield(plain())", "shield", "dict"),
        ("asyncio.ensure_future(plain())", "ensure_future", "dict"),
        ("asyncio.create_task(plain())", "create_task", "dict"),
        ("asyncio.get_running_loop().create_task(plain())", "create_task", "dict"),
        ("await asyncio.wait([plain()])", "wait", "dict"),
        ("await asyncio.wait(plain())", "wait", "dict"),
        ("list(asyncio.as_completed((5,)))", "as_completed", "int"),
        (
            "asyncio.run_coroutine_threadsafe(plain(), asyncio.get_running_loop())",
            "run_coroutine_threadsafe",
            "dict",
        ),
        ("asyncio.run(plain())", "asyncio.run", "dict"),
        ("asyncio.new_event_loop().run_until_complete(plain())", "run_until_complete", "dict"),
    ],
)
def test_what_is_not_awaitable_is_named_though_a_handler_hides_it(
    watch: Watch, statement: str, how: str, kind: str
) -> None:
    seen = watch(HEAD.replace("STATEMENT", statement))
    assert seen.ended.code == 0
    [fault] = seen.of("await_fault")
    assert (fault["how"], fault["type"]) == (how, kind)
    assert fault["place"].split("bot.py:")[1].split(":")[0] == str(LINE)


@pytest.mark.parametrize(
    "statement",
    [
        "await coroutine()",
        "await asyncio.gather(coroutine(), asyncio.sleep(0))",
        "await asyncio.wait_for(coroutine(), 1)",
        "await asyncio.create_task(coroutine())",
        "await asyncio.shield(asyncio.ensure_future(coroutine()))",
        "await asyncio.get_running_loop().run_in_executor(None, plain)",
        "async with asyncio.Lock(): pass",
        "async with contextlib.AsyncExitStack(): pass",
        "future = asyncio.get_running_loop().create_future(); future.set_result(1); await future",
        "task = coroutine(); await task",
        "await asyncio.wait({asyncio.create_task(coroutine())})",
        "for each in asyncio.as_completed([coroutine()]): await each",
    ],
)
def test_right_code_is_left_in_peace(watch: Watch, statement: str) -> None:
    seen = watch(HEAD.replace("STATEMENT", statement))
    assert seen.ended.code == 0
    assert not [event for event in seen.events if event.kind in ("await_fault", "never_awaited", "caught")]


@pytest.mark.parametrize(
    "statement", ["coroutine()", "x = coroutine(); del x", "plain().update(x=coroutine())"]
)
def test_a_coroutine_that_is_never_awaited_names_the_place_that_made_it(watch: Watch, statement: str) -> None:
    seen = watch(HEAD.replace("STATEMENT", statement))
    [forgotten] = seen.of("never_awaited")
    assert forgotten["coroutine"] == "coroutine"
    assert forgotten["made"].split("bot.py:")[1].split(":")[0] == str(LINE)
    assert forgotten["defined"].endswith("bot.py:4")


def test_a_swallowed_mistake_is_named_with_raise_site_and_handler(watch: Watch) -> None:
    seen = watch(
        """
        def price(book):
            return book["best_bid"]

        def quote():
            try:
                return price({})
            except Exception:
                return 0

        class Client:
            def size(self):
                try:
                    return self.missing
                except AttributeError as error:
                    raise ValueError("no size") from error

        quote()
        try:
            Client().size()
        except ValueError:
            pass
        """
    )
    first, second = seen.of("caught")
    assert (first["error"], first["raised"].rpartition(":")[2], first["handler"].split(":")[-2]) == (
        "KeyError",
        "3",
        "8",
    )
    assert first["catches"] == "Exception"
    assert (second["error"], second["catches"]) == ("AttributeError", "AttributeError")
    [again] = seen.of("raised_again")
    assert (again["handler"], again["raised"]) == (second["handler"], second["raised"])


def test_contextlib_suppress_is_a_handler(watch: Watch) -> None:
    seen = watch("import contextlib\nwith contextlib.suppress(Exception):\n    undefined_name\n")
    [caught] = seen.of("caught")
    assert (caught["error"], caught["catches"]) == ("NameError", "suppress")
    assert caught["raised"].endswith("bot.py:3")


def test_the_world_going_wrong_is_no_mistake(watch: Watch) -> None:
    seen = watch(
        "try:\n    open('/nowhere/at/all')\nexcept OSError:\n    pass\ntry:\n    int('x')\nexcept ValueError:\n    pass\n"
    )
    assert seen.of("caught") == []


def test_a_mistake_made_a_thousand_times_is_told_a_few_times_with_its_count(watch: Watch) -> None:
    seen = watch("for _ in range(1234):\n    try:\n        {}['x']\n    except KeyError:\n        pass\n")
    assert [data["count"] for data in seen.of("caught")] == [1, 2, 3, 10, 100, 1000, 1234]


def test_tracebacks_and_source_are_the_original_ones(watch: Watch) -> None:
    seen = watch(
        """
        import inspect

        async def fetch(client):
            return await client.ticker()

        print(inspect.getsource(fetch))

        def main():
            fetch(None).send(None)

        main()
        """
    )
    assert "return await client.ticker()" in seen.output()
    errors = "\n".join(str(data["text"]) for data in seen.of("stderr"))
    assert seen.ended.code == 1
    assert 'bot.py", line 5, in fetch' in errors
    assert "diag" not in errors.replace(str(seen.folder), "")
    assert errors.startswith("Traceback (most recent call last):\n  File")
    assert errors.endswith("AttributeError: 'NoneType' object has no attribute 'ticker'")


def test_coverage_and_debuggers_see_the_original_lines(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio, sys

        async def fetch(client):
            try:
                value = await client.ticker(
                    "ETH",
                )
            except Exception:
                value = None
            return value

        lines = []
        def trace(frame, event, argument):
            if frame.f_code.co_name == "fetch" and event == "line":
                lines.append(frame.f_lineno)
            return trace

        sys.settrace(trace)
        asyncio.run(fetch(None))
        sys.settrace(None)
        print(sorted(set(lines)))
        """
    )
    assert "[5, 6, 9, 10, 11]" in seen.output()


def test_tests_under_pytest_are_watched_and_their_asserts_stay_rewritten(watch: Watch) -> None:
    seen = watch(
        """
        import asyncio

        def test_order():
            async def main():
                try:
                    await dict()
                except TypeError:
                    pass
            asyncio.run(main())
            assert 1 + 1 == 3, "sum"
        """,
        command=("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "bot.py"),
    )
    [fault] = seen.of("await_fault")
    assert fault["place"].split("bot.py:")[1].startswith("7:")
    assert seen.ended.code == 1
    assert "assert (1 + 1) == 3" in seen.output()


@pytest.mark.parametrize(
    "command",
    [("bot.py",), ("python", "-m", "bot"), ("python", "-I", "bot.py"), ("python", "-W", "error", "bot.py")],
)
def test_every_way_to_start_a_program_is_watched(watch: Watch, command: tuple[str, ...]) -> None:
    seen = watch(
        "import sys\ntry:\n    None.x\nexcept AttributeError:\n    print(__name__, sys.argv[1:])\n",
        command=(*command, "--ticker", "ETH"),
    )
    assert "__main__ ['--ticker', 'ETH']" in seen.output()
    assert len(seen.of("boot")) == 1
    assert len(seen.of("caught")) == 1


def test_modules_beside_the_script_are_watched_and_site_packages_are_not(watch: Watch) -> None:
    seen = watch(
        """
        import pathlib, sys
        pathlib.Path("beside.py").write_text("try:\\n    None.x\\nexcept AttributeError:\\n    pass\\n")
        import beside, beside
        """
    )
    [caught] = seen.of("caught")
    assert "beside.py" in caught["handler"]


def test_a_second_run_takes_the_rewritten_code_from_the_cache(watch: Watch, tmp_path) -> None:
    program = "try:\n    None.x\nexcept AttributeError:\n    pass\n"
    watch(program)
    [cached] = (tmp_path / "cache").iterdir()
    written = cached.stat().st_mtime_ns
    (tmp_path / "record").rename(tmp_path / "before")
    import os

    os.utime(tmp_path / "bot" / "bot.py", ns=(1, 1))
    first = cached.read_bytes()
    seen = watch(program)
    assert len(seen.of("caught")) == 1
    assert cached.stat().st_mtime_ns >= written
    assert cached.read_bytes().split(b"\n")[0] == first.split(b"\n")[0]
