"""Steps of a control-flow graph in the making: edges that are open, and every way out of a block."""

import ast
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from diag.model.flow.exceptions import ANY, Resolve, Thrown, caught_by
from diag.model.flow.graph import Action, EdgeKind, End, Graph, Handler, Node

Pending = tuple[Node, EdgeKind, Thrown | None]  # an edge whose target is not there yet


@dataclass(slots=True, eq=False)
class Loop:
    """The loop that is built right now, and the jumps out of it and back to its head."""

    breaks: list[Pending] = field(default_factory=list)
    continues: list[Pending] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Handlers:
    """The clauses of a `try`, open while its body is built."""

    clauses: list[Handler]
    is_group: bool  # `except*`


@dataclass(slots=True, eq=False)
class Cleanup:
    """What is run on every way out: a `finally`, the end of a `with`, the unbinding after `except ... as`."""

    copy: Callable[[], None]  # builds it at the open edges
    swallows: Callable[[Thrown], tuple[bool, Thrown | None]]  # (may be swallowed, what goes on)
    raised: list[tuple[Node, Thrown, bool]] = field(default_factory=list)
    jumps: dict[tuple[End, Loop | None], list[Pending]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Watch:
    """Notes how the body of a handler is left."""

    handler: Handler


Frame = Loop | Handlers | Cleanup | Watch


class Steps:
    """Appends step after step; `break`, `return` and exceptions go out through the frames around them."""

    def __init__(self, resolve: Resolve, safe: Collection[ast.AST]) -> None:
        self.resolve = resolve
        self.safe = safe  # reads of names that are bound there whatever happens
        self.graph = Graph(Node("entry"), Node("exit"), Node("raises"), [], frozenset(), frozenset())
        self.open: list[Pending] = [(self.graph.entry, "next", None)]
        self.frames: list[Frame] = []
        self.line = 0
        self.hidden: list[set[str]] = []  # names of comprehensions and class bodies around here
        self.received: list[Handler] = []  # the handlers around here, for a bare `raise`
        self.joins: list[list[tuple[Node, Thrown]]] = []  # exceptions that go on as one, where they do
        self.outer: set[str] = set()  # declared global or nonlocal
        self.bound: set[str] = set()

    def needs(self, reads: Collection[ast.AST]) -> bool:
        """Whether an exception goes on from somewhere only because one of these reads raises."""
        return any(
            {thrown for _, thrown in join} != {thrown for node, thrown in join if node.syntax not in reads}
            for join in self.joins
        )

    def connect(self, node: Node) -> None:
        for source, kind, thrown in self.open:
            source.to(node, kind, thrown)
        self.open = []

    def step(self, action: Action, syntax: ast.AST | None, name: str = "", *, raises: bool = False) -> Node:
        node = Node(action, syntax, name, self.line)
        if self.open:  # else it is dead code, of which only the names count
            self.connect(node)
            self.open = [(node, "next", None)]
            if raises:
                self.throw(node, ANY, explicit=False)
        return node

    def split(self, node: Node) -> tuple[list[Pending], list[Pending]]:
        if not node.predecessors:
            return [], []
        return [(node, "true", None)], [(node, "false", None)]

    def throw(self, node: Node, thrown: Thrown, *, explicit: bool) -> None:
        """An exception leaves `node`: to each handler that may receive it, or on to what encloses them."""
        for frame in reversed(self.frames):
            match frame:
                case Handlers(clauses, is_group):
                    for handler in clauses:
                        if is_group:
                            node.to(handler.entry, "exception", ANY)
                            continue
                        answer, rest = caught_by(thrown, handler.syntax.type, self.resolve)
                        if answer != "never":
                            node.to(handler.entry, "exception", thrown)
                        if answer == "always":
                            return
                        thrown = rest
                case Cleanup():
                    frame.raised.append((node, thrown, explicit))
                    return
                case Watch(handler):
                    if explicit:
                        handler.exits.append(("raises", node))
        node.to(self.graph.raises, "exception", thrown)

    def jump(self, how: End, loop: Loop | None = None) -> None:
        """`return`, `break`, `continue`: through every cleanup between here and there."""
        for frame in reversed(self.frames):
            if isinstance(frame, Cleanup):
                frame.jumps.setdefault((how, loop), []).extend(self.open)
                self.open = []
                return
            if isinstance(frame, Watch):
                frame.handler.exits.extend((how, source) for source, _, _ in self.open)
            if frame is loop:
                assert loop is not None
                (loop.breaks if how == "breaks" else loop.continues).extend(self.open)
                self.open = []
                return
        self.connect(self.graph.exit)

    @contextmanager
    def cleanup(self, frame: Cleanup) -> Iterator[None]:
        """What the block builds runs through the cleanup on each way out."""
        self.frames.append(frame)
        yield
        self.frames.pop()
        after: list[Pending] = []
        if self.open:
            frame.copy()
            after += self.open
        if frame.raised:
            self.joins.append([(node, thrown) for node, thrown, _ in frame.raised])
            self.open = list(dict.fromkeys((node, "exception", thrown) for node, thrown, _ in frame.raised))
            frame.copy()
            onward: dict[Thrown, bool] = {}
            for _, thrown, explicit in frame.raised:
                swallowed, rest = frame.swallows(thrown)
                if swallowed:
                    after += [pending for pending in self.open if pending not in after]
                if rest is not None:
                    onward[rest] = onward.get(rest, False) or explicit
            if onward and self.open:
                again = self.step("raise", None)
                self.open = []
                for thrown, explicit in onward.items():
                    self.throw(again, thrown, explicit=explicit)
        for (how, loop), pending in frame.jumps.items():
            self.open = pending
            frame.copy()
            self.jump(how, loop)
        self.open = after
