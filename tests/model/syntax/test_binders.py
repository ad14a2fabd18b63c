"""What the text says may be bound covers what the syntax tree shows."""

import ast
from pathlib import Path

import pytest

import diag
from diag.model.syntax.binders import bound_names

SOURCE = b"""
import os, json as j
from typing import Any

LIMIT = 5


def helper(value):
    local = value


class Client(Base):
    venue: str = "x"
    first, second = 1, 2
    if LIMIT:
        flag = True
    from decimal import Decimal as Price
    for side in ("buy", "sell"):
        pass
    one = 1; two = 2

    async def fetch(self, markets):
        here = markets
        self.plain = 1
        self.typed: dict[str, Any] = {}
        self.count += 1
        self.left, self.right = 1, 2
        (
            self.upper,
            [self.lower],
        ) = 1, [2]
        chained = self.chained = 3
        if here: self.inline = 4
        with open("f") as self.file:
            pass
        for self.index in range(3):
            pass
        self.read(self.options, self.url.host)

        class Inner:
            depth = 1
"""


def test_every_way_to_bind_an_attribute_is_seen() -> None:
    found = bound_names(SOURCE)
    bound = (
        b"venue first second flag Price side one two fetch plain typed count left right upper lower chained "
        b"inline file index Inner depth"
    )
    assert set(bound.split()) <= found


def test_names_that_are_only_read_or_local_are_left_out() -> None:
    unbound = {b"local", b"here", b"LIMIT", b"os", b"json", b"helper", b"options", b"url", b"host", b"read"}
    assert unbound.isdisjoint(bound_names(SOURCE))


@pytest.mark.parametrize("path", sorted(Path(diag.__file__).parent.rglob("*.py")), ids=lambda p: p.stem)
def test_our_own_sources(path: Path) -> None:
    raw = path.read_bytes()
    stored = {
        node.attr.encode()
        for node in ast.walk(ast.parse(raw))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
    }
    defined = {
        stmt.name.encode()
        for node in ast.walk(ast.parse(raw))
        if isinstance(node, ast.ClassDef)
        for stmt in node.body
        if isinstance(stmt, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert stored | defined <= bound_names(raw)
