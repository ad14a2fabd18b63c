"""Parameters: what is passed to a function, by the calls of it that can be seen."""

import ast
from typing import TYPE_CHECKING

from diag.model.infer import annotations, calls, fixtures
from diag.model.infer.classes import first_parameter
from diag.model.infer.values import (
    EMPTY,
    UNKNOWN,
    Argument,
    CallableOf,
    ClassValue,
    Coroutine,
    Frame,
    Func,
    Instance,
    Nothing,
    Unknown,
    Values,
    as_declared,
    described,
    known,
    unknown,
)
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Binding, FunctionNode, Position, Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer


MAX_CALLERS = 60


def argument_values(infer: "Infer", argument: Argument) -> Values:
    """What an argument can be, in its caller."""
    if argument.values is not None:
        return argument.values
    assert argument.node is not None
    assert argument.frame is not None
    return infer.values(argument.node, argument.frame, argument.position)


def arguments_of(
    infer: "Infer",
    func: Func,
    node: ast.Call | None,
    frame: Frame | None,
    position: Position | None,
    given: list[Values] | None,
) -> dict[str, Argument] | None:
    """Parameters of `func` -> the arguments of this call; None when it passes none that can be followed."""
    definition = func.scope.node
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    if given is not None:
        skip = 1 if func.bound is not None and not isinstance(definition, ast.Lambda) else 0
        names = [a.arg for a in (*definition.args.posonlyargs, *definition.args.args)][skip:]
        return {n: Argument(None, None, values=v) for n, v in zip(names, given, strict=False)}
    if node is None or frame is None:
        return None
    skip = 1 if func.bound is not None and func.scope.owner is not None else 0
    return {
        name: Argument(expression, frame, position)
        for name, expression in match_arguments(definition.args, node, skip).items()
    }


def match_arguments(parameters: ast.arguments, node: ast.Call, skip: int) -> dict[str, ast.expr]:
    """Parameter names -> argument expressions of a call; stops at `*args`."""
    names = [a.arg for a in (*parameters.posonlyargs, *parameters.args)][skip:]
    out: dict[str, ast.expr] = {}
    for name, argument in zip(names, node.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        out[name] = argument
    allowed = {a.arg for a in (*parameters.args, *parameters.kwonlyargs)}
    for keyword in node.keywords:
        if keyword.arg in allowed:
            out[keyword.arg] = keyword.value
    return out


def default_of(scope: Scope, name: str) -> ast.expr | None:
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if argument.arg == name:
            return default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument.arg == name:
            return keyword_default
    return None


def parameter(infer: "Infer", binding: Binding, frame: Frame) -> Values:
    """What a parameter is: the argument of this call, else its receiver, annotation, callers, default."""
    infer.touched = True
    scope, name = binding.scope, binding.name
    owner = scope.owner
    if owner is not None and first_parameter(scope) == name:
        if frame.receiver is not None:
            return frozenset({frame.receiver})
        cls = infer.class_of(owner)
        if "classmethod" in scope.marks or scope.name in (
            "__new__",
            "__init_subclass__",
        ):
            return frozenset({ClassValue(cls)})
        return frozenset({Instance(cls, exact=False)})
    if frame.args is not None and name in frame.args:
        return argument_values(infer, frame.args[name])
    arguments = scope.arguments
    if binding.node in (arguments.vararg, arguments.kwarg):
        each = UNKNOWN
        if binding.annotation is not None:
            each = _says(infer, binding) or UNKNOWN
        if binding.node is arguments.kwarg:
            return infer.plain("dict", infer.plain("str"), each)
        return infer.plain("tuple", each) if known(each) else infer.plain("tuple")
    default = default_of(scope, name)
    default_values = (
        infer.values(default, infer.frame_of(scope.parent), None) if default is not None else EMPTY
    )
    if frame.args is not None and default is not None:
        return default_values
    declared: Values = EMPTY
    if binding.annotation is not None:
        declared = _says(infer, binding)
        if known(declared) and not _worth_asking(infer, declared):
            return declared
    if scope.kind == "lambda":
        return declared or UNKNOWN
    return infer.memoised(
        scope, ("parameter", name), _from_callers, infer, scope, name, declared, default_values
    )


def _says(infer: "Infer", binding: Binding) -> Values:
    """What the annotation of a parameter says; that of a library is its contract."""
    scope = binding.scope
    assert binding.annotation is not None
    declared = annotations.evaluate(infer, binding.annotation, infer.frame_of(scope.parent))
    return as_declared(declared) if scope.module.kind == "project" else declared


def _worth_asking(infer: "Infer", declared: Values) -> bool:
    """Declared classes whose colour matters enough to see what callers really pass."""
    return any(
        isinstance(v, CallableOf)
        or (isinstance(v, Instance) and v.cls.module.kind in ("project", "library", "bundled"))
        for v in declared
    )


def _from_callers(infer: "Infer", scope: Scope, name: str, declared: Values, default: Values) -> Values:
    origin = unknown(f"{scope.full_name}:{name}")
    if "setter" in scope.marks:
        return declared or UNKNOWN  # what assignments bring; nobody calls it
    if fixture := fixtures.passed_by_pytest(infer, scope, name):
        return fixture
    sites = callers(infer, scope)
    if sites is None:
        return declared or origin
    if not scope.module.is_test:  # what tests pass counts where nothing else does
        sites = [site for site in sites if not site[1].module.is_test] or sites
    passed: Values = EMPTY
    missing = False
    if scope.owner is None and _first_parameter_is(scope, name):
        passed |= decorated_by(infer, scope)
    for site, caller in sites:
        skip = 1 if scope.owner is not None and "staticmethod" not in scope.marks else 0
        node = scope.node
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        argument = match_arguments(node.args, site, skip).get(name)
        if argument is None:
            missing = True
            continue
        passed |= infer.values(argument, infer.frame_of(caller), caller.position_of(site))
    if declared and not passed and scope.parent is not None and scope.parent.kind == "function":
        return declared | origin  # a function that is handed on: whoever calls it is not in sight
    if any(isinstance(v, CallableOf) for v in declared):
        return _few(passed) if known(passed) else declared
    if declared and known(declared):
        if _arrives(infer, passed, declared) and not (missing and not default):
            return passed | default if missing else passed
        extra = frozenset(v for v in passed if isinstance(v, (Instance, Coroutine)))
        return declared | extra if len(declared | extra) <= 6 else declared
    real = _few(frozenset(v for v in passed if not isinstance(v, Nothing)))
    if (not sites and not real) or (missing and default):
        real |= default
    if not real:
        return default or origin
    return real


def _arrives(infer: "Infer", passed: Values, declared: Values) -> bool:
    """All that callers pass is of the declared classes."""
    classes = [v.cls for v in declared if isinstance(v, Instance)]
    objects = [v for v in passed if not isinstance(v, Nothing)]
    return bool(objects) and all(
        isinstance(v, Instance) and not v.declared and any(v.cls.is_a(infer, cls) for cls in classes)
        for v in objects
    )


def _few(values: Values) -> Values:
    """Many functions of one colour (all that a decorator stands over) are as good as a few of them."""
    if len(values) > 8 and all(isinstance(v, Func) for v in values):
        functions = sorted((v for v in values if isinstance(v, Func)), key=described)
        if len({(f.scope.is_async, f.scope.is_generator) for f in functions}) == 1:
            return frozenset(functions[:8])
    return values


def _first_parameter_is(scope: Scope, name: str) -> bool:
    arguments = scope.arguments
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return names[:1] == [name]


def decorated_by(infer: "Infer", scope: Scope) -> Values:
    """The functions that `@scope`, or `@maker(...)` where `scope` is what the maker returns, stands over."""
    outer = scope.parent if scope.parent is not None and scope.parent.kind == "function" else scope
    word = outer.name.encode()
    infer.deps |= infer.project.query_bit("word", outer.name)
    out: Values = EMPTY
    count = 0
    for module in infer.project.mentions(word):
        at = module.raw.find(word)
        while at >= 0:
            line = module.line_at(at)
            first = module.line_starts[line - 1]
            if module.raw[first:at].lstrip()[:1] == b"@" and count < MAX_CALLERS:
                count += 1
                infer.deps |= module.bit
                out |= _decorated_at(infer, module.scope_at(line), line, scope)
            at = module.raw.find(word, at + len(word))
    return out


def _decorated_at(infer: "Infer", place: Scope, line: int, scope: Scope) -> Values:
    place.bindings  # noqa: B018
    for node, child in place.children.items():
        if not isinstance(node, FunctionNode):
            continue
        for number, decorator in enumerate(node.decorator_list):
            if decorator.lineno <= line <= (decorator.end_lineno or decorator.lineno):
                frame = infer.frame_of(place)
                values = infer.values(decorator, frame, place.positions.get(node))
                if any(isinstance(v, Func) and v.scope is scope for v in values):
                    below = node.decorator_list[number + 1 :]
                    return calls.under_decorators(infer, child, below, frame)
    return EMPTY


# --- callers


def callers(infer: "Infer", scope: Scope) -> list[tuple[ast.Call, Scope]] | None:
    """The calls of a function (of the class, for `__init__`) in judged modules; None for too many."""
    names = [scope.name]
    owner = scope.owner
    if scope.name == "__init__" and owner is not None:
        names = [owner.name, *infer.class_of(owner).names_of_heirs(infer)]
    for name in names:
        infer.deps |= infer.project.query_bit("called", name)
    if any(named_calls(infer, name) is None for name in names):
        return None
    found = infer.memoised(scope, "callers", _callers, infer, scope, tuple(names))
    for _, caller in found:
        infer.deps |= caller.module.bit
    return sorted(found, key=_place)


CallSite = tuple[ast.Call, Scope]


def _place(site: CallSite) -> tuple[int, int, int]:
    node, caller = site
    return (caller.module.bit, node.lineno, node.col_offset)


def _callers(infer: "Infer", scope: Scope, names: tuple[str, ...]) -> frozenset[CallSite]:
    out: list[CallSite] = []
    for name in names:
        for site, caller in named_calls(infer, name) or ():
            if _reaches(infer, site, caller, scope, name):
                out.append((site, caller))
    if scope.name == "__init__" and scope.owner is not None:
        for cls in infer.class_of(scope.owner).heirs_with(infer, "__init__"):  # super().__init__(...)
            for binding in cls.members("__init__"):
                inner = cls.scope.children.get(binding.node)
                if inner is None:
                    continue
                out += [
                    (site, inner)
                    for site in inner.calls
                    if last_name(site.func) == "__init__" and _reaches(infer, site, inner, scope, "__init__")
                ]
    return frozenset(out)


def named_calls(infer: "Infer", name: str) -> list[tuple[ast.Call, Scope]] | None:
    """Every call in judged modules whose callee ends in `name`; None when there are too many to follow."""
    table = infer.named_calls
    if name in table:
        return table[name]
    table[name] = found = _find_calls(infer, name)
    return found


def _find_calls(infer: "Infer", name: str) -> list[tuple[ast.Call, Scope]] | None:
    places: list[tuple[Module, list[int]]] = []
    count = 0
    for module in infer.project.mentions(name.encode()):
        offsets = module.called_at(name.encode())
        places.append((module, offsets))
        count += len(offsets)
        if count > 3 * MAX_CALLERS:  # they can't all be definitions and comments: don't even parse
            return None
    out: list[tuple[ast.Call, Scope]] = []
    seen: set[Scope] = set()
    for module, offsets in places:
        for offset in offsets:
            scope = module.scope_at(module.line_at(offset))
            if scope in seen:
                continue
            seen.add(scope)
            out += [(site, scope) for site in scope.calls if last_name(site.func) == name]
        if len(out) > MAX_CALLERS:
            return None
    return out


def _reaches(infer: "Infer", site: ast.Call, caller: Scope, scope: Scope, name: str) -> bool:
    """Whether the call may run this function; an unresolved method of that name may."""
    owner = scope.owner
    may = False
    for value in infer.values(site.func, infer.frame_of(caller), caller.position_of(site)):
        match value:
            case Func(scope=target):
                if target is scope:
                    return True
            case ClassValue(cls=cls) if owner is not None and scope.name == "__init__":
                for base in cls.mro(infer):
                    if base.members("__init__"):
                        if base.scope is owner:
                            return True
                        break
            case Unknown():
                if scope.name != "__init__" or name == "__init__":
                    may = isinstance(site.func, ast.Attribute) == (owner is not None)
    return may
