"""Each kind of wrong trading, and its twin that does the same right."""

from dataclasses import replace
from decimal import Decimal

import pytest

from diag.bounds import Bounds
from diag.conduct.judge import judge
from diag.conduct.trading.judge import TradingJudge
from diag.record.kinds import child, probe, venue
from diag.record.trading import Origin, Reason, Side
from diag.verdict import Outcome
from tests.conduct.trading.ledger import ETH, ONE, PRICE, Ledger

HALF = Decimal("0.5")


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.opened()
    return made


# Orders placed again


@pytest.mark.parametrize("answer", ["lost", "failed"])
def test_an_order_placed_again_while_nobody_knows_of_the_first(ledger: Ledger, answer: str) -> None:
    first = ledger.place("a", answer, fills=ONE)
    second = ledger.place("b", fills=ONE, price=PRICE + 1)
    check = ledger.checks()["repeats"]
    assert check.outcome is Outcome.FAIL
    witness, again = check.evidence
    assert (witness.where, again.where) == (first.where, second.where)
    lost = "answer lost" if answer == "lost" else "answered with HTTP 500"
    assert f"placed at {first.where}, {lost} at sim:" in witness.text
    assert witness.text.endswith(f"placed again at {second.where}, both filled")


@pytest.mark.parametrize("question", ["order_query", "order_history_query", "fill_history_query"])
def test_who_asks_first_may_place_again(ledger: Ledger, question: str) -> None:
    ledger.place("a", "lost", fills=ONE)
    ledger.ask(question, about="a" if question == "order_query" else None)
    ledger.place("b")
    ledger.cancel("b")
    assert not ledger.failed()


def test_a_question_that_does_not_tell_of_it_is_no_answer(ledger: Ledger) -> None:
    """A filled order is in no list of open ones, a resting one in no position."""
    ledger.place("a", "lost", fills=ONE)
    ledger.ask("open_orders_query")
    ledger.place("b", fills=ONE)
    assert "repeats" in ledger.failed()
    other = Ledger()
    other.place("a", "lost")
    other.ask("position_query")
    other.place("b")
    assert "repeats" in other.failed()


def test_one_that_is_refused_limited_or_different_is_no_repetition(ledger: Ledger) -> None:
    ledger.place("a", "refused", comes=False)
    ledger.place("b", "limited", comes=False)
    ledger.place("c", "lost", fills=ONE)
    ledger.place("d", side=Side.SELL, fills=ONE)
    ledger.place("e", size=HALF, fills=HALF)
    ledger.place("f", price=PRICE * 2, fills=ONE)  # the next level of a grid
    assert "repeats" not in ledger.failed()


def test_orders_sent_side_by_side_are_no_repetitions() -> None:
    ledger = Ledger(step_ms=1)
    ledger.place("a", "lost", fills=ONE)
    ledger.place("b", fills=ONE)
    assert "repeats" not in ledger.failed()


def test_the_same_id_sent_again_is_safe_where_the_venue_makes_one_order(ledger: Ledger) -> None:
    ledger.place("a", "lost")
    ledger.place(
        "a", "refused", comes=False, refused=Reason.DUPLICATE_CLIENT_ORDER_ID, code=2012, origin=Origin.CLIENT
    )
    ledger.ask("order_query", about="a")
    ledger.cancel("a")
    ledger.exits()
    assert not ledger.failed()


def test_the_same_id_sent_again_that_makes_two_orders_is_not(ledger: Ledger) -> None:
    ledger.place("a", "lost", fills=ONE)
    ledger.place("a", fills=ONE)
    assert "repeats" in ledger.failed()


def test_a_stream_of_own_orders_tells_what_came_of_them(ledger: Ledger) -> None:
    ledger.subscribe("order")
    ledger.place("a", "lost", fills=ONE)
    ledger.now_ns += 6 * 10**9
    ledger.place("b", fills=ONE)
    assert not ledger.failed()
    ledger.place("c", "lost", fills=ONE)
    ledger.place("d", fills=ONE)  # at once: nobody looked at the stream
    assert ledger.failed() == {"repeats"}


# Questions without an answer


@pytest.mark.parametrize("question", ["position_query", "balance_query", "order_query", "open_orders_query"])
@pytest.mark.parametrize("answer", ["failed", "lost", "limited"])
def test_an_order_on_a_question_without_answer(ledger: Ledger, question: str, answer: str) -> None:
    ledger.ask(question)
    asked = ledger.ask(question, answer)
    order = ledger.place("a", fills=ONE)
    check = ledger.checks()["unanswered"]
    assert check.outcome is Outcome.FAIL
    assert check.evidence[0].where == asked.where
    assert order.where in check.evidence[0].text


def test_a_later_answer_a_reducing_order_and_a_stream_make_it_right(ledger: Ledger) -> None:
    ledger.ask("position_query", "failed")
    ledger.place("exit", side=Side.SELL, reduce_only=True, fills=ONE)
    ledger.ask("position_query")
    ledger.place("a", fills=ONE)
    ledger.ask("order_query", "unknown", about="zzz")  # there is none: an answer
    ledger.place("b", fills=ONE)
    ledger.subscribe("position")
    ledger.ask("position_query", "failed")
    ledger.place("c", fills=ONE)
    assert not ledger.failed()


# Refusals


def refused(ledger: Ledger, **more: object) -> None:
    ledger.place("a", "refused", comes=False, code=2064, **{"origin": Origin.CLIENT, **more})


def test_a_refusal_of_the_clients_making_is_named_by_code_and_meaning(ledger: Ledger) -> None:
    refused(ledger)
    check = ledger.checks()["refusals"]
    assert (check.outcome, check.observed) == (Outcome.FAIL, "refused: 1 with 2064")
    assert check.evidence[0].text.endswith("refused with 2064: meaning")


@pytest.mark.parametrize("why", [{"origin": Origin.VENUE}, {"origin": Origin.MARKET}, {"fault": "refuse"}])
def test_one_that_is_not_counts_for_nothing(ledger: Ledger, why: dict[str, object]) -> None:
    refused(ledger, **why)
    assert not ledger.failed()


# Cancels


def test_a_fill_that_beat_a_cancel_has_to_be_looked_at(ledger: Ledger) -> None:
    ledger.place("a", fills=ONE)
    ledger.ask("cancel", about="a")
    ledger.place("b", fills=ONE)
    assert ledger.failed() == {"cancels"}
    good = Ledger()
    good.place("a", fills=ONE)
    good.ask("cancel", about="a")
    good.ask("order_query", about="a")
    good.place("b", fills=ONE)
    assert not good.failed()
    assert good.checks()["cancels"].outcome is Outcome.PASS


# Positions and what is left


def test_a_position_against_what_is_expected(ledger: Ledger) -> None:
    ledger.row(child.Expected, position=ONE, max_position=ONE)
    ledger.place("a", fills=ONE)
    assert not ledger.failed()
    ledger.place("b", fills=HALF, size=HALF)
    assert ledger.failed() == {"position", "max_position"}
    assert ledger.checks()["max_position"].observed == "1.5 at most"


def test_a_fill_of_a_lost_answer_that_nobody_asks_about(ledger: Ledger) -> None:
    ledger.place("a", "lost", fills=ONE)
    assert ledger.failed() == {"known_fills"}
    ledger.ask("position_query", "failed")  # it asked; that it got no answer is not its making
    assert not ledger.failed()


def test_exits_that_rest_beyond_the_position(ledger: Ledger) -> None:
    ledger.place("a", fills=ONE)
    ledger.place("x", side=Side.SELL)
    assert "exits" not in ledger.failed()
    ledger.place("y", side=Side.SELL)
    assert "exits" in ledger.failed()


def test_a_maker_and_one_that_turns_round_have_no_exits(ledger: Ledger) -> None:
    ledger.place("bid")
    ledger.place("ask", side=Side.SELL, price=PRICE + 9)
    ledger.fill("bid", ONE)
    ledger.place("ask2", side=Side.SELL, price=PRICE + 10)
    assert "exits" not in ledger.failed()
    other = Ledger()
    other.place("a", fills=ONE)
    other.place("b", side=Side.SELL, size=ONE * 2, fills=ONE * 2)
    assert "exits" not in other.failed()


def test_what_is_left_open_fails_a_program_that_ends_and_is_not_shown_of_one_that_is_stopped() -> None:
    for how, code, outcome in (("exited", 0, Outcome.FAIL), ("timed out", -15, Outcome.NOT_SHOWN)):
        ledger = Ledger()
        ledger.place("a")
        ledger.exits(code, how)
        ledger.cancel("a")  # what the venue does later is not the program's
        assert ledger.checks()["left_open"].outcome is outcome


def test_orders_that_lapse_are_counted_and_the_oldest_is_bounded(ledger: Ledger) -> None:
    ledger.place("a")
    ledger.now_ns += 90 * 10**9
    ledger.cancel("a", Reason.EXPIRED)
    assert ledger.checks()["resting"].observed == "90.0 s at most; 1 lapsed"
    strict = ledger.checks(replace(Bounds(), max_resting_seconds=Decimal(60)))
    assert strict["resting"].outcome is Outcome.FAIL


def test_legs_at_two_venues_have_to_come_out_even() -> None:
    here = Ledger("here")
    there = Ledger("there", rows=here.rows)
    here.opened()
    there.opened()
    here.place("a", fills=ONE)
    assert "legs" not in here.failed()  # a program that trades at one of them has no legs
    there.place("z", "refused", comes=False, side=Side.SELL)
    assert "legs" in here.failed()
    there.place("b", side=Side.SELL, fills=ONE)
    assert "legs" not in here.failed()
    strict = here.checks(replace(Bounds(), max_exposed_seconds=Decimal("0.00001")))
    assert strict["legs"].outcome is Outcome.FAIL


# Limits


def test_requests_at_once_after_429_and_5xx() -> None:
    for answer, name in (("limited", "rate_limit"), ("failed", "back_off")):
        hasty, patient, endless = Ledger(step_ms=1), Ledger(step_ms=200), Ledger(step_ms=60)
        for each, times in ((hasty, 5), (patient, 6), (endless, 40)):
            for _ in range(times):
                each.ask("ticker_query", answer)
        assert hasty.failed() == endless.failed() == {name}
        assert patient.checks()[name].outcome is Outcome.PASS


def test_the_wait_that_a_429_asks_for_is_kept() -> None:
    for step_ms, failed in ((300, {"rate_limit"}), (1200, set())):
        ledger = Ledger(step_ms=step_ms)
        for _ in range(5):
            ledger.ask("ticker_query", "limited", retry_after_s=1)
        assert ledger.failed() == failed


def test_reconnect_storms() -> None:
    for step_ms, failed in ((100, {"reconnects"}), (2000, set())):
        ledger = Ledger(step_ms=step_ms)
        for _ in range(12):
            ledger.subscribe("ticker")
        assert ledger.failed() == failed


def test_to_end_a_subscription_before_the_next_is_no_storm() -> None:
    ledger = Ledger(step_ms=10)
    for _ in range(12):
        ledger.subscribe("ticker")
        data = {"stream": "s", "selectors": [ETH]}
        ledger.row(venue.Request, endpoint="unsubscribe", account="me", feed="ticker", data=data)
    assert ledger.failed() == set()


# Streams


def quotes(ledger: Ledger, number: int, price: Decimal = PRICE) -> None:
    for _ in range(number):
        ledger.now_ns += 200_000_000
        book = {"bid_price": price, "bid_size": ONE, "ask_price": price + 1, "ask_size": ONE}
        ledger.row(venue.Quote, instrument=ETH, via="s", **book)


def test_a_hole_in_a_stream_of_changes(ledger: Ledger) -> None:
    ledger.subscribe("book")
    quotes(ledger, 2)
    ledger.row(venue.Fault, name="drop", stream="s", selector=ETH, is_delta=True)
    quotes(ledger, 8)
    assert ledger.failed() == {"gaps"}
    ledger.subscribe("book")
    assert ledger.checks()["gaps"].outcome is Outcome.PASS


def test_an_order_on_a_stream_that_fell_silent(ledger: Ledger) -> None:
    def order(price: Decimal) -> None:
        book = {"bid_price": price, "bid_size": ONE, "ask_price": price + 1, "ask_size": ONE}
        ledger.row(venue.Arrival, instrument=ETH, account="1", client_order_id="a", **book)
        ledger.place("a", fills=ONE)

    ledger.subscribe("ticker")
    quotes(ledger, 2)
    order(PRICE)
    ledger.now_ns += 10 * 10**9
    order(PRICE)  # nothing has changed: what is known is still true
    assert not ledger.failed()
    order(PRICE + 5)
    assert ledger.failed() == {"fresh_quotes"}


# What was meant


def meant(ledger: Ledger, text: str) -> None:
    ledger.row(child.Stdout, text=text)
    book = {"bid_price": PRICE, "bid_size": ONE, "ask_price": PRICE, "ask_size": ONE}
    ledger.row(venue.Arrival, instrument=ETH, account="1", client_order_id="a", **book)
    ledger.place("a", fills=ONE)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("placing post-only buy 1 at 3000", {"intent"}),
        ("buy 1 @ 3000 params={'postOnly': True}", {"intent"}),
        ("buy 1 @ 3000 post_only=False", set()),
        ("post-only mode is on", set()),
        ("buy 1 @ 3000", set()),
    ],
)
def test_an_order_named_post_only_that_takes(ledger: Ledger, text: str, failed: set[str]) -> None:
    meant(ledger, text)
    assert ledger.failed() == failed


# What there is to judge


def test_a_program_that_only_reads_passes_what_it_did(ledger: Ledger) -> None:
    ledger.ask("ticker_query")
    ledger.exits()
    checks = ledger.checks()
    assert checks["reached-sim"].outcome is Outcome.PASS
    assert checks["repeats"].outcome is Outcome.NOT_APPLICABLE
    assert {check.outcome for check in checks.values()} == {Outcome.PASS, Outcome.NOT_APPLICABLE}


def test_orders_that_were_expected_and_never_came_are_not_shown(ledger: Ledger) -> None:
    ledger.row(child.Expected, orders=True)
    ledger.ask("ticker_query")
    assert ledger.checks()["repeats"].outcome is Outcome.NOT_SHOWN
    ledger.row(child.Expected, position=ONE)
    assert ledger.checks()["position"].outcome is Outcome.FAIL


def test_a_venue_that_nobody_came_to_is_not_shown(ledger: Ledger) -> None:
    ledger.exits()
    assert {check.outcome for check in ledger.checks().values()} == {Outcome.NOT_SHOWN}


def test_without_a_venue_there_is_nothing_to_judge() -> None:
    ledger = Ledger()
    ledger.row(child.Started, command=("python",), isolated=True)
    ledger.exits()
    assert not ledger.checks()


def test_of_a_probe_only_its_plan_is_judged(ledger: Ledger) -> None:
    at = {"venue": "sim", "instrument": ETH}
    tick = Decimal("0.01")
    run = probe.Run(
        **at, env="embedded", probes=("iterative_order", "order_lifecycle"), places_orders=True,
        ledger=True, tick_size=tick, min_size=tick, size_step=tick,
    )  # fmt: skip
    settled = probe.Settled(**at, position_before=ONE, position_after=ONE)
    ledger.rows = [run]
    ledger.place("a", fills=ONE)
    ledger.rows.append(settled)
    refused(ledger)
    ledger.place("b", "lost", fills=ONE)
    assert not ledger.failed()
    ledger.rows = [row for row in ledger.rows if row is not settled]
    assert {"refusals", "known_fills"} & ledger.failed() == {"refusals"}
    ledger.rows = [replace(run, ledger=False), *ledger.rows[1:]]
    assert judge(ledger, Bounds(), [TradingJudge]) == []
