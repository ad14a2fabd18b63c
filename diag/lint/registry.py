"""The rules: those that are shipped, and those that installed packages bring along.

A package names its rules in the entry point group `diag.rules`; an entry names a Rule subclass, or a
module or package that holds some (in a package, modules whose names begin with `_` are passed over).
"""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from types import ModuleType

from diag.config import ConfigError
from diag.entry_points import installed
from diag.lint.rule import SCOPES, Example, Rule

GROUP = "diag.rules"
SHIPPED = ("shipped", "lint_rules")

_CODE = re.compile(r"[A-Z]{2,}[0-9]{3,}\Z")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class RuleError(ConfigError):
    """A rule that cannot be loaded: which, from where, and what is wrong with it."""


def load_rules(entries: Iterable[tuple[str, str]] | None = None) -> dict[str, Rule]:
    """The rules by code, in the order of their codes.

    `entries` are pairs of a name and an object reference (`package.module:Class`); by default the shipped
    rules and all that the environment offers in the group `diag.rules`. Raises RuleError.
    """
    if entries is None:
        entries = [SHIPPED, *installed(GROUP)]
    rules: dict[str, Rule] = {}
    origins: dict[str, str] = {}
    for name, reference in entries:
        origin = f'entry point "{name} = {reference}" of {GROUP}'
        for found in _classes(reference, origin):
            rule = _checked(found, origin)
            known = rules.setdefault(rule.code, rule)
            if type(known) is not found:
                where = f"{type(known).__qualname__} of {origins[rule.code]}"
                raise RuleError([f"{origin}: {found.__qualname__} has code {rule.code}, as has {where}"])
            origins.setdefault(rule.code, origin)
    return dict(sorted(rules.items()))


def _classes(reference: str, origin: str) -> list[type]:
    """The rule classes that an object reference names."""
    module_name, _, attribute = reference.partition(":")
    module = _module(module_name.strip(), origin)
    if attribute:
        found: object = module
        for part in attribute.strip().split("."):
            found = getattr(found, part, None)
        if isinstance(found, type):
            return [found]
        if not isinstance(found, ModuleType):
            raise RuleError([f"{origin}: {module_name} has no class {attribute}"])
        module = found
    modules = list(_tree(module, origin))
    classes = [
        value
        for each in modules
        for value in vars(each).values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == each.__name__
    ]
    concrete = [found for found in classes if not isabstract(found)]
    if not concrete:
        what = "a concrete subclass of diag.lint.rule.Rule"
        raise RuleError([f"{origin}: {module.__name__} holds no rule ({what})"])
    return concrete


def _tree(module: ModuleType, origin: str) -> Iterator[ModuleType]:
    """A module, and all that is in it if it is a package."""
    yield module
    for item in iter_modules(getattr(module, "__path__", [])):
        if item.name[0] != "_":
            yield from _tree(_module(f"{module.__name__}.{item.name}", origin), origin)


def _module(name: str, origin: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:  # whatever the module of another package does when it is imported
        raise RuleError([f"{origin}: importing {name} failed: {type(error).__name__}: {error}"]) from error


def _checked(found: type, origin: str) -> Rule:
    """An instance of the class; raises RuleError with everything that is wrong with it."""
    where = f"{origin}: {found.__qualname__}"
    if not issubclass(found, Rule):
        raise RuleError([f"{where} is not a subclass of diag.lint.rule.Rule"])
    if isabstract(found):
        raise RuleError([f"{where} does not implement `check`"])
    wrong: list[str] = []
    for attribute in ("code", "name", "summary", "explanation"):
        value = getattr(found, attribute, None)
        if not isinstance(value, str) or not value.strip():
            wrong.append(f"{attribute} must be a text")
        elif attribute == "code" and not _CODE.match(value):
            wrong.append(f'code must be like "DG101", not "{value}"')
        elif attribute == "name" and not _NAME.match(value):
            wrong.append(f'name must be like "await-of-plain-value", not "{value}"')
    scopes = getattr(found, "scopes", None)
    if not isinstance(scopes, frozenset) or not scopes or not scopes <= SCOPES:
        wrong.append(f"scopes must be a frozenset of {', '.join(sorted(SCOPES))}")
    for attribute in ("wrong", "right"):
        examples = getattr(found, attribute, None)
        if not isinstance(examples, tuple) or not all(isinstance(item, Example) for item in examples):
            wrong.append(f"{attribute} must be a tuple of diag.lint.rule.Example")
    if wrong:
        raise RuleError([f"{where}: {'; '.join(wrong)}"])
    try:
        return found()
    except Exception as error:
        raise RuleError([f"{where} cannot be made without arguments: {error}"]) from error
