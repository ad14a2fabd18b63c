"""The tools that are compared: how each is called, and where it keeps what it remembers."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PEERS = ("ty==0.0.105", "pyrefly==1.4.1", "pyright==1.1.414", "mypy==2.4.1")


@dataclass(frozen=True)
class Tool:
    """A checker. `command(environment)` checks the working directory, resolving imports in `environment`.

    `caches` are the folders in the working directory that make its second run a warm one; empty for a tool
    that starts from nothing each time.
    """

    name: str
    version: str
    command: Callable[[Path], list[str]]
    caches: tuple[str, ...] = ()

    def forget(self, tree: Path) -> None:
        for cache in self.caches:
            shutil.rmtree(tree / cache, ignore_errors=True)


def set_up(cache: Path, wanted: list[str]) -> tuple[list[Tool], dict[str, str]]:
    """The wanted tools that are there, in order, and for each that is not a line that says why."""
    names = {requirement.partition("==")[0]: requirement for requirement in PEERS}
    peers = cache / "peers"
    missing: dict[str, str] = {}
    if requirements := [names[name] for name in wanted if name in names]:
        trouble = install(peers, requirements)
        missing = {name: trouble for name in wanted if trouble and name in names}
    tools = []
    for name in wanted:
        folder = peers / "bin" if name in names else Path(sys.executable).parent
        if name not in missing:
            tool = find(name, folder)
            if isinstance(tool, Tool):
                tools.append(tool)
            else:
                missing[name] = tool
    return tools, missing


def install(environment: Path, requirements: list[str]) -> str:
    """Install into an environment of the bench's own. What went wrong, or ''."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
        capture_output=True,
        text=True,
    )
    return (done.stderr.strip().splitlines() or ["pip failed"])[-1] if done.returncode else ""


def find(name: str, folder: Path) -> Tool | str:
    """The tool in this folder, or a line that says why not."""
    if name not in COMMANDS:
        return f"unknown tool; known: {', '.join(COMMANDS)}"
    program = folder / name
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    version = re.search(r"\d+(\.\w+)+", answer.stdout)
    if answer.returncode or version is None:
        return f"{program} --version: exit code {answer.returncode}"
    arguments, caches = COMMANDS[name]
    return Tool(name, version[0], lambda environment: [str(program), *arguments(environment)], caches)


def _ty(environment: Path) -> list[str]:
    return ["check", "--python", str(environment), "--output-format", "concise", "."]


def _pyrefly(environment: Path) -> list[str]:
    python = str(environment / "bin" / "python")
    return [
        "check",
        "--python-interpreter-path",
        python,
        "--search-path",
        ".",
        "--output-format",
        "min-text",
        ".",
    ]


def _pyright(environment: Path) -> list[str]:
    return ["--pythonpath", str(environment / "bin" / "python"), "."]


def _mypy(environment: Path) -> list[str]:
    # Bodies without annotations are checked too, as the other tools do.
    python = str(environment / "bin" / "python")
    untyped = ["--check-untyped-defs", "--follow-untyped-imports"]
    return ["--python-executable", python, *untyped, "--explicit-package-bases", "--namespace-packages", "."]


def _diag(environment: Path) -> list[str]:
    return ["lint", "--python", str(environment), "--output-format", "concise", "."]


COMMANDS: dict[str, tuple[Callable[[Path], list[str]], tuple[str, ...]]] = {
    "diag": (_diag, (".diag_cache",)),
    "ty": (_ty, ()),
    "pyrefly": (_pyrefly, ()),
    "pyright": (_pyright, ()),
    "mypy": (_mypy, (".mypy_cache",)),
}
