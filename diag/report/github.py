"""The format `github`: workflow commands that GitHub Actions turns into annotations."""

from diag.finding import Finding
from diag.lint.result import Result
from diag.report.style import visible


def text(result: Result) -> str:
    """One command a finding, with its chain; one for each file that could not be judged."""
    commands = [_finding(finding) for finding in result.findings]
    for problem in result.problems:
        place = {"title": "diag", "file": problem.path}
        if problem.line:
            place["line"] = str(problem.line)
        commands.append(command("error", place, problem.message))
    return "".join(commands)


def _finding(finding: Finding) -> str:
    place = {
        "title": finding.code,
        "file": finding.path,
        "line": str(finding.line),
        "endLine": str(finding.end_line),
    }
    if finding.end_line == finding.line:  # GitHub takes columns within one line only
        place |= {"col": str(finding.column), "endColumn": str(finding.end_column)}
    chain = [
        f"{step.path}:{step.line}  {step.message}" if step.path else step.message for step in finding.chain
    ]
    return command(
        "error", place, "\n".join([finding.message, *chain, *([finding.help] if finding.help else [])])
    )


def command(kind: str, place: dict[str, str], message: str) -> str:
    """A workflow command of this kind (`error`, `warning`) at this place."""
    properties = ",".join(f"{key}={_escape(value, property=True)}" for key, value in place.items())
    return f"::{kind} {properties}::{_escape(message)}\n"


def _escape(value: str, *, property: bool = False) -> str:
    value = "\n".join(map(visible, value.split("\n")))
    value = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return value.replace(":", "%3A").replace(",", "%2C") if property else value
