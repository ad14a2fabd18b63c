"""Modules with their scopes, made on first use.

A stub (`.pyi`) is cut into its top-level pieces and only the pieces that are asked for are parsed:
`builtins.pyi` alone would cost more than a small bot.
"""

import ast
import re
import sys
import warnings

from diag.model.syntax.scope import Binding, Position, Scope
from diag.model.syntax.source_file import SourceFile, parse

_TOP_LEVEL = re.compile(
    r"^(?:@|(?:async +def|def|class) +(\w+)|(if|else|elif|try|except)\b|(from|import)\b|(\w+) *[:=])", re.M
)
_START = Position(0, ())


class Module(SourceFile):
    """One module of the project, a library, typeshed, or the bundled SDK facts, with its scopes."""

    _scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = StubScope(self) if self.is_stub else Scope("module", self.tree, self.name, self)
        return self._scope

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
