"""DG104: the same call awaited in one place and not in another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from diag.finding import Finding, Step
from diag.lint.checked import Fact
from diag.lint.rule import Example
from diag.lint.site import Site
from lint_rules._text import short
from lint_rules.awaits._rule import AwaitRule

if TYPE_CHECKING:
    from diag.lint.context import Context


class AwaitedElsewhere(AwaitRule):
    """Site: the call that is not awaited; `detail` is where the same is awaited (`client.py:12`)."""

    code = "DG104"
    name = "awaited-elsewhere"
    summary = "awaited in one place, not awaited in another: one of the two is wrong"
    explanation = """\
## What it does
Reports a call of a method whose definition is out of sight (an injected client, a plugin, a package that is
not installed) when the same method of the same object is awaited in one place, and elsewhere its result is
thrown away, or used as a value, without an `await`.

Silent where the code itself tells the two apart, under a test (`iscoroutinefunction`, `isawaitable`, a flag)
or in the handler of a failed attempt, and where the result is kept, returned or handed on and may be awaited
there.

## Why is this bad
A method is a coroutine function or it is not. If it is, the call without `await` does nothing; if it is not,
the `await` fails each time it runs.

## What happens at run time
One of
```
RuntimeWarning: coroutine 'Client.cancel_order' was never awaited
TypeError: object dict can't be used in 'await' expression
```

## How to fix it
Look the method up, and make the two places agree. With the package installed in the environment that `diag`
reads (`--python`), it can say which of the two is wrong.

## Fix safety
There is no fix: which place is wrong is not known.
"""

    def judge(self, context: "Context") -> Iterator[Fact]:
        from lint_rules.awaits._awaits import judged_awaits, unresolved_callees
        from lint_rules.awaits._coroutines import coroutines
        from lint_rules.awaits._schedulers import scheduled_calls

        found = context.once(coroutines)
        unknown = [each.node.value for each in context.once(judged_awaits) if each.verdict == "unknown"]
        for operand in (*unknown, *found.consumed, *scheduled_calls(context)):
            for origin in unresolved_callees(context, operand):
                there = context.step(operand, f"awaited in `{context.scope.qualname}`")
                yield self.fact("awaited", origin, there)
        for each in found.suspected:
            yield self.fact("bare", each.origin, finding=self.report(each.site))

    def join(self, facts: Sequence[Fact], shown: Callable[[str], str]) -> Iterator[Finding]:
        """Awaited at least as often as not, the same call is a slip where it is not."""
        awaited: dict[str, list[Step]] = {}
        bare: dict[str, list[Finding]] = {}
        for fact in facts:
            awaited.setdefault(fact.key, []).extend(fact.steps)
            if fact.finding is not None:
                bare.setdefault(fact.key, []).append(fact.finding)
        for origin, findings in bare.items():
            places = sorted(awaited.get(origin, ()), key=lambda step: (step.path, step.line))
            if places and len(places) >= len(findings):
                there = f"{shown(places[0].path)}:{places[0].line}"
                for finding in findings:
                    message = f"{finding.message} at {there}"
                    yield replace(finding, message=message, chain=(*finding.chain, *places[:3]))

    def report(self, site: Site) -> Finding:
        message = f"`{short(site.expr)}` is not awaited here, but `{site.subject}` is awaited"
        advice = "await it here too, if it is a coroutine function; else drop the other `await`"
        return self.finding(site, message, help=advice)

    wrong = (
        Example(
            title="an injected client, cancelled without effect",
            code="""\
import asyncio


class Strategy:
    def __init__(self, client) -> None:
        self.client = client

    async def replace(self, order_id: str, price: float) -> None:
        await self.client.cancel_order(order_id)
        await self.client.create_order(price)

    async def stop(self, order_id: str) -> None:
        self.client.cancel_order(order_id)  # <- DG104
        await asyncio.sleep(1)
""",
        ),
        Example(
            title="a parameter, within one function",
            code="""\
from decimal import Decimal
from typing import Any


async def hedge(venue: Any, symbol: str) -> Decimal:
    size = Decimal(await venue.position(symbol))
    await venue.market_order(symbol, -size)
    left = Decimal(venue.position(symbol))  # <- DG104
    return left
""",
        ),
    )

    right = (
        Example(
            title="awaited in both places",
            code="""\
class Strategy:
    def __init__(self, client) -> None:
        self.client = client

    async def replace(self, order_id: str) -> None:
        await self.client.cancel_order(order_id)

    async def stop(self, order_id: str) -> None:
        await self.client.cancel_order(order_id)
""",
        ),
    )
