"""Trading RPCs: which sub accounts a session reaches, and which builders it has authorised."""

from decimal import Decimal

from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.signing import SigningError, recover_authorize_builder
from probes.venues.grvt.simulator.fields import Fields, text, uint256
from probes.venues.grvt.simulator.rpc import trading_rpc
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.signatures import SIGNATURE, check_form
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import Json


def _sub_accounts(state: State, session: Session, payload: Json) -> Json:
    return {"sub_account_ids": [session.sub_account_id]}


def _authorized_builders(state: State, session: Session, payload: Json) -> Json:
    builders = state.builders.get(session.credentials.main_account_id, {})
    return {"results": list(builders.values())}


def _authorize_builder(state: State, session: Session, payload: Json) -> Json:
    """Not in the description: request and response are those of ccxt, which asks for it before it trades."""
    if payload["main_account_id"] != session.credentials.main_account_id:
        raise VenueError(1001)
    check_form(payload["signature"], session.chain_id, state.clock.utc_ns())
    try:
        signer = recover_authorize_builder(payload, payload["signature"], session.chain_id)
    except SigningError:
        raise VenueError(2002) from None
    if signer != payload["signature"]["signer"]:
        raise VenueError(2002)
    if signer != session.credentials.signer:
        raise VenueError(2000)
    builder = payload["builder_account_id"]
    state.builders.setdefault(session.credentials.main_account_id, {})[builder] = {
        name: payload[name] for name in ("builder_account_id", "max_futures_fee_rate", "max_spot_fee_rate")
    }
    return {"result": {"ack": True, "tx_id": "0"}}


def _fee_rate(value: object) -> str:
    """A percentage, from a string or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a decimal number")
    return text(format(Decimal(str(value)), "f"))


RPCS = (
    trading_rpc("get_sub_accounts", _sub_accounts, Fields()),
    trading_rpc("get_authorized_builders", _authorized_builders, Fields()),
    trading_rpc(
        "authorize_builder",
        _authorize_builder,
        Fields(
            {
                "main_account_id": uint256,
                "builder_account_id": uint256,
                "max_futures_fee_rate": _fee_rate,
                "max_spot_fee_rate": _fee_rate,
                "signature": SIGNATURE,
            }
        ),
    ),
)
