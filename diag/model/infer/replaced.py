"""Attributes that other code replaces while the program runs, by `setattr` or by mock.

What tests replace, or assign to, is replaced for tests only.
"""

import ast
from typing import TYPE_CHECKING

from diag.model.infer import attributes, calls, parameters
from diag.model.infer.values import (
    EMPTY,
    UNKNOWN,
    ClassValue,
    Func,
    Instance,
    ModuleValue,
    Unknown,
    Value,
    Values,
    ordered,
)
from diag.model.syntax.module import Module
from diag.model.syntax.replacing import ANY, Replacement, replacements
from diag.model.syntax.scope import Binding, Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_ALL_NAMES = (b"dir(", b"__dict__", b"vars(", b"getmembers(")
# Where a replacement stands, and what it replaces.
Placed = tuple[Scope, ast.Call | None, Replacement]


def anywhere(infer: "Infer", holder: Value, name: str, *, tests: bool) -> bool:
    """Whether code outside of tests, or in them too, may replace the attribute of the object."""
    infer.deps |= infer.project.query_bit("bound", name)
    return any(
        _about(infer, holder, placed)
        for placed in _named(infer, name, holder)
        if tests or not placed[0].module.is_test
    )


def in_tests(infer: "Infer", holders: Values, name: str) -> Values:
    """What tests put in the place of the attribute, or of its owner; asked where a test reads it."""
    infer.deps |= infer.project.query_bit("bound", name)
    out: Values = EMPTY
    for holder in ordered(holders):
        if any(_about(infer, holder, placed) for placed in _named(infer, name, holder)):
            return UNKNOWN
        cls = holder.cls if isinstance(holder, (Instance, ClassValue)) else None
        if cls is None:
            if isinstance(holder, ModuleValue) and any(
                _stored_in(infer, store, holder.module) for store in attributes.stores_in_tests(infer, name)
            ):
                return UNKNOWN
            continue
        if any(attributes.may_be(infer, *store, cls) for store in attributes.stores_in_tests(infer, name)):
            return UNKNOWN
        for base in cls.mro(infer):
            infer.deps |= infer.project.query_bit("bound", base.name)
            if any(not isinstance(placed[2].owner, ast.expr) for placed in _listed(infer, base.name)):
                return UNKNOWN  # the class may be another one where its objects were made
            for binding in base.stored(name) if base.module.kind == "project" else ():
                out |= _passed_by_tests(infer, binding)
    return out


def _passed_by_tests(infer: "Infer", stored: Binding) -> Values:
    """What tests pass for the parameters that a method stores."""
    if stored.value is None:
        return EMPTY
    names = frozenset(node.id for node in ast.walk(stored.value) if isinstance(node, ast.Name))
    return infer.memoised(
        stored.scope, ("passed by tests", names), _test_arguments, infer, stored.scope, names
    )


def _test_arguments(infer: "Infer", first: Scope, names: frozenset[str]) -> Values:
    """What tests pass for the parameters, by themselves or through the functions between."""
    out: Values = EMPTY
    todo = [(first, name) for name in sorted(names)]
    seen = set(todo)
    while todo:
        scope, name = todo.pop()
        node = scope.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        skip = 1 if scope.owner is not None and "staticmethod" not in scope.marks else 0
        for site, caller in parameters.callers(infer, scope) or ():
            argument = parameters.match_arguments(node.args, site, skip).get(name)
            if argument is None:
                continue
            if caller.module.is_test:
                out |= infer.values(argument, infer.frame_of(caller), caller.position_of(site))
            else:
                inner = {(caller, each.id) for each in ast.walk(argument) if isinstance(each, ast.Name)}
                todo += sorted(inner - seen, key=lambda pair: pair[1])
                seen |= inner
    return out


def _named(infer: "Infer", name: str, holder: Value) -> list[Placed]:
    """Replacements of the name, and those of computed names that may be this one."""
    return [*_listed(infer, name), *(p for p in _listed(infer, ANY) if _may_compute(infer, p, name, holder))]


def _may_compute(infer: "Infer", placed: Placed, name: str, holder: Value) -> bool:
    """The name stands in quotes somewhere, or all that there are come from `dir()` and its kind.

    A program that fills a module by computed names re-exports them.
    """
    scope = placed[0]
    if isinstance(holder, ModuleValue) and not scope.module.is_test:
        return False
    if any(scope.module.segment_has(word, scope.first_line, scope.last_line) for word in _ALL_NAMES):
        return True
    return any(infer.project.mentions(quoted.encode()) for quoted in (f'"{name}"', f"'{name}'"))


def _listed(infer: "Infer", name: str) -> list[Placed]:
    """Replacements of a name in the judged modules."""
    table: dict[str, list[Placed]] = infer.replaced
    if name in table:
        return table[name]
    out: list[Placed] = []
    for module, offset in infer.project.replaced_at(name):
        if offset < 0:
            out.append((module.scope, None, Replacement(name, None)))
            continue
        line = module.line_at(offset)
        scope = module.scope_at(line)
        out += [
            (scope, call, found)
            for call in scope.calls
            if call.lineno <= line <= (call.end_lineno or call.lineno)
            for found in replacements(call, module.raw)
            if found.name == name
        ]
    table[name] = out
    return out


def _about(infer: "Infer", holder: Value, placed: Placed) -> bool:
    """Whether the replaced attribute is one of this object."""
    scope, call, (name, owner) = placed
    if owner is None:
        return True
    if isinstance(owner, str):
        return _named_so(infer, holder, owner)
    assert call is not None
    values = infer.values(owner, infer.frame_of(scope), scope.position_of(call))
    infer.deps |= scope.module.bit
    for value in ordered(values):
        if isinstance(value, Unknown):
            if name != ANY:
                return True
        elif isinstance(value, ModuleValue) or isinstance(holder, ModuleValue):
            if value == holder:
                return True
        elif (
            isinstance(value, (Instance, ClassValue))
            and isinstance(holder, (Instance, ClassValue))
            and (value.cls.is_a(infer, holder.cls) or holder.cls.is_a(infer, value.cls))
        ):
            return True
    return False


def _named_so(infer: "Infer", holder: Value, owner: str) -> bool:
    """Whether a dotted name may be that of the object, its class or its module."""
    last = owner.rpartition(".")[2]
    if isinstance(holder, ModuleValue):
        name = holder.module.name
        return last in (name.rpartition(".")[2], "__main__") or last[:1].isupper()
    if isinstance(holder, (Instance, ClassValue)):
        return not last[:1].isupper() or any(base.name == last for base in holder.cls.mro(infer))
    return True


def is_replaced_name(infer: "Infer", module: Module, name: str) -> bool:
    """Whether code may replace a name of the module itself."""
    return anywhere(infer, ModuleValue(module), name, tests=module.is_test) or any(
        _stored_in(infer, store, module) for store in attributes.outside_stores(infer, name)
    )


def _stored_in(infer: "Infer", store: tuple[Scope, Binding], module: Module) -> bool:
    scope, binding = store
    receiver = attributes.receiver_of(binding)
    return receiver is not None and ModuleValue(module) in infer.values(
        receiver, infer.frame_of(scope), binding.position
    )


def by_name(infer: "Infer", name: str, *, tests: bool) -> bool:
    """Whether anything puts another object in the place of an attribute of that name, whatever it is of."""
    infer.deps |= infer.project.query_bit("bound", name)
    if attributes.outside_stores(infer, name) or (tests and attributes.stores_in_tests(infer, name)):
        return True
    return any(tests or not scope.module.is_test for scope, _, _ in _listed(infer, name))


def through_replaced(infer: "Infer", callees: Values) -> Values:
    """Unknown where plain functions call something that tests replace; asked where a test calls them."""
    out: Values = EMPTY
    for value in ordered(callees):
        if isinstance(value, Func) and value.scope.module.kind == "project" and not value.scope.is_async:
            out |= infer.memoised(value.scope, ("replaced", value.bound), _through, infer, value)
    return out


def _through(infer: "Infer", func: Func) -> Values:
    scope = func.scope
    frame = calls.receiver_frame(infer, scope, func.bound) if func.bound else infer.frame_of(scope)
    for call in scope.calls:
        name = last_name(call.func)
        if by_name(infer, name, tests=True):
            return UNKNOWN
        if through_replaced(infer, infer.values(call.func, frame, scope.position_of(call))):
            return UNKNOWN
    return EMPTY
