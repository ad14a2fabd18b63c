"""Short ways to send orders in tests."""

from decimal import Decimal

from probes.market.exchange import Exchange
from probes.market.order import Order, Side, Status, TimeInForce

PERP = "ETH_USDT_Perp"


def order(side="buy", size="0.5", price: str | None = "3000.00", account="me", tif="GTT", **more) -> Order:
    """`price` None: a market order."""
    limit = None if price is None else Decimal(price)
    client_order_id = more.pop("client_order_id", "")
    return Order(
        "", client_order_id, account, PERP, Side(side), Decimal(size), limit, TimeInForce(tif), **more
    )


def outcome(exchange: Exchange, sent: Order) -> Order:
    """Submit, and see what became of it."""
    accepted = exchange.submit(sent)
    assert (accepted.status, accepted.filled) == (Status.PENDING, 0)
    now = exchange.order(sent.account, order_id=accepted.order_id)
    assert now is not None
    return now
