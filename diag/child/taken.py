"""Mistakes that leave the user's own code, and whether it ever gets to see them again.

A mistake that goes into a library (out of a callback, a task, a thread, the body of a `with`) is given a
`Journey`, which hangs on the error itself. It ends when the error is back in code of the user's: caught
there, passing through, or handed to it as a value. If the error goes away before, somebody took it.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import weakref
from collections import deque
from types import FrameType
from typing import Any

from .channel import Channel, Counted
from .mistakes import GROUP, PROGRAMMING, IsOurs, is_mistake, places, text

_KEY = "__diag_journey__"
_LATE_S = 1.0  # a journey that takes longer is told of before its end: the program may be killed
_FRAMES = 12
_AWAITS = 0x80 | 0x200  # CO_COROUTINE, CO_ASYNC_GENERATOR
Outer = tuple[int, int]  # a frame of the user's, and the line at which it called a library
_NOBODY = (0, 0)
_HERE = os.path.dirname(os.path.abspath(__file__))


class Journey:
    """Hangs on an error as long as that lives. `told`: it was reported already, as it took long."""

    __slots__ = ("__weakref__", "began_s", "fields", "home", "key", "outer", "pid", "told")

    def __init__(self, home: Taken, key: object, fields: dict[str, Any], outer: Outer) -> None:
        self.home = home
        self.key = key
        self.fields = fields
        self.outer = outer
        self.pid = os.getpid()
        self.began_s = time.monotonic()
        self.told = False

    def __del__(self) -> None:
        try:
            self.home.over(self)
        except Exception:  # the interpreter is half gone; `finish` has told of it
            pass

    def __reduce__(self) -> Any:
        """The error goes to another process, which it came from: it is raised again there."""
        self.home.back(self)
        return type(None), ()

    def __deepcopy__(self, _: Any) -> None:
        return None


class Taken:
    def __init__(self, channel: Channel, is_ours: IsOurs) -> None:
        self._counted = Counted(channel)
        self.is_ours = is_ours
        self._under_way: dict[int, weakref.ref[Journey]] = {}
        self._recent: dict[int, None] = {}  # those that a function may still be given: rewritten code asks
        self._gone: deque[tuple[float, Outer, object, dict[str, Any]]] = deque(maxlen=20)
        self._watching = False
        os.register_at_fork(after_in_child=self._forked)

    def install(self, builtins: Any) -> None:
        builtins.__diag_mistakes__ = PROGRAMMING
        builtins.__diag_live__ = self._recent
        builtins.__diag_given__ = self.given
        builtins.__diag_asked__ = self.asked
        builtins.__diag_leaves__ = self.leaves
        builtins.__diag_signals__ = self.signals
        builtins.__diag_within__ = self.within

    # leaving

    def leaves(self) -> None:
        """A mistake leaves a function of the user's."""
        error = sys.exc_info()[1]
        if error is None or not is_mistake(error):
            return
        frame = sys._getframe(1)
        above = frame.f_back
        while above is not None and above.f_code.co_name in ("<lambda>", "<genexpr>", "<listcomp>"):
            above = above.f_back
        if (
            above is not None
            and self.is_ours(above.f_code.co_filename)
            and not (frame.f_code.co_flags & _AWAITS and not above.f_code.co_flags & _AWAITS)
        ):
            self._ended(error)
            return
        through, outer = self._way_out(above)
        self._begin(error, _line(error, frame), through[0] if through else "the interpreter", through, outer)

    def signals(self) -> None:
        """A mistake leaves a function by which the language asks (`__getattr__`, a property): an answer."""
        self._ended(sys.exc_info()[1])

    def within(self, where: str, how: str, names: str) -> None:
        """A mistake leaves the body of a statement that may take it; `names` are the errors it names."""
        error = sys.exc_info()[1]
        if error is None or not is_mistake(error):
            return
        kinds = {kind.__name__ for kind in type(error).__mro__} - {"Exception", "BaseException", "object"}
        if kinds.isdisjoint(names.split()):
            frame = sys._getframe(1)
            self._begin(error, _line(error, frame), f"{where} {how}", (), _NOBODY)
        else:
            self._ended(error)

    def never_asked(self, error: BaseException, by: str) -> None:
        """A mistake that is kept by `by`, where the user's code would have to ask for it."""
        if _journey(error) is None and is_mistake(error):
            self._begin(error, None, by, (), _NOBODY)

    def lost(self, error: BaseException, by: str) -> None:
        """Somebody gave up on an error, aloud."""
        journey = _journey(error)
        if journey is not None:
            if id(journey) in self._under_way:
                self._forget(journey)
                self._tell(journey.key, {**journey.fields, "by": by})
            return
        self._tell(*self._fields(error, None, by, ()))

    def _begin(
        self, error: BaseException, left: str | None, by: str, through: tuple[str, ...], outer: Outer
    ) -> None:
        self._ended(error)
        journey = Journey(self, *self._fields(error, left, by, through), outer)
        self._under_way[id(journey)] = weakref.ref(journey)
        self._recent[id(journey)] = None
        error.__dict__[_KEY] = journey
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._watch, name="diag-taken", daemon=True).start()

    def _fields(
        self, error: BaseException, left: str | None, by: str, through: tuple[str, ...]
    ) -> tuple[object, dict[str, Any]]:
        raised, ours = places(error.__traceback__, self.is_ours)
        name = type(error).__name__
        left = left or ours or raised
        return (left, raised, name, by), {
            "error": name,
            "text": text(error),
            "raised": raised,
            "raised_in_user_code": ours,
            "left": left,
            "by": by,
            "through": through,
        }

    def _way_out(self, frame: FrameType | None) -> tuple[tuple[str, ...], Outer]:
        """The lines of libraries that an error comes by, and the frame of the user's that stands behind."""
        lines: list[str] = []
        while frame is not None:
            path = frame.f_code.co_filename
            if not path.startswith(_HERE):
                if self.is_ours(path):
                    return tuple(lines), (id(frame), frame.f_lineno)
                if len(lines) < _FRAMES:
                    lines.append(f"{path}:{frame.f_lineno} {frame.f_code.co_name}")
            frame = frame.f_back
        return tuple(lines), _NOBODY

    # arriving

    def arrived(self, error: BaseException | None) -> None:
        """The user's code has this error before it, and with it what stands behind it."""
        if error is None or not (self._under_way or self._gone):
            return
        if self._recent or self._gone:
            self._turned_into(error)
        seen: set[int] = set()
        waiting = [error]
        while waiting and len(seen) < 50:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            self._ended(one)
            waiting += [each for each in (one.__cause__, one.__context__) if each is not None]
            if isinstance(one, GROUP):
                waiting += one.exceptions

    def _turned_into(self, error: BaseException) -> None:
        """A library may have made this error of one that it took, for the same call of the user's."""
        frames = set()
        trace = error.__traceback__
        while trace is not None:
            frames.add((id(trace.tb_frame), trace.tb_lineno))
            trace = trace.tb_next
        for reference in list(self._under_way.values()):
            journey = reference()
            if journey is not None and journey.outer in frames:
                self.back(journey)
        while self._gone:
            at_s, outer, key, fields = self._gone.popleft()
            if outer in frames and time.monotonic() - at_s < _LATE_S:
                self._tell_back(key, fields)

    def given(self, *values: Any) -> None:
        """Values that a function of the user's is called with."""
        for value in values:
            self._look(value)

    def asked(self, value: Any) -> Any:
        """A value that the user's code asked for; returns it."""
        if self._under_way:
            self._look(value)
        return value

    def _look(self, value: Any) -> None:
        parts: Any = (value,)
        if isinstance(value, (tuple, list)):
            parts = value[:8]
        elif isinstance(value, dict):
            parts = list(value.values())[:32]
        elif not isinstance(value, BaseException):
            parts = list(getattr(value, "__dict__", {}).values())[:32]
        for part in parts:
            if isinstance(part, BaseException):
                self.arrived(part)

    def _ended(self, error: BaseException | None) -> None:
        journey = _journey(error)
        if journey is not None:
            self.back(journey)

    def back(self, journey: Journey) -> None:
        """What left is seen by the user's code again."""
        if self._forget(journey) and journey.told:
            self._tell_back(journey.key, journey.fields)

    def over(self, journey: Journey) -> None:
        """The error is gone."""
        if self._forget(journey) and not journey.told:
            self._tell(journey.key, journey.fields)
            if journey.outer != _NOBODY:
                self._gone.append((time.monotonic(), journey.outer, journey.key, journey.fields))

    def _forget(self, journey: Journey) -> bool:
        """Whether it was under way, in this process."""
        self._recent.pop(id(journey), None)
        return self._under_way.pop(id(journey), None) is not None and journey.pid == os.getpid()

    def _tell(self, key: object, fields: dict[str, Any]) -> None:
        self._counted.send(("taken", key), "taken", **fields)

    def _tell_back(self, key: object, fields: dict[str, Any]) -> None:
        said = {name: fields[name] for name in ("error", "raised", "left", "by")}
        self._counted.send(("given_back", key), "given_back", **said)

    def _watch(self) -> None:
        while True:
            time.sleep(_LATE_S / 2)
            self._tell_late(_LATE_S)

    def _tell_late(self, after_s: float) -> None:
        until_s = time.monotonic() - after_s
        for reference in list(self._under_way.values()):
            journey = reference()
            if journey is not None and not journey.told and journey.began_s <= until_s:
                journey.told = True
                self._recent.pop(id(journey), None)
                self._tell(journey.key, journey.fields)

    def finish(self) -> None:
        """At the end of the process: what nobody asked for until now."""
        if self._under_way:
            gc.collect()
            self._tell_late(0.0)
        self._counted.finish()

    def _forked(self) -> None:
        self._under_way.clear()
        self._recent.clear()
        self._watching = False

    # what asyncio and executors keep

    def watch_gather(self, tasks: Any) -> None:
        """What `gather(return_exceptions=True)` answers with is read, or the mistakes in it are lost."""
        future = tasks._GatheringFuture
        taken = self

        def set_result(self: Any, results: Any) -> None:
            if type(results) is list:
                errors = [each for each in results if is_mistake(each)]
                for error in errors:
                    taken.never_asked(error, "gather(return_exceptions=True)")
                if errors:
                    results = Results(taken, results)
            super(future, self).set_result(results)  # type: ignore[misc]

        future.set_result = set_result

    def watch_loop(self, loop: Any) -> None:
        """What asyncio tells its exception handler: nobody is told, if the user set no other."""
        call_handler = loop.call_exception_handler
        taken = self

        def call_exception_handler(self: Any, context: Any) -> None:
            error = context.get("exception")
            if isinstance(error, Exception):
                if self.get_exception_handler() is None:
                    taken.gave_up(error, context)
                else:
                    taken.arrived(error)
            call_handler(self, context)

        loop.call_exception_handler = call_exception_handler

    def gave_up(self, error: Exception, context: dict[str, Any]) -> None:
        coroutine = _coroutine(context.get("task") or context.get("future"))
        is_own = coroutine is not None and self.is_ours(coroutine.cr_code.co_filename)
        if _journey(error) is not None or is_own or places(error.__traceback__, self.is_ours)[1] is not None:
            self.lost(error, f"asyncio: {str(context.get('message', '')).partition(chr(10))[0][:200]}")

    def watch_futures(self, base: Any) -> None:
        """A mistake that an executor puts into a future: of a lambda too, which cannot be watched itself."""
        set_exception = base.Future.set_exception
        taken = self

        def set_exception_here(self: Any, exception: Any) -> None:
            if is_mistake(exception) and places(exception.__traceback__, taken.is_ours)[1] is not None:
                taken.never_asked(exception, "a future of concurrent.futures")
            set_exception(self, exception)

        base.Future.set_exception = set_exception_here


class Results(list):  # type: ignore[type-arg]
    """A list with mistakes in it, that tells when it is looked into."""

    def __init__(self, taken: Taken, items: list[Any]) -> None:
        super().__init__(items)
        self._taken = taken

    def _read(self) -> None:
        for each in list.__iter__(self):
            if isinstance(each, BaseException):
                self._taken.arrived(each)

    def __reduce_ex__(self, _: Any) -> Any:
        return list, (list(self),)


def _reading(name: str) -> Any:
    method = getattr(list, name)

    def read(self: Results, *arguments: Any) -> Any:
        self._read()
        return method(self, *arguments)

    return read


_LOOKS = "__add__ __contains__ __eq__ __getitem__ __iter__ __repr__ __reversed__ copy count index pop"
for _name in _LOOKS.split():
    setattr(Results, _name, _reading(_name))


def _journey(error: BaseException | None) -> Journey | None:
    found: Journey | None = getattr(error, "__dict__", {}).get(_KEY)
    return found


def _line(error: BaseException, frame: FrameType) -> str:
    """The line of `frame` that the error came by."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame is not frame:
        trace = trace.tb_next
    return f"{frame.f_code.co_filename}:{trace.tb_lineno if trace is not None else frame.f_lineno}"


def _coroutine(task: Any) -> Any:
    try:
        coroutine = task.get_coro()
    except AttributeError:
        return None
    return coroutine if hasattr(coroutine, "cr_code") else None


def unread(future: Any) -> BaseException | None:
    """The error of a future that nobody asked for it."""
    try:
        return future._exception if future._log_traceback and future.done() else None
    except AttributeError:
        return None
