"""What becomes of a coroutine that is kept or handed on: may anything await it?"""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from diag.model.flow.arguments import argument_use
from diag.model.flow.uses import MISUSES, Use, surely_wrong, use_of
from diag.model.flow.value_flow import Depth, LostError, ValueFlow
from diag.model.infer.parameters import callers
from diag.model.syntax.scope import FunctionNode, Scope, last_name

if TYPE_CHECKING:
    from diag.model.infer.infer import Infer

_AWAITABLE = ("Awaitable", "Coroutine", "Future", "Task")
_SHOWN = {"print", "repr", "type", "id", "isinstance"}


class Escapes(ValueFlow):
    """The search for an await: it is lost where there is one, or where there may be one.

    `lacks` tells which attributes the object does not have, for objects that are more than a coroutine.
    """

    def __init__(self, infer: "Infer", lacks: Callable[[str], bool] | None = None) -> None:
        super().__init__(infer)
        self.lacks = lacks
        self.misused = False  # somewhere it is taken for its result
        self.escaped = False  # it went where code that is not in sight may find it

    def itself(self, use: Use, scope: Scope) -> bool:
        kind: str = use.kind
        if kind == "argument":
            kind = argument_use(self.infer, use, scope)
            if kind == "unknown":
                return only_shown(use)
            if kind == "consumes":
                raise LostError
            self.misused = True
            return True
        if kind == "await" or isinstance(use.node, ast.Match):
            raise LostError
        if kind in MISUSES:
            if self.lacks is not None and kind in ("attribute", "with") and not self.lacked(use.node):
                raise LostError
            self.misused = self.misused or surely_wrong(use) or kind in ("f-string", "log")
            return True
        # neither raising it nor looking something up by it runs it
        return isinstance(use.node, ast.Raise) or (
            isinstance(use.node, ast.Subscript) and use.node.slice is use.child
        )

    def lacked(self, node: ast.AST) -> bool:
        return self.lacks is not None and isinstance(node, ast.Attribute) and self.lacks(node.attr)

    def opened(self) -> None:
        self.misused = True

    def note_annotation(self, annotation: ast.expr | None, scope: Scope) -> None:
        if annotation is not None and any(w in scope.module.source_of(annotation) for w in _AWAITABLE):
            raise LostError

    def store(self, target: ast.expr, scope: Scope, depth: Depth) -> None:
        self.escaped = True
        super().store(target, scope, depth)

    def returned(self, scope: Scope, depth: Depth) -> None:
        """What every caller in sight does with it, once an `async def` was awaited."""
        node = scope.node
        if not isinstance(node, FunctionNode) or scope.is_generator or node.decorator_list:
            raise LostError
        if not scope.is_async and not depth:
            raise LostError  # a plain function that gives its callers something to await
        self.note_annotation(node.returns, scope)
        found = callers(self.infer, scope)
        if not found:
            raise LostError
        self.escaped = True
        if not self.first_time(scope, depth):
            return
        for call, caller in found:
            given: ast.expr = call
            if scope.is_async:
                use = use_of(call, caller)
                if not isinstance(use.node, ast.Await):
                    raise LostError
                given = use.node
            self.use(given, caller, depth)


def only_shown(use: Use) -> bool:
    """An argument of a function that looks at any object."""
    return isinstance(use.node, ast.Call) and last_name(use.node.func) in _SHOWN


def is_lost(infer: "Infer", node: ast.expr, scope: Scope, lacks: Callable[[str], bool] | None = None) -> bool:
    """Certainly nothing awaits the coroutine that the expression holds."""
    found = Escapes(infer, lacks)
    try:
        found.use(node, scope, ())
    except LostError:
        return False
    return found.misused or not (found.escaped or lacks)


def is_lost_by_callers(infer: "Infer", scope: Scope) -> bool:
    """Certainly no caller awaits the coroutine that an `async def` returns."""
    found = Escapes(infer)
    try:
        found.returned(scope, ())
    except LostError:
        return False
    return found.misused
