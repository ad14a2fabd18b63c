"""An order on a question that was not answered: what is not known is not zero."""

from collections.abc import Iterable
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import PLACE, UNREADABLE, Account, Exchange, History, Placed
from diag.record import Event
from diag.record.kinds import venue
from diag.verdict import Check, Evidence, Outcome

# What is asked for, by the operations that answer it; and the feeds that tell of it without being asked.
_QUESTIONS = {
    "position_query": "position",
    "balance_query": "balance",
    "order_query": "order",
    "open_orders_query": "order",
    "order_history_query": "order",
    "fill_history_query": "order",
}
_FEEDS = {"position": ("position", "fill"), "balance": (), "order": ("order", "order_state", "fill")}


class Unanswered(Family):
    """The last question for the position, the balance or an order of the account went without an answer, and
    an order follows. Orders that can only reduce a position are let pass.
    """

    about = "orders"
    names: ClassVar = {"unanswered": "no order on a question without answer"}

    def __init__(self) -> None:
        self._asked = 0
        self._without: dict[Account, dict[str, tuple[str, str]]] = {}  # what -> row of the question, in words
        self._wrong = Wrongs()

    def take(self, event: Event, history: History) -> None:
        exchange = history.exchange
        if exchange is None:
            return
        request = exchange.request
        key = (request.venue, request.account or "")
        if isinstance(event, venue.Response):
            if request.operation in _QUESTIONS:
                self._answered(key, exchange, event)
        elif request.operation == PLACE and self._without.get(key) and history.placed is not None:
            self._placed(key, history.placed, history)

    def _answered(self, key: Account, exchange: Exchange, answer: venue.Response) -> None:
        request = exchange.request
        what = _QUESTIONS[request.operation or ""]
        is_unreadable = exchange.fault in UNREADABLE
        self._asked += 1
        is_answer = answer.status // 100 == 2 or (answer.status == 404 and request.operation == "order_query")
        if is_answer and not is_unreadable:
            self._without.get(key, {}).pop(what, None)
            return
        is_lost = is_unreadable or not answer.status
        how = "not answered" if is_lost else f"answered with HTTP {answer.status}"
        words = f"{what} asked for at {request.where}, {how} at {answer.where}, and no answer since"
        self._without.setdefault(key, {})[what] = (request.where, words)

    def _placed(self, key: Account, placed: Placed, history: History) -> None:
        if placed.again or placed.named.reduce_only:
            return
        for what, (where, words) in self._without[key].items():
            if not history.streams(key, _FEEDS[what]):
                text = f"{words}; {placed} placed at {placed.where}"
                self._wrong.add(Evidence(where, text), Evidence(placed.where, str(placed)))
                return

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "an answer first"
        if self._wrong.number:
            observed = f"{self._wrong.number} of {history.number_placed} orders"
            yield self.check("unanswered", Outcome.FAIL, observed, bound, self._wrong.cited)
            return
        observed = f"none of {history.number_placed} orders; {self._asked} questions asked"
        yield self.check("unanswered", Outcome.PASS, observed, bound)
