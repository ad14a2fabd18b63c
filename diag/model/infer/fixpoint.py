"""Memoised evaluation: every value is computed once, and one that depends on itself until it is stable.

A memo maps keys to `(values, dependencies, whether they depend on a parameter)`. While a value is being made,
and after that as long as a cycle that it belongs to is open, an `Open` stands in its place.
"""

from collections.abc import Callable
from typing import TypeVarTuple

from diag.model.infer.values import EMPTY, UNKNOWN, Memos, Values

MAX_DEPTH = 150
MAX_VALUES = 12
MAX_FUEL = 6_000  # evaluations for one question; past that the answer is unknown
MAX_ROUNDS = 4  # for a value that depends on itself
NO_CYCLE = 1 << 30

Ts = TypeVarTuple("Ts")


class Open:
    """A value in the making, or a provisional one, which holds for the current round of its cycle only."""

    __slots__ = ("deps", "hit", "low", "touched", "values")

    def __init__(self, depth: int) -> None:
        self.low = depth  # depth of the lowest open value that this one depends on
        self.hit = False  # it was asked for on the way to it
        self.values: Values = EMPTY
        self.deps = 0
        self.touched = False


class Fixpoint:
    """Computes least fixpoints over sets of values; `deps` collects what the current result rests on."""

    def __init__(self) -> None:
        self.deps = 0
        self.touched = False  # the value being made depends on a parameter or on the receiver
        self.depth = 0
        self.fuel = MAX_FUEL
        self._low = NO_CYCLE  # depth of the lowest open cycle that the current value depends on
        self._provisional: list[tuple[Memos, object, Open]] = []
        self._interned: dict[int, int] = {}
        self._last = 0

    def settled(
        self, memo: Memos, key: object, bit: int, compute: Callable[[*Ts], Values], *args: *Ts
    ) -> Values:
        """What the memo holds under the key, computed if it is not there yet; `bit` is where the key lives.

        What is computed inside an open cycle is provisional: it holds for the current round, and is kept for
        good only when the head of the cycle is stable.
        """
        found = memo.get(key)
        if found is not None:
            if isinstance(found, tuple):
                values, deps, touched = found
                self.deps |= deps
                if touched:
                    self.touched = True
                return values
            return self._unsettled(found)
        depth = self.depth
        if depth == 0:
            self.fuel = MAX_FUEL
        self.fuel -= 1
        if depth > MAX_DEPTH or self.fuel < 0:
            return UNKNOWN
        self.depth = depth = depth + 1
        own = memo[key] = Open(depth)
        outer_deps, outer_touched, outer_low = self.deps, self.touched, self._low
        self.deps, self.touched, self._low = bit, False, NO_CYCLE
        mark = len(self._provisional)
        try:
            values = compute(*args)
            if own.hit:
                values = self._iterated(own, values, mark, compute, *args)
            if len(values) > MAX_VALUES:
                values = UNKNOWN
            if self._low >= depth:
                self._low = NO_CYCLE
                memo[key] = (values, self._same(self.deps), self.touched)
                if len(self._provisional) > mark:
                    self._keep(mark)
            else:
                own.values, own.deps, own.touched, own.low = values, self.deps, self.touched, self._low
                self._provisional.append((memo, key, own))
            return values
        except BaseException:
            del memo[key]
            raise
        finally:
            self.depth = depth - 1
            self.deps |= outer_deps
            if outer_touched:
                self.touched = True
            if outer_low < self._low:
                self._low = outer_low

    def forget_open(self) -> None:
        """Drop what was under way when an evaluation broke off."""
        self._forget(0)
        self.depth = 0
        self._low = NO_CYCLE

    def _unsettled(self, found: Open) -> Values:
        found.hit = True
        self.deps |= found.deps
        if found.touched:
            self.touched = True
        if found.low < self._low:
            self._low = found.low
        return found.values

    def _iterated(
        self, own: Open, values: Values, mark: int, compute: Callable[[*Ts], Values], *args: *Ts
    ) -> Values:
        """The least fixpoint, from the first round's values on."""
        for _ in range(MAX_ROUNDS - 1):
            if values <= own.values:
                return own.values
            own.values |= values
            self._forget(mark)
            own.hit = False
            values = compute(*args)
            if not own.hit:
                return values | own.values
        if values <= own.values:
            return own.values
        self._forget(mark)
        return UNKNOWN | own.values | values

    def _forget(self, mark: int) -> None:
        while len(self._provisional) > mark:
            memo, key, _ = self._provisional.pop()
            del memo[key]

    def _keep(self, mark: int) -> None:
        while len(self._provisional) > mark:
            memo, key, found = self._provisional.pop()
            memo[key] = (found.values, self._same(found.deps | self.deps), found.touched)

    def _same(self, deps: int) -> int:
        """Equal sets of dependencies share one number; they are long."""
        if deps != self._last:
            self._last = self._interned.setdefault(deps, deps)
        return self._last
