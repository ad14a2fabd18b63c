from pathlib import Path

import pytest

from diag.finding import Edit, Finding, Fix, Problem, Step
from diag.lint.result import Result, Statistics

GRVT = """\
class GrvtClient:
    def __init__(self):
        self.rest = GrvtCcxt()

    async def fetch_bbo(self, symbol):
        ticker = await self.rest.fetch_ticker(symbol)
\tbook = await self.rest.fetch_order_book(symbol)
        name = "日本"; book = await self.rest.fetch_order_book(name)
"""

MADE = Step("bot/grvt.py", 3, "self.rest is GrvtCcxt, made here")
SDK = Step("/site-packages/pysdk/grvt_ccxt.py", 120, "a plain def that returns dict")
CAUSE = "bot/grvt.py:GrvtClient.rest"


def finding(line: int, column: int, end_column: int, **more: object) -> Finding:
    values: dict[str, object] = {
        "code": "DG101",
        "path": "bot/grvt.py",
        "line": line,
        "column": column,
        "end_line": line,
        "end_column": end_column,
        "message": f"await of a plain value, no {line}",
        "chain": (MADE, SDK),
        "cause": CAUSE,
    }
    return Finding(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the file that the findings are in, as the working directory."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/grvt.py").write_text(GRVT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def result(tree: Path) -> Result:
    """Everything that a report can hold."""
    handler = Step("bot/hedge.py", 9, 'hidden by "except Exception"')
    fix = Fix("await asyncio.to_thread(...)", (Edit(6, 18, 6, 54, "await asyncio.to_thread(f, symbol)"),))
    return Result(
        findings=(
            finding(6, 18, 54, help="run it in a thread", fix=fix),
            finding(7, 9, 49, chain=(MADE, SDK, handler)),
            finding(8, 29, 67, cause="", chain=(), code="DG102", message="100%, never\nawaited: a, b"),
        ),
        suppressed=(finding(3, 9, 18, cause=""),),
        unknown=(finding(5, 5, 9, code="", chain=(), cause="", message="what is x?"),),
        problems=(Problem("bot/bad.py", "is not valid utf-8", 4), Problem("gone", "does not exist")),
        statistics=Statistics(files=2, awaits_right=7, awaits_wrong=2, awaits_unknown=1),
    )
