"""Functions whose colour does not fit their callers: under decorators, and as methods of base classes."""

import ast
from collections.abc import Iterator

from diag.finding import Step
from diag.lint.context import Context
from diag.lint.site import Site
from diag.model.flow import callbacks, describe, reads, value_flow
from diag.model.flow.uses import MISUSES, bare_coroutine, use_of
from diag.model.infer.awaiting import never_awaitable
from diag.model.infer.calls import call, under_decorators
from diag.model.infer.classes import Class, first_parameter
from diag.model.infer.values import Func, Instance, Unknown, Values, ordered
from diag.model.syntax.scope import Scope, last_name
from lint_rules.awaits._callbacks import colours_of, plain_results, said_there, told_there

# Decorators that register a function, call it later, and await nothing. Source: the libraries' documentation.
_CALLERS = {
    "atexit.register", "celery.shared_task", "celery.app.shared_task", "celery.Celery().task",
    "celery.app.base.Celery.task", "click.command", "click.group", "click.decorators.command",
    "click.decorators.group", "click.core.Group.command", "click.core.Group.group", "click.Group().command",
    "invoke.task", "invoke.tasks.task", "schedule.repeat", "typer.Typer().command", "typer.Typer().callback",
    "typer.main.Typer.command", "typer.main.Typer.callback",
}  # fmt: skip
_GROUPS = {"click.group", "click.decorators.group", "click.Group().group", "click.core.Group.group"}
# Decorators that hand the function of a command back as it is.
_COMMAND_PARTS = ("click.", "typer.")
_RETRIES = ("tenacity.", "backoff.", "stamina.", "retrying.")
_KEEPERS = {"functools.lru_cache", "functools.cache", "functools._lru_cache_wrapper"}

# Methods that the standard library calls and never awaits, by the class that calls them.
_CALLED_METHODS = {
    "threading.Thread": {"run"},
    "multiprocessing.process.BaseProcess": {"run"},
    "asyncio.protocols.BaseProtocol": {
        "connection_made", "connection_lost", "pause_writing", "resume_writing",
    },
    "asyncio.protocols.Protocol": {"data_received", "eof_received"},
    "asyncio.protocols.DatagramProtocol": {"datagram_received", "error_received"},
    "logging.Handler": {"emit", "handle", "format", "flush", "close"},
    "logging.Filter": {"filter"},
    "logging.Formatter": {"format", "formatTime", "formatException"},
    "json.encoder.JSONEncoder": {"default"},
    "unittest.case.TestCase": {"setUp", "tearDown", "setUpClass", "tearDownClass"},
}  # fmt: skip
# Python itself calls these, and takes no coroutine for what they are to give.
_CALLED_BY_PYTHON = {
    "__init__",
    "__del__",
    "__str__",
    "__repr__",
    "__len__",
    "__bool__",
    "__hash__",
    "__exit__",
}


def wrong_definition(context: Context) -> Iterator[Site]:
    """The function that the scope is, where its colour is not what its decorators or base classes need."""
    scope = context.scope
    if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not scope.is_generator:
        yield from _decorated(context, scope.node)
        if scope.owner is not None and scope.marks <= {"override", "typing.override", "abstractmethod"}:
            yield from _overriding(context, scope.owner)


# --- under decorators


def _decorated(context: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Site]:
    scope, parent = context.scope, context.scope.parent
    if not node.decorator_list or parent is None:
        return
    around = Context(context.home, parent)
    for number, decorator in enumerate(node.decorator_list):
        below = [d for d in node.decorator_list[number + 1 :] if not _of_commands(around, d)]
        if any(isinstance(v, Unknown) for d in below for v in around.values(_target(d))):
            continue
        values = under_decorators(context.infer, scope, below, context.infer.frame_of(parent))
        if not values or not all(isinstance(v, Func) and v.scope is scope for v in values):
            continue  # what stands below makes something else of it
        how = _by_name(around, decorator, node)
        if how:
            yield _site(around, decorator, Func(scope), how)
        elif (found := _registered(around, decorator, values)) is not None:
            plain = "awaited" if found.verdict == "awaited" else "async"
            yield _site(around, decorator, Func(scope), plain, [said_there(found)])


def _by_name(context: Context, decorator: ast.expr, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a decorator of a library that is known by name does with the function."""
    names = _names(context, decorator)
    if not names:
        return ""
    if isinstance(node, ast.AsyncFunctionDef):
        if names <= _CALLERS or _of_group(context, decorator):
            return "async"
        if names <= _KEEPERS and _awaited_twice(context, node):
            return "cached"
    elif all(name.startswith(_RETRIES) for name in names) and _only_makes_coroutine(context, node):
        return "retried"
    return ""


def _target(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _names(context: Context, decorator: ast.expr) -> set[str]:
    """The full names of what may be the decorator, or may make it; empty where one of them has none."""
    out = set()
    for value in context.values(_target(decorator)):
        name = value.origin if isinstance(value, Unknown) else value_flow.name_of(value)
        if not name or (isinstance(value, Func) and value.scope.module.kind == "project"):
            return set()
        out.add(name)
    return out


def _of_commands(context: Context, decorator: ast.expr) -> bool:
    names = _names(context, decorator)
    return bool(names) and all(name.startswith(_COMMAND_PARTS) for name in names)


def _of_group(context: Context, decorator: ast.expr) -> bool:
    """`@cli.command()` where `cli` is a function under `@click.group()` in this module."""
    match _target(decorator):
        case ast.Attribute(value=ast.Name(id=group), attr="command" | "group"):
            bindings = context.module.scope.bindings.get(group, [])
            heads = [
                d for b in bindings for d in getattr(b.node, "decorator_list", ())[:1] if b.kind == "def"
            ]
            return len(bindings) == 1 and any(
                _names(context, d) <= _GROUPS and _names(context, d) for d in heads
            )
    return False


def _only_makes_coroutine(context: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """`def ask(self): return self.client.ask()`: all that can fail does so where the coroutine is awaited."""
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    match body:
        case [ast.Return(value=ast.Call() as made)]:
            inner = Context(context.home, context.scope.children[node])
            values = inner.values(made)
            calls = [n for n in ast.walk(made) if isinstance(n, ast.Call)]
            return len(calls) == 1 and bool(values) and all(map(bare_coroutine, values))
    return False


def _awaited_twice(context: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Two awaits of one function get the same coroutine out of the cache."""
    found = Context(context.home, context.scope.children[node]).callers()
    if found is None or any(b"cache_clear" in place.module.raw for _, place in found):
        return False
    seen: set[tuple[object, ...]] = set()
    for site, place in found:
        if not isinstance(place.module.parents.get(site), ast.Await):
            continue
        given = [site.func, *site.args, *(k.value for k in site.keywords)]
        names = {n.id for each in given for n in ast.walk(each) if isinstance(n, ast.Name)}
        if any(isinstance(n, (ast.Call, ast.Starred)) for each in given for n in ast.walk(each)):
            continue
        if any(len(place.bindings.get(name, ())) > 1 or _in_loop(place, name) for name in names):
            continue  # it may be another value each time
        position = place.position_of(site)
        fixed = isinstance(site.func, ast.Name) and all(isinstance(g, ast.Constant) for g in given[1:])
        key = (None if fixed else place, None if fixed or position is None else position.path, ast.dump(site))
        if key in seen or (position is not None and any(map(_repeats, (s for s, _ in position.path)))):
            return True
        seen.add(key)
    return False


def _repeats(stmt: ast.AST) -> bool:
    """A loop that nothing ends early."""
    ends = (ast.Break, ast.Return, ast.Raise)
    loop = isinstance(stmt, (ast.For, ast.While))
    return loop and not any(isinstance(n, ends) for n in ast.walk(stmt))


def _in_loop(scope: Scope, name: str) -> bool:
    return any(b.position.path for b in scope.bindings.get(name, ()) if b.kind != "param")


def _registered(context: Context, decorator: ast.expr, values: Values) -> callbacks.Fate | None:
    """A decorator of the project, or of a library, that keeps the function and calls it, or awaits it."""
    infer = context.infer
    colours = colours_of(infer, values)
    fates = [callbacks.fate_under(infer, v) for v in ordered(context.values(decorator))]
    if (
        not fates
        or (found := fates[0]) is None
        or any(f is None or f.verdict != found.verdict for f in fates)
    ):
        return None
    if (found.verdict == "awaited") is (colours == {True}) or told_there(context, found, colours):
        return None
    return found if colours == {True} or plain_results(infer, values) is not None else None


# --- as methods of base classes


def _overriding(context: Context, owner: Scope) -> Iterator[Site]:
    infer, scope = context.infer, context.scope
    cls = infer.class_of(owner)
    name = scope.name
    values = frozenset({Func(scope, None, Instance(cls))})
    if scope.is_async:
        caller = "Python" if name in _CALLED_BY_PYTHON else ""
        for base in cls.mro(infer)[1:]:
            if name in _CALLED_METHODS.get(base.full_name, ()):
                caller = base.name
        if caller:
            yield _method(context, values, caller, "async", [])
            return
    elif plain_results(infer, values) is None:
        return
    found = _inherited_calls(context, cls, name)
    if found is None or (found.verdict == "awaited") is scope.is_async:
        return
    place, _ = found.places[0]
    held = place.owner.name if place.owner is not None else "its base class"
    yield _method(context, values, held, "async" if scope.is_async else "awaited", [said_there(found)])


def _inherited_calls(context: Context, cls: Class, name: str) -> callbacks.Fate | None:
    """What the methods that a class inherits do with one that it overrides, where all do the same."""
    infer = context.infer
    mro = cls.mro(infer)
    bases = [base for base in mro[1:] if any(b.kind == "def" for b in base.members(name))]
    if not bases or any(base.module.is_stub for base in bases) or cls.is_open(infer):
        return None
    found = reads.of_attribute(infer, bases[-1], name, methods=True)
    out: dict[callbacks.Verdict, list[callbacks.Place]] = {}
    for node, place, _ in found or ():
        home = place.owner
        if home is None or not isinstance(node.value, ast.Name) or first_parameter(place) != node.value.id:
            continue
        heir = next((each for each in mro if each.members(place.name)), None)
        if heir is None or heir is cls or heir.scope is not home:
            continue
        verdict = _verdict(context, node, place)
        if verdict is None:
            return None
        call_ = place.module.parents[node]
        assert isinstance(call_, ast.Call)
        if _reported_there(context, call_, place, verdict):
            return None
        out.setdefault(verdict, []).append((place, call_))
    if len(out) != 1:
        return None
    ((verdict, places),) = out.items()
    return callbacks.Fate(verdict, tuple(places))


def _verdict(context: Context, node: ast.Attribute, place: Scope) -> callbacks.Verdict | None:
    call_ = place.module.parents.get(node)
    if not isinstance(call_, ast.Call) or call_.func is not node or value_flow.guarded(place):
        return None
    use = use_of(call_, place)
    if use.kind == "await":
        return None if callbacks.expects_type_error(place, call_) else "awaited"
    return "called" if use.kind in {"statement", *MISUSES} and not isinstance(use.node, ast.Match) else None


def _reported_there(context: Context, node: ast.Call, place: Scope, verdict: callbacks.Verdict) -> bool:
    """Whatever object runs it, the call is wrong: that is said at the call."""
    infer = context.infer
    if place.module not in infer.project.judged:
        return False
    values = infer.values(node, infer.frame_of(place), place.position_of(node))
    if verdict == "awaited":
        return never_awaitable(infer, values)
    return bool(values) and all(map(bare_coroutine, values))


def _method(context: Context, values: Values, caller: str, how: str, chain: list[Step]) -> Site:
    scope = context.scope
    node = scope.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    words = "async def " if scope.is_async else "def "
    at = node.col_offset + len(words)
    name = ast.Name(
        node.name,
        lineno=node.lineno,
        col_offset=at,
        end_lineno=node.lineno,
        end_col_offset=at + len(node.name),
    )
    (func,) = values
    returns = frozenset() if scope.is_async else call(context.infer, func, None, None, None)
    callee = describe.callee_of(context.infer, func, returns)
    return context.site(name, how=how, subject=caller, callee=callee, chain=chain)


def _site(
    context: Context, decorator: ast.expr, func: Func, how: str, chain: list[Step] | None = None
) -> Site:
    infer = context.infer
    returns = frozenset() if func.scope.is_async else call(infer, func, None, None, None)
    callee = describe.callee_of(infer, func, returns)
    detail = (
        f"@{last_name(_target(decorator))}"
        if how in ("cached", "retried")
        else f"@{context.source(decorator)}"
    )
    return context.site(decorator, how=how, detail=detail, callee=callee, chain=chain or [])
