"""Every fault is seen, for the right reason and for no other."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from diag.bounds import Bounds
from diag.conduct.iterative_order import IterativeOrderJudge
from diag.conduct.judge import judge
from diag.record import read
from diag.verdict import Outcome
from probes.market.order import Side
from tests.probes import faulty
from tests.probes.conftest import Ran

pytestmark = pytest.mark.slow

Probe = Callable[..., Ran]
ORDER = "iterative_order."


@pytest.mark.parametrize(
    ("client", "scenario", "failed"),
    [
        (
            faulty.SeesZero,
            "calm",
            {
                "filled": r"^\d+(\.\d+)? of 0.5: over-filled$",
                "claim": r"^0$",
                "average_price": r"^none$",
                "over_fill": r"^\d+(\.\d+)?$",
            },
        ),
        (faulty.TenDollars, "calm", {"distance": r"^66\.67 bps \(20\) at most$"}),
        (
            faulty.OnlyFilled,
            "partial-fills",
            {
                "claim": "^0.5$",
                "success": "^success$",
                "filled": "0.6 of 0.5: over-filled",
                "over_fill": "^0.6$",
            },
        ),
        (faulty.LeavesOpen, "calm", {"left_open": "^1 orders$", "filled": "although 0.5 stood"}),
        (
            faulty.SuccessOnReject,
            "halted",
            {"filled": "reported as success", "claim": "^0.5$", "success": "^success$", "average_price": ""},
        ),
        (faulty.StaleBbo, "partial-fills", {"refreshed": r"^1 of \d+ orders$"}),
        (
            faulty.AwaitsPlain,
            "calm",
            {"refreshed": "^0 of 1"},
        ),
        (
            faulty.Fallthrough,
            "calm",
            {"filled": "TypeError: object dict can't be used in 'await' expression", "claim": "TypeError"},
        ),
        (faulty.TwoAtOnce, "calm", {"over_fill": "^1$"}),
        (faulty.WrongAverage, "calm", {"average_price": r"^300\d\.\d+$"}),
        (faulty.Chases, "calm", {"distance": "^100.00 bps", "price_limit": "^100.1"}),
        (faulty.NeverEnds, "calm", {"iterations": "^25 orders$"}),
        (
            faulty.Careless,
            "calm",
            {
                "only": "^0 of 1 orders; sell",
                "filled": "^-",
                "claim": "",
                "success": "",
                "average_price": "",
            },
        ),
        (faulty.Hedges, "walk", {"only": "^1 of 2 orders; sell 0.010 BTC_USDT_Perp$"}),
        (faulty.Feints, "calm", {"only": r"orders; sell 0\.5"}),
        (
            faulty.Forgets,
            "calm",
            {
                "filled": "^1 of 0.5: over-filled$",
                "claim": "^0.5$",
                "success": "",
                "over_fill": "^1$",
            },
        ),
    ],
)
def test_a_faulty_client_fails_for_its_fault(
    probe: Probe, client: type, scenario: str, failed: dict[str, str]
) -> None:
    ran = probe(client, scenario)
    of_orders = {name.removeprefix(ORDER) for name in ran.failed if name.startswith(ORDER)}
    assert of_orders == set(failed), {name: ran.checks[ORDER + name].observed for name in of_orders}
    places = {event.where: event for event in ran.events()}
    for name, pattern in failed.items():
        check = ran.checks[ORDER + name]
        assert re.search(pattern, check.observed), (name, check.observed)
        assert check.evidence, name
        assert {evidence.where for evidence in check.evidence} <= set(places), name


def test_the_simple_client_without_a_fault_passes(probe: Probe) -> None:
    for side in Side:
        ran = probe(faulty.Simple, "calm", side=side)
        assert ran.named(Outcome.PASS) == set(ran.checks), ran.checks


def test_a_client_that_hangs_is_broken_off_and_cleaned_up_after(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.iterative_order.GRACE_S", 0.2)
    ran = probe(faulty.Hangs, bounds=Bounds(max_order_seconds=Decimal("0.1")))
    assert {ORDER + "claim", ORDER + "left_open", ORDER + "time", ORDER + "filled"} == ran.failed
    assert ran.problems == ()
    orders = {event.order_id: event.values() for event in ran.events() if event.kind == "order"}
    assert [data["status"] for data in orders.values()] == ["cancelled"]


@pytest.mark.parametrize(
    ("client", "scenario", "failed"),
    [
        (
            faulty.AwaitsPlain,
            "calm",
            {
                "answered": "0 of 5: TypeError: object dict can't be used in 'await'",
                "agreement": "no answer from ticker: TypeError",
            },
        ),
        (faulty.OldQuotes, "trend", {"true": ""}),
        (
            faulty.MadeUp,
            "calm",
            {"true": "15 of 25", "tick": "0 of 5; 2999.953 / 3000.053$", "size": "0 of 5"},
        ),
    ],
)
def test_a_faulty_bbo_fails_for_its_fault(
    probe: Probe, client: type, scenario: str, failed: dict[str, str]
) -> None:
    ran = probe(client, scenario)
    of_bbo = {name.removeprefix("bbo.") for name in ran.failed if name.startswith("bbo.")}
    assert of_bbo == set(failed), {name: ran.checks["bbo." + name].observed for name in of_bbo}
    for name, pattern in failed.items():
        assert re.search(pattern, ran.checks[f"bbo.{name}"].observed), ran.checks[f"bbo.{name}"].observed


def test_a_record_is_judged_again_from_its_events_alone(probe: Probe) -> None:

    ran = probe(faulty.SeesZero)
    again = judge(read(ran.folder), Bounds(), (IterativeOrderJudge,))
    assert again == [check for name, check in ran.checks.items() if name.startswith(ORDER)]
