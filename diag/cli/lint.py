"""`diag lint`: wrong, missing and blocking awaits."""

import gc
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from diag.cli.outputs import Target
    from diag.lint.result import Result
    from diag.lint.rule import Rule
    from diag.report.style import Line

FORMATS = ("full", "concise", "json", "github", "sarif")


def lint(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Files or folders.", show_default=False)
    ],
    select: Annotated[
        str | None,
        typer.Option(metavar="CODES", help="Only these rules: codes or prefixes, comma-separated."),
    ] = None,
    ignore: Annotated[
        str | None, typer.Option(metavar="CODES", help="Not these rules: codes or prefixes, comma-separated.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The environment (or its python) that the code runs in."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            "--output-format",
            metavar="FORMAT[:FILE]",
            help="full, concise, json, github or sarif; to FILE, else to stdout. May be repeated.",
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Apply the safe fixes, then report what remains.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show the safe fixes as a patch; change nothing.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Show how many sites were resolved, by verdict.")
    ] = False,
    show_unknown: Annotated[
        bool, typer.Option("--show-unknown", help="List what could not be resolved, by reason.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings.")
    ] = False,
) -> int:
    """Find wrong, missing and blocking awaits.

    Across files and into the SDK, without annotations, with the chain that explains each finding.
    """
    from diag.cli import outputs
    from diag.cli.ending import FAILED, FINDINGS, OK, interruptible
    from diag.cli.progress import Progress
    from diag.config import ConfigError, load
    from diag.lint.suppress import all_rules

    targets = outputs.parse(output or [], FORMATS, diff=diff)
    if fix and diff:
        raise ConfigError(["--fix changes files and --diff does not: give one of them"])
    outputs.spare(targets, paths)
    rules = all_rules()
    settings = load(
        paths,
        known_codes=rules,
        select=_codes(select),
        ignore=_codes(ignore),
        python=python,
        cache=not no_cache,
        fix=fix or diff or any(target.carries_fixes for target in targets),
        show_unknown=show_unknown,
    )

    def judge() -> "Result":
        from diag.lint.engine import lint as run

        collecting = gc.isenabled()
        gc.disable()
        try:
            with Progress(sys.stderr) as progress:
                return run(settings, progress=progress)
        finally:
            gc.freeze()  # the process ends soon: looking for what can be freed would take seconds
            if collecting:
                gc.enable()

    interruptible()
    result = judge()
    note = ""
    patch = ""
    if fix or diff:
        from diag.cli import fixing

        if diff:
            patch, problems = fixing.preview(result)
        else:
            result, applied, problems = fixing.apply(result, judge)
            note = f"Fixed {applied} {'problem' if applied == 1 else 'problems'}" if applied else ""
        result = replace(result, problems=(*result.problems, *problems))
    _write(targets, result, rules, patch=patch, note=note, statistics=statistics)
    if result.problems:
        return FAILED
    return FINDINGS if result.findings and not exit_zero else OK


def _write(
    targets: "Sequence[Target]",
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
    from diag.cli import outputs
    from diag.config import ConfigError
    from diag.report import summary

    def lines(format: str) -> "Iterable[Line]":
        if format == "full":
            from diag.report import full

            return full.lines(result)
        from diag.report import concise

        return concise.lines(result)

    def text(format: str) -> str:
        if format == "json":
            from diag.report import json

            return json.text(result)
        if format == "github":
            from diag.report import github

            return github.text(result)
        from diag.report import sarif

        return sarif.text(result, rules)

    if patch:
        outputs.say_text(patch)
    machine, errors = outputs.deliver(targets, lines, text)
    outputs.say(list(summary.problems(result)), human=False)
    below = [*summary.lines(result)]
    if note:
        below.insert(0, [(note, "bold green")])
    if statistics:
        below = [*summary.statistics(result.statistics), *below]
    outputs.say(below, human=not (machine or patch))
    if errors:
        raise ConfigError(errors)


def _codes(option: str | None) -> list[str] | None:
    return None if option is None else [code.strip() for code in option.split(",") if code.strip()]
