"""The script that counts circles of imports, on small trees and on this one."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.structure import main

ROOT = Path(__file__).resolve().parent.parent
Report = Callable[[dict[str, str]], tuple[int, str]]


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Report:
    """The exit code and the report on a tree with these files; folders are packages."""

    def run(files: dict[str, str]) -> tuple[int, str]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
            for folder in path.relative_to(tmp_path).parents[:-1]:
                (tmp_path / folder / "__init__.py").touch()
        code = main(tmp_path)
        return code, capsys.readouterr().out

    return run


def counts(text: str) -> list[tuple[int, int]]:
    """Circles of modules and of packages, first at start, then with functions, then with types too."""
    return [(int(a), int(b)) for a, b in re.findall(r"^(?:imports|and) .*?(\d+) +(\d+)$", text, re.MULTILINE)]


def test_imports_one_way_are_no_circle(report: Report) -> None:
    code, text = report(
        {"diag/a.py": "import diag.b", "diag/b.py": "from diag import c\nimport os", "diag/c.py": ""}
    )
    assert (code, counts(text)) == (0, [(0, 0)] * 3)
    assert "circle of" not in text


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("import diag.lint.a", [1, 1, 1]),
        ("from diag.lint import a", [1, 1, 1]),
        ("from diag.lint.a import thing", [1, 1, 1]),
        ("from . import a", [1, 1, 1]),
        ("from .a import thing", [1, 1, 1]),
        ("from ..lint.a import thing", [1, 1, 1]),
        ("try:\n    import diag.lint.a\nexcept ImportError:\n    pass", [1, 1, 1]),
        ("class C:\n    import diag.lint.a", [1, 1, 1]),
        ("async def f():\n    if f:\n        from .a import thing", [0, 1, 1]),
        ("if TYPE_CHECKING:\n    from .a import thing", [0, 0, 1]),
        ("if typing.TYPE_CHECKING:\n    from .a import thing", [0, 0, 1]),
        ("def f():\n    if TYPE_CHECKING:\n        from .a import thing", [0, 0, 1]),
        ("if TYPE_CHECKING:\n    x = 1\nelse:\n    from .a import thing", [1, 1, 1]),
    ],
)
def test_each_way_to_import_is_seen_and_counted_where_it_belongs(
    report: Report, back: str, expected: list[int]
) -> None:
    code, text = report({"diag/lint/a.py": "import diag.lint.b", "diag/lint/b.py": back})
    assert code == 1
    assert [modules for modules, _ in counts(text)] == expected
    assert "error: a circle of 2\n  diag.lint.a\n  diag.lint.b\n" in text


def test_a_circle_of_three(report: Report) -> None:
    files = {f"probes/{name}.py": f"import probes.{imported}" for name, imported in ("ab", "bc", "ca", "da")}
    code, text = report(files)
    assert code == 1
    assert "error: a circle of 3\n  probes.a\n  probes.b\n  probes.c\n\n" in text


def test_packages_go_in_a_circle_where_their_modules_do_not(report: Report) -> None:
    code, text = report(
        {
            "diag/lint/a.py": "import diag.model.a",
            "diag/model/a.py": "",
            "diag/model/deep/b.py": "import diag.lint.b",
            "diag/lint/b.py": "",
        }
    )
    assert (code, counts(text)) == (1, [(0, 1)] * 3)
    assert "error: a circle of 2\n  diag.lint\n  diag.model\n" in text


def test_the_rooms_of_diag_lie_beside_the_other_two_packages(report: Report) -> None:
    code, text = report(
        {"diag/cli/a.py": "import probes.a", "probes/a.py": "import diag.record.a", "diag/record/a.py": ""}
    )
    assert (code, counts(text)) == (0, [(0, 0)] * 3)
    code, text = report({"diag/record/a.py": "import probes.b", "probes/b.py": ""})
    assert (code, counts(text)) == (1, [(0, 1)] * 3)


def test_inference_may_be_circular_inside_its_own_room_only(report: Report) -> None:
    inside = {
        "diag/model/infer/a.py": "import diag.model.infer.b",
        "diag/model/infer/b.py": "import diag.model.infer.a",
    }
    code, text = report(inside)
    assert (code, counts(text)) == (0, [(1, 1)] * 3)
    assert "allowed: a circle of 2\n" in text
    code, text = report(
        {"diag/model/inferred.py": "import diag.model.infer.a"}
        | inside
        | {"diag/model/infer/a.py": "import diag.model.infer.b, diag.model.inferred"}
    )
    assert code == 1
    assert "error: a circle of 3\n" in text


def test_rooms_and_long_functions(report: Report) -> None:
    long = "@decorated\ndef long():\n" + "    x = 1\n" * 40
    shorter = "".join(f"def f{n}():\n" + "    x = 1\n" * n for n in range(1, 12))
    _, text = report({"diag/model/a.py": long, "diag/model/deep/b.py": shorter, "lint_rules/c.py": "x = 1\n"})
    rooms = {
        line.split()[0]: line.split()[1:] for line in text.splitlines() if "/" in line or "rules" in line
    }
    assert rooms["diag/model"] == ["2", "42", "42"]
    assert rooms["diag/model/deep"] == ["2", "77", "77"]
    assert rooms["lint_rules"] == ["2", "1", "1"]
    (longest, *others) = text.partition("longest functions\n")[2].splitlines()
    assert longest.split() == ["41", "diag/model/a.py:2", "long"]
    assert [line.split()[-1] for line in others] == [f"f{n}" for n in range(11, 2, -1)]


def test_a_folder_without_the_packages_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


def test_this_tree_has_no_circle_where_none_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ROOT) == 0, capsys.readouterr().out
