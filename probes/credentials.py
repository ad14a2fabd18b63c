"""Credentials from the environment or a .env file, by variable; they never show themselves."""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diag.observe.secrets import Named, is_random


class CredentialsError(Exception):
    """Credentials that are missing or malformed: one line that names the variable, never its value."""


class RealCredentialsError(Exception):
    """Credentials that look real stand where a simulated run would see them: one line."""


class Secret:
    """A string that no repr, log line, format or pickle shows. `reveal` is for the wire alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


Credentials = Mapping[str, Secret]
"""By the name of the variable that holds each."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable from which clients of a venue take a credential.

    `looks_real` tells a credential that may be worth something from a placeholder and from those that the
    simulator hands out; None for what is no secret, as the id of an account.
    """

    name: str
    looks_real: Callable[[str], bool] | None = None


def is_token(value: str) -> bool:
    """Whether this may be an API key: long, and not the text that stands in an example."""
    value = value.strip()
    if len(value) < 20 or "simulated" in value.lower():
        return False
    placeholder = re.search("your|key|xxx|test|dummy|example|change|here", value.lower())
    return is_random(value) or placeholder is None


def is_hex_key(value: str) -> bool:
    """Whether this may be a private key of 32 bytes in hexadecimal, and not one that is worth nothing."""
    digits = value.strip().lower().removeprefix("0x")
    given_out = digits.startswith(_SIMULATED)
    return re.fullmatch("[0-9a-f]{64}", digits) is not None and len(set(digits)) > 4 and not given_out


def throw_away_hex_key(digits: str) -> str:
    """A private key of 32 bytes that anybody sees is worth nothing, from at least 46 hexadecimal digits."""
    return f"0x{_SIMULATED}{digits[: 64 - len(_SIMULATED)]}"


_SIMULATED = b"simulated".hex()


def load(
    variables: Sequence[Variable],
    environ: Mapping[str, str] = os.environ,
    dotenv: Path | None = Path(".env"),
) -> Credentials | None:
    """The credentials of the environment, or of the .env file for those that it lacks.

    None when there is none at all; CredentialsError when some are missing.
    """
    names = [variable.name for variable in variables]
    values = {name: environ.get(name, "").strip() for name in names}
    if dotenv is not None and not all(values.values()) and dotenv.is_file():
        from dotenv import dotenv_values

        try:
            read = dotenv_values(dotenv, interpolate=False)
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialsError(f"{dotenv}: cannot be read: {type(error).__name__}") from None
        values = {name: value or (read.get(name) or "").strip() for name, value in values.items()}
    if not any(values.values()):
        return None
    missing = [name for name in names if not values[name]]
    if missing:
        raise CredentialsError(f"{' and '.join(missing)} missing: set all of {', '.join(names)}, or none")
    return {name: Secret(value) for name, value in values.items()}


def refuse_real(found: Iterable[Named], venues: Iterable[str] = ()) -> None:
    """Raise RealCredentialsError if any of these looks like a credential of an exchange, of whichever.

    `venues` are the names of those that `diag` knows and simulates, which are in no list of exchanges.

    In simulation they are of no use, and what a program does with them is not known.
    """
    real: dict[str, list[str]] = {}
    simulated = frozenset(name.lower() for name in venues)
    for where, name, value in found:
        if _is_for_trading(name, simulated) and looks_real(value):
            real.setdefault(where, []).append(name)
    if real:
        places = "; ".join(
            f"{where} holds {' and '.join(dict.fromkeys(names))}" for where, names in real.items()
        )
        raise RealCredentialsError(
            f"{places}, which look real: simulation does not want them; "
            "unset them, or say --allow-real-credentials"
        )


def looks_real(value: str) -> bool:
    """Whether this may be worth something: a token, a private key in hexadecimal or PEM, a mnemonic."""
    if "PRIVATE KEY-----" in value:
        return True
    words = value.split()
    if len(words) in (12, 15, 18, 21, 24) and all(map(str.isalpha, words)):
        return len(set(words)) > 4  # not that of a test network
    if re.fullmatch("(0x)?[0-9a-fA-F]{64}", value.strip()):
        return is_hex_key(value)
    return is_token(value)


_OF_CREDENTIALS = re.compile(  # the words of a name that tell nobody's service
    "api|access|private|secret|signing|key|keys|token|passphrase|password|pass|phrase|mnemonic|seed|wallet|agent|"
    "account|sub|trading|trade|trader|exchange|bot|my|main|live|prod|production|mainnet|real|evm|eth|ethereum|"
    "sol|solana|starknet|stark|hex|pk|sk|id|value|user|client|pem|[a-z]"
)
_EXCHANGES = re.compile(
    "aevo|apex|aster|backpack|binance|bingx|bitfinex|bitget|bitmart|bitmex|bitstamp|bitvavo|blofin|bybit|cdp|"
    "coinbase|coinex|cryptocom|deribit|drift|dydx|edgex|extended|gate|gemini|hashkey|htx|huobi|hyperliquid|"
    "kraken|kucoin|lighter|mexc|nado|okx|okex|ondo|orderly|pacifica|paradex|phemex|poloniex|upbit|variational|"
    "vertex|whitebit|woo|xt|zeta"
)


def _is_for_trading(name: str, simulated: frozenset[str]) -> bool:
    """Whether a credential of this name may be of an exchange: not if it names somebody else's service."""
    words = re.findall("[a-z]+", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    rest = [word for word in words if not _OF_CREDENTIALS.fullmatch(word)]
    return not rest or any(word in simulated or _EXCHANGES.match(word) for word in rest)
