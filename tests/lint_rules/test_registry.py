"""Where rules come from, and what is said of those that cannot be used."""

import subprocess
import sys
from pathlib import Path

import pytest

from diag.lint.registry import RuleError, load_rules

RULE = """
from diag.lint.rule import Rule


class Mine(Rule):
    code = "MY001"
    name = "my-rule"
    summary = "a rule"
    explanation = "Why."
    wrong = ()
    right = ()

    def check(self, context):
        return ()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An importable module with the text that the test is parametrized with; a name of its own each time."""
    name = f"rules_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(getattr(request, "param", RULE))
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_the_shipped_rules() -> None:
    rules = load_rules()

    assert [code for code in rules if code.startswith("DG")] == [
        *(f"DG{number}" for number in range(101, 111)),
        "DG201",
        "DG202",
        "DG203",
    ]
    assert len({rule.name for rule in rules.values()}) == len(rules)


def test_loading_the_rules_imports_neither_the_model_nor_libcst_nor_the_metadata_of_distributions() -> None:
    code = (
        "import sys; from diag.lint.registry import load_rules; load_rules();"
        "print([m for m in ('libcst', 'importlib.metadata', 'rich', 'typer', 'diag.lint.context',"
        " 'diag.model.infer.infer', 'diag.model.facts.sdk') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout == "[]\n"


@pytest.mark.parametrize("reference", ["{}", "{}:Mine"])
def test_an_entry_names_a_module_or_a_class(reference: str, package: str) -> None:
    assert list(load_rules([("mine", reference.format(package))])) == ["MY001"]


def test_a_package_is_searched_but_for_its_private_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "office_rules"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "second.py").write_text(RULE.replace("MY001", "MY002"))
    (folder / "first.py").write_text(RULE)
    (folder / "_helper.py").write_text("raise RuntimeError('must not be imported')")
    (folder / "orders").mkdir()
    (folder / "orders" / "__init__.py").write_text("")
    (folder / "orders" / "third.py").write_text(RULE.replace("MY001", "MY003"))
    (folder / "orders" / "_helper.py").write_text("raise RuntimeError('must not be imported')")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert list(load_rules([("office", "office_rules")])) == ["MY001", "MY002", "MY003"]


def test_rules_of_installed_distributions_are_found(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "some_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[diag.rules]\nmine = {package}\n")

    rules = load_rules()

    assert list(rules)[-1] == "MY001"
    assert "DG101" in rules


def test_the_same_rule_named_twice_is_one_rule(package: str) -> None:
    assert list(load_rules([("one", package), ("two", f"{package}:Mine")])) == ["MY001"]


def test_two_rules_with_one_code(package: str) -> None:
    other = f"{package}_other"
    sys.modules.pop(other, None)
    source = Path(sys.path[0], f"{package}.py").read_text()
    Path(sys.path[0], f"{other}.py").write_text(source.replace("class Mine", "class Other"))

    with pytest.raises(RuleError) as error:
        load_rules([("one", package), ("two", other)])

    assert str(error.value) == (
        f'entry point "two = {other}" of diag.rules: Other has code MY001, '
        f'as has Mine of entry point "one = {package}" of diag.rules'
    )


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("x = 1", "holds no rule (a concrete subclass of diag.lint.rule.Rule)"),
        ("1 / 0", "failed: ZeroDivisionError: division by zero"),
        ("import nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        (RULE.replace("MY001", "my-1"), 'Mine: code must be like "DG101", not "my-1"'),
        (RULE.replace("my-rule", "My rule"), 'Mine: name must be like "await-of-plain-value", not "My rule"'),
        (
            RULE.replace('    summary = "a rule"\n', '    scopes = frozenset({"call"})\n'),
            "Mine: summary must be a text; scopes must be a frozenset of async def, class, def, module",
        ),
        (RULE.replace("wrong = ()", "wrong = []"), "Mine: wrong must be a tuple of diag.lint.rule.Example"),
        (
            RULE + "\n    def __init__(self):\n        raise ValueError('no')\n",
            "Mine cannot be made without arguments: no",
        ),
    ],
    indirect=["package"],
)
def test_what_is_wrong_with_a_module_is_said(package: str, message: str) -> None:
    with pytest.raises(RuleError) as error:
        load_rules([("mine", package)])

    assert str(error.value).startswith(f'entry point "mine = {package}" of diag.rules: ')
    assert str(error.value).endswith(message)
    assert error.value.errors == (str(error.value),)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            "nowhere_at_all",
            "importing nowhere_at_all failed: ModuleNotFoundError: No module named 'nowhere_at_all'",
        ),
        ("pathlib:Path", "Path is not a subclass of diag.lint.rule.Rule"),
        ("pathlib:Nothing", "pathlib has no class Nothing"),
        ("diag.lint.rule:Rule", "Rule does not implement `check`"),
    ],
)
def test_what_is_wrong_with_a_reference_is_said(reference: str, message: str) -> None:
    with pytest.raises(RuleError) as error:
        load_rules([("mine", reference)])

    assert str(error.value) == f'entry point "mine = {reference}" of diag.rules: {message}'
