"""Every answer has the shape that the types of the SDK and the API description say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.record import Journal
from probes.embedded import embedded
from probes.market.order import Reason
from probes.market.scenario import load
from probes.venues.grvt.coverage import NOTES, RPCS
from probes.venues.grvt.errors import ERRORS, REFUSALS, REJECT_REASONS
from probes.venues.grvt.simulator.app import Simulator
from probes.venues.grvt.simulator.rpcs import rpcs
from probes.venues.grvt.streams import STREAMS
from tests.venues.grvt import description, raw_types
from tests.venues.grvt.trader import ETH, Answer, Trader

RESPONSES = {
    "v1/instrument": "ApiGetInstrumentResponse",
    "v1/all_instruments": "ApiGetAllInstrumentsResponse",
    "v1/instruments": "ApiGetFilteredInstrumentsResponse",
    "v1/currency": "ApiGetCurrencyResponse",
    "v1/supported_assets": "ApiGetSupportedAssetsResponse",
    "v1/margin_rules": "ApiGetMarginRulesResponse",
    "v1/mini": "ApiMiniTickerResponse",
    "v1/ticker": "ApiTickerResponse",
    "v1/book": "ApiOrderbookLevelsResponse",
    "v1/trade": "ApiTradeResponse",
    "v1/trade_history": "ApiTradeHistoryResponse",
    "v1/kline": "ApiCandlestickResponse",
    "v1/create_order": "ApiCreateOrderResponse",
    "v1/cancel_order": "AckResponse",
    "v1/cancel_all_orders": "AckResponse",
    "v1/cancel_on_disconnect": "AckResponse",
    "v1/order": "ApiGetOrderResponse",
    "v1/open_orders": "ApiOpenOrdersResponse",
    "v1/order_history": "ApiOrderHistoryResponse",
    "v1/fill_history": "ApiFillHistoryResponse",
    "v1/positions": "ApiPositionsResponse",
    "v1/account_summary": "ApiSubAccountSummaryResponse",
    "v1/aggregated_account_summary": "ApiAggregatedAccountSummaryResponse",
    "v1/funding_account_summary": "ApiFundingAccountSummaryResponse",
    "v1/get_sub_accounts": "ApiGetSubAccountsResponse",
    "v1/get_authorized_builders": "ApiGetAuthorizedBuildersResponse",
    "v1/get_all_initial_leverage": "ApiGetAllInitialLeverageResponse",
    "v1/set_initial_leverage": "ApiSetInitialLeverageResponse",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Answer]]:
    """Some answers of each RPC, of a trader with an open order, ended orders and a position."""
    with (
        Journal(tmp_path_factory.mktemp("shapes") / "run") as journal,
        embedded(Simulator(load("calm"), 1, journal)) as venue,
    ):
        trader = Trader(venue)
        found = {name: list(answered) for name, answered in _played(trader).items()}
        trader.close()
    return found


def _played(trader: Trader) -> dict[str, Iterator[Answer]]:
    quote = trader.bbo()
    filled = trader.create("buy", "0.3", quote["best_ask_price"])
    market = trader.create("sell", "0.1")
    resting = trader.create("buy", "0.1", "2900", post_only=True)
    gone = trader.create("buy", "0.1", "2901")
    gone_id = gone.json["result"]["order_id"]
    one = {"instrument": ETH}
    asked = {
        "v1/instrument": [trader.ask("instrument", **one)],
        "v1/all_instruments": [trader.ask("all_instruments"), trader.ask("all_instruments", is_active=True)],
        "v1/instruments": [trader.ask("instruments", kind=["PERPETUAL"], base=["ETH"], limit=1)],
        "v1/currency": [trader.ask("currency")],
        "v1/supported_assets": [trader.ask("supported_assets")],
        "v1/margin_rules": [trader.ask("margin_rules", **one)],
        "v1/mini": [trader.ask("mini", **one)],
        "v1/ticker": [trader.ask("ticker", **one)],
        "v1/book": [trader.ask("book", **one, depth=depth) for depth in (10, 50, 100, 500)],
        "v1/trade": [trader.ask("trade", **one, limit=10)],
        "v1/trade_history": [trader.ask("trade_history", **one), trader.ask("trade_history", **one, limit=1)],
        "v1/kline": [trader.ask("kline", **one, interval="CI_1_M", type="TRADE")],
        "v1/create_order": [filled, market, resting, gone],
        "v1/cancel_order": [trader.own("cancel_order", order_id=gone_id)],
        "v1/order": [
            trader.own("order", order_id=each.json["result"]["order_id"]) for each in (filled, gone)
        ],
        "v1/open_orders": [trader.own("open_orders")],
        "v1/order_history": [trader.own("order_history"), trader.own("order_history", limit=1)],
        "v1/fill_history": [trader.own("fill_history"), trader.own("fill_history", limit=1)],
        "v1/positions": [trader.own("positions")],
        "v1/account_summary": [trader.own("account_summary")],
        "v1/aggregated_account_summary": [trader.ask("aggregated_account_summary")],
        "v1/funding_account_summary": [trader.ask("funding_account_summary")],
        "v1/get_sub_accounts": [trader.ask("get_sub_accounts")],
        "v1/get_authorized_builders": [trader.ask("get_authorized_builders")],
        "v1/get_all_initial_leverage": [trader.own("get_all_initial_leverage")],
        "v1/set_initial_leverage": [trader.own("set_initial_leverage", **one, leverage="10")],
        "v1/cancel_on_disconnect": [trader.own("cancel_on_disconnect", countdown_time="0")],
        "v1/cancel_all_orders": [trader.own("cancel_all_orders")],
    }
    return {name: iter(answered) for name, answered in asked.items()}


def test_every_rpc_is_asked() -> None:
    assert RESPONSES.keys() == rpcs.keys() - {"v1/authorize_builder"}


@pytest.mark.parametrize("name", RESPONSES)
def test_answers_have_the_shape_of_the_sdk(answers: dict[str, list[Answer]], name: str) -> None:
    for answer in answers[name]:
        assert answer.status == 200, answer
        if raw_types.is_known(RESPONSES[name]):
            assert raw_types.mismatches(RESPONSES[name], answer.json) == []


def test_the_sdk_knows_most_of_the_responses() -> None:
    unknown = {name for name, response in RESPONSES.items() if not raw_types.is_known(response)}
    assert unknown <= {
        "v1/currency",
        "v1/supported_assets",
        "v1/margin_rules",
        "v1/get_sub_accounts",
        "v1/get_authorized_builders",
    }


def test_lists_are_not_empty(answers: dict[str, list[Answer]]) -> None:
    """Shapes of nothing show nothing."""
    for name, answered in answers.items():
        for answer in answered:
            result = answer.json.get("result", answer.json.get("results"))
            assert result or name in ("v1/get_authorized_builders", *_FLAT), name
    book = answers["v1/book"][0].json["result"]
    assert len(book["bids"]) == len(book["asks"]) == 10
    assert len(answers["v1/order_history"][0].json["result"]) == 3
    assert len(answers["v1/positions"][0].json["result"]) == 1


_FLAT = ("v1/supported_assets", "v1/margin_rules", "v1/get_sub_accounts", "v1/set_initial_leverage")


@pytest.mark.skipif(not description.PRESENT, reason="the API description is not here")
class TestDescription:
    def test_answers(self, answers: dict[str, list[Answer]]) -> None:
        found = [
            wrong
            for name, answered in answers.items()
            for answer in answered
            for wrong in description.mismatches(RESPONSES[name], answer.json)
        ]
        assert found == []

    def test_rpcs_and_what_they_answer(self) -> None:
        described = {
            f"v{rpc['version']}{rpc['route']}": (gateway["name"], rpc["response"])
            for gateway in description.spec()["gateways"]
            for rpc in gateway["rpcs"]
        }
        gateways = {"MarketData": "market-data", "Trading": "trades"}
        assert list(described) == list(RPCS)
        assert {name: gateways[gateway] for name, (gateway, _) in described.items()} == RPCS
        assert {name: described[name][1] for name in RESPONSES} == RESPONSES

    def test_requests_have_the_fields_that_the_description_has(self) -> None:
        requests = {
            f"v{rpc['version']}{rpc['route']}": rpc["request"]
            for gateway in description.spec()["gateways"]
            for rpc in gateway["rpcs"]
        }
        structs = {struct["name"]: struct["fields"] for struct in description.spec()["structs"]}
        for name in RESPONSES:
            assert rpcs[name].fields.names == {field["name"] for field in structs[requests[name]]}, name

    def test_streams(self) -> None:
        described = [
            stream["channel"] for gateway in description.spec()["gateways"] for stream in gateway["streams"]
        ]
        assert sorted(described) == sorted(STREAMS)

    def test_errors(self) -> None:
        described = {
            error["code"]: (error["message"], error["status"])
            for gateway in description.spec()["gateways"]
            for each in (*gateway["rpcs"], *gateway["streams"])
            for error in each.get("on_request_errors", each.get("on_subscribe_errors"))
        }
        assert {code: error for code, error in ERRORS.items() if code != 1200} == described

    def test_reject_reasons(self) -> None:
        (reasons,) = (
            enum["values"] for enum in description.spec()["enums"] if enum["name"] == "OrderRejectReason"
        )
        assert set(REJECT_REASONS.values()) <= {reason["name"] for reason in reasons}


def test_every_reason_of_the_exchange_has_a_code_or_a_name() -> None:
    assert REFUSALS.keys() | REJECT_REASONS.keys() == set(Reason)
    assert set(REFUSALS.values()) <= ERRORS.keys()


def test_what_is_simulated_stands_in_the_description() -> None:
    assert len(RPCS) == 52
    assert len(STREAMS) == 16
    assert rpcs.keys() - RPCS.keys() == {"v1/authorize_builder"}
    assert NOTES.keys() <= rpcs.keys()
    for name, rpc in rpcs.items():
        assert rpc.gateway == RPCS.get(name, "trades")


def test_what_is_not_simulated_says_so(tmp_path: Path) -> None:
    with Journal(tmp_path / "run") as journal, embedded(Simulator(load("calm"), 1, journal)) as venue:
        trader = Trader(venue)
        for name in RPCS.keys() - rpcs.keys():
            answer = trader.send(f"/full/{name}", {})
            assert (answer.status, answer.code) == (501, 1009)
            assert f"/full/{name} is not simulated" in answer.json["message"]
        assert trader.send("/lite/v1/ticker", {"i": ETH}).status == 501
        trader.close()
