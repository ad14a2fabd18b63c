"""The bench: what it prints from given numbers, and tools that are not there. Nothing is timed."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / "bench").is_dir(), reason="the bench is part of the checkout only"
)


@pytest.fixture(autouse=True)
def checkout_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def measured(name: str, **seconds: list[float]):
    from bench.measure import Run
    from bench.table import Measured

    result = Measured(name, "1.2")
    for mode, times in seconds.items():
        result.runs[mode.replace("_", " ")] += [Run(time) for time in times]
    return result


def test_table_and_verdicts():
    from bench.measure import Run
    from bench.table import table, verdicts

    ours = measured("diag", cold=[3.0, 1.0, 2.0], warm=[0.2], one_file_changed=[1.5])
    ours.peak = {"cold": 50_000_000}
    ty = measured("ty", cold=[0.8, 0.9, 0.7], warm=[0.8], one_file_changed=[0.75])
    broken = measured("pyright")
    broken.runs["cold"].append(Run(0.1, trouble="exit code 3: out of memory"))
    text = table([ours, ty, broken])
    rows = {line.split()[1]: line for line in text.splitlines() if line.startswith("| ")}
    assert "1.00 / 2.00 " in rows["diag"]
    assert "50 / -" in rows["diag"]
    assert "0.70 / 0.80  (diag takes 2.50 x)" in rows["ty"]
    assert "0.80 / 0.80  (diag takes 0.25 x)" in rows["ty"]
    assert "pyright failed: exit code 3: out of memory" in text
    assert [line.split("  ")[0] for line in verdicts([ours, ty, broken])] == [
        "MISSED",
        "not measured",
        "met",
        "MISSED",
    ]


def test_missing_tools_are_named(tmp_path: Path):
    from bench.tools import find

    assert "FileNotFoundError" in find("ty", tmp_path)
    assert "known: diag" in find("no-such-tool", tmp_path)


def test_run_reports_failure_and_children(tmp_path: Path):
    from bench.measure import run

    assert run(["/no/such/program"], tmp_path).trouble.startswith("FileNotFoundError")
    assert run([sys.executable, "-c", "raise SystemExit(1)"], tmp_path).trouble == ""
    failed = run([sys.executable, "-c", "print('no config'); raise SystemExit(2)"], tmp_path)
    assert failed.trouble == "exit code 2: no config"
    endless = run([sys.executable, "-c", "import threading; threading.Event().wait()"], tmp_path, limit=0.05)
    assert endless.trouble.startswith("not done after")


def test_copy_and_edit(tmp_path: Path):
    from bench.trees import copy

    source = tmp_path / "bot"
    source.mkdir()
    (source / "a.py").write_text("x = 1\n")
    (source / "b.py").write_text("import a\n\n\n@a.deco\nasync def main():\n    pass\n")
    tree = copy(source, tmp_path / "copy")
    assert (tree.files, tree.lines, tree.edited.name) == (2, 7, "b.py")
    before = tree.edited.read_text()
    seen = set()
    for _ in range(2):
        with tree.one_file_changed():
            seen.add(tree.edited.read_text())
            compile(tree.edited.read_text(), "b.py", "exec")
        assert tree.edited.read_text() == before
    assert len(seen) == 2
    assert before not in seen
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no Python files"):
        copy(tmp_path / "empty", tmp_path / "copy")


def test_without_any_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from bench.__main__ import main

    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "main.py").write_text("async def main():\n    pass\n")
    options = ["--tools", "no-such-tool", "--python", str(tmp_path), "--cache", str(tmp_path / "cache")]
    assert main([*options, str(tmp_path / "bot")]) == 0
    told = capsys.readouterr().out
    assert "missing: no-such-tool: unknown tool" in told
    assert "## bot: 1 files, 2 lines" in told
    assert "not measured" in told
    assert main([*options, str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err
