"""GRVT, as the commands and probes see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diag.record.trading import Refusal
from probes.credentials import Credentials as Named
from probes.credentials import Secret, Variable
from probes.market.clock import Clock
from probes.market.order import Instrument
from probes.market.scenario import Scenario
from probes.venue import Adapter, Permit, Venue
from probes.venues.grvt import NAME
from probes.venues.grvt.environments import CANCEL_BLOCK_MS, HOSTS, REAL, Environment, simulated
from probes.venues.grvt.names import NAMES

if TYPE_CHECKING:
    from diag.record import Journal
    from probes.venues.grvt.client import GrvtClient
    from probes.venues.grvt.credentials import Credentials
    from probes.venues.grvt.simulator.app import Simulator


@dataclass(frozen=True, slots=True)
class GrvtAccess:
    """One environment of GRVT."""

    environment: Environment
    credentials: "Credentials | None"
    secrets: tuple[Secret, ...] = ()

    def client(self, *, permit: Permit | None = None, seed: int | None = None) -> "GrvtClient":
        from probes.venues.grvt.client import GrvtClient

        return GrvtClient(self.environment, self.credentials, permit=permit, seed=seed)


class Grvt(Venue):
    name = NAME
    title = "GRVT"
    about = (
        "Modelled on the API description, the SDK and ccxt, not on the live venue; docs/grvt-simulator.md."
    )
    environments = tuple(REAL)
    hosts = HOSTS
    client_order_ids = range(2**63, 2**64)
    wire_names = NAMES
    cancel_block_ms = CANCEL_BLOCK_MS
    adapters = (Adapter("grvt_pysdk", Path(__file__).parent / "adapters" / "grvt_pysdk.py", ("pysdk",)),)

    @property
    def variables(self) -> tuple[Variable, ...]:
        from probes.venues.grvt.credentials import VARIABLES

        return VARIABLES

    @property
    def refusals(self) -> Mapping[str, Refusal]:
        from probes.venues.grvt.refusals import REFUSALS

        return REFUSALS

    def simulator(
        self,
        scenario: Scenario,
        seed: int,
        journal: "Journal",
        *,
        step_ms: int | None = None,
        clock: Clock | None = None,
    ) -> "Simulator":
        from probes.venues.grvt.simulator.app import Simulator

        return Simulator(scenario, seed, journal, free_running_ms=step_ms, clock=clock)

    def at_simulator(self, url: str, ca_file: Path | None, credentials: Named) -> GrvtAccess:
        return self._access(simulated(url, ca_file), credentials)

    def at_real(self, environment: str, credentials: Named | None) -> GrvtAccess:
        return self._access(REAL[environment], credentials)

    def client_names(self, instrument: Instrument) -> Mapping[str, str]:
        return {"ccxt": f"{instrument.base}/{instrument.quote}:{instrument.quote}"}

    @staticmethod
    def _access(environment: Environment, named: Named | None) -> GrvtAccess:
        from probes.venues.grvt.credentials import Credentials

        if named is None:
            return GrvtAccess(environment, None)
        return GrvtAccess(environment, Credentials.read(named), tuple(named.values()))
