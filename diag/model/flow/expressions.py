"""Steps of expressions and targets, in the order in which Python evaluates them."""

import ast

from diag.model.flow.constants import truth
from diag.model.flow.exceptions import ANY, builtin
from diag.model.flow.steps import Pending, Steps

_NEVER_RETURN = {"sys.exit", "os._exit", "os.abort"}


class Expressions(Steps):
    """Steps of expressions. Only what may run code of somebody else, or meet a wrong type, may raise."""

    # --- names and targets

    def is_hidden(self, name: str) -> bool:
        return any(name in names for names in self.hidden)

    def bind(self, name: str, syntax: ast.AST, value: ast.expr | None = None) -> None:
        if self.is_hidden(name):
            return
        self.bound.add(name)
        self.step("bind", syntax, name).value = value

    def unbind(self, name: str, syntax: ast.AST | None) -> None:
        if self.is_hidden(name):
            return
        self.bound.add(name)
        self.step("unbind", syntax, name, raises=syntax is not None)

    def target(self, target: ast.expr, value: ast.expr | None) -> None:
        """Bind a target; `value` is the expression, where the target takes it as it is."""
        match target:
            case ast.Name(id=name):
                self.bind(name, target, value)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                values: list[ast.expr | None] = [None] * len(targets)
                matched = (
                    isinstance(value, ast.Tuple | ast.List)
                    and len(value.elts) == len(targets)
                    and not any(isinstance(e, ast.Starred) for e in (*value.elts, *targets))
                )
                if matched:
                    assert isinstance(value, ast.Tuple | ast.List)
                    values = list(value.elts)
                self.step("operate", target, raises=not matched)
                for element, part in zip(targets, values, strict=True):
                    self.target(element, part)
            case ast.Starred(value=inner):
                self.target(inner, None)
            case ast.Attribute(value=holder):
                self.value(holder)
                self.step("operate", target, raises=True)
            case ast.Subscript(value=holder, slice=index):
                self.value(holder)
                self.value(index)
                self.step("operate", target, raises=True)

    def _aug(self, stmt: ast.AugAssign, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self.load(target, name)
            case ast.Attribute(value=holder):
                self.value(holder)
                self.step("operate", target, raises=True)
            case ast.Subscript(value=holder, slice=index):
                self.value(holder)
                self.value(index)
                self.step("operate", target, raises=True)
        self.value(value)
        self.step("operate", stmt, raises=True)
        if isinstance(target, ast.Name):
            self.bind(target.id, target)
        else:
            self.step("operate", target, raises=True)

    def delete(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self.unbind(name, target)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for element in targets:
                    self.delete(element)
            case ast.Attribute(value=holder):
                self.value(holder)
                self.step("operate", target, raises=True)
            case ast.Subscript(value=holder, slice=index):
                self.value(holder)
                self.value(index)
                self.step("operate", target, raises=True)

    def load(self, node: ast.Name, name: str) -> None:
        if not self.is_hidden(name):
            self.step("load", node, name, raises=node not in self.safe)

    def capture(self, node: ast.AST) -> None:
        """A nested function reads names when it is called; that they are read at all is noted here."""
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for name in sorted(names):
            if not self.is_hidden(name):
                self.step("load", node, name)

    # --- expressions

    def test(self, test: ast.expr) -> tuple[list[Pending], list[Pending]]:
        """Evaluate a condition: the edges on which it holds, and those on which it does not."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                then, other = self.test(operand)
                return other, then
            case ast.BoolOp(op=op, values=values):
                leaving: list[Pending] = []
                for value in values:
                    then, other = self.test(value)
                    going, out = (then, other) if isinstance(op, ast.And) else (other, then)
                    leaving += out
                    self.open = going
                going = self.open
                return (going, leaving) if isinstance(op, ast.And) else (leaving, going)
        known = truth(test)
        if known is not None:
            here = self.open
            return (here, []) if known else ([], here)
        self.value(test)
        node = self.step("branch", test, raises=not _safe_truth(test))
        return self.split(node)

    def value(self, node: ast.expr, *, raises: bool = True) -> None:
        """Evaluate an expression, in the order in which Python does."""
        match node:
            case ast.Constant():
                pass
            case ast.Name(id=name):
                self.load(node, name)
            case ast.NamedExpr(target=target, value=value):
                self.value(value)
                self._bind_walrus(target, value)
            case ast.BoolOp(values=values):
                leaving: list[Pending] = []
                for value in values[:-1]:
                    then, other = self.test(value)
                    self.open, out = (then, other) if isinstance(node.op, ast.And) else (other, then)
                    leaving += out
                self.value(values[-1])
                self.open += leaving
            case ast.IfExp(test=test, body=body, orelse=orelse):
                then, self.open = self.test(test)
                self.value(orelse)
                other, self.open = self.open, then
                self.value(body)
                self.open += other
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                self._compare(node, left, ops, comparators)
            case ast.Lambda():
                self.defaults(node)
                self.capture(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                self._comprehension(node, 0)
            case ast.GeneratorExp(generators=generators):
                self.value(generators[0].iter)
                self.step("operate", node, raises=not safe_iterable(generators[0].iter))
                self.capture(node)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element in elements:
                    self.value(element, raises=raises)
            case ast.Attribute(value=value):
                self.value(value, raises=raises)
                self.step("operate", node, raises=raises)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.value(operand)
                self.step("operate", node, raises=not _safe_truth(operand))
            case ast.Call():
                self._call(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
                self.step("operate", node, raises=not isinstance(node, ast.Slice))

    def _bind_walrus(self, target: ast.Name, value: ast.expr) -> None:
        hidden, self.hidden = self.hidden, []  # it binds in the function, whatever comprehension it stands in
        self.bind(target.id, target, value)
        self.hidden = hidden

    def _call(self, node: ast.Call) -> None:
        self.value(node.func)
        for argument in node.args:
            self.value(argument)
        for keyword in node.keywords:
            self.value(keyword.value)
        call = self.step("operate", node)
        if not self.open:
            return
        if ast.unparse(node.func) in _NEVER_RETURN:
            self.open = []
            self.throw(call, builtin("SystemExit"), explicit=True)
        else:
            self.throw(call, ANY, explicit=False)

    def _compare(
        self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr]
    ) -> None:
        self.value(left)
        leaving: list[Pending] = []
        for number, (op, right) in enumerate(zip(ops, comparators, strict=True)):
            if number:  # a chain: the rest is evaluated only where it held so far
                branch = self.step("branch", node, raises=True)
                self.open, out = self.split(branch)
                leaving += out
            self.value(right)
            self.step("operate", node, raises=not isinstance(op, ast.Is | ast.IsNot))
        self.open += leaving

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp, depth: int) -> None:
        if depth == len(node.generators):
            for result in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
                self.value(result)
            if not isinstance(node, ast.ListComp):
                self.step("operate", node, raises=True)
            return
        part: ast.comprehension = node.generators[depth]
        self.value(part.iter)
        self.step("operate", part.iter, raises=not safe_iterable(part.iter))
        head = self.step("iterate", part, raises=not safe_iterable(part.iter))
        self.open, over = self.split(head)
        targets = {
            n.id for n in ast.walk(part.target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        self.hidden.append(targets)
        self.target(part.target, None)
        skipped: list[Pending] = []
        for condition in part.ifs:
            self.open, failed = self.test(condition)
            skipped += failed
        self._comprehension(node, depth + 1)
        self.hidden.pop()
        self.open += skipped
        self.connect(head)
        self.open = over

    def defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.value(default)
        if isinstance(node, ast.Lambda):
            return
        arguments = node.args
        annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        annotations = [arg.annotation for arg in (*annotated, arguments.vararg, arguments.kwarg) if arg]
        for annotation in (*annotations, node.returns):
            if annotation is not None:
                self.value(annotation)


def safe_iterable(node: ast.expr) -> bool:
    return isinstance(node, ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _safe_truth(node: ast.expr) -> bool:
    """Asking for the truth of it calls nothing of the user's."""
    match node:
        case ast.Constant() | ast.Lambda() | ast.JoinedStr():
            return True
        case (
            ast.List()
            | ast.Tuple()
            | ast.Set()
            | ast.Dict()
            | ast.ListComp()
            | ast.SetComp()
            | ast.DictComp()
        ):
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.NamedExpr(value=value):
            return _safe_truth(value)
        case ast.Compare(ops=ops):
            return all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops)
    return False
