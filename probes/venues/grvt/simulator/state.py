"""The venue without its network: what requests read and change, and what streams show."""

from decimal import Decimal

from diag.record import Journal
from probes.market.clock import Clock, Timer
from probes.market.exchange import Exchange
from probes.market.faults import Fault, Faults
from probes.market.latency import LatencyModel
from probes.market.ledger import Ledger
from probes.market.rate_limit import RateLimits
from probes.market.scenario import Scenario
from probes.venues.grvt import NAME
from probes.venues.grvt.instruments import LISTINGS
from probes.venues.grvt.names import NAMES
from probes.venues.grvt.refusals import REFUSALS
from probes.venues.grvt.simulator.account_history import AccountHistory
from probes.venues.grvt.simulator.quotes import Quotes
from probes.venues.grvt.simulator.sessions import Sessions
from probes.venues.grvt.wire import Json

CASH = Decimal(1_000_000)  # USDT, in each account at the start


class State:
    """Market, accounts, sessions and faults. It knows no transport; all of it lives in one event loop."""

    def __init__(self, scenario: Scenario, seed: int, journal: Journal, clock: Clock) -> None:
        self.scenario = scenario
        self.clock = clock
        self.ledger = Ledger(journal, NAME, REFUSALS)
        self.faults = Faults(scenario.faults, NAMES)
        self.rate_limits = RateLimits(scenario.rate_limit, NAMES, clock)
        self.latency = LatencyModel(scenario.latency, NAMES, seed)
        instruments = [listing.instrument for listing in LISTINGS.values()]
        self.exchange = Exchange.in_scenario(instruments, scenario, seed, self.ledger, clock)
        self.sessions = Sessions(seed, clock)
        for account in self.sessions.by_sub_account:
            self.exchange.open_account(account, CASH)
        self.quotes = Quotes(self.exchange, self.ledger, clock, scenario.faults)
        self.builders: dict[str, dict[str, Json]] = {}
        self.leverages: dict[tuple[str, str], int] = {}
        self.countdowns: dict[str, Timer] = {}
        self.fault: Fault | None = None
        """What befalls the request that is worked right now."""
        self.history = AccountHistory(self.exchange, tuple(self.sessions.by_sub_account), scenario.faults)
        self.view: Exchange | AccountHistory = self.exchange
        """Where queries read the state of accounts: the exchange, or how it stood before."""

    def leverage(self, account: str, instrument: str) -> int:
        return self.leverages.get((account, instrument), LISTINGS[instrument].max_leverage)
