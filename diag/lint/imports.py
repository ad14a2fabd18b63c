"""What a fix must import."""

import ast
from collections.abc import Iterator, Sequence

from diag.finding import Edit
from diag.lint.cst import enclosing, first_line, tree

_OTHER_LOOPS = frozenset({"trio", "curio", "anyio"})


def import_asyncio(source: str, line: int) -> tuple[str, tuple[Edit, ...]] | None:
    """The name under which code on this line reaches asyncio, and the edit that imports it where missing.

    None where neither is certain: the name means something else as well, a function imports it on some
    paths only, or the module is written for another event loop.
    """
    module = tree(source)
    top = _alias(module.body)
    name = top or "asyncio"
    if any(bound == name for bound in _bindings(module)):
        return None
    for function in enclosing(source, line):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if any(alias.name.partition(".")[0] == "asyncio" for alias in _aliases(function)):
            local = _alias([step for step in function.body if step.lineno < line])
            return (local, ()) if local else None
    if top:
        return top, ()
    packages = {alias.name.partition(".")[0] for alias in _aliases(module)}
    if packages & _OTHER_LOOPS and "asyncio" not in packages:
        return None
    return name, (_insertion(module),)


def _alias(body: Sequence[ast.stmt]) -> str | None:
    """What `import asyncio` among these statements, not within others, is called."""
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name == "asyncio" or (alias.name.startswith("asyncio.") and not alias.asname):
                    return alias.asname or "asyncio"
    return None


def _aliases(root: ast.AST) -> Iterator[ast.alias]:
    """The parts of every `import a, b as c` under this node."""
    for node in ast.walk(root):
        if isinstance(node, ast.Import):
            yield from node.names


def _bindings(root: ast.AST) -> Iterator[str]:
    """Every name that something under this node binds, but for `import asyncio`."""
    for node in ast.walk(root):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    package = alias.name.partition(".")[0]
                    if isinstance(node, ast.ImportFrom) or package != "asyncio":
                        yield alias.asname or package
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name


def _insertion(module: ast.Module) -> Edit:
    """`import asyncio` sorted among the plain imports that open the module, else above the other imports."""
    documented = ast.get_docstring(module, clean=False) is not None
    body = module.body[documented:]
    after: ast.stmt | None = module.body[0] if documented else None
    plain = False
    for statement in body:
        if isinstance(statement, ast.Import) and statement.names[0].name < "asyncio":
            after, plain = statement, True
        elif isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            after = statement
        elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
    rest = [step for step in body if after is None or step.lineno > after.lineno]
    line = 0 if after is None else after.end_lineno or after.lineno
    for statement in rest:
        if statement.lineno <= line:  # `import json; import os`: the next free line is below both
            line = statement.end_lineno or line
    opens_imports = bool(rest) and isinstance(rest[0], (ast.Import, ast.ImportFrom)) and rest[0].lineno > line
    if after is None or (opens_imports and not plain):
        line = first_line(rest[0])
        return Edit(line, 1, line, 1, "import asyncio\n" if opens_imports else "import asyncio\n\n")
    return Edit(line + 1, 1, line + 1, 1, "import asyncio\n" if plain else "\nimport asyncio\n")
