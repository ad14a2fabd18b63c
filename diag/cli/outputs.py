"""`-o FORMAT[:FILE]`: which reports are wanted, and where each goes."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from diag.cli.ending import drop
from diag.config import ConfigError, nearest

if TYPE_CHECKING:
    from diag.report.style import Line

HUMAN = ("full", "concise")


class Target(NamedTuple):
    """One report: its format and its file (None: stdout)."""

    format: str
    file: Path | None

    @property
    def carries_fixes(self) -> bool:
        """Whether the format is asked for fixes by itself; making them takes a run without cache."""
        return self.format == "sarif"


def parse(options: Sequence[str], formats: Sequence[str], *, diff: bool = False) -> list[Target]:
    """The reports that are wanted; `full` on stdout when none is named. Raises ConfigError.

    With `diff`, stdout belongs to the patch.
    """
    targets: list[Target] = []
    errors: list[str] = []
    for option in options:
        name, _, file = option.partition(":")
        if name not in formats:
            hint = nearest(name, formats) or f"; known are {', '.join(formats)}"
            errors.append(f'--output: unknown format "{name}"{hint}')
        elif option.endswith(":"):
            errors.append(f'--output: "{option}" names no file')
        targets.append(Target(name, Path(file) if file not in ("", "-") else None))
    on_stdout = [target.format for target in targets if target.file is None]
    if len(on_stdout) > 1:
        errors.append(
            f"--output: {' and '.join(on_stdout)} would both go to stdout; write {on_stdout[-1]}:FILE"
        )
    elif on_stdout and diff:
        errors.append(f"--diff writes the patch to stdout; write --output {on_stdout[0]}:FILE")
    files = [target.file for target in targets if target.file is not None]
    errors.extend(f"--output: two reports would go to {file}" for file in files if files.count(file) > 1)
    if errors:
        raise ConfigError(dict.fromkeys(errors))
    if not options and not diff:
        targets.append(Target("full", None))
    return targets


KEPT = frozenset({".py", ".pyi", ".ipynb", ".toml", ".env", ".key", ".pem"})


def spare(targets: Sequence[Target], inputs: Iterable[Path]) -> None:
    """Raises ConfigError for a report that would be written over what this run reads, or what no report is.

    An input may be a folder: then the files in it that hold code or settings are spared.
    """
    errors = []
    given = [Path(os.path.realpath(path)) for path in inputs]
    for target in targets:
        if target.file is None or str(target.file).startswith(("/dev/", "/proc/")):
            continue
        real = Path(os.path.realpath(target.file))
        if real in given or (real.exists() and any(map(real.samefile, filter(Path.exists, given)))):
            errors.append(f"--output: {target.file} is read by this run; name another file")
        elif real.exists() and (real.suffix in KEPT or real.name.startswith(".env")):
            errors.append(f"--output: {target.file} is there and no report; name another file")
        elif real.exists() and not real.is_file():
            errors.append(f"--output: {target.file} is not a file")
    if errors:
        raise ConfigError(errors)


def unreadable(path: Path) -> list[str]:
    """Why this cannot be read as a file of text; nothing where it can."""
    if not os.path.lexists(path):
        return ["no such file"]
    if not path.is_file():
        return ["not a file"]
    try:
        raw = path.read_bytes()
        raw.decode("utf-8-sig")
    except OSError as error:
        return [f"cannot be read: {error.strerror}"]
    except UnicodeDecodeError:
        return ["is not UTF-8 text"]
    return ["holds a NUL byte"] if b"\0" in raw else []


def is_for_machine(targets: Sequence[Target]) -> bool:
    """Whether a machine reads stdout: then nothing but the report may stand there."""
    return any(target.file is None and target.format not in HUMAN for target in targets)


def deliver(
    targets: Sequence[Target],
    lines: "Callable[[str], Iterable[Line]]",
    text: Callable[[str], str],
) -> tuple[bool, list[str]]:
    """Writes every report: `lines` makes the formats for people, `text` the others.

    Returns whether a machine reads stdout, and what could not be written.
    """
    from diag.report.style import plain

    errors: list[str] = []
    machine = False
    for target in targets:
        human = target.format in HUMAN
        if target.file is not None:
            try:
                told = plain(lines(target.format)) if human else text(target.format)
                descriptor = os.open(target.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(
                    descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n"
                ) as file:
                    file.write(told)
            except OSError as error:
                errors.append(f"--output: {target.file} cannot be written: {error.strerror or error}")
        elif human:
            say(list(lines(target.format)))
        else:
            machine = True
            say_text(text(target.format))
    return machine, errors


def say(lines: "list[Line]", *, human: bool = True) -> None:
    """Lines for people, on stdout or on stderr."""
    from diag.report.style import show

    if not lines:
        return
    try:
        # What is on stdout already must stand before what stderr says of it.
        sys.stdout.flush()
        show(lines, sys.stdout if human else sys.stderr)
    except BrokenPipeError:
        drop(sys.stdout)


def say_text(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        drop(sys.stdout)
