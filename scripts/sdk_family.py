"""Families of generated classes: a hundred exchange classes that share one base and one set of methods.

Instead of a list of methods for every member of the family, the methods of all of them are folded into the
base class: a method counts where every member that defines it agrees on its colour. Each member is kept as a
class without entries of its own that inherits from the base.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sdk_annotations import Scope
from sdk_extract import Items, Key, entry
from sdk_infer import Inference
from sdk_source import Class, Function, FunctionNode, Module, bind_all, dotted_name, walk_own
from sdk_syntax import says_nothing
from sdk_types import Type, coroutine, is_awaitable, render, union

# A call of a generated endpoint method, `self.privatePostOrder(...)` or `self.private_post_order(...)`.
_ENDPOINT = re.compile(r"^[a-z]\w*?(Get|Post|Put|Delete|Patch|_get|_post|_put|_delete|_patch)([A-Z_]\w*)?$")


@dataclass
class _Method:
    """What the members of a family that define a method say of it."""

    colours: set[str] = field(default_factory=set)
    entry: str = ""  # as the base class has it
    awaited: bool = False
    stated: list[Type] = field(default_factory=list)
    handed: set[str] = field(default_factory=set)  # what its plain variants return: calls of these methods
    calls: set[str] = field(default_factory=set)


def fold(
    items: Items,
    inference: Inference,
    files: Iterable[tuple[str, bool, Path]],
    families: Iterable[Mapping[str, str]],
) -> None:
    """Add the families to the items of a release.

    A family has `package` (where its modules lie, one class of the same name in each), `base` (the class that
    takes the methods), and may have `parent` (the package whose class of the same name each inherits from),
    `twin` (the package with the asynchronous counterparts).
    """
    paths = {name: path for name, is_package, path in files if not is_package}
    methods: dict[str, dict[str, _Method]] = {}
    for family in families:
        base, package = family["base"], family["package"]
        if base not in methods:
            methods[base] = _of_base(base, inference)
        members = {
            name.rpartition(".")[2]: path
            for name, path in paths.items()
            if name.rpartition(".")[0] == package
        }
        for name in sorted(members):
            node = _read(package, name, members[name], methods[base], inference)
            if node is None:
                continue
            items[Key("data", f"{package}.{name}", "", name)] = " ".join(_bases(node, name, family, members))
            items[Key("import", package, "", name)] = f"{package}.{name}.{name}"
            if "twin" in family and f"{family['twin']}.{name}" in paths:
                items[Key("twin", f"{package}.{name}", "", name)] = f"{family['twin']}.{name}.{name}"
    awaited = {base: {n for n, m in folded.items() if m.awaited} for base, folded in methods.items()}
    for base, folded in methods.items():
        elsewhere = frozenset().union(*(names for other, names in awaited.items() if other != base))
        # What is a plain function in both colours does no input or output.
        network = _network(folded) & (awaited[base] | elsewhere)
        for name, method in folded.items():
            if (
                method.entry or name in awaited[base] | elsewhere
            ):  # helpers of single members tell nobody anything
                hands_on = bool(method.handed) and method.handed <= awaited[base]
                _add(items, base, name, method, network=name in network, hands_on=hands_on)


def _of_base(base: str, inference: Inference) -> dict[str, _Method]:
    """The methods of the base class and of its own bases."""
    cls = inference.sources.resolve(base)
    found: dict[str, _Method] = {}
    if isinstance(cls, Class):
        for owner in inference.sources.mro(cls):
            for name, member in owner.members.items() if isinstance(owner, Class) else ():
                if isinstance(member, Function) and not name.startswith("_") and name not in found:
                    facts = inference.facts(member, cls)
                    # A plain `def` that only says "not supported" tells nothing of those that are.
                    empty = facts.colour == "def" and says_nothing(member.node.body)
                    colours = set() if empty else {facts.colour}
                    method = found[name] = _Method(colours, calls=set(_calls(member.node)))
                    method.entry = entry(facts)
                    method.awaited = is_awaitable(facts.returns)
    return found


def _read(
    package: str, name: str, path: Path, folded: dict[str, _Method], inference: Inference
) -> ast.ClassDef | None:
    """Note what one member says of its methods; its class, or None when the module has none of that name."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    node = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name), None)
    if node is None:
        return None
    module = Module(f"{package}.{name}", is_package=False)
    bind_all(
        [n for n in tree.body if isinstance(n, ast.ImportFrom)], module, None, module.names, alternative=False
    )
    for member in node.body:
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and not member.name.startswith("_"):
            method = folded.setdefault(member.name, _Method())
            method.colours.add("async def" if isinstance(member, ast.AsyncFunctionDef) else "def")
            method.awaited = method.awaited or isinstance(member, ast.AsyncFunctionDef)
            if isinstance(member, ast.FunctionDef):
                method.handed.update(_handed(member))
            if member.returns is not None:
                method.stated.append(inference.annotation(member.returns, Scope(module)))
            method.calls.update(_calls(member))
    return node


def _calls(node: FunctionNode) -> Iterable[str]:
    """The names of the methods of `self` that a function calls; an endpoint counts as `request`."""
    for call in walk_own(node.body):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                yield "request" if _ENDPOINT.match(name) else name


def _handed(node: FunctionNode) -> Iterable[str]:
    """The methods of `self` whose calls a function returns; an empty name for anything else it returns."""
    for found in walk_own(node.body):
        if isinstance(found, ast.Return):
            match found.value:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                    yield name
                case _:
                    yield ""


def _bases(
    node: ast.ClassDef, name: str, family: Mapping[str, str], members: Mapping[str, Path]
) -> list[str]:
    found = []
    for base in node.bases:
        last = (dotted_name(base) or "").rpartition(".")[2]
        if last in members and last != name:
            found.append(f"{family['package']}.{last}.{last}")
    if "parent" in family:
        found.append(f"{family['parent']}.{name}.{name}")
    return found or [family["base"]]


def _network(folded: Mapping[str, _Method]) -> frozenset[str]:
    """The methods that reach the network: in the base class, by an endpoint, or through one another."""
    found = {name for name, method in folded.items() if " ! " in method.entry} | {"request"}
    grown = True
    while grown:
        reached = {name for name, method in folded.items() if method.calls & found} - found
        found |= reached
        grown = bool(reached)
    return frozenset(found)


def _add(items: Items, base: str, name: str, method: _Method, *, network: bool, hands_on: bool) -> None:
    """Write the entry of a method; `hands_on`: its plain variants return the coroutines of other methods."""
    module, _, owner = base.rpartition(".")
    text = method.entry
    if method.colours == {"async def", "def"} and hands_on:
        text = f"def -> {render(coroutine(union(method.stated)))}"
    elif len(method.colours) > 1:
        text = "unknown"
    else:
        head, mark, way = text.partition(" ! ")
        colour, _, returned = head.partition(" -> ")
        colour = next(iter(method.colours), colour)
        returned = returned or render(union(method.stated))
        if not returned and network:
            returned = "json"  # the decoded answer of the venue, whatever its shape
        text = colour + (f" -> {returned}" if returned else "") + mark + way
        if network and not method.awaited and not mark:
            text += f" ! {owner}.request > requests.Session.request"
    if text != method.entry:
        items[Key("method", module, owner, name)] = text
