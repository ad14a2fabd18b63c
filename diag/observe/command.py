"""Turns the command that the user typed into one that starts with the hooks on board."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import diag.child
from diag.child.interpreter_options import parse
from diag.venv import candidates, interpreter

START = Path(diag.child.__file__).parent / "start.py"
BOOT = START.parent / "boot"


class CommandError(Exception):
    """A command that cannot be started: one clear line."""


@dataclass(frozen=True, slots=True)
class Command:
    """`argv` as it is started. `is_python`: the hooks are on board before the program's first line.

    `root` is the folder of the script that is run: its code is the user's, wherever it is run from.
    """

    argv: tuple[str, ...]
    is_python: bool
    root: Path | None = None


def observed(words: Sequence[str], *, python: Path, folder: Path) -> Command:
    """`python [flags] script|-m|-c ...`, `script.py ...` or a console script, run with the hooks on board.

    A bare `python` means the interpreter `python`; an interpreter named by its path stays the one named.
    Anything else (`uv run`, a shell script) is started as it is, and its Python gets the hooks by the
    environment. Raises CommandError when there is no such program.
    """
    if not words:
        raise CommandError("nothing to run: diag run [OPTIONS] -- COMMAND")
    first, rest = words[0], list(words[1:])
    if _is_python(first):
        interpreter = str(python) if os.sep not in first else first
        return _python(interpreter, rest, folder)
    if first.endswith(".py"):
        return _python(str(python), list(words), folder)
    found = _find(first, python)
    interpreter = _shebang(Path(found))
    if interpreter:
        return Command((interpreter, str(START), found, *rest), True)
    return Command((found, *rest), False)


def interpreter_for(python: Path | None, folder: Path) -> Path:
    """The Python that `--python` names, else the active or nearest environment's, else the one we run in."""
    if python is not None:
        found = interpreter(python)
        if found is None:
            raise CommandError(f"{python}: neither a Python nor an environment with one")
        return found.absolute()
    return next(filter(None, map(interpreter, candidates(folder))), Path(sys.executable))


def _python(interpreter: str, arguments: Sequence[str], folder: Path) -> Command:
    """Python's own flags first, then `start.py`, then what it runs."""
    flags, _, how, rest = parse(arguments)
    if not rest or rest[0] == "-":
        wanted = f"python {how}: what to run is missing" if how else "name a script or -m MODULE"
        raise CommandError(wanted if how else f"a Python at a prompt cannot be observed: {wanted}")
    root = None
    if not how:
        script = folder / rest[0]
        if not script.exists():
            raise CommandError(f"{rest[0]}: no such script in {folder}")
        root = (script if script.is_dir() else script.parent).resolve()
    return Command((interpreter, *flags, str(START), *([how] if how else []), *rest), True, root)


def _is_python(word: str) -> bool:
    name = Path(word).name
    return name.startswith("python") and name[6:].replace(".", "").isdecimal() | (name == "python")


def _find(name: str, python: Path) -> str:
    beside = python.parent / name
    if os.sep not in name and beside.is_file():
        return str(beside)
    found = shutil.which(name)
    if found is None:
        raise CommandError(f"{name}: no such program; looked beside {python} and on PATH")
    return found


def _shebang(script: Path) -> str:
    """The Python interpreter that a script names in its first line, or nothing."""
    try:
        with script.open("rb") as file:
            line = file.readline(512)
    except OSError as error:
        raise CommandError(f"{script}: {error.strerror}") from error
    if not line.startswith(b"#!"):
        return ""
    words = os.fsdecode(line[2:]).split()
    if words and Path(words[0]).name == "env":
        words = words[1:]
    if not words or not _is_python(words[0]):
        return ""
    return words[0] if os.sep in words[0] else (shutil.which(words[0]) or sys.executable)
