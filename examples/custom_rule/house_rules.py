"""Rules of our own bots."""

from diag.finding import Finding
from diag.lint.rule import Example, Rule
from diag.model.site import Kind, Site


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
    kinds = frozenset({Kind.CALL})

    def check(self, site: Site) -> Finding | None:
        if not site.subject.endswith(".create_order"):
            return None  # most calls end here, before LibCST is loaded
        import libcst as cst
        import libcst.matchers as m

        from diag.lint.cst import locate

        other_argument = m.Arg(star="", keyword=~m.Name("client_order_id"))
        nameless = m.Call(args=[m.ZeroOrMore(other_argument | m.Arg(star="", keyword=None))])
        found = locate(site, cst.Call)
        if found is None or not m.matches(found[1], nameless):
            return None
        message = f"`{site.subject}(...)` in `{site.function}` sends an order without a client order id"
        return self.finding(site, message, help="pass `client_order_id=...`, and remember it before the call")

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
