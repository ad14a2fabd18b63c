"""Sixty ways in which programs tell a secret, and how a test looks for it. The standard library alone."""

import base64
import html
import json
import re
import shlex
import textwrap
import urllib.parse
from collections.abc import Callable

KEYS = (
    "0x9f3c1ab27de045886f1b2c3d4e5f607182c3a4b5c6d7e8f90a1b2c3d4e5f6071",
    "pX7/kQ+9sLz2Vb4WnE8rTyU3iOa6DfGh==",
    "q8Jd72kLmNx01PzTvW4sRb6YcUe3",
    "3f2b8c1e-9d47-4a60-b1f5-7e0c2d94a8b3",
)


def _escapes_low(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)


def _base64(value: str, before: str = "", after: str = "") -> str:
    return base64.b64encode((before + value + after).encode()).decode()


def _url64(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode()


def _wrapped(width: int) -> Callable[[str], str]:
    return lambda value: "\n".join(textwrap.wrap("the key that was given is " + value, width))


_quote = urllib.parse.quote

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda v: v,
    "in words": lambda v: f"the key {v} was refused",
    "glued": lambda v: f"x{v}x",
    "in brackets": lambda v: f"[{v}]",
    "assigned": lambda v: f"api_key={v}",
    "with a colon": lambda v: f"apiKey: {v}",
    "bare": lambda v: v.removeprefix("0x"),
    "upper hex": lambda v: "0x" + v[2:].upper() if v.startswith("0x") else v,
    "quoted": lambda v: _quote(v, safe=""),
    "quoted, low": lambda v: _escapes_low(_quote(v, safe="")),
    "quoted, slashes kept": lambda v: _quote(v),
    "quoted plus": urllib.parse.quote_plus,
    "quoted plus, low": lambda v: _escapes_low(urllib.parse.quote_plus(v)),
    "quoted twice": lambda v: _quote(_quote(v, safe=""), safe=""),
    "query": lambda v: "GET /x?" + urllib.parse.urlencode({"apiKey": v, "side": "buy"}),
    "query of signature": lambda v: "GET /x?side=buy&" + urllib.parse.urlencode({"signature": v}),
    "url": lambda v: f"wss://user:{_quote(v, safe='')}@venue.example/ws",
    "base64": _base64,
    "base64 without padding": lambda v: _base64(v).rstrip("="),
    "base64 with a neighbour": lambda v: _base64(v, "a"),
    "base64 with two neighbours": lambda v: _base64(v, "ab", "c"),
    "base64, urlsafe": _url64,
    "base64, urlsafe without padding": lambda v: _url64(v).rstrip("="),
    "base64 quoted": lambda v: _quote(_base64(v), safe=""),
    "base64 in lines": lambda v: base64.encodebytes((v * 3).encode()).decode(),
    "base64 of bytes": lambda v: repr(base64.b64encode(v.encode())),
    "basic": lambda v: "Authorization: Basic " + _base64(v, "user:"),
    "basic of user": lambda v: "Authorization: Basic " + _base64(v, "", ":"),
    "bearer": lambda v: f"Authorization: Bearer {v}",
    "bearer in a dict": lambda v: repr({"Authorization": f"Bearer {v}"}),
    "header": lambda v: f"X-API-KEY: {v}",
    "header of bytes": lambda v: repr([(b"OK-ACCESS-PASSPHRASE", v.encode())]),
    "cookie": lambda v: f"Cookie: gravity={v}; lang=en",
    "set-cookie": lambda v: f"set-cookie: session={v}; Path=/; HttpOnly",
    "hex": lambda v: v.encode().hex(),
    "hex, upper": lambda v: v.encode().hex().upper(),
    "hex, 0x": lambda v: "0x" + v.encode().hex(),
    "repr": repr,
    "repr of repr": lambda v: repr(repr(v)),
    "repr of bytes": lambda v: repr(v.encode()),
    "repr of list": lambda v: repr(["--key", v]),
    "repr of dict": lambda v: repr({"secret": v, "side": "buy"}),
    "json": lambda v: json.dumps({"apiSecret": v}),
    "json, slashes escaped": lambda v: json.dumps(v).replace("/", "\\/"),
    "json in json": lambda v: json.dumps(json.dumps({"key": v})),
    "json with indent": lambda v: json.dumps({"config": {"key": v}}, indent=2),
    "json bytes": lambda v: repr(json.dumps({"k": v}).encode()),
    "html": html.escape,
    "xml": lambda v: f"<secret>{html.escape(v)}</secret>",
    "shell": lambda v: f"python bot.py --api-secret {shlex.quote(v)}",
    "shell, one word": lambda v: f"python bot.py --api-secret={shlex.quote(v)}",
    "exported": lambda v: f"export VENUE_SECRET={v}",
    "toml": lambda v: f'secret = "{v}"',
    "yaml": lambda v: f"  secret: {v}",
    "logfmt": lambda v: f'level=info msg="signed in" key={v}',
    "colour": lambda v: f"\x1b[32m{v}\x1b[0m",
    "wrapped at 40": _wrapped(40),
    "wrapped at 60": _wrapped(60),
    "cut by dots": lambda v: f"{v[:14]}...",
    "error": lambda v: repr(ValueError(f"bad key {v}")),
    "tabs": lambda v: f"key\t{v}\tend",
    "file name": lambda v: f"/home/bot/{_quote(v, safe='')}.json",
}


def telling(value: str, text: str) -> list[str]:
    """What of the secret stands in the text: the value, or twelve letters and digits in a row of any form."""
    others = "\n".join(form(other) for form in FORMS.values() for other in ("0x" + "5" * 64, "zz-zz" * 8))
    pieces = {
        run[at : at + 12]
        for form in FORMS.values()
        for run in re.findall("[A-Za-z0-9]{12,}", form(value))
        for at in range(len(run) - 11)
    }
    told = sorted(piece for piece in pieces if piece in text and piece not in others)
    return told + [name for name in ("plain", "quoted") if FORMS[name](value) in text]
