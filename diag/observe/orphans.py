"""What a program started and left behind, in whatever language (Linux: prctl(2), proc(5))."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """From now on, whoever loses its parent below this process becomes a child of this process."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def below(pid: int) -> set[int]:
    """The processes that run below this one; of its children, those that have ended are none."""
    children: dict[int, list[int]] = {}
    for child, parent, has_ended in _processes():
        if has_ended and parent == os.getpid() == pid:
            continue
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = set(children.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _processes() -> Iterator[tuple[int, int, bool]]:
    """Process, parent, and whether it has ended."""
    if not sys.platform.startswith("linux"):
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
                yield int(entry.name), int(parent), state in "ZX"
