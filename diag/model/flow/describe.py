"""What a call reaches, in the words that a person would use."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from diag.model.facts import sdk
from diag.model.flow.callee import Callee
from diag.model.infer.values import (
    CallableOf,
    ClassValue,
    Coroutine,
    Func,
    GeneratorOf,
    Instance,
    ModuleValue,
    Nothing,
    TupleOf,
    Value,
    Values,
)
from diag.model.syntax.scope import Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


def describe(values: Values) -> str:
    """`dict`, `dict | None`, `Decimal`; stable."""
    names = sorted({_word(v) for v in values})
    if "None" in names and len(names) > 1:
        names.remove("None")
        names.append("None")
    return " | ".join(names[:4])


def _word(value: Value) -> str:
    match value:
        case Instance(cls=cls):
            return cls.name
        case Nothing():
            return "None"
        case TupleOf():
            return "tuple"
        case Coroutine(func=func):
            return f"coroutine {short_name(func.scope)}"
        case GeneratorOf(is_async=True):
            return "async generator"
        case GeneratorOf():
            return "generator"
        case Func():
            return "function"
        case ClassValue():
            return "class"
        case ModuleValue():
            return "module"
        case CallableOf():
            return "callable"
    return "object"


def called_as(callee: Callee, function: ast.expr, text: str) -> Callee:
    """A wrapper that a decorator put in place goes by the name that it is called under."""
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if last and "<locals>" in callee.qualname and callee.name != last:
        return replace(callee, name=text)
    return callee


def short_name(scope: Scope, receiver: Value | None = None) -> str:
    """`GrvtCcxt.fetch_ticker`: the class of the receiver where it is known, else the defining class."""
    owner = scope.owner
    if isinstance(receiver, (Instance, ClassValue)) and owner is not None:
        return f"{receiver.cls.name}.{scope.name}"
    if owner is not None:
        return f"{owner.name}.{scope.name}"
    if scope.module.kind in ("stub", "bundled", "library"):
        home = scope.module.name.partition(".")[0]
        return f"{home}.{scope.name}"
    return scope.name


def colour(scope: Scope) -> str:
    if scope.is_async:
        return "async generator" if scope.is_generator else "async def"
    return "generator" if scope.is_generator else "def"


def callee_of(infer: "Infer", value: Value, returns: Values) -> Callee:
    """A callee as the rules see it."""
    match value:
        case Func(scope=scope, bound=bound):
            fact = _fact(infer, scope, bound)
            in_source = scope.module.path is not None and not scope.module.is_stub
            return Callee(
                name=short_name(scope, bound),
                qualname=scope.full_name,
                colour="builtin" if scope.module.kind == "stub" and not scope.is_async else colour(scope),
                returns=describe(returns),
                path=str(scope.module.path) if in_source else "",
                line=scope.first_line if in_source else 0,
                twin=fact.twin if fact is not None and fact.twin else "",
            )
        case ClassValue(cls=cls):
            fact = infer.project.fact(cls.full_name)
            return Callee(
                name=cls.name,
                qualname=cls.full_name,
                colour="class",
                returns=cls.name,
                path=str(cls.module.path) if not cls.module.is_stub and cls.module.path else "",
                line=cls.scope.first_line if not cls.module.is_stub else 0,
                twin=fact.twin if fact is not None and fact.twin else "",
            )
    return Callee(name=_word(value), qualname="", colour="builtin", returns=describe(returns))


def known_from(value: Value | None) -> str:
    """Where a function is known from, when its source is not at hand."""
    if isinstance(value, Func) and value.scope.module.kind == "bundled":
        return f" (from the bundled facts of {value.scope.module.name.partition('.')[0]})"
    return ""


def _fact(infer: "Infer", scope: Scope, bound: Value | None) -> "sdk.Fact | None":
    if scope.module.kind not in ("library", "bundled"):
        return None
    if isinstance(bound, Instance) and (found := infer.project.fact(f"{bound.cls.full_name}.{scope.name}")):
        return found
    return infer.project.fact(scope.full_name)
