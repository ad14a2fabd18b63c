"""The format `sarif`: SARIF 2.1.0 (OASIS), for code scanning services and editors."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from diag import __version__
from diag.finding import Finding, Fix, Problem, Step
from diag.lint.result import Result
from diag.lint.rule import Rule
from diag.report.style import json_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Json = dict[str, object]


def text(result: Result, rules: Mapping[str, Rule]) -> str:
    """One SARIF log; the chain of a finding is its code flow."""
    used = sorted({finding.code for finding in (*result.findings, *result.suppressed)})
    index = {code: number for number, code in enumerate(used)}
    first: dict[tuple[str, str], Finding] = {}
    for finding in result.findings:
        if finding.cause:
            first.setdefault((finding.code, finding.cause), finding)
    results = [_result(finding, index, first) for finding in result.findings]
    results.extend(
        _result(finding, index, first) | {"suppressions": [{"kind": "inSource"}]}
        for finding in result.suppressed
    )
    run: Json = {
        "tool": {
            "driver": {
                "name": "diag",
                "semanticVersion": __version__,
                "rules": [_rule(code, rules.get(code)) for code in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not result.problems,
                "toolExecutionNotifications": [_notification(problem) for problem in result.problems],
            }
        ],
        "results": results,
    }
    log: Json = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log)


def _rule(code: str, rule: Rule | None) -> Json:
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, index: Mapping[str, int], first: Mapping[tuple[str, str], Finding]) -> Json:
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": "error",
        "message": {"text": message},
        "locations": [_location(finding)],
    }
    if finding.chain:
        flow = [{"location": _step(step)} for step in finding.chain]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    if finding.cause:
        digest = hashlib.sha256(f"{finding.code}\0{finding.cause}".encode("utf-8", "surrogatepass"))
        result["partialFingerprints"] = {"cause/v1": digest.hexdigest()[:32]}
        sibling = first.get((finding.code, finding.cause))
        if sibling is not None and sibling is not finding:
            result["relatedLocations"] = [
                {"id": 1, "message": {"text": "the first finding with this cause"}} | _location(sibling)
            ]
    if finding.fix:
        result["fixes"] = [_fix(finding.path, finding.fix)]
    return result


def _location(finding: Finding) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.path),
            "region": _region(finding.line, finding.column, finding.end_line, finding.end_column),
        }
    }


def _region(line: int, column: int, end_line: int, end_column: int) -> Json:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _step(step: Step) -> Json:
    location: Json = {"message": {"text": step.message}}
    if step.path:
        physical: Json = {"artifactLocation": _artifact(step.path)}
        if step.line:
            physical["region"] = {"startLine": step.line}
        location["physicalLocation"] = physical
    return location


def _artifact(path: str) -> Json:
    name = Path(path)
    return {"uri": name.as_uri() if name.is_absolute() else quote(name.as_posix(), errors="surrogateescape")}


def _fix(path: str, fix: Fix) -> Json:
    replacements: Sequence[Json] = [
        {
            "deletedRegion": _region(edit.line, edit.column, edit.end_line, edit.end_column),
            "insertedContent": {"text": edit.text},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _notification(problem: Problem) -> Json:
    physical: Json = {"artifactLocation": _artifact(problem.path)}
    if problem.line:
        physical["region"] = {"startLine": problem.line}
    return {
        "level": "error",
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": physical}],
    }
