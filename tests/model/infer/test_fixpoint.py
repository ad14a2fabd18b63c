"""The solver on systems of equations: least fixpoints, counted evaluations, one answer for every entry."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.model.infer.fixpoint import Fixpoint
from diag.model.infer.values import EMPTY, MAX_VALUES, UNKNOWN, Memos, Unknown, Values, unknown

Equation = Callable[[Callable[[int], Values]], Values]
LETTERS = [Unknown(f"v{n}") for n in range(8)]


class System(Fixpoint):
    """Equations by number; each says what it is when it may ask for the others."""

    def __init__(self, equations: list[Equation]) -> None:
        super().__init__()
        self.equations = equations
        self.memo: Memos = {}
        self.counted = dict.fromkeys(range(len(equations)), 0)

    def rank(self, compute: Callable[..., frozenset[Any]], args: tuple[Any, ...]) -> str:
        return f"{args[0]:06}"

    def ask(self, number: int) -> Values:
        return self.settled(self.memo, number, 1 << number, self._compute, number)

    def _compute(self, number: int) -> Values:
        self.counted[number] += 1
        return self.equations[number](self.ask)


def kleene(equations: list[Equation]) -> list[Values]:
    """All values from nothing on, again and again, until none changes."""
    values: list[Values] = [EMPTY for _ in equations]
    while True:
        now = [equation(values.__getitem__) for equation in equations]
        if now == values:
            return values
        values = now


@st.composite
def monotone_systems(draw: st.DrawFn) -> list[Equation]:
    """Unions of constants, of others, and of others as long as a third one has a value."""
    size = draw(st.integers(1, 9))
    number = st.integers(0, size - 1)
    equations = []
    for _ in range(size):
        own = draw(st.frozensets(st.sampled_from(LETTERS), max_size=2))
        reads = draw(st.lists(number, max_size=3))
        guarded = draw(st.lists(st.tuples(number, number), max_size=2))

        def equation(
            ask: Callable[[int], Values],
            own: Values = own,
            reads: list[int] = reads,
            guarded: list[tuple[int, int]] = guarded,
        ) -> Values:
            out = own
            for other in reads:
                out |= ask(other)
            for condition, other in guarded:
                if ask(condition):
                    out |= ask(other)
            return out

        equations.append(equation)
    return equations


@st.composite
def any_systems(draw: st.DrawFn) -> list[Equation]:
    """The same with what is not monotone: a value that stands in for others as long as they have none."""
    equations: list[Equation] = list(draw(monotone_systems()))
    for number, old in enumerate(list(equations)):
        if draw(st.booleans()):
            other = draw(st.integers(0, len(equations) - 1))
            instead = frozenset({draw(st.sampled_from(LETTERS))})

            def equation(
                ask: Callable[[int], Values],
                old: Equation = old,
                other: int = other,
                instead: Values = instead,
            ) -> Values:
                return old(ask) | (EMPTY if ask(other) else instead)

            equations[number] = equation
    return equations


@given(monotone_systems(), st.data())
def test_the_least_fixpoint_is_the_one_of_kleene(equations: list[Equation], data: st.DataObject) -> None:
    system = System(equations)
    for number in data.draw(st.permutations(range(len(equations)))):
        assert system.ask(number) == kleene(equations)[number]
    assert not any(type(entry) is not tuple for entry in system.memo.values())


@given(monotone_systems())
def test_outside_of_circles_everything_is_evaluated_once(equations: list[Equation]) -> None:
    def upwards(number: int) -> Equation:
        return lambda ask: equations[number](lambda other: ask(other) if other < number else EMPTY)

    system = System([upwards(number) for number in range(len(equations))])
    for number in range(len(equations)):
        system.ask(number)
    assert set(system.counted.values()) == {1}


@given(any_systems(), st.data())
def test_a_system_that_is_not_monotone_comes_to_an_end_and_holds(
    equations: list[Equation], data: st.DataObject
) -> None:
    """Every value that did not have to be held down solves its equation."""
    system = System(equations)
    order = data.draw(st.permutations(range(len(equations))))
    values = {number: system.ask(number) for number in order}
    for number, equation in enumerate(equations):
        assert equation(values.__getitem__) <= values[number]


@given(any_systems())
def test_dependencies_hold_all_that_was_read(equations: list[Equation]) -> None:
    system = System(equations)
    for number in range(len(equations)):
        system.ask(number)
    reads: dict[int, set[int]] = {}
    for number, equation in enumerate(equations):
        seen = reads[number] = {number}

        def ask(other: int, seen: set[int] = seen) -> Values:
            seen.add(other)
            return system.ask(other)

        equation(ask)
    for number, direct in reads.items():
        memo = system.memo[number]
        assert isinstance(memo, tuple)
        for other in direct:
            found = system.memo[other]
            assert isinstance(found, tuple)
            assert (found[1] | 1 << other) & ~memo[1] == 0


def test_where_a_circle_is_entered_makes_no_difference() -> None:
    """The second and third are what stands in where the next has nothing: all three can't be."""
    instead = [unknown(f"instead of {n}") for n in range(3)]

    def equation(number: int) -> Equation:
        return lambda ask: EMPTY if ask((number + 1) % 3) else instead[number]

    answers = set()
    for order in permutations(range(3)):
        system = System([equation(n) for n in range(3)])
        values = {n: system.ask(n) for n in order}
        answers.add(tuple(values[n] for n in range(3)))
    assert len(answers) == 1


@pytest.mark.parametrize("size", [2, 8, 12, 64])
def test_evaluations_of_a_complete_circle_grow_as_its_edges(size: int) -> None:
    """Each reads all the others and only the last has a value."""

    def equation(number: int) -> Equation:
        def compute(ask: Callable[[int], Values]) -> Values:
            out = unknown("it") if number == size - 1 else EMPTY
            for other in range(size):
                if other != number:
                    out |= ask(other)
            return out

        return compute

    for entry in (0, size // 2, size - 1):
        system = System([equation(n) for n in range(size)])
        assert system.ask(entry) == unknown("it")
        assert system.evaluations <= size * (size - 1) + 2 * size
        before = system.evaluations
        assert all(system.ask(n) == unknown("it") for n in range(size))
        assert system.evaluations == before


@pytest.mark.parametrize("size", [8, 32, 128])
def test_evaluations_of_a_ring_grow_as_its_length(size: int) -> None:
    def equation(number: int) -> Equation:
        own = unknown("it") if number == size // 2 else EMPTY
        return lambda ask: own | ask((number + 1) % size)

    system = System([equation(n) for n in range(size)])
    assert system.ask(0) == unknown("it")
    assert system.evaluations <= 5 * size


def test_circles_in_circles_are_not_gone_through_again_for_each_other() -> None:
    """x reads y, y reads x and z, z reads y and w ...: a chain of circles of two."""
    counts = []
    for size in (10, 20, 40):

        def equation(number: int, size: int = size) -> Equation:
            near = [n for n in (number - 1, number + 1) if 0 <= n < size]
            own = unknown(str(number)) if number in (0, size - 1) else EMPTY
            return lambda ask: own.union(*(ask(n) for n in near))

        system = System([equation(n) for n in range(size)])
        assert system.ask(size // 2) == {Unknown("0"), Unknown(str(size - 1))}
        counts.append(system.evaluations)
    assert counts[2] <= 6 * 40
    assert counts[2] - counts[1] <= 2 * (counts[1] - counts[0]) + 10


def test_a_value_that_would_grow_without_end_is_unknown() -> None:
    """Each round of the circle finds another one."""

    def equation(ask: Callable[[int], Values]) -> Values:
        return ask(0) | unknown(str(len(ask(0))))

    system = System([equation])
    assert system.ask(0) == UNKNOWN
    assert system.evaluations <= 4 * MAX_VALUES


def test_a_value_that_swings_comes_to_rest() -> None:
    system = System([lambda ask: EMPTY if ask(0) else unknown("it")])
    assert system.ask(0) == unknown("it")


def test_a_failed_evaluation_leaves_nothing_behind() -> None:
    broken = [True]

    def fails(ask: Callable[[int], Values]) -> Values:
        ask(0)
        if broken[0]:
            raise RuntimeError
        return unknown("it")

    system = System([lambda ask: ask(1), lambda ask: ask(2), fails])
    with pytest.raises(RuntimeError):
        system.ask(0)
    system.forget_open()
    assert system.memo == {}
    broken[0] = False
    assert system.ask(0) == unknown("it")


def test_what_reads_a_parameter_is_known_to_in_the_whole_circle() -> None:
    system = System([lambda ask: ask(1), lambda ask: ask(2) | unknown("it"), lambda ask: ask(0)])

    def touching(ask: Callable[[int], Values]) -> Values:
        system.touched = True
        return ask(0)

    system.equations[2] = touching
    system.ask(0)
    assert all(isinstance(entry, tuple) and entry[2] for entry in system.memo.values())
