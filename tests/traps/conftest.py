"""The cases are data: files, or folders that are a small tree with `main.py` in it."""

import ast
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ONLY_ANNOTATED = re.compile(r"  # <- \S+ \(annotated\)$", re.MULTILINE)


@pytest.fixture(params=["annotated", "bare"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a case to a place of its own, once as it is and once without its annotations."""

    def copy(case: Path) -> Path:
        if case.is_dir():
            skipped = shutil.ignore_patterns("__pycache__")
            there = Path(shutil.copytree(case, tmp_path / case.name, ignore=skipped))
        else:
            there = Path(shutil.copy(case, tmp_path))
        if request.param == "bare":
            for path in [there] if there.is_file() else there.rglob("*.py"):
                text = ONLY_ANNOTATED.sub("", path.read_text())
                path.write_text(without_annotations(text))
        return there

    return copy


def without_annotations(source: str) -> str:
    """The source with its annotations blanked out, so that every line stays where it is.

    The fields of dataclasses and the like keep theirs, since they would be no fields without.
    """
    lines = [list(line) for line in source.split("\n")]

    def blank(line: int, column: int, end_line: int, end_column: int) -> None:
        for number in range(line, end_line + 1):
            row = lines[number - 1]
            first = column if number == line else 0
            last = end_column if number == end_line else len(row)
            row[first:last] = " " * (last - first)

    assert source.isascii(), "columns count bytes"
    tree = ast.parse(source)
    fields = {
        id(statement)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and (node.decorator_list or node.bases)
        for statement in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            end = node.annotation
            assert end.end_lineno is not None
            assert end.end_col_offset is not None
            blank(node.lineno, node.col_offset + len(node.arg), end.end_lineno, end.end_col_offset)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            end = node.returns
            assert end.end_lineno is not None
            assert end.end_col_offset is not None
            before = "".join(lines[end.lineno - 1][: end.col_offset])
            blank(end.lineno, before.rindex("->"), end.end_lineno, end.end_col_offset)
        elif isinstance(node, ast.AnnAssign) and id(node) not in fields:
            end = node.annotation
            assert node.target.end_lineno is not None
            assert node.target.end_col_offset is not None
            assert end.end_lineno is not None
            assert end.end_col_offset is not None
            blank(node.target.end_lineno, node.target.end_col_offset, end.end_lineno, end.end_col_offset)
            if node.value is None:
                row = lines[node.lineno - 1]
                row[node.col_offset : node.col_offset + len("pass")] = "pass"
    return "\n".join("".join(row) for row in lines)
