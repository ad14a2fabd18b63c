"""A small project as the model sees it."""

import ast
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.model.flow.describe import describe
from diag.model.flow.places import Places
from diag.model.infer.infer import Infer
from diag.model.infer.project import Project
from diag.model.infer.values import Values
from diag.model.source.environment import Environment
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Scope


class Model:
    """`main.py` and its neighbours, all of them judged."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.sources: list[tuple[Path, bytes]] = []
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
            self.sources.append((path, path.read_bytes()))
        self.project = Project(self.sources, Environment(), root)
        self.infer = Infer(self.project)

    def module(self, name: str = "main") -> Module:
        return next(module for module in self.project.judged if module.name == name)

    def scope(self, name: str, module: str = "main") -> Scope:
        """A function or class by its qualified name; the module itself by an empty one."""
        if not name:
            return self.module(module).scope
        return next(scope for scope in self.module(module).scopes() if scope.qualname == name)

    def expr(self, text: str, scope: Scope) -> ast.expr:
        """The last expression of the scope that is written so."""
        scope.index()
        found = [
            node
            for stmt in scope.positions
            for node in ast.walk(stmt)
            if isinstance(node, ast.expr) and ast.unparse(node) == text
        ]
        assert found, f"no `{text}` in {scope}"
        return max(found, key=lambda node: (node.lineno, node.col_offset))

    def values(self, text: str, scope: str = "", module: str = "main") -> Values:
        where = self.scope(scope, module)
        return Places(self.infer, where.module).values(self.expr(text, where), where)

    def what(self, text: str, scope: str = "", module: str = "main") -> str:
        """What an expression can be, in words."""
        return describe(self.values(text, scope, module))


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Model]:
    """Makes a model of the text of `main.py`, and of other files by their paths."""

    def make(main: str = "", **files: str) -> Model:
        others = {f"{name.replace('__', '/')}.py": text for name, text in files.items()}
        return Model(tmp_path, {"main.py": main, **others})

    return make
