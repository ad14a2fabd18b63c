"""Where an attribute of the objects of a class is read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from diag.model.infer.classes import Class, first_parameter
from diag.model.infer.values import ClassValue, Instance, SuperOf, Unknown
from diag.model.source.text import SourceError
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Scope
from diag.model.syntax.source_file import SourceFile

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

MAX_READS = 60  # of one attribute name in one module
MAX_FILES = 400  # in the package of a class that is not judged itself

_BY_NAME = re.compile(rb"getattr\(\s*+(?:self|cls)\s*+,\s*+(?![\"'])")

Read = tuple[ast.Attribute, Scope, bool]


def of_attribute(infer: "Infer", cls: Class, name: str, *, methods: bool = False) -> list[Read] | None:
    """Every read of `.name`, no method unless asked for, of an object of `cls`; None when some can't be seen.

    The third item tells whether it is certain that such an object is read.
    """
    family = list(cls.family(infer, exact=False))
    kinds = {b.kind for each in family for b in each.members(name)}
    if cls.is_open(infer) or not kinds <= ({"def"} if methods else {"assign"}):
        return None
    modules = _modules(infer, family, name)
    if modules is None or any(_reads_by_name(each) for each in family):
        return None
    by_name = re.compile(rb"getattr\([^()]*,\s*[\"']%b[\"']" % re.escape(name.encode()))
    out: list[Read] = []
    for module in modules:
        infer.deps |= module.bit
        if by_name.search(module.raw) or module.raw.count(b"." + name.encode()) > MAX_READS:
            return None
        for node, scope in _in_module(module, name):
            belongs = _belongs(infer, node.value, scope, cls)
            if belongs is not False:
                out.append((node, scope, bool(belongs)))
    return out


def _reads_by_name(cls: Class) -> bool:
    """`getattr(self, f"on_{event}")`: any attribute may be meant."""
    scope = cls.scope
    return not cls.module.is_stub and bool(
        _BY_NAME.search(cls.module.segment(scope.first_line, scope.last_line))
    )


def receiver_class(node: ast.expr, scope: Scope) -> Scope | None:
    """The class that `self` stands for, in a method or in a function inside of it."""
    if not isinstance(node, ast.Name):
        return None
    here: Scope | None = scope
    while here is not None and here.kind == "function":
        if here.owner is not None:
            return here.owner if first_parameter(here) == node.id else None
        if node.id in here.bindings:
            return None
        here = here.parent
    return None


def _belongs(infer: "Infer", receiver: ast.expr, scope: Scope, cls: Class) -> bool | None:
    """Whether it is an object of `cls`; None where that can't be told."""
    owner = receiver_class(receiver, scope)
    if owner is not None:
        return _related(infer, infer.class_of(owner), cls)
    found: set[bool | None] = set()
    for value in infer.values(receiver, infer.frame_of(scope), scope.position_of(receiver)):
        if isinstance(value, (Instance, ClassValue, SuperOf)):
            found.add(_related(infer, value.cls, cls))
        else:
            found.add(None if isinstance(value, Unknown) else False)
    return found.pop() if len(found) == 1 else None


def _related(infer: "Infer", one: Class, other: Class) -> bool | None:
    if other in one.mro(infer) or one in other.mro(infer):
        return True
    if any(other in child.mro(infer) for child in one.descendants(infer)):
        return True
    return None if one.is_open(infer) else False


def _in_module(module: Module, name: str) -> Iterator[tuple[ast.Attribute, Scope]]:
    word, seen = b"." + name.encode(), set()
    at = module.raw.find(word)
    while at >= 0:
        scope = module.scope_at(module.line_at(at))
        if scope not in seen:
            seen.add(scope)
            for node in scope.reads.get(name, ()):
                yield node, scope
        at = module.raw.find(word, at + 1)


def _modules(infer: "Infer", family: list[Class], name: str) -> list[Module] | None:
    """The judged modules that mention it, and those of the packages of classes that are not judged."""
    word = b"." + name.encode()
    infer.deps |= infer.project.query_bit("read", name)
    out = infer.project.mentions(word)
    for home in dict.fromkeys(c.module for c in family if not c.module.is_stub):
        if home in infer.project.judged:
            continue
        files = _package(home)
        if files is None:
            return None
        for path, dotted in files:
            try:
                mentions = word in (home.raw if path == home.path else infer.project.read(path))
            except SourceError:
                return None
            if mentions:
                module = infer.project.import_module(dotted, home)
                if module is None or module.path != path:
                    return None
                if module not in out:
                    out.append(module)
    return out


def _package(module: SourceFile) -> list[tuple[Path, str]] | None:
    """The files of a module's package, without tests, with dotted names; None when there are too many."""
    assert module.path is not None
    folder, names = module.path.parent, module.name.split(".")
    if module.path.stem != "__init__":
        names = names[:-1]
    if not (folder / "__init__.py").exists():
        return [(path, ".".join([*names, path.stem])) for path in sorted(folder.glob("*.py"))]
    while (folder.parent / "__init__.py").exists():
        folder, names = folder.parent, names[:-1]
    out = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not {"test", "tests"}.intersection(parts):
            out.append((path, ".".join([*names, *(parts[:-1] if parts[-1] == "__init__" else parts)])))
            if len(out) > MAX_FILES:
                return None
    return out
