"""The judge of the probe `iterative_order`: an order worked near the BBO, held against the venue's ledger."""

from collections.abc import Callable
from decimal import Decimal

from diag.bounds import Bounds
from diag.conduct.history import NO_POSITIONS, Child, Histories, History
from diag.conduct.judge import Judge
from diag.conduct.spread import BPS, Distance, effective_spread, plain, slippage
from diag.record import Event
from diag.record.kinds import probe
from diag.record.trading import Side
from diag.verdict import CITED, Check, Evidence, Judgement, Outcome

NAME = "iterative_order"
EXACT_BPS = Decimal("0.01")  # how far a claimed average price may be off by rounding
ZERO = Decimal(0)
PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN


class IterativeOrderJudge(Judge):
    """Every check of the probe, over all plans of the record; all not shown when there is no plan."""

    needs = (probe.Run, *Histories.needs)

    def __init__(self) -> None:
        self._run: probe.Run | None = None
        self._histories = Histories()

    def take(self, event: Event) -> None:
        if isinstance(event, probe.Run):
            self._run = event
        else:
            self._histories.take(event)

    def checks(self, bounds: Bounds) -> list[Check]:
        found, run = self._histories.found, self._run
        if not found and (run is None or NAME not in run.probes):
            return []
        if not found and run is not None and not run.places_orders:
            observed = f"no order was placed on {run.env}; --probe bbo leaves this probe out"
            bound = "--arm-orders with --max-notional"
            return [Check(f"{NAME}.armed", "orders are armed", NOT_SHOWN, observed, bound)]
        return [_over_plans(name, title, check, found, bounds) for name, title, check in CHECKS]


def _over_plans(
    name: str,
    title: str,
    check: Callable[[History, Bounds], Judgement],
    found: list[History],
    bounds: Bounds,
) -> Check:
    """The worst of its judgements, with what was seen in each plan."""
    judgements = [check(history, bounds) for history in found]
    if not judgements:
        return Check(f"{NAME}.{name}", title, NOT_SHOWN, "no order was worked", "")
    worst = next(o for o in (FAIL, NOT_SHOWN, PASS) if any(judgement[0] is o for judgement in judgements))
    observed = "; ".join(
        f"{history.plan.side}: {judgement[1]}" if len(found) > 1 else judgement[1]
        for history, judgement in zip(found, judgements, strict=True)
    )
    decisive = [judgement for judgement in judgements if judgement[0] is worst]
    evidence = tuple(item for judgement in decisive for item in judgement[3])[:CITED]
    return Check(f"{NAME}.{name}", title, worst, observed, decisive[0][2], evidence)


def _row(event: Event | None) -> str:
    return event.where if event is not None else ""


def _filled(history: History, _: Bounds) -> Judgement:
    """Filled = target. Less, honestly reported, fails the client only where it could have had all of it:
    where the venue stood in the way, or offered less than the target within the price limit, it is not shown.
    """
    target, filled = history.plan.size, history.filled
    observed, bound = f"{plain(filled)} of {plain(target)}", f"= {plain(target)}"
    if filled == target:
        return PASS, observed, bound, history.cite_fills(CITED)
    if filled > target:
        return FAIL, f"{observed}: over-filled", bound, history.cite_fills(CITED)
    claim = history.claim
    if claim is None:
        seen = f"{observed}; {history.error or 'the run ended before a report'}"
        cited = (Evidence(_row(history.ended), history.error),) if history.error else ()
        return (FAIL if cited else NOT_SHOWN), seen, bound, (*cited, *history.cite_fills(CITED - 1))
    if claim.success:
        return FAIL, f"{observed}, reported as success", bound, (Evidence(claim.where, "the claim"),)
    if history.obstacles:
        return NOT_SHOWN, f"{observed}; the venue stood in the way", bound, tuple(history.obstacles[:CITED])
    offered = _offered(history)
    if offered >= target:
        observed = f"{observed}, although {plain(offered)} stood within the price limit"
        return FAIL, observed, bound, tuple(child.cite(_touch(child)) for child in history.children[:CITED])
    observed = f"{observed}; {plain(offered)} stood within the price limit"
    cited = (Evidence(history.plan.where, "the book when the order began"),)
    return NOT_SHOWN, observed, bound, tuple(c.cite() for c in history.children[:CITED]) or cited


def _offered(history: History) -> Decimal:
    """What the touch alone offered within the price limit at the moments at which children arrived."""
    plan, mid, offered = history.plan, history.plan.mid, ZERO
    for child in history.children:
        price, size = child.arrival.touch(plan.side) if child.arrival else (None, ZERO)
        if (
            price is not None
            and mid is not None
            and slippage(plan.side, price, mid).bps <= plan.max_slippage_bps
        ):
            offered += min(size, child.size)
    return offered


def _touch(child: Child) -> str:
    price, size = child.arrival.touch(child.side) if child.arrival else (None, ZERO)
    return "the other side was empty" if price is None else f"the touch was {plain(size)} at {plain(price)}"


def _claimed(history: History, _: Bounds) -> Judgement:
    bound = f"= {plain(history.filled)}, by the ledger"
    cited = (Evidence(_row(history.ended), "the claim"), *history.cite_fills(CITED - 1))
    if history.claim is None:
        observed = history.error or "the client never reported"
        return (FAIL if history.error else NOT_SHOWN), observed, bound, cited if history.ended else ()
    same = history.claim.filled == history.filled
    return (PASS if same else FAIL), plain(history.claim.filled), bound, cited


def _success(history: History, _: Bounds) -> Judgement:
    true = history.filled == history.plan.size
    bound = f"{_yes(true)}, by the ledger"
    if history.claim is None:
        return NOT_SHOWN, "no report", bound, ()
    observed = _yes(history.claim.success)
    if history.claim.reason:
        observed += f" ({history.claim.reason})"
    cited = (Evidence(_row(history.ended), "the claim"), *history.cite_fills(CITED - 1))
    return (PASS if history.claim.success is true else FAIL), observed, bound, cited


def _yes(success: bool) -> str:
    return "success" if success else "no success"


def _average_price(history: History, _: Bounds) -> Judgement:
    true, claim = history.average_price, history.claim
    bound = "none, by the ledger" if true is None else f"{plain(true)} ± {EXACT_BPS} bps, by the ledger"
    if claim is None:
        return NOT_SHOWN, "no report", bound, ()
    cited = (Evidence(_row(history.ended), "the claim"), *history.cite_fills(CITED - 1))
    claimed = claim.average_price
    if true is None or claimed is None:
        same = true is None and not claimed
        return (PASS if same else FAIL), "none" if claimed is None else plain(claimed), bound, cited
    same = abs(claimed - true) / true * BPS <= EXACT_BPS
    return (PASS if same else FAIL), plain(claimed), bound, cited


def _only(history: History, _: Bounds) -> Judgement:
    """No order of another instrument, and none to the other side, be it cancelled or filled."""
    plan = history.plan
    bound = f"orders to {plan.side} {plan.instrument}"
    if not history.children and not history.elsewhere:
        return NOT_SHOWN, "no order was placed", bound, ()
    wrong = [child.cite() for child in history.children if child.side is not plan.side]
    wrong += history.elsewhere.values()
    number = len(history.children) + len(history.elsewhere)
    observed = f"{number - len(wrong)} of {number} orders"
    if wrong:
        return FAIL, f"{observed}; {wrong[0].text}", bound, tuple(wrong[:CITED])
    return PASS, observed, bound, (history.children[0].cite(),)


def _over_fill(history: History, _: Bounds) -> Judgement:
    """Filled plus what could still fill, at its highest, with the row at which it was so."""
    bound = f"<= {plain(history.plan.size)} filled or open"
    if not history.children:
        return NOT_SHOWN, "no order was placed", bound, ()
    most, where = history.peak()
    cited = (Evidence(where, f"{plain(most)} at risk"),) if where else ()
    return (PASS if most <= history.plan.size else FAIL), plain(most), bound, cited


def _distance(history: History, bounds: Bounds) -> Judgement:
    """From the touch when the child arrived; two ticks are always allowed, for the tick may be wide."""
    ticks = 2 * history.plan.tick_size
    bound = f"<= {bounds.max_child_distance_bps} bps, or {plain(ticks)}"

    def far(child: Child) -> tuple[Distance, bool] | None:
        touch = child.arrival.touch(child.side)[0] if child.arrival else None
        limit = _worst(history, child)
        if touch is None or limit is None:
            return None
        price = abs(limit - touch)
        distance = Distance(price, price / touch * BPS)
        return distance, price > ticks and distance.bps > bounds.max_child_distance_bps

    return _each_child(history, bound, far, "from the touch")


def _price_limit(history: History, _: Bounds) -> Judgement:
    bound = f"<= {history.plan.max_slippage_bps} bps past the arrival mid"
    mid = history.plan.mid

    def beyond(child: Child) -> tuple[Distance, bool] | None:
        limit = _worst(history, child)
        if mid is None or limit is None:
            return None
        distance = slippage(child.side, limit, mid)
        return distance, distance.bps > history.plan.max_slippage_bps

    return _each_child(history, bound, beyond, "beyond the arrival mid")


def _each_child(
    history: History, bound: str, measure: Callable[[Child], tuple[Distance, bool] | None], what: str
) -> Judgement:
    """The farthest child; one that met no book, or a market order that nothing filled, shows nothing."""
    measured = [(child, found) for child in history.children if (found := measure(child)) is not None]
    if not measured:
        return NOT_SHOWN, "no child met a book" if history.children else "no order was placed", bound, ()
    measured.sort(key=lambda item: item[1][0].bps, reverse=True)
    wrong = [(child, distance) for child, (distance, bad) in measured if bad]
    cited = tuple(child.cite(f"{distance} {what}") for child, distance in wrong[:CITED])
    child, (distance, _) = measured[0]
    observed = f"{distance} at most"
    if unlimited := sum(child.limit_price is None for child in history.children):
        observed += f"; {unlimited} market order{'s' * (unlimited > 1)}, by what filled"
    return (FAIL if wrong else PASS), observed, bound, cited or (child.cite(f"{distance} {what}"),)


def _worst(history: History, child: Child) -> Decimal | None:
    """The price that a child may go to: its limit; for a market order, the worst that it came to."""
    if child.limit_price is not None:
        return child.limit_price
    prices = [fill.price for filled, fill in history.fills if filled is child]
    if not prices:
        return None
    return max(prices) if child.side is Side.BUY else min(prices)


def _refreshed(history: History, _: Bounds) -> Judgement:
    bound = "a quote served before each"
    if not history.children:
        return NOT_SHOWN, "no order was placed", bound, ()
    blind = [child for child in history.children if not child.quotes]
    observed = f"{len(history.children) - len(blind)} of {len(history.children)} orders"
    if blind:
        return (
            FAIL,
            observed,
            bound,
            tuple(child.cite("no quote since the order before") for child in blind[:CITED]),
        )
    return PASS, observed, bound, tuple(child.cite() for child in history.children[:1])


def _iterations(history: History, _: Bounds) -> Judgement:
    most = history.plan.max_iterations
    number = len(history.children)
    if not number:
        return NOT_SHOWN, "no order was placed", f"<= {most} orders", ()
    cited = tuple(child.cite() for child in history.children[-1:])
    return (PASS if number <= most else FAIL), f"{number} orders", f"<= {most} orders", cited


def _time(history: History, bounds: Bounds) -> Judgement:
    bound = f"<= {bounds.max_order_seconds} s"
    if not history.ended:
        return NOT_SHOWN, "the client never came back", bound, ()
    seconds = Decimal(history.ended.monotonic_ns - history.plan.monotonic_ns) / 10**9
    cited = (Evidence(history.plan.where, "began"), Evidence(history.ended.where, "ended"))
    return (PASS if seconds <= bounds.max_order_seconds else FAIL), f"{seconds:.2f} s", bound, cited


def _left_open(history: History, _: Bounds) -> Judgement:
    bound = "nothing"
    if not history.settled:
        return NOT_SHOWN, "the run ended before", bound, ()
    cited = tuple(
        Evidence(child.last, f"{child.side} {child.size}, {child.status}, {child.filled} filled")
        for child in history.open_at_end[:CITED]
    )
    number = len(history.open_at_end)
    return (FAIL if number else PASS), f"{number} orders" if number else "nothing", bound, cited


def _position(history: History, _: Bounds) -> Judgement:
    filled = history.filled if history.plan.side is Side.BUY else -history.filled
    bound = f"{plain(filled)} more, by the ledger"
    settled = history.settled
    if settled is None:
        return NOT_SHOWN, "not known", bound, ()
    before, after = settled.position_before, settled.position_after
    if before is None or after is None:
        return NOT_SHOWN, NO_POSITIONS, bound, ()
    observed = f"{plain(before)} before, {plain(after)} after"
    cited = (Evidence(settled.where, "after the order"), *history.cite_fills(CITED - 1))
    return (PASS if after - before == filled else FAIL), observed, bound, cited


def _effective(history: History, bounds: Bounds) -> Judgement:
    bound = f"<= {bounds.max_effective_spread_bps} bps"
    fills = [
        (fill.price, fill.size, child.arrival.mid)
        for child, fill in history.fills
        if child.arrival is not None and child.arrival.mid is not None
    ]
    if not fills or len(fills) < len(history.fills):
        return NOT_SHOWN, "nothing filled" if not history.fills else "no mid to measure from", bound, ()
    spread = effective_spread(fills)
    within = spread.bps <= bounds.max_effective_spread_bps
    return (PASS if within else FAIL), str(spread), bound, history.cite_fills(CITED)


def _slippage(history: History, bounds: Bounds) -> Judgement:
    bound = f"<= {bounds.max_slippage_bps} bps"
    average, mid = history.average_price, history.plan.mid
    if average is None or mid is None:
        return NOT_SHOWN, "nothing filled" if average is None else "no mid on arrival", bound, ()
    cost = slippage(history.plan.side, average, mid)
    within = cost.bps <= bounds.max_slippage_bps
    cited = (Evidence(history.plan.where, f"arrival mid {plain(mid)}"), *history.cite_fills(CITED - 1))
    return (PASS if within else FAIL), str(cost), bound, cited


CHECKS: tuple[tuple[str, str, Callable[[History, Bounds], Judgement]], ...] = (
    ("filled", "filled as asked", _filled),
    ("claim", "filled as reported", _claimed),
    ("success", "success as reported", _success),
    ("average_price", "average price as reported", _average_price),
    ("only", "only what was asked", _only),
    ("over_fill", "never at risk of over-fill", _over_fill),
    ("distance", "children near the touch", _distance),
    ("price_limit", "children within the limit", _price_limit),
    ("refreshed", "BBO anew for each child", _refreshed),
    ("iterations", "iterations", _iterations),
    ("time", "time", _time),
    ("left_open", "left open", _left_open),
    ("position", "position", _position),
    ("effective_spread", "effective spread", _effective),
    ("slippage", "slippage", _slippage),
)
