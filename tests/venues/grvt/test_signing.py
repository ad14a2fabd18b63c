"""Signatures are those of eth_account, of GRVT's own SDK and of ccxt."""

import contextlib
import logging
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st
from pysdk import grvt_ccxt_utils, grvt_raw_signing, grvt_raw_types
from pysdk.grvt_ccxt_env import GrvtEnv
from pysdk.grvt_raw_base import GrvtApiConfig
from pysdk.grvt_raw_env import GrvtEnv as RawEnv

from probes.venues.grvt import signing
from probes.venues.grvt.signing import Asset, SigningError, Wallet

pytestmark = pytest.mark.slow

ASSETS = {"ETH_USDT_Perp": Asset(0x030401, 9), "BTC_USDT_Perp": Asset(0x030501, 9), "X": Asset(2**256 - 1, 0)}
KEYS = st.integers(1, 2**200).map(lambda number: f"0x{number:064x}")
_HEAD = [
    {"name": "subAccountID", "type": "uint64"},
    {"name": "isMarket", "type": "bool"},
    {"name": "timeInForce", "type": "uint8"},
    {"name": "postOnly", "type": "bool"},
    {"name": "reduceOnly", "type": "bool"},
    {"name": "legs", "type": "OrderLeg[]"},
]
_BUILDER = [{"name": "builder", "type": "address"}, {"name": "builderFee", "type": "uint32"}]
_STAMP = [{"name": "nonce", "type": "uint32"}, {"name": "expiration", "type": "int64"}]
_LEG = [
    {"name": "assetID", "type": "uint256"},
    {"name": "contractSize", "type": "uint64"},
    {"name": "limitPrice", "type": "uint64"},
    {"name": "isBuyingContract", "type": "bool"},
]


@pytest.fixture(autouse=True)
def _quiet():
    """The SDK logs each message that it signs, which is slow."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def decimals(places: int, top: int = 10**8) -> st.SearchStrategy[str]:
    return st.integers(0, top * 10**places).map(lambda n: format(Decimal(n).scaleb(-places), "f"))


LEGS = st.fixed_dictionaries(
    {
        "instrument": st.sampled_from(["ETH_USDT_Perp", "BTC_USDT_Perp"]),
        "size": decimals(9),
        "limit_price": decimals(9),
        "is_buying_asset": st.booleans(),
    }
)
ORDERS = st.fixed_dictionaries(
    {
        "sub_account_id": st.integers(0, 2**64 - 1).map(str),
        "is_market": st.booleans(),
        "time_in_force": st.sampled_from(sorted(signing.TIME_IN_FORCE)),
        "post_only": st.booleans(),
        "reduce_only": st.booleans(),
        "legs": st.lists(LEGS, min_size=1, max_size=3),
        "signature": st.fixed_dictionaries(
            {"nonce": st.integers(0, 2**32 - 1), "expiration": st.integers(0, 2**63 - 1).map(str)}
        ),
    }
)
BUILDERS = st.integers(1, 2**160 - 1).map(lambda number: f"0x{number:040x}")


def parts(signature):
    return {name: signature[name] for name in ("r", "s", "v")}


def by_eth_account(types, message, key, chain_id):
    domain = {"name": "GRVT Exchange", "version": "0", "chainId": chain_id}
    signed = Account.sign_message(encode_typed_data(domain, types, message), key)
    return {"r": f"0x{signed.r:064x}", "s": f"0x{signed.s:064x}", "v": signed.v}


def message_of(order):
    return {
        "subAccountID": int(order["sub_account_id"]),
        "isMarket": order["is_market"],
        "timeInForce": signing.TIME_IN_FORCE[order["time_in_force"]],
        "postOnly": order["post_only"],
        "reduceOnly": order["reduce_only"],
        "legs": [
            {
                "assetID": ASSETS[leg["instrument"]].instrument_hash,
                "contractSize": int(Decimal(leg["size"]) * 10**9),
                "limitPrice": int(Decimal(leg["limit_price"]) * 10**9),
                "isBuyingContract": leg["is_buying_asset"],
            }
            for leg in order["legs"]
        ],
        "nonce": order["signature"]["nonce"],
        "expiration": int(order["signature"]["expiration"]),
    }


@settings(max_examples=60, deadline=None)
@given(order=ORDERS, key=KEYS, chain_id=st.sampled_from([325, 326, 327]))
def test_an_order_is_signed_as_eth_account_signs_it(order, key, chain_id):
    types = {"Order": _HEAD + _STAMP, "OrderLeg": _LEG}
    signature = signing.sign_order(order, ASSETS, Wallet(key), chain_id)
    assert parts(signature) == by_eth_account(types, message_of(order), key, chain_id)
    assert signature["signer"] == Account.from_key(key).address.lower()
    assert signing.recover_signer(order, ASSETS, signature, chain_id) == signature["signer"]
    assert (
        signing.recover_signer(order, ASSETS, {**signature, "chain_id": "0"}, chain_id) == signature["signer"]
    )


@settings(max_examples=30, deadline=None)
@given(order=ORDERS, key=KEYS, builder=BUILDERS, fee=st.integers(0, 10**6))
def test_an_order_with_a_builder_is_another_type(order, key, builder, fee):
    types = {"OrderWithBuilderFee": _HEAD + _BUILDER + _STAMP, "OrderLeg": _LEG}
    message = {**message_of(order), "builder": builder, "builderFee": fee}
    order = {**order, "builder": builder, "builder_fee": format(Decimal(fee).scaleb(-4), "f")}
    signature = signing.sign_order(order, ASSETS, Wallet(key), 325)
    assert parts(signature) == by_eth_account(types, message, key, 325)
    assert signing.recover_signer(order, ASSETS, signature, 325) == signature["signer"]


@settings(max_examples=30, deadline=None)
@given(key=KEYS, nonce=st.integers(0, 2**32 - 1), expiration=st.integers(0, 2**63 - 1))
def test_a_wallet_login_is_signed_as_eth_account_signs_it(key, nonce, expiration):
    wallet = Wallet(key)
    types = {"WalletLogin": [{"name": "signer", "type": "address"}, *_STAMP]}
    message = {"signer": wallet.address, "nonce": nonce, "expiration": expiration}
    signature = signing.sign_wallet_login(nonce, expiration, wallet, 326)
    assert parts(signature) == by_eth_account(types, message, key, 326)
    assert signing.recover_wallet_login(wallet.address, signature, 326) == wallet.address


@settings(max_examples=30, deadline=None)
@given(
    key=KEYS, main=BUILDERS, builder=BUILDERS, fees=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
)
def test_a_builder_is_authorized_as_eth_account_signs_it(key, main, builder, fees):
    names = ["mainAccountID", "builderAccountID", "maxFutureFeeRate", "maxSpotFeeRate"]
    kinds = ["address", "address", "uint32", "uint32"]
    types = {
        "AuthorizeBuilder": [
            *({"name": name, "type": kind} for name, kind in zip(names, kinds, strict=True)),
            *_STAMP,
        ]
    }
    stamp = {"nonce": 7, "expiration": "1700000000000000000"}
    message = {**dict(zip(names, (main, builder, *fees), strict=True)), **stamp}
    message["expiration"] = int(stamp["expiration"])
    request = {
        "main_account_id": main,
        "builder_account_id": builder,
        "max_futures_fee_rate": format(Decimal(fees[0]).scaleb(-4), "f"),
        "max_spot_fee_rate": format(Decimal(fees[1]).scaleb(-4), "f"),
    }
    signature = {**by_eth_account(types, message, key, 325), **stamp}
    assert signing.recover_authorize_builder(request, signature, 325) == Wallet(key).address


@settings(max_examples=25, deadline=None)
@given(order=ORDERS, key=KEYS)
def test_the_venues_sdk_signs_alike(order, key):
    """Both of its ways: that of GrvtCcxt, and that of its raw classes."""
    instruments = {
        name: {"instrument_hash": hex(asset.instrument_hash), "base_decimals": asset.base_decimals}
        for name, asset in ASSETS.items()
    }
    ours = signing.sign_order(order, ASSETS, Wallet(key), 326)
    stamp = order["signature"]
    theirs = grvt_ccxt_utils.GrvtOrder(
        sub_account_id=order["sub_account_id"],
        time_in_force=grvt_ccxt_utils.TimeInForce[order["time_in_force"]],
        legs=[
            grvt_ccxt_utils.GrvtOrderLeg(
                leg["instrument"], Decimal(leg["size"]), leg["is_buying_asset"], Decimal(leg["limit_price"])
            )
            for leg in order["legs"]
        ],
        signature=grvt_ccxt_utils.GrvtSignature("", "", "", 0, stamp["expiration"], stamp["nonce"]),
        metadata=grvt_ccxt_utils.OrderMetadata("1"),
        is_market=order["is_market"],
        post_only=order["post_only"],
        reduce_only=order["reduce_only"],
    )
    payload = grvt_ccxt_utils.get_order_payload(theirs, key, GrvtEnv.TESTNET, instruments)["order"]
    assert parts(payload["signature"]) == parts(ours)
    assert signing.recover_signer(payload, ASSETS, payload["signature"], 326) == Wallet(key).address

    raw = grvt_raw_types.Order(
        sub_account_id=order["sub_account_id"],
        time_in_force=grvt_raw_types.TimeInForce[order["time_in_force"]],
        legs=[grvt_raw_types.OrderLeg(**leg) for leg in order["legs"]],
        signature=grvt_raw_types.Signature("", "", "", 0, stamp["expiration"], stamp["nonce"]),
        metadata=grvt_raw_types.OrderMetadata("1"),
        is_market=order["is_market"],
        post_only=order["post_only"],
        reduce_only=order["reduce_only"],
    )
    config = GrvtApiConfig(RawEnv.TESTNET, None, key, None, None)
    objects = {name: SimpleNamespace(**instrument) for name, instrument in instruments.items()}
    signed = grvt_raw_signing.sign_order(raw, config, Account.from_key(key), objects).signature
    assert {"r": signed.r, "s": signed.s, "v": signed.v} == parts(ours)


@given(order=ORDERS, change=st.data())
@settings(max_examples=60, deadline=None)
def test_a_change_of_any_signed_field_changes_the_signer(order, change):
    wallet = Wallet(f"{5:064x}")
    signature = signing.sign_order(order, ASSETS, wallet, 325)
    other = change.draw(ORDERS)
    if message_of(other) != message_of(order):
        assert signing.recover_signer(other, ASSETS, signature, 325) != wallet.address
    assert signing.recover_signer(order, ASSETS, {**signature, "chain_id": "326"}, 325) != wallet.address


ORDER = {
    "sub_account_id": "1",
    "time_in_force": "GOOD_TILL_TIME",
    "legs": [{"instrument": "ETH_USDT_Perp", "size": "1", "limit_price": None, "is_buying_asset": True}],
    "signature": {"nonce": 1, "expiration": "1"},
}


@given(
    signature=st.fixed_dictionaries(
        {
            "r": st.one_of(st.text(max_size=70), st.integers(0, 2**260).map(hex)),
            "s": st.one_of(st.text(max_size=70), st.integers(0, 2**260).map(hex)),
            "v": st.one_of(st.integers(), st.none(), st.sampled_from([27, 28])),
            "chain_id": st.one_of(st.none(), st.text(max_size=5), st.integers().map(str)),
        }
    )
)
def test_what_is_no_signature_is_refused_or_names_someone_else(signature):
    with contextlib.suppress(SigningError):
        assert signing.recover_signer(ORDER, ASSETS, signature, 325) != Wallet(f"{5:064x}").address


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sub_account_id", str(2**64)),
        ("sub_account_id", "-1"),
        ("sub_account_id", "one"),
        ("sub_account_id", None),
        ("time_in_force", "GTC"),
        ("signature", {"nonce": 2**32, "expiration": "1"}),
        ("signature", {"nonce": 1, "expiration": str(2**63)}),
        ("legs", [{**ORDER["legs"][0], "size": "1e999999999"}]),
        ("legs", [{**ORDER["legs"][0], "size": "NaN"}]),
        ("legs", [{**ORDER["legs"][0], "size": "-1"}]),
        ("legs", [{**ORDER["legs"][0], "size": "x"}]),
        ("legs", [{**ORDER["legs"][0], "instrument": "DOGE"}]),
    ],
)
def test_what_does_not_fit_its_type_is_refused(field, value):
    with pytest.raises(SigningError):
        signing.order_digest({**ORDER, field: value}, ASSETS, 325)


@pytest.mark.parametrize("key", ["", "0x", "12", "g" * 64, "0" * 64, "f" * 64, "0x" + "1" * 63])
def test_a_wrong_private_key_is_refused_and_not_repeated(key):
    with pytest.raises(SigningError) as refused:
        Wallet(key)
    assert len(key) < 3 or key not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_wallet_hides_its_key():
    key = "ab" * 32
    wallet = Wallet(key)
    assert key not in repr(wallet) + str(wallet) + f"{wallet}"
    assert repr(wallet) == f"Wallet({wallet.address})"


def test_signing_is_fast():
    """Half a millisecond is the bound, the best of a few rounds of it, for the machine may be busy."""
    wallet = Wallet(f"{5:064x}")
    signature = signing.sign_order(ORDER, ASSETS, wallet, 325)
    rounds = []
    for _ in range(20):
        start = time.perf_counter()
        signing.sign_order(ORDER, ASSETS, wallet, 325)
        signing.recover_signer(ORDER, ASSETS, signature, 325)
        rounds.append(time.perf_counter() - start)
    assert min(rounds) < 0.001
