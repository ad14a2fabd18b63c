"""`-o FORMAT[:FILE]`: which reports are wanted, and where each goes."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from diag.cli import drop_stdout
from diag.config import ConfigError, nearest

if TYPE_CHECKING:
    from diag.lint.result import Result
    from diag.lint.rule import Rule
    from diag.report.style import Line

HUMAN = ("full", "concise")
FORMATS = (*HUMAN, "json", "github", "sarif")


class Target(NamedTuple):
    """One report: its format and its file (None: stdout)."""

    format: str
    file: Path | None

    @property
    def carries_fixes(self) -> bool:
        """Whether the format is asked for fixes by itself; making them takes a run without cache."""
        return self.format == "sarif"


def parse(options: Sequence[str], *, diff: bool) -> list[Target]:
    """The reports that are wanted; `full` on stdout when none is named. Raises ConfigError.

    With `diff`, stdout belongs to the patch.
    """
    targets: list[Target] = []
    errors: list[str] = []
    for option in options:
        name, _, file = option.partition(":")
        if name not in FORMATS:
            hint = nearest(name, FORMATS) or f"; known are {', '.join(FORMATS)}"
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


def write(
    targets: Sequence[Target],
    result: "Result",
    rules: "Mapping[str, Rule]",
    *,
    patch: str,
    note: str,
    statistics: bool,
) -> None:
    """Writes every report, then the summary, which goes to stderr when a machine reads stdout.

    Raises ConfigError for files that cannot be written, after everything else is out.
    """
    from diag.report import summary

    errors: list[str] = []
    machine = bool(patch)
    if patch:
        _say_text(patch)
    for target in targets:
        if target.file is not None:
            try:
                target.file.write_text(
                    _text(target.format, result, rules),
                    encoding="utf-8",
                    errors="backslashreplace",
                    newline="\n",
                )
            except OSError as error:
                errors.append(f"--output: {target.file} cannot be written: {error.strerror or error}")
        elif target.format in HUMAN:
            _say(_lines(target.format, result))
        else:
            machine = True
            _say_text(_text(target.format, result, rules))
    _say(list(summary.problems(result)), human=False)
    lines = [*summary.lines(result)]
    if note:
        lines.insert(0, [(note, "bold green")])
    if statistics:
        lines = [*summary.statistics(result.statistics), *lines]
    _say(lines, human=not machine)
    if errors:
        raise ConfigError(errors)


def _lines(format: str, result: "Result") -> "list[Line]":
    if format == "full":
        from diag.report import full

        return list(full.lines(result))
    from diag.report import concise

    return list(concise.lines(result))


def _text(format: str, result: "Result", rules: "Mapping[str, Rule]") -> str:
    if format in HUMAN:
        from diag.report.style import plain

        return plain(_lines(format, result))
    if format == "json":
        from diag.report import json

        return json.text(result)
    if format == "github":
        from diag.report import github

        return github.text(result)
    from diag.report import sarif

    return sarif.text(result, rules)


def _say(lines: "list[Line]", *, human: bool = True) -> None:
    """Lines for people, on stdout or on stderr."""
    from diag.report.style import show

    if not lines:
        return
    try:
        # What is on stdout already must stand before what stderr says of it.
        sys.stdout.flush()
        show(lines, sys.stdout if human else sys.stderr)
    except BrokenPipeError:
        drop_stdout()


def _say_text(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        drop_stdout()
