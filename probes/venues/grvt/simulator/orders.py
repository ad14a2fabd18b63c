"""Trading RPCs: create, cancel and query orders; fills."""

from collections.abc import Collection
from decimal import Decimal

from probes.market.exchange import Refused
from probes.market.faults import Action
from probes.market.order import Fill, Order, Side, TimeInForce
from probes.venues.grvt.errors import REFUSALS, VenueError, not_simulated
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.simulator.fields import (
    KIND_BASE_QUOTE,
    PAGE,
    SUB_ACCOUNT,
    Fields,
    boolean,
    decimal,
    list_of,
    one_of,
    text,
    timestamp,
    uint64,
    uint256,
)
from probes.venues.grvt.simulator.market_data import matching
from probes.venues.grvt.simulator.pagination import page
from probes.venues.grvt.simulator.rpc import trading_rpc
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.signatures import SIGNATURE, check_order
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import TIME_IN_FORCE, Json, fill_json, order_json, order_tags

LONGEST_COUNTDOWN_MS = 300_000
_ACK: Json = {"result": {"ack": True}}

_TRIGGER = Fields(
    {"trigger_type": one_of("UNSPECIFIED", "TAKE_PROFIT", "STOP_LOSS")},
    {
        "tpsl": Fields(
            {"trigger_by": text, "trigger_price": text},
            {"close_position": boolean, "is_split_position": boolean},
        )
    },
)
_METADATA = Fields(
    optional={"client_order_id": uint64, "create_time": timestamp, "trigger": _TRIGGER, "broker": text}
)
_LEG = Fields({"instrument": text, "size": decimal, "is_buying_asset": boolean}, {"limit_price": decimal})
_ORDER = Fields(
    {
        **SUB_ACCOUNT,
        "time_in_force": one_of(*TIME_IN_FORCE, "RETAIL_PRICE_IMPROVEMENT"),
        "legs": list_of(_LEG, 10),
        "signature": SIGNATURE,
        "metadata": _METADATA,
    },
    {
        "order_id": uint256,
        "is_market": boolean,
        "post_only": boolean,
        "reduce_only": boolean,
        "state": Fields(),
        "builder": uint256,
        "builder_fee": text,
    },
)


def _create_order(state: State, session: Session, payload: Json) -> Json:
    fault = state.fault
    reject = fault.reason if fault is not None and fault.action is Action.REJECT else None
    order = _read_order(state, session, payload["order"])
    try:
        answer = order_json(state.exchange.submit(order, reject=reject))
    except Refused as refused:
        raise VenueError(REFUSALS[refused.reason]) from None
    if state.scenario.venue.ack_order_id == "zero":
        answer["order_id"] = "0x00"
    return {"result": answer}


def _read_order(state: State, session: Session, wire: Json) -> Order:
    """The order in a request of create_order, if it is well formed and rightly signed."""
    session.demand(wire["sub_account_id"], 2003)
    metadata, legs = wire["metadata"], wire["legs"]
    if wire.get("order_id"):
        raise VenueError(2010)
    if not int(metadata.get("client_order_id", 0)):
        raise VenueError(2011)
    if not legs:
        raise VenueError(2040)
    if len(legs) > 1:
        raise VenueError(2042)
    if "state" in wire:
        raise VenueError(2050)
    (leg,) = legs
    listing = LISTINGS.get(leg["instrument"])
    if listing is None:
        raise VenueError(2061)
    time_in_force = TIME_IN_FORCE.get(wire["time_in_force"])
    if time_in_force in (None, TimeInForce.ALL_OR_NONE):
        raise VenueError(2030)
    assert time_in_force is not None
    check_order(wire, session, state.clock.utc_ns())
    if metadata.get("trigger", {}).get("trigger_type", "UNSPECIFIED") != "UNSPECIFIED":
        raise not_simulated("a trigger order")
    price: Decimal | None = leg.get("limit_price") or None
    if wire.get("is_market", False):
        if price is not None:
            raise VenueError(2020)
    elif price is None:
        raise VenueError(2021)
    notional = leg["size"] * (price or state.exchange.mark(leg["instrument"]))
    if leg["size"] >= listing.instrument.min_size and notional < listing.min_notional:
        raise VenueError(2067 if wire.get("reduce_only", False) else 2066)
    signature = {**wire["signature"], "expiration": str(wire["signature"]["expiration"])}
    return Order(
        order_id="",
        client_order_id=metadata["client_order_id"],
        account=session.sub_account_id,
        instrument=leg["instrument"],
        side=Side.BUY if leg["is_buying_asset"] else Side.SELL,
        size=leg["size"],
        limit_price=price,
        time_in_force=time_in_force,
        post_only=wire.get("post_only", False),
        reduce_only=wire.get("reduce_only", False),
        expires_ns=wire["signature"]["expiration"],
        tags=order_tags(signature, metadata, wire.get("builder"), wire.get("builder_fee")),
    )


def _ids(payload: Json) -> dict[str, str | None]:
    """By which id an order is meant; the order id goes first."""
    order_id, client_order_id = payload.get("order_id"), payload.get("client_order_id")
    if order_id is None and client_order_id is None:
        raise VenueError(3021)
    return {"order_id": order_id} if order_id is not None else {"client_order_id": client_order_id}


def _cancel_order(state: State, session: Session, payload: Json) -> Json:
    account = session.demand(payload["sub_account_id"])
    try:
        state.exchange.cancel(account, **_ids(payload))
    except Refused:
        if "time_to_live_ms" in payload:
            raise VenueError(2300) from None
        if state.scenario.venue.unknown_cancels == "refused":
            raise VenueError(1004) from None
    return _ACK


def _names(payload: Json) -> Collection[str] | None:
    """The instruments that pass the filters; None for all of them."""
    if not any(payload.get(name) for name in KIND_BASE_QUOTE):
        return None
    return {listing.instrument.name for listing in matching(payload)}


def _cancel_all_orders(state: State, session: Session, payload: Json) -> Json:
    state.exchange.cancel_all(session.demand(payload["sub_account_id"]), _names(payload))
    return _ACK


def _cancel_on_disconnect(state: State, session: Session, payload: Json) -> Json:
    """A countdown in whole seconds, which each call sets anew; at its end all orders are cancelled."""
    account = session.demand(payload["sub_account_id"])
    wanted_ms = int(payload.get("countdown_time", 0))
    if wanted_ms > LONGEST_COUNTDOWN_MS:
        raise VenueError(6000)
    if running := state.countdowns.pop(account, None):
        running.cancel()
    if seconds := wanted_ms // 1000:
        state.countdowns[account] = state.clock.call_later(seconds, state.exchange.cancel_all, account, None)
    return _ACK


def _order(state: State, session: Session, payload: Json) -> Json:
    account = session.demand(payload["sub_account_id"])
    order = state.view.order(account, **_ids(payload))
    if order is None or (order.status.is_final and not state.scenario.venue.ended_orders_found):
        raise VenueError(1004)
    return {"result": order_json(order)}


def _open_orders(state: State, session: Session, payload: Json) -> Json:
    names = _names(payload)
    orders = state.view.open_orders(session.demand(payload["sub_account_id"]))
    return {"result": [order_json(order) for order in orders if names is None or order.instrument in names]}


def _order_history(state: State, session: Session, payload: Json) -> Json:
    names = _names(payload)
    orders = state.view.order_history(session.demand(payload["sub_account_id"]))
    rows = [order for order in orders if names is None or order.instrument in names]
    return page(rows, payload, lambda order: order.updated_ns, order_json)


def _fill_history(state: State, session: Session, payload: Json) -> Json:
    names = _names(payload)
    fills = state.view.fills(session.demand(payload["sub_account_id"]))
    rows = [fill for fill in fills if names is None or fill.instrument in names]

    def render(fill: Fill) -> Json:
        order = state.exchange.order(fill.account, order_id=fill.order_id)
        return fill_json(fill, order, session.credentials.signer)

    return page(rows, payload, lambda fill: fill.utc_ns, render)


_BY_ID = {"order_id": uint256, "client_order_id": uint64}
_HISTORY = {**KIND_BASE_QUOTE, **PAGE}

RPCS = (
    trading_rpc("create_order", _create_order, Fields({"order": _ORDER})),
    trading_rpc("cancel_order", _cancel_order, Fields(SUB_ACCOUNT, {**_BY_ID, "time_to_live_ms": uint64})),
    trading_rpc("cancel_all_orders", _cancel_all_orders, Fields(SUB_ACCOUNT, KIND_BASE_QUOTE)),
    trading_rpc(
        "cancel_on_disconnect", _cancel_on_disconnect, Fields(SUB_ACCOUNT, {"countdown_time": uint64})
    ),
    trading_rpc("order", _order, Fields(SUB_ACCOUNT, _BY_ID)),
    trading_rpc("open_orders", _open_orders, Fields(SUB_ACCOUNT, KIND_BASE_QUOTE)),
    trading_rpc("order_history", _order_history, Fields(SUB_ACCOUNT, _HISTORY)),
    trading_rpc("fill_history", _fill_history, Fields(SUB_ACCOUNT, _HISTORY)),
)
