"""Styled lines: written once, shown plain or, on a terminal, in colour."""

import os
from collections.abc import Iterable
from typing import TextIO

# Pieces of one line, each with a style as Rich names them ("" for none).
Line = list[tuple[str, str]]

# What could move the cursor, recolour a terminal or reorder text is shown as an escape.
_ESCAPES = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (
        *range(32),
        *range(0x7F, 0xA0),
        0x2028,
        0x2029,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
}
_ESCAPES[ord("\t")] = "    "


def visible(text: str) -> str:
    """The text as it is shown: tabs as four spaces, control characters as escapes."""
    return text if text.isascii() and text.isprintable() else text.translate(_ESCAPES)


def plain(lines: Iterable[Line]) -> str:
    """The lines without styles."""
    return "".join("".join(visible(text) for text, _ in line) + "\n" for line in lines)


def coloured(stream: TextIO) -> bool:
    """Whether colour is wanted: a terminal, and no `NO_COLOR` (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(lines: Iterable[Line], stream: TextIO) -> None:
    """Writes the lines, in colour where that is wanted. Only then is Rich imported."""
    if not coloured(stream):
        stream.write(plain(lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, force_terminal=True, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*((visible(text), style) for text, style in line)))
