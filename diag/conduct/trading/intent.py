"""What the program said it would send, against what it sent."""

import re
from collections.abc import Iterable
from typing import ClassVar

from diag.bounds import Bounds
from diag.conduct.trading.family import Ended, Family, Wrongs
from diag.conduct.trading.history import History
from diag.record import Event
from diag.record.kinds import child, venue
from diag.record.trading import TimeInForce
from diag.verdict import Check, Evidence, Outcome

# As in `post-only`, `postOnly=True`, `"timeInForce": "IOC"`; a setting that is off is none. Only a line that
# speaks of an order to be sent counts: one with a side and a number, which is no answer.
_ORDER = re.compile(
    r"\b(?:buy|sell|bid|ask|long|short)\b.*\d|\d.*\b(?:buy|sell|bid|ask|long|short)\b", re.IGNORECASE
)
_ANSWER = re.compile(r"order_?id|status|state|respon|result|answer|filled", re.IGNORECASE)
_OFF = re.compile(r"""post[-_ ]?only["']?\s*[:=]\s*["']?(?:false|no|0|none)\b""", re.IGNORECASE)
_POST_ONLY = re.compile(r"\bpost[-_ ]?only\b", re.IGNORECASE)
_IOC = re.compile(r"\bIOC\b|\bIMMEDIATE_OR_CANCEL\b|\bimmediate[-_ ]or[-_ ]cancel\b", re.IGNORECASE)

_LONGEST = 1000  # characters; what is longer is no line of a person


class Intent(Family):
    """An order named post-only or immediate-or-cancel in the log just before it, sent without: it took
    liquidity, or it rests.
    """

    about = "orders"
    names: ClassVar = {"intent": "orders are sent as they were meant"}

    def __init__(self) -> None:
        self._post_only = ""  # the row that says it, since the last order
        self._ioc = ""
        self._meant: dict[
            str, tuple[str, str]
        ] = {}  # by client order id: what the next order was named, where
        self._named = 0
        self._wrong = Wrongs()

    def take(self, event: Event, history: History) -> None:
        if isinstance(event, child.Spoken):
            self._spoken(event.text, event.where)
            return
        match event:
            case venue.Arrival():
                if self._post_only or self._ioc:
                    self._named += 1
                    self._meant[event.client_order_id] = (self._post_only, self._ioc)
                self._post_only = self._ioc = ""
            case venue.Fill() if event.is_taker and (meant := self._meant.get(event.client_order_id)):
                if meant[0]:
                    self._took(event, meant[0], history)
            case venue.Order() if meant := self._meant.get(event.client_order_id):
                self._order(event, meant)

    def _spoken(self, text: str, where: str) -> None:
        if len(text) > _LONGEST or not _ORDER.search(text) or _ANSWER.search(text):
            return
        if _POST_ONLY.search(text):
            self._post_only = "" if _OFF.search(text) else where
        if _IOC.search(text):
            self._ioc = where

    def _took(self, event: venue.Fill, said: str, history: History) -> None:
        self._meant.pop(event.client_order_id, None)
        order = history.placed or "an order"
        text = f"post-only by the log at {said}, sent without, and filled as taker"
        self._wrong.add(Evidence(event.where, f"{order}: {text}"))

    def _order(self, event: venue.Order, meant: tuple[str, str]) -> None:
        post_only, ioc = meant
        if event.post_only:
            post_only = ""
        if event.time_in_force is not TimeInForce.GOOD_TILL_TIME:
            ioc = ""
        if ioc and event.status == "open" and event.filled < event.size and not post_only:
            text = f"immediate-or-cancel by the log at {ioc}, sent without, and it rests"
            self._wrong.add(Evidence(event.where, f"{event.side} {event.size} {event.instrument}: {text}"))
            ioc = ""
        if event.status.is_final or not (post_only or ioc):
            self._meant.pop(event.client_order_id, None)
        else:
            self._meant[event.client_order_id] = (post_only, ioc)

    def checks(self, history: History, bounds: Bounds, ended: Ended) -> Iterable[Check]:
        bound = "post-only and IOC as its log names them"
        if self._wrong.number:
            observed = f"{self._wrong.number} of {self._named} sent plain"
            yield self.check("intent", Outcome.FAIL, observed, bound, self._wrong.cited)
        elif self._named:
            yield self.check("intent", Outcome.PASS, f"{self._named} orders", bound)
        else:
            yield self.check("intent", Outcome.NOT_APPLICABLE, "no order named so in its log", bound)
