"""python -m bench.book: operations a second of the order book, as a ratio to a plain one. See README.md."""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median

from sortedcontainers import SortedDict

from diag.record import Journal
from probes.market.book import Book
from probes.market.clock import SystemClock
from probes.market.dynamics import Dynamics
from probes.market.exchange import Exchange, Refused
from probes.market.ledger import Ledger
from probes.market.matching import SelfTrade, plan
from probes.market.order import ZERO, Instrument, Order, Side, TimeInForce

BAR = 1.0  # times the plain book
MID = 300_000  # ticks
NAME = "ETH_USDT_Perp"
CENT = Decimal("0.01")
ETH = Instrument(NAME, "ETH", "USDT", CENT, CENT, CENT, Decimal(10**9), Decimal(0), Decimal(5), Decimal(100))


Operation = Order | int
"""An order to submit, or the number of the operation whose order is to be cancelled."""
Fills = list[tuple[str, Decimal]]


def workload(count: int, width: int, seed: int = 1) -> list[Operation]:
    """What a venue sees: mostly orders placed within `width` ticks of the mid and cancelled again, and one in
    ten that takes (IOC). About as many are open at any time as there are prices.
    """
    random = Random(seed)
    operations: list[Operation] = []
    recent: list[int] = []
    for number in range(count):
        if len(recent) > 2 * width:
            operations.append(recent.pop(random.randrange(len(recent))))
            continue
        side = random.choice(list(Side))
        away = -1 if side is Side.BUY else 1
        takes = random.random() < 0.1
        ticks = MID - away * 5 if takes else MID + away * random.randint(1, width)
        tif = TimeInForce.IMMEDIATE_OR_CANCEL if takes else TimeInForce.GOOD_TILL_TIME
        size = CENT * random.randint(1, 500)
        operations.append(Order(str(number), "", str(number), NAME, side, size, CENT * ticks, tif))
        if not takes:
            recent.append(number)
    return operations


def play_book(operations: list[Operation]) -> Fills:
    """The book of the project, with its matching; returns who was filled by how much."""
    book, fills = Book(), []
    for one in operations:
        if isinstance(one, int):
            order = operations[one]
            assert isinstance(order, Order)
            if order.remaining:
                book.remove(order)
            continue
        for maker, size in plan(book, one, SelfTrade.CANCEL_TAKER, _nothing).trades:
            book.fill(maker, size)
            one.filled += size
            fills.append((maker.order_id, size))
        if one.remaining and one.time_in_force is TimeInForce.GOOD_TILL_TIME:
            book.add(one)
        book.best(Side.BUY), book.best(Side.SELL)
    return fills


def play_plain(operations: list[Operation]) -> Fills:
    """What one would write first: a sorted dictionary a side, from prices to the orders there by age."""
    sides: dict[Side, SortedDict] = {Side.BUY: SortedDict(lambda price: -price), Side.SELL: SortedDict()}
    fills = []
    for one in operations:
        if isinstance(one, int):
            order = operations[one]
            if order.filled < order.size:
                queue = sides[order.side][order.limit_price]
                del queue[order.order_id]
                if not queue:
                    del sides[order.side][order.limit_price]
            continue
        others = sides[Side.SELL if one.side is Side.BUY else Side.BUY]
        while one.filled < one.size and others:
            price, queue = others.peekitem(0)
            if price > one.limit_price if one.side is Side.BUY else price < one.limit_price:
                break
            maker = next(iter(queue.values()))
            size = min(maker.size - maker.filled, one.size - one.filled)
            maker.filled += size
            maker.filled_notional += size * price
            one.filled += size
            fills.append((maker.order_id, size))
            if maker.filled == maker.size:
                del queue[maker.order_id]
                if not queue:
                    del others[price]
        if one.filled < one.size and one.time_in_force is TimeInForce.GOOD_TILL_TIME:
            sides[one.side].setdefault(one.limit_price, {})[one.order_id] = one
        for side in sides.values():
            if side:
                price, queue = side.peekitem(0)
                sum(order.size - order.filled for order in queue.values())
    return fills


def play_exchange(operations: list[Operation]) -> int:
    """The whole exchange with accounts, margin, events and the ledger on disk; returns the open orders."""
    accounts = [str(number) for number in range(20)]
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "run") as journal:
        dynamics = Dynamics(levels=1, spread_ticks=2 * MID - 4, taker_every=0)  # out of the way
        exchange = Exchange([ETH], dynamics, 1, Ledger(journal, "sim"), SystemClock())
        for account in ("taker", *accounts):
            exchange.open_account(account, Decimal(10**12))
        sent: dict[int, Order] = {}
        for number, one in enumerate(operations):
            if isinstance(one, int):
                order = sent.pop(one)
                with suppress(Refused):  # it was filled meanwhile
                    exchange.cancel(order.account, order_id=order.order_id)
            else:
                takes = one.time_in_force is TimeInForce.IMMEDIATE_OR_CANCEL
                one.account = "taker" if takes else accounts[number % len(accounts)]
                sent[number] = exchange.submit(one)
        return sum(len(exchange.open_orders(account)) for account in accounts)


def _nothing(account: str, side: Side) -> Decimal:
    return ZERO


def timed(play: Callable[[list[Operation]], object], operations: list[Operation]) -> float:
    start = time.perf_counter()
    play(operations)
    return time.perf_counter() - start


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.book", description="Speed of the order book.")
    parser.add_argument("--operations", type=int, default=20_000, help="a run (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each, in turns (%(default)s)")
    args = parser.parse_args(argv)
    for width in (10, 100, 1_000):
        plays = {"book": play_book, "plain": play_plain, "exchange": play_exchange}
        seconds: dict[str, list[float]] = {name: [] for name in plays}
        for _ in range(args.runs):
            for name, play in plays.items():
                seconds[name].append(timed(play, workload(args.operations, width)))
        rate = {name: args.operations / median(found) for name, found in seconds.items()}
        share = rate["book"] / rate["plain"]
        print(
            f"{width:5} prices a side: book {rate['book']:,.0f} operations/s, plain {rate['plain']:,.0f}",
            end="",
        )
        print(f"; {'met' if share >= BAR else 'MISSED'}: at least {BAR:.1f} x plain: {share:.2f} x", end="")
        print(
            f"; whole exchange {rate['exchange']:,.0f} ({rate['exchange'] / rate['book']:.2f} x)", flush=True
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
