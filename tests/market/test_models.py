"""The models of the market: what a trade costs, and whose turn it is at a price."""

from decimal import Decimal as D

import pytest

from probes.market.events import Filled
from probes.market.fees import ProportionalFees
from probes.market.order import Instrument
from probes.market.queue_models import QueueModel
from probes.market.scenario import ScenarioError, parse
from tests.market.orders import PERP, order, outcome

HEAD = 'about = "x"\nexpects = "success"\n'


class PerTrade:
    """A fee model of one's own: so much a trade, whatever its size."""

    def fee(self, instrument: Instrument, price: D, size: D, *, is_taker: bool) -> D:
        return D(2) if is_taker else D(1)


@pytest.mark.parametrize(
    ("fees", "taker", "maker"),
    [
        (None, D("4.5") / 10_000 * 3000, D("-0.5") / 10_000 * 3000),  # those of the instrument
        (ProportionalFees(taker_bps=D(0)), D(0), D("-0.15")),
        (ProportionalFees(maker_bps=D(2), taker_bps=D(10)), D(3), D("0.6")),
        (PerTrade(), D(2), D(1)),
    ],
)
def test_each_side_of_a_trade_pays_by_the_fee_model(venue, fees, taker, maker):
    exchange = venue(fees=fees)
    seen: list = []
    exchange.listeners.append(seen.append)
    exchange.submit(order("sell", size="1", price="3000.00", account="you"))
    exchange.submit(order("buy", size="1", price="3000.00"))
    fills = {event.fill.account: event.fill for event in seen if isinstance(event, Filled)}
    assert (fills["me"].fee, fills["you"].fee) == (taker, maker)
    assert exchange.account_summary("me").cash == 1_000_000 - taker
    assert exchange.position("you", PERP).fees == maker


@pytest.mark.parametrize(
    ("queue", "after_12", "after_25"), [("fifo", "0.5", "0.5"), ("risk_averse", "0", "0.5")]
)
def test_an_order_waits_for_its_turn_by_the_queue_model(venue, queue, after_12, after_25):
    """Ten stand at the bid before it, ten come behind it."""
    exchange = venue(queue=QueueModel(queue))
    sent = outcome(exchange, order("buy", size="0.5", price="2999.99"))
    exchange.submit(order("sell", size="10", price="2999.99", account="you"))
    exchange.step()  # the ten that were taken come again, behind it
    exchange.submit(order("sell", size="2", price="2999.99", account="you"))
    assert exchange.order("me", order_id=sent.order_id).filled == D(after_12)
    exchange.submit(order("sell", size="20", price="2999.99", account="you"))
    assert exchange.order("me", order_id=sent.order_id).filled == D(after_25)


def test_among_clients_time_decides_in_every_queue_model(venue):
    for queue in QueueModel:
        exchange = venue(queue=queue)
        first = outcome(exchange, order("buy", size="0.5", price="3000.00"))
        second = outcome(exchange, order("buy", size="0.5", price="3000.00", account="you"))
        exchange.submit(order("sell", size="0.5", price="3000.00", account="you"))
        assert exchange.order("me", order_id=first.order_id).filled == D("0.5")
        assert exchange.order("you", order_id=second.order_id).filled == 0


def test_a_scenario_chooses_the_models():
    scenario = parse(HEAD + 'queue = "risk_averse"\n[fees]\ntaker_bps = 3.5', "mine", "mine.toml")
    assert scenario.queue is QueueModel.RISK_AVERSE
    assert scenario.fees == ProportionalFees(taker_bps=D("3.5"))
    with pytest.raises(ScenarioError) as caught:
        parse(HEAD + 'queue = "fif"\n[fees]\ntaker_bps = 2000\n', "mine", "mine.toml")
    assert str(caught.value).splitlines() == [
        'mine.toml: queue: unknown "fif" (did you mean "fifo"?)',
        "mine.toml: fees: taker_bps must be between -1000 and 1000",
    ]
