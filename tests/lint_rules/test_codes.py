"""The codes in the code, the documents, the changelog and the examples are the same."""

import re
from importlib import import_module
from pathlib import Path

from diag.lint.registry import SHIPPED, load_rules
from diag.lint.suppress import all_rules

ROOT = Path(__file__).resolve().parents[2]
RULES = load_rules([SHIPPED])
FILES = Path(
    import_module("lint_rules").__path__[0]
)  # of the installed package, where that is what is tested


def named(text: str) -> set[str]:
    """The codes in a text; `DG101-DG110` names all of them."""
    codes = set(re.findall(r"\bDG\d{3}\b", text))
    for first, last in re.findall(r"\bDG(\d{3})\s*(?:-|–|to)\s*DG(\d{3})\b", text):
        codes |= {f"DG{number}" for number in range(int(first), int(last) + 1)}
    return codes


def test_a_file_is_named_after_its_rule() -> None:
    for code, rule in RULES.items():
        file = type(rule).__module__.rpartition(".")[2]
        assert file == f"{code.lower()}_{file.partition('_')[2]}"
        assert type(rule).__name__ == "".join(word.capitalize() for word in rule.name.split("-"))
    files = {path.stem for path in FILES.rglob("dg*.py")}
    assert files == {type(rule).__module__.rpartition(".")[2] for rule in RULES.values()}


def test_the_page_of_rules_lists_each_with_its_name_and_summary() -> None:
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (DG\d+) \| `([\w-]+)` \| (.*?) \| (.*?) \|$", page, re.MULTILINE)

    assert [row[:3] for row in rows] == [
        (code, rule.name, rule.summary)
        for code, rule in sorted({**all_rules(), **RULES}.items())
        if code[:2] == "DG"
    ]


def test_the_page_of_rules_says_which_have_a_fix() -> None:
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    fixable = {row[0] for row in re.findall(r"^\| (DG\d+) \|.*\| (yes) \|$", page, re.MULTILINE)}

    assert fixable == {code for code, rule in RULES.items() if "fix" in vars(type(rule))}


def test_the_changelog_names_all_rules_and_no_other() -> None:
    assert named((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")) == {
        c for c in all_rules() if c[:2] == "DG"
    }


def test_the_documents_name_no_other_codes() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *FILES.rglob("*.py")]:
        assert named(path.read_text(encoding="utf-8")) <= set(all_rules()), path
