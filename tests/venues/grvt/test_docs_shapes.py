"""Requests as the venue's own documentation shows them, sent with nothing but the standard library.

Source: https://api-docs.grvt.io, "Try it out" and authentication.
"""

import asyncio
import http.client
import json
import re
import time

import aiohttp
import pytest

from probes.venues.grvt import signing
from probes.venues.grvt.instruments import ASSETS
from tests.venues.grvt.simulated import ETH, grvt

PROD = 325


@pytest.fixture
def venue(tmp_path):
    with grvt(tmp_path / "run") as venue:
        yield venue


def curl(venue, host, path, body, *headers):
    """As `curl --data` sends it: status, headers and JSON. It calls every body a form."""
    connection = http.client.HTTPConnection(venue.embedded.host, venue.embedded.port, timeout=5)
    lines = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    lines |= dict(header.split(": ", 1) for header in headers)
    connection.request("POST" if body is not None else "GET", path, body, lines)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.headers, json.loads(text)


def log_in(venue, environment="grvt.io"):
    """The two headers that authenticate, cut out as the shell script of the documentation does."""
    body = json.dumps({"api_key": venue.credentials.api_key})
    typed = "Content-Type: application/json"
    host = f"edge.{environment}"
    status, headers, answer = curl(venue, host, "/auth/api_key/login", body, typed, "Cookie: rm=true;")
    assert status == 200
    assert answer == {
        "status": "success",
        "location": "",
        "funding_account_address": venue.credentials.main_account_id,
        "sub_account_id": venue.account,
    }
    (cookie,) = re.findall("gravity=[^;]*", headers["set-cookie"])
    return f"Cookie: {cookie}", f"X-Grvt-Account-Id: {headers['x-grvt-account-id']}"


def order(venue, client_order_id, price="2990.55", chain_id=PROD, **changes):
    payload = {
        "sub_account_id": venue.account,
        "is_market": False,
        "time_in_force": "GOOD_TILL_TIME",
        "post_only": False,
        "reduce_only": False,
        "legs": [{"instrument": ETH, "size": "0.5", "limit_price": price, "is_buying_asset": True}],
        "signature": {"expiration": str(time.time_ns() + 10**12), "nonce": 1234567890},
        "metadata": {
            "client_order_id": client_order_id,
            "create_time": "1697788800000000000",
            "trigger": {
                "trigger_type": "UNSPECIFIED",
                "tpsl": {"trigger_by": "UNSPECIFIED", "trigger_price": "0.0", "close_position": False},
            },
            "broker": "UNSPECIFIED",
        },
        **changes,
    }
    wallet = signing.Wallet(venue.credentials.private_key)
    payload["signature"] = signing.sign_order(payload, ASSETS, wallet, chain_id)
    return payload


@pytest.mark.parametrize(
    ("environment", "chain_id"), [("grvt.io", 325), ("testnet.grvt.io", 326), ("dev.gravitymarkets.io", 327)]
)
def test_an_order_from_login_to_cancel(venue, environment, chain_id):
    session = log_in(venue, environment)
    host = f"trades.{environment}"
    created = order(venue, "23042", chain_id=chain_id)
    status, _, answer = curl(venue, host, "/full/v1/create_order", json.dumps({"order": created}), *session)
    assert status == 200
    assert answer["result"]["metadata"]["client_order_id"] == "23042"
    assert answer["result"]["legs"] == created["legs"]
    named = json.dumps({"sub_account_id": venue.account, "client_order_id": "23042"})
    assert curl(venue, host, "/full/v1/order", named, *session)[2]["result"]["state"]["status"] == "OPEN"
    assert curl(venue, host, "/full/v1/cancel_order", named, *session)[2] == {"result": {"ack": True}}
    assert curl(venue, host, "/full/v1/order", named, *session)[2]["result"]["state"]["status"] == "CANCELLED"


@pytest.mark.parametrize("signed", [325, 326, 1])
def test_a_chain_of_another_environment_is_refused(venue, signed):
    session = log_in(venue, "dev.gravitymarkets.io")
    body = json.dumps({"order": order(venue, "1", chain_id=signed)})
    status, _, answer = curl(venue, "trades.dev.gravitymarkets.io", "/full/v1/create_order", body, *session)
    assert (status, answer["code"]) == (400, 1012)


def test_without_either_header_nobody_is_logged_in(venue):
    cookie, account = log_in(venue)
    body = json.dumps({"sub_account_id": venue.account})
    for headers in (
        (cookie,),
        (account,),
        (),
        (cookie, "X-Grvt-Account-Id: 0x1"),
        ("Cookie: gravity=x", account),
    ):
        status, _, answer = curl(venue, "trades.grvt.io", "/full/v1/open_orders", body, *headers)
        assert (status, answer["code"]) == (401, 1000)
    assert curl(venue, "trades.grvt.io", "/full/v1/open_orders", body, cookie, account)[2] == {"result": []}


def test_the_clock_of_the_venue(venue):
    status, _, answer = curl(venue, "market-data.grvt.io", "/time", None)
    assert status == 200
    assert abs(answer["server_time"] / 1000 - time.time()) < 5


def test_a_wallet_logs_in(venue):
    wallet = signing.Wallet(venue.credentials.private_key)
    _, _, clock = curl(venue, "market-data.testnet.grvt.io", "/time", None)
    expiration_ns = clock["server_time"] * 10**6 + 4 * 60 * 10**9
    signature = signing.sign_wallet_login(305419896, expiration_ns, wallet, 326)
    body = json.dumps({"address": wallet.address, "signature": signature})
    host = "edge.testnet.grvt.io"
    status, headers, answer = curl(venue, host, "/auth/wallet/login", body)
    assert (status, answer["status"]) == (200, "success")
    assert headers["x-grvt-account-id"] == venue.credentials.main_account_id
    wrong = json.dumps({"address": wallet.address, "signature": {**signature, "nonce": 1}})
    assert curl(venue, host, "/auth/wallet/login", wrong)[2]["code"] == 2002


@pytest.mark.parametrize("by", ["header", "query"])
def test_a_socket_is_authenticated_by_header_or_query(venue, by):
    """A browser cannot set headers, so that the account may stand in the query."""
    cookie, account = log_in(venue)
    account_id = account.removeprefix("X-Grvt-Account-Id: ")

    async def subscribe():
        headers = {"Host": "trades.grvt.io", "Cookie": cookie.removeprefix("Cookie: ")}
        query = f"?x_grvt_account_id={account_id}" if by == "query" else ""
        if by == "header":
            headers["X-Grvt-Account-Id"] = account_id
        url = f"{venue.embedded.url}/ws/full{query}"
        async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as socket:
            params = {"stream": "v1.order", "selectors": [f"{venue.account}-{ETH}"]}
            await socket.send_json({"jsonrpc": "2.0", "method": "subscribe", "params": params, "id": 123})
            answer = await socket.receive_json(timeout=5)
            assert answer["id"] == 123
            assert answer["result"]["subs"] == params["selectors"]
            payload = {"order": order(venue, "23042")}
            await socket.send_json(
                {"jsonrpc": "2.0", "method": "v1/create_order", "params": payload, "id": 124}
            )
            seen = [await socket.receive_json(timeout=5) for _ in range(3)]
            (answer,) = [each for each in seen if each.get("id") == 124]
            assert answer["result"]["result"]["metadata"]["client_order_id"] == "23042"
            feeds = [each["feed"]["state"]["status"] for each in seen if "feed" in each]
            assert feeds == ["PENDING", "OPEN"]
            await socket.send_json({"jsonrpc": "2.0", "method": "v1/nonsense", "params": {}, "id": 125})
            answer = await socket.receive_json(timeout=5)
            assert answer["error"] == {"code": 1200, "message": "RPC method not found"}

    asyncio.run(subscribe())
