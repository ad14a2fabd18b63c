"""Questions to the syntax of a function: what it binds, whether it ends, what a decorator gives back."""

import ast

from sdk_source import Function, FunctionNode, dotted_name, walk_own

Bindings = dict[str, list[tuple[str, ast.AST | None]]]


def bindings(function: Function) -> Bindings:
    """The names bound in a function, each with how (`value`, `item`, `enter`, ...) and from which node."""
    found: Bindings = {}

    def bind(target: ast.expr, how: str, node: ast.AST | None) -> None:
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append((how, node))
        elif isinstance(target, ast.Tuple | ast.List):
            for position, element in enumerate(target.elts):
                if how == "value" and isinstance(node, ast.Tuple) and len(node.elts) == len(target.elts):
                    bind(element, "value", node.elts[position])
                else:
                    bind(element, "part", None)
        elif isinstance(target, ast.Starred):
            bind(target.value, "part", None)

    arguments = function.node.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        how = "annotation" if argument.annotation is not None else "argument"
        found.setdefault(argument.arg, []).append((how, argument.annotation))
    for star, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
        if star is not None:
            found.setdefault(star.arg, []).append(
                ("value", ast.Dict([], []) if kind == "dict" else ast.Tuple([]))
            )
    for node in walk_own(function.node.body):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    bind(target, "value", value)
            case ast.AnnAssign(target=target, annotation=annotation):
                bind(target, "annotation", annotation)
            case ast.NamedExpr(target=target, value=value):
                bind(target, "value", value)
            case ast.For(target=target, iter=iterable):
                bind(target, "item", iterable)
            case ast.AsyncFor(target=target):
                bind(target, "part", None)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        how = "async enter" if isinstance(node, ast.AsyncWith) else "enter"
                        bind(item.optional_vars, how, item.context_expr)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    found.setdefault(alias.asname or alias.name.split(".")[0], []).append(("import", node))
            case ast.ExceptHandler(name=str() as name):
                found.setdefault(name, []).append(("part", None))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.setdefault(name, []).append(("part", None))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    found.setdefault(name, []).append(("part", None))
    return found


def says_nothing(body: list[ast.stmt]) -> bool:
    """Whether a body is only a docstring, `pass`, `...` or a raise: abstract, or a protocol."""
    return all(
        isinstance(s, ast.Pass | ast.Raise) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        for s in body
    )


def ends(body: list[ast.stmt]) -> bool:
    """Whether control never falls off the end of these statements."""
    if not body:
        return False
    match body[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=first, orelse=second):
            return ends(first) and ends(second)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return ends(inner)
        case ast.While(test=ast.Constant(value=value), body=inner):
            return bool(value) and not any(isinstance(n, ast.Break) for n in walk_own(inner))
        case ast.Try(body=inner, handlers=handlers, orelse=second, finalbody=last):
            return ends(last) or (ends(second or inner) and all(ends(h.body) for h in handlers))
        case ast.Match(cases=cases):
            wild = any(
                isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None and c.guard is None
                for c in cases
            )
            return wild and all(ends(c.body) for c in cases)
    return False


def returned_function(
    node: FunctionNode,
) -> FunctionNode | str | None:
    """The inner function that a decorator returns, the name of its own argument, or None."""
    inner = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {dotted_name(n.value) for n in walk_own(node.body) if isinstance(n, ast.Return)}
    name = names.pop() if len(names) == 1 else None
    if name is None:
        return None
    return inner.get(name) or (name if name in {a.arg for a in node.args.args} else None)


def is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def last_name(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id
