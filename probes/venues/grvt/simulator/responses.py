"""JSON over HTTP, sent with little ado.

web.Response costs a fifth of a request; most answers need none of what it can do.
"""

import time
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}


class _Clock:
    """The header Date, made once a second."""

    second = 0
    date = ""

    @classmethod
    def now(cls) -> str:
        second = int(time.time())
        if second != cls.second:
            cls.second, cls.date = second, formatdate(second, usegmt=True)
        return cls.date


class _Lean(web.StreamResponse):
    """A whole body on a connection of HTTP/1.1 that stays open."""

    def __init__(self, body: bytes, status: int) -> None:
        super().__init__(status=status)
        self._whole = body
        self._out: AbstractStreamWriter | None = None

    @property
    def keep_alive(self) -> bool:
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        self._out = writer = request.writer
        headers = CIMultiDict(
            {
                "Content-Type": "application/json",
                "Content-Length": str(len(self._whole)),
                "Date": _Clock.now(),
            }
        )
        await writer.write_headers(_STATUS_LINES[self.status], headers)
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        assert self._out is not None
        await self._out.write_eof(self._whole)


def json_response(request: web.BaseRequest, body: bytes, status: int = 200) -> web.StreamResponse:
    broken = request.content.exception() is not None  # nothing that follows on the connection can be read
    if request.version == HttpVersion11 and request.keep_alive and request.method == "POST" and not broken:
        return _Lean(body, status)
    response = web.Response(body=body, status=status, content_type="application/json")
    if broken:
        response.force_close()
    return response
