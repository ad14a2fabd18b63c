"""What may be raised, and which handler receives it."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# The full names of a class and its bases, the class itself first; None where it is not known.
Bases = tuple[str, ...]
Resolve = Callable[[ast.expr], Bases | None]
Match = Literal["never", "maybe", "always"]


@dataclass(frozen=True, slots=True)
class Thrown:
    """An exception of one class (`bases` of the very class), or any at all.

    `caught` are the classes for which handlers stood further in: nothing of them gets here.
    """

    bases: Bases = ()
    caught: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.bases[0].removeprefix("builtins.") if self.bases else "any exception"


ANY = Thrown()


def of_builtins(name: str) -> Bases | None:
    """The bases of an exception class of Python itself."""
    cls = getattr(builtins, name, None)
    if not isinstance(cls, type) or not issubclass(cls, BaseException):
        return None
    return tuple(f"builtins.{base.__name__}" for base in cls.__mro__ if base is not object)


def builtin(name: str) -> Thrown:
    bases = of_builtins(name)
    assert bases is not None, name
    return Thrown(bases)


def caught_by(thrown: Thrown, handler: ast.expr | None, resolve: Resolve) -> tuple[Match, Thrown]:
    """Whether `except handler:` receives it, and what of it goes on to the next handler.

    None stands for a bare `except:`.
    """
    if handler is None:
        return "always", thrown
    caught = set(thrown.caught)
    answer: Match = "never"
    for element in handler.elts if isinstance(handler, ast.Tuple) else [handler]:
        bases = resolve(element)
        if bases is None:
            answer = "maybe"  # of a class that is not known nothing can be said
            continue
        name = bases[0]
        if thrown.bases:
            if name in thrown.bases:
                return "always", thrown
            continue
        if name == "builtins.BaseException":
            return "always", thrown
        if not caught.intersection(bases):
            answer = "maybe"
            caught.add(name)
    return answer, Thrown(thrown.bases, frozenset(caught) if not thrown.bases else frozenset())
