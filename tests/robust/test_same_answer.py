"""The same code, the same answer: whatever the hash seed, the number of processes and the order of the paths.

And circles of functions and of attributes, of any size, hide nothing.
"""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from diag.lint import runner
from diag.model.infer.fixpoint import Fixpoint

from .conftest import DIAG, Lint

# what is called goes by its name alone, containers, callbacks, subclasses and circles across modules
MODULES = {
    "base.py": """
        class Client:
            def __init__(self, session, parent=None):
                self.session = session
                self.parent = parent or self
            async def fetch(self, symbol): return await self.session.get(symbol)
            def depth(self, symbol): return self.parent.best(symbol)
            def best(self, symbol): return self.other.depth(symbol) if symbol else {}
    """,
    "venues.py": """
        from base import Client
        class One(Client):
            async def depth(self, symbol): return await self.fetch(symbol)
        class Two(Client):
            def depth(self, symbol): return self.best(symbol)
        class Three(Two):
            def best(self, symbol): return super().best(symbol) or self.peer.best(symbol)
        def make(name, peer=None):
            client = {"one": One, "two": Two, "three": Three}[name](peer)
            client.other = peer or make("two", client)
            client.peer = client.other
            return client
    """,
    "bot.py": """
        import asyncio
        from venues import One, Three, Two, make
        class Bot:
            def __init__(self, client, on_fill):
                self.client, self.on_fill = client, on_fill
                self.clients = [One(client), Two(client), Three(client)]
            def pick(self, n): return self.clients[n] if n else self.again(n)
            def again(self, n): return self.pick(n) or self.client
            async def step(self, symbol):
                for client in self.clients:
                    client.depth(symbol)
                book = await self.pick(1).best(symbol)
                self.on_fill(book)
                await self.client.best(symbol)
                await asyncio.gather(*[c.depth(symbol) for c in self.clients])
        async def filled(book): ...
        def noted(book): ...
        def run(name):
            return Bot(make(name), filled if name else noted)
    """,
    "main.py": """
        from bot import Bot, filled, run
        from venues import make
        async def main(symbol):
            bot = run("one")
            bot.pick(0).depth(symbol)
            await bot.again(1).best(symbol)
            other = Bot(make("three"), filled)
            other.on_fill(symbol)
            await other.client.peer.other.best(symbol)
        def rest(symbol): return {symbol: even(symbol)}
        def even(symbol): return rest(symbol) if symbol else {}
        async def wrong(symbol):
            await rest(symbol)
            filled(symbol)
    """,
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "diag.toml").touch()
    for name, text in MODULES.items():
        lines = text.strip("\n").splitlines()
        (root / name).write_text("\n".join(line.removeprefix(" " * 8) for line in lines) + "\n")
    return root


def test_the_hash_seed_changes_nothing(tree: Path) -> None:
    said = set()
    for seed in range(5):
        done = subprocess.run(
            [*DIAG, "lint", "--no-cache", "--statistics", "--show-unknown", "-o", "json", "."],
            cwd=tree,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=False,
        )
        report = json.loads(done.stdout)
        assert report["findings"], done.stderr
        assert report["statistics"]["awaits_unknown"], "nothing here could have been lost"
        said.add(done.stdout + done.stderr)
    assert len(said) == 1


def test_neither_processes_nor_the_order_of_paths_change_anything(
    tree: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tree / name for name in MODULES]
    options = ["--statistics", "--show-unknown"]
    first = lint(*paths, options=options)
    assert first.found
    for number in range(4):
        monkeypatch.setattr(runner, "PARALLEL_BYTES", 0 if number % 2 else 1 << 40)
        monkeypatch.setattr(os, "cpu_count", lambda: 2)
        random.Random(number).shuffle(paths)
        again = lint(*paths, options=options)
        assert again.report == first.report


def functions(size: int) -> list[str]:
    """Each returns all the others; only the last ends."""
    out = []
    for number in range(size):
        out.append(f"def f{number}(x):")
        out += [f"    if x == {n}: return f{n}(x)" for n in range(size) if n != number]
        out.append("    return plain()" if number == size - 1 else "    raise ValueError")
    return [*out, "async def main(x):", "    await f0(x)"]


def ring(size: int) -> list[str]:
    out = []
    for number in range(size):
        out += [f"def f{number}(x):", f"    if x: return f{(number + 1) % size}(x)"]
        out.append("    return plain()" if number == size // 2 else "    raise ValueError")
    return [*out, "async def main(x):", "    await f0(x)"]


def attributes(size: int) -> list[str]:
    stores = [f"        self.a{n} = self.a{(n + 1) % size}" for n in range(size)]
    stores.append(f"        self.a{size // 2} = plain()")
    return [
        "class A:",
        "    def __init__(self):",
        *stores,
        "    async def main(self):",
        "        await self.a0",
    ]


def chain(size: int) -> list[str]:
    out = [f"def f{n}(x): return f{n + 1}(x)" for n in range(size)]
    return [*out, f"def f{size}(x): return plain()", "async def main(x):", "    await f0(x)"]


@pytest.mark.parametrize(
    ("shape", "size", "edges"),
    [
        *((functions, n, n * (n - 1)) for n in (2, 8, 12, 32)),
        *((ring, n, n) for n in (8, 32, 128)),
        *((attributes, n, n) for n in (8, 32, 128)),
        *((chain, n, n) for n in (128, 1000)),
    ],
    ids=lambda it: getattr(it, "__name__", str(it)),
)
def test_circles_hide_nothing_and_cost_as_much_as_they_have_edges(
    shape: object, size: int, edges: int, tmp_path: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluations = 0
    evaluate = Fixpoint._evaluate_cell

    def counted(self: Fixpoint, cell: object) -> None:
        nonlocal evaluations
        evaluations += 1
        evaluate(self, cell)  # type: ignore[arg-type]

    assert callable(shape)
    lines = shape(size)
    (tmp_path / "bot.py").write_text("\n".join(["def plain(): return 5", *lines]) + "\n")
    monkeypatch.setattr(Fixpoint, "_evaluate_cell", counted)
    run = lint(tmp_path)
    assert run.found == [("bot.py", 1 + len(lines), "DG101")]
    assert evaluations <= 40 * edges + 1000
