"""Is a signature good for its order? Checked by recovery of the signer, refused as the venue's errors say."""

import re
from typing import TYPE_CHECKING

from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.instruments import ASSETS
from probes.venues.grvt.signing import SigningError, recover_signer
from probes.venues.grvt.simulator.fields import Fields, text, timestamp, uint8, uint32, uint64, uint256
from probes.venues.grvt.wire import Json

if TYPE_CHECKING:
    from probes.venues.grvt.simulator.sessions import Session

LONGEST_NS = 30 * 24 * 3600 * 10**9
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0  # of secp256k1
_WORD = re.compile("(0x)?[0-9a-fA-F]{64}", re.ASCII)

SIGNATURE = Fields(
    {"signer": uint256, "r": text, "s": text, "v": uint8, "expiration": timestamp, "nonce": uint32},
    {"chain_id": uint64},
)


def check_form(signature: Json, chain_id: int, now_ns: int) -> None:
    """What can be said of a signature without the payload at `now_ns` (UTC); raises VenueError."""
    if signature["v"] not in (27, 28):
        raise VenueError(2005)
    if not _WORD.fullmatch(signature["r"]) or not _WORD.fullmatch(signature["s"]):
        raise VenueError(2006)
    if int(signature["s"], 16) > _HALF_ORDER:
        raise VenueError(2007)
    if int(signature.get("chain_id", 0)) not in (0, chain_id):
        raise VenueError(1012)
    if signature["expiration"] <= now_ns:
        raise VenueError(2001)
    if signature["expiration"] > now_ns + LONGEST_NS:
        raise VenueError(2008)


def check_order(order: Json, session: "Session", now_ns: int) -> None:
    """Raises VenueError unless the session's signer has signed this very order."""
    signature = order["signature"]
    check_form(signature, session.chain_id, now_ns)
    try:
        signer = recover_signer(order, ASSETS, signature, session.chain_id)
    except SigningError:
        raise VenueError(2002) from None
    if signer != signature["signer"]:
        raise VenueError(2002)
    if signer != session.credentials.signer:
        raise VenueError(2000)
