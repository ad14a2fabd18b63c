"""Answers over HTTP that are not the venue's own, or do not arrive whole."""

from http import HTTPStatus
from typing import NamedTuple

from probes.market.faults import Action, Fault

OF_HTTP = (Action.CUT_ANSWER, Action.FALSE_GZIP, Action.GATEWAY_ERROR, Action.REDIRECT)
"""What a WebSocket has no form for: there, the connection breaks instead."""


class Broken(NamedTuple):
    """What goes over the wire. `length` is what the header says of the body, which may be shorter."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int


def broken(fault: Fault, body: bytes, status: int, path: str) -> Broken:
    """What is sent in place of `body`; `path` is where the request went."""
    headers = {"Content-Type": "application/json"}
    if fault.retry_after_s:
        headers["Retry-After"] = str(fault.retry_after_s)
    if fault.action is Action.CUT_ANSWER:
        return Broken(status, headers, body[: len(body) // 2], len(body))
    if fault.action is Action.FALSE_GZIP:
        return Broken(status, {**headers, "Content-Encoding": "gzip"}, body, len(body))
    if fault.action is Action.REDIRECT:
        page = _page(fault.http_status)
        return Broken(fault.http_status, {"Content-Type": "text/html", "Location": path}, page, len(page))
    if fault.body == "json":
        page = b'{"message":"%b"}' % _phrase(fault.http_status).encode()
    else:
        page, headers["Content-Type"] = _page(fault.http_status), "text/html"
    return Broken(fault.http_status, headers, page, len(page))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # as 520 of a well-known gateway
        return "Unknown Error"


def _page(status: int) -> bytes:
    title = f"{status} {_phrase(status)}"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
