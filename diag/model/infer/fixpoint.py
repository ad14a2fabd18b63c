"""Memoised evaluation of values that depend on each other: each is computed once, the circles exactly.

A local solver for least fixpoints (Seidl & Vogler, "Three improvements to the top-down solver"; td_simplified
of Goblint). Its tables are kept in one `Cell` for each key that is not final yet: the value, whether it is
`stable`, when it was called (`place`), and who read it (`readers`). A key is evaluated when it is first asked
for, and again only when a value that it read has changed: a change takes the stability from those who
read it and from nobody else. Keys outside of circles are final after one evaluation; only their result is
kept. So evaluations grow as the edges, whatever circles lie in each other.

The right-hand sides are not monotone everywhere (a declared type stands in where a body says nothing), and so
the place where a circle is entered could change what comes out. Therefore a circle, one strongly connected
component (as in salsa since its pull request 999), is solved from one entry, whoever asked: the least of its
keys by `rank`. Nothing counts but the program: there is no fuel, no limit of rounds or of depth.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, TypeVarTuple

from diag.model.infer.values import EMPTY, UNKNOWN, Memo, Memos, bounded

MAX_SWINGS = 8  # changes of one value in a circle; after that it only grows, so that every circle ends
NO_CYCLE = 1 << 30
MAX_ATTEMPTS = 3  # to find the entry of a circle that looks different from each entry

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


_NO_CELLS: "dict[Cell, None]" = {}  # shared by all that have none; most never have any


class Cell:
    """A value in the making, or one of a circle that is not closed yet."""

    __slots__ = (
        "args",
        "bit",
        "changes",
        "compute",
        "deps",
        "key",
        "low",
        "memo",
        "place",
        "readers",
        "reads",
        "stable",
        "touched",
        "values",
    )  # fmt: skip

    def __init__(
        self,
        memo: Memos,
        key: object,
        bit: int,
        compute: Callable[..., frozenset[Any]],
        args: tuple[Any, ...],
        place: int,
    ) -> None:
        self.memo = memo
        self.key = key
        self.bit = bit
        self.compute = compute
        self.args = args
        self.values: frozenset[Any] = EMPTY
        self.touched = False
        self.deps = 0  # what all its evaluations rest on, what they read of other cells left out
        self.place = place  # the number of cells that were made before it
        self.stable = False
        self.low = NO_CYCLE  # the lowest place among the cells that it depends on
        self.changes = 0
        self.reads = self.readers = _NO_CELLS


class Fixpoint:
    """Computes least fixpoints over sets of values; `deps` collects what the current result rests on."""

    def __init__(self) -> None:
        self.deps = 0
        self.touched = False  # the value being made depends on a parameter or on the receiver
        self.evaluations = 0
        self._made = 0  # cells
        self._low = NO_CYCLE  # the lowest place among the cells that the current value depends on
        self._current: Cell | None = None
        self._provisional: list[Cell] = []  # evaluated, in a circle that is not closed yet
        self._unstable: list[Cell] = []
        self._interned: dict[int, int] = {}
        self._last = 0

    def rank(self, compute: Callable[..., frozenset[Any]], args: tuple[Any, ...]) -> str:
        """An order of keys that is the same in every run."""
        raise NotImplementedError

    def settled(
        self, memo: Memos, key: object, bit: int, compute: Callable[[*Ts], frozenset[T]], *args: *Ts
    ) -> frozenset[T]:
        """What the memo holds under the key, computed if it is not there yet; `bit` is where the key lives.

        `compute` with equal `args` must be meant whenever the key is equal.
        """
        found = memo.get(key)
        if type(found) is not tuple:
            if found is None:
                self._made += 1
                memo[key] = cell = Cell(memo, key, bit, compute, args, self._made)
                self._enter(cell)
                found = memo[key]
            if type(found) is Cell:
                return self._provisionally(found)
        values, deps, touched = found  # type: ignore[misc]
        self.deps |= deps
        if touched:
            self.touched = True
        return values

    def forget_open(self) -> None:
        """Drop what was under way when an evaluation broke off."""
        _drop(self._provisional)
        self._provisional = []
        self._unstable = []
        self._low = NO_CYCLE
        self._current = None

    def _provisionally(self, cell: Cell) -> frozenset[Any]:
        reader = self._current
        assert reader is not None
        if not reader.reads:
            reader.reads = {}
        reader.reads[cell] = None
        if not cell.readers:
            cell.readers = {}
        cell.readers[reader] = None
        low = cell.low if cell.low < cell.place else cell.place
        if low < self._low:
            self._low = low
        if cell.touched:
            self.touched = True
        return cell.values

    def _enter(self, cell: Cell, attempt: int = 0) -> None:
        """Evaluate a new cell; it is final then, unless it belongs to a circle that was entered elsewhere."""
        outer = (self.deps, self.touched, self._low, self._current)
        marks = (len(self._provisional), len(self._unstable))
        try:
            self._evaluate_cell(cell)
            if cell.low > cell.place:
                cell.memo[cell.key] = (cell.values, self._same(cell.deps), cell.touched)
            else:
                self._provisional.append(cell)
                if cell.low == cell.place:
                    self._close(cell, *marks, attempt)
        except BaseException:
            _drop([*self._provisional[marks[0] :], cell])
            del self._provisional[marks[0] :], self._unstable[marks[1] :]
            raise
        finally:
            self.deps, self.touched, self._low, self._current = outer

    def _evaluate_cell(self, cell: Cell) -> None:
        self.evaluations += 1
        cell.stable = True
        cell.reads = _NO_CELLS
        self._current = cell
        self.deps, self.touched, self._low = cell.bit, False, NO_CYCLE
        values = bounded(cell.compute(*cell.args))
        touched = self.touched
        cell.deps |= self.deps
        if self._low < cell.low:
            cell.low = self._low
        if cell.changes > MAX_SWINGS:
            values, touched = _grown(cell.values, values), touched or cell.touched
        if values != cell.values or touched != cell.touched:
            cell.values, cell.touched = values, touched
            cell.changes += 1
            readers, cell.readers = cell.readers, _NO_CELLS
            for reader in readers:
                if reader.stable:
                    reader.stable = False
                    self._unstable.append(reader)

    # --- circles

    def _close(self, entry: Cell, mark: int, unstable: int, attempt: int) -> None:
        """Make final what was found from `entry` on and depends on nothing that was entered before it."""
        wrong = self._entries(components_of(self._provisional[mark:]), entry, attempt)
        if not wrong:
            if not self._solve(entry, unstable):
                self._join(mark)
                return
            components = components_of(self._provisional[mark:])
            wrong = self._entries(components, entry, attempt)
            if not wrong:
                del self._provisional[mark:]
                self._keep(components)
                return
        _drop(self._provisional[mark:])
        del self._provisional[mark:], self._unstable[unstable:]
        for cell in (*wrong, entry):
            if cell.key not in cell.memo:
                self._made += 1
                again = Cell(cell.memo, cell.key, cell.bit, cell.compute, cell.args, self._made)
                cell.memo[cell.key] = again
                self._enter(again, attempt + 1)
        self._join(mark)

    def _join(self, mark: int) -> None:
        """What is left open belongs to a circle that was entered before: all of it, whichever is read."""
        region = self._provisional[mark:]
        low = min((cell.low for cell in region), default=NO_CYCLE)
        for cell in region:
            cell.low = low

    def _entries(self, components: list[list[Cell]], entry: Cell, attempt: int) -> list[Cell]:
        """Where the circles should have been entered, dependencies first; empty if that was `entry`."""
        if attempt == MAX_ATTEMPTS:
            return []
        circles = [part for part in components if len(part) > 1 or part[0] in part[0].reads]
        first = [
            min(part, key=lambda cell: self.rank(cell.compute, cell.args)) if len(part) > 1 else part[0]
            for part in circles
        ]
        return [] if first == [entry] else first

    def _solve(self, entry: Cell, unstable: int) -> bool:
        """Evaluate until all is stable; False when it turns out to depend on what was entered before."""
        queue: deque[Cell] = deque()
        while True:
            queue.extend(self._unstable[unstable:])
            del self._unstable[unstable:]
            if not queue:
                return True
            cell = queue.popleft()
            self._evaluate_cell(cell)
            if cell.low < entry.place:
                entry.low = min(entry.low, cell.low)
                self._unstable += queue
                return False

    def _keep(self, components: Iterable[list[Cell]]) -> None:
        """Make the cells final; what a component rests on is what all its members and theirs rest on."""
        for part in components:
            deps = 0
            for cell in part:
                deps |= cell.deps
                for other in cell.reads:
                    found = other.memo.get(other.key)
                    if type(found) is tuple:
                        deps |= found[1]
            deps = self._same(deps)
            for cell in part:
                memo: Memo = (cell.values, deps, cell.touched)
                cell.memo[cell.key] = memo

    def _same(self, deps: int) -> int:
        """Equal sets of dependencies share one number; they are long."""
        if deps != self._last:
            self._last = self._interned.setdefault(deps, deps)
        return self._last


def _grown(old: frozenset[Any], new: frozenset[Any]) -> frozenset[Any]:
    """A value that keeps changing may only grow, until nothing is known of it."""
    return old if old == UNKNOWN else bounded(old | new)


def _drop(cells: Iterable[Cell]) -> None:
    for cell in cells:
        if cell.memo.get(cell.key) is cell:
            del cell.memo[cell.key]


def components_of(cells: list[Cell]) -> list[list[Cell]]:
    """Strongly connected components by what the cells read, dependencies first (Tarjan's algorithm)."""
    inside = dict.fromkeys(cells)
    number: dict[Cell, int] = {}
    low: dict[Cell, int] = {}
    open_: dict[Cell, None] = {}
    out: list[list[Cell]] = []
    for root in cells:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        open_[root] = None
        walk = [(root, iter(root.reads))]
        while walk:
            cell, rest = walk[-1]
            for other in rest:
                if other not in inside:
                    continue
                if other not in number:
                    number[other] = low[other] = len(number)
                    open_[other] = None
                    walk.append((other, iter(other.reads)))
                    break
                if other in open_:
                    low[cell] = min(low[cell], number[other])
            else:
                walk.pop()
                if walk:
                    above = walk[-1][0]
                    low[above] = min(low[above], low[cell])
                if low[cell] == number[cell]:
                    part: list[Cell] = []
                    while True:
                        last = next(reversed(open_))
                        del open_[last]
                        part.append(last)
                        if last is cell:
                            break
                    out.append(part)
    return out
