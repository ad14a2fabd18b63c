"""Styled lines: written once, shown plain or, on a terminal, in colour."""

import os
from collections.abc import Iterable
from typing import TextIO

# Pieces of one line, each with a style as Rich names them ("" for none).
Line = list[tuple[str, str]]

# What could move the cursor, recolour a terminal, reorder text or hide is shown as an escape: control
# characters, separators of lines, marks and embeddings of direction, characters of no width, tags.
UNSEEN = (
    *range(32),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
_ESCAPES = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    for code in UNSEEN
}
_ESCAPES[ord("\t")] = "    "


def visible(text: str) -> str:
    """The text as it is shown: tabs as four spaces, control characters as escapes.

    What begins a command to a runner of GitHub Actions wherever it stands in a line does so no more.
    """
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_ESCAPES)
    return text.replace("##[", "#\\x23[") if "##[" in text else text


def no_command(line: str) -> str:
    """A runner takes a line that begins so for a command, whoever wrote it."""
    start = len(line) - len(line.lstrip())
    return line[:start] + "\\x3a" + line[start + 1 :] if line.startswith("::", start) else line


def plain(lines: Iterable[Line]) -> str:
    """The lines without styles."""
    return "".join(no_command("".join(visible(text) for text, _ in line)) + "\n" for line in lines)


def complain(text: str, stream: TextIO, kind: str = "error") -> None:
    """One line of diag's own on stderr, whatever is in what it cites."""
    stream.write(f"diag: {kind}: {visible(' '.join(text.split()))}\n")


def json_text(document: object) -> str:
    """JSON for programs and people: what a terminal would not show as it is stands as an escape."""
    import json

    escapes = {code: f"\\u{code:04x}" for code in UNSEEN if 127 <= code < 65536}
    escapes |= {code: json.dumps(chr(code))[1:-1] for code in UNSEEN if code >= 65536}
    return json.dumps(document, indent=2, ensure_ascii=False).translate(escapes) + "\n"


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
