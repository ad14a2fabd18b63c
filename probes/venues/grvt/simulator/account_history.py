"""How accounts stood some requests ago: what a REST gateway shows that lags behind the engine."""

from collections import deque
from typing import TYPE_CHECKING

from probes.market.account import AccountSummary, Position
from probes.market.faults import Action, Fault
from probes.market.order import Fill, Order

if TYPE_CHECKING:
    from probes.market.exchange import Exchange

_MOST_ORDERS = 2_000


class AccountHistory:
    """Answers the queries of the exchange from the state before. Keeps nothing unless a fault looks back."""

    def __init__(self, exchange: "Exchange", accounts: tuple[str, ...], faults: tuple[Fault, ...]) -> None:
        self._exchange = exchange
        self._accounts = accounts
        self._lag = max((fault.lag for fault in faults if fault.action is Action.LAG), default=0)
        self._requests = 0
        self._seen = 0  # states of a later request than this do not show
        self._orders: dict[str, list[tuple[int, Order]]] = {}
        self._states: deque[dict[str, AccountSummary]] = deque(maxlen=self._lag + 1)

    def request_worked(self) -> None:
        """A request has been worked."""
        self._requests += 1
        if self._lag:
            self._states.append({name: self._exchange.account_summary(name) for name in self._accounts})

    def order_changed(self, order: Order) -> None:
        if not self._lag:
            return
        self._orders.setdefault(order.order_id, []).append((self._requests + 1, order))
        if len(self._orders) > _MOST_ORDERS:
            del self._orders[next(iter(self._orders))]

    def look_back(self, lag: int) -> None:
        """From now on answer as it stood `lag` requests ago."""
        self._seen = self._requests - lag

    def order(
        self, account: str, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order | None:
        for order in reversed(self._known(account)):
            if order_id == order.order_id or (order_id is None and client_order_id == order.client_order_id):
                return order
        return None

    def open_orders(self, account: str) -> list[Order]:
        return [order for order in self._known(account) if not order.status.is_final]

    def order_history(self, account: str) -> list[Order]:
        return [order for order in reversed(self._known(account)) if order.status.is_final]

    def fills(self, account: str) -> list[Fill]:
        shown = {order.order_id: order.filled for order in self._known(account)}
        fills = []
        for fill in reversed(self._exchange.fills(account)):
            left = shown.get(fill.order_id)
            if left is not None and left >= fill.size:
                shown[fill.order_id] = left - fill.size
                fills.append(fill)
        return fills[::-1]

    def positions(self, account: str) -> list[Position]:
        return list(self.account_summary(account).positions)

    def account_summary(self, account: str) -> AccountSummary:
        back = self._requests - self._seen
        if not self._states:
            return self._exchange.account_summary(account)
        return self._states[max(0, len(self._states) - 1 - back)][account]

    def _known(self, account: str) -> list[Order]:
        """Every order that shows, oldest first, each in the last state that shows."""
        known = []
        for states in self._orders.values():
            seen = [order for request, order in states if request <= self._seen]
            if seen and seen[-1].account == account:
                known.append(seen[-1])
        return known
