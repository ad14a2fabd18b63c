"""The format `concise`: `path:line:column: CODE message`, one line a finding."""

from collections.abc import Iterator

from diag.lint.result import Result
from diag.report.style import Line


def lines(result: Result) -> Iterator[Line]:
    """The findings, then the sites that stay unknown."""
    for code_style, findings in (("bold red", result.findings), ("yellow", result.unknown)):
        for finding in findings:
            yield [
                (f"{finding.path}:{finding.line}:{finding.column}", "bold"),
                (": ", ""),
                (finding.code or "unknown", code_style),
                (f" {finding.message}", ""),
                (f": {finding.cause}" if finding.cause and not finding.code else "", ""),
            ]
