"""What a mistake is, and where it was raised."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any, Callable

from .channel import TEXT_LIMIT

# Errors that a program does not plan for: they speak of a mistake in the code, not of the world.
# A copy of `diag.mistakes`, which a test holds equal.
PROGRAMMING = (
    TypeError,
    AttributeError,
    NameError,
    LookupError,
    AssertionError,
    NotImplementedError,
    ImportError,
)
_OF_THE_LANGUAGE = frozenset(("builtins", "dataclasses"))  # where an error class that nobody designed is from
GROUP: Any = getattr(builtins, "BaseExceptionGroup", ())  # Python 3.11 and newer

IsOurs = Callable[[str], bool]


def is_mistake(error: object) -> bool:
    """Classes that a program or a library derives from these are signals of theirs."""
    return isinstance(error, PROGRAMMING) and type(error).__module__ in _OF_THE_LANGUAGE


def mistakes(error: BaseException | None) -> Iterator[BaseException]:
    """The mistakes that an error is, or is a group of."""
    if isinstance(error, GROUP):
        for part in error.exceptions:
            yield from mistakes(part)
    elif error is not None and is_mistake(error):
        yield error


def text(error: BaseException) -> str:
    try:
        return str(error)[:TEXT_LIMIT]
    except Exception:
        return "?"


def places(trace: TracebackType | None, is_ours: IsOurs) -> tuple[str, str | None]:
    """Where an error was raised, and the last line of the user's own code on the way there."""
    raised, ours = "?", None
    while trace is not None:
        raised = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        if is_ours(trace.tb_frame.f_code.co_filename):
            ours = raised
        trace = trace.tb_next
    return raised, ours


def caller(is_ours: IsOurs) -> str | None:
    """The innermost line of the user's own code that runs now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_ours(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return None
