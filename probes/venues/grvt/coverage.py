"""What of GRVT's API description is simulated: 52 RPCs and 16 streams, in the order of the description.

`python -m probes.venues.grvt.coverage` writes the table of docs/grvt-coverage.md.
"""

from collections.abc import Mapping

_MARKET_DATA = (
    "v1/instrument",
    "v1/all_instruments",
    "v1/instruments",
    "v1/currency",
    "v1/supported_assets",
    "v1/margin_rules",
    "v1/mini",
    "v1/ticker",
    "v1/book",
    "v1/trade",
    "v1/trade_history",
    "v1/kline",
    "v1/funding",
)
_TRADING = (
    "v1/create_order",
    "v1/cancel_order",
    "v1/cancel_all_orders",
    "v1/order",
    "v1/open_orders",
    "v1/order_history",
    "v1/cancel_on_disconnect",
    "v2/bulk_orders",
    "v1/fill_history",
    "v1/funding_payment_history",
    "v1/positions",
    "v1/position_history",
    "v1/set_position_config",
    "v1/set_sub_account_mode",
    "v1/add_position_margin",
    "v1/get_position_margin_limits",
    "v1/deposit_history",
    "v1/transfer",
    "v1/transfer_history",
    "v1/withdrawal",
    "v1/withdrawal_history",
    "v1/account_summary",
    "v1/spot_account_summary",
    "v1/account_history",
    "v1/aggregated_account_summary",
    "v1/funding_account_summary",
    "v1/set_derisk_mm_ratio",
    "v1/get_sub_accounts",
    "v1/get_all_initial_leverage",
    "v1/set_initial_leverage",
    "v1/vault_burn_tokens",
    "v1/vault_invest",
    "v1/vault_investor_summary",
    "v1/vault_redeem",
    "v1/vault_redeem_cancel",
    "v1/vault_view_redemption_queue",
    "v1/vault_manager_investor_history",
    "v1/get_authorized_builders",
    "v1/builder_fill_history",
)
RPCS: Mapping[str, str] = {
    **dict.fromkeys(_MARKET_DATA, "market-data"),
    **dict.fromkeys(_TRADING, "trades"),
}
"""Name (`v1/ticker`) -> the gateway that serves it."""

NOTES: Mapping[str, str] = {
    "v1/authorize_builder": "as ccxt sends it; the description does not have it",
    "v1/create_order": "one leg; no trigger orders (TP/SL)",
    "v1/cancel_order": "`time_to_live_ms` works on orders that exist; 2300 for those still to come",
    "v1/kline": "of trades; candles of mark, index and mid are not",
    "v1/margin_rules": "one bracket, for the simulator margins every notional alike",
    "v1/positions": "cross margin; liquidation is estimated and never carried out",
    "v1/set_initial_leverage": "kept and shown; the margin check stays that of the instrument",
    "v1/aggregated_account_summary": "one sub account a main account",
}
"""What has to be said of an RPC that is simulated."""
