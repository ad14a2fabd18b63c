"""GRVT's EIP-712 signatures: signing, and recovery of the signer.

The types are those of https://api-docs.grvt.io (Order, OrderLeg) and, where the description only names a
`signature` field, those that the venue's own SDK and ccxt sign. Every field is static, so a struct is
its type hash and one 32-byte word a field (https://eips.ethereum.org/EIPS/eip-712). One signature or
recovery takes about 0.1 ms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any, Self

from coincurve import PrivateKey, PublicKey
from Crypto.Hash import keccak

PRICE_UNIT = 10**9  # signed prices are integers of 1e-9 quote units
BUILDER_FEE_UNIT = 10**4  # signed builder fees are integers of 1e-4 percent

TIME_IN_FORCE = {"GOOD_TILL_TIME": 1, "ALL_OR_NONE": 2, "IMMEDIATE_OR_CANCEL": 3, "FILL_OR_KILL": 4}

_LEG = "OrderLeg(uint256 assetID,uint64 contractSize,uint64 limitPrice,bool isBuyingContract)"
_ORDER_HEAD = (
    "uint64 subAccountID,bool isMarket,uint8 timeInForce,bool postOnly,bool reduceOnly,OrderLeg[] legs,"
)
_TAIL = "uint32 nonce,int64 expiration)"

ORDER = f"Order({_ORDER_HEAD}{_TAIL}{_LEG}"
ORDER_WITH_BUILDER_FEE = f"OrderWithBuilderFee({_ORDER_HEAD}address builder,uint32 builderFee,{_TAIL}{_LEG}"
WALLET_LOGIN = f"WalletLogin(address signer,{_TAIL}"
AUTHORIZE_BUILDER = (
    "AuthorizeBuilder(address mainAccountID,address builderAccountID,"
    f"uint32 maxFutureFeeRate,uint32 maxSpotFeeRate,{_TAIL}"
)

_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId)"
_WORD = 32
_ONES = (1 << 8 * _WORD) - 1  # makes of a negative number its two's complement
_BITS = {"bool": 1, "uint8": 8, "uint32": 32, "uint64": 64, "address": 160, "uint256": 256}
_RANGES = {"int64": (-(1 << 63), (1 << 63) - 1), **{kind: (0, (1 << n) - 1) for kind, n in _BITS.items()}}


class SigningError(ValueError):
    """A payload that cannot be signed, or a signature that nobody can have made: one clear line."""


@dataclass(frozen=True, slots=True)
class Asset:
    """What a signature takes of an instrument: its hash, and the decimals in which sizes are signed."""

    instrument_hash: int
    base_decimals: int

    @classmethod
    def of(cls, instrument: Mapping[str, Any]) -> Self:
        """From an instrument as GRVT's RPCs send it (`instrument_hash` is hex)."""
        return cls(int(str(instrument["instrument_hash"]), 16), int(instrument["base_decimals"]))


class Wallet:
    """A private key that signs. It never shows itself: `repr` has the address alone."""

    __slots__ = ("_key", "address")

    def __init__(self, private_key: str) -> None:
        """Take 32 bytes in hex, with or without 0x; SigningError otherwise (the key is not repeated)."""
        digits = private_key.removeprefix("0x")
        if not re.fullmatch("[0-9a-fA-F]{64}", digits):
            raise SigningError("a private key is 64 hex digits, with or without 0x")
        try:
            self._key = PrivateKey(bytes.fromhex(digits))
        except ValueError:
            raise SigningError("the private key is zero or not below the order of secp256k1") from None
        self.address = _address(self._key.public_key)

    def __repr__(self) -> str:
        return f"Wallet({self.address})"

    def __reduce__(self) -> str:
        raise TypeError("a wallet is not pickled")

    def sign(self, digest: bytes) -> dict[str, str | int]:
        """The parts of a signature: signer, r, s (hex, 0x and 64 digits) and v (27 or 28)."""
        raw = self._key.sign_recoverable(digest, hasher=None)
        r, s, v = raw[:32].hex(), raw[32:64].hex(), raw[64] + 27
        return {"signer": self.address, "r": f"0x{r}", "s": f"0x{s}", "v": v}


def sign_order(
    order: Mapping[str, Any], assets: Mapping[str, Asset], wallet: Wallet, chain_id: int
) -> dict[str, str | int]:
    """Sign an order whose `signature` holds nonce and expiration; return the whole signature.

    `order` is the payload of RPCCreateOrder in full names, `assets` has every instrument of its legs.
    """
    return _signed(order["signature"], order_digest(order, assets, chain_id), wallet, chain_id)


def recover_signer(
    order: Mapping[str, Any], assets: Mapping[str, Asset], signature: Mapping[str, Any], chain_id: int
) -> str:
    """The address whose key signed `order`, in lower case; SigningError if the signature is none.

    A `chain_id` in the signature that is not zero takes the place of the venue's, as described.
    """
    return recover(order_digest(order, assets, _chain_id(signature, chain_id)), signature)


def sign_wallet_login(nonce: int, expiration_ns: int, wallet: Wallet, chain_id: int) -> dict[str, str | int]:
    """The signature of `/auth/wallet/login` for the wallet's own address."""
    stamp = {"nonce": nonce, "expiration": str(expiration_ns)}
    return _signed(stamp, wallet_login_digest(wallet.address, stamp, chain_id), wallet, chain_id)


def recover_wallet_login(address: str, signature: Mapping[str, Any], chain_id: int) -> str:
    """The address whose key signed a wallet login for `address`, in lower case."""
    return recover(wallet_login_digest(address, signature, _chain_id(signature, chain_id)), signature)


def recover_authorize_builder(request: Mapping[str, Any], signature: Mapping[str, Any], chain_id: int) -> str:
    """The address whose key signed a request of `/full/v1/authorize_builder`, in lower case."""
    fees = (_scaled(request[f"max_{kind}_fee_rate"], BUILDER_FEE_UNIT) for kind in ("futures", "spot"))
    values = (request["main_account_id"], request["builder_account_id"], *fees)
    digest = _digest(AUTHORIZE_BUILDER, (*values, *_stamp(signature)), _chain_id(signature, chain_id))
    return recover(digest, signature)


def order_digest(order: Mapping[str, Any], assets: Mapping[str, Asset], chain_id: int) -> bytes:
    """What is signed of an order. One with a builder is an OrderWithBuilderFee."""
    legs = b"".join(_leg_hash(leg, assets) for leg in order["legs"])
    if order["time_in_force"] not in TIME_IN_FORCE:
        raise SigningError(
            f"time_in_force {order['time_in_force']!r} is not one of {', '.join(TIME_IN_FORCE)}"
        )
    head = (
        order["sub_account_id"],
        bool(order.get("is_market")),
        TIME_IN_FORCE[order["time_in_force"]],
        bool(order.get("post_only")),
        bool(order.get("reduce_only")),
        _keccak(legs),
    )
    stamp = _stamp(order["signature"])
    builder = order.get("builder")
    if builder is None or not _integer(builder or "0x0"):
        return _digest(ORDER, (*head, *stamp), chain_id)
    fee = _scaled(order.get("builder_fee") or 0, BUILDER_FEE_UNIT)
    return _digest(ORDER_WITH_BUILDER_FEE, (*head, builder, fee, *stamp), chain_id)


def wallet_login_digest(address: str, signature: Mapping[str, Any], chain_id: int) -> bytes:
    return _digest(WALLET_LOGIN, (address, *_stamp(signature)), chain_id)


def recover(digest: bytes, signature: Mapping[str, Any]) -> str:
    """The address whose key signed `digest`, in lower case; SigningError if the signature is none."""
    try:
        r, s, v = (int(signature["r"], 16), int(signature["s"], 16), int(signature["v"]))
        if v not in (27, 28):
            raise SigningError("v of a signature is 27 or 28")
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v - 27])
        return _address(PublicKey.from_signature_and_message(raw, digest, hasher=None))
    except SigningError:
        raise
    except Exception:  # coincurve raises plain Exception for what is not on the curve
        raise SigningError("r, s and v are not a signature") from None


def _signed(stamp: Mapping[str, Any], digest: bytes, wallet: Wallet, chain_id: int) -> dict[str, str | int]:
    nonce, expiration_ns = _stamp(stamp)
    return {
        **wallet.sign(digest),
        "expiration": str(expiration_ns),
        "nonce": nonce,
        "chain_id": str(chain_id),
    }


def _leg_hash(leg: Mapping[str, Any], assets: Mapping[str, Asset]) -> bytes:
    asset = assets.get(leg["instrument"])
    if asset is None:
        raise SigningError(f"no instrument {leg['instrument']!r} to sign for")
    values = (
        asset.instrument_hash,
        _scaled(leg["size"], 10**asset.base_decimals),
        _scaled(leg.get("limit_price") or 0, PRICE_UNIT),
        bool(leg["is_buying_asset"]),
    )
    return _struct_hash(_LEG, values)


def _scaled(value: object, unit: int) -> int:
    """`value` in integers of 1/unit; digits beyond are cut off, as the venue's SDK does."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        if number.is_finite() and number.adjusted() < 80:  # no word holds more; spares a giant int
            return int(number * unit)
    except DecimalException:
        pass
    raise SigningError(f"{str(value)[:40]!r} is not a decimal number that can be signed")


def _stamp(signature: Mapping[str, Any]) -> tuple[int, int]:
    return _integer(signature["nonce"]), _integer(signature["expiration"])


def _chain_id(signature: Mapping[str, Any], fallback: int) -> int:
    return _integer(signature.get("chain_id") or 0) or fallback


def _integer(value: object) -> int:
    if isinstance(value, int):
        return value
    text = str(value)
    try:
        return int(text, 16 if text[:2].lower() == "0x" else 10)
    except ValueError:
        raise SigningError(f"{text[:80]!r} is not an integer") from None


def _digest(struct: str, values: Sequence[object], chain_id: int) -> bytes:
    return _keccak(b"\x19\x01" + _domain_hash(chain_id) + _struct_hash(struct, values))


def _struct_hash(struct: str, values: Sequence[object]) -> bytes:
    type_hash, fields = _struct(struct)
    words = [type_hash]
    for (name, kind, lowest, highest), value in zip(fields, values, strict=True):
        if isinstance(value, bytes):
            words.append(value)
            continue
        number = value if isinstance(value, int) else _integer(value)
        if not lowest <= number <= highest:
            raise SigningError(f"{name} {number} does not fit {kind}")
        words.append((number & _ONES).to_bytes(_WORD, "big"))
    return _keccak(b"".join(words))


@lru_cache
def _struct(struct: str) -> tuple[bytes, tuple[tuple[str, str, int, int], ...]]:
    """The type hash of an encoded type; name and kind of its fields, and what fits (arrays: no number)."""
    fields = []
    for field in struct[struct.index("(") + 1 : struct.index(")")].split(","):
        kind, name = field.split(" ")
        fields.append((name, kind, *_RANGES.get(kind, (0, -1))))
    return _keccak(struct.encode()), tuple(fields)


@lru_cache
def _domain_hash(chain_id: int) -> bytes:
    return _struct_hash(_DOMAIN, (_keccak(b"GRVT Exchange"), _keccak(b"0"), chain_id))


def _address(key: PublicKey) -> str:
    return _address_of(key.format(compressed=False))


@lru_cache(maxsize=1024)
def _address_of(point: bytes) -> str:
    return "0x" + _keccak(point[1:])[-20:].hex()


def _keccak(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()
