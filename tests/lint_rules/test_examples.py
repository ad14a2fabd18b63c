"""Every example, through the engine: wrong ones are reported where they say, right ones are not.

Examples are the few that a rule shows itself, and the folders of tests/rules. Each is judged as written and
without annotations, with the packages that it imports installed (where the environment of the tests, or that
of DIAG_SDKS, has them) and without; then suppressed, and fixed.
"""

import ast
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import libcst as cst
import pytest

from diag.cli import main
from diag.config import Settings
from diag.finding import Finding
from diag.lint.engine import lint
from diag.lint.registry import SHIPPED, load_rules
from diag.lint.result import Result
from diag.lint.rule import Example
from diag.lint.suppress import all_rules

RULES = all_rules()
FOLDER = Path(__file__).parents[1] / "rules"
MARK = re.compile(r"[ \t]*# <- ([A-Z]+\d+(?:, [A-Z]+\d+)*)$", re.MULTILINE)
SDKS = Path(os.environ.get("DIAG_SDKS", sys.prefix))


@dataclass(frozen=True)
class Case:
    """An example, wherever it stands: its files, and those that `--fix` changes, by path."""

    code: str
    name: str
    wrong: bool
    files: dict[str, str]
    fixed: dict[str, str]
    needs: tuple[str, ...]  # distributions


def of_class(code: str, kind: str, example: Example) -> Case:
    name = f"{kind}-{example.title.replace(' ', '-')}"
    fixed = {} if example.fixed is None else {"main.py": example.fixed}
    return Case(code, name, kind == "wrong", {"main.py": example.code, **example.files}, fixed, example.needs)


def of_folder(folder: Path) -> Case:
    """`wrong-title/main.py`, `main.fixed.py`, `needs.txt`: see tests/rules/README.md."""
    texts = {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.py"))}
    fixed = {path: text for path, text in texts.items() if path.endswith(".fixed.py")}
    needs = folder / "needs.txt"
    return Case(
        code=folder.parent.name,
        name=folder.name,
        wrong=folder.name.startswith("wrong-"),
        files={path: text for path, text in texts.items() if path not in fixed},
        fixed={path.replace(".fixed.py", ".py"): text for path, text in fixed.items()},
        needs=tuple(needs.read_text().split()) if needs.exists() else (),
    )


CASES = [
    *(
        of_class(code, kind, example)
        for code, rule in load_rules().items()
        for kind in ("wrong", "right")
        for example in getattr(rule, kind)
    ),
    *(of_folder(folder) for folder in sorted(FOLDER.glob("*/*/"))),
]


def cases(wanted: Callable[[Case], bool] = lambda case: True) -> pytest.MarkDecorator:
    chosen = [pytest.param(case, id=f"{case.code}-{case.name}") for case in CASES if wanted(case)]
    return pytest.mark.parametrize("case", chosen)


def wrong(case: Case) -> bool:
    return case.wrong


def needy(case: Case) -> bool:
    return bool(case.needs)


def installed() -> set[str]:
    folders = [str(folder) for folder in SDKS.glob("lib/python3*/site-packages")]
    return {(each.name or "").lower().replace("_", "-") for each in distributions(path=folders)}


INSTALLED = installed()


def marks(files: dict[str, str]) -> set[tuple[str, int, str]]:
    return {
        (path, text[: match.start()].count("\n") + 1, code)
        for path, text in files.items()
        for match in MARK.finditer(text)
        for code in match[1].split(", ")
    }


def unmarked(text: str) -> str:
    return MARK.sub("", text)


class Bare(cst.CSTTransformer):
    """Drops annotations; a bare `x: int` stays, since it may be the field of a dataclass."""

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(annotation=None)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return updated_node.with_changes(returns=None)

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.BaseSmallStatement:
        if updated_node.value is None:
            return updated_node
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)


def bare(text: str) -> str:
    return cst.parse_module(text).visit(Bare()).code


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def nothing_installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prefix = tmp_path_factory.mktemp("env")
    (prefix / "pyvenv.cfg").write_text("")
    (prefix / "lib/python3.11/site-packages").mkdir(parents=True)
    return prefix


def judged(folder: Path, python: Path) -> Result:
    result = lint(Settings(paths=(folder,), root=folder, python=python, cache=False), rules=RULES)
    assert result.problems == ()
    return result


def places(findings: tuple[Finding, ...], folder: Path) -> set[tuple[str, int, str]]:
    return {(Path(each.path).relative_to(folder).as_posix(), each.line, each.code) for each in findings}


def readable(result: Result) -> str:
    return "\n".join(f"{each.path}:{each.line}: {each.code} {each.message}" for each in result.findings)


def check(files: dict[str, str], folder: Path, python: Path) -> None:
    result = judged(written(folder, files), python)

    assert places(result.findings, folder) == marks(files), readable(result)
    for each in result.findings:
        for text in (each.message, each.help):
            assert text
            assert "\n" not in text
            assert text.count("`") % 2 == 0, text
            assert "``" not in text, text


ANNOTATIONS = pytest.mark.parametrize(
    "form", [pytest.param(str, id="annotated"), pytest.param(bare, id="bare")]
)


@ANNOTATIONS
@cases()
def test_example(case: Case, form: Callable[[str], str], tmp_path: Path, nothing_installed: Path) -> None:
    check({path: form(text) for path, text in case.files.items()}, tmp_path, nothing_installed)


@pytest.mark.slow
@ANNOTATIONS
@cases(needy)
def test_example_with_its_packages(case: Case, form: Callable[[str], str], tmp_path: Path) -> None:
    missing = set(case.needs) - INSTALLED
    if missing:
        pytest.skip(f"not installed: {', '.join(sorted(missing))}")

    check({path: form(text) for path, text in case.files.items()}, tmp_path, SDKS)


@cases(wrong)
def test_suppressed_example(case: Case, tmp_path: Path, nothing_installed: Path) -> None:
    files = {
        path: MARK.sub(lambda match: f"  # diag: ignore[{match[1]}] known", text)
        for path, text in case.files.items()
    }

    result = judged(written(tmp_path, files), nothing_installed)

    assert readable(result) == ""
    assert places(result.suppressed, tmp_path) == marks(case.files)


@cases(wrong)
def test_fixed_example(
    case: Case, tmp_path: Path, nothing_installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be fixed is fixed, once; the rest stays as it was."""
    written(tmp_path, {path: unmarked(text) for path, text in case.files.items()})
    arguments = ["lint", "--no-cache", "--fix", "--python", str(nothing_installed), str(tmp_path)]

    first = main(arguments)
    once = {path: (tmp_path / path).read_text() for path in case.files}
    second = main(arguments)
    twice = {path: (tmp_path / path).read_text() for path in case.files}

    assert twice == once
    assert second == first != 2
    for text in once.values():
        ast.parse(text)
    if case.fixed:
        assert {path: once[path] for path in case.fixed} == case.fixed
        assert readable(judged(tmp_path, nothing_installed)) == ""
    capsys.readouterr()


@cases()
def test_example_is_complete(case: Case) -> None:
    """A wrong one marks its own code, a right one nothing; each is Python and starts at `main.py`."""
    codes = {mark for _, _, mark in marks(case.files)}
    assert case.code in codes if case.wrong else not codes
    assert "main.py" in case.files
    assert case.fixed.keys() <= case.files.keys()
    assert case.wrong or not case.fixed
    for text in (*case.files.values(), *case.fixed.values()):
        compile(text, "example", "exec", dont_inherit=True)


def test_folders_of_examples_are_named_as_they_are_read() -> None:
    for folder in FOLDER.glob("*/*/"):
        assert folder.parent.name in RULES
        assert re.fullmatch(r"(wrong|right)(-[a-z0-9]+)+", folder.name), folder.name
        others = [path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".py"]
        assert [name for name in others if not name.endswith(".pyc")] in ([], ["needs.txt"])


@pytest.mark.parametrize("code", load_rules([SHIPPED]))
def test_rule_is_complete(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Enough examples of both kinds, the few that explain it best on a page of two screens."""
    rule = RULES[code]
    mine = [case for case in CASES if case.code == code]
    assert sum(case.wrong for case in mine) >= 4
    assert sum(not case.wrong for case in mine) >= 5
    assert (len(rule.wrong), len(rule.right)) == (2, 1)
    assert all(example.title for example in (*rule.wrong, *rule.right))
    main(["rule", code])
    assert len(capsys.readouterr().out.splitlines()) <= 130
    headings = re.findall(r"^## (.*)$", rule.explanation, re.MULTILINE)
    assert headings == [
        "What it does",
        "Why is this bad",
        "What happens at run time",
        "How to fix it",
        "Fix safety",
    ]
