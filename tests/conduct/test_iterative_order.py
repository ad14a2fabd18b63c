"""The judge of `iterative_order` on records written by hand: right ones pass, each broken invariant fails."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.bounds import Bounds
from diag.conduct.iterative_order import IterativeOrderJudge
from diag.conduct.judge import judge
from diag.record import Journal, read
from diag.record.kinds import client, probe
from diag.verdict import Check, Outcome
from probes.market.ledger import Ledger
from probes.market.order import ZERO, Fill, Order, Quote, Reason, Side, Status

ETH, TICK = "ETH_USDT_Perp", Decimal("0.01")
AT = {"venue": "sim", "instrument": ETH}
PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN


@dataclass
class Child:
    """An order of the story. `offset` is its price in ticks beyond the touch (-1 is one tick better)."""

    size: Decimal
    filled: Decimal
    offset: int = -1
    quotes: int = 1
    market: bool = False
    ends: bool = True
    refused: Reason | None = None
    lost: bool = False  # on the way to a real venue: found out at the end


@dataclass
class Story:
    """What happened, as rows that a venue and a probe would write."""

    target: Decimal
    children: list[Child]
    side: Side = Side.BUY
    ask: Decimal = Decimal("3000.05")
    bid: Decimal = Decimal("2999.95")
    touch_size: Decimal = Decimal(5)
    seconds: float = 0
    claim: Callable[[dict[str, Any]], dict[str, Any] | None] = field(default=lambda claim: claim)
    error: str = ""
    settled: bool = True
    drift: Decimal = ZERO  # of the position, beside the fills
    fault: str = ""

    def price(self, child: Child) -> Decimal:
        if self.side is Side.BUY:
            return self.ask + child.offset * TICK
        return self.bid - child.offset * TICK

    def write(self, folder: Path) -> Path:
        with Journal(folder) as journal:
            self._write(journal, Ledger(journal, "sim"))
        return folder

    def _write(self, journal: Journal, ledger: Ledger) -> None:
        quote = Quote(ETH, self.bid, self.touch_size, self.ask, self.touch_size, 0)
        book = {"bid_price": self.bid, "bid_size": self.touch_size}
        book |= {"ask_price": self.ask, "ask_size": self.touch_size}
        plan = {**AT, "side": self.side, "size": self.target, "tick_size": TICK}
        plan |= {"max_iterations": 20, "max_slippage_bps": Decimal(5), "account": "1", **book}
        journal.append(probe.Plan(**plan))
        if self.fault:
            ledger.fault(self.fault)
        filled = notional = ZERO
        fills = itertools.count(1)
        open_: list[Order] = []
        lost: list[Order] = []
        for number, child in enumerate(self.children, 1):
            for _ in range(child.quotes):
                ledger.quote(quote, via="ticker")
            price = self.price(child)
            limit = None if child.market else price
            order = Order(f"0x{number}", f"c{number}", "1", ETH, self.side, child.size, limit)
            ledger.arrival(order, quote)
            if child.lost:
                order.order_id = ""
                ledger.order(order)
                lost.append(order)
                continue
            if child.refused:
                ledger.refused(order, child.refused)
                continue
            ledger.order(order)
            if child.filled:
                fill = Fill(
                    str(next(fills)), order.order_id, order.client_order_id, "1", ETH,
                    self.side, price, child.filled, ZERO, True, 0,
                )  # fmt: skip
                ledger.fill(fill)
                order.filled, order.filled_notional = child.filled, child.filled * price
                filled, notional = filled + child.filled, notional + child.filled * price
            if order.filled == order.size:
                order.status = Status.FILLED
                ledger.order(order)
            elif child.ends:
                order.status, order.reason = Status.CANCELLED, Reason.BY_CLIENT
                ledger.order(order)
            else:
                order.status = Status.OPEN
                ledger.order(order)
                open_.append(order)
        for order in lost:
            order.status, order.reason = Status.REJECTED, Reason.UNKNOWN_ORDER
            ledger.order(order)
        claim = self.claim(
            {
                "success": filled == self.target,
                "filled": filled,
                "average_price": notional / filled if filled else None,
                "iterations": len(self.children),
                "reason": "" if filled == self.target else "not all",
            }
        )
        if self.error:
            error = client.Error(**AT, during="work_order", type="TypeError", message=self.error)
            journal.append(error)
        elif claim is not None:
            journal.append(client.Claim(**AT, account="1", **claim))
        if self.settled:
            moved = (filled if self.side is Side.BUY else -filled) + self.drift
            journal.append(probe.Settled(**AT, position_before=Decimal(1), position_after=1 + moved))


def judged(folder: Path, bounds: Bounds | None = None) -> dict[str, Check]:
    checks = judge(read(folder), bounds or Bounds(), (IterativeOrderJudge,))
    return {check.name.removeprefix("iterative_order."): check for check in checks}


def good() -> Story:
    return Story(
        Decimal("0.5"),
        [
            Child(Decimal("0.5"), ZERO),
            Child(Decimal("0.5"), Decimal("0.2"), 0),
            Child(Decimal("0.3"), Decimal("0.3"), 1),
        ],
    )


cents = st.integers(1, 500).map(lambda number: Decimal(number) / 100)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Orders that a correct client works: never more than what remains, one after the other, to the end."""
    target = draw(cents)
    children, left = [], target
    for number in range(draw(st.integers(0, 15))):
        if not left:
            break
        filled = draw(st.integers(0, int(left * 100))) / Decimal(100)
        children.append(Child(left, filled, min(number - 1, 3), draw(st.integers(1, 3))))
        left -= filled
    if left:
        children.append(Child(left, left, 1))
    return Story(target, children, draw(st.sampled_from(Side)))


@given(stories())
@settings(max_examples=60, deadline=None)
def test_a_correct_order_passes_every_check(tmp_path_factory: pytest.TempPathFactory, story: Story) -> None:
    checks = judged(story.write(tmp_path_factory.mktemp("run") / "r"))
    assert {name: check.observed for name, check in checks.items() if check.outcome is not PASS} == {}
    assert all(check.evidence or name == "left_open" for name, check in checks.items())


def edit(**changes: Any) -> Callable[[Story], None]:
    def change(story: Story) -> None:
        for name, value in changes.items():
            setattr(story, name, value)

    return change


def child(number: int, **changes: Any) -> Callable[[Story], None]:
    def change(story: Story) -> None:
        story.children[number] = replace(story.children[number], **changes)

    return change


def claim(**changes: Any) -> Callable[[Story], None]:
    return edit(claim=lambda claim: {**claim, **changes})


WHOLE = Child(Decimal("0.5"), Decimal("0.5"))

BROKEN: list[tuple[str, Callable[[Story], None], set[str]]] = [
    ("claims more", claim(filled=Decimal("0.51")), {"claim"}),
    ("claims less", claim(filled=Decimal("0.3")), {"claim"}),
    ("denies success", claim(success=False), {"success"}),
    ("average a cent off", claim(average_price=Decimal("3000.07")), {"average_price"}),
    ("no average though it filled", claim(average_price=None), {"average_price"}),
    ("a child too large", child(2, size=Decimal("0.31")), {"over_fill"}),
    ("a child still open when the next goes out", child(0, ends=False), {"over_fill", "left_open"}),
    ("over-filled", child(2, size=Decimal("0.4"), filled=Decimal("0.4")), {"filled", "over_fill"}),
    ("far from the touch, cheap", child(0, offset=-1000), {"distance"}),
    (
        "far from the touch, dear",
        child(2, offset=1000),
        {"distance", "price_limit", "effective_spread", "slippage"},
    ),
    ("an order that never arrived", edit(children=[Child(Decimal("0.5"), ZERO, lost=True), WHOLE]), set()),
    ("a market order that fills at the touch", child(2, market=True), set()),
    (
        "a market order that fills far off",
        child(2, market=True, offset=1000),
        {"distance", "price_limit", "effective_spread", "slippage"},
    ),
    ("an old quote", child(1, quotes=0), {"refreshed"}),
    ("never read the BBO", child(0, quotes=0), {"refreshed"}),
    (
        "too many children",
        edit(children=[Child(Decimal("0.5"), ZERO)] * 20 + [Child(Decimal("0.5"), Decimal("0.5"))]),
        {"iterations"},
    ),
    ("position elsewhere", edit(drift=Decimal("0.01")), {"position"}),
    ("an exception", edit(error="object dict can't be used in 'await' expression"), {"claim"}),
]


@pytest.mark.parametrize(("what", "change", "failed"), BROKEN, ids=[what for what, _, _ in BROKEN])
@pytest.mark.parametrize("side", list(Side))
def test_each_broken_invariant_fails_its_check(
    tmp_path: Path, what: str, change: Callable[[Story], None], failed: set[str], side: Side
) -> None:
    story = good()
    story.side = side
    change(story)
    checks = judged(story.write(tmp_path / "r"))
    assert {name for name, check in checks.items() if check.outcome is FAIL} == failed, {
        name: check.observed for name, check in checks.items()
    }
    for name in failed:
        assert checks[name].evidence


def unfilled(**changes: Any) -> Story:
    return replace(Story(Decimal("0.5"), [Child(Decimal("0.5"), Decimal("0.1"))]), **changes)


def test_less_than_the_target_fails_where_the_venue_offered_all(tmp_path: Path) -> None:
    check = judged(unfilled().write(tmp_path / "r"))["filled"]
    assert (check.outcome, check.observed) == (FAIL, "0.1 of 0.5, although 0.5 stood within the price limit")


@pytest.mark.parametrize(
    ("story", "said"),
    [
        (unfilled(touch_size=Decimal("0.1")), "0.1 stood within the price limit"),
        (unfilled(fault="lose_ack"), "the venue stood in the way"),
        (
            unfilled(children=[Child(Decimal("0.5"), ZERO, refused=Reason.HALTED)]),
            "the venue stood in the way",
        ),
        (unfilled(children=[]), "0 stood within the price limit"),
    ],
)
def test_less_than_the_target_honestly_reported_is_not_shown_where_it_could_not_be(
    tmp_path: Path, story: Story, said: str
) -> None:
    checks = judged(story.write(tmp_path / "r"))
    assert checks["filled"].outcome is NOT_SHOWN
    assert said in checks["filled"].observed
    assert checks["filled"].evidence
    assert FAIL not in {check.outcome for check in checks.values()}


def test_success_claimed_without_the_fill_fails_whatever_the_venue_did(tmp_path: Path) -> None:
    story = unfilled(fault="lose_ack", claim=lambda claim: {**claim, "success": True})
    checks = judged(story.write(tmp_path / "r"))
    assert {name for name, check in checks.items() if check.outcome is FAIL} == {"filled", "success"}


def test_a_refusal_that_is_the_clients_own_doing_is_no_excuse(tmp_path: Path) -> None:
    refused = Child(Decimal("0.5"), ZERO, refused=Reason.PRICE_OFF_TICK)
    assert judged(unfilled(children=[refused]).write(tmp_path / "r"))["filled"].outcome is FAIL


def test_a_run_that_ended_in_the_middle_shows_no_end(tmp_path: Path) -> None:
    story = good()
    story.settled, story.claim = False, lambda claim: None
    checks = judged(story.write(tmp_path / "r"))
    for name in ("claim", "success", "average_price", "time", "left_open", "position"):
        assert checks[name].outcome is NOT_SHOWN, name
    assert FAIL not in {check.outcome for check in checks.values()}


def test_bounds_are_those_that_are_given(tmp_path: Path) -> None:
    good().write(tmp_path / "r")
    tight = Bounds(*([Decimal(0)] * 9))
    failed = {name for name, check in judged(tmp_path / "r", tight).items() if check.outcome is FAIL}
    assert failed == {"effective_spread", "slippage", "time"}  # two ticks are near the touch on any bound


def test_two_plans_are_judged_together(tmp_path: Path) -> None:
    with Journal(tmp_path / "r") as journal:
        good()._write(journal, Ledger(journal, "sim"))
        bad = good()
        bad.side = Side.SELL
        claim(filled=Decimal(9))(bad)
        bad.children = [Child(Decimal("0.5"), Decimal("0.5"), 1)]
        ledger = Ledger(journal, "sim")
        # ids of the second plan must differ, as a venue's do
        bad._write(journal, _Shifted(ledger))  # type: ignore[arg-type]
    checks = judged(tmp_path / "r")
    assert checks["claim"].outcome is FAIL
    assert checks["claim"].observed == "buy: 0.5; sell: 9"
    assert checks["filled"].outcome is PASS


class _Shifted:
    """A ledger whose order ids are of another series."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __getattr__(self, name: str) -> Any:
        def write(row: Any, *args: Any, **kwargs: Any) -> int:
            if hasattr(row, "order_id"):
                row = replace(
                    row, order_id=f"second-{row.order_id}", client_order_id=f"second-{row.client_order_id}"
                )
            return getattr(self.ledger, name)(row, *args, **kwargs)

        return write
