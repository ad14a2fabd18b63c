"""What the rewritten code calls: is this awaitable, who made that coroutine, which error was caught here."""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Iterator
from types import CodeType, CoroutineType, FrameType, TracebackType
from typing import Any, Callable

from .channel import TEXT_LIMIT, Channel, Counted

# Errors that a program does not plan for: they speak of a mistake in the code, not of the world.
PROGRAMMING = (
    TypeError,
    AttributeError,
    NameError,
    LookupError,
    AssertionError,
    NotImplementedError,
    ImportError,
)
_PLANNED = (UnicodeError,)
_GROUP: Any = getattr(builtins, "BaseExceptionGroup", ())  # Python 3.11 and newer


class Sentinel:
    def __init__(self, channel: Channel, is_ours: Callable[[str], bool]) -> None:
        self._channel = channel
        self._counted = Counted(channel)
        self._is_ours = is_ours
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
        builtins.__diag_caught__ = self.caught
        builtins.__diag_left__ = self.left
        warnings._warn_unawaited_coroutine = self.never_awaited  # type: ignore[attr-defined]

    def enter(self, value: Any, where: str) -> Any:
        if not (hasattr(type(value), "__aenter__") and hasattr(type(value), "__aexit__")):
            self._fault("async with", value, where)
        return value

    def iterate(self, value: Any, where: str) -> Any:
        if not hasattr(type(value), "__aiter__"):
            self._fault("async for", value, where)
        return value

    def caught(self, where: str, handler: str) -> None:
        """A handler begins."""
        for error in _mistakes(sys.exc_info()[1]):
            self._swallowed(error, where, handler)

    def left(self, where: str) -> None:
        """A handler is left by an exception: what it caught goes on, or stands behind what goes on."""
        error = sys.exc_info()[1]
        if isinstance(error, (GeneratorExit, KeyboardInterrupt)) or type(error).__name__ == "CancelledError":
            return  # the program is stopped in the middle of a handler
        while error is not None:
            for mistake in _mistakes(error):
                raised, ours = _places(mistake.__traceback__, self._is_ours)
                name = type(mistake).__name__
                if ("caught", where, raised, name) in self._counted:
                    self._counted.send(
                        ("raised_again", where, raised, name),
                        "raised_again",
                        error=name,
                        raised=raised,
                        raised_in_user_code=ours,
                        handler=where,
                    )
                    return
            error = error.__context__

    def _swallowed(self, error: BaseException, where: str, handler: str) -> None:
        raised, ours = _places(error.__traceback__, self._is_ours)
        name = type(error).__name__
        self._counted.send(
            ("caught", where, raised, name),
            "caught",
            error=name,
            text=_text(error),
            raised=raised,
            raised_in_user_code=ours,
            handler=where,
            catches=handler,
        )

    def _fault(self, how: str, value: Any, where: str) -> None:
        kind = type(value)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        self._counted.send(("await_fault", where, name), "await_fault", how=how, type=name, place=where)

    def never_awaited(self, coroutine: Any) -> None:
        """Called by the interpreter for each coroutine that goes away un-awaited, whatever the filters."""
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
        # What Python would have done: the same warning, under the user's filters.
        warnings.warn(
            f"coroutine '{coroutine.__qualname__}' was never awaited",
            RuntimeWarning,
            stacklevel=2,
            source=coroutine,
        )

    # what hands values to the event loop

    def watch_tasks(self, tasks: Any) -> None:
        """`gather`, `wait_for`, `shield`, `ensure_future` go through these functions of asyncio.tasks."""
        for name in ("_ensure_future", "ensure_future", "wait_for", "shield", "gather"):
            function = getattr(tasks, name, None)
            if function is not None:
                checking = self._checking(function, name.lstrip("_"))
                for module in (tasks, sys.modules.get("asyncio")):  # it may have been imported before us
                    if getattr(module, name, None) is function:
                        setattr(module, name, checking)

    def watch_loop(self, base_events: Any) -> None:
        loop = base_events.BaseEventLoop
        create_task = loop.create_task
        sentinel = self

        def create_task_here(self: Any, coro: Any, **options: Any) -> Any:
            if type(coro) is not CoroutineType and not hasattr(coro, "send"):
                sentinel._fault("create_task", coro, _caller(sentinel._is_ours) or "?")
            return create_task(self, coro, **options)

        loop.create_task = create_task_here

    def _checking(self, function: Callable[..., Any], how: str) -> Callable[..., Any]:
        import functools

        @functools.wraps(function)
        def checked(*values: Any, **options: Any) -> Any:
            # asyncio hands values on to itself (`wait_for` to `ensure_future`): one mistake is one fault.
            if not sys._getframe(1).f_globals.get("__name__", "").startswith("asyncio."):
                for value in values if how == "gather" else values[:1]:
                    if type(value) is not CoroutineType and not _is_awaitable(value):
                        self._fault(how, value, _caller(self._is_ours) or "?")
            return function(*values, **options)

        return checked

    def watch_suppress(self, contextlib: Any) -> None:
        """`with contextlib.suppress(...)` is a handler too."""
        leave = contextlib.suppress.__exit__
        sentinel = self

        def leave_here(self: Any, kind: Any, error: Any, trace: Any) -> Any:
            hidden = leave(self, kind, error, trace)
            where = _caller(sentinel._is_ours) if hidden else None
            if where is not None:
                for mistake in _mistakes(error):
                    sentinel._swallowed(mistake, where, "suppress")
            return hidden

        contextlib.suppress.__exit__ = leave_here

    def finish(self) -> None:
        self._counted.finish()


def _is_awaitable(value: Any) -> bool:
    if hasattr(type(value), "__await__"):
        return True
    # A generator made by types.coroutine is awaitable by a flag of its code.
    code = getattr(value, "gi_code", None)
    return code is not None and bool(code.co_flags & 0x100)


def _mistakes(error: BaseException | None) -> Iterator[BaseException]:
    """The mistakes that an error is, or is a group of."""
    if isinstance(error, _GROUP):
        for part in error.exceptions:
            yield from _mistakes(part)
    elif isinstance(error, PROGRAMMING) and not isinstance(error, _PLANNED):
        yield error


def _text(error: BaseException) -> str:
    try:
        return str(error)[:TEXT_LIMIT]
    except Exception:
        return "?"


def _places(trace: TracebackType | None, is_ours: Callable[[str], bool]) -> tuple[str, str | None]:
    """Where an error was raised, and the last line of the user's own code on the way there."""
    raised, ours = "?", None
    while trace is not None:
        raised = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        if is_ours(trace.tb_frame.f_code.co_filename):
            ours = raised
        trace = trace.tb_next
    return raised, ours


def _caller(is_ours: Callable[[str], bool]) -> str | None:
    """The innermost line of the user's own code that runs now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_ours(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return None
