"""What the rules say of a site, in the words that a person reads."""
# ruff: noqa: E501 - a message is easier to read on one line

from collections.abc import Callable

import pytest

from diag.lint.registry import load_rules
from diag.lint.site import Site
from diag.model.flow.callee import Callee

RULES = load_rules()

TICKER = Callee(
    "GrvtCcxt.fetch_ticker",
    "pysdk.grvt_ccxt.GrvtCcxt.fetch_ticker",
    "def",
    "dict",
    blocks="requests.Session.post",
    network=True,
    twin="pysdk.grvt_ccxt_pro.GrvtCcxtPro.fetch_ticker",
)
CANCEL = Callee("Bot.cancel", "bot.Bot.cancel", "async def", "None")


def code(statement: str) -> str:
    return f"async def run(self, a, b):\n    {statement}\n"


@pytest.mark.parametrize(
    ("rule", "expr", "facts", "message", "help_"),
    [
        (
            "DG101",
            "await self.rest.fetch_ticker(\n        a)",
            {"callee": TICKER},
            "`await self.rest.fetch_ticker(...)`: `GrvtCcxt.fetch_ticker` is a plain `def` that returns `dict`; "
            "awaiting it raises TypeError: object dict can't be used in 'await' expression",
            "use `await asyncio.to_thread(self.rest.fetch_ticker, ...)`, which keeps the event loop free; "
            "or use the async twin `pysdk.grvt_ccxt_pro.GrvtCcxtPro.fetch_ticker`",
        ),
        (
            "DG101",
            "await self.stream(a)",
            {"callee": Callee("Feed.stream", "feed.Feed.stream", "async generator", "async generator")},
            "`await self.stream(...)`: `Feed.stream` is an async generator; "
            "awaiting it raises TypeError: object async_generator can't be used in 'await' expression",
            "iterate over it: `async for item in self.stream(...)`",
        ),
        (
            "DG101",
            "await Client(a)",
            {"callee": Callee("Client", "client.Client", "class", "Client")},
            "`await Client(...)`: `Client` is a class; "
            "awaiting it raises TypeError: object Client can't be used in 'await' expression",
            "drop the `await`",
        ),
        (
            "DG101",
            "await self.find(a)",
            {"callee": Callee("Bot.find", "bot.Bot.find", "def", "dict | None")},
            "`await self.find(...)`: `Bot.find` is a plain `def` that returns `dict | None`; "
            "awaiting it raises TypeError: object dict can't be used in 'await' expression",
            "drop the `await`",
        ),
        (
            "DG101",
            "await self.find(a)",
            {"callee": Callee("Bot.find", "bot.Bot.find", "def", "dict | list")},
            "`await self.find(...)`: `Bot.find` is a plain `def` that returns `dict | list`; "
            "awaiting it raises TypeError: object dict or list can't be used in 'await' expression",
            "drop the `await`",
        ),
        (
            "DG101",
            "await a",
            {"detail": "int"},
            "`await a`: `a` is an `int`; awaiting it raises TypeError: object int can't be used in 'await' expression",
            "drop the `await`",
        ),
        (
            "DG102",
            "self.cancel(a, [b])",
            {"callee": CANCEL, "how": "assigned", "detail": "result"},
            "`self.cancel(...)` makes a coroutine that nobody awaits: `Bot.cancel` never runs "
            "(`result` keeps the coroutine, not its result)",
            "`await self.cancel(...)`, or `asyncio.create_task(...)` and keep the task",
        ),
        (
            "DG103",
            "self.cancel()",
            {"callee": CANCEL, "how": "comparison", "detail": "is not"},
            "`self.cancel()` is a coroutine (`Bot.cancel` is an `async def`), compared: a coroutine is nothing "
            "but itself, so that this is always True",
            "`await self.cancel()`",
        ),
        (
            "DG103",
            "self.cancel()",
            {"callee": CANCEL, "how": "argument", "detail": "self.submit"},
            "`self.cancel()` is a coroutine (`Bot.cancel` is an `async def`), given to `self.submit`, "
            "which needs the result",
            "`await self.cancel()`",
        ),
        (
            "DG105",
            "self.orders()",
            {"how": "async with", "detail": "coroutine"},
            "`async with` over `self.orders()`, which is a `coroutine`: raises TypeError: 'coroutine' object does "
            "not support the asynchronous context manager protocol",
            "await it first: `await self.orders()`",
        ),
        (
            "DG106",
            "[a, b]",
            {"how": "gather", "detail": "list"},
            "`gather` is given `[a, b]`: it is a `list`, not an awaitable; raises TypeError: unhashable type: 'list'",
            "unpack it: `gather(*...)`",
        ),
        (
            "DG106",
            "self.rest.fetch_ticker(a)",
            {"how": "gather", "callee": TICKER},
            "`gather` is given `self.rest.fetch_ticker(...)`: `GrvtCcxt.fetch_ticker` is a plain `def` that returns "
            "`dict`, not an awaitable; raises TypeError: unhashable type: 'dict'",
            "run it in a thread: `asyncio.to_thread(self.rest.fetch_ticker, ...)`; "
            "or use the async twin `pysdk.grvt_ccxt_pro.GrvtCcxtPro.fetch_ticker`",
        ),
        (
            "DG108",
            "self.save",
            {"how": "plain", "detail": "feed.subscribe", "callee": Callee("Bot.save", "bot.Bot.save", "def", "None")},
            "`self.save` is a plain `def`; `feed.subscribe` awaits what it returns: raises TypeError: object NoneType "
            "can't be used in 'await' expression",
            "make `Bot.save` an `async def`",
        ),
        (
            "DG109",
            "asyncio.run(a)",
            {"detail": "asyncio.run", "callee": Callee("asyncio.run", "asyncio.runners.run", "builtin")},
            "`asyncio.run(...)` is called while an event loop is running `run`: raises RuntimeError: asyncio.run() "
            "cannot be called from a running event loop",
            "await the coroutine",
        ),
        (
            "DG202",
            "self.rest.fetch_ticker(a)",
            {"callee": TICKER},
            "`self.rest.fetch_ticker(...)` blocks the event loop: `GrvtCcxt.fetch_ticker` ends at "
            "`requests.Session.post`, which waits in this thread",
            "use `await asyncio.to_thread(self.rest.fetch_ticker, ...)`; "
            "or the async twin `pysdk.grvt_ccxt_pro.GrvtCcxtPro.fetch_ticker`",
        ),
    ],
)  # fmt: skip
def test_message_and_help(
    rule: str, expr: str, facts: dict[str, object], message: str, help_: str, site_of: Callable[..., Site]
) -> None:

    finding = RULES[rule].report(site_of(code(f"x = {expr}"), expr, **facts))

    assert finding is not None
    assert (finding.message, finding.help) == (message, help_)
    assert (finding.code, finding.line, finding.column) == (rule, 2, 9)


def test_long_expressions_are_shortened(site_of: Callable[..., Site]) -> None:
    expr = "self." + ".".join(["attribute"] * 20)

    finding = RULES["DG101"].report(site_of(code(f"await {expr}"), f"await {expr}", detail="int"))

    assert finding is not None
    assert finding.message.startswith("`await self.attribute.attribute")
    assert "...`: " in finding.message
