"""The wheel holds what the checkout holds, and the metadata of the project."""

import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
WHEEL = SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    if not (ROOT / "probes").is_dir():
        pytest.skip("no checkout to build from: the installed package is what is tested")
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_every_file_of_the_packages_is_in_the_wheel_as_it_is_here(wheel: zipfile.ZipFile) -> None:
    """Code, bundled facts, scenarios, schemas and marks of types alike; and nothing else."""
    given = [ROOT / name for name in (*WHEEL["packages"], *WHEEL.get("force-include", ()))]
    here = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in [*given, *(path for folder in given for path in folder.rglob("*"))]
        if path.is_file() and path.suffix != ".pyc"
    }
    there = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    assert here.keys() == there.keys()
    assert [name for name, content in here.items() if there[name] != content] == []
    assert {Path(name).suffix for name in here} >= {".py", ".json", ".toml", ".typed"}


def test_commands_and_plugins_are_those_of_the_project(wheel: zipfile.ZipFile) -> None:
    (written,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    declared = {("console_scripts", name, value) for name, value in PROJECT["scripts"].items()}
    declared |= {
        (group, name, value)
        for group, entries in PROJECT["entry-points"].items()
        for name, value in entries.items()
    }
    installed = distribution(PROJECT["name"]).entry_points
    assert {(entry.group, entry.name, entry.value) for entry in installed} == declared
    assert all(value in wheel.read(written).decode() for _, _, value in declared)


def test_what_is_declared_can_be_loaded() -> None:
    entries = distribution(PROJECT["name"]).entry_points
    assert {entry.group for entry in entries} >= {"console_scripts", "diag.rules"}
    for entry in entries:
        assert entry.load() is not None
