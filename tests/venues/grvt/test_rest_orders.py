"""Orders over REST: which are taken, which are refused and why, and what becomes of them."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey

from probes.venues.grvt.instruments import ASSETS
from probes.venues.grvt.signing import Wallet, sign_order
from tests.venues.grvt.trader import QUIET, Json, Trader, trading


class TestOrders:
    @pytest.mark.parametrize(
        ("changes", "code", "status"),
        [
            ({"price": "2900.001"}, 2064, 400),
            ({"price": "2900", "size": "0.001"}, 2062, 400),
            ({"price": "2900", "size": "0.015"}, 2065, 400),
            ({"price": "1.00", "size": "0.01"}, 2066, 400),
            ({"price": "2900", "size": "10001"}, 2081, 400),
            ({"price": "6000", "size": "9000"}, 2080, 400),
            ({"price": "2900", "is_market": True}, 2020, 400),
            ({"is_market": False}, 2021, 400),
            ({"price": "2900", "metadata": {}}, 2011, 400),
            ({"price": "2900", "metadata": {"client_order_id": "0"}}, 2011, 400),
            ({"price": "2900", "order_id": "0x01"}, 2010, 400),
            ({"price": "2900", "state": {"status": "OPEN"}}, 2050, 400),
            ({"price": "2900", "legs": []}, 2040, 400),
            ({"price": "2900", "time_in_force": "ALL_OR_NONE"}, 2030, 400),
            ({"price": "2900", "time_in_force": "IMMEDIATE_OR_CANCEL", "post_only": True}, 2032, 400),
            ({"price": "2900", "sub_account_id": "1"}, 2003, 403),
            ({"price": "2900", "reduce_only": True}, 2400, 400),
            ({"price": "2900", "post_only": "yes"}, 1003, 400),
            ({"price": "2900", "sub_account_id": "-1"}, 1003, 400),
        ],
    )
    def test_refused(self, trader: Trader, changes: dict[str, Any], code: int, status: int) -> None:
        changes = dict(changes)
        order = trader.order("buy", changes.pop("size", "0.1"), changes.pop("price", None))
        order |= changes
        if code not in (1003, 2040):
            order["signature"] |= sign_order(order, ASSETS, trader.wallet, 325)
        answer = trader.ask("create_order", order=order)
        assert (answer.code, answer.status) == (code, status), answer
        assert trader.own("open_orders").json["result"] == []

    @pytest.mark.parametrize("size", ["NaN", "Infinity", "1e999999", "", "0x1", 0.1, 1, None, "0.1 "])
    def test_sizes_that_are_none(self, trader: Trader, size: object) -> None:
        order = trader.order("buy", "0.1", "2900")
        order["legs"][0]["size"] = size
        assert trader.ask("create_order", order=order).code == 1003

    def test_two_legs_and_unknown_instruments(self, trader: Trader) -> None:
        order = trader.order("buy", "0.1", "2900")
        assert trader.ask("create_order", order=order | {"legs": order["legs"] * 2}).code == 2042
        legs = [order["legs"][0] | {"instrument": "ETH_USDC_Perp"}]
        assert trader.ask("create_order", order=order | {"legs": legs}).code == 2061

    def test_a_client_order_id_is_taken_as_long_as_its_order_is_open(self, trader: Trader) -> None:
        ours = {"metadata": {"client_order_id": "77"}}
        assert trader.create("buy", "0.1", "2900", **ours).status == 200
        assert trader.create("buy", "0.1", "2900", **ours).code == 2012
        trader.own("cancel_order", client_order_id="77")
        assert trader.create("buy", "0.1", "2900", **ours).status == 200

    def test_a_crossing_post_only_order_is_acknowledged_and_rejected(self, trader: Trader) -> None:
        made = trader.create("buy", "0.1", trader.bbo()["best_ask_price"], post_only=True).json["result"]
        assert made["state"]["status"] == "PENDING"
        state = trader.own("order", order_id=made["order_id"]).json["result"]["state"]
        assert (state["status"], state["reject_reason"]) == ("REJECTED", "FAIL_POST_ONLY")

    def test_sizes_states_and_fills_add_up(self, tmp_path: Path) -> None:
        with trading(tmp_path, QUIET) as trader:
            ask = trader.bbo()["best_ask_price"]
            made = trader.create("buy", "0.30", ask).json["result"]
            assert (made["state"]["status"], made["state"]["book_size"]) == ("PENDING", ["0.3"])
            state = trader.own("order", order_id=made["order_id"]).json["result"]["state"]
            assert (state["status"], state["traded_size"], state["book_size"]) == ("FILLED", ["0.3"], ["0.0"])
            assert state["avg_fill_price"] == [ask]
            (fill,) = trader.own("fill_history").json["result"]
            assert (fill["size"], fill["price"], fill["is_taker"]) == ("0.3", ask, True)
            (position,) = trader.own("positions").json["result"]
            assert (position["size"], position["entry_price"]) == ("0.3", ask)
            balance = trader.own("account_summary").json["result"]["spot_balances"][0]["balance"]
            assert Decimal(balance) == Decimal(1_000_000) - Decimal(fill["fee"])
            assert trader.own("positions", base=["BTC"]).json["result"] == []
            assert trader.own("fill_history", quote=["USDC"]).json["result"] == []

    def test_cancels(self, trader: Trader) -> None:
        made = [trader.create("buy", "0.1", f"290{n}").json["result"] for n in range(3)]
        assert trader.own("cancel_order").code == 3021
        assert trader.own("cancel_order", order_id=made[0]["order_id"]).json == {"result": {"ack": True}}
        number = made[1]["metadata"]["client_order_id"]
        trader.own("cancel_order", client_order_id=number)
        state = trader.own("order", client_order_id=number).json["result"]["state"]
        assert (state["status"], state["reject_reason"]) == ("CANCELLED", "CLIENT_CANCEL")
        trader.own("cancel_all_orders", base=["BTC"])
        assert [each["order_id"] for each in trader.own("open_orders").json["result"]] == [
            made[2]["order_id"]
        ]
        trader.own("cancel_all_orders", base=["ETH"])
        assert trader.own("open_orders").json["result"] == []

    def test_what_is_unknown(self, trader: Trader) -> None:
        assert trader.own("order", order_id="0x99").code == 1004
        assert trader.own("order").code == 3021
        assert trader.own("cancel_order", order_id="0x99").json == {"result": {"ack": True}}
        assert trader.own("cancel_order", order_id="0x99", time_to_live_ms="500").code == 2300

    def test_pages(self, tmp_path: Path) -> None:
        with trading(tmp_path, QUIET) as trader:
            for number in range(1, 6):
                trader.create("buy", "0.1", "2900", metadata={"client_order_id": str(number)})
                trader.own("cancel_order", client_order_id=str(number))
            seen, cursor = [], ""
            for _ in range(3):
                page = trader.own("order_history", limit=2, cursor=cursor).json
                seen.append([order["metadata"]["client_order_id"] for order in page["result"]])
                cursor = page["next"]
            assert (seen, cursor) == ([["5", "4"], ["3", "2"], ["1"]], "")
            assert trader.own("order_history", end_time="1").json["result"] == []
            assert trader.own("order_history", cursor="nonsense").code == 1003

    def test_a_countdown_cancels(self, trader: Trader) -> None:
        assert trader.own("cancel_on_disconnect", countdown_time="300001").code == 6000
        trader.create("buy", "0.1", "2900")
        assert trader.own("cancel_on_disconnect", countdown_time="1000").status == 200
        until = time.monotonic() + 10
        while trader.own("open_orders").json["result"]:
            assert time.monotonic() < until


class TestSignatures:
    def signed(self, trader: Trader, **changes: Any) -> Json:
        order = trader.order("buy", "0.1", "2900")
        order["signature"] |= changes
        return order

    def code(self, trader: Trader, order: Json) -> int | None:
        answer = trader.ask("create_order", order=order)
        return answer.code

    def test_of_another_payload(self, trader: Trader) -> None:
        order = self.signed(trader)
        order["legs"][0]["limit_price"] = "2901"
        assert self.code(trader, order) == 2002

    def test_of_another_key(self, trader: Trader) -> None:
        order = trader.order("buy", "0.1", "2900")
        stranger = Wallet(PrivateKey().to_hex())
        order["signature"] |= sign_order(order, ASSETS, stranger, 325)
        assert self.code(trader, order) == 2000
        order["signature"]["signer"] = trader.wallet.address
        assert self.code(trader, order) == 2002

    def test_of_another_chain(self, trader: Trader) -> None:
        order = trader.order("buy", "0.1", "2900")
        order["signature"] |= sign_order(order, ASSETS, trader.wallet, 326)
        assert self.code(trader, order) == 1012
        order["signature"]["chain_id"] = "0"
        assert self.code(trader, order) == 2002

    def test_without_a_chain(self, trader: Trader) -> None:
        order = self.signed(trader)
        del order["signature"]["chain_id"]
        assert self.code(trader, order) is None

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"v": 29}, 2005),
            ({"r": "0x12"}, 2006),
            ({"s": "0x" + "f" * 64}, 2007),
            ({"expiration": "1"}, 2001),
            ({"expiration": str(time.time_ns() + 31 * 86_400 * 10**9)}, 2008),
            ({"nonce": "later"}, 1003),
        ],
    )
    def test_ill_formed(self, trader: Trader, changes: dict[str, Any], code: int) -> None:
        assert self.code(trader, self.signed(trader, **changes)) == code

    def test_a_builder_is_signed_too(self, trader: Trader) -> None:
        builder = {"builder": "0x" + "21" * 20, "builder_fee": "0.001"}
        made = trader.create("buy", "0.1", "2900", **builder)
        assert made.json["result"]["builder_fee"] == "0.001"
        assert self.code(trader, self.signed(trader) | builder) == 2002
