"""The rule of docs/custom-rules.md, found, run and documented as that page says."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diag.cli import main
from diag.config import Settings
from diag.lint.engine import lint
from diag.lint.fixes import apply_fixes
from diag.lint.registry import load_rules
from diag.lint.rule import Rule

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "examples/custom_rule"
PAGE = (ROOT / "docs/custom-rules.md").read_text(encoding="utf-8")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the package discoverable as its installation would: on the path, with its entry points."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "site" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    entries = project["entry-points"]["diag.rules"].items()
    (info / "entry_points.txt").write_text("\n".join(["[diag.rules]", *(f"{k} = {v}" for k, v in entries)]))
    monkeypatch.syspath_prepend(str(PACKAGE))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


@pytest.mark.usefixtures("installed")
def test_it_reports_beside_the_shipped_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bot = tmp_path / "bot.py"
    bot.write_text(
        "import asyncio\n\n\nasync def main(client):\n"
        "    asyncio.sleep(1)\n"
        "    if await client.create_order('A', 1) and await client.create_order('B', client_order_id=2):\n"
        "        await client.create_order('BTC', 1)  # diag: ignore[MY001] a test of the venue\n"
    )

    code = main(["lint", "--no-cache", "-o", "concise", str(bot)])

    out = capsys.readouterr().out.splitlines()
    assert code == 1
    assert [re.sub(r"^.*bot\.py:(\d+:\d+: \w+).*$", r"\1", line) for line in out[:2]] == [
        "5:5: DG102",
        "6:14: MY001",
    ]
    assert "`client.create_order(...)` sends an order without a client order id" in out[1]


RULE = """
from diag.lint.rule import Rule


class Orders(Rule):
    code = "MY009"
    name = "orders"
    summary = "an order"
    explanation = "Why."
    wrong = ()
    right = ()

    def check(self, context):
        {imported}
        for call in context.scope.calls:
            yield self.finding(context.site(call), {message})
"""
ENTRY = "[diag.rules]\nhouse = house_rules\n"
READ = "open(__file__.replace('__init__.py', 'limits.toml')).read()"


@pytest.mark.parametrize("folder", ["house", "site-packages"])
@pytest.mark.parametrize(
    ("files", "edited"),
    [
        ({"house_rules.py": RULE.format(imported="", message="'sends an order'")}, "house_rules.py"),
        (
            {
                "house_rules/__init__.py": RULE.format(imported="", message=READ),
                "house_rules/limits.toml": "sends an order",
            },
            "house_rules/limits.toml",
        ),
        (
            {
                "house_rules.py": RULE.format(
                    imported="import json, house_words", message="house_words.WHAT"
                ),
                "house_words.py": "WHAT = 'sends an order'\n",
            },
            "house_words.py",
        ),
        (
            {
                "house_rules/__init__.py": "from house_rules.orders import Orders as Found\n",
                "house_rules/orders.py": RULE.format(imported="from house_words import WHAT", message="WHAT"),
                "house_words.py": "try: from house_texts.orders import WHAT\nexcept ImportError: raise\n",
                "house_texts/__init__.py": "",
                "house_texts/orders.py": "WHAT = 'sends an order'\n",
            },
            "house_texts/orders.py",
        ),
    ],
    ids=[
        "its module",
        "data in its package",
        "a module beside it",
        "a package that a module beside it imports",
    ],
)
def test_an_edited_rule_does_not_keep_its_old_findings(
    files: dict[str, str], edited: str, folder: str, tmp_path: Path
) -> None:
    """The cache is bound to the text of the rule and of what it imports, not to size and time of a file."""
    home = tmp_path / folder
    for name, text in (files | {"house_rules-1.dist-info/entry_points.txt": ENTRY}).items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (tmp_path / "bot.py").write_text("async def main(client):\n    await client.create_order('A', 1)\n")
    (tmp_path / "diag.toml").touch()
    path = {"PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1"}

    def said() -> str:
        command = [sys.executable, "-m", "diag", "lint", "-o", "concise", "bot.py"]
        return subprocess.run(
            command, cwd=tmp_path, env=os.environ | path, capture_output=True, text=True, check=False
        ).stdout

    assert "MY009 sends an order" in said()
    file = home / edited
    status = file.stat()
    file.write_text(file.read_text().replace("sends", "loses"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert "MY009 loses an order" in said()


@pytest.mark.usefixtures("installed")
def test_it_is_selected_and_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bot.py").write_text("import asyncio\n\n\nasync def main():\n    asyncio.sleep(1)\n")

    assert main(["lint", "--no-cache", "--select", "MY", str(tmp_path / "bot.py")]) == 0
    assert main(["rule", "MY001"]) == 0

    assert "client_order_id=17" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
def test_the_test_of_the_page_passes(tmp_path: Path) -> None:
    (code,) = re.findall(r"<!-- test -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/custom-rules.md", "exec"), namespace)
    test: Callable[[Path], None] = namespace["test_examples"]

    test(tmp_path)


def test_code_of_the_page_is_that_of_the_example() -> None:
    blocks = re.findall(r"<!-- (examples/\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)

    assert len(blocks) == 4
    for path, code in blocks:
        assert code in (ROOT / path).read_text(encoding="utf-8")


def test_a_run_without_such_calls_does_not_load_libcst(tmp_path: Path) -> None:
    """What the page asks of a rule, the example keeps; the shipped rules keep it as well."""
    (tmp_path / "bot.py").write_text(
        "import asyncio\n\n\nasync def main(client):\n    client.book()\n    asyncio.sleep(1)\n"
    )
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from diag.config import Settings\nfrom diag.lint.engine import lint\n"
        "from diag.lint.registry import SHIPPED, load_rules\n"
        "rules = load_rules([SHIPPED, ('house', 'house_rules')])\n"
        f"settings = Settings(paths=(Path({str(tmp_path)!r}),), root=Path({str(tmp_path)!r}), cache=False)\n"
        "print([finding.code for finding in lint(settings, rules=rules).findings], 'libcst' in sys.modules)\n"
    )

    out = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE, capture_output=True, text=True, check=False
    )

    assert (out.stdout, out.stderr) == ("['DG102'] False\n", "")


HOUSE = '''
import ast
from dataclasses import replace

from diag.finding import Fix
from diag.lint.rule import Rule


class OneSession(Rule):
    """Asks the model what a call makes, in every scope, and joins what the files say."""

    code = "MY002"
    name = "one-session"
    summary = "a second session"
    explanation = "Why."
    wrong = ()
    right = ()
    scopes = frozenset({"module", "class", "def", "async def"})

    def check(self, context):
        from diag.model.infer.values import Instance

        for call in context.scope.calls:
            made = {v.cls.name for v in context.values(call) if isinstance(v, Instance)}
            if made == {"Session"}:
                finding = self.finding(context.site(call), "a second session")
                where = context.scope.qualname if context.scope.kind != "module" else "the module"
                yield self.fact("session", "", context.step(call, f"the first, in {where}"), finding=finding)

    def join(self, facts, shown):
        first = facts[0]
        for fact in facts[1:]:
            message = f"a second session, after that of {shown(first.steps[0].path)}"
            yield replace(fact.finding, message=message, chain=first.steps)


class Unread(Rule):
    """Asks how a value is used, and who calls; fixes what it finds."""

    code = "MY003"
    name = "unread"
    summary = "an answer that nobody reads"
    explanation = "Why."
    wrong = ()
    right = ()

    def check(self, context):
        for call in context.scope.calls:
            if context.source(call.func).endswith("cancel") and context.use(call).kind == "statement":
                callers = sorted(scope.name for _, scope in context.callers() or ())
                yield self.finding(context.site(call), f"nobody reads it; called by {', '.join(callers)}")

    def fix(self, site):
        import libcst as cst

        from diag.lint.cst import locate

        excerpt, call = locate(site, cst.Call)
        kept = cst.parse_expression(f"(done := {cst.Module([]).code_for_node(call)})")
        return Fix("keep it", excerpt.replace(call, kept))
'''

BOT = {
    "session.py": "class Session:\n    pass\n",
    "first.py": "from session import Session\n\n\nclass Plain:\n    shared = Session()\n",
    "second.py": (
        "from session import Session\n\n\n"
        "def stop(venue):\n    venue.cancel(1)\n\n\n"
        "def main(venue):\n    stop(venue)\n    return Session()\n"
    ),
    "third.py": (
        "import session\n\n\n"
        "async def stop(venue):\n    venue.cancel(1)\n    return session.Session()\n\n\n"
        "async def main(venue):\n    await stop(venue)\n"
    ),
}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Rule]:
    name = f"house_{abs(hash(tmp_path))}"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / f"{name}.py").write_text(HOUSE)
    monkeypatch.syspath_prepend(str(tmp_path / "rules"))
    return load_rules([("house", name)])


def test_a_foreign_rule_sees_plain_and_async_code_and_joins_files_from_the_cache(
    house: dict[str, Rule], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = tmp_path / "bot"
    bot.mkdir()
    for name, text in BOT.items():
        (bot / name).write_text(text)
    monkeypatch.chdir(bot)
    settings = Settings(paths=(Path(),), root=tmp_path)
    expected = [
        ("second.py", 5, "MY003", "nobody reads it; called by main"),
        ("second.py", 10, "MY002", "a second session, after that of first.py"),
        ("third.py", 5, "MY003", "nobody reads it; called by main"),
        ("third.py", 6, "MY002", "a second session, after that of first.py"),
    ]

    def found() -> list[tuple[str, int, str, str]]:
        findings = lint(settings, rules=house).findings
        return [(Path(f.path).name, f.line, f.code, f.message) for f in findings]

    assert found() == expected  # nothing is cached
    assert found() == expected  # all is
    (bot / "third.py").write_text(BOT["third.py"].replace("venue.cancel(1)", "print(venue.cancel(1))"))
    assert found() == [row for row in expected if row[:2] != ("third.py", 5)]
    (bot / "first.py").write_text("")
    assert [row[:3] for row in found()] == [("second.py", 5, "MY003"), ("third.py", 6, "MY002")]


def test_a_foreign_rule_fixes_what_it_finds(house: dict[str, Rule], tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(BOT["second.py"])
    settings = Settings(paths=(tmp_path / "bot.py",), root=tmp_path, cache=False, fix=True)

    (finding,) = [f for f in lint(settings, rules=house).findings if f.code == "MY003"]

    assert finding.fix is not None
    text, applied = apply_fixes(BOT["second.py"], [finding.fix])
    assert (applied, "    (done := venue.cancel(1))\n" in text) == (1, True)


@pytest.mark.usefixtures("installed")
def test_the_example_of_the_page_reports_in_a_program_without_async_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bot.py").write_text("def close(venue):\n    venue.create_order('ETH', 1)\n")

    assert main(["lint", "--no-cache", "-o", "concise", str(tmp_path / "bot.py")]) == 1

    assert "bot.py:2:5: MY001" in capsys.readouterr().out
