import pytest

from diag.verdict import Check, Outcome, overall

PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], NOT_SHOWN),
        ([PASS], PASS),
        ([PASS, PASS], PASS),
        ([NOT_SHOWN], NOT_SHOWN),
        ([PASS, NOT_SHOWN], NOT_SHOWN),
        ([PASS, FAIL], FAIL),
        ([NOT_SHOWN, FAIL], FAIL),
    ],
)
def test_what_is_not_shown_never_passes_and_one_failure_fails_all(
    outcomes: list[Outcome], expected: Outcome
) -> None:
    assert overall(Check("a", "A", outcome, "", "") for outcome in outcomes) is expected
