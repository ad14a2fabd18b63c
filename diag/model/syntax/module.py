"""Modules: source text, syntax tree and top-level scope, each made on first use.

A stub (`.pyi`) is cut into its top-level pieces and only the pieces that are asked for are parsed:
`builtins.pyi` alone would cost more than a small bot.
"""

import ast
import re
import sys
import warnings
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Literal

from diag.model.syntax.scope import Binding, Position, Scope

ModuleKind = Literal["project", "library", "stub", "bundled", "namespace"]

_TOP_LEVEL = re.compile(
    r"^(?:@|(?:async +def|def|class) +(\w+)|(if|else|elif|try|except)\b|(from|import)\b|(\w+) *[:=])", re.M
)
_START = Position(0, ())


class Module:
    """One module of the project, a library, typeshed, or the bundled SDK facts."""

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
        self._scope: Scope | None = None
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

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = StubScope(self) if self.is_stub else Scope("module", self.tree, self.name, self)
        return self._scope

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

    # --- scopes by line

    def scope_at(self, line: int) -> Scope:
        """The innermost function, class or module scope whose lines hold `line`."""
        scope = self.scope
        while (child := scope.child_at(line)) is not None:
            if line < child.first_line:
                return scope
            scope = child
        return scope

    def scopes(self) -> list[Scope]:
        """Every scope of the module, outermost first."""
        out: list[Scope] = []
        stack = [self.scope]
        while stack:
            scope = stack.pop()
            scope.bindings  # noqa: B018
            out.append(scope)
            stack.extend(reversed(scope.children.values()))
        return out


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


_COMPILER_DEPTH = 1000  # Python's own default; with more, a deep expression overflows the C stack


def check_compiles(source: bytes | ast.Module, filename: str) -> None:
    """Raise SyntaxError or ValueError for what Python refuses to import.

    The grammar takes more than the compiler does: `await` in a plain function, `return` outside of one. Only
    the compiler knows it all. Given the text, no tree is made, which takes little more than to parse it.
    """
    limit = sys.getrecursionlimit()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sys.setrecursionlimit(_COMPILER_DEPTH)
            compile(source, filename, "exec", dont_inherit=True, optimize=0)
    except (RecursionError, MemoryError):  # too deep for the compiler: that it can be parsed must do
        sys.setrecursionlimit(limit)
        if isinstance(source, bytes):
            parse(source, filename)
    finally:
        sys.setrecursionlimit(limit)


class StubScope(Scope):
    """The top level of a stub: names are looked up in the text and only their own piece is parsed."""

    def __init__(self, module: Module) -> None:
        super().__init__("module", ast.Module([], []), module.name, module)
        self._bindings = {}
        self._pieces: dict[str, list[str]] = {}
        self._blocks: list[str] = []
        self._cut(module.raw.decode("utf-8", "replace"))

    def _cut(self, text: str) -> None:
        starts: list[tuple[int, str]] = []
        decorated = False
        for match in _TOP_LEVEL.finditer(text):
            word = match.group()
            if word == "@":
                if not decorated:
                    starts.append((match.start(), ""))
                decorated = True
                continue
            name = match.group(1) or match.group(4) or ""
            block = match.group(2)
            if block in ("else", "elif", "except"):
                continue
            if decorated:
                starts[-1] = (starts[-1][0], name)
                decorated = False
            else:
                starts.append((match.start(), "*" if block else "+" if match.group(3) else name))
        for number, (start, name) in enumerate(starts):
            end = starts[number + 1][0] if number + 1 < len(starts) else len(text)
            piece = text[start:end]
            if name == "+":
                self._add(piece)
            elif name == "*":
                self._blocks.append(piece)
            else:
                self._pieces.setdefault(name, []).append(piece)

    def _add(self, piece: str) -> None:
        try:
            tree = parse(piece, str(self.module.path))
        except SyntaxError:
            return
        self._block(flatten(tree.body), ())

    def lookup(self, name: str) -> list[Binding]:
        assert self._bindings is not None
        for piece in self._pieces.pop(name, ()):
            self._add(piece)
        found = self._bindings.get(name)
        if found is None and self._blocks:
            blocks, self._blocks = self._blocks, []
            for block in blocks:
                self._add(block)
            found = self._bindings.get(name)
        return found or []

    def names(self) -> set[str]:
        self.lookup("")
        return {*self._pieces, *self.bindings}


def flatten(body: list[ast.stmt]) -> list[ast.stmt]:
    """A stub's statements with the branches that hold for the running Python in place of its `if`s."""
    out: list[ast.stmt] = []
    for stmt in body:
        if isinstance(stmt, ast.If):
            held = holds(stmt.test)
            if held is not False:
                out += flatten(stmt.body)
            if held is not True:
                out += flatten(stmt.orelse)
        elif isinstance(stmt, ast.Try):
            out += flatten(stmt.body)
        else:
            if isinstance(stmt, ast.ClassDef):
                stmt.body = flatten(stmt.body)
            out.append(stmt)
    return out


def holds(test: ast.expr) -> bool | None:
    """What `sys.version_info >= (3, 11)`, `sys.platform == "linux"` and `TYPE_CHECKING` are; else None."""
    match test:
        case ast.Compare(
            left=ast.Attribute(attr="version_info"), ops=[op], comparators=[ast.Tuple(elts=elements)]
        ):
            wanted = tuple(
                e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, int)
            )
            have = sys.version_info[: len(wanted)]
            if isinstance(op, ast.GtE):
                return have >= wanted
            if isinstance(op, ast.Lt):
                return have < wanted
        case ast.Compare(
            left=ast.Attribute(attr="platform"), ops=[op], comparators=[ast.Constant(value=str() as name)]
        ):
            same = sys.platform.startswith(name)
            return same if isinstance(op, ast.Eq) else not same if isinstance(op, ast.NotEq) else None
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.BoolOp(op=ast.And(), values=values):
            parts = [holds(v) for v in values]
            return False if False in parts else True if all(p is True for p in parts) else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = holds(operand)
            return None if inner is None else not inner
        case ast.Constant(value=bool() as value):
            return value
    return None
