"""Fixes applied to a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.finding import Edit, Fix
from diag.lint.fixes import apply_fixes, unified_diff


def fix(*edits: tuple[int, int, int, int, str], safe: bool = True) -> Fix:
    return Fix("test", tuple(Edit(*edit) for edit in edits), "safe" if safe else "unsafe")


def test_edits_are_made_where_they_say() -> None:
    text = "one two\nthree\n"

    assert apply_fixes(text, [fix((1, 5, 1, 8, "2")), fix((2, 1, 2, 1, "+"), (2, 6, 3, 1, "!"))]) == (
        "one 2\n+three!",
        2,
    )


def test_columns_count_characters_after_a_byte_order_mark() -> None:
    assert apply_fixes("\ufeffé = await f\n", [fix((1, 5, 1, 11, ""))]) == ("\ufeffé = f\n", 1)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_stay_and_new_ones_are_like_them(newline: str) -> None:
    text = newline.join(["import os", "", "await f()", ""])

    fixed, _ = apply_fixes(text, [fix((1, 1, 1, 1, "import asyncio\n"), (3, 1, 3, 7, ""))])

    assert fixed == newline.join(["import asyncio", "import os", "", "f()", ""])


def test_equal_edits_of_two_fixes_are_made_once() -> None:
    first = fix((1, 1, 1, 1, "import asyncio\n"), (2, 1, 2, 2, "A"))
    second = fix((1, 1, 1, 1, "import asyncio\n"), (3, 1, 3, 2, "B"))

    assert apply_fixes("x\na\nb\n", [second, first]) == ("import asyncio\nx\nA\nB\n", 2)


@pytest.mark.parametrize(
    "second",
    [
        fix((1, 3, 1, 6, "other")),
        fix((1, 2, 1, 2, "inserted")),
        fix((1, 2, 1, 5, "different")),
        fix((2, 1, 2, 2, "B"), (1, 4, 1, 4, "half")),
    ],
)
def test_of_two_that_overlap_the_first_is_made_whole_and_the_other_not_at_all(second: Fix) -> None:
    first = fix((1, 2, 1, 5, "..."))

    assert apply_fixes("abcdefg\nb\n", [first, second]) == ("a...efg\nb\n", 1)


def test_neighbours_do_not_overlap() -> None:
    assert apply_fixes("abc", [fix((1, 1, 1, 2, "")), fix((1, 2, 1, 2, "+")), fix((1, 3, 1, 4, "C"))]) == (
        "+bC",
        3,
    )


def test_unsafe_fixes_are_left_out() -> None:
    assert apply_fixes("abc", [fix((1, 1, 1, 2, "x"), safe=False)]) == ("abc", 0)


@given(
    st.text(st.sampled_from("ab\n\r\f\x0b\u2028é"), max_size=40),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 5), st.text(st.sampled_from("xy"), max_size=2)),
        max_size=6,
    ),
)
def test_disjoint_replacements_all_happen_and_nothing_else_does(
    text: str, wanted: list[tuple[int, int, str]]
) -> None:
    """Against the plain definition, on offsets; lines end as Python ends them, not as str.splitlines does."""
    text = text.replace("\r\n", "\n").replace("\r", "\r\n")
    chosen: list[tuple[int, int, str]] = []
    for start, length, new in sorted(wanted):
        end = start + length
        free = all(end <= s or e <= start for s, e, _ in chosen) and all(start != s for s, _, _ in chosen)
        splits = any("\r\n"[:1] == text[at - 1 : at] and text[at : at + 1] == "\n" for at in (start, end))
        if end <= len(text) and free and not splits:
            chosen.append((start, end, new))
    expected = text
    for start, end, new in reversed(chosen):
        expected = expected[:start] + new + expected[end:]

    def place(offset: int) -> tuple[int, int]:
        before = text[:offset].replace("\r\n", "\n").split("\n")
        return len(before), len(before[-1]) + 1

    fixes = [fix((*place(start), *place(end), new)) for start, end, new in chosen]

    assert apply_fixes(text, fixes) == (expected, len(chosen))


def test_unified_diff_names_the_file_and_keeps_carriage_returns() -> None:
    assert unified_diff("bot.py", "a\r\nb", "a\r\nc") == (
        "--- bot.py\n+++ bot.py\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n"
        "\\ No newline at end of file\n"
    )
    assert unified_diff("bot.py", "a\n", "a\n") == ""
