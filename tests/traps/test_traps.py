"""Code that looks wrong and is right must stay silent; its twin, which is wrong, must be found.

`right/` holds the traps. Those that need no library have a `main`, and are run: that they are right is
proved, not claimed. `wrong/` holds a twin of the same name for each. Every line of it that must be reported
ends with a mark, `# <- DG101`, and nothing else may be; where one of two rules may take a line, the mark
names both, `# <- DG103|DG105`, and where only an annotation tells, it says so, `# <- DG101 (annotated)`.
Its functions whose names start with `fault_` are run, and each must fail or
leave a coroutine that nobody awaited.
"""

import asyncio
import gc
import importlib
import inspect
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from diag.cli import main

HERE = Path(__file__).parent
MARK = re.compile(r"# <- (DG\d+(?:\|DG\d+)*)(?: \(annotated\))?$")
NEVER_AWAITED = re.compile("was never awaited")

Place = Callable[[Path], Path]


def cases(folder: str) -> list[Path]:
    return sorted(p for p in (HERE / folder).iterdir() if p.suffix == ".py" or (p / "main.py").exists())


def sources(case: Path) -> list[Path]:
    return [case] if case.is_file() else sorted(case.rglob("*.py"))


def mentioning(word: str, paths: list[Path]) -> list[Path]:
    return [path for path in paths if word in (path / "main.py" if path.is_dir() else path).read_text()]


RIGHT = cases("right")
WRONG = cases("wrong")


def lint(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Runs the rules that judge awaits and blocking calls, to which the cases are meant."""
    code = main(["lint", "--no-cache", "--select", "DG1,DG2", "--output-format", "json", str(path)])
    return code, json.loads(capsys.readouterr().out)


def readable(findings: list[dict[str, Any]]) -> list[str]:
    return [f"{f['path']}:{f['line']}: {f['code']} {f['message']}" for f in findings]


@pytest.mark.parametrize("case", RIGHT, ids=lambda path: path.stem)
def test_right_code_is_not_reported(case: Path, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = lint(place(case), capsys)

    assert readable(report["findings"]) == []
    assert report["problems"] == []
    assert code == 0


@pytest.mark.parametrize("case", WRONG, ids=lambda path: path.stem)
def test_wrong_twin_is_reported(case: Path, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    there = place(case)
    marks = {
        (path.relative_to(there).as_posix(), number): set(mark[1].split("|"))
        for path in sources(there)
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if (mark := MARK.search(line))
    }
    assert marks

    code, report = lint(there, capsys)

    found: dict[tuple[str, int], set[str]] = {}
    for finding in report["findings"]:
        where = Path(finding["path"]).resolve().relative_to(there.resolve()).as_posix()
        found.setdefault((where, finding["line"]), set()).add(finding["code"])
    missed = {where: codes for where, codes in marks.items() if not found.get(where, set()) & codes}
    more = {where: extra for where, codes in found.items() if (extra := codes - marks.get(where, set()))}
    assert (missed, more) == ({}, {}), readable(report["findings"])
    assert code == 1


def test_all_traps_together_stay_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """Names and classes of one trap must not leak into another."""
    code, report = lint(HERE / "right", capsys)

    assert readable(report["findings"]) == []
    assert code == 0


def test_every_trap_has_a_twin() -> None:
    assert [path.name for path in RIGHT] == [path.name for path in WRONG]
    assert len(RIGHT) >= 40


@pytest.mark.parametrize("case", mentioning("def main(", RIGHT), ids=lambda path: path.stem)
def test_right_code_runs(case: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched() as faults, imported(place(case), monkeypatch) as module:
        run(module.main)

    assert faults == []


@pytest.mark.parametrize("case", mentioning("def fault_", WRONG), ids=lambda path: path.stem)
def test_wrong_twin_fails(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with imported(case, monkeypatch) as module:
        for name in [name for name in vars(module) if name.startswith("fault_")]:
            failed = False
            with watched() as faults:
                try:
                    run(getattr(module, name))
                except (TypeError, AttributeError, RuntimeError, ExceptionGroup):
                    failed = True
            assert failed or any(NEVER_AWAITED.search(fault) for fault in faults), name


def run(function: Callable[[], Any]) -> None:
    result = function()
    if inspect.iscoroutine(result):
        asyncio.run(result)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collects warnings, and errors that nobody could catch, until the garbage is gone.

    What was there before is kept out of the collector's way: it takes half a second to look through.
    """
    faults: list[str] = []
    hook = sys.unraisablehook
    sys.unraisablehook = lambda fault: faults.append(f"{fault.err_msg}: {fault.exc_value!r}")
    gc.freeze()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield faults
            gc.collect()
    finally:
        gc.unfreeze()
        sys.unraisablehook = hook
        faults.extend(str(warning.message) for warning in caught)


@contextmanager
def imported(case: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of a case, with its folder on the path as for a script; it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(case if case.is_dir() else case.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    logging.disable()
    try:
        yield importlib.import_module("main" if case.is_dir() else case.stem)
    finally:
        logging.disable(logging.NOTSET)
        for name in set(sys.modules) - before:
            if str(case.parent) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
