"""A text index of what is async: names that are worth a look in code that is not."""

import re
from collections.abc import Iterator

from diag.model.infer.project import properties_in
from diag.model.syntax.module import Module

_CALLED = re.compile(rb"\b(\w++) ?\(")
_HANDED_OVER = re.compile(rb"[(,=]\s*+(?:\w++\.)*+(\w++)\s*+(?=[,)])")
_ASYNC_DEFS = re.compile(rb"\basync\s+def\s+(\w+)|\bawait\s+(?:[\w.]+\.)?(\w+)\s*\(")


# Names that are worth a look in plain functions too: they make, take or run coroutines.
_ALWAYS = (
    b"sleep gather wait_for create_task ensure_future run run_until_complete run_coroutine_threadsafe "
    b"add_done_callback call_later call_soon call_soon_threadsafe call_at add_signal_handler register signal "
    b"Thread Timer submit run_in_executor to_thread filter sorted sort"
).split()


def called_in(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Names that are called or handed to a call, and where they stand."""
    for pattern in (_CALLED, _HANDED_OVER):
        for match in pattern.finditer(raw):
            yield match.start(1), match[1]


def called_names(raw: bytes) -> set[str]:
    """Names that are called or handed to a call."""
    names = {*_CALLED.findall(raw), *_HANDED_OVER.findall(raw)}
    return {name.decode("utf-8", "replace") for name in names}


_MADE_NAMES = re.compile(rb"^(\w+) *= *[\w.]+\(", re.M)  # fetch = retry(_fetch)


def contributed_names(raw: bytes) -> set[str]:
    """What one file adds to the names looked at everywhere: async functions, awaited calls, properties."""
    found: set[bytes] = set(properties_in(raw))
    if b"async" in raw or b"await" in raw:
        for pair in _ASYNC_DEFS.findall(raw):
            found.update(pair)
        found.update(_MADE_NAMES.findall(raw))
    return {name.decode("utf-8", "replace") for name in found if name and not name.startswith(b"__")}


def async_names(modules: list[Module]) -> frozenset[str]:
    """Names of coroutine functions: defined or awaited in judged modules, and the best known others."""
    return frozenset(name.decode() for name in _ALWAYS).union(*(contributed_names(m.raw) for m in modules))
