"""The file of a module: its text and lines, and its syntax tree, made on first use. It knows no scopes."""

import ast
import re
import warnings
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Literal

ModuleKind = Literal["project", "library", "stub", "bundled", "namespace"]


class SourceFile:
    """The file of one module: of the project, a library, typeshed, or the bundled SDK facts."""

    def __init__(
        self, name: str, path: Path | None, kind: ModuleKind, raw: bytes, *, is_package: bool, bit: int
    ) -> None:
        self.name = name
        self.path = path
        self.kind: ModuleKind = kind
        self.raw = raw
        self.is_package = is_package
        self.is_stub = kind in ("stub", "bundled") or (path is not None and path.suffix == ".pyi")
        self.bit = bit  # a power of two: the module's place in dependency sets
        self.parents: dict[ast.AST, ast.AST] = {}
        self.error: str = ""
        self.is_test = False  # of the project, and there for tests only
        self._tree: ast.Module | None = None
        self._starts: list[int] | None = None
        self._text: str | None = None
        self._text_lines: list[str] | None = None
        self._has_walrus: bool | None = None

    def __repr__(self) -> str:
        return f"<{self.kind} module {self.name}>"

    @property
    def tree(self) -> ast.Module:
        if self._tree is None:
            self._tree = self._parse()
        return self._tree

    @property
    def is_parsed(self) -> bool:
        """The tree is there, and whole."""
        return self._tree is not None and not self.error

    def use_tree(self, tree: ast.Module) -> None:
        """Take a tree that was parsed elsewhere."""
        if self._tree is None:
            self._tree = tree

    def _parse(self) -> ast.Module:
        try:
            return parse(self.raw, str(self.path))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.error = str(error)
            return ast.Module([], [])

    # --- text

    @property
    def line_starts(self) -> list[int]:
        """Byte offsets of the lines."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(len, self.raw.splitlines(keepends=True)))]
        return self._starts

    def line_at(self, offset: int) -> int:
        return bisect_right(self.line_starts, offset)

    @property
    def has_walrus(self) -> bool:
        """Expressions may bind names."""
        if self._has_walrus is None:
            self._has_walrus = b":=" in self.raw
        return self._has_walrus

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where a line begins and where another ends, in bytes."""
        starts = self.line_starts
        return starts[min(first, len(starts)) - 1], starts[last] if last < len(starts) else len(self.raw)

    def segment_has(self, word: bytes, first: int, last: int) -> bool:
        return self.raw.find(word, *self.span(first, last)) >= 0

    def segment(self, first: int, last: int) -> bytes:
        start, end = self.span(first, last)
        return self.raw[start:end]

    def called_at(self, name: bytes) -> list[int]:
        """Offsets where `name` stands before a parenthesis: a superset of its calls."""
        out, raw, size = [], self.raw, len(name)
        at = raw.find(name)
        while at >= 0:
            end = at + size
            if raw[end : end + 2].lstrip()[:1] == b"(" and not (
                at and (raw[at - 1 : at].isalnum() or raw[at - 1] == 95)
            ):
                out.append(at)
            at = raw.find(name, end)
        return out

    @property
    def lines(self) -> list[str]:
        """Decoded lines without their ends."""
        if self._text_lines is None:
            from diag.model.source.text import SourceError, decode

            try:
                text = decode(self.raw)
            except SourceError:
                text = self.raw.decode("utf-8", "replace")
            self._text_lines = re.split(r"\r\n|\r|\n", text)
        return self._text_lines

    @property
    def text(self) -> str:
        """The decoded text, lines ended by a line feed."""
        if self._text is None:
            self._text = "\n".join(self.lines)
        return self._text

    def column(self, line: int, byte_column: int) -> int:
        """The 1-based character column of a 0-based UTF-8 byte column, as `ast` counts them."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return byte_column + 1
        return len(text.encode("utf-8", "replace")[:byte_column].decode("utf-8", "replace")) + 1

    def source_of(self, node: ast.expr | ast.stmt) -> str:
        """The source of an expression on one line, whitespace folded."""
        first, last = node.lineno, node.end_lineno
        start, end = node.col_offset, node.end_col_offset
        rows = self.lines[first - 1 : last]
        if not rows:
            return ""
        encoded = [row.encode("utf-8", "replace") for row in rows]
        encoded[-1] = encoded[-1][:end]
        encoded[0] = encoded[0][start:]
        return " ".join(b" ".join(encoded).decode("utf-8", "replace").split())


def parse(raw: bytes | str, filename: str) -> ast.Module:
    """`ast.parse` without the warnings that it prints for old escapes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        comments = b"# type:" in raw if isinstance(raw, bytes) else "# type:" in raw
        if comments:
            try:
                return ast.parse(raw, filename, type_comments=True)
            except SyntaxError:  # a comment that only looks like one
                pass
        return ast.parse(raw, filename)
