"""The venue lives by the clock it is given: its stamps, its limits in time, its pauses and timers."""

import ast
import asyncio
import re
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

import probes.market
import probes.venues.grvt.simulator
from probes.market.scenario import Scenario, parse
from tests.market.clocks import ManualClock
from tests.venues.grvt.trader import ETH, QUIET, Trader, trading

HOUR_NS = 3600 * 10**9
LONGEST_S = 30.0


def now_of(trader: Trader) -> int:
    return trader.venue.simulator.state.clock.utc_ns()


def advance(trader: Trader, clock: ManualClock, seconds: float) -> None:
    trader.venue.call(lambda: clock.advance(seconds))


def test_stamps_come_from_the_clock_and_orders_of_its_time_are_taken(tmp_path: Path) -> None:
    clock = ManualClock(time.time_ns() + HOUR_NS)
    with trading(tmp_path, QUIET, clock) as trader:
        now = clock.utc_ns()
        for price in (None, "2900.00"):
            answer = trader.create("buy", "0.1", price).json["result"]
            order = trader.own("order", order_id=answer["order_id"]).json["result"]
            assert order["metadata"]["create_time"] == str(now)
            assert order["state"]["update_time"] == str(now)
            assert order["state"]["status"] == ("FILLED" if price is None else "OPEN")
        fill = trader.own("fill_history").json["result"][0]
        positions = trader.own("positions").json["result"]
        summary = trader.own("account_summary").json["result"]
        trade = trader.ask("trade", instrument=ETH, limit=1).json["result"][0]
        quotes = [trader.ask("ticker", instrument=ETH), trader.ask("book", instrument=ETH, depth=10)]
        stamped = [fill, *positions, summary, trade, *(answer.json["result"] for answer in quotes)]
        assert {each["event_time"] for each in stamped} == {str(now)}
        assert trader.send("/time", b"", method="GET").json["server_time"] == now // 10**6
        for answer in (quotes[0], trader.send("/nowhere", {}), trader.login()):
            assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == now // 10**9
            assert len(answer.headers.get_all("Date")) == 1


def test_orders_of_this_machines_time_are_late_at_a_venue_that_is_ahead(tmp_path: Path) -> None:
    with trading(tmp_path, QUIET, ManualClock(time.time_ns() + HOUR_NS)) as trader:
        late = trader.order("buy", signature={"expiration": str(time.time_ns() + 60 * 10**9), "nonce": 1})
        assert trader.ask("create_order", order=late).code == 2001


def test_a_world_with_another_clock_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As libraries make one that replace the functions of `time` after everything was imported."""
    ahead = time.time_ns() + 1000 * HOUR_NS
    monkeypatch.setattr(time, "time_ns", lambda: ahead)
    with trading(tmp_path) as trader:
        assert trader.create("buy", "0.1", "2900.00").status == 200
        assert trader.login().status == 200
        assert trader.own("open_orders").json["result"][0]["metadata"]["create_time"] == str(ahead)


def test_orders_and_sessions_end_when_the_clock_says_so(tmp_path: Path) -> None:
    clock = ManualClock(10**18)
    with trading(tmp_path, QUIET, clock) as trader:
        trader.create("buy", "0.1", "2900.00")  # good for a minute
        advance(trader, clock, 59)
        assert len(trader.own("open_orders").json["result"]) == 1
        advance(trader, clock, 2)
        assert trader.own("open_orders").json["result"] == []
        assert trader.own("order_history").json["result"][0]["state"]["reject_reason"] == "EXPIRED"
        advance(trader, clock, 24 * 3600)
        assert trader.own("open_orders").code == 1000


def test_the_countdown_to_cancel_all_runs_on_the_clock(tmp_path: Path) -> None:
    clock = ManualClock(10**18)
    with trading(tmp_path, QUIET, clock) as trader:
        trader.create("buy", "0.1", "2900.00")
        trader.own("cancel_on_disconnect", countdown_time="5000")
        advance(trader, clock, 4.9)
        assert len(trader.own("open_orders").json["result"]) == 1
        advance(trader, clock, 0.2)
        assert trader.own("open_orders").json["result"] == []


SLOW = parse(
    'about = "x"\nexpects = "success"\n[latency]\nticker_query = { ms = 5000 }\n'
    '[[faults]]\non = "book_query"\naction = "lose_ack"\nsilence_ms = 7000',
    "slow",
    "slow.toml",
)


@pytest.mark.parametrize(("rpc", "seconds"), [("ticker", 5), ("book", 7)])
def test_an_answer_takes_its_time_by_the_clock(tmp_path: Path, rpc: str, seconds: int) -> None:
    clock = ManualClock(10**18)
    with trading(tmp_path, SLOW, clock) as trader:
        body = b'{"instrument":"%b","depth":10}' % ETH.encode()
        trader.connection.request("POST", f"/full/v1/{rpc}", body, trader.headers)
        due_ns = clock.utc_ns() + seconds * 10**9
        ends = time.monotonic() + LONGEST_S
        while due_ns not in trader.venue.call(clock.waiting_until_ns):
            assert time.monotonic() < ends, "nothing waits on the clock"
        advance(trader, clock, seconds)
        if rpc == "ticker":
            assert trader.connection.getresponse().status == 200
        else:
            with pytest.raises(ConnectionError):
                trader.connection.getresponse()


def test_streams_repeat_at_their_rate_by_the_clock(simulate) -> None:
    clock = ManualClock(10**18)

    async def play(trader) -> None:
        async with trader.socket() as socket:
            await socket.subscribe("v1.book.s", f"{ETH}@500-10")
            began = (await socket.receive())["feed"]
            await asyncio.to_thread(trader.venue.call, lambda: clock.advance(0.5))
            await asyncio.to_thread(trader.venue.call, lambda: clock.advance(0.5))
            again = (await socket.receive())["feed"]
            assert int(again["event_time"]) - int(began["event_time"]) in (5 * 10**8, 10**9)

    simulate(play, Scenario("quiet", "", "success"), clock=clock)


OWN_CLOCK = re.compile(
    r"asyncio\.(sleep\((?!0\))|timeout\((?!None\))|wait_for)|datetime\.(now|utcnow)|.*(?<!clock)\.call_(later|at)\("
)


def test_nothing_else_in_the_market_or_the_venue_has_a_clock() -> None:
    """Neither the functions of `time`, nor a pause or a timer of asyncio's own."""
    found = []
    for package in (probes.market, probes.venues.grvt.simulator):
        modules = {path.name: path for path in Path(package.__path__[0]).glob("*.py")}
        assert len(modules) > 10
        modules.pop("clock.py", None)
        for name, path in modules.items():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    is_clock = "time" in (getattr(node, "module", None), *(each.name for each in node.names))
                else:
                    is_clock = isinstance(node, ast.Call) and OWN_CLOCK.match(ast.unparse(node)) is not None
                if is_clock:
                    found.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert found == []
