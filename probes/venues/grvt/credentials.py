"""Credentials for GRVT, from the environment or a .env file; they never show themselves."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probes.venues.grvt.signing import SigningError, Wallet

API_KEY = "GRVT_API_KEY"
PRIVATE_KEY = "GRVT_PRIVATE_KEY"
SUB_ACCOUNT = "GRVT_TRADING_ACCOUNT_ID"
NAMES = (API_KEY, PRIVATE_KEY, SUB_ACCOUNT)


class CredentialsError(Exception):
    """Credentials that are missing or malformed: one line that names the variable, never its value."""


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


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to trade on one sub account. The repr shows its id and the address of the signer."""

    api_key: Secret
    wallet: Wallet
    sub_account_id: str

    @classmethod
    def of(cls, api_key: str, private_key: str, sub_account_id: str) -> Self:
        """Check the form of each; raises CredentialsError that speaks of the variables they come from."""
        if not re.fullmatch(r"[!-~]+", api_key):
            raise CredentialsError(f"{API_KEY} is not an API key: printable ASCII without blanks is due")
        if not re.fullmatch("[0-9]{1,20}", sub_account_id) or int(sub_account_id) >= 2**64:
            raise CredentialsError(f"{SUB_ACCOUNT} is not a sub account id: an integer of 64 bits is due")
        try:
            wallet = Wallet(private_key)
        except SigningError as error:
            raise CredentialsError(f"{PRIVATE_KEY}: {error}") from None
        return cls(Secret(api_key), wallet, str(int(sub_account_id)))


def load(environ: Mapping[str, str] = os.environ, dotenv: Path | None = Path(".env")) -> Credentials | None:
    """The credentials of the environment, or of the .env file for those that it lacks.

    None when there is none at all; CredentialsError when some are missing or malformed.
    """
    values = {name: environ.get(name, "").strip() for name in NAMES}
    if dotenv is not None and not all(values.values()) and dotenv.is_file():
        from dotenv import dotenv_values

        try:
            read = dotenv_values(dotenv, interpolate=False)
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialsError(f"{dotenv}: cannot be read: {type(error).__name__}") from None
        values = {name: value or (read.get(name) or "").strip() for name, value in values.items()}
    if not any(values.values()):
        return None
    missing = [name for name in NAMES if not values[name]]
    if missing:
        raise CredentialsError(f"{' and '.join(missing)} missing: set all of {', '.join(NAMES)}, or none")
    return Credentials.of(values[API_KEY], values[PRIVATE_KEY], values[SUB_ACCOUNT])
