"""Effects of calling a plain function: does it block the thread, does it start an event loop?

A function has the effect when a call in its body certainly reaches something that has it, through any number
of plain calls, into libraries. The chain is kept, so that a person can follow it down to the primitive.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from diag.model.facts.blocking import ASKED, IN_MEMORY, is_told_not_to, primitive, public_name
from diag.model.infer.attributes import read
from diag.model.infer.calls import live
from diag.model.infer.parameters import arguments_of
from diag.model.infer.values import ClassValue, Frame, Func, Instance, Unknown, Value, Values, ordered
from diag.model.syntax.scope import Position, Scope

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

EffectKind = Literal["blocks", "runs"]

_RUNNERS = {
    "asyncio.runners.run",
    "asyncio.events.AbstractEventLoop.run_until_complete",
    "asyncio.events.AbstractEventLoop.run_forever",
    "asyncio.runners.Runner.run",
}
# A function that asks which world it runs in is left alone.
_GUARDS = (
    b"get_running_loop", b"is_running", b"iscoroutinefunction", b"isawaitable", b"iscoroutine",
    b"current_thread", b"nest_asyncio",
)  # fmt: skip
MAX_CHAIN = 14


@dataclass(frozen=True, slots=True)
class Hop:
    """One call on the way to the primitive: who calls, where, what in words."""

    scope: Scope | None
    line: int
    text: str
    position: Position | None = None
    call: ast.Call | None = None
    value: Value | None = None  # what it calls
    conditional: bool = False  # on a branch that need not be taken


@dataclass(frozen=True, slots=True)
class Effect:
    """The primitive at the end of the chain, and the calls that lead to it, first one first."""

    primitive: str
    network: bool
    hops: tuple[Hop, ...] = ()
    advice: str = ""
    clients: tuple[str, ...] = ()  # full names of the library classes whose methods are on the way


def of_values(infer: "Infer", values: Values, kind: EffectKind) -> tuple[Effect, Value] | None:
    """The effect of calling any of these values; None unless every one of them has it."""
    first: tuple[Effect, Value] | None = None
    for value in ordered(values):
        effect = _of_value(infer, value, kind)
        if effect is None:
            return None
        first = first or (effect, value)
    return first


def _of_value(infer: "Infer", value: Value, kind: EffectKind) -> Effect | None:
    match value:
        case Func(scope=scope):
            return _of_function(infer, value, kind) if not scope.is_async else None
        case ClassValue(cls=cls):
            if cls.module.kind == "bundled":
                fact = infer.project.fact(f"{cls.full_name}.__init__")
                if kind == "blocks" and fact is not None and fact.blocks:
                    return Effect(fact.blocks, fact.network)
                return None
            for base in cls.mro(infer):
                if base.members("__init__") or base.members("__new__"):
                    if base.module.is_stub:
                        return None
                    found = read(infer, Instance(cls), "__init__")
                    result = of_values(infer, found, kind) if found else None
                    return result[0] if result else None
            return None
        case Unknown(origin=origin) if kind == "blocks" and origin:
            known = primitive(origin.replace("()", ""))
            if known is not None and origin.startswith(IN_MEMORY) and _in_memory(infer):
                return None
            if known is not None and not origin.startswith(("await ", "with ")):
                return Effect(public_name(origin.replace("()", "")), known.network, advice=known.advice)
    return None


def _of_function(infer: "Infer", func: Func, kind: EffectKind) -> Effect | None:
    scope = func.scope
    name = scope.full_name
    if kind == "runs":
        if name in _RUNNERS:
            return Effect(
                name.replace("runners.", "").replace("events.AbstractEventLoop", "loop"), network=False
            )
    else:
        known = primitive(name)
        if known is None and isinstance(func.bound, Instance) and func.bound.cls.scope is not scope.owner:
            known = primitive(f"{func.bound.cls.full_name}.{scope.name}")
        if (
            known is not None
            and public_name(name).startswith("socket.socket.")
            and not _surely_blocking(infer, func)
        ):
            return None
        if known is not None:
            in_memory = public_name(name).startswith(IN_MEMORY) and _in_memory(infer)
            return Effect(public_name(name), known.network, advice=known.advice) if not in_memory else None
        if scope.module.kind == "bundled":
            fact = infer.project.fact(name)
            return Effect(fact.blocks, fact.network) if fact is not None and fact.blocks else None
    if scope.module.is_stub or scope.kind == "lambda" or scope.is_generator:
        return None
    key = ("effect", kind, func.bound if isinstance(func.bound, Instance) else None)
    found = infer.memoised(scope, key, _in_body, infer, func, kind)
    return min(found, key=lambda each: len(each.hops), default=None)


def _in_body(infer: "Infer", func: Func, kind: EffectKind) -> frozenset[Effect]:
    """The effect that calls of the function certainly have, if there is one."""
    found = _search(infer, func, kind)
    if found is None and kind == "blocks" and func.scope.module.kind == "library":
        found = _by_facts(infer, func)
    return frozenset({found}) if found is not None else frozenset()


def _by_facts(infer: "Infer", func: Func) -> Effect | None:
    """What the bundled facts say of an installed function whose body makes its calls by computed names."""
    owner = func.bound.cls.full_name if isinstance(func.bound, Instance) else None
    fact = infer.project.fact(f"{owner}.{func.scope.name}" if owner else func.scope.full_name)
    return Effect(fact.blocks, fact.network) if fact is not None and fact.blocks else None


def _surely_blocking(infer: "Infer", func: Func) -> bool:
    """A socket made here, in code that never sets a time-out: any other may well not block."""
    if not isinstance(func.bound, Instance) or not func.bound.exact:
        return False
    return not any(
        infer.project.mentions(word)
        for word in (b"setblocking", b"settimeout", b"gettimeout", b"setdefaulttimeout")
    )


def _in_memory(infer: "Infer") -> bool:
    """Somewhere a database is kept in memory: it may be this one."""
    words = (":memory:", '"sqlite://"', "'sqlite://'")
    for word in words:
        infer.deps |= infer.project.query_bit("text", word)
    return any(infer.project.mentions(word.encode()) for word in words)


def _search(infer: "Infer", func: Func, kind: EffectKind) -> Effect | None:
    from diag.model.infer.calls import receiver_frame

    scope = func.scope
    module = scope.module
    if any(module.segment_has(guard, scope.first_line, scope.last_line) for guard in _GUARDS):
        return None
    frame = receiver_frame(infer, scope, func.bound) if func.bound is not None else infer.frame_of(scope)
    ways: list[tuple[Effect, Position | None]] = []
    perhaps: list[tuple[Effect, Position | None]] = []
    for call in scope.calls:
        if deferred(call, scope):
            continue
        position = scope.position_of(call)
        if kind == "runs" and position is not None and any(isinstance(s, ast.If) for s, _ in position.path):
            continue  # it may ask, in its own way, whether a loop is running
        values = infer.values(call.func, frame, position)
        if not values:
            continue
        found = of_values(infer, values, kind)
        if found is None or harmless(call, found[0], scope):
            continue
        effect, value = found
        if module.kind == "library" and effect.primitive == "threading.Thread.join":
            continue  # a library that spreads its own work over threads waits for nothing from outside
        surely = taken(infer, effect, value, call, frame, position)
        if not surely and not taken(infer, effect, value, call, frame, position, surely=False):
            continue
        if len(effect.hops) >= MAX_CHAIN:
            continue
        hops = (Hop(scope, call.lineno, module.source_of(call.func), position, call, value), *effect.hops)
        clients = (*client_of(value), *effect.clients)
        way = Effect(effect.primitive, effect.network, hops, effect.advice, clients), position
        (ways if surely else perhaps).append(way)
    ways = ways or perhaps  # what is not certain here may be so by the arguments of a caller
    if not ways:
        return None
    ways.sort(key=lambda way: len(way[0].hops))
    for effect, position in ways:
        vague = module.kind == "library" or effect.primitive in _OFTEN_CONDITIONAL
        if kind == "runs" or not vague or _always(infer, frame, position, [at for _, at in ways]):
            return effect
    best, _ = ways[0]
    return replace(best, hops=(replace(best.hops[0], conditional=True), *best.hops[1:]))


# Pauses between retries, and files that are fetched if they are not on the disk.
_OFTEN_CONDITIONAL = {"time.sleep", "urllib.request.urlopen", "urllib.request.urlretrieve"}


def _always(
    infer: "Infer", frame: Frame, position: Position | None, others: Sequence[Position | None] = ()
) -> bool:
    """The place is reached on every way through the function that does not raise, or one of the others is."""
    arms = {arm for at in others if at is not None for arm in at.path}
    for stmt, arm in position.path if position is not None else ():
        if arm.startswith("handler") or isinstance(stmt, ast.Match):
            return False
        if not isinstance(stmt, ast.If) or arm not in ("body", "orelse"):
            continue
        other = stmt.orelse if arm == "body" else stmt.body
        if other and isinstance(other[-1], ast.Raise):
            continue
        if (stmt, "orelse" if arm == "body" else "body") in arms:
            continue
        if _holds(infer, stmt.test, frame, frame.scope.positions.get(stmt)) is not (arm == "body"):
            return False
    return True


def _holds(infer: "Infer", test: ast.expr, frame: Frame, position: Position | None) -> bool | None:
    """What a condition certainly is, by the constants that this call passes too."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _holds(infer, operand, frame, position)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=parts):
            decides = isinstance(op, ast.Or)
            held = [_holds(infer, part, frame, position) for part in parts]
            return decides if decides in held else None if None in held else not decides
        case ast.Name(id=name):
            constant = _passed(frame, name)
            if constant is not None:
                return bool(constant.value)
    return infer.truth(test, frame, position)


def _passed(frame: Frame | None, name: str) -> ast.Constant | None:
    """The constant that a call passes for a parameter, by itself or from its own caller."""
    while frame is not None and frame.args and name in frame.args:
        if [each.kind for each in frame.scope.bindings.get(name, ())] != ["param"]:
            return None
        argument = frame.args[name]
        if isinstance(argument.node, ast.Constant):
            return argument.node
        if not isinstance(argument.node, ast.Name):
            return None
        frame, name = argument.frame, argument.node.id
    return None


def taken(
    infer: "Infer",
    effect: Effect,
    value: Value,
    call: ast.Call,
    frame: Frame,
    position: Position | None,
    *,
    surely: bool = True,
) -> bool:
    """The branches that have the effect are taken with the arguments of this call, or can be."""
    hop = effect.hops[0] if effect.hops else None
    open_end = not surely or not any(each.conditional for each in effect.hops)
    if not isinstance(value, Func) or hop is None or hop.scope is not value.scope or hop.position is None:
        return open_end
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return open_end
    args = arguments_of(infer, value, call, frame, position, None)
    inner = Frame(value.scope, infer.frame_of(value.scope.parent), args, value.bound)
    if not live(infer, inner, hop.position):
        return False
    if surely and hop.conditional and not _always(infer, inner, hop.position):
        return False
    if hop.call is None or hop.value is None:
        return open_end
    rest = Effect(effect.primitive, effect.network, effect.hops[1:])
    return taken(infer, rest, hop.value, hop.call, inner, hop.position, surely=surely)


def client_of(value: Value) -> tuple[str, ...]:
    """The library class that a method is called on."""
    if isinstance(value, Func) and isinstance(value.bound, Instance):
        cls = value.bound.cls
        if cls.module.kind in ("library", "bundled"):
            return (cls.full_name,)
    return ()


def harmless(call: ast.Call, effect: Effect, scope: Scope) -> bool:
    """`time.sleep(0)` gives way and waits for nothing; a numeric address is not looked up."""
    if not effect.hops:
        asked = ASKED.get(effect.primitive, ())
        if is_told_not_to(effect.primitive, call) or any(
            scope.module.segment_has(word, scope.first_line, scope.last_line) for word in asked
        ):
            return True
    if any(isinstance(n, ast.Attribute) and n.attr == "AI_NUMERICHOST" for n in ast.walk(call)):
        return True
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def deferred(node: ast.AST, scope: Scope) -> bool:
    """The expression stands in a lambda or a generator expression, so it does not run here."""
    parents = scope.module.parents
    child = node
    while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Lambda) and child is parent.body:
            return True
        child = parent
    return False
