"""Which handler of the user's caught a mistake, and whether the mistake went on from there."""

from __future__ import annotations

import builtins
import sys
from types import FrameType
from typing import Any

from .channel import Channel, Counted
from .mistakes import GROUP, IsOurs, mistakes, places, text
from .taken import Taken

_BROAD = tuple(
    getattr(builtins, name)
    for name in ("Exception", "BaseException", "ExceptionGroup", "BaseExceptionGroup")
    if hasattr(builtins, name)
)


class Handlers:
    def __init__(self, channel: Channel, is_ours: IsOurs, taken: Taken) -> None:
        self._counted = Counted(channel)
        self._is_ours = is_ours
        self._taken = taken

    def install(self, builtins: Any) -> None:
        builtins.__diag_caught__ = self.caught
        builtins.__diag_left__ = self.left

    def finish(self) -> None:
        self._counted.finish()

    def caught(self, where: str, handler: str, kinds: Any = None) -> None:
        """A handler begins; `kinds` are the classes that it names, None where only its text is known."""
        error = sys.exc_info()[1]
        self._taken.arrived(error)
        for mistake in mistakes(error):
            self._caught(mistake, where, handler, handler == "*" or _is_broad(kinds))

    def left(self, where: str) -> None:
        """A handler is left by an exception: what it caught goes on, or stands behind what goes on."""
        error = sys.exc_info()[1]
        if isinstance(error, (GeneratorExit, KeyboardInterrupt)) or type(error).__name__ == "CancelledError":
            return  # the program is stopped in the middle of a handler
        while error is not None:
            for mistake in mistakes(error):
                raised, ours = places(mistake.__traceback__, self._is_ours)
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

    def _caught(self, error: BaseException, where: str, handler: str, is_broad: bool) -> None:
        raised, ours = places(error.__traceback__, self._is_ours)
        name = type(error).__name__
        self._counted.send(
            ("caught", where, raised, name),
            "caught",
            error=name,
            text=text(error),
            raised=raised,
            raised_in_user_code=ours,
            handler=where,
            catches=handler,
            is_broad=is_broad,
        )

    def watch_suppress(self, contextlib: Any) -> None:
        """`with contextlib.suppress(...)` is a handler too, of the code that has the `with` statement."""
        leave = contextlib.suppress.__exit__
        handlers = self

        def leave_here(self: Any, kind: Any, error: Any, trace: Any) -> Any:
            rest = error
            try:
                hidden = leave(self, kind, error, trace)
                rest = None if hidden else error
                return hidden
            except BaseException as raised:  # the part of a group that goes on
                rest = raised
                raise
            finally:
                if rest is not error and error is not None:
                    handlers._suppressed(self, error, rest, sys._getframe(1))

        contextlib.suppress.__exit__ = leave_here

    def _suppressed(self, suppress: Any, error: BaseException, rest: Any, frame: FrameType | None) -> None:
        while frame is not None and frame.f_globals.get("__name__") == "contextlib":  # an ExitStack
            frame = frame.f_back
        if frame is None or not self._is_ours(frame.f_code.co_filename):
            return
        where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        self._taken.arrived(error)
        goes_on = {id(mistake) for mistake in mistakes(rest)}
        # Who suppresses a class of errors does not see that it takes them out of a group, too.
        is_broad = isinstance(error, GROUP) or _is_broad(getattr(suppress, "_exceptions", None))
        for mistake in mistakes(error):
            if id(mistake) not in goes_on:
                self._caught(mistake, where, "suppress", is_broad)


def _is_broad(kinds: Any) -> bool:
    """Whether a handler takes errors without naming them."""
    if isinstance(kinds, tuple):
        return any(map(_is_broad, kinds))
    return kinds in _BROAD
