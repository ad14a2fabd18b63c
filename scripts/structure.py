"""Prints the circles of imports, the size of each room and the longest functions. Run by `make check`.

The exit code is 1 if there is a circle outside diag/model/infer, the one room in which modules may import
each other. import-linter holds the order of the rooms; it sees no import that is for types only, and no
circle inside a room.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

ROOTS = ("diag", "lint_rules", "probes")
MAY_BE_CIRCULAR = "diag.model.infer"


class When(IntEnum):
    """When an import takes place; each kind is counted together with those before it."""

    AT_START = 0
    IN_FUNCTION = 1
    FOR_TYPES = 2


COUNTED = {
    When.AT_START: "imports at start",
    When.IN_FUNCTION: "and in functions",
    When.FOR_TYPES: "and for types only",
}


class Import(NamedTuple):
    """One import of one of our modules by another, both by their dotted names."""

    importer: str
    imported: str
    when: When
    line: int


@dataclass(frozen=True)
class Module:
    """One file: its dotted name (a package's is that of its folder) and what is written in it."""

    name: str
    path: Path
    lines: int
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


def modules(root: Path) -> dict[str, Module]:
    """Every module of the three packages in a checkout, by its dotted name."""
    found = {}
    for path in sorted(path for package in ROOTS for path in (root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        found[name] = Module(name, path.relative_to(root), len(text.splitlines()), ast.parse(text, path))
    return found


def imports(known: dict[str, Module]) -> list[Import]:
    """Every import of one module by another. That a package is imported before its modules is not counted."""
    return [
        Import(module.name, name, when, statement.lineno)
        for module in known.values()
        for statement, when in _statements(module.tree, When.AT_START)
        for name in sorted({*_imported(statement, module, known)} - {module.name})
    ]


def _statements(node: ast.AST, when: When) -> Iterator[tuple[ast.Import | ast.ImportFrom, When]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, when
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            yield from _statements(ast.Module(child.body, []), When.FOR_TYPES)
            yield from _statements(ast.Module(child.orelse, []), when)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _statements(child, max(when, When.IN_FUNCTION))
        else:
            yield from _statements(child, when)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _imported(
    statement: ast.Import | ast.ImportFrom, module: Module, known: dict[str, Module]
) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names if alias.name in known)
        return
    base = statement.module or ""
    if statement.level:
        parts = module.package.split(".")
        base = ".".join([*parts[: len(parts) - statement.level + 1], *filter(None, [statement.module])])
    for alias in statement.names:
        if f"{base}.{alias.name}" in known:
            yield f"{base}.{alias.name}"
        elif base in known:
            yield base


Edges = dict[str, set[str]]


def circles(edges: Edges) -> list[tuple[str, ...]]:
    """The largest sets of nodes that all reach each other, if there are two or more in one."""
    reached = {node: _reachable(node, edges) for node in edges}
    found = {
        tuple(sorted(other for other in there if node in reached[other])) for node, there in reached.items()
    }
    return sorted(circle for circle in found if len(circle) > 1)


def _reachable(start: str, edges: Edges) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - seen
        seen |= new
        waiting.extend(new)
    return seen


def between_modules(counted: Iterable[Import]) -> list[tuple[str, ...]]:
    return circles(_edges((one.importer, one.imported) for one in counted))


def between_packages(counted: Iterable[Import]) -> list[tuple[str, ...]]:
    """Circles among what lies side by side in a package, each folder taken with all that is in it.

    `diag` is seen through: its rooms lie side by side with `lint_rules` and `probes`.
    """
    pairs = defaultdict(set)
    for one in counted:
        importer, imported = _rooms(one.importer), _rooms(one.imported)
        shared = next((n for n, (a, b) in enumerate(zip(importer, imported, strict=False)) if a != b), None)
        if shared is not None:
            pairs[tuple(importer[:shared])].add(
                (".".join(importer[: shared + 1]), ".".join(imported[: shared + 1]))
            )
    return sorted(circle for inside in pairs.values() for circle in circles(_edges(inside)))


def _rooms(module: str) -> list[str]:
    first, *rest = module.split(".")
    return [f"diag.{rest[0]}", *rest[1:]] if first == "diag" and rest else [first, *rest]


def _edges(pairs: Iterable[tuple[str, str]]) -> Edges:
    edges: Edges = defaultdict(set)
    for importer, imported in pairs:
        edges[importer].add(imported)
        edges[imported]  # a node too
    return dict(edges)


def allowed(circle: tuple[str, ...]) -> bool:
    return all(f"{module}.".startswith(f"{MAY_BE_CIRCULAR}.") for module in circle)


def rooms(known: Iterable[Module]) -> list[tuple[str, int, int, int]]:
    """Each folder with its files, their lines and the lines of the longest; without the folders in it."""
    lines = defaultdict(list)
    for module in known:
        lines[module.path.parent.as_posix()].append(module.lines)
    return [(room, len(files), sum(files), max(files)) for room, files in sorted(lines.items())]


def functions(known: Iterable[Module]) -> list[tuple[int, str]]:
    """The lines of each function, decorators apart, and where it is; the longest first."""
    found = [
        (
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{module.path.as_posix()}:{node.lineno} {node.name}",
        )
        for module in known
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(found, key=lambda one: (-one[0], one[1]))


def main(root: Path) -> int:
    """Prints the report on a checkout; 1 if there is a circle where none may be."""
    known = modules(root)
    if not known:
        print(f"error: {root} holds none of {', '.join(ROOTS)}: run it in a checkout", file=sys.stderr)
        return 2
    every = imports(known)
    print(f"{'circles':<24}{'of modules':>12}{'of packages':>14}")
    for limit, title in COUNTED.items():
        counted = [one for one in every if one.when <= limit]
        print(f"{title:<24}{len(between_modules(counted)):>12}{len(between_packages(counted)):>14}")
    found = {
        circle: allowed(circle) for circle in sorted({*between_modules(every), *between_packages(every)})
    }
    for circle, fine in found.items():
        print(f"\n{'allowed' if fine else 'error'}: a circle of {len(circle)}")
        print(*(f"  {name}" for name in circle), sep="\n")
    print(f"\n{'room':<40}{'files':>8}{'lines':>8}{'longest':>10}")
    for room, files, lines, longest in (sizes := rooms(known.values())):
        print(f"{room:<40}{files:>8}{lines:>8}{longest:>10}")
    print(f"{'all':<40}{sum(size[1] for size in sizes):>8}{sum(size[2] for size in sizes):>8}")
    print("\nthe ten longest functions")
    print(*(f"{lines:>6} {where}" for lines, where in functions(known.values())[:10]), sep="\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
