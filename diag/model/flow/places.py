"""What an expression is where it stands, inside comprehensions and lambdas too."""

import ast

from diag.model.infer.infer import Infer
from diag.model.infer.values import UNKNOWN, Frame, Values
from diag.model.syntax.module import Module
from diag.model.syntax.scope import Position, Scope

Binder = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda


class Places:
    """The places of the expressions of one module."""

    def __init__(self, infer: Infer, module: Module) -> None:
        self.infer = infer
        self.module = module
        self._places: dict[ast.expr, tuple[Frame, Position | None]] = {}
        self._frames: dict[ast.expr, Frame] = {}

    def values(self, node: ast.expr, scope: Scope) -> Values:
        place = self._places.get(node)
        if place is None:
            place = self._places[node] = (self._frame_at(node, scope), scope.position_of(node))
        return self.infer.values(node, *place)

    def _frame_at(self, node: ast.expr, scope: Scope) -> Frame:
        """The frame of the scope with the names bound by comprehensions and lambdas around the expression."""
        parents = self.module.parents
        around: list[Binder] = []
        child: ast.AST = node
        outermost_iterable = False
        while (parent := parents.get(child)) is not None and not isinstance(parent, ast.stmt):
            match parent:
                case ast.comprehension():
                    outermost_iterable = parent.iter is child
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    if not (outermost_iterable and child is parent.generators[0]):
                        around.append(parent)
                    outermost_iterable = False
                case ast.Lambda() if parent.body is child:
                    around.append(parent)
            child = parent
        frame = self.infer.frame_of(scope)
        for holder in reversed(around):
            frame = self._inside(holder, frame, scope)
        return frame

    def _inside(self, holder: Binder, frame: Frame, scope: Scope) -> Frame:
        found = self._frames.get(holder)
        if found is None:
            if isinstance(holder, ast.Lambda):
                names = [a for a in ast.walk(holder.args) if isinstance(a, ast.arg)]
                overlay = {**(frame.overlay or {}), **{a.arg: UNKNOWN for a in names}}
                found = frame.overlaid(overlay)
            else:
                found = self.infer.comprehension(holder.generators, frame, scope.position_of(holder))
            self._frames[holder] = found
        return found
