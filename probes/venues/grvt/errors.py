"""The errors of GRVT: code, message, HTTP status, as its API description lists them.

Source: the error tables of https://api-docs.grvt.io (trading, market data, streams).
"""

from probes.market.order import Reason

ERRORS: dict[int, tuple[str, int]] = {
    1000: ("You need to authenticate prior to using this functionality", 401),
    1001: ("You are not authorized to access this functionality", 403),
    1002: ("Internal Server Error", 500),
    1003: ("Request could not be processed due to malformed syntax", 400),
    1004: ("Data Not Found", 404),
    1005: ("Unknown Error", 500),
    1006: ("You have surpassed the allocated rate limit for your tier", 429),
    1008: ("Your IP has not been whitelisted for access", 401),
    1009: ("We are temporarily deactivating this API endpoint, please try again later", 503),
    1012: ("Invalid signature chain ID", 400),
    1101: ("Feed Format must be in the format of <primary>@<secondary>", 400),
    1102: ("Wrong number of primary selectors", 400),
    1103: ("Wrong number of secondary selectors", 400),
    1200: ("RPC method not found", 404),  # of JSON-RPC; not in the description's tables
    1400: ("Signer does not have trade permission", 403),
    2000: ("Signature is from an unauthorized signer", 403),
    2001: ("Signature has expired", 403),
    2002: ("Signature does not match payload", 403),
    2003: ("Order sub account does not match logged in user", 403),
    2004: ("Signature is from an expired session key", 403),
    2005: ("Signature V must be 27/28", 403),
    2006: ("Signature R/S must have exactly 64 characters long without 0x prefix", 403),
    2007: ("Signature S must be in the lower half of the curve", 403),
    2008: ("Signature exceeds maximum allowed duration.", 403),
    2010: ("Order ID should be empty when creating an order", 400),
    2011: ("Client Order ID should be supplied when creating an order", 400),
    2012: ("Client Order ID overlaps with existing active order", 400),
    2020: ("Market Order must always be supplied without a limit price", 400),
    2021: ("Limit Order must always be supplied with a limit price", 400),
    2030: ("Orderbook Orders must have a TimeInForce of GTT/IOC/FOK", 400),
    2031: ("RFQ Orders must have a TimeInForce of GTT/AON/IOC/FOK", 400),
    2032: ("Post Only can only be set to true for GTT/AON orders", 400),
    2040: ("Order must contain at least one leg", 400),
    2041: (
        "Order Legs must be sorted by Derivative.Instrument/Underlying/BaseCurrency/Expiration/StrikePrice",
        400,
    ),
    2042: ("Orderbook Orders must contain only one leg", 400),
    2050: ("Order state must be empty upon creation", 400),
    2051: ("Order execution metadata must be empty upon creation", 400),
    2060: ("Order Legs contain one or more inactive derivative", 400),
    2061: ("Unsupported Instrument Requested", 400),
    2062: ("Order size smaller than min size", 400),
    2063: ("Order size smaller than min block size in block trade venue", 400),
    2064: ("Invalid limit price tick", 400),
    2065: ("Order size too granular", 400),
    2066: ("Order below minimum notional. Please try again with a higher price or size.", 400),
    2067: (
        "Order below minimum notional. Please try reducing your position again with a higher price or size.",
        400,
    ),
    2070: ("Liquidation Order is not supported", 400),
    2080: ("Insufficient margin to create order", 400),
    2081: ("Order Fill would result in exceeding maximum position size", 400),
    2082: ("Pre-order check failed", 400),
    2083: (
        "Order Fill would result in exceeding maximum position size under current configurable leverage tier",
        400,
    ),
    2084: ("Post-order check failed", 400),
    2090: ("Max open orders exceeded", 429),
    2100: ("Invalid initial leverage", 400),
    2101: ("Vaults cannot configure leverage", 400),
    2102: ("Margin type change failed, has open position for this instrument", 400),
    2103: ("Margin type change failed, has open orders for this instrument", 400),
    2104: ("Margin type not supported", 400),
    2105: ("Margin type change failed", 400),
    2107: ("Attempted to set leverage below minimum", 400),
    2108: ("Attempted to set leverage above maximum", 400),
    2110: ("Invalid trigger by", 400),
    2111: ("Unsupported trigger by", 400),
    2112: ("Invalid trigger order", 400),
    2113: ("Trigger price must be non-zero", 400),
    2114: ("Invalid position linked TPSL orders, position linked TPSL must be a reduce-only order", 400),
    2115: (
        "Invalid position linked TPSL orders, position linked TPSL must not have smaller size than the "
        "position",
        400,
    ),
    2116: ("Position linked TPSL order for this asset already exists", 400),
    2117: ("Position linked TPSL orders must be created from web or mobile clients", 400),
    2222: ("Order is not a TPSL order", 400),
    2232: ("Invalid position linked TPSL orders, position linked TPSL must not have order linkage", 400),
    2233: ("Both order ID and client order ID cannot be provided", 400),
    2234: ("Bulk create orders must have the same instrument", 400),
    2235: ("Bulk orders count exceeds the maximum allowed", 400),
    2236: ("Bulk orders does not support trigger order", 400),
    2237: ("Bulk orders must be from API source", 400),
    2238: ("Split TPSL orders must not be position-linked TPSL", 400),
    2239: ("Split TPSL orders must be reduce-only", 400),
    2240: ("If creating split TPSL orders, can only specify split TPSL orders in the creation array", 400),
    2241: ("Split TPSL order count exceeds maximum allowed set size", 400),
    2242: (
        "Split TPSL functionality not supported; you may be using a deprecated API, or this functionality is "
        "temporarily disabled",
        400,
    ),
    2243: (
        "Split TPSL set already exists for this asset. Please modify the existing set of split TPSL orders.",
        400,
    ),
    2244: ("Split TPSL creation only allowed for instruments with already-existing positions.", 400),
    2245: ("Split TPSL creation exceeds position size.", 400),
    2246: ("Split TPSL modification requires all existing split TPSL orders to be cancelled", 400),
    2300: ("Order cancel time-to-live settings currently disabled.", 400),
    2301: ("Order cancel time-to-live exceeds maximum allowed value.", 400),
    2400: ("Reduce only order with no position", 400),
    2401: ("Reduce only order must not increase position size", 400),
    2402: ("Reduce only order size exceeds maximum allowed value", 400),
    2413: (
        "Replace order failed, number of orders provided does not match the number of orders to replace",
        400,
    ),
    2450: ("Spot order is not supported", 400),
    2451: ("Spot order must not be a reduce-only order", 400),
    2452: ("Spot order must not be a TPSL order", 400),
    2453: ("Spot trading is blocked during socialized loss", 400),
    2500: ("Mode switch failed", 400),
    2501: ("Close all isolated positions before switching to Multi-Asset mode", 400),
    2502: ("USDT debt must be zero before switching to Single-Asset mode", 400),
    2504: ("Insufficient balance to cover initial margin requirements after mode switch", 400),
    2505: ("Sub account is already in the target mode", 400),
    2506: ("Vault accounts cannot switch mode", 400),
    3000: ("Instrument is invalid", 400),
    3004: ("Instrument does not have a valid maintenance margin configuration", 500),
    3005: ("Instrument's underlying currency does not have a valid balance decimal configuration", 500),
    3006: ("Instrument's quote currency does not have a valid balance decimal configuration", 500),
    3007: ("API is not applicable for spot instruments", 400),
    3011: ("Limit exceeds min or max value", 400),
    3013: ("Exact limit value is not supported", 400),
    3020: ("Sub account ID must be an uint64 integer", 400),
    3021: ("Either order ID or client order ID must be supplied", 400),
    3030: ("Feed rate is invalid", 400),
    3031: ("Depth is invalid", 400),
    3040: ("Candlestick interval is invalid", 400),
    3041: ("Candlestick type is invalid", 400),
    3042: ("Candlestick type is not applicable for spot instruments", 400),
    4000: ("Insufficient balance to complete transfer", 400),
    4002: ("Transfer failed with an unrefined failure reason, please report to GRVT", 400),
    4004: ("Both transfer wallet types must be provided", 400),
    4005: ("Invalid wallet type for funding account", 400),
    4006: ("Invalid wallet type for sub account", 400),
    4007: (
        "Transfer failed because signature is an exact duplicate of another recently-observed transfer.",
        400,
    ),
    4008: ("Currency is not allowed in the target wallet type", 400),
    4009: ("Please specify the transfer type", 400),
    4010: ("This wallet is not supported. Please try another wallet.", 400),
    5000: ("Transfer Metadata does not match the expected structure.", 400),
    5001: ("Transfer Provider does not match the expected provider.", 400),
    5002: ("Direction of the transfer does not match the expected direction.", 400),
    5003: ("Endpoint account ID is invalid.", 400),
    5004: ("Funding account does not exist in our system.", 400),
    5005: ("Invalid ChainID for the transfer request.", 400),
    6000: ("Countdown time is bigger than 300s supported", 400),
    6100: ("Derisk MM Ratio is out of range", 400),
    7000: ("Vault ID provided is invalid and does not belong to any vault", 400),
    7001: ("Vault does not have sufficient LP token balance", 400),
    7002: ("User has an ongoing redemption", 400),
    7003: ("This vault has been delisted/closed.", 400),
    7004: ("This investment would cause the vault to exceed its valuation cap.", 400),
    7005: ("You are attempting to burn more vault tokens than you own.", 400),
    7006: ("You are attempting to burn vault tokens whilst having an active redemption request.", 400),
    7007: ("The investor is not an LP for this vault.", 400),
    7100: ("Unknown transaction type", 500),
    7101: ("Transfer account not found", 400),
    7102: ("Transfer sub-account not found", 400),
    7103: ("Charged trading fee below the config minimum", 500),
    7104: ("Transfer sub-account doesn't belong to the transfer main account", 400),
    7304: ("Only position-reducing orders (`reduce_only` as true) allowed for this asset right now.", 400),
    7450: ("Add margin failed", 400),
    7451: ("Add margin to empty position", 400),
    7452: ("Add margin to non isolated position", 400),
    7453: ("Max addable amount exceeded", 400),
    7454: ("Max removable amount exceeded", 400),
    7455: ("Not isolated margin position", 400),
}

# Why the exchange refuses an order or a cancel outright.
REFUSALS: dict[Reason, int] = {
    Reason.UNKNOWN_INSTRUMENT: 2061,
    Reason.PRICE_OFF_TICK: 2064,
    Reason.PRICE_MISSING: 2021,
    Reason.PRICE_ON_MARKET_ORDER: 2020,
    Reason.SIZE_TOO_SMALL: 2062,
    Reason.SIZE_TOO_LARGE: 2081,
    Reason.SIZE_OFF_STEP: 2065,
    Reason.DUPLICATE_CLIENT_ORDER_ID: 2012,
    Reason.UNKNOWN_ORDER: 1004,
    Reason.ORDER_IS_FINAL: 1004,
    Reason.POST_ONLY_NEEDS_REST: 2032,
    Reason.REDUCE_ONLY_WOULD_INCREASE: 2401,
    Reason.REDUCE_ONLY_NO_POSITION: 2400,
    Reason.REDUCE_ONLY_TOO_LARGE: 2402,
    Reason.TOO_MANY_ORDERS: 2090,
    Reason.UNKNOWN_ACCOUNT: 2003,
    Reason.EXPIRED: 2001,
    Reason.MARGIN: 2080,
    Reason.HALTED: 2060,
    Reason.BY_SCENARIO: 2082,
}

# Why an order that was taken ended without filling whole: `reject_reason` of its state.
REJECT_REASONS: dict[Reason, str] = {
    Reason.UNKNOWN_INSTRUMENT: "INSTRUMENT_INVALID",
    Reason.PRICE_ON_MARKET_ORDER: "MARKET_ORDER_WITH_LIMIT_PRICE",
    Reason.SIZE_TOO_LARGE: "EXCEED_MAX_POSITION_SIZE",
    Reason.DUPLICATE_CLIENT_ORDER_ID: "OVERLAPPING_CLIENT_ORDER_ID",
    Reason.POST_ONLY_WOULD_CROSS: "FAIL_POST_ONLY",
    Reason.REDUCE_ONLY_WOULD_INCREASE: "FAIL_REDUCE_ONLY",
    Reason.REDUCE_ONLY_LIMIT: "REDUCE_ONLY_LIMIT",
    Reason.AON_UNFILLABLE: "AON_CANCEL",
    Reason.MARGIN: "BELOW_MARGIN",
    Reason.NO_LIQUIDITY: "MARKET_CANCEL",
    Reason.MARKET_REMAINDER: "MARKET_CANCEL",
    Reason.IOC_REMAINDER: "IOC_CANCEL",
    Reason.FOK_UNFILLABLE: "FOK_CANCEL",
    Reason.SELF_TRADE: "SELF_TRADE_PROTECTION",
    Reason.EXPIRED: "EXPIRED",
    Reason.BY_CLIENT: "CLIENT_CANCEL",
    Reason.HALTED: "INSTRUMENT_DEACTIVATED",
    Reason.LIQUIDATED: "LIQUIDATION",
    Reason.BY_SCENARIO: "SYSTEM_FAILOVER",
}


class VenueError(Exception):
    """An answer of the venue that is an error.

    `message` and `status` are the venue's own unless they are given.
    """

    def __init__(self, code: int, message: str | None = None, status: int | None = None) -> None:
        known = ERRORS[code]
        self.code = code
        self.message = message or known[0]
        self.status = status or known[1]
        super().__init__(f"{self.code} {self.message}")

    @property
    def body(self) -> dict[str, object]:
        """As JSON. The docs show a `request_id` too, but the venue's SDK takes these three fields alone."""
        return {"code": self.code, "message": self.message, "status": self.status}


def not_simulated(route: str) -> VenueError:
    """What stands outside the simulator answers so; docs/grvt-coverage.md lists it."""
    return VenueError(1009, f"{route} is not simulated; docs/grvt-coverage.md lists what is", 501)
