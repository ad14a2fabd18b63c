"""What the documents say is what the program does."""

import json
import re
import shlex
import shutil
from importlib import resources
from pathlib import Path

import pytest

from diag.cli import main
from diag.config import KEYS, load
from diag.lint.suppress import all_rules

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OUTPUT = (ROOT / "docs/output.md").read_text(encoding="utf-8")
FOR_DEVELOPERS = ("ARCHITECTURE.md", "CONTRIBUTING.md")


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+|(?<![\w-])-[a-z]\b", text))


def test_the_readme_opens_with_the_two_commands() -> None:
    assert README.split("\n\n")[1] == "```console\n$ make demo\n$ make test\n```"


def test_every_option_is_in_the_readme_and_the_other_way_round(capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", "--help"])
    offered = options(capsys.readouterr().out.partition("Options:")[2])
    rows = [row.split("|")[1] for row in README.splitlines() if row.startswith(("| `-", "| `--"))]
    assert offered
    assert options(" ".join(rows)) == offered
    main(["--help"])
    assert options(capsys.readouterr().out) <= options(README)


READER = """
import json, urllib.request

asked = urllib.request.Request(
    "https://market-data.grvt.io/full/v1/ticker",
    json.dumps({"instrument": "ETH_USDT_Perp"}).encode(),
    {"Content-Type": "application/json"},
)
print(json.load(urllib.request.urlopen(asked, timeout=10))["result"]["best_bid_price"])
"""


def test_every_command_line_of_the_documents_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`PATH...` and `bot/` stand for a clean tree, `exchanges` and `bot.py` for what passes."""
    pytest.importorskip("pysdk")
    shutil.copytree(ROOT / "examples/hedge/mended", tmp_path, dirs_exist_ok=True)
    shutil.copy(ROOT / "examples/hedge/adapter.py", tmp_path)
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/a.py").write_text("x = 1\n")
    (tmp_path / "bot.py").write_text(READER)
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\$ diag (.*)$", README, re.MULTILINE)
    commands += [f"rule {code}" for code in re.findall(r"`diag rule (DG\d+)`", README)]
    commands = [command for command in commands if "examples/" not in command]
    assert len(commands) >= 4
    for command in commands:
        code = main(shlex.split(command.replace("PATH...", "bot")))
        assert (code, command) == (0, command)
    capsys.readouterr()


def test_the_example_of_the_readme_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"<!-- example: diag (.*?) -->\n```console\n(.*?)```", README, re.DOTALL)
    assert found
    shutil.copytree(ROOT / "examples", tmp_path / "examples")  # far from any environment with the SDK
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert main([*shlex.split(found[1]), "--no-cache"]) == 1
    assert capsys.readouterr().out == found[2], "run `make readme`"


def test_the_configuration_of_the_readme_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(block)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pyvenv.cfg").write_text("")
    settings = load([tmp_path], known_codes=all_rules())
    assert settings.select == ("DG1", "DG2")
    assert settings.per_path_ignores == (("tests/", ("DG2",)),)
    assert all(re.search(rf"^{key} = |\.{key}\]", block, re.MULTILINE) for key in KEYS)


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *map(ROOT.joinpath, FOR_DEVELOPERS), *(ROOT / "docs").glob("*.md")):
        prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#:]+)\)", prose):
            assert (page.parent / target).exists(), (page.name, target)


def test_every_document_is_in_the_index_and_the_index_in_the_readme() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()
    assert "](docs/README.md)" in README


@pytest.mark.parametrize("page", FOR_DEVELOPERS)
def test_every_path_that_a_page_for_developers_names_is_there(page: str) -> None:
    """`<name>` and `DGnnn` stand for any."""
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`([\w.<>-]*/[\w.<>/-]*|[\w.-]+\.(?:py|md|toml|yaml))`", text)
    assert len(paths) > 20
    assert [path for path in paths if not any(ROOT.glob(re.sub(r"<\w+>|nnn", "*", path)))] == []


def test_every_room_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [
        path.parent.relative_to(ROOT).as_posix()
        for pattern in ("diag/*/", "diag/model/*/", "probes/*/", "lint_rules/")
        for path in ROOT.glob(f"{pattern}__init__.py")
    ]
    assert len(rooms) > 10
    assert [room for room in rooms if f"`{room}/" not in text] == []


def test_the_page_on_output_names_every_key_of_the_schema() -> None:
    schema = json.loads((resources.files("diag.report") / "findings.schema.json").read_text(encoding="utf-8"))
    keys = {*schema["properties"], *schema["$defs"]["site"]["properties"]}
    assert {key for key in keys if f"`{key}`" not in OUTPUT} == set()


def test_every_code_named_anywhere_is_a_rule_or_in_a_named_family() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    named = set(re.findall(r"DG\d{3}", README + OUTPUT + changelog))
    assert named <= set(all_rules())
