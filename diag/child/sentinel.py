"""What the rewritten code calls: is this awaitable, and who made that coroutine."""

from __future__ import annotations

import gc
import inspect
import sys
import warnings
from types import CodeType, CoroutineType
from typing import Any, Callable

from .channel import Channel, Counted
from .mistakes import IsOurs, caller
from .taken import Taken, unread


class Sentinel:
    def __init__(self, channel: Channel, is_ours: IsOurs) -> None:
        self._counted = Counted(channel)
        self._is_ours = is_ours
        self._has_ended = False
        # The id of a coroutine -> where it was made, and its code: another one may have that id later.
        self._made: dict[int, tuple[str, CodeType]] = {}

    def install(self, builtins: Any) -> None:
        made = self._made

        def check(value: Any, where: str, _coroutine: Any = CoroutineType) -> Any:
            if type(value) is not _coroutine and not _is_awaitable(value):
                self._fault("await", value, where)
            return value

        def note(value: Any, where: str, _coroutine: Any = CoroutineType) -> Any:
            if type(value) is _coroutine:
                made[id(value)] = where, value.cr_code
                if len(made) > 100_000:
                    made.clear()
            return value

        builtins.__diag_await__ = check
        builtins.__diag_made__ = note
        builtins.__diag_enter__ = self.enter
        builtins.__diag_iterate__ = self.iterate
        warnings._warn_unawaited_coroutine = self.never_awaited  # type: ignore[attr-defined]

    def enter(self, value: Any, where: str) -> Any:
        if not (hasattr(type(value), "__aenter__") and hasattr(type(value), "__aexit__")):
            self._fault("async with", value, where)
        return value

    def iterate(self, value: Any, where: str) -> Any:
        if not hasattr(type(value), "__aiter__"):
            self._fault("async for", value, where)
        return value

    def _fault(self, how: str, value: Any, where: str) -> None:
        kind = type(value)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        self._counted.send(("await_fault", where, name), "await_fault", how=how, type=name, place=where)

    def never_awaited(self, coroutine: Any) -> None:
        """Called by the interpreter for each coroutine that goes away un-awaited, whatever the filters."""
        if not self._has_ended:
            self._forgotten(coroutine)
        # What Python would have done: the same warning, under the user's filters.
        warnings.warn(
            f"coroutine '{coroutine.__qualname__}' was never awaited",
            RuntimeWarning,
            stacklevel=2,
            source=coroutine,
        )

    def _forgotten(self, coroutine: Any) -> None:
        code = coroutine.cr_code
        made, made_by = self._made.pop(id(coroutine), (None, None))
        if made_by is not code:
            made = None
        self._counted.send(
            ("never_awaited", made, coroutine.__qualname__),
            "never_awaited",
            coroutine=coroutine.__qualname__,
            defined=f"{code.co_filename}:{code.co_firstlineno}",
            made=made,
        )

    def finish(self, taken: Taken) -> None:
        """At the end of the process: coroutines and errors that nobody will ask for."""
        futures: Any = sys.modules.get("asyncio.futures")
        for one in gc.get_objects():
            if type(one) is CoroutineType:
                if inspect.getcoroutinestate(one) == inspect.CORO_CREATED and (
                    self._made.get(id(one), (None, None))[1] is one.cr_code
                    or self._is_ours(one.cr_code.co_filename)
                ):
                    self._forgotten(one)
            elif futures is not None and isinstance(one, futures.Future):
                error = unread(one)
                if isinstance(error, Exception):
                    taken.gave_up(error, {"task": one, "message": "an exception that was never retrieved"})
        self._has_ended = True
        self._counted.finish()

    # what hands values to the event loop

    def watch_tasks(self, tasks: Any) -> None:
        """`gather`, `wait_for`, `shield`, `ensure_future` go through these functions of asyncio.tasks."""
        for name in ("_ensure_future", "ensure_future", "wait_for", "shield", "gather"):
            self._replace(tasks, name, name.lstrip("_"), (lambda *all: all) if name == "gather" else _first)
        for name in ("wait", "as_completed"):
            self._replace(tasks, name, name, _members)
        self._replace(tasks, "run_coroutine_threadsafe", "run_coroutine_threadsafe", _first)

    def watch_runners(self, runners: Any) -> None:
        self._replace(runners, "run", "asyncio.run", _first)
        runner = getattr(runners, "Runner", None)  # Python 3.11 and newer
        if runner is not None:
            runner.run = self._checking(runner.run, "Runner.run", _second)

    def watch_loop(self, loop: Any) -> None:
        loop.run_until_complete = self._checking(loop.run_until_complete, "run_until_complete", _second)
        create_task = loop.create_task
        sentinel = self

        def create_task_here(self: Any, coro: Any, **options: Any) -> Any:
            if type(coro) is not CoroutineType and not hasattr(coro, "send"):
                sentinel._fault("create_task", coro, caller(sentinel._is_ours) or "?")
            return create_task(self, coro, **options)

        loop.create_task = create_task_here

    def _replace(self, module: Any, name: str, how: str, which: Callable[..., Any]) -> None:
        function = getattr(module, name, None)
        if function is None:
            return
        checking = self._checking(function, how, which)
        for place in (module, sys.modules.get("asyncio")):  # it may have been imported before us
            if getattr(place, name, None) is function:
                setattr(place, name, checking)

    def _checking(
        self, function: Callable[..., Any], how: str, which: Callable[..., Any]
    ) -> Callable[..., Any]:
        import functools

        @functools.wraps(function)
        def checked(*values: Any, **options: Any) -> Any:
            # asyncio hands values on to itself (`wait_for` to `ensure_future`): one mistake is one fault.
            if not sys._getframe(1).f_globals.get("__name__", "").startswith("asyncio."):
                for value in which(*values):
                    if type(value) is not CoroutineType and not _is_awaitable(value):
                        self._fault(how, value, caller(self._is_ours) or "?")
            return function(*values, **options)

        return checked


def _first(*values: Any) -> Any:
    return values[:1]


def _second(*values: Any) -> Any:
    return values[1:2]


def _members(*values: Any) -> Any:
    """The members of a collection; of what can be gone through only once nothing is known."""
    if not values or type(values[0]) in (dict, str):
        return values[:1]
    return values[0] if isinstance(values[0], (list, tuple, set, frozenset)) else ()


def _is_awaitable(value: Any) -> bool:
    if hasattr(type(value), "__await__"):
        return True
    # A generator made by types.coroutine is awaitable by a flag of its code.
    code = getattr(value, "gi_code", None)
    return code is not None and bool(code.co_flags & 0x100)
