"""What a scenario expects, as a verdict: a safe failure that is reached passes, nothing passes on nothing."""

import pytest

from diag.conduct import iterative_order
from diag.conduct.expected import verdicts
from diag.verdict import Check, Evidence, Outcome

PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN
SAFE = ("claim", "success", "average_price", "left_open", "position", "time")


def check(name: str, outcome: Outcome, observed: str = "seen") -> Check:
    return Check(name, name, outcome, observed, "", (Evidence("venue:7", "row"),))


def worked(**changed: Outcome) -> list[Check]:
    """A client that could fill nothing and said so; `changed` are its checks that came out otherwise."""
    outcomes = {**dict.fromkeys(SAFE, PASS), "filled": NOT_SHOWN, "slippage": NOT_SHOWN, **changed}
    return [check(f"{iterative_order.NAME}.{name}", outcome) for name, outcome in outcomes.items()]


def outcome(expects: str, checks: list[Check]) -> Outcome:
    (verdict,) = verdicts("mine", expects, checks)
    return verdict.outcome


def test_a_safe_failure_is_a_pass_where_it_is_expected_and_only_there() -> None:
    assert outcome("safe_failure", worked()) is PASS
    assert outcome("success", worked()) is NOT_SHOWN
    assert outcome("success", [check("bbo.tick", PASS)]) is PASS


@pytest.mark.parametrize("name", SAFE)
@pytest.mark.parametrize("came_out", [FAIL, NOT_SHOWN])
def test_what_keeps_a_failure_safe_has_to_pass(name: str, came_out: Outcome) -> None:
    assert outcome("safe_failure", worked(**{name: came_out})) is came_out


@pytest.mark.parametrize("name", ["filled", "at_risk", "only"])
def test_whatever_else_fails_is_a_failure(name: str) -> None:
    assert outcome("safe_failure", worked(**{name: FAIL})) is FAIL


@pytest.mark.parametrize(
    ("observed", "came_out"), [("0 of 5, as the venue served it", PASS), ("0 of 5", FAIL)]
)
def test_a_quote_handed_on_as_it_was_served_is_no_fault_of_the_client(
    observed: str, came_out: Outcome
) -> None:
    checks = [check("bbo.uncrossed", FAIL, observed), check("bbo.tick", PASS)]
    assert outcome("safe_failure", checks) is came_out
    assert outcome("success", checks) is FAIL


def test_nothing_shown_is_not_passed() -> None:
    assert outcome("safe_failure", [check("bbo.tick", NOT_SHOWN)]) is NOT_SHOWN
    assert verdicts("mine", "safe_failure", []) == []


def test_each_probe_has_its_verdict_with_what_speaks_against_it() -> None:
    order, bbo = verdicts("mine", "success", [*worked(), check("bbo.tick", FAIL, "3 of 5")])
    assert (order.name, bbo.name, bbo.bound) == ("mine.iterative_order", "mine.bbo", "success")
    assert bbo.observed == "0 of 1 passed; bbo.tick: fail: 3 of 5"
    assert [piece.where for piece in bbo.evidence] == ["venue:7"]
