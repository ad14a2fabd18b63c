"""`diag probe`, through the command line."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from diag.bounds import Bounds
from diag.cli import main
from diag.record import read
from probes.market import scenario
from tests.cli.conftest import Run

Diag = Callable[..., Run]
ETH = ("probe", "grvt", "--ticker", "ETH")
QUICK = (*ETH, "--samples", "5")
SOURCE = Path(__file__).resolve().parents[2]


def test_the_default_run_passes_with_one_line_a_check(diag: Diag) -> None:
    done = diag(*QUICK)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    outcomes = [line.split()[0] for line in lines if line.startswith("  ")]
    assert outcomes == ["pass"] * 29
    assert [line for line in lines if not line.startswith("  ")][:2] == ["bbo", "iterative_order"]
    assert re.search(r"grvt:\d+", done.out)
    found = re.search(r"^29 passed  record: (\S+)$", lines[-1])
    assert found
    assert Path(found[1]).parent == Path(".diag_runs")
    assert (Path(".diag_runs") / ".gitignore").read_text() == "*\n"
    assert len(list(read(Path(found[1])).events())) > 100


def test_the_json_keeps_to_its_schema_and_cites_rows_of_the_record(diag: Diag) -> None:
    done = diag(*QUICK, "-o", "json", "--record", "here")
    assert (done.code, done.err) == (0, "29 passed  record: here\n")
    document = json.loads(done.out)
    schema = json.loads((resources.files("diag.report") / "verdict.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert document["outcome"] == "pass"
    assert document["subject"]["instrument"] == "ETH_USDT_Perp"
    rows = {event.where for event in read(Path("here")).events()}
    cited = {item["where"] for check in document["checks"] for item in check["evidence"]}
    assert cited
    assert cited <= rows
    assert any(where.startswith("grvt:") for where in cited)


def test_every_format_says_the_same(diag: Diag) -> None:
    argv = (*QUICK, "--scenario", "empty-book", "--bound", "max-latency-p95-ms=0")
    done = diag(*argv, "-o", "concise", "-o", "json:a.json", "-o", "junit:a.xml", "-o", "github:a.txt")
    assert done.code == 1
    checks = {check["name"]: check for check in json.loads(Path("a.json").read_text())["checks"]}
    concise = {line.split(": ")[0]: line.split(": ")[1] for line in done.out.splitlines()[:-1]}
    assert concise == {name: check["outcome"] for name, check in checks.items()}
    assert {*concise.values()} == {"pass", "fail", "not shown"}
    suite = ElementTree.parse("a.xml").getroot()
    cases = {f"{case.get('classname')}.{case.get('name')}": case for case in suite.iter("testcase")}
    told = {"failure": "fail", "error": "not shown"}
    assert {name: told[case[0].tag] if len(case) else "pass" for name, case in cases.items()} == concise
    assert suite.get("failures") == str([*concise.values()].count("fail"))
    assert suite.get("errors") == str([*concise.values()].count("not shown"))
    github = Path("a.txt").read_text().splitlines()
    told = {"fail": "error", "not shown": "warning"}
    assert [line.partition(" ")[0] for line in github] == [
        f"::{told[outcome]}" for outcome in concise.values() if outcome in told
    ]


def test_exit_codes_tell_pass_fail_and_not_shown_apart(diag: Diag) -> None:
    assert diag(*QUICK).code == 0
    assert diag(*QUICK, "--bound", "max-quoted-spread-p95-bps=0.1").code == 1
    assert diag(*QUICK, "--size", "0.005").code == 2
    assert diag(*QUICK, "--scenario", "halted").code == 3


def test_all_scenarios_are_judged_by_what_each_expects(diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "names", lambda: ("calm", "halted", "crossed-book"))
    done = diag(
        *ETH,
        "--samples",
        "12",
        "--scenario",
        "all",
        "-o",
        "full",
        "-o",
        "junit:all.xml",
        "-o",
        "json:all.json",
    )
    assert (done.code, done.err) == (0, "")
    head, *rows, end = done.out.splitlines()
    assert head.split() == ["scenario", "expects", "bbo", "iterative_order", "trading"]
    assert [" ".join(row.split()) for row in rows] == [
        "calm success pass pass pass",
        "halted safe failure pass pass pass",
        "crossed-book safe failure pass pass pass",
    ]
    found = re.search(r"^9 passed  \d+ s  record: (\S+)$", end)
    assert found
    assert {each.name for each in Path(found[1]).iterdir()} == {"calm", "crossed-book", "halted"}
    suites = ElementTree.parse("all.xml").getroot()
    assert [(suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites] == [
        ("3", "0", "0")
    ] * 3
    assert all(float(case.get("time", "0")) > 0 for case in suites.iter("testcase"))
    schema = json.loads((resources.files("diag.report") / "verdict.schema.json").read_text())
    jsonschema.validate(json.loads(Path("all.json").read_text()), schema)


def test_one_scenario_that_fails_is_named_and_fails_all(diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "names", lambda: ("calm", "empty-book"))
    slow = ("--probe", "bbo", "--bound", "max-latency-p95-ms=0")
    done = diag(*QUICK, "--scenario", "all", *slow)
    assert done.code == 1
    assert re.search(r"^calm +success +fail", done.out, re.MULTILINE)
    assert re.search(r"^  fail +bbo +\d of \d passed; latency: fail: ", done.out, re.MULTILINE)


def test_bounds_come_from_the_configuration(diag: Diag) -> None:
    Path("diag.toml").write_text("[probe]\nmax-quoted-spread-p95-bps = 0.1\n")
    done = diag(*QUICK)
    assert done.code == 1
    assert "p95 <= 0.1 bps" in done.out
    assert diag(*QUICK, "--bound", "max-quoted-spread-p95-bps=1").code == 0


def test_a_scenario_may_be_a_file_and_probes_are_chosen(diag: Diag) -> None:
    written = (
        'about = "mine"\nexpects = "success"\n[latency]\nplace = { ms = 1 }\ncreate_order = { ms = 2 }\n'
    )
    Path("mine.toml").write_text(written)
    done = diag(*QUICK, "--scenario", "./mine.toml", "--probe", "iterative_order", "-o", "concise")
    assert done.code == 0
    assert {line.partition(".")[0] for line in done.out.splitlines()[:-1]} == {"iterative_order", "trading"}
    assert len(done.out.splitlines()) == 20


def test_the_samples_are_spread_over_the_duration(diag: Diag) -> None:
    assert diag(*QUICK, "--probe", "bbo", "--duration", "0.5", "--record", "r").code == 0
    stamps = [event.monotonic_ns for event in read(Path("r")).events() if event.kind == "ask"]
    assert stamps[4] - stamps[0] >= 0.4e9


WRONG: list[tuple[list[str], str]] = [
    (["probe", "grvd", "--ticker", "ETH"], 'unknown venue "grvd" (did you mean "grvt"?)'),
    (["probe", "grvt"], "Missing option '--ticker'"),
    (["probe", "grvt", "--ticker", "ETC"], '--ticker: the venue does not list "ETC" (did you mean "ETH"?)'),
    (["probe", "grvt", "--ticker", "XYZZY"], "listed are BTC, ETH, SOL"),
    ([*ETH, "--scenario", "clam"], '--scenario: unknown scenario "clam" (did you mean "calm"?)'),
    ([*ETH, "--scenario", "no/such.toml"], "no/such.toml: cannot be read"),
    ([*ETH, "--env", "tesnet"], '--env: unknown environment "tesnet" (did you mean "testnet"?)'),
    ([*ETH, "--probe", "boo"], '--probe: unknown probe "boo" (did you mean "bbo"?)'),
    ([*ETH, "--size", "0.005"], "--size: 0.005 is below the minimum size 0.01 of ETH_USDT_Perp"),
    ([*ETH, "--size", "0.505"], "--size: 0.505 is not a multiple of 0.01, the step of ETH_USDT_Perp"),
    ([*ETH, "--size", "much"], '--size: "much" is not a positive number'),
    ([*ETH, "--size", "-1"], '--size: "-1" is not a positive number'),
    ([*ETH, "--size", "nan"], '--size: "nan" is not a positive number'),
    ([*ETH, "--size", "1" + "0" * 30], "--size: "),
    ([*ETH, "--size", "1_0"], '--size: "1_0" is not a positive number, as in 0.5'),
    ([*ETH, "--seed", "-1"], "--seed"),
    ([*ETH, "--bound", "max-iterations=1.5"], "--bound: max-iterations must be a whole number, not 1.5"),
    ([*ETH, "--bound", "max-iterations=1e40"], "--bound: max-iterations must be"),
    ([*ETH, "--record", "file"], "--record: file: is not a folder; name another"),
    ([*ETH, "--samples", "0"], "--samples: must be 1 or more"),
    ([*ETH, "--duration", "-1"], "--duration: must be between"),
    ([*ETH, "--bound", "max-age=1"], '--bound: unknown bound "max-age" (did you mean "max-age-ms"?)'),
    ([*ETH, "-o", "sarif"], 'unknown format "sarif"; known are full, concise, json, junit, github'),
    ([*ETH, "--arm-orders"], "nothing to arm here"),
    ([*ETH, "--env", "prod", "--scenario", "calm"], "--scenario is of the embedded venue"),
    ([*ETH, "--env", "prod", "--seed", "1"], "--seed is of the embedded venue"),
    ([*ETH, "--env", "prod", "--arm-orders"], "--arm-orders and --max-notional go together"),
    ([*ETH, "--env", "prod", "--max-notional", "5"], "--arm-orders and --max-notional go together"),
    ([*ETH, "--env", "testnet", "--probe", "iterative_order"], "places orders: give --arm-orders"),
    ([*ETH, "--record", "file/under"], "--record: file/under: cannot write the run record"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG, ids=[" ".join(argv[3:]) or argv[1] for argv, _ in WRONG])
def test_bad_input_is_one_clear_line_and_exit_code_2(diag: Diag, argv: list[str], said: str) -> None:
    Path("file").write_text("")
    done = diag(*argv)
    assert (done.code, done.out) == (2, "")
    lines = [line for line in done.err.splitlines() if said in line]
    assert len(lines) == 1, done.err
    assert all(line.startswith("diag: error: ") for line in done.err.splitlines())


def test_without_the_extra_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    code = f"import sys; sys.modules['aiohttp'] = None; from diag.cli import main; sys.exit(main({[*ETH]}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = f"diag: error: not installed: aiohttp; run: {sys.executable} -m pip install aiohttp\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_record_is_not_overwritten(diag: Diag) -> None:
    assert diag(*QUICK, "--record", "r").code == 0
    done = diag(*QUICK, "--record", "r")
    assert done.code == 2
    assert "holds a run record already" in done.err


PAGE = (SOURCE / "docs/probe.md").read_text(encoding="utf-8")
CONDUCT = (SOURCE / "docs/conduct.md").read_text(encoding="utf-8")


def test_every_option_is_in_the_documents(capsys: pytest.CaptureFixture[str]) -> None:
    main(["probe", "--help"])
    offered = re.findall(r"^\s+(?:-\w, )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert len(offered) > 15
    assert [option for option in offered if f"`{option}" not in PAGE and option != "--help"] == []


def test_the_page_has_every_check_and_every_bound_with_its_default(diag: Diag) -> None:
    assert diag(*QUICK, "-o", "json:a.json").code == 0
    names = [check["name"] for check in json.loads(Path("a.json").read_text())["checks"]]
    own = [name for name in names if not name.startswith("trading.")]
    assert re.findall(r"^\| `((?:bbo|iterative_order)\.\w+)`", PAGE, re.MULTILINE) == own
    assert {name for name in names if name not in own} <= set(re.findall(r"`(trading\.\w+)`", CONDUCT))
    bounds = {field.name.replace("_", "-"): str(field.default) for field in fields(Bounds)}
    assert dict(re.findall(r"^\| `(max-[\w-]+)` \| (\d+) \|$", PAGE, re.MULTILINE)) == bounds
