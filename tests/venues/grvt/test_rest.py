"""Logins, requests and faults of the simulated GRVT over REST."""

import asyncio
import gzip
import http.client
import json
import socket
import ssl
import threading
import time
import urllib.request
from datetime import datetime
from decimal import Decimal
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from diag.record import Journal, read
from probes.embedded import Embedded, embedded
from probes.market.clock import SystemClock
from probes.market.dynamics import Dynamics, Kind
from probes.market.faults import Action, Fault
from probes.market.order import Reason
from probes.market.rate_limit import RateLimit
from probes.market.scenario import Scenario, VenueModel, load
from probes.venues.grvt.signing import sign_wallet_login
from probes.venues.grvt.simulator.app import Simulator
from tests.venues.grvt.trader import ETH, QUIET, Json, Trader, trading


class Stopped(SystemClock):
    """Time passes when the test says so."""

    ns = 10**9

    def monotonic_ns(self) -> int:
        return self.ns


def faulty(*faults: Fault) -> Scenario:
    return Scenario("faulty", "", "safe_failure", faults=faults)


class TestSessions:
    def test_wallet(self, shared: Embedded[Simulator]) -> None:
        trader = Trader(shared, 1, login=False)
        signature = sign_wallet_login(1, time.time_ns() + 10**10, trader.wallet, 325)
        request = {"address": trader.wallet.address, "signature": signature}
        answer = trader.send("/auth/wallet/login", request)
        assert answer.json["status"] == "success"
        trader.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        trader.headers["X-Grvt-Account-Id"] = answer.headers["X-Grvt-Account-Id"]
        assert trader.own("open_orders").status == 200
        request["signature"]["nonce"] = 2
        assert trader.send("/auth/wallet/login", request).code == 2002
        trader.close()

    def test_the_cookie_says_when_it_ends_as_clients_read_it(self, trader: Trader) -> None:
        cookie = SimpleCookie(trader.login().headers["Set-Cookie"])["gravity"]
        ends = datetime.strptime(cookie["expires"], "%a, %d %b %Y %H:%M:%S %Z")
        assert ends.year >= 2024

    def test_without_a_session(self, trader: Trader) -> None:
        mine = dict(trader.headers)
        for missing in ("Cookie", "X-Grvt-Account-Id"):
            trader.headers = {name: value for name, value in mine.items() if name != missing}
            answer = trader.own("open_orders")
            assert (answer.code, answer.status) == (1000, 401)
        trader.headers = mine | {"Cookie": "gravity=guessed"}
        assert trader.own("open_orders").code == 1000
        trader.headers = mine
        assert trader.own("open_orders").status == 200

    def test_a_wrong_key(self, trader: Trader) -> None:
        answer = trader.send("/auth/api_key/login", {"api_key": "wrong"})
        assert (answer.code, answer.status) == (1000, 401)
        assert answer.headers["Set-Cookie"] is None

    def test_accounts_of_others(self, trader: Trader) -> None:
        other = trader.venue.simulator.credentials[1].sub_account_id
        answer = trader.ask("positions", sub_account_id=other)
        assert (answer.code, answer.status) == (1001, 403)


class TestRequests:
    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b"NaN", b'{"instrument": Infinity}', b"\xff", b"[" * 100_000]
    )
    def test_not_json(self, trader: Trader, body: bytes) -> None:
        answer = trader.send("/full/v1/ticker", body)
        assert (answer.code, answer.status) == (1003, 400)

    @pytest.mark.parametrize(
        ("rpc", "payload", "code"),
        [
            ("ticker", {}, 1003),
            ("ticker", {"instrument": None}, 1003),
            ("ticker", {"instrument": 5}, 1003),
            ("ticker", {"instrument": "eth_usdt_perp"}, 1004),
            ("mini", {"instrument": "ETH"}, 1004),
            ("book", {"instrument": ETH}, 1003),
            ("book", {"instrument": ETH, "depth": 11}, 3031),
            ("book", {"instrument": ETH, "depth": -1}, 1003),
            ("trade", {"instrument": ETH, "limit": True}, 1003),
            ("kline", {"instrument": ETH, "interval": "CI_2_M", "type": "TRADE"}, 1003),
            ("kline", {"instrument": ETH, "interval": "CI_1_M", "type": "MARK"}, 1009),
            ("instruments", {"kind": ["SWAP"]}, 1003),
            ("instruments", {"kind": "PERPETUAL"}, 1003),
            ("nothing", {}, 1004),
        ],
    )
    def test_refused(self, trader: Trader, rpc: str, payload: Json, code: int) -> None:
        assert trader.ask(rpc, **payload).code == code

    def test_fields_beyond_the_description_are_let_pass(self, trader: Trader) -> None:
        """As the SDK sends `aggregate` and ccxt an empty name; older releases of the API had `derived`."""
        assert trader.ask("book", instrument=ETH, depth=10, aggregate=1).status == 200
        assert trader.ask("ticker", instrument=ETH, derived=True, **{"": ""}).status == 200
        order = trader.order("buy", "0.1", "2900")
        order["legs"][0]["venue"] = order["metadata"]["note"] = order["tick"] = "x"
        assert trader.ask("create_order", order=order).status == 200

    def test_filters(self, trader: Trader) -> None:
        def names(**filters: Any) -> list[str]:
            return [each["instrument"] for each in trader.ask("instruments", **filters).json["result"]]

        assert names(base=["ETH"]) == [ETH]
        assert names(kind=["FUTURE"]) == []
        assert ETH in names(quote=["USDT"], is_active=True)
        assert len(names(limit=1)) == 1

    def test_any_content_type_will_do(self, trader: Trader) -> None:
        assert trader.send("/full/v1/currency", {}, {"Content-Type": "text/plain"}).status == 200
        assert trader.send("/full/v1/currency", {}, {}).status == 200

    def test_compressed(self, trader: Trader) -> None:
        said = trader.headers | {"Content-Encoding": "gzip"}
        body = gzip.compress(json.dumps({"instrument": ETH}).encode())
        assert trader.send("/full/v1/ticker", body, said).status == 200
        answer = trader.send("/full/v1/ticker", b"not gzip", said)
        assert (answer.code, answer.status) == (1003, 400)
        assert answer.headers["Connection"] == "close"

    def test_a_client_that_waits_to_be_told_to_go_on(self, shared: Embedded[Simulator]) -> None:
        """As curl does before a long body."""
        head = b"POST /full/v1/ticker HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        body = json.dumps({"instrument": ETH}).encode()
        with socket.create_connection((shared.host, shared.port), timeout=10) as connection:
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
            with connection.makefile("rb") as answers:
                assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
                answers.readline()
                connection.sendall(body)
                assert answers.readline() == b"HTTP/1.1 200 OK\r\n"

    def test_other_methods(self, trader: Trader) -> None:
        assert trader.send("/full/v1/ticker", b"", method="GET").code == 1004

    def test_hosts_serve_their_own(self, trader: Trader) -> None:
        def code(host: str, path: str) -> int | None:
            return trader.send(path, {}, trader.headers | {"Host": host}).code

        assert code("market-data.grvt.io", "/full/v1/currency") is None
        assert code("market-data.testnet.grvt.io:443", "/full/v1/currency") is None
        assert code("trades.grvt.io", "/full/v1/currency") == 1004
        assert code("trades.grvt.io", "/full/v1/get_sub_accounts") is None
        assert code("edge.grvt.io", "/full/v1/get_sub_accounts") == 1004
        assert code("trades.grvt.io", "/auth/api_key/login") == 1004
        assert code("localhost", "/full/v1/currency") is None

    def test_too_long(self, trader: Trader) -> None:
        answer = trader.send("/full/v1/ticker", b" " * 300_000)
        assert (answer.code, answer.status) == (1003, 413)

    def test_several_at_once_on_one_connection(self, shared: Embedded[Simulator]) -> None:
        body = json.dumps({"instrument": ETH})
        one = (
            f"POST /full/v1/mini HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        with socket.create_connection((shared.host, shared.port), 10) as connection:
            connection.sendall((one * 3).encode())
            seen = b""
            while seen.count(b'"best_ask_size"') < 3:
                seen += connection.recv(65536)
        assert seen.count(b"HTTP/1.1 200 OK") == 3


class TestFaults:
    @pytest.mark.parametrize(
        ("action", "code", "status"),
        [
            (Action.RATE_LIMIT, 1006, 429),
            (Action.FAIL, 1002, 500),
            (Action.REFUSE, 2080, 400),
            (Action.EXPIRE_SESSION, 1000, 401),
        ],
    )
    def test_errors(self, tmp_path: Path, action: Action, code: int, status: int) -> None:
        fault = Fault("create_order", action, nth=2, reason=Reason.MARGIN)
        with trading(tmp_path, faulty(fault)) as trader:
            assert trader.create("buy", "0.1", "2900").status == 200
            answer = trader.create("buy", "0.1", "2901")
            assert (answer.code, answer.status) == (code, status)
            if action is Action.EXPIRE_SESSION:
                assert trader.own("open_orders").code == 1000
                trader.login()
            assert len(trader.own("open_orders").json["result"]) == 1

    @pytest.mark.parametrize("action", [Action.LOSE_ACK, Action.LOSE_REQUEST, Action.DISCONNECT])
    def test_silence(self, tmp_path: Path, action: Action) -> None:
        fault = Fault("create_order", action, nth=1, silence_ms=1)
        with trading(tmp_path, faulty(fault)) as trader:
            with pytest.raises(ConnectionError):
                trader.create("buy", "0.1", "2900")
            trader.close()
            assert len(trader.own("open_orders").json["result"]) == (1 if action is Action.LOSE_ACK else 0)
            rows = [event.values() for event in trader.venue.simulator.state.ledger.journal.events()]
        (fault_row,) = [row for row in rows if row.get("name") == action]
        answers = {row["request"]: row["status"] for row in rows if "status" in row and "request" in row}
        assert answers[fault_row["request"]] == 0

    def test_rejected_after_the_ack(self, tmp_path: Path) -> None:
        with trading(tmp_path, faulty(Fault("create_order", Action.REJECT, nth=1))) as trader:
            made = trader.create("buy", "0.1", "2900").json["result"]
            state = trader.own("order", order_id=made["order_id"]).json["result"]["state"]
            assert (made["state"]["status"], state["status"]) == ("PENDING", "REJECTED")

    def test_lag(self, tmp_path: Path) -> None:
        with trading(tmp_path, faulty(Fault("open_orders", Action.LAG, lag=2))) as trader:
            trader.create("buy", "0.1", "2900")
            shown = [len(trader.own("open_orders").json["result"]) for _ in range(4)]
            assert shown == [0, 0, 1, 1]

    def test_quotes(self, tmp_path: Path) -> None:
        faults = (
            Fault("ticker", Action.EMPTY_QUOTE, nth=1),
            Fault("ticker", Action.CROSSED_QUOTE, nth=2),
            Fault("ticker", Action.STALE_QUOTE, nth=3, lag=1, age_ms=60_000),
            Fault("book", Action.CROSSED_QUOTE, nth=1),
        )
        with trading(tmp_path, faulty(*faults)) as trader:
            empty, crossed, stale, true = (trader.bbo() for _ in range(4))
            book = trader.ask("book", instrument=ETH, depth=10).json["result"]
        assert (empty["best_bid_price"], empty["best_ask_size"]) == ("0.0", "0.0")
        assert Decimal(crossed["best_bid_price"]) > Decimal(crossed["best_ask_price"])
        assert Decimal(book["bids"][0]["price"]) > Decimal(book["asks"][0]["price"])
        age_ns = int(true["event_time"]) - int(stale["event_time"])
        assert age_ns > 59 * 10**9
        assert Decimal(true["best_bid_price"]) < Decimal(true["best_ask_price"])

    @pytest.mark.parametrize("action", [Action.CUT_ANSWER, Action.FALSE_GZIP])
    def test_an_answer_that_cannot_be_read_although_the_order_stands(
        self, tmp_path: Path, action: Action
    ) -> None:
        with trading(tmp_path, faulty(Fault("place", action, nth=1))) as trader:
            answer = trader.raw("create_order", {"order": trader.order("buy", "0.1", "2900")})
            read = (lambda: gzip.decompress(answer.read())) if action is Action.FALSE_GZIP else answer.read
            with pytest.raises((http.client.IncompleteRead, gzip.BadGzipFile)) as raised:
                read()
            trader.close()
            assert len(trader.own("open_orders").json["result"]) == 1
            rows = [event.values() for event in trader.venue.simulator.state.ledger.journal.events()]
        assert raised.type is (
            http.client.IncompleteRead if action is Action.CUT_ANSWER else gzip.BadGzipFile
        )
        (fault_row,) = [row for row in rows if row.get("name") == action]
        answers = {row["request"]: row["status"] for row in rows if "status" in row and "request" in row}
        assert answers[fault_row["request"]] == 0

    @pytest.mark.parametrize("body", ["html", "json"])
    @pytest.mark.parametrize("status", [403, 429, 502, 503])
    def test_a_gateway_answers_in_place_of_the_venue(self, tmp_path: Path, status: int, body: Any) -> None:
        fault = Fault("place", Action.GATEWAY_ERROR, nth=1, status=status, body=body, retry_after_s=2)
        with trading(tmp_path, faulty(fault)) as trader:
            answer = trader.raw("create_order", {"order": trader.order("buy", "0.1", "2900")})
            text = answer.read()
            assert answer.status == status
            assert answer.headers["Retry-After"] == "2"
            assert answer.headers["Content-Type"] == ("text/html" if body == "html" else "application/json")
            assert text.startswith(b"<html>") if body == "html" else list(json.loads(text)) == ["message"]
            assert trader.own("open_orders").json["result"] == []
            rows = [event.values() for event in trader.venue.simulator.state.ledger.journal.events()]
        (fault_row,) = [row for row in rows if row.get("name") == "gateway_error"]
        answers = {row["request"]: row["status"] for row in rows if "status" in row and "request" in row}
        assert answers[fault_row["request"]] == status

    def test_a_rate_limit_is_a_window_on_the_clock_of_the_venue(self, tmp_path: Path) -> None:
        clock = Stopped()
        limits = {"place": RateLimit(2, 1_500)}
        with trading(tmp_path, Scenario("busy", "", "success", rate_limit=limits), clock) as trader:

            def statuses(count: int) -> list[int]:
                return [trader.create("buy", "0.1", "2900").status for _ in range(count)]

            assert statuses(4) == [200, 200, 429, 429]
            clock.ns += 1_000 * 10**6
            refused = trader.create("buy", "0.1", "2900")
            assert (refused.code, refused.headers["Retry-After"]) == (1006, "1")
            assert trader.own("open_orders").status == 200
            clock.ns += 500 * 10**6
            assert statuses(3) == [200, 200, 429]

    def test_what_is_beyond_the_rate_limit_changes_nothing_else(self, tmp_path: Path) -> None:
        """Without the rows of the refused, the run is the run of a client that kept to the limit."""

        def rows(folder: Path, hammer: int) -> list[object]:
            clock = Stopped()
            walk = Dynamics(Kind.RANDOM_WALK, step_ticks=3)
            limits = {"ticker_query": RateLimit(1)}
            with trading(folder, Scenario("busy", "", "success", walk, rate_limit=limits), clock) as trader:
                for _ in range(5):
                    for _ in range(1 + hammer):
                        trader.ask("ticker", instrument=ETH)
                    clock.ns += 10**9
                events = list(trader.venue.simulator.state.ledger.journal.events())
            refused = {event.request for event in events if getattr(event, "code", None) == 1006}
            assert len(refused) == 5 * hammer
            return [
                (event.kind, {**event.values(), "request": None})
                for event in events
                if event.seq not in refused and getattr(event, "request", None) not in refused
            ]

        assert rows(tmp_path / "kept", 0) == rows(tmp_path / "hammered", 3)

    def test_null_in_place_of_a_list(self, tmp_path: Path) -> None:
        with trading(tmp_path, faulty(Fault("position_query", Action.NULL_RESULT, nth=1))) as trader:
            assert trader.own("positions").json == {"result": None}
            assert trader.own("positions").json == {"result": []}

    def test_a_redirect_leads_to_the_same_place(self, tmp_path: Path) -> None:
        fault = Fault("place", Action.REDIRECT, nth=1, status=307)
        with trading(tmp_path, faulty(fault)) as trader:
            answer = trader.raw("create_order", {"order": trader.order("buy", "0.1", "2900")})
            answer.read()
            assert (answer.status, answer.headers["Location"]) == (307, "/full/v1/create_order")
            assert trader.own("open_orders").json["result"] == []

    def test_a_liquidation_from_outside(self, tmp_path: Path) -> None:
        with trading(tmp_path, faulty(Fault("position_query", Action.LIQUIDATE, nth=2))) as trader:
            trader.create("buy", "0.1")
            resting = trader.create("buy", "0.1", "2900").json["result"]["order_id"]
            assert [row["size"] for row in trader.own("positions").json["result"]] == ["0.1"]
            assert trader.own("positions").json["result"] == []
            state = trader.own("order", order_id=resting).json["result"]["state"]
            assert (state["status"], state["reject_reason"]) == ("CANCELLED", "LIQUIDATION")
            assert [row["is_liquidation"] for row in trader.own("fill_history").json["result"]] == [
                True,
                False,
            ]

    def test_a_session_ends_with_a_fill(self, tmp_path: Path) -> None:
        with trading(tmp_path, faulty(Fault("fill", Action.EXPIRE_SESSION, nth=1))) as trader:
            assert trader.create("buy", "0.1").status == 200
            assert trader.own("open_orders").code == 1000


class TestSwitches:
    def test_content_types(self, tmp_path: Path) -> None:
        model = VenueModel(content_type="json")
        with trading(tmp_path, Scenario("strict", "", "success", venue=model)) as trader:
            for headers, status in (
                ({}, 400),
                ({"Content-Type": "text/plain"}, 400),
                ({"Content-Type": "application/json; charset=utf-8"}, 200),
                ({"Content-Type": "application/x-www-form-urlencoded"}, 200),
            ):
                assert trader.send("/full/v1/currency", {}, headers).status == status

    @pytest.mark.parametrize(("skew_ms", "status"), [(90_000, 403), (-90_000, 200), (30_000, 200)])
    def test_a_clock_that_goes_wrong(self, tmp_path: Path, skew_ms: int, status: int) -> None:
        """Orders of the trader are signed for a minute by the clock of this machine."""
        model = VenueModel(clock_skew_ms=skew_ms)
        with trading(tmp_path, Scenario("skewed", "", "success", venue=model)) as trader:
            expiration = str(time.time_ns() + 60 * 10**9)
            trader.connection.request("GET", "/time")
            shown_ms = json.loads(trader.connection.getresponse().read())["server_time"]
            assert abs(shown_ms - time.time_ns() // 10**6 - skew_ms) < 20_000
            answer = trader.create("buy", "0.1", "2900", signature={"expiration": expiration, "nonce": 7})
            assert answer.status == status

    def test_a_wrong_key_may_be_answered_with_200(self, tmp_path: Path) -> None:
        model = VenueModel(failed_logins="status")
        with trading(tmp_path, Scenario("polite", "", "success", venue=model)) as trader:
            answer = trader.send("/auth/api_key/login", {"api_key": "wrong"})
            assert (answer.status, answer.json["status"]) == (200, "failure")
            assert answer.headers["Set-Cookie"] is None
            assert trader.login().json["status"] == "success"

    def test_unknown_cancels(self, tmp_path: Path) -> None:
        model = VenueModel(unknown_cancels="refused", ack_order_id="zero", ended_orders_found=False)
        with trading(tmp_path, Scenario("strict", "", "success", venue=model)) as trader:
            assert trader.own("cancel_order", order_id="0x99").code == 1004
            made = trader.create("buy", "0.1", "2900").json["result"]
            assert made["order_id"] == "0x00"
            number = made["metadata"]["client_order_id"]
            known = trader.own("order", client_order_id=number).json["result"]
            assert known["order_id"] != "0x00"
            trader.own("cancel_order", order_id=known["order_id"])
            assert trader.own("order", client_order_id=number).code == 1004


def test_the_ledger_holds_everything_but_secrets(tmp_path: Path) -> None:
    with trading(tmp_path, QUIET) as trader:
        order = trader.order("buy", "0.1", "2900")
        trader.ask("create_order", order=order)
        trader.send(
            "/auth/api_key/login", {"api_key": "wrong", "private_key": trader.credentials.private_key}
        )
        trader.bbo()
        secrets = (
            trader.credentials.api_key,
            trader.credentials.private_key[2:],
            trader.headers["Cookie"].partition("=")[2],
            order["signature"]["r"][2:],
            order["signature"]["s"][2:],
        )
        assert trader.credentials.api_key not in repr(trader.venue.simulator.credentials)
    events = list(read(tmp_path / "run").events())
    text = (tmp_path / "run" / "events.jsonl").read_text()
    assert not [secret for secret in secrets if secret in text]
    kinds = [event.kind for event in events]
    assert kinds.count("request") == kinds.count("response") == 4
    assert kinds.count("quote") == 1
    assert [event.status for event in events if event.kind == "order"] == ["pending", "open"]


def test_same_seed_same_requests_same_rows(tmp_path: Path) -> None:
    def rows(folder: Path) -> list[object]:
        with trading(folder, load("walk")) as trader:
            for number in range(1, 30):
                price = trader.bbo()["best_ask_price"]
                trader.create("buy", "0.5", price, metadata={"client_order_id": str(number)})
                trader.own("positions")
                trader.own("cancel_all_orders")
        return [
            (event.source, event.seq, event.kind, event.values()) for event in read(folder / "run").events()
        ]

    first, second = rows(tmp_path / "a"), rows(tmp_path / "b")
    assert first == second
    assert len(first) > 200


def test_over_tls_with_its_own_ca(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "run") as journal,
        embedded(Simulator(QUIET, 1, journal), tls=True) as venue,
    ):
        assert venue.ca_file is not None
        context = ssl.create_default_context(cafile=str(venue.ca_file))
        request = urllib.request.Request(
            f"{venue.url}/full/v1/currency", b"{}", {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10, context=context) as response:
            assert json.load(response)["result"]
        pem = venue.ca_file.read_text()
        assert "PRIVATE" not in pem
        ca_file = venue.ca_file
    assert not ca_file.exists()


def test_it_serves_this_machine_only(tmp_path: Path) -> None:
    with Journal(tmp_path / "run") as journal, pytest.raises(ValueError, match="loopback"):
        asyncio.run(Simulator(QUIET, 1, journal).start("0.0.0.0"))


def test_nothing_is_left_when_it_ends(tmp_path: Path) -> None:
    before = threading.active_count()
    with trading(tmp_path, QUIET) as trader:
        assert threading.active_count() > before
        address = (trader.venue.host, trader.venue.port)
        trader.own("cancel_on_disconnect", countdown_time="300000")
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 1)
