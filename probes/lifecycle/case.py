"""A case: one numbered thing that a client of a venue has to do right, and how it is shown."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from probes.market.dynamics import Dynamics
from probes.market.faults import Fault
from probes.market.scenario import Scenario
from probes.venue import Feature

if TYPE_CHECKING:
    from probes.lifecycle.case_run import CaseRun

_OF_METHODS = {
    "fetch_candles": Feature.CANDLES,
    "fetch_equity": Feature.EQUITY,
    "watch_quotes": Feature.QUOTE_STREAM,
    "watch_book": Feature.BOOK_STREAM,
    "watch_trades": Feature.TRADE_STREAM,
    "watch_candles": Feature.CANDLE_STREAM,
    "watch_orders": Feature.ORDER_STREAM,
    "watch_fills": Feature.FILL_STREAM,
    "watch_positions": Feature.POSITION_STREAM,
}
Steps = Callable[["CaseRun"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """What it needs, what it does, which events must follow, when it passes, when it is skipped.

    `needs` are methods of `probes.client.Trader`; a client that lacks one has the case skipped. `features`
    are what the venue must have got for the instrument, those of the methods among them. `events` are rows of
    the venue's ledger that must follow one another (others may stand between): `order open`, `fill`,
    `refused`. A case with `faults` or `dynamics` needs a venue that can be told so: the simulator.
    """

    number: str
    title: str
    needs: tuple[str, ...]
    does: str
    passes: str
    events: tuple[str, ...]
    faults: tuple[Fault, ...]
    dynamics: Dynamics | None
    simulated: str
    private: bool
    features: frozenset[Feature]
    steps: Steps

    @property
    def places_orders(self) -> bool:
        return self.number.startswith("E")

    @property
    def only_simulated(self) -> str:
        """Why no real venue will do; empty when one does."""
        if self.faults:
            return "needs a venue that can be told what goes wrong"
        if self.dynamics is not None and self.places_orders:
            return "needs a market that moves as told"
        return self.simulated

    @property
    def skipped(self) -> str:
        """When it is skipped, beside for a method in `needs` that the client lacks."""
        if self.only_simulated:
            return f"real venue: {self.only_simulated}"
        return "real venue, orders not armed" if self.private else "never"

    def scenario(self, base: Scenario) -> Scenario:
        """The market that it wants, on the ground of another one, whose faults it leaves out.

        With faults of others the failure of a case would not show a defect of the client.
        """
        tradable = base.dynamics if base.expects == "success" else Dynamics()
        return replace(base, faults=self.faults, dynamics=self.dynamics or tradable)


CASES: dict[str, Case] = {}


def case(
    number: str,
    title: str,
    *,
    does: str,
    passes: str,
    needs: tuple[str, ...] = (),
    events: tuple[str, ...] = (),
    faults: tuple[Fault, ...] = (),
    dynamics: Dynamics | None = None,
    simulated: str = "",
    private: bool = False,
    features: tuple[Feature, ...] = (),
) -> Callable[[Steps], Steps]:
    """Enter the function below as the steps of a case. `simulated` says why no real venue will do.

    `features` are those that do not follow from the methods in `needs`.

    `private` cases need credentials, which are used at a real venue only where orders are armed; execution
    cases always do.
    """

    def enter(steps: Steps) -> Steps:
        if number in CASES:
            raise ValueError(f"two cases have the number {number}")
        CASES[number] = Case(
            number=number,
            title=title,
            needs=needs,
            does=does,
            passes=passes,
            events=events,
            faults=faults,
            dynamics=dynamics,
            simulated=simulated,
            private=private or number.startswith("E"),
            features=frozenset((*features, *(_OF_METHODS[name] for name in needs if name in _OF_METHODS))),
            steps=steps,
        )
        return steps

    return enter
