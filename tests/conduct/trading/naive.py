"""Judges that read the whole ledger again for each order: slow, and short enough to be checked by eye."""

from decimal import Decimal

from diag.record import Event
from diag.record.kinds import venue

QUESTIONS = {
    "position_query": "position",
    "balance_query": "balance",
    "order_query": "order",
    "open_orders_query": "order",
    "order_history_query": "order",
    "fill_history_query": "order",
}


def places(rows: list[Event]) -> list[int]:
    """Where each order is sent for the first time."""
    found, seen = [], set()
    for at, row in enumerate(rows):
        if isinstance(row, venue.Request) and row.operation == "place" and row.order is not None:
            if row.order.client_order_id not in seen:
                found.append(at)
            seen.add(row.order.client_order_id)
    return found


def answer(rows: list[Event], request: Event, until: int) -> venue.Response | None:
    for row in rows[:until]:
        if isinstance(row, venue.Response) and row.request == request.seq and row.venue == request.venue:
            return row
    return None


def state(rows: list[Event], name: str, until: int) -> tuple[str | None, Decimal]:
    """Status of an order by its client order id, and how much of it has filled, before a row."""
    mine = [row for row in rows[:until] if getattr(row, "client_order_id", None) == name]
    status = [row.status for row in mine if isinstance(row, venue.Order)]
    filled = sum((row.size for row in mine if isinstance(row, venue.Fill)), Decimal(0))
    return (status[-1] if status else None), filled


def tells(rows: list[Event], question: venue.Request, name: str, at: int) -> bool:
    """Whether the answer in row `at` told the truth about the order."""
    status, filled = state(rows, name, at)
    over = status in (None, "filled", "cancelled", "rejected")
    about = question.order is None or question.order.client_order_id == name
    return {
        "order_query": about,
        "order_history_query": True,
        "open_orders_query": not filled or not over,
        "fill_history_query": over or bool(filled),
        "position_query": over or bool(filled),
        "cancel": about and over and not filled,
        "cancel_all": over and not filled,
    }.get(question.operation or "", False)


def is_known(rows: list[Event], sent: int, until: int) -> bool:
    """Whether the program knew, before row `until`, what came of the order sent in row `sent`."""
    request = rows[sent]
    answered = answer(rows, request, until)
    if answered is None or 0 < answered.status < 500:
        return True
    untold = rows.index(answered)
    known = False
    for at in range(untold, until):
        row = rows[at]
        if isinstance(row, venue.Fill) and row.client_order_id == request.order.client_order_id:
            known = False
        if isinstance(row, venue.Response) and (200 <= row.status < 300 or row.status == 404):
            asked = next(each for each in rows if isinstance(each, venue.Request) and each.seq == row.request)
            known |= tells(rows, asked, request.order.client_order_id, at)
    return known


def repeats(rows: list[Event]) -> int:
    number = 0
    for second in places(rows):
        new = rows[second].order
        for first in places(rows[:second]):
            old = rows[first].order
            same = (old.side, old.size, old.instrument) == (new.side, new.size, new.instrument)
            near = abs(old.limit_price - new.limit_price) <= old.limit_price / 1000
            if same and near and not is_known(rows, first, second):
                number += 1
                break
    return number


def unanswered(rows: list[Event]) -> int:
    number = 0
    for at in places(rows):
        last: dict[str, bool] = {}
        for row in rows[:at]:
            if isinstance(row, venue.Response):
                asked = next(
                    each for each in rows if isinstance(each, venue.Request) and each.seq == row.request
                )
                if asked.operation in QUESTIONS:
                    good = 200 <= row.status < 300
                    good |= row.status == 404 and asked.operation == "order_query"
                    last[QUESTIONS[asked.operation]] = good
        number += not rows[at].order.reduce_only and not all(last.values())
    return number


def left_open(rows: list[Event]) -> int:
    names = {row.client_order_id for row in rows if isinstance(row, venue.Order)}
    return sum(state(rows, name, len(rows))[0] in ("open", "pending") for name in names)
