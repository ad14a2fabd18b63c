"""What it takes to trade at GRVT."""

import re
from dataclasses import dataclass
from typing import Self

from probes.credentials import Credentials as Named
from probes.credentials import CredentialsError, Secret, Variable, is_hex_key, is_token
from probes.venues.grvt.signing import SigningError, Wallet

API_KEY = "GRVT_API_KEY"
PRIVATE_KEY = "GRVT_PRIVATE_KEY"
SUB_ACCOUNT = "GRVT_TRADING_ACCOUNT_ID"
VARIABLES = (Variable(API_KEY, is_token), Variable(PRIVATE_KEY, is_hex_key), Variable(SUB_ACCOUNT))


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to trade on one sub account. The repr shows its id and the address of the signer."""

    api_key: Secret
    wallet: Wallet
    sub_account_id: str

    @classmethod
    def read(cls, named: Named) -> Self:
        """From the values of VARIABLES; raises CredentialsError."""
        return cls.of(*(named[name].reveal() for name in (API_KEY, PRIVATE_KEY, SUB_ACCOUNT)))

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
