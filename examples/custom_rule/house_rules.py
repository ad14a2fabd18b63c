"""Rules of our own bots."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.finding import Finding
from diag.lint.rule import Example, Rule

if TYPE_CHECKING:
    from diag.lint.context import Context


class OrderWithoutClientId(Rule):
    code = "MY001"
    name = "order-without-client-id"
    summary = "an order without a client order id cannot be found again when its answer is lost"
    explanation = """\
## What it does
Reports calls of `create_order` that pass no `client_order_id`.

## Why is this bad
When the answer of the venue is lost, the id that we gave is the only name by which the order can be asked for.
"""

    def check(self, context: "Context") -> Iterator[Finding]:
        for call in context.scope.calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "create_order":
                continue
            names = {keyword.arg for keyword in call.keywords}  # None for `**arguments`
            if names.isdisjoint({"client_order_id", None}):
                message = f"`{context.source(call.func)}(...)` sends an order without a client order id"
                advice = "pass `client_order_id=...`, and remember it before the call"
                yield self.finding(context.site(call), message, help=advice)

    wrong = (
        Example(
            title="an id that only the venue knows",
            code="""\
async def hedge(client, size):
    order = await client.create_order("ETH", "sell", size, params={"tif": "IOC"})  # <- MY001
    return order["id"]


def close(client, size):
    client.create_order("ETH", "buy", size)  # <- MY001
""",
        ),
        Example(
            title="in a program without any async code",
            code="""\
import ccxt

venue = ccxt.grvt({})


def close(size):
    venue.create_order("ETH", "market", "buy", size)  # <- MY001
""",
        ),
    )
    right = (
        Example(
            title="an id of our own",
            code="""\
async def hedge(client, size, arguments):
    order = await client.create_order("ETH", "sell", size, client_order_id=17)
    await client.create_order(**arguments)
    return order["id"]
""",
        ),
    )
