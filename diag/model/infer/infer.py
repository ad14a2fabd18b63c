"""Inference: what can this expression be?

Demand driven and memoised for each frame; recursion is a least fixpoint over the sets of values. Every result
carries the modules and project-wide queries that it rests on (`deps`, a bit set), so that a later run
re-judges only what a change can reach.
"""

import ast
from collections.abc import Callable, Iterable
from typing import Any

from diag.model.infer import annotations, attributes, awaiting, calls, containers, parameters, replaced
from diag.model.infer.classes import Class, mangled
from diag.model.infer.fixpoint import Fixpoint, T, Ts
from diag.model.infer.project import Project
from diag.model.infer.values import (
    EMPTY,
    MAX_VALUES,
    NOTHING,
    UNKNOWN,
    ClassValue,
    Coroutine,
    Frame,
    Func,
    GeneratorOf,
    Instance,
    ModuleValue,
    Nothing,
    TupleOf,
    Unknown,
    Values,
    as_declared,
    described,
    known,
    nesting,
    ordered,
    unknown,
)
from diag.model.syntax.module import Module, StubScope, holds
from diag.model.syntax.scope import STARRED, Binding, Position, Scope
from diag.model.syntax.source_file import SourceFile

MAX_OVERLOADS = 6  # of one function in a stub; what they return rarely differs in what matters here
END = Position(1 << 30, ())


class Infer(Fixpoint):
    """Evaluates expressions of a project to sets of values."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self._classes: dict[Scope, Class] = {}
        self._frames: dict[Scope, Frame] = {}
        self._builtins: Module | None = None
        self._plain: dict[str, Values] = {}
        # indexes over the judged modules, filled by the modules that ask
        self.outside_stores: dict[str, tuple[list[tuple[Scope, Binding]], int]] = {}
        self.replaced: dict[str, list[replaced.Placed]] = {}
        self.named_calls: dict[str, list[tuple[ast.Call, Scope]] | None] = {}
        self.identity: Func | None = None

    # --- memoised evaluation

    def values(self, node: ast.expr, frame: Frame, position: Position | None) -> Values:
        """What `node` can be in `frame`, at `position` of the frame's scope (None: anywhere in it)."""
        if type(node) is ast.Name:
            return self._name_at(node, frame, position)
        if type(node) is ast.Constant:
            return self.constant(node.value)
        return self._at(node, frame, position)

    def _at(self, node: ast.expr, frame: Frame, position: Position | None) -> Values:
        memo = frame.memo if position is not None else frame.anywhere
        bit = frame.scope.module.bit
        return self.settled(memo, node, bit, Infer._evaluate, self, node, frame, position)

    def rank(self, compute: Callable[..., frozenset[Any]], args: tuple[object, ...]) -> str:
        """What does not depend on the values of arguments goes first, then the order of the source."""
        specific = any(isinstance(a, Frame) and not a.is_default for a in args)
        places = " ".join(described(a) for a in args if not isinstance(a, (Infer, Position)))
        return f"{int(specific)} {places} {compute.__name__}"

    def memoised(
        self, scope: Scope, key: object, compute: Callable[[*Ts], frozenset[T]], *args: *Ts
    ) -> frozenset[T]:
        """The same for results that belong to a scope rather than to an expression."""
        return self.settled(scope.memo, key, scope.module.bit, compute, *args)

    def of_frame(self, frame: Frame, what: str, compute: Callable[["Infer", Frame], Values]) -> Values:
        """The same for one result of a frame: what it returns, what it yields."""
        return self.settled(frame.extra, what, frame.scope.module.bit, compute, self, frame)

    # --- identities

    def class_of(self, scope: Scope) -> Class:
        cls = self._classes.get(scope)
        if cls is None:
            cls = self._classes[scope] = Class(scope, None)
        return cls

    def bundled(self, scope: Scope) -> Values:
        """What the bundled facts know under the full name of a library's function or class."""
        module = self.project.bundled_module(scope.module.name)
        if module is None:
            return EMPTY
        found: Values = frozenset({ModuleValue(module)})
        for part in scope.qualname.split("."):
            found = attributes.read_all(self, found, part)
        return found

    def frame_of(self, scope: Scope | None) -> Frame:
        """The frame that stands for any call of the scope."""
        assert scope is not None
        frame = self._frames.get(scope)
        if frame is None:
            outer = self.frame_of(scope.parent) if scope.parent is not None else None
            frame = self._frames[scope] = Frame(scope, outer)
        return frame

    @property
    def builtins(self) -> Module:
        if self._builtins is None:
            found = self.project.standard("builtins")
            assert found is not None, "typeshed has no builtins"
            self._builtins = found
        return self._builtins

    def plain(self, name: str, *args: Values) -> Values:
        """An instance of a built-in class."""
        found = self._plain.get(name)
        if found is None:
            # every name used here is a class of builtins
            (cls,) = (v.cls for v in self.module_member(self.builtins, name) if isinstance(v, ClassValue))
            found = self._plain[name] = frozenset({Instance(cls)})
        if not args:
            return found
        (value,) = found
        assert isinstance(value, Instance)
        return frozenset({Instance(value.cls, args)})

    def constant(self, value: object) -> Values:
        if value is None:
            return NOTHING
        name = type(value).__name__
        return self.plain(name if name != "ellipsis" else "object")

    # --- names

    def module_member(self, module: Module, name: str) -> Values:
        """What `module.name` is."""
        return self.memoised(module.scope, ("member", name), Infer._module_member, self, module, name)

    def _module_member(self, module: Module, name: str) -> Values:
        found = self._own_member(module, name)
        if module.kind == "project" and replaced.is_replaced_name(self, module, name):
            return found | UNKNOWN
        return found

    def _own_member(self, module: Module, name: str) -> Values:
        scope = module.scope
        if isinstance(scope, StubScope):
            bindings = scope.lookup(name)
        else:
            bindings = scope.reaching(name, END) if name in scope.bindings else []
            if module.raw and b"global " in module.raw:
                bindings = [*bindings, *self._global_stores(module, name)]
        if bindings:
            return self.bindings_values(bindings, self.frame_of(scope))
        for star in reversed(scope.star_imports):
            source = self.imported(star, module)
            if source is not None and source is not module and exports(source, name):
                found = self.module_member(source, name)
                if not any(isinstance(v, Unknown) and v.origin == f"{source.name}.{name}" for v in found):
                    return found
        if sub := self.project.submodule(module, name):
            return frozenset({ModuleValue(sub)})
        if name in ("__name__", "__file__", "__doc__"):
            return self.plain("str")
        return unknown(f"{module.name}.{name}")

    def _global_stores(self, module: Module, name: str) -> list[Binding]:
        table: dict[str, list[Binding]] | None = module.scope.cache.get("globals")
        if table is None:
            table = module.scope.cache["globals"] = {}
            for scope in module.scopes():
                for declared in scope.global_names:
                    table.setdefault(declared, []).extend(scope.bindings.get(declared, ()))
        return table.get(name, [])

    def imported(self, stmt: ast.ImportFrom, module: SourceFile) -> Module | None:
        if stmt.level:
            return self.project.resolve_relative(module, stmt.level, stmt.module or "")
        return self.project.import_module(stmt.module or "", module)

    def _name_at(self, node: ast.Name, frame: Frame, position: Position | None) -> Values:
        """What a name is where it stands: the same everywhere in a scope that binds it once at most."""
        name, base = node.id, frame.base
        scope = base.scope
        if frame.overlay is not None and name in frame.overlay:
            found = frame.overlay[name]
        elif len(scope.bindings.get(name, ())) < 2:
            found = self.settled(base.names, name, scope.module.bit, Infer.name, self, name, base, None)
        else:
            return self._at(node, frame, position)
        return attributes.narrow(self, node, found, frame, position)

    def name(self, name: str, frame: Frame, position: Position | None) -> Values:
        """What a name is where it is read: bindings that reach, else enclosing scopes, module, builtins."""
        here: Frame | None = frame
        first = True
        while here is not None:
            if here.overlay is not None and name in here.overlay:
                return here.overlay[name]
            here = here.base
            scope = here.scope
            if scope.kind == "module":
                break
            bindings = scope.bindings
            if name in scope.global_names:
                break
            if name in bindings and name not in scope.nonlocal_names and (scope.kind != "class" or first):
                reaching = scope.reaching(name, position if first else None)
                extra = [] if first else self._nonlocal_stores(scope, name)
                return self.bindings_values([*(reaching or bindings[name]), *extra], here)
            if name == "__class__" and scope.kind == "class":
                return frozenset({ClassValue(self.class_of(scope))})
            here = here.outer if here.outer is not None else self.frame_of(scope.parent)
            first = False
        scope = frame.scope if here is None else here.scope
        module = scope.module
        if first and not module.is_stub and name in scope.bindings:  # module level code: flow counts
            return self.bindings_values(
                scope.reaching(name, position) or scope.bindings[name], self.frame_of(scope)
            )
        assert isinstance(module, Module)
        found = self.module_member(module, name)
        if _is_unresolved(found, f"{module.name}.{name}") and module is not self.builtins:
            builtin = self.module_member(self.builtins, name)
            if not _is_unresolved(builtin, f"builtins.{name}"):
                return builtin
        return found

    def _nonlocal_stores(self, scope: Scope, name: str) -> list[Binding]:
        return [
            b
            for child in scope.children.values()
            if child.bindings and name in child.nonlocal_names
            for b in child.bindings.get(name, ())
        ]

    def bindings_values(self, bindings: Iterable[Binding], frame: Frame) -> Values:
        out: Values = EMPTY
        for binding in only_last_definitions(list(bindings)):
            out |= self.binding_values(binding, frame)
        return out

    def binding_values(self, binding: Binding, frame: Frame) -> Values:
        """What one binding binds; `frame` is the frame of the binding's scope."""
        if binding.scope is not frame.scope:
            frame = self.frame_of(binding.scope)
        position = binding.position
        kind = binding.kind
        if kind in ("assign", "walrus", "aug"):
            if binding.value is None:
                if binding.annotation is None:
                    return EMPTY
                declared = annotations.evaluate(self, binding.annotation, frame)
                return as_declared(declared) if frame.scope.module.kind == "project" else declared
            found = self.unpacked(self.values(binding.value, frame, position), binding.unpack)
            if kind == "assign" and binding.scope.kind == "function" and not binding.unpack:
                found = containers.with_items(
                    self, found, lambda: containers.put_into_name(self, binding.scope, binding.name)
                )
            if binding.annotation is not None and not known(found):
                declared = annotations.evaluate(self, binding.annotation, frame)
                if frame.scope.module.kind == "project":
                    declared = as_declared(declared)
                return declared if known(declared) else found
            return found
        if kind == "param":
            return parameters.parameter(self, binding, frame)
        if kind == "def":
            return calls.function_value(self, binding.scope.children[binding.node], frame)
        if kind == "class":
            return frozenset({ClassValue(self.class_of(binding.scope.children[binding.node]))})
        if kind == "import":
            return self._import(binding)
        if kind == "from":
            return self._import_from(binding)
        if kind in ("for", "async for"):
            assert binding.value is not None
            # the iterable is evaluated where the statement stands, the target bound in its body
            assert isinstance(binding.node, (ast.For, ast.AsyncFor))
            items = self.values(binding.value, frame, binding.scope.positions[binding.node])
            return self.unpacked(self.elements(items, is_async=kind == "async for"), binding.unpack)
        if kind in ("with", "async with"):
            assert binding.value is not None
            managers = self.values(binding.value, frame, position)
            return self.unpacked(
                awaiting.entered(self, managers, is_async=kind == "async with"), binding.unpack
            )
        if kind == "except":
            if binding.value is None:
                return UNKNOWN
            classes = self.values(binding.value, frame, None)
            return (
                frozenset(Instance(v.cls, exact=False) for v in classes if isinstance(v, ClassValue))
                or UNKNOWN
            )
        if kind == "del":
            return EMPTY
        return UNKNOWN

    def _import(self, binding: Binding) -> Values:
        alias = binding.node
        assert isinstance(alias, ast.alias)
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        module = self.project.import_module(name, binding.scope.module)
        if module is None:
            return unknown(name)
        return frozenset({ModuleValue(module)})

    def _import_from(self, binding: Binding) -> Values:
        stmt = binding.node
        assert isinstance(stmt, ast.ImportFrom)
        here = binding.scope.module
        module = self.imported(stmt, here)
        wanted = next(a.name for a in stmt.names if (a.asname or a.name) == binding.name)
        if module is None:
            return unknown(f"{stmt.module or ''}.{wanted}")
        if module is here:  # `from . import x` in an __init__ of its own
            sub = self.project.submodule(module, wanted)
            return frozenset({ModuleValue(sub)}) if sub else UNKNOWN
        if module.kind == "namespace":
            sub = self.project.submodule(module, wanted)
            return frozenset({ModuleValue(sub)}) if sub else unknown(f"{module.name}.{wanted}")
        return self.module_member(module, wanted)

    # --- expressions

    def _evaluate(self, node: ast.expr, frame: Frame, position: Position | None) -> Values:
        match node:
            case ast.Name():
                return attributes.narrow(self, node, self.name(node.id, frame, position), frame, position)
            case ast.Attribute():
                base = self.values(node.value, frame, position)
                name = mangled(node.attr, frame.scope)
                found = attributes.read_all(self, base, name)
                if frame.scope.module.is_test:
                    found |= replaced.in_tests(self, base, name)
                return attributes.narrow(self, node, found, frame, position)
            case ast.Call():
                callee = self.values(node.func, frame, position)
                found = calls.call_all(self, callee, node, frame, position)
                if frame.scope.module.is_test:
                    found |= replaced.through_replaced(self, callee)
                if len(found) > 1 and any(awaiting.is_declared(v) for v in found):
                    return self._by_client(node, frame, position) or found
                return found
            case ast.Await():
                return awaiting.awaited(self, self.values(node.value, frame, position))
            case ast.BoolOp():
                return self._bool_op(node, frame, position)
            case ast.IfExp():
                held = self.truth(node.test, frame, position)
                out = EMPTY
                if held is not False:
                    out |= self.values(node.body, frame, position)
                if held is not True:
                    out |= self.values(node.orelse, frame, position)
                return out
            case ast.NamedExpr():
                return self.values(node.value, frame, position)
            case ast.JoinedStr() | ast.FormattedValue():
                return self.plain("str")
            case ast.Compare():
                return self.plain("bool")
            case ast.UnaryOp():
                if isinstance(node.op, ast.Not):
                    return self.plain("bool")
                return self.values(node.operand, frame, position)
            case ast.BinOp():
                return self._bin_op(node, frame, position)
            case ast.Tuple():
                if any(isinstance(e, ast.Starred) for e in node.elts):
                    return self.plain("tuple")
                if len(node.elts) > 8:
                    return self.plain("tuple")
                return frozenset({TupleOf(tuple(self._item(e, frame, position) for e in node.elts))})
            case ast.List() | ast.Set():
                name = "list" if isinstance(node, ast.List) else "set"
                return self._container(name, [node.elts], frame, position)
            case ast.Dict():
                return self._dict(node, frame, position)
            case ast.ListComp() | ast.SetComp():
                inner = self.comprehension(node.generators, frame, position)
                name = "list" if isinstance(node, ast.ListComp) else "set"
                return self.plain(name, self._item(node.elt, inner, position))
            case ast.DictComp():
                inner = self.comprehension(node.generators, frame, position)
                return self.plain("dict", EMPTY or UNKNOWN, self._item(node.value, inner, position))
            case ast.GeneratorExp():
                if any(g.is_async for g in node.generators) or _awaits(node.elt):
                    return UNKNOWN  # an asynchronous generator
                inner = self.comprehension(node.generators, frame, position)
                return awaiting.generator_instance(self, self._item(node.elt, inner, position))
            case ast.Lambda():
                key = ("lambda", node)
                scope: Scope | None = frame.scope.cache.get(key)
                if scope is None:
                    scope = frame.scope.cache[key] = Scope(
                        "lambda", node, "<lambda>", frame.scope.module, frame.scope
                    )
                return frozenset({Func(scope, frame)})
            case ast.Subscript():
                return self._subscript(node, frame, position)
            case ast.Starred():
                return UNKNOWN
        return UNKNOWN

    def _item(self, node: ast.expr, frame: Frame, position: Position | None) -> Values:
        """An element of a container; deep nesting is cut so that values stay small."""
        return self.item(self.values(node, frame, position))

    def item(self, found: Values) -> Values:
        """The values as elements of a container."""
        return UNKNOWN if any(nesting(v) > 2 for v in found) else found

    def _dict(self, node: ast.Dict, frame: Frame, position: Position | None) -> Values:
        keys = [key for key in node.keys if key is not None]
        values = [value for key, value in zip(node.keys, node.values, strict=True) if key is not None]
        made = self._container("dict", [keys, values], frame, position)
        spread = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
        if not spread:
            return made
        items = containers.items_of(self, made) if values else EMPTY
        for value in spread:
            items |= containers.items_of(self, self.values(value, frame, position))
        return self.plain("dict", UNKNOWN, items or UNKNOWN)

    def _container(
        self, name: str, groups: list[list[ast.expr]], frame: Frame, position: Position | None
    ) -> Values:
        args: list[Values] = []
        for elements in groups:
            if len(elements) > 24:
                args.append(UNKNOWN)
                continue
            union: Values = EMPTY
            for element in elements:
                if isinstance(element, ast.Starred):
                    union |= UNKNOWN
                else:
                    union |= self._item(element, frame, position)
            args.append(union if 0 < len(union) <= MAX_VALUES else UNKNOWN)
        return self.plain(name, *args)

    def comprehension(
        self, generators: list[ast.comprehension], frame: Frame, position: Position | None
    ) -> Frame:
        """The frame in which the element of a comprehension is evaluated."""
        for generator in generators:
            items = self.values(generator.iter, frame, position)
            element = self.elements(items, is_async=bool(generator.is_async))
            overlay = dict(frame.overlay or {})
            self._spread(generator.target, element, overlay)
            frame = frame.overlaid(overlay)
        return frame

    def _spread(self, target: ast.expr, values: Values, overlay: dict[str, Values]) -> None:
        if isinstance(target, ast.Name):
            overlay[target.id] = values
        elif isinstance(target, (ast.Tuple, ast.List)):
            for number, element in enumerate(target.elts):
                self._spread(element, self.unpacked(values, (number,)), overlay)
        elif isinstance(target, ast.Starred):
            self._spread(target.value, UNKNOWN, overlay)

    def _bool_op(self, node: ast.BoolOp, frame: Frame, position: Position | None) -> Values:
        out: Values = EMPTY
        for number, part in enumerate(node.values):
            found = self.values(part, frame, position)
            last = number == len(node.values) - 1
            if isinstance(node.op, ast.Or) and not last:
                found = frozenset(v for v in found if not isinstance(v, Nothing))
            out |= found
        return out

    def _bin_op(self, node: ast.BinOp, frame: Frame, position: Position | None) -> Values:
        left = self.values(node.left, frame, position)
        if known(left) and all(isinstance(v, (Instance, TupleOf)) for v in left):
            if isinstance(node.op, ast.BitOr) and any(isinstance(v, ClassValue) for v in left):
                return left
            right = self.values(node.right, frame, position)
            if any(isinstance(v, TupleOf) or v.args for v in left if isinstance(v, (Instance, TupleOf))):
                return left | right  # containers: what is in either
            return (
                left | frozenset(v for v in right if isinstance(v, Instance))
                if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div))
                else left
            )
        if isinstance(node.op, ast.BitOr) and all(isinstance(v, (ClassValue, Nothing)) for v in left):
            return left | self.values(node.right, frame, position)
        right = self.values(node.right, frame, position)
        if known(right) and all(isinstance(v, Instance) for v in right):
            return right
        return UNKNOWN

    def _subscript(self, node: ast.Subscript, frame: Frame, position: Position | None) -> Values:
        out: Values = EMPTY
        for value in ordered(awaiting.settled(self, self.values(node.value, frame, position))):
            match value:
                case ClassValue(cls=cls) if cls.is_generic and not cls.module.is_stub:
                    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                    out |= {ClassValue(cls, tuple(annotations.evaluate(self, p, frame) for p in parts))}
                case ClassValue():
                    out |= {value}
                case TupleOf(items=items):
                    index = node.slice.value if isinstance(node.slice, ast.Constant) else None
                    if isinstance(index, int) and -len(items) <= index < len(items):
                        out |= items[index]
                    else:
                        out |= frozenset().union(*items)
                case Instance(cls=cls, args=args) if cls.module is self.builtins and args:
                    if isinstance(node.slice, ast.Slice):
                        out |= {value}
                    else:
                        out |= args[-1]
                case Instance(cls=cls) if cls.module is self.builtins and cls.name in ("str", "bytes"):
                    out |= self.plain("str" if cls.name == "str" else "int")
                case Instance():
                    getter = attributes.read(self, value, "__getitem__")
                    out |= calls.call_all(self, getter, None, frame, position)
                case _:
                    out |= UNKNOWN
        return out

    def unpacked(self, values: Values, path: tuple[int, ...]) -> Values:
        """Follow tuple-unpacking indexes; -1 stands for *somewhere in it*."""
        for index in path:
            out: Values = EMPTY
            if index == STARRED:
                values = self.plain("list", self.elements(values, is_async=False) or UNKNOWN)
                continue
            for value in ordered(values):
                if isinstance(value, TupleOf):
                    if 0 <= index < len(value.items):
                        out |= value.items[index]
                    else:
                        out |= frozenset().union(*value.items)
                else:
                    out |= self.elements(frozenset({value}), is_async=False)
            values = out
        return values

    def elements(self, values: Values, *, is_async: bool) -> Values:
        """What iterating gives."""
        out: Values = EMPTY
        for value in ordered(values if is_async else awaiting.settled(self, values)):
            match value:
                case TupleOf(items=items) if not is_async:
                    out |= frozenset().union(*items)
                case Instance(cls=cls, args=args) if cls.module is self.builtins and args and not is_async:
                    out |= args[0]
                case Instance(cls=cls) if cls.module is self.builtins and cls.name in (
                    "str",
                    "int",
                    "bytes",
                    "range",
                ):
                    out |= self.plain("str" if cls.name == "str" else "int")
                case GeneratorOf(func=func):
                    out |= awaiting.yielded(self, func)
                case Instance():
                    out |= awaiting.iterated(self, value, is_async=is_async)
                case Nothing() | Coroutine() | Func() | ModuleValue():
                    pass
                case _:
                    out |= UNKNOWN
        return out

    # --- conditions

    def truth(self, test: ast.expr, frame: Frame, position: Position | None) -> bool | None:
        """What a condition certainly is in this frame; None when it can be either."""
        held = holds(test)
        if held is not None:
            return held
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.truth(operand, frame, position)
                return None if inner is None else not inner
            case ast.BoolOp(op=op, values=parts):
                truths = [self.truth(p, frame, position) for p in parts]
                if isinstance(op, ast.And):
                    return False if False in truths else True if all(truths) else None
                return True if True in truths else False if all(t is False for t in truths) else None
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
            ):
                values = self.values(left, frame, position)
                if not known(values):
                    return None
                nothing = [isinstance(v, Nothing) for v in values]
                same = True if all(nothing) else False if not any(nothing) else None
                return same if isinstance(op, ast.Is) or same is None else not same
            case ast.Call(func=func, args=[subject, *_]):
                last = (
                    func.attr
                    if isinstance(func, ast.Attribute)
                    else func.id
                    if isinstance(func, ast.Name)
                    else ""
                )
                if last in ("iscoroutinefunction", "isasyncgenfunction"):
                    values = self.values(subject, frame, position)
                    colours = {v.scope.is_async if isinstance(v, Func) else None for v in values}
                    return colours.pop() if len(colours) == 1 else None
                if last == "callable":
                    values = self.values(subject, frame, position)
                    if known(values):
                        marks = {isinstance(v, (Func, ClassValue)) for v in values}
                        return marks.pop() if len(marks) == 1 else None
            case ast.Name(id=name) if (
                "sync" in name.lower() and (flag := self._flag(name, frame)) is not None
            ):
                return flag
            case ast.Name():
                values = self.values(test, frame, position)
                if values and all(isinstance(v, Nothing) for v in values):
                    return False
                if values and all(isinstance(v, (Func, ClassValue, ModuleValue)) for v in values):
                    return True
        return None

    def _by_client(self, node: ast.Call, frame: Frame, position: Position | None) -> Values:
        """`Awaitable[T] | T` is what clients of both colours share; the bundled facts tell them apart."""
        if not isinstance(node.func, ast.Attribute):
            return EMPTY
        out: Values = EMPTY
        for holder in self.values(node.func.value, frame, position):
            if isinstance(holder, Nothing):
                continue
            if not isinstance(holder, Instance) or holder.cls.module.kind != "library":
                return EMPTY
            for method in attributes.read_all(self, self.bundled(holder.cls.scope), node.func.attr):
                if not isinstance(method, Func) or method.scope.is_async:
                    return EMPTY
                out |= calls.declared_returns(self, method, None, None, None)
        if not known(out) or any(awaiting.is_declared(v) for v in out):
            return EMPTY
        return out

    def _flag(self, name: str, frame: Frame) -> bool | None:
        """`_IS_SYNC = True`: a constant of the module that says in which colour its code is."""
        match frame.scope.top.bindings.get(name, []):
            case [Binding(kind="assign", value=ast.Constant(value=bool() as value))]:
                return value
        return None


def _awaits(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Await) for n in ast.walk(node))


def exports(module: Module, name: str) -> bool:
    """Whether `from module import *` binds the name."""
    scope = module.scope
    bindings = scope.lookup("__all__") if isinstance(scope, StubScope) else scope.bindings.get("__all__", [])
    listed = [
        element.value
        for binding in bindings
        if isinstance(binding.value, (ast.List, ast.Tuple))
        for element in binding.value.elts
        if isinstance(element, ast.Constant)
    ]
    return name in listed if listed else not name.startswith("_")


def only_last_definitions(bindings: list[Binding]) -> list[Binding]:
    """Overloads and property setters stand beside the definition that counts."""
    if len(bindings) < 2:
        return bindings
    kept = [b for b in bindings if not (b.kind == "def" and _secondary(b.node))]
    return kept or bindings[:MAX_OVERLOADS]


def _is_unresolved(values: Values, origin: str) -> bool:
    return any(isinstance(v, Unknown) and v.origin == origin for v in values)


def _secondary(node: ast.AST) -> bool:
    for decorator in getattr(node, "decorator_list", ()):
        if isinstance(decorator, ast.Attribute) and decorator.attr in (
            "setter",
            "deleter",
            "overload",
            "register",
        ):
            return True
        if isinstance(decorator, ast.Name) and decorator.id == "overload":
            return True
        if (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr == "register"
        ):
            return True
    return False
