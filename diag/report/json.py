"""The format `json`; docs/output.md describes it and findings.schema.json, beside this file, defines it."""

from dataclasses import asdict

from diag import __version__
from diag.finding import Finding
from diag.lint.result import Result
from diag.report.style import json_text

VERSION = 1


def text(result: Result) -> str:
    """One JSON document, keys in a fixed order."""
    document = {
        "version": VERSION,
        "tool": {"name": "diag", "version": __version__},
        "findings": [_finding(finding) for finding in result.findings],
        "suppressed": [_finding(finding) for finding in result.suppressed],
        "unknown": [_finding(finding) for finding in result.unknown],
        "problems": [asdict(problem) for problem in result.problems],
        "statistics": asdict(result.statistics),
    }
    return json_text(document)


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "cause": finding.cause or None,
        "help": finding.help or None,
        "chain": [asdict(step) for step in finding.chain],
        "fix": asdict(finding.fix) if finding.fix else None,
    }
