import pytest

from diag.finding import Finding
from diag.lint.suppress import apply

ACTIVE = {"DG001", "DG002", "DG101", "DG102"}


def at(line: int, code: str = "DG101", *, end_line: int = 0) -> Finding:
    return Finding(code, "bot.py", line, 5, end_line or line, 9, f"something about {code}")


def judged(text: str, *findings: Finding, active: set[str] = ACTIVE) -> tuple[list[str], int]:
    """What is reported (`code@line`) and how many findings were suppressed."""
    kept, suppressed = apply(text, "bot.py", findings, active)
    assert len(kept) + len(suppressed) >= len(findings)
    return [f"{finding.code}@{finding.line}" for finding in kept], len(suppressed)


@pytest.mark.parametrize(
    "comment",
    [
        "# diag: ignore[DG101] the venue answers at once",
        "# diag:ignore[DG101]: the venue answers at once",
        "#diag: ignore [ DG101 ] - why",
        "# noqa: E501  # diag: ignore[DG102, DG101,] why  # type: ignore",
    ],
)
def test_a_comment_on_the_line_suppresses_its_codes(comment: str) -> None:
    others = [at(1, "DG102")] if "DG102" in comment else []
    assert judged(f"x = await f()  {comment}\n", at(1), *others) == ([], 1 + len(others))


def test_only_the_named_code_and_only_that_line() -> None:
    text = "a()  # diag: ignore[DG101] why\nb()\n"
    assert judged(text, at(1), at(1, "DG102"), at(2)) == (["DG102@1", "DG101@2"], 1)


STATEMENT = "value = f({first}\n    a,{second}\n    b,{third}\n    c,\n){last}\n"


@pytest.mark.parametrize(
    ("where", "suppresses"), [("first", True), ("second", False), ("third", True), ("last", True)]
)
def test_in_a_long_statement_its_ends_and_the_lines_of_the_finding_count(
    where: str, suppresses: bool
) -> None:
    places = dict.fromkeys(["first", "second", "third", "last"], "")
    text = STATEMENT.format(**places | {where: "  # diag: ignore[DG101] why"})
    kept, suppressed = judged(text, at(3))
    assert (suppressed == 1) is suppresses
    assert (kept == []) is suppresses


def test_a_finding_of_several_lines_is_suppressed_on_any_of_them() -> None:
    text = "x = [\n    f(\n        1,  # diag: ignore[DG101] why\n    ),\n    2,\n]\n"
    assert judged(text, at(2, end_line=4)) == ([], 1)


def test_the_header_of_a_block_does_not_cover_its_body() -> None:
    text = "async def f():  # diag: ignore[DG101] why\n    await g()\n"
    assert judged(text, at(2)) == (["DG101@2", "DG001@1"], 0)


def test_the_comment_in_a_string_is_no_comment() -> None:
    text = 'x = "# diag: ignore[DG101] why"; f()\ny = """\n# diag: ignore\n"""\n'
    assert judged(text, at(1)) == (["DG101@1"], 0)


def test_other_comments_of_diag_mean_nothing() -> None:
    text = "f()  # diag: ignored for now\ng()  # diag: see docs\n"
    assert judged(text, at(1)) == (["DG101@1"], 0)


@pytest.mark.parametrize(
    "comment", ["# diag: ignore", "# diag: ignore[] why", "# diag: ignore everything here"]
)
def test_without_codes_it_suppresses_nothing_and_is_reported(comment: str) -> None:
    assert judged(f"f()  {comment}\n", at(1)) == (["DG101@1", "DG002@1"], 0)


def test_without_a_reason_it_works_and_is_reported() -> None:
    assert judged("f()  # diag: ignore[DG101]\n", at(1)) == (["DG002@1"], 1)


def test_an_unused_code_is_reported_where_it_stands() -> None:
    text = "def f():\n    a()  # diag: ignore[DG101, DG102] why\n"
    kept, suppressed = apply(text, "bot.py", [at(2)], ACTIVE)
    assert len(suppressed) == 1
    (finding,) = kept
    assert (finding.code, finding.line, finding.column) == ("DG001", 2, 10)
    assert "DG102" in finding.message
    assert (
        text.split("\n")[1][finding.column - 1 : finding.end_column - 1] == "# diag: ignore[DG101, DG102] why"
    )


def test_a_rule_that_did_not_run_makes_no_comment_unused() -> None:
    assert judged("a()  # diag: ignore[DG101] why\n", active={"DG001", "DG002"}) == ([], 0)


def test_an_unknown_code_is_reported_with_the_nearest_one() -> None:
    kept, _ = apply("a()  # diag: ignore[DG1O1] why\n", "bot.py", [], ACTIVE)
    (finding,) = kept
    assert finding.code == "DG001"
    assert '(did you mean "DG101"?)' in finding.message


def test_a_comment_of_its_own_line_is_told_where_to_go() -> None:
    kept, _ = apply("# diag: ignore[DG101] why\na()\n", "bot.py", [at(2)], ACTIVE)
    assert [finding.code for finding in kept] == ["DG101", "DG001"]
    assert "line of its own" in kept[1].message


def test_rules_about_comments_can_be_off() -> None:
    assert judged("a()  # diag: ignore\nb()  # diag: ignore[DG101] why\n", active={"DG101"}) == ([], 0)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind(newline: str) -> None:
    text = newline.join(["\x0cx = 1", "é = f()  # diag: ignore[DG101] ça va", ""])
    assert judged(text, at(2)) == ([], 1)


def test_a_file_that_does_not_tokenize_keeps_its_findings() -> None:
    assert judged("f(  # diag: ignore[DG101] why\n'''\n", at(2))[1] == 0
