"""Histories in pages: newest first, at most `limit` a page, a cursor to the next."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from probes.venues.grvt.simulator.fields import malformed
from probes.venues.grvt.wire import Json

USUAL_LIMIT = 500
MOST = 1000

T = TypeVar("T")


def page(rows: Sequence[T], payload: Json, time_ns: Callable[[T], int], render: Callable[[T], Json]) -> Json:
    """The page that the fields start_time, end_time, limit and cursor ask for. `rows` are newest first.

    The cursor names the last row of a page by its place from the oldest on, so that new rows do not move it.
    """
    start_ns, end_ns = payload.get("start_time", 0), payload.get("end_time", 1 << 63)
    before = _read(payload["cursor"]) if payload.get("cursor") else len(rows) + 1
    wanted = [
        (number, row)
        for number, row in zip(range(len(rows), 0, -1), rows, strict=True)
        if number < before and start_ns <= time_ns(row) <= end_ns
    ]
    limit = min(payload.get("limit") or USUAL_LIMIT, MOST)
    shown = wanted[:limit]
    following = _write(shown[-1][0]) if len(wanted) > limit else ""
    return {"result": [render(row) for _, row in shown], "next": following}


def _write(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def _read(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        raise malformed("cursor is none that the venue gave") from None
