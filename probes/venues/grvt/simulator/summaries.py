"""Trading RPCs: positions, margin, balances."""

from decimal import Decimal

from probes.market.account import AccountSummary, Position
from probes.market.order import ZERO
from probes.venues.grvt.errors import VenueError
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.simulator.fields import KIND_BASE_QUOTE, SUB_ACCOUNT, Fields, text, uint64
from probes.venues.grvt.simulator.market_data import listing_of, matching
from probes.venues.grvt.simulator.rpc import trading_rpc
from probes.venues.grvt.simulator.sessions import Session
from probes.venues.grvt.simulator.state import State
from probes.venues.grvt.wire import Json, plain, rounded

SETTLED_IN = "USDT"


def position_json(state: State, position: Position) -> Json:
    """A Positions entry, of RPCs and of the stream `v1.position`."""
    entry = position.entry_price or ZERO
    total = position.realized_pnl + position.unrealized_pnl
    cost = entry * abs(position.size)
    return {
        "event_time": str(state.clock.utc_ns()),
        "sub_account_id": position.account,
        "instrument": position.instrument,
        "size": plain(position.size),
        "notional": plain(position.notional),
        "entry_price": plain(rounded(entry)),
        "exit_price": plain(rounded(position.exit_price or ZERO)),
        "mark_price": plain(position.mark_price),
        "unrealized_pnl": plain(position.unrealized_pnl),
        "realized_pnl": plain(position.realized_pnl),
        "total_pnl": plain(total),
        "roi": plain(rounded(100 * total / cost)) if cost else "0.0",
        "quote_index_price": "1.0",
        "est_liquidation_price": plain(rounded(_liquidation(state, position))),
        "leverage": str(state.leverage(position.account, position.instrument)),
        "cumulative_fee": plain(position.fees),
        "cumulative_realized_funding_payment": "0.0",
        "margin_type": "CROSS",
    }


def _liquidation(state: State, position: Position) -> Decimal:
    """The mark at which equity meets the maintenance margin, all else as it is; zero if there is none."""
    summary = state.exchange.account_summary(position.account)
    if not position.size:
        return ZERO
    room = summary.equity - summary.maintenance_margin
    return max(ZERO, position.mark_price - room / position.size)


def _balance(cash: Decimal, available: Decimal) -> Json:
    return {
        "currency": SETTLED_IN,
        "balance": plain(cash),
        "index_price": "1.0",
        "entry_price": "1.0",
        "realized_pnl": "0.0",
        "unrealized_pnl": "0.0",
        "available_to_transfer": plain(max(ZERO, available)),
    }


def summary_json(state: State, summary: AccountSummary) -> Json:
    """A SubAccount."""
    return {
        "event_time": str(state.clock.utc_ns()),
        "sub_account_id": summary.account,
        "margin_type": "SIMPLE_CROSS_MARGIN",
        "settle_currency": SETTLED_IN,
        "unrealized_pnl": plain(summary.unrealized_pnl),
        "total_equity": plain(summary.equity),
        "initial_margin": plain(summary.initial_margin),
        "maintenance_margin": plain(summary.maintenance_margin),
        "available_balance": plain(max(ZERO, summary.available)),
        "spot_balances": [_balance(summary.cash, summary.available)],
        "positions": [position_json(state, position) for position in summary.positions],
        "settle_index_price": "1.0",
        "is_vault": False,
        "vault_im_additions": "0.0",
        "derisk_margin": plain(summary.maintenance_margin),
        "derisk_to_maintenance_margin_ratio": "1.0",
        "total_cross_equity": plain(summary.equity),
        "cross_unrealized_pnl": plain(summary.unrealized_pnl),
        "sub_account_mode": "SINGLE_ASSET_MODE",
        "margin_balance": plain(summary.equity),
    }


def _positions(state: State, session: Session, payload: Json) -> Json:
    account = session.demand(payload["sub_account_id"])
    names = {listing.instrument.name for listing in matching(payload)}
    positions = state.view.positions(account)
    return {
        "result": [
            position_json(state, position)
            for position in positions
            if position.size and position.instrument in names
        ]
    }


def _account_summary(state: State, session: Session, payload: Json) -> Json:
    account = session.demand(payload["sub_account_id"])
    return {"result": summary_json(state, state.view.account_summary(account))}


def _aggregated(state: State, session: Session, payload: Json) -> Json:
    """Main accounts hold nothing of their own in the simulator; all is in the one sub account."""
    summary = state.view.account_summary(session.sub_account_id)
    equity = plain(summary.equity)
    return {
        "result": {
            "main_account_id": session.credentials.main_account_id,
            "total_equity": equity,
            "spot_balances": [_balance(summary.cash, summary.available)],
            "vault_investments": [],
            "total_sub_account_balance": equity,
            "total_sub_account_equity": equity,
            "total_vault_investments_balance": "0.0",
            "total_sub_account_available_balance": plain(max(ZERO, summary.available)),
            "total_usd_notional_invested": "0.0",
        }
    }


def _funding_account(state: State, session: Session, payload: Json) -> Json:
    tier = {f"{kind}_{role}_fee": 0 for kind in ("futures", "options", "spot") for role in ("taker", "maker")}
    return {
        "result": {
            "main_account_id": session.credentials.main_account_id,
            "total_equity": "0.0",
            "spot_balances": [],
            "vault_investments": [],
            "total_cash_balance": "0.0",
            "total_spot_asset_balance": "0.0",
        },
        "tier": {"tier": 0, **tier},
    }


def _all_leverages(state: State, session: Session, payload: Json) -> Json:
    account = session.demand(payload["sub_account_id"])
    return {
        "results": [
            {
                "instrument": name,
                "leverage": str(state.leverage(account, name)),
                "min_leverage": "1",
                "max_leverage": str(listing.max_leverage),
                "margin_type": "CROSS",
            }
            for name, listing in LISTINGS.items()
        ]
    }


def _set_leverage(state: State, session: Session, payload: Json) -> Json:
    """Kept and shown; orders are margined at the instrument's own rate whatever it is."""
    account = session.demand(payload["sub_account_id"])
    listing = listing_of(payload["instrument"])
    leverage = int(payload["leverage"])
    if not 1 <= leverage <= listing.max_leverage:
        raise VenueError(2100)
    state.leverages[account, listing.instrument.name] = leverage
    return {"success": True}


RPCS = (
    trading_rpc("positions", _positions, Fields(SUB_ACCOUNT, KIND_BASE_QUOTE)),
    trading_rpc("account_summary", _account_summary, Fields(SUB_ACCOUNT)),
    trading_rpc("aggregated_account_summary", _aggregated, Fields()),
    trading_rpc("funding_account_summary", _funding_account, Fields()),
    trading_rpc("get_all_initial_leverage", _all_leverages, Fields(SUB_ACCOUNT)),
    trading_rpc(
        "set_initial_leverage", _set_leverage, Fields({**SUB_ACCOUNT, "instrument": text, "leverage": uint64})
    ),
)
