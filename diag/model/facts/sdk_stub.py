"""Bundled facts of one module as the text of a `.pyi` stub, so that the model reads them like any other."""

import builtins
import re
from collections.abc import Iterator, Mapping

from diag.model.facts.sdk import NO_PINS, Entry, Facts, Module, facts_of, imported, parse

# A package without facts of its own whose classes derive from those of the same name in another.
# Source: `class grvt(ccxt.async_support.grvt)` in ccxt/pro/grvt.py, release 4.5.90.
_DERIVED = {"ccxt.pro": "ccxt.async_support"}
# A name in an annotation: dotted or not, and not the tail of a dotted one.
_NAME = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*")
_JSON = "dict[str, typing.Any] | list[typing.Any] | str | float | int | bool | None"
_OPEN = "def __getattr__({0}name: str) -> typing.Any: ..."


def stub_source(module: str, pins: Mapping[str, str] = NO_PINS) -> str | None:
    """The facts of a module as the text of a `.pyi` stub, or None for a module without facts.

    `pins` are the releases the project asks for, by distribution name (see `pins_of`).
    """
    module = _DERIVED.get(module, module)
    facts = facts_of(module, pins)
    found = facts.module(module) if facts is not None else None
    if facts is None or found is None:
        return None
    return write_stub(facts, module, found)


def write_stub(facts: Facts, name: str, module: Module) -> str:
    """The stub of a module. Only what is known is stated; anything else is left to `__getattr__`."""
    return _Writer(facts, name, module).text()


class _Writer:
    def __init__(self, facts: Facts, name: str, module: Module) -> None:
        self.facts, self.name, self.module = facts, name, module
        self.classes = sorted([*module.classes, *module.data])
        self.names = {*module.imports, *module.functions, *module.values}
        self.names.update(name.partition(".")[0] for name in self.classes)
        self.needed: dict[str, None] = {}  # import lines, in the order of need

    def text(self) -> str:
        body = [self._value(name, entry, set(), "") for name, entry in self.module.values.items()]
        for name, entry in self.module.functions.items():
            body += self._function(name, entry, None, "")
        for name in self.classes:
            body += self._class(name, "") if "." not in name else ()
        self.needed["import typing"] = None
        lines = list(self.needed)
        lines += [self._import(name, imported(name, e.text)) for name, e in self.module.imports.items()]
        return "\n".join([*lines, *body, _OPEN.format("")]) + "\n"

    def _import(self, name: str, target: str) -> str:
        source, _, original = target.rpartition(".")
        return f"from {source} import {original} as {name}" if source else f"import {original} as {name}"

    def _class(self, qual: str, indent: str) -> Iterator[str]:
        methods, attributes = self.module.methods(qual), self.module.attributes(qual)
        inner = [name for name in self.classes if name.rpartition(".")[0] == qual]
        hidden = {*methods, *attributes, *(name.rpartition(".")[2] for name in inner)}
        bases = [self._base(base) for base in self.module.bases(qual)]
        heading = f"({', '.join(bases)})" if bases else ""
        yield f"{indent}class {qual.rpartition('.')[2]}{heading}:"
        deeper = indent + "    "
        for name in inner:
            yield from self._class(name, deeper)
        for name, entry in attributes.items():
            yield self._value(name, entry, hidden, deeper)
        for name, entry in methods.items():
            yield from self._function(name, entry, hidden, deeper)
        yield deeper + _OPEN.format("self, ")

    def _base(self, base: str) -> str:
        return "typing.Any" if base == "?" else self._annotation(base, set())

    def _value(self, name: str, entry: Entry, hidden: set[str], indent: str) -> str:
        kind = "typing.Any" if entry.doubtful else self._annotation(entry.text, hidden)
        return f"{indent}{name}: {kind}"

    def _function(self, name: str, entry: Entry, hidden: set[str] | None, indent: str) -> Iterator[str]:
        """The lines of a function, or of a method when `hidden` (the names of its class) is given."""
        binding, colour, returns, _ = parse(entry.text)
        if colour == "unknown" or entry.doubtful:
            yield f"{indent}{name}: typing.Any"
            return
        receiver = "" if hidden is None or binding == "staticmethod" else "self, "
        if binding:
            yield f"{indent}@{binding}"
            receiver = receiver and "cls, "
        elif colour.endswith("property"):
            yield f"{indent}@property"
        arguments = f"{receiver}*args: typing.Any, **kwargs: typing.Any"
        if colour.endswith("property"):
            arguments = "self"
        result = f" -> {self._annotation(returns, hidden or set())}" if returns else ""
        keyword = "async def" if colour == "async def" else "def"
        yield f"{indent}{keyword} {name}({arguments}){result}: ..."

    def _annotation(self, text: str, hidden: set[str]) -> str:
        """The annotation with every name in reach: imported, and not hidden by a member of the class."""
        return _NAME.sub(lambda match: self._reach(match[0], hidden), text)

    def _reach(self, name: str, hidden: set[str]) -> str:
        if name == "json":
            return self._annotation(_JSON, hidden)
        if name == "None":
            return name
        first, _, rest = name.partition(".")
        if not rest:
            if (first in hidden or first in self.names) and hasattr(builtins, first):
                self.needed["import builtins"] = None
                return f"builtins.{first}"
            return name
        local = name.removeprefix(f"{self.name}.")
        if local in self.classes and local.partition(".")[0] not in hidden:
            return local
        source = self._source(name)
        if first in hidden or first in self.names:
            alias = f"_{source.replace('.', '_')}_"
            self.needed[f"import {source} as {alias}"] = None
            return alias + name[len(source) :]
        self.needed[f"import {source}"] = None
        return name

    def _source(self, name: str) -> str:
        """The module to import for a dotted name: the longest with facts, else all before the class."""
        known = self.facts.home(name)
        if known and known.partition(".")[0] == name.partition(".")[0]:
            return known
        parts = name.split(".")[:-1]
        capital = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts))
        return ".".join(parts[:capital])
