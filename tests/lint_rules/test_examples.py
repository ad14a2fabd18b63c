"""Every rule's own examples, through the engine: wrong ones are reported where they say, right ones are not.

Each is judged as written and without annotations, with the packages that it imports installed (where the
environment of the tests, or the one that DIAG_SDKS names, has them) and without; then suppressed, and mended.
"""

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path

import libcst as cst
import pytest

from diag.cli import main
from diag.config import Settings
from diag.finding import Finding
from diag.lint.engine import lint
from diag.lint.registry import load_rules
from diag.lint.result import Result
from diag.lint.rule import Example
from diag.lint.suppress import all_rules

RULES = all_rules()
MARK = re.compile(r"[ \t]*# <- ([A-Z]+\d+(?:, [A-Z]+\d+)*)$", re.MULTILINE)
SDKS = Path(os.environ.get("DIAG_SDKS", sys.prefix))


def installed() -> set[str]:
    folders = [str(folder) for folder in SDKS.glob("lib/python3*/site-packages")]
    return {(each.name or "").lower().replace("_", "-") for each in distributions(path=folders)}


INSTALLED = installed()


def examples(kind: str, wanted: Callable[[Example], bool] = lambda example: True) -> Iterator[object]:
    for code, rule in load_rules().items():
        for number, example in enumerate(getattr(rule, kind)):
            if wanted(example):
                yield pytest.param(code, example, id=f"{code}-{number}-{example.title.replace(' ', '-')}")


def needy(example: Example) -> bool:
    return bool(example.needs)


def sources(example: Example) -> dict[str, str]:
    return {"main.py": example.code, **example.files}


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
@pytest.mark.parametrize(("code", "example"), [*examples("wrong"), *examples("right")])
def test_example(
    code: str, example: Example, form: Callable[[str], str], tmp_path: Path, nothing_installed: Path
) -> None:
    files = {path: form(text) for path, text in sources(example).items()}

    check(files, tmp_path, nothing_installed)


@ANNOTATIONS
@pytest.mark.parametrize(("code", "example"), [*examples("wrong", needy), *examples("right", needy)])
def test_example_with_its_packages(
    code: str, example: Example, form: Callable[[str], str], tmp_path: Path
) -> None:
    missing = set(example.needs) - INSTALLED
    if missing:
        pytest.skip(f"not installed: {', '.join(sorted(missing))}")
    files = {path: form(text) for path, text in sources(example).items()}

    check(files, tmp_path, SDKS)


@pytest.mark.parametrize(("code", "example"), [*examples("wrong")])
def test_suppressed_example(code: str, example: Example, tmp_path: Path, nothing_installed: Path) -> None:
    files = {
        path: MARK.sub(lambda match: f"  # diag: ignore[{match[1]}] known", text)
        for path, text in sources(example).items()
    }

    result = judged(written(tmp_path, files), nothing_installed)

    assert readable(result) == ""
    assert places(result.suppressed, tmp_path) == marks(sources(example))


@pytest.mark.parametrize(("code", "example"), [*examples("wrong")])
def test_fixed_example(
    code: str,
    example: Example,
    tmp_path: Path,
    nothing_installed: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What can be mended is mended, once; the rest stays as it was."""
    written(tmp_path, {path: unmarked(text) for path, text in sources(example).items()})
    arguments = ["lint", "--no-cache", "--fix", "--python", str(nothing_installed), str(tmp_path)]

    first = main(arguments)
    once = {path: (tmp_path / path).read_text() for path in sources(example)}
    second = main(arguments)
    twice = {path: (tmp_path / path).read_text() for path in sources(example)}

    assert twice == once
    assert second == first != 2
    for text in once.values():
        ast.parse(text)
    if example.fixed is not None:
        assert once["main.py"] == example.fixed
        assert readable(judged(tmp_path, nothing_installed)) == ""
    capsys.readouterr()


@pytest.mark.parametrize("code", load_rules())
def test_rule_is_complete(code: str) -> None:
    """Enough examples of both kinds; every wrong one marks its own code; all of them are Python."""
    rule = RULES[code]
    assert len(rule.wrong) >= 4
    assert len(rule.right) >= 5
    for example in rule.wrong:
        assert code in {mark for _, _, mark in marks(sources(example))}
    for example in rule.right:
        assert not marks(sources(example))
    for example in (*rule.wrong, *rule.right):
        assert example.title
        for text in (*sources(example).values(), example.fixed or ""):
            compile(text, "example", "exec", dont_inherit=True)
    headings = re.findall(r"^## (.*)$", rule.explanation, re.MULTILINE)
    assert headings == [
        "What it does",
        "Why is this bad",
        "What happens at run time",
        "How to mend it",
        "Fix safety",
    ]
