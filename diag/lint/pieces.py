"""What of a file changed, by its top-level pieces: most edits leave most of what others see of it alone.

A piece begins at a line with something in its first column. Of every piece a digest is kept, of a short plain
function its text, so that it is known what went when it goes.
"""

import ast
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from diag.lint.cache import digest
from diag.model.infer.classes import unmangled
from diag.model.infer.project import stored_names
from diag.model.infer.query import Query
from diag.model.syntax.binders import bound_names
from diag.model.syntax.replacing import replaced_names
from diag.model.syntax.source_file import parse

_START = re.compile(rb"^(?=[^\s#)\]}])", re.M)
_WORD = re.compile(rb"\w+")
_CALLED = re.compile(rb"\b(\w++)\s*\(")
_READ = re.compile(rb"\.(\w++)")
_KEPT = 400  # bytes: longer functions are kept by digest
# words that somebody may look for anywhere in the project without leaving a query
_FAR = re.compile(
    rb"\b(?:async|await|yield|class|global|nonlocal|import|nest_asyncio|\w*timeout|setblocking|setdefaulttimeout)\b"
)


class Change(NamedTuple):
    """What is new in a file and, as far as it is known, what is gone.

    `functions` are the plain top-level functions that came or went if nothing else changed, else None.
    """

    texts: list[bytes]
    functions: set[str] | None
    rest: bytes  # the text without what is new


def pieces(raw: bytes) -> list[str]:
    """A digest for each piece, or its text."""
    return [_record(piece) for piece in _START.split(raw)]


def _record(piece: bytes) -> str:
    piece = piece.rstrip()
    if piece.startswith(b"def ") and len(piece) < _KEPT and piece.isascii():
        return piece.decode()
    return digest(piece)


def change(old: Sequence[str], raw: bytes) -> Change:
    """How a file of the pieces `old` became what it is now."""
    now = _START.split(raw)
    new = [_record(piece) for piece in now]
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    added = now[first : len(now) - last]
    gone = [piece.encode() for piece in old[first : len(old) - last] if piece.startswith("def ")]
    all_known = len(gone) == len(old) - last - first
    names = [_function(piece) for piece in (*added, *gone)]
    functions = {name for name in names if name} if all_known and all(names) else None
    rest = b"".join([*now[:first], *now[len(now) - last :]])
    return Change([*added, *gone], functions, rest)


def _function(piece: bytes) -> str:
    """The name of the plain function that is all of the piece; empty for anything that may reach further."""
    if not piece.startswith(b"def ") or _FAR.search(piece):
        return ""
    try:
        body = parse(piece, "").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    match body:
        case [ast.FunctionDef(name=name)] if not name.startswith("__"):
            return name
    return ""


def _replaced(text: bytes) -> set[bytes]:
    return {name.encode() for name, _ in replaced_names(text)}


def answering(texts: Sequence[bytes]) -> Callable[[Query], bool]:
    """Whether one of the texts can change the answer to a query of the model."""
    text = b"\n".join(texts)
    words = set(_WORD.findall(text))
    called = set(_CALLED.findall(text))
    read = set(_READ.findall(text))
    bound = frozenset().union(*(bound_names(t) | stored_names(t) | _replaced(t) for t in texts))

    def may_change(query: Query) -> bool:
        name = query.name.encode()
        if not _WORD.fullmatch(name):
            return name in text
        match query.about:
            case "read":
                return name in read
            case "bound":
                return name in bound or unmangled(query.name).encode() in bound
            case "called":
                return name in called
            case "word":
                return name in words
            case "text":
                return name in text

    return may_change
