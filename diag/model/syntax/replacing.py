"""Calls that put another object in an attribute's place: `setattr` and the forms of patching by mock.

`patch("bot.Client.send")`, `patch.object(Client, "send")`, `patch.multiple(Client, send=..., ...)`,
`patch.dict(...)`, pytest's `monkeypatch.setattr` and `setitem`, pytest-mock's `mocker.patch`, and stores
through `__dict__`, `vars()` and `globals()`.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from diag.model.syntax.scope import last_name

_CALL = re.compile(
    rb"\b(?:(?P<set>setattr|delattr|__setattr__|__delattr__)|(?P<patch>patch)|(?P<object>\.\s*object)"
    rb"|(?P<multiple>multiple)|(?P<dict>patch\s*\.\s*dict|setitem|delitem))\s*\("
)
_ALIAS = re.compile(rb"\bimport\b[^\n]*\bpatch as (\w+)")
_ITEM = re.compile(rb"""(?:__dict__|\bvars\([^()\n]*\)|\bglobals\(\))\s*\[\s*["'](\w+)["']\s*\]\s*=(?!=)""")
# a second argument that is no string
_COMPUTED = re.compile(rb"""\W*\w+\s*\(\s*[^"',]+,\s*(?:\w+(?!["'\w])|[^\s\w"'])""")
_NAMED = re.compile(rb"\W*\w+\s*\(\s*(\w+)\s*[,)]")  # a name as the first argument
_WORD = re.compile(rb"\w+")
_SHOWN = 300  # bytes of a call that its names are looked for in
_LAST_WORD = re.compile(r"(\w+)\W*$")
_DOTTED = re.compile(r"(?:\w+\.)+\w+")
_OF_PATCH = {"spec", "create", "spec_set", "autospec", "new_callable", "target"}

ANY = "*"  # a name that is computed


class Replacement(NamedTuple):
    """One attribute that a call replaces. `owner` is its owner, as an expression or by its dotted name."""

    name: str
    owner: ast.expr | str | None  # None: not known


def _places(raw: bytes) -> list[int]:
    """Where such calls may stand, from the text alone."""
    if b"patch" not in raw and b"attr" not in raw and b"setitem" not in raw:
        return []
    out = [m.start(m.lastgroup or 0) for m in _CALL.finditer(raw)]
    for alias in _ALIAS.findall(raw):
        out += [m.start() for m in re.finditer(rb"\b" + alias + rb"(?:\.\w+)?\s*\(", raw)]
    return out


def replaced_names(raw: bytes) -> Iterator[tuple[str, int]]:
    """A superset of the names that the text replaces, each with the place of the call; -1 for a store."""
    for name in _ITEM.findall(raw) if b"__dict__" in raw or b"vars(" in raw or b"globals()" in raw else ():
        yield name.decode(), -1
    for at in _places(raw):
        call = raw[at : at + _SHOWN]
        for name in dict.fromkeys(_WORD.findall(call)):
            yield name.decode("utf-8", "replace"), at
        if (named := _NAMED.match(call)) and (text := _text_of(named[1], raw)):
            yield text.rpartition(".")[2], at
        if _COMPUTED.match(call) or b"**" in call:
            yield ANY, at


def _text_of(name: bytes, raw: bytes) -> str:
    """The dotted name in `NAME = "bot.Client.send"`; empty where it is anything else."""
    found = re.search(rb"^[ \t]*" + name + rb"""[ \t]*=[ \t]*["']((?:\w+\.)+\w+)["']""", raw, re.M)
    return found[1].decode() if found else ""


def replacements(call: ast.Call, raw: bytes) -> Iterator[Replacement]:
    """What a call in the text `raw` replaces; nothing where it only looks like one of these."""
    aliases = frozenset(name.decode() for name in _ALIAS.findall(raw))
    form = last_name(call.func)
    first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "target"), None)
    if first is None:
        return
    if isinstance(first, ast.Name) and (text := _text_of(first.id.encode(), raw)):
        first = ast.Constant(text)
    second = call.args[1] if len(call.args) > 1 else None
    if form in ("setattr", "delattr", "__setattr__", "__delattr__", "object"):
        if form == "object" and not _is_patch(call.func, aliases):
            return
        if form != "object" and (dotted := _dotted(first)) is not None:
            yield _by_name(dotted)
        elif isinstance(second, ast.Constant) and isinstance(second.value, str):
            yield Replacement(second.value, first)
        elif second is not None:
            yield Replacement(ANY, first)
    elif form == "multiple" and _is_patch(call.func, aliases):
        dotted = _dotted(first)
        for keyword in call.keywords:
            if keyword.arg not in _OF_PATCH:
                yield Replacement(keyword.arg or ANY, dotted if dotted is not None else first)
    elif form in ("setitem", "delitem") or (form == "dict" and _is_patch(call.func, aliases)):
        dotted = _dotted(first)
        yield _by_name(dotted if dotted is not None else f"?.{last_name(first)}")
    elif (form == "patch" or form in aliases) and (dotted := _dotted(first)) is not None:
        yield _by_name(dotted)


def _is_patch(func: ast.expr, aliases: frozenset[str]) -> bool:
    holder = func.value if isinstance(func, ast.Attribute) else None
    return holder is not None and (last_name(holder) == "patch" or last_name(holder) in aliases)


def _by_name(dotted: str) -> Replacement:
    owner, _, name = dotted.rpartition(".")
    return Replacement(name, None if owner in ("", "?") or owner.endswith("?") else owner)


def _dotted(node: ast.expr) -> str | None:
    """The dotted name in a string; `?` stands for what is computed in front (`f"{HERE}.Client.send"`)."""
    match node:
        case ast.Constant(value=str() as text) if _DOTTED.fullmatch(text):
            return text
        case (
            ast.JoinedStr(values=[*_, ast.Constant(value=str() as text)])
            | ast.BinOp(right=ast.Constant(value=str() as text))
        ) if (found := _LAST_WORD.search(text)) is not None:
            return f"?.{found[1]}" if _DOTTED.fullmatch(f"a{text}") is None else f"?{text}"
    return None
