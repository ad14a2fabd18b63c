"""Types as the analysis of an SDK knows them: sets of possible atoms, or None when unknown."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Atom:
    """One possible kind of value.

    kind "instance": an instance of the class `name` (full dotted; builtins bare), `args` its type arguments.
    kind "class": that class itself. kind "function": a function of the sources, bound to the class `bound`.
    kind "module", "outside": a module; a name outside the sources of which only the name is known.
    """

    name: str
    args: "tuple[Type, ...]" = ()
    kind: Literal["instance", "class", "function", "module", "outside"] = "instance"
    bound: str = ""


Type = frozenset[Atom] | None

UNKNOWN: Type = None
NONE: Type = frozenset({Atom("None")})
JSON: Type = frozenset({Atom("json")})  # whatever a JSON document decodes to: plain, of unknown shape

AWAITABLE = {
    "typing.Coroutine",
    "typing.Awaitable",
    "asyncio.Future",
    "asyncio.Task",
    "concurrent.futures.Future",
}
_IN_JSON = {"dict", "list", "str", "float", "int", "bool", "None"}
_MAX_WIDTH, _MAX_DEPTH = 10, 3


def instance(name: str, *args: Type) -> Type:
    return frozenset({Atom(name, args)})


def union(parts: "list[Type]") -> Type:
    """Any of these; unknown as soon as one of them is."""
    atoms: set[Atom] = set()
    for part in parts:
        if part is None:
            return None
        atoms |= part
    if Atom("json") in atoms:
        atoms = {atom for atom in atoms if atom.kind != "instance" or atom.name not in _IN_JSON}
    return frozenset(atoms)


def coroutine(of: Type) -> Type:
    return instance("typing.Coroutine", None, None, of)


def awaited(kind: Type) -> Type:
    """What `await` of a value gives, as far as its own atoms tell."""
    if kind is None:
        return None
    parts: list[Type] = []
    for atom in kind:
        if atom.kind != "instance" or atom.name not in AWAITABLE:
            return None
        parts.append(atom.args[-1] if atom.args else None)
    return union(parts)


def is_awaitable(kind: Type) -> bool:
    """Whether any of the atoms is one of the well-known awaitables."""
    return kind is not None and any(a.kind == "instance" and a.name in AWAITABLE for a in kind)


def render(kind: Type, depth: int = 0) -> str:
    """The type as an annotation with full dotted names; empty when unknown or too wide to be of use."""
    if not kind or len(kind) > _MAX_WIDTH:
        return ""
    parts = sorted({_render_atom(atom, depth) for atom in kind}, key=lambda part: (part == "None", part))
    return "" if "" in parts else " | ".join(parts)


def _render_atom(atom: Atom, depth: int) -> str:
    if atom.kind == "class":
        return f"type[{atom.name}]"
    if atom.kind == "function":
        return "typing.Callable[..., typing.Any]"
    if atom.kind != "instance":
        return ""
    if not atom.args or depth >= _MAX_DEPTH:
        return atom.name
    inner = [render(arg, depth + 1) or "typing.Any" for arg in atom.args]
    if set(inner) == {"typing.Any"} and atom.name not in AWAITABLE:
        return atom.name
    return f"{atom.name}[{', '.join(inner)}]"
