import io
import sys
from collections.abc import Callable

import pytest

from diag.cli import main
from diag.lint.suppress import all_rules
from tests.cli.conftest import Run

Diag = Callable[..., Run]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_list_names_every_rule_once(diag: Diag) -> None:
    done = diag("rule")
    assert (done.code, done.err) == (0, "")
    rows = done.out.splitlines()
    assert [row.split()[:2] for row in rows] == [
        [code, rule.name] for code, rule in sorted(all_rules().items())
    ]
    assert all(rule.summary in row for row, (_, rule) in zip(rows, sorted(all_rules().items()), strict=True))


@pytest.mark.parametrize("code", sorted(all_rules()))
def test_each_rule_is_explained_with_wrong_and_right_code(diag: Diag, code: str) -> None:
    rule = all_rules()[code]
    done = diag("rule", code)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"# {code}: {rule.name}\n\n{rule.summary}\n")
    assert rule.explanation.strip() in done.out
    for example in (*rule.wrong, *rule.right):
        assert example.code.strip().replace("\t", "    ") in done.out
        assert all(f"with `{path}`:" in done.out for path in example.files)


def test_a_code_may_be_written_small(diag: Diag) -> None:
    assert diag("rule", "dg101") == diag("rule", "DG101")


def test_on_a_terminal_it_is_set_in_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["rule", "DG101"]) == 0
    assert "\x1b[" in stream.getvalue()
    assert "```" not in stream.getvalue()
