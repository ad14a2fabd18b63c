"""JSON over HTTP, sent with little ado.

web.Response costs a fifth of a request; most answers need none of what it can do.
"""

from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict

from probes.market.clock import Clock
from probes.venues.grvt.simulator.broken_answers import Broken

_NONE: Mapping[str, str] = {}
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}


class _Lean(web.StreamResponse):
    """A whole body on a connection of HTTP/1.1 that stays open, unless `length` says more than there is."""

    def __init__(
        self,
        body: bytes,
        status: int,
        date: str,
        further: Mapping[str, str] = _NONE,
        length: int | None = None,
    ) -> None:
        super().__init__(status=status)
        self._whole = body
        self._date = date
        self._further = further
        self._length = len(body) if length is None else length
        self._out: AbstractStreamWriter | None = None

    @property
    def keep_alive(self) -> bool:
        return self._length == len(self._whole)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        self._out = writer = request.writer
        headers = CIMultiDict(
            {
                "Content-Type": "application/json",
                "Content-Length": str(self._length),
                "Date": self._date,
            }
        )
        headers.update(self._further)
        line = _STATUS_LINES.get(self.status, f"HTTP/1.1 {self.status} Unknown Error")
        await writer.write_headers(line, headers)
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        assert self._out is not None
        await self._out.write_eof(self._whole)


class Responses:
    """Makes the responses of a venue, by its clock."""

    def __init__(self, clock: Clock) -> None:
        self._utc_ns = clock.utc_ns
        self._second = -1
        self._date = ""

    def json(
        self, request: web.BaseRequest, body: bytes, status: int = 200, further: Mapping[str, str] = _NONE
    ) -> web.StreamResponse:
        broken = request.content.exception() is not None  # nothing that follows on the connection can be read
        if (
            request.version == HttpVersion11
            and request.keep_alive
            and request.method == "POST"
            and not broken
        ):
            return _Lean(body, status, self._now(), further)
        response = self.json_with_headers(body, status)
        response.headers.update(further)
        if broken:
            response.force_close()
        return response

    def broken(self, instead: Broken) -> web.StreamResponse:
        """What a fault made of an answer."""
        return _Lean(instead.body, instead.status, self._now(), instead.headers, instead.length)

    def json_with_headers(self, body: bytes, status: int) -> web.Response:
        """One that takes further headers."""
        headers = {"Date": self._now()}
        return web.Response(body=body, status=status, headers=headers, content_type="application/json")

    def _now(self) -> str:
        """The header Date, made once a second."""
        second = self._utc_ns() // 10**9
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True)
        return self._date
