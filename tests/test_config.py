import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from diag.bounds import Bounds
from diag.config import ConfigError, Settings, load, load_bounds, nearest

CODES = ["DG001", "DG101", "DG102", "DG201"]


def settings(root: Path, **options: object) -> Settings:
    return load([root], known_codes=CODES, **options)  # type: ignore[arg-type]


def errors(root: Path, **options: object) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        settings(root, **options)
    return caught.value.errors


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def environment(root: Path) -> Path:
    write(root / "pyvenv.cfg", "home = /usr/bin\n")
    return root


def test_without_configuration_the_root_is_the_repository(tmp_path: Path) -> None:
    write(tmp_path / ".git/HEAD", "")
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    assert settings(folder) == Settings(paths=(folder,), root=tmp_path)


def test_every_key_is_read(tmp_path: Path) -> None:
    environment(tmp_path / "env")
    write(
        tmp_path / "diag.toml",
        """
        select = ["DG1"]
        ignore = ["DG102"]
        exclude = ["gen/"]
        python = "env"
        [per-path-ignores]
        "tests/" = ["DG1", "DG201"]
        """,
    )
    found = settings(tmp_path)
    assert found.select == ("DG1",)
    assert found.ignore == ("DG102",)
    assert found.exclude == ("gen/",)
    assert found.python == tmp_path / "env"
    assert found.per_path_ignores == (("tests/", ("DG1", "DG201")),)
    assert found.root == tmp_path


def test_the_nearest_configuration_wins_and_diag_toml_before_pyproject(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.diag]\nselect = ['DG101']\n")
    write(tmp_path / "in/pyproject.toml", "[tool.diag]\nselect = ['DG102']\n")
    write(tmp_path / "in/diag.toml", "select = ['DG201']\n")
    write(tmp_path / "in/deeper/pyproject.toml", "[tool.other]\ndiag = 1\n")
    write(tmp_path / "in/deeper/bot.py", "")
    assert load([tmp_path / "in/deeper/bot.py"], known_codes=CODES).select == ("DG201",)
    (tmp_path / "in/diag.toml").unlink()
    assert settings(tmp_path / "in").select == ("DG102",)
    assert settings(tmp_path).select == ("DG101",)


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "diag.toml", "select = ['DG101']\n")
    write(tmp_path / "repo/.git/HEAD", "")
    assert settings(tmp_path / "repo").select == ()


def test_options_replace_what_the_configuration_says(tmp_path: Path) -> None:
    environment(tmp_path / "env")
    write(tmp_path / "diag.toml", "select = ['DG1']\nignore = ['DG102']\n")
    found = settings(tmp_path, select=["DG2"], ignore=[], python=tmp_path / "env", cache=False, fix=True)
    assert (found.select, found.ignore, found.python) == (("DG2",), (), tmp_path / "env")
    assert (found.cache, found.fix) == (False, True)


def test_all_errors_at_once_each_with_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    config = write(
        tmp_path / "pyproject.toml",
        """
        [tool.diag]
        selekt = ["DG101"]
        ignore = ["DG1O2", "DG9"]
        exclude = "gen"
        python = "nowhere"
        per-path-ignores = { "a/" = [1], "b/" = ["DG20l"] }
        """,
    )
    found = errors(tmp_path, select=["dg101"])
    place = config.as_posix()
    assert [error for error in found if not error.startswith(("--select", place))] == []
    assert len(found) == 8
    text = "\n".join(found)
    for part in (
        'unknown key "selekt" (did you mean "select"?)',
        'ignore: unknown rule code "DG1O2" (did you mean "DG102"?)',
        'unknown rule code "DG9"',
        "exclude must be an array of strings, not a string",
        "nowhere does not exist",
        'per-path-ignores."a/" must be an array of strings',
        'per-path-ignores."b/": unknown rule code "DG20l" (did you mean "DG201"?)',
        '--select: unknown rule code "dg101" (did you mean "DG101"?)',
    ):
        assert part in text
    assert all("\n" not in error for error in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.diag\n", "not valid TOML"),
        ("[tool]\ndiag = 3\n", "tool.diag must be a table, not an integer"),
        ("[tool.diag]\nper-path-ignores = []\n", "must be a table of globs, not an array"),
        ("[tool.diag]\npython = true\n", "python must be a string, not a boolean"),
    ],
)
def test_malformed_configuration(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path / "pyproject.toml", text)
    (error,) = errors(tmp_path)
    assert message in error
    assert "pyproject.toml" in error


def test_a_configuration_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "diag.toml").write_bytes(b"\xff\xfe")
    (error,) = errors(tmp_path)
    assert "not valid TOML" in error


def test_a_broken_pyproject_of_somebody_else_is_not_our_business(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[project\n")
    assert settings(tmp_path).select == ()


@pytest.mark.parametrize(
    ("given", "reason"), [("nowhere", "does not exist"), ("folder", "is not a Python env")]
)
def test_an_environment_that_is_none(tmp_path: Path, given: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (error,) = errors(tmp_path, python=tmp_path / given)
    assert error.startswith("--python: ")
    assert reason in error


def test_an_interpreter_is_an_environment() -> None:
    found = load([Path()], known_codes=CODES, python=Path(sys.executable))
    assert found.python == Path(sys.executable)


def test_nearest_knows_when_nothing_is_near() -> None:
    assert nearest("ignor", ["ignore", "select"]) == ' (did you mean "ignore"?)'
    assert nearest("dg1o1", ["DG110", "DG100", "DG101", "DG201"]) == ' (did you mean "DG101"?)'
    assert nearest("zzzzzz", ["ignore", "select"]) == ""


def test_without_a_configuration_no_toml_reader_is_imported(tmp_path: Path) -> None:
    write(tmp_path / ".git/HEAD", "")
    code = (
        "import sys; from pathlib import Path; from diag.config import load; "
        f"load([Path({str(tmp_path)!r})], known_codes=['DG101']); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'tomllib'" not in done.stdout
    assert "'difflib'" not in done.stdout


def test_bounds_come_from_the_configuration_and_options_replace_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "diag.toml", "[probe]\nmax-age-ms = 5\nmax-slippage-bps = 0.1\n")
    monkeypatch.chdir(tmp_path)
    assert load_bounds(["max-age-ms=7"]) == (
        tmp_path,
        Bounds(max_age_ms=Decimal(7), max_slippage_bps=Decimal("0.1")),
    )


def test_every_wrong_bound_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path / "pyproject.toml",
        "[tool.diag.probe]\nmax-ages-ms = 5\nmax-slippage-bps = true\nmax-iterations = -1\n",
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_bounds(["max-age-ms", "max-age-ms=soon", "x=1", "max-age-ms=inf"])
    assert caught.value.errors[:5] == (
        'pyproject.toml: probe: unknown bound "max-ages-ms" (did you mean "max-age-ms"?)',
        "pyproject.toml: probe: max-slippage-bps must be a number from 0 to 1000000000000, not True",
        "pyproject.toml: probe: max-iterations must be a number from 0 to 1000000000000, not -1",
        '--bound: "max-age-ms" is not of the form NAME=VALUE',
        "--bound: max-age-ms must be a number from 0 to 1000000000000, not 'soon'",
    )
    assert caught.value.errors[5].startswith('--bound: unknown bound "x"; known are max-latency-p95-ms, ')
    assert len(caught.value.errors) == 7
    with pytest.raises(ConfigError, match="max-ages-ms"):
        load([tmp_path], known_codes=CODES)
