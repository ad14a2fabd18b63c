"""The facts of one release as flat items: (kind, module, class, name) -> text.

Kinds: `import` (text: what the name refers to), `function` and `method` (text: the entry, see `entry`),
`value` and `attribute` (text: the type), `class` (text: its bases), `data` (a class without methods worth
listing; text: its bases), `twin` (text: the asynchronous counterpart).
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from sdk_infer import Facts, Inference, Override
from sdk_source import Class, Function, Module, Sources, Value, dotted_name
from sdk_types import Atom, Type, render


class Key(NamedTuple):
    kind: str
    module: str
    owner: str
    name: str


Items = dict[Key, str]

_SPECIAL = (
    *("__await__", "__aenter__", "__aexit__", "__enter__", "__exit__", "__aiter__", "__anext__"),
    *("__iter__", "__next__", "__call__", "__new__", "__getitem__"),
)
# How packages name the asynchronous counterpart of a synchronous class or module.
_CLASS_TWINS = ("Async{0}", "{0}Async", "{0}Pro", "Aio{0}", "A{0}", "Asyncio{0}")
_MODULE_TWINS = (
    "async_support",
    "asyncio",
    "aio",
    "async_",
    "async",
    "asynchronous",
    "_async",
    "async_client",
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")


def entry(facts: Facts) -> str:
    """`async def -> dict ! Client._post > requests.Session.post`: colour, result, the way to what blocks."""
    returns = render(_result(facts))
    text = f"{facts.binding} {facts.colour}".strip()
    text += f" -> {returns}" if returns else ""
    return text + (" ! " + " > ".join(facts.blocks) if facts.blocks else "")


def _result(facts: Facts) -> Type:
    """The result as written beside the colour: that of the `await` for an `async def`."""
    if facts.colour == "async def" and facts.returns is not None and len(facts.returns) == 1:
        atom = next(iter(facts.returns))
        if atom.name == "typing.Coroutine" and len(atom.args) == 3:
            return atom.args[2]
    return facts.returns


class Extraction:
    """The facts of one release, from its public names on as far as these reach."""

    def __init__(
        self,
        sources: Sources,
        overrides: Mapping[str, Override],
        *,
        roots: Iterable[str] = ("*",),
        reduce: Iterable[str] = (),
        inline: Iterable[str] = (),
        private: bool = True,
    ) -> None:
        self.sources = sources
        self.private = private
        self.inference = Inference(sources, overrides)
        self.roots, self.reduce, self.inline = tuple(roots), tuple(reduce), tuple(inline)
        self._tops = {name.split(".")[0] for name in sources.modules}
        self.items: Items = {}
        self._listed: dict[tuple[Class, str], str] = {}
        self._done: set[Class] = set()
        self._queue: list[Class] = []

    def run(self) -> Items:
        for module in self.sources.modules.values():
            if not _is_private(module.name) and _matches(module.name, self.roots):
                self._module(module)
        while self._queue:
            self._class(self._queue.pop(0))
        self._twins()
        return self.items

    def _module(self, module: Module) -> None:
        reduced = _matches(module.name, self.reduce) and not module.is_package
        for name in self.sources.public_names(module):
            found = self.sources.lookup(module, name)
            if name.startswith("_") or found is None:
                continue
            if reduced and not (isinstance(found, Class) and found.module is module):
                continue
            if isinstance(found, Module):
                if found.name != f"{module.name}.{name}":
                    self.items[Key("import", module.name, "", name)] = found.name
            elif isinstance(found, str):
                home = found.rpartition(".")[0]
                is_member = home.rpartition(".")[2][:1].isupper()  # of an enumeration, mostly
                if found.split(".")[0] in self._tops and not is_member:
                    self.items[Key("import", module.name, "", name)] = found
            elif isinstance(found, Value) or found.module is not module or found.qual != name:
                self._elsewhere(module, name, found)
            elif isinstance(found, Function):
                self._put("function", module.name, "", name, entry(self.inference.facts(found, None)))
            else:
                self._want(found)

    def _elsewhere(self, module: Module, name: str, found: Function | Class | Value) -> None:
        """A name that another module defines, or a value."""
        if isinstance(found, Value):
            binding = module.names.get(name)
            kind = self.inference.value(found)
            # Constants of builtin types are many and tell nothing.
            if binding is found and kind is not None and all(a.kind == "instance" for a in kind):
                text = render(kind)
                self._put("value", module.name, "", name, text if "." in text else "")
            return
        if isinstance(found, Function) and found.owner is not None:  # connect = Connection.connect
            facts = self.inference.facts(found, found.owner)._replace(binding="")
            self._put("function", module.name, "", name, entry(facts))
            return
        self.items[Key("import", module.name, "", name)] = found.key
        if isinstance(found, Class):
            self._want(found)
        elif _is_private(found.key) or not _matches(found.module.name, self.roots):
            self._put("function", found.module.name, "", found.qual, entry(self.inference.facts(found, None)))

    def _put(self, kind: str, module: str, owner: str, name: str, text: str) -> None:
        if not text:
            return
        self.items[Key(kind, module, owner, name)] = text
        for dotted in _DOTTED.findall(text.partition(" ! ")[0]):
            found = self.sources.resolve(dotted)
            if isinstance(found, Class):
                self._want(found)

    def _want(self, cls: Class) -> None:
        if cls not in self._done:
            self._done.add(cls)
            self._queue.append(cls)

    def _class(self, cls: Class) -> None:
        bases = [base for base in self.sources.bases(cls) if not self._is_inlined(base)]
        for base in bases:
            if isinstance(base, Class):
                self._want(base)
        text = " ".join(b.key if isinstance(b, Class) else b for b in bases if b != "object")
        module = cls.module.name
        reduced = _matches(module, self.reduce) or self._is_enum(cls)
        methods = {} if reduced else self._methods(cls)
        attributes = {} if reduced else self._attributes(cls)
        if not methods:  # a record: only the fields that lead on to a client matter
            attributes = {name: text for name, text in attributes.items() if self._leads_on(text)}
        self.items[Key("class" if methods or attributes else "data", module, "", cls.qual)] = text
        for name, spec in methods.items():
            self._put("method", module, cls.qual, name, spec)
        for name, spec in attributes.items():
            self._put("attribute", module, cls.qual, name, spec)
        for member in cls.members.values():
            if isinstance(member, Class) and not member.qual.split(".")[-1].startswith("_"):
                self._want(member)

    def _is_inlined(self, base: Class | str) -> bool:
        """Whether the methods of a mixin are listed on the classes that use it, and it is not."""
        return isinstance(base, Class) and _matches(base.module.name, self.inline)

    def _leads_on(self, text: str) -> bool:
        return any(dotted.split(".")[0] in self._tops for dotted in _DOTTED.findall(text))

    def _is_enum(self, cls: Class) -> bool:
        return any(isinstance(base, str) and base.startswith("enum.") for base in self.sources.mro(cls))

    def _methods(self, cls: Class) -> dict[str, str]:
        """The entries of the class: its own methods, and inherited ones that behave differently in it."""
        found: dict[str, str] = {}
        for owner in self.sources.mro(cls):
            if isinstance(owner, str):
                continue
            for name in owner.members:
                if name in found or not self._worth(name):
                    continue
                spec = self._spec(cls, name)
                own = owner is cls or self._is_inlined(owner)
                if spec and (own or spec != self._inherited(cls, name)):
                    found[name] = spec
        return found

    def _worth(self, name: str) -> bool:
        if name.startswith("__"):
            return name in _SPECIAL or name == "__init__"
        return self.private or not name.startswith("_")

    def _spec(self, cls: Class, name: str) -> str:
        """The entry of a method as this class has it; empty when it is none."""
        key = (cls, name)
        if key not in self._listed:
            member = self.sources.member(cls, name)
            function = member[1] if isinstance(member, tuple) else None
            if isinstance(function, Value):  # fetchTicker = fetch_ticker
                alias = self.sources.member(cls, dotted_name(function.value) or "")
                function = alias[1] if isinstance(alias, tuple) else None
            text = ""
            if isinstance(function, Function):
                facts = self.inference.facts(function, cls)
                text = "" if name == "__init__" and not facts.blocks else entry(facts)
            self._listed[key] = text
        return self._listed[key]

    def _inherited(self, cls: Class, name: str) -> str:
        """The entry that a reader of the bases would find."""
        for base in self.sources.mro(cls)[1:]:
            if self._is_inlined(base) or isinstance(base, str):
                continue
            if self.sources.member(base, name) is not None:
                return self._spec(base, name)
        return ""

    def _attributes(self, cls: Class) -> dict[str, str]:
        names = dict.fromkeys(self.sources.attributes(cls))
        names.update((n, None) for n, m in cls.members.items() if isinstance(m, Value))
        found: dict[str, str] = {}
        for name in names:
            if name.startswith("__") or isinstance(cls.members.get(name), Function):
                continue
            kind = self.inference.attribute(cls, name)
            if kind is None or not all(a.kind == "instance" for a in kind):
                continue
            if name.startswith("_") and not any("." in a.name for a in kind):
                continue
            if kind == frozenset({Atom("None")}):
                continue  # filled by somebody else later
            text = render(kind)
            if text:
                found[name] = text
        return found

    # -- twins -------------------------------------------------------------------------------------

    def _twins(self) -> None:
        for key in [k for k in self.items if k.kind in ("class", "function")]:
            for candidate in _candidates(key.module, key.name):
                if candidate != (key.module, key.name) and self._is_twin(key, candidate):
                    self.items[Key("twin", key.module, "", key.name)] = ".".join(candidate)
                    break

    def _is_twin(self, key: Key, candidate: tuple[str, str]) -> bool:
        other = self.items.get(key._replace(module=candidate[0], name=candidate[1]))
        if other is None:
            return False
        if key.kind == "function":
            return self.items[key].startswith("def") and other.startswith("async def")
        here, there = (self._colours(module, name) for module, name in ((key.module, key.name), candidate))
        return any(colour == "def" and there.get(name) == "async def" for name, colour in here.items())

    def _colours(self, module: str, qual: str) -> dict[str, str]:
        """The colours of the methods of a class, inherited ones included."""
        cls = self.sources.resolve(f"{module}.{qual}")
        found: dict[str, str] = {}
        if isinstance(cls, Class):
            for owner in self.sources.mro(cls):
                if isinstance(owner, Class):
                    for name, member in owner.members.items():
                        if name not in found and isinstance(member, Function):
                            found[name] = self.inference.colour(member)[1]
        return found


def _candidates(module: str, name: str) -> Iterable[tuple[str, str]]:
    """Where the asynchronous counterpart of a class or function may be, the likeliest first."""
    parts = module.split(".")
    homes = [module]
    for twin in _MODULE_TWINS:
        homes += [".".join([*parts[:i], twin, *parts[i:]]) for i in range(1, len(parts) + 1)]
        homes += [".".join([*parts[:i], twin, *parts[i + 1 :]]) for i in range(1, len(parts))]
    homes += [
        f"{module}_async",
        f"{module}_pro",
        module.replace("_sync", "_async"),
        module.replace("sync", "async"),
    ]
    homes += [".".join([*parts[:-1], f"async_{parts[-1]}"]), module.replace("synchronous", "asynchronous")]
    names = (
        [pattern.format(name) for pattern in _CLASS_TWINS]
        if name[:1].isupper()
        else [f"async_{name}", f"{name}_async"]
    )
    if "Sync" in name:
        names.append(name.replace("Sync", "Async"))
    if name.endswith("Client"):
        names.append(f"{name[:-6]}AsyncClient")
    for home in dict.fromkeys(homes):
        for other in [name, *names]:
            yield home, other


def _matches(module: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(module, glob) for glob in globs)


def _is_private(dotted: str) -> bool:
    return any(part.startswith("_") for part in dotted.split("."))
