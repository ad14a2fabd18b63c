"""From a place in a file to a LibCST node, and from a changed node back to edits of the file.

Only the smallest enclosing statement is parsed. It keeps its own indentation (a header line above it makes
it valid Python), so that no string, comment or continuation line in it is ever touched.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from diag.finding import Edit

Node = TypeVar("Node", bound=cst.CSTNode)

_HEADER = "if True:"
_LINE_END = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_INDENT = re.compile(r"[ \t\f]*")
_ELIF = re.compile(r"\A([ \t\f]*)elif\b")
_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


class Place(Protocol):
    """What of a `diag.lint.site.Site` says where it is: an expression, and the lines of its statement."""

    source: str
    line: int
    column: int
    end_line: int
    end_column: int
    stmt_line: int
    stmt_end_line: int


class Excerpt:
    """The lines of a file that hold one statement, parsed, with the way back to the file."""

    def __init__(self, source: str, first: int, last: int) -> None:
        """Parse the lines `first` to `last`; raises libcst.ParserSyntaxError when they are no statement."""
        lines = _lines(source)
        text = "".join(lines[first - 1 : last])
        # `elif` starts a statement of its own to the parser of Python; equally long, so that columns stay.
        text = _ELIF.sub(r"\1if  ", text)
        indent = _INDENT.match(text)
        self._nested = bool(indent and indent.group())
        self._first = first
        self._before = _HEADER + _newline(lines[first - 1]) if self._nested else ""
        wrapper = MetadataWrapper(cst.parse_module(self._before + text), unsafe_skip_copy=True)
        self.module = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)

    @property
    def statement(self) -> cst.BaseStatement:
        """The statement; of several (`a(); b()` is one, a whole module is not) the first."""
        body: Sequence[cst.CSTNode] = self.module.body
        if self._nested:
            body = cst.ensure_type(self.module.body[0], cst.If).body.body
        statement = body[0]
        assert isinstance(statement, cst.BaseStatement)
        return statement

    def find(self, kind: type[Node], line: int, column: int, end_line: int, end_column: int) -> Node | None:
        """The node of this kind that spans this range of the file (parentheses around it not counted)."""
        span = (self._row(line), column - 1, self._row(end_line), end_column - 1)
        for node, at in self._positions.items():
            if isinstance(node, kind) and span == (
                at.start.line,
                at.start.column,
                at.end.line,
                at.end.column,
            ):
                return node
        return None

    def parents(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, from the inside out."""
        parent = self._parents.get(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

    def replace(self, old: cst.CSTNode, new: cst.CSTNode) -> tuple[Edit, ...]:
        """The smallest edits of the file that put `new` in the place of `old`.

        Raises libcst.CSTValidationError when the result is not Python (`return(x)` without its parentheses).
        """
        changed = self.module.deep_replace(old, new)
        assert isinstance(changed, cst.Module)
        return tuple(self._edits(self.module.code, changed.code))

    def _row(self, line: int) -> int:
        return line - self._first + (2 if self._nested else 1)

    def _edits(self, before: str, after: str) -> Iterator[Edit]:
        old, new = _TOKEN.findall(before), _TOKEN.findall(after)
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
        offsets = [len("".join(old[:start]))]
        for token in old_middle:
            offsets.append(offsets[-1] + len(token))
        starts = [0] + [match.end() for match in _LINE_END.finditer(before)]
        matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=False)
        for tag, from_, to, new_from, new_to in matcher.get_opcodes():
            if tag != "equal":
                line, column = self._position(starts, offsets[from_])
                end_line, end_column = self._position(starts, offsets[to])
                yield Edit(line, column, end_line, end_column, "".join(new_middle[new_from:new_to]))

    def _position(self, starts: Sequence[int], offset: int) -> tuple[int, int]:
        row = max(index for index, start in enumerate(starts) if start <= offset)
        return row + self._first - (1 if self._nested else 0), offset - starts[row] + 1


def parse_statement(source: str, first: int, last: int) -> cst.BaseStatement:
    """The LibCST node of the statement on these lines of the source.

    Where the lines alone are no statement (`else: await f()`), it is the next larger one that is.
    """
    for excerpt in _excerpts(source, first, last):
        return excerpt.statement
    raise ValueError(f"no statement on lines {first}-{last}")


def locate(site: Place, kind: type[Node]) -> tuple[Excerpt, Node] | None:
    """The node of this kind at the site, in the smallest enclosing statement that can be parsed."""
    for excerpt in _excerpts(site.source, site.stmt_line, site.stmt_end_line):
        node = excerpt.find(kind, site.line, site.column, site.end_line, site.end_column)
        if node is not None:
            return excerpt, node
    return None


def enclosing(source: str, line: int) -> list[ast.stmt]:
    """The statements that hold this line, from the inside out (decorators belong to what they decorate)."""
    found: list[ast.stmt] = []
    nodes: list[ast.AST] = [tree(source)]
    while nodes:
        for node in ast.iter_child_nodes(nodes.pop()):
            if isinstance(node, ast.stmt):
                if not first_line(node) <= line <= (node.end_lineno or node.lineno):
                    continue
                found.append(node)
            elif not isinstance(node, (ast.excepthandler, ast.match_case)):
                continue
            nodes.append(node)
    return found[::-1]


@lru_cache(maxsize=2)
def tree(source: str) -> ast.Module:
    """The syntax tree of a file. The fixes of one file come one after the other, so few are remembered."""
    return ast.parse(source)


def _excerpts(source: str, first: int, last: int) -> Iterator[Excerpt]:
    """The lines as excerpts, then those of larger and larger statements around them, then the whole file."""
    tried: set[tuple[int, int]] = set()
    for range_ in _ranges(source, first, last):
        if range_ not in tried:
            tried.add(range_)
            try:
                yield Excerpt(source, *range_)
            except cst.ParserSyntaxError:
                continue


def _ranges(source: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    yield first, last
    for node in enclosing(source, first):
        yield first_line(node), node.end_lineno or node.lineno
    yield 1, len(_lines(source))


def first_line(node: ast.stmt) -> int:
    """The line on which a statement begins; with decorators, that of the first."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _lines(source: str) -> list[str]:
    """The lines as Python counts them (`str.splitlines` also splits at form feeds and the like)."""
    return [match.group() for match in _LINE.finditer(source)]


def _newline(line: str) -> str:
    found = _LINE_END.search(line)
    return found.group() if found else "\n"
