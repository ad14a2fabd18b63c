"""The judge that streams agrees with one that looks at everything again, on random histories."""

import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from diag.record.trading import Side
from tests.conduct.trading import naive
from tests.conduct.trading.ledger import PRICE, Ledger

ORDERS = st.tuples(
    st.just("place"),
    st.sampled_from(("ok", "lost", "failed", "refused", "limited")),
    st.sampled_from((Side.BUY, Side.SELL)),
    st.sampled_from((Decimal(1), Decimal(2))),
    st.sampled_from((PRICE, PRICE + 1, PRICE + 30)),
    st.sampled_from(("rests", "fills", "part", "never")),
    st.booleans(),
)
QUESTIONS = st.tuples(
    st.just("ask"),
    st.sampled_from((*naive.QUESTIONS, "cancel", "cancel_all", "ticker_query")),
    st.sampled_from(("ok", "ok", "lost", "failed", "unknown")),
    st.integers(0, 7),
)
FILLS = st.tuples(st.just("fill"), st.integers(0, 7))


def played(steps: list[tuple]) -> Ledger:
    ledger = Ledger()
    ledger.opened()
    names: list[str] = []
    for step in steps:
        match step:
            case ("place", answer, side, size, price, fate, reduce_only):
                names.append(f"c{len(names)}")
                comes = fate != "never" and answer not in ("refused", "limited")
                fills = {"fills": size, "part": size / 2}.get(fate, Decimal(0))
                ledger.place(
                    names[-1], answer, side=side, size=size, price=price,
                    fills=fills if comes else Decimal(0), comes=comes, reduce_only=reduce_only,
                )  # fmt: skip
            case ("ask", operation, answer, which):
                name = names[which % len(names)] if names else None
                named = operation in ("order_query", "cancel") and name is not None
                ledger.ask(operation, answer, about=name if named else None)
            case ("fill", which):
                standing = [
                    name for name, order in ledger.orders.items() if order["order_id"] not in ledger.ended
                ]
                if standing:
                    order = ledger.orders[standing[which % len(standing)]]
                    ledger.fill(order["client_order_id"], order["size"] - order["filled"])
    ledger.exits()
    return ledger


def number(observed: str) -> int:
    found = re.match(r"\d+", observed)
    return int(found[0]) if found else 0


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(ORDERS, QUESTIONS, FILLS), max_size=25))
def test_the_naive_judge_agrees(steps: list[tuple]) -> None:
    ledger = played(steps)
    checks, rows = ledger.checks(), ledger.rows
    orders = len(naive.places(rows))
    for name, expected in (
        ("repeats", naive.repeats(rows)),
        ("unanswered", naive.unanswered(rows)),
        ("left_open", naive.left_open(rows)),
    ):
        check = checks[name]
        if not orders:
            assert check.outcome in ("not applicable", "not shown")
        else:
            assert check.outcome == ("fail" if expected else "pass"), (name, check, expected)
            if expected:
                assert number(check.observed) == expected, (name, check, expected)
