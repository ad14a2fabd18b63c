"""Logins on the edge host: by API key, and by wallet. Either answers with the session cookie `gravity`.

Source: https://api-docs.grvt.io, authentication. (The API description has neither.)
"""

from collections.abc import Callable
from datetime import UTC, datetime

from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.signing import SigningError, recover_wallet_login
from probes.venues.grvt.simulator.fields import Fields, text, uint256
from probes.venues.grvt.simulator.rpc import Rpc, market_rpc
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.signatures import SIGNATURE, check_form
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import Json

Login = tuple[Fields, Callable[[State, Json, int], Session]]


def login_rpc(login: Login, chain_id: int, opened: list[Session]) -> Rpc:
    """One login as a request that the simulator works; the session goes to `opened`."""
    fields, enter = login

    def handle(state: State, _: None, payload: Json) -> Json:
        try:
            session = enter(state, payload, chain_id)
        except VenueError as error:
            if error.code != 1000 or state.scenario.venue.failed_logins == "refused":
                raise
            return {"status": "failure", "error": error.message}
        opened.append(session)
        return {
            "status": "success",
            "location": "",
            "funding_account_address": session.credentials.main_account_id,
            "sub_account_id": session.sub_account_id,
        }

    return market_rpc("login", handle, fields)


def _by_api_key(state: State, payload: Json, chain_id: int) -> Session:
    return state.sessions.login(payload["api_key"], chain_id)


def _by_wallet(state: State, payload: Json, chain_id: int) -> Session:
    address, signature = payload["address"], payload["signature"]
    check_form(signature, chain_id, state.clock.utc_ns())
    try:
        signer = recover_wallet_login(address, signature, chain_id)
    except SigningError:
        raise VenueError(2002) from None
    if signer != address or signature["signer"] != address:
        raise VenueError(2002)
    return state.sessions.login_wallet(address, chain_id)


BY_API_KEY: Login = (Fields({"api_key": text}), _by_api_key)
BY_WALLET: Login = (Fields({"address": uint256, "signature": SIGNATURE}), _by_wallet)


def set_cookie(session: Session, *, secure: bool) -> str:
    """The header Set-Cookie. Clients read `Expires` in this very form."""
    expires = datetime.fromtimestamp(session.expires_ns / 10**9, UTC)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    stamp = f"{days[expires.weekday()]}, {expires:%d} {months[expires.month - 1]} {expires:%Y %H:%M:%S} GMT"
    return f"gravity={session.token}; Path=/; Expires={stamp}; HttpOnly" + ("; Secure" if secure else "")


def cookie_of(header: str | None) -> str | None:
    """The value of the cookie `gravity` in a header Cookie."""
    for part in (header or "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "gravity":
            return value.strip('"')
    return None
