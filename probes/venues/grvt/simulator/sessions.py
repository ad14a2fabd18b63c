"""Who may do what: throw-away credentials, logins, sessions."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.credentials import throw_away_hex_key
from probes.market.clock import Clock
from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.signing import Wallet

PROD_CHAIN = 325
SESSION_S = 24 * 3600
_ACCOUNTS = 2
_MOST_SESSIONS = 10_000  # a flood of logins must not fill the memory

_CHAINS = (("testnet.grvt.io", 326), ("gravitymarkets.io", 327))


def chain_of(host: str) -> int:
    """The chain whose signatures a host takes: that of its environment, prod for hosts of no environment."""
    return next((chain for suffix, chain in _CHAINS if host.endswith(suffix)), PROD_CHAIN)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to trade on one sub account of the simulator. Worth nothing anywhere else."""

    api_key: str = field(repr=False)
    private_key: str = field(repr=False)
    signer: str
    sub_account_id: str
    main_account_id: str


@dataclass(slots=True, eq=False)
class Session:
    """A login. `token` is the value of the cookie `gravity`."""

    credentials: Credentials
    chain_id: int
    expires_ns: int
    token: str = field(repr=False)
    ended: bool = False

    @property
    def sub_account_id(self) -> str:
        return self.credentials.sub_account_id

    def demand(self, sub_account_id: str, code: int = 1001) -> str:
        """The sub account, if it belongs to the session; VenueError otherwise."""
        if sub_account_id != self.credentials.sub_account_id:
            raise VenueError(code)
        return sub_account_id


class Sessions:
    """The accounts of the venue and who is logged in."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.credentials = tuple(_throw_away(seed, number) for number in range(_ACCOUNTS))
        self._now_ns = clock.utc_ns
        self._by_api_key = {each.api_key: each for each in self.credentials}
        self._by_signer = {each.signer: each for each in self.credentials}
        self._sessions: dict[str, Session] = {}

    @property
    def by_sub_account(self) -> Mapping[str, Credentials]:
        return {each.sub_account_id: each for each in self.credentials}

    def login(self, api_key: str, chain_id: int) -> Session:
        return self._open(self._by_api_key.get(api_key), chain_id)

    def login_wallet(self, signer: str, chain_id: int) -> Session:
        return self._open(self._by_signer.get(signer.lower()), chain_id)

    def find(self, token: str | None, account_id: str | None) -> Session | None:
        """The live session of this cookie, or None. The header X-Grvt-Account-Id has to name its account."""
        session = self._sessions.get(token) if token else None
        if session is None or session.ended or session.credentials.main_account_id != account_id:
            return None
        if session.expires_ns <= self._now_ns():
            self.end(session)
            return None
        return session

    def end(self, session: Session) -> None:
        session.ended = True
        self._sessions.pop(session.token, None)

    def end_all(self, sub_account_id: str) -> None:
        for session in list(self._sessions.values()):
            if session.sub_account_id == sub_account_id:
                self.end(session)

    def _open(self, credentials: Credentials | None, chain_id: int) -> Session:
        if credentials is None:
            raise VenueError(1000)
        if len(self._sessions) >= _MOST_SESSIONS:
            self.end(next(iter(self._sessions.values())))
        expires_ns = self._now_ns() + SESSION_S * 10**9
        session = Session(credentials, chain_id, expires_ns, secrets.token_urlsafe(24))
        self._sessions[session.token] = session
        return session


def _throw_away(seed: int, number: int) -> Credentials:
    def digest(of: str) -> str:
        return hashlib.sha256(f"simulated grvt:{seed}:{number}:{of}".encode()).hexdigest()

    private_key = throw_away_hex_key(digest("private key"))
    return Credentials(
        api_key=f"simulated{digest('api key')[:18]}",
        private_key=private_key,
        signer=Wallet(private_key).address,
        sub_account_id=str(2**52 + int(digest("sub account")[:12], 16)),
        main_account_id=f"0x{digest('main account')[:40]}",
    )
