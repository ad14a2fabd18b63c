"""Which errors are programming errors: one list, and the copy that the child carries."""

import builtins

import pytest

from diag.child import mistakes as copy
from diag.mistakes import PROGRAMMING_ERRORS, catching, whatever_is_given


def test_the_child_has_the_same_list() -> None:
    assert tuple(getattr(builtins, name) for name in PROGRAMMING_ERRORS) == copy.PROGRAMMING


def test_an_error_is_caught_by_its_class_and_those_above_it() -> None:
    assert catching("TypeError") == {"TypeError", "Exception", "BaseException"}
    assert catching("KeyError", "RuntimeWarning") >= {"LookupError", "Warning"}


@pytest.mark.parametrize(
    ("error", "of_code"),
    [
        ("AttributeError", True),
        ("UnboundLocalError", True),
        ("ModuleNotFoundError", True),
        ("KeyError", False),  # the answer may lack it
        ("AssertionError", False),
        ("ValueError", False),
        ("OSError", False),
    ],
)
def test_what_is_looked_up_may_come_from_outside(error: str, of_code: bool) -> None:
    assert (error in whatever_is_given()) is of_code
