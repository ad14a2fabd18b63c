"""What a secret may look like where it is told: quoted, encoded, escaped, as a number."""

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 8  # a shorter value is struck out where it stands alone, and is no plain word or number
SHORT = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])\S{4,7}")
_LONGEST = 8192
_ESCAPE = re.compile("%[0-9A-F]{2}")


def forms(value: str) -> Iterator[str]:
    """The value and its lines in each form, those that are too short left out."""
    lines = value.replace("\\n", "\n").splitlines() if "\n" in value or "\\n" in value else []
    for part in dict.fromkeys(filter(None, map(str.strip, (value[:_LONGEST], *lines)))):
        if SHORT.fullmatch(part):
            yield part
        if len(part) >= SHORTEST:
            yield from _texts(part)
            yield from _bytes(part.encode("utf-8", "surrogatepass"))
        for raw in _decoded(part):
            yield from _bytes(raw)
            yield str(int.from_bytes(raw, "big"))
            yield repr(raw)[2:-1]


def _texts(part: str) -> Iterator[str]:
    bare = part[2:] if part[:2].lower() == "0x" else part
    yield from (part, bare)
    if re.fullmatch("[0-9a-fA-F]{16,}", bare):
        yield from (bare.lower(), bare.upper())
    quoted = [quote(part, safe="", errors="replace"), quote(part, errors="replace")]
    quoted.append(quote_plus(part, errors="replace"))
    quoted.append(quote(quoted[0], safe=""))
    for one in quoted:
        yield one
        yield _ESCAPE.sub(lambda escape: escape[0].lower(), one)
    for encoded in (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]):
        yield from (encoded, encoded.replace("/", "\\/"), json.dumps(encoded)[1:-1])
    told = repr(part)[1:-1]
    yield from (told, repr(told)[1:-1], html.escape(part), html.escape(part, quote=False))


def _bytes(raw: bytes) -> Iterator[str]:
    """In hexadecimal and in base64, at each of the three places in a group of four characters."""
    yield from (raw.hex(), raw.hex().upper())
    for before in range(3):
        padded = base64.b64encode(b"\0" * before + raw).decode()
        # Characters that hold bits of a neighbour are left out: they may be others.
        first, last = (0, 2, 3)[before], len(padded) - (0, 3, 2)[(before + len(raw)) % 3]
        core = padded[first:last]
        if len(core) >= SHORTEST:
            yield from (core, core.replace("+", "-").replace("/", "_"))
            yield quote(core, safe="")


def _decoded(part: str) -> Iterator[bytes]:
    """The bytes that hexadecimal digits or base64 stand for."""
    bare = part[2:] if part[:2].lower() == "0x" else part
    if re.fullmatch("(?:[0-9a-fA-F]{2}){8,}", bare):
        yield bytes.fromhex(bare)
    elif re.fullmatch("[A-Za-z0-9+/_-]{22,}={0,2}", part):
        with_padding = part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)
        try:
            yield base64.b64decode(with_padding.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error:
            return
