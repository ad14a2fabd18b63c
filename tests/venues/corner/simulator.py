"""The simulated venue: its wire protocol on the exchange of `probes.market`."""

import asyncio
import json
import socket
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from aiohttp import web

from corner.venue import API_KEY, HOST, REFUSALS
from diag.record.kinds.venue import Named
from probes.market.clock import SystemClock
from probes.market.exchange import Exchange, Refused
from probes.market.faults import Action, Faults
from probes.market.latency import LatencyModel
from probes.market.ledger import Ledger
from probes.market.operations import NO_NAMES, Operation
from probes.market.order import ZERO, Instrument, Order, Reason, Side, TimeInForce
from probes.venue import SimulatedAccount

CASH, STOCK = Decimal(1_000_000), Decimal(1000)  # of the quote currency, and of each base currency
INSTRUMENTS = tuple(
    Instrument(
        name=f"{base}-USD",
        base=base,
        quote="USD",
        tick_size=Decimal("0.01"),
        min_size=Decimal("0.01"),
        size_step=Decimal("0.01"),
        max_position=Decimal(500),
        maker_fee_bps=Decimal(0),
        taker_fee_bps=Decimal(5),
        initial_margin_bps=Decimal(10_000),  # what is bought is paid in full
    )
    for base in ("ETH", "BTC")
)
OPERATIONS = {
    ("GET", "instruments"): Operation.INSTRUMENT_QUERY,
    ("GET", "ticker"): Operation.TICKER_QUERY,
    ("POST", "order"): Operation.PLACE,
    ("DELETE", "order"): Operation.CANCEL,
    ("GET", "order"): Operation.ORDER_QUERY,
    ("GET", "open_orders"): Operation.OPEN_ORDERS_QUERY,
    ("GET", "order_history"): Operation.ORDER_HISTORY_QUERY,
    ("GET", "fill_history"): Operation.FILL_HISTORY_QUERY,
}
CODES = {
    Reason.UNKNOWN_ORDER: "UNKNOWN",
    Reason.ORDER_IS_FINAL: "UNKNOWN",
    Reason.UNKNOWN_INSTRUMENT: "UNKNOWN",
    Reason.MARGIN: "FUNDS",
    Reason.HALTED: "CLOSED",
}
STATUS = {"KEY": 401, "UNKNOWN": 404, "BUSY": 429, "ERROR": 500}


class Refusal(Exception):
    """An answer that is an error."""


class Simulator:
    hosts = (HOST,)

    def __init__(self, scenario, seed, journal, step_ms, clock):
        self.scenario = scenario
        self.clock = clock or SystemClock()
        self.ledger = Ledger(journal, "corner", REFUSALS)
        self.exchange = Exchange.in_scenario(INSTRUMENTS, scenario, seed, self.ledger, self.clock)
        self.accounts = (SimulatedAccount(f"corner-{seed}", {API_KEY: f"simulated-corner-{seed:08}"}),)
        self.exchange.open_account(self.accounts[0].name, CASH)
        self._faults = Faults(scenario.faults, NO_NAMES)
        self._latency = LatencyModel(scenario.latency, NO_NAMES, seed)
        self._step_ms, self._steps = step_ms, None
        self._servers = []

    async def start(self, host, port, ssl_context):
        app = web.Application()
        app.router.add_route("*", "/{endpoint}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        sock = socket.create_server((host, port))
        await self.listen(sock, ssl_context)
        if self._step_ms:
            self._steps = asyncio.create_task(self._step())
        return sock.getsockname()[1]

    async def listen(self, sock, ssl_context):
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(self._runner.server, sock=sock, ssl=ssl_context))

    async def close(self):
        if self._steps:
            self._steps.cancel()
        for server in self._servers:
            server.close()
        connections = [each.transport for each in self._runner.server.connections]
        await self._runner.cleanup()
        for transport in connections:
            if transport is not None:
                transport.abort()

    async def _step(self):
        while True:
            await self.clock.sleep(self._step_ms / 1000)
            self.exchange.step()

    async def _serve(self, request):
        """Work one request, with what the scenario has in store for it, and take both down."""
        data = dict(request.query)
        operation = OPERATIONS.get((request.method, request.match_info["endpoint"]))
        name = operation or "unknown"
        account = self.accounts[0]
        known = request.headers.get("X-Key") == account.variables[API_KEY]
        self.exchange.step()
        row = self.ledger.request(
            name,
            account=account.name if known else None,
            data=data,
            operation=operation,
            order=named(data),
        )
        fault = self._faults.on_request(name)
        action = fault.action if fault else None
        if fault:
            self.ledger.fault(action, request=row)
        status, answer = 200, None
        if action not in (Action.LOSE_REQUEST, Action.DISCONNECT):
            try:
                if action in (Action.FAIL, Action.RATE_LIMIT, Action.REFUSE):
                    codes = {Action.FAIL: "ERROR", Action.RATE_LIMIT: "BUSY", Action.REFUSE: "FUNDS"}
                    raise Refusal(codes[action])
                answer = self._work(name, data, account.name if known else None, fault)
            except Refusal as refused:
                code = str(refused)
                status, answer = STATUS.get(code, 400), {"code": code, "message": code.lower()}
        silent = action in (Action.LOSE_REQUEST, Action.LOSE_ACK, Action.DISCONNECT)
        self.ledger.response(row, 0 if silent else status, answer["code"] if status != 200 else None)
        await self.clock.sleep(self._latency.response_s(name))
        if silent:
            request.transport.abort()
        return web.json_response(answer, status=status, dumps=lambda it: json.dumps(it, default=str))

    def _work(self, name, data, account, fault):
        exchange, instrument = self.exchange, data.get("instrument", "")
        if instrument and instrument not in exchange.instruments:
            raise Refusal("UNKNOWN")
        if name == Operation.INSTRUMENT_QUERY:
            return [vars_of(each) for each in exchange.instruments.values()]
        if name == Operation.TICKER_QUERY:
            quote = seen(exchange.quote(instrument), fault)
            self.ledger.quote(quote, via="ticker")
            return vars_of(quote)
        if account is None:
            raise Refusal("KEY")
        try:
            if name == Operation.PLACE:
                return vars_of(self._order(account, data))
            if name == Operation.CANCEL:
                return vars_of(exchange.cancel(account, **ids(data)))
        except Refused as refused:
            raise Refusal(CODES.get(refused.reason, "INVALID")) from None
        if name == Operation.ORDER_QUERY:
            found = exchange.order(account, **ids(data))
            if found is None:
                raise Refusal("UNKNOWN")
            return vars_of(found)
        lists = {
            Operation.OPEN_ORDERS_QUERY: exchange.open_orders,
            Operation.ORDER_HISTORY_QUERY: exchange.order_history,
            Operation.FILL_HISTORY_QUERY: exchange.fills,
        }
        if name not in lists:
            raise Refusal("UNKNOWN")
        return [vars_of(each) for each in lists[name](account) if each.instrument == instrument]

    def _order(self, account, data):
        try:
            size = Decimal(data["size"])
            price = Decimal(data["price"]) if data.get("price") else None
            side = Side(data["side"])
        except (KeyError, ValueError, InvalidOperation):
            raise Refusal("INVALID") from None
        instrument = data["instrument"]
        if side is Side.SELL and size > self._stock(account, instrument):
            raise Refusal("FUNDS")  # what is not there cannot be sold
        rests = TimeInForce.GOOD_TILL_TIME
        order = Order("", data["client_order_id"], account, instrument, side, size, price, rests)
        taken = self.exchange.submit(order)
        return self.exchange.order(account, order_id=taken.order_id)

    def _stock(self, account, instrument):
        """What is left of the base currency, of which the account had STOCK when it was opened."""
        selling = (
            order.remaining
            for order in self.exchange.open_orders(account)
            if order.side is Side.SELL and order.instrument == instrument
        )
        return STOCK + self.exchange.position(account, instrument).size - sum(selling)


def named(data):
    """The order that a request is about, as far as it says so and can be read."""
    ids = {name: data.get(name) for name in ("order_id", "client_order_id")}
    if not any(ids.values()):
        return None
    try:
        size, price = (Decimal(data[name]) if data.get(name) else None for name in ("size", "price"))
        side = Side(data["side"]) if "side" in data else None
    except (ValueError, InvalidOperation):
        return Named(**ids)
    return Named(**ids, instrument=data.get("instrument"), side=side, size=size, limit_price=price)


def seen(quote, fault):
    """The quote as it is served."""
    match fault and fault.action:
        case Action.EMPTY_QUOTE:
            return replace(quote, bid_price=None, ask_price=None, bid_size=ZERO, ask_size=ZERO)
        case Action.CROSSED_QUOTE:
            return replace(quote, bid_price=quote.ask_price, ask_price=quote.bid_price)
        case Action.STALE_QUOTE:
            return replace(quote, utc_ns=quote.utc_ns - fault.age_ms * 1_000_000)
    return quote


def ids(data):
    return {name: data.get(name) for name in ("order_id", "client_order_id")}


def vars_of(thing):
    return {name: getattr(thing, name) for name in type(thing).__dataclass_fields__ if name != "tags"}
