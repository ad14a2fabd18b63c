"""The judge of the probe `bbo`: what the client hands out, held against what the venue served."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from diag.bounds import Bounds
from diag.conduct.judge import Judge
from diag.conduct.spread import BPS, in_bps, in_ms, percentile, plain, quoted_spread
from diag.mistakes import whatever_is_given
from diag.record import Event
from diag.record.kinds import client, probe, venue
from diag.verdict import CITED, Check, Evidence, Judgement, Outcome

NAME = "bbo"
SERVED = "as the venue served it"  # said of a failure that is none of the client's
SKEW_NS = 1_000_000_000  # a quote from so far in the future means that one of the clocks is wrong
# Mistakes in the client, whatever the venue served. (Those of a user's client stand in the message.)
MISTAKES = whatever_is_given()
PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN
_GONE = 2  # rounds on end without an answer, after which a source has dropped out


@dataclass(frozen=True, slots=True)
class Served:
    """A quote as the venue served it."""

    where: str
    prices: tuple[object, ...]
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A quote as the client handed it out; `served` is the row of the venue that it equals."""

    where: str
    via: str
    bid: Decimal | None
    bid_size: Decimal | None  # None: the client does not say
    ask: Decimal | None
    ask_size: Decimal | None
    latency_ns: int
    at_socket: bool
    age_ns: int | None  # None: neither stamp nor ledger tells
    served: Served | None

    def cite(self, text: str) -> Evidence:
        return Evidence(self.served.where if self.served else self.where, text)

    @property
    def shown(self) -> str:
        bid, ask = ("none" if price is None else plain(price) for price in (self.bid, self.ask))
        return f"{bid} / {ask}"


@dataclass(slots=True)
class Samples:
    """What the record holds of the probe."""

    tick_size: Decimal = Decimal(0)
    has_ledger: bool = False
    asked: int = 0
    quotes: list[Sample] = field(default_factory=list)
    others: list[Sample] = field(default_factory=list)  # of the single sources, in rounds
    broken: list[Evidence] = field(default_factory=list)  # single sources without an answer, or a reason
    without: dict[str, list[Evidence]] = field(default_factory=dict)  # by source: rounds since it answered
    excused: list[Evidence] = field(default_factory=list)  # no quote, and the ledger says why
    failed: list[Evidence] = field(default_factory=list)  # no quote, and no reason for it


class BboJudge(Judge):
    """The best bid and offer as the client hands it out, held against what the venue served."""

    needs = (probe.Run, probe.Ask, venue.Quote, venue.Fault, client.Quote, client.Error)

    def __init__(self) -> None:
        self.samples = Samples()
        self._run: probe.Run | None = None
        self._recent: deque[Served] = deque(maxlen=2)  # served before the sample began
        self._window: list[Served] = []  # served since
        self._reasons: list[Evidence] = []
        self._is_asking = False

    def take(self, event: Event) -> None:
        match event:
            case probe.Run():
                self._run = event
                self.samples.tick_size = event.tick_size
                self.samples.has_ledger = event.ledger
            case probe.Ask():
                self.samples.asked += event.via == NAME
                self._recent.extend(self._window)
                self._window, self._reasons, self._is_asking = [], [], True
            case venue.Quote() if self._concerns(event):
                served = Served(event.where, _prices(event), event.monotonic_ns)
                if not self._is_asking:
                    self._recent.append(served)
                    return
                self._window.append(served)
                if reason := _unusable(event):
                    self._reasons.append(Evidence(event.where, reason))
            case venue.Fault() if self._is_asking:
                self._reasons.append(Evidence(event.where, f"fault: {event.name}"))
            case client.Quote():
                sample = _sample(event, [*self._recent, *self._window])
                (self.samples.quotes if sample.via == NAME else self.samples.others).append(sample)
                self.samples.without.pop(sample.via, None)
                self._is_asking = False
            case client.Error() if event.during != "work_order":
                self._failed(event)

    def _concerns(self, quote: venue.Quote) -> bool:
        run = self._run
        return run is not None and (quote.venue, quote.instrument) == (run.venue, run.instrument)

    def _failed(self, error: client.Error) -> None:
        cause = f"{error.type}: {error.message}"
        reasons = self._reasons
        if any(f"{mistake}: " in cause for mistake in MISTAKES):
            reasons = []
        if error.during != NAME:
            cited = Evidence(error.where, f"{error.during}: {cause}")
            if not reasons:
                self.samples.broken.append(cited)
            self.samples.without.setdefault(error.during, []).append(cited)
        elif reasons:
            excuse = Evidence(reasons[-1].where, f"{reasons[-1].text}; {cause}")
            self.samples.excused.append(excuse)
        else:
            self.samples.failed.append(Evidence(error.where, cause))
        self._is_asking = False

    def checks(self, bounds: Bounds) -> list[Check]:
        """Every check of the probe; not shown where there is no sample to show it."""
        if self._run is None or NAME not in self._run.probes:
            return []
        samples = self.samples
        named = [each for each in CHECKS if each[0] != "size" or _tells_sizes(samples)]
        if samples.has_ledger:
            named.append(TRUE)
        if samples.others or samples.without:
            named.append(AGREEMENT)
        return [Check(f"{NAME}.{name}", title, *check(samples, bounds)) for name, title, check in named]


def _tells_sizes(samples: Samples) -> bool:
    """A client may hand out prices alone; then there is nothing to judge."""
    told = (sample.bid_size is not None or sample.ask_size is not None for sample in samples.quotes)
    return not samples.quotes or any(told)


def _prices(quote: venue.Quote | client.Quote) -> tuple[object, ...]:
    """What is compared: prices, and the sizes of the sides that are there."""
    bid, ask = quote.bid_price, quote.ask_price
    return bid, ask, quote.bid_size if bid else None, quote.ask_size if ask else None


def _unusable(quote: venue.Quote) -> str:
    """Why nobody could have made a BBO of this quote."""
    bid, ask = quote.bid_price, quote.ask_price
    if bid is None or ask is None:
        return "the venue served an empty side"
    return f"the venue served a crossed quote, {plain(bid)} / {plain(ask)}" if bid >= ask else ""


def _sample(quote: client.Quote, served: list[Served]) -> Sample:
    prices = _prices(quote)
    found = next((each for each in reversed(served) if _same(prices, each.prices)), None)
    age_ns = None if found is None else quote.monotonic_ns - found.monotonic_ns
    return Sample(
        where=quote.where,
        via=quote.via,
        bid=quote.bid_price,
        bid_size=quote.bid_size,
        ask=quote.ask_price,
        ask_size=quote.ask_size,
        latency_ns=quote.elapsed_ns if quote.wire_ns is None else quote.wire_ns,
        at_socket=quote.wire_ns is not None,
        age_ns=age_ns if quote.stamp_ns is None else quote.utc_ns - quote.stamp_ns,
        served=found,
    )


def _same(told: tuple[object, ...], served: tuple[object, ...]) -> bool:
    """Equal in all that the client tells; the prices it always tells."""
    return told[:2] == served[:2] and all(
        mine is None or mine == theirs for mine, theirs in zip(told[2:], served[2:], strict=True)
    )


def _answered(samples: Samples, _: Bounds) -> Judgement:
    """A refusal counts against the client unless the ledger holds the reason for it."""
    observed = f"{len(samples.quotes)} of {samples.asked}"
    bound = "all that the venue made possible"
    if samples.excused:
        observed += f", {len(samples.excused)} refused for a reason"
    if samples.failed:
        return FAIL, f"{observed}: {samples.failed[0].text}", bound, tuple(samples.failed[:CITED])
    if not samples.quotes:
        return NOT_SHOWN, observed, bound, tuple(samples.excused[:CITED])
    return PASS, observed, bound, tuple(samples.excused[:CITED]) or (samples.quotes[0].cite("the first"),)


def _latency(samples: Samples, bounds: Bounds) -> Judgement:
    bound = f"p95 <= {bounds.max_latency_p95_ms} ms"
    if not samples.quotes:
        return NOT_SHOWN, "no samples", bound, ()
    ranked = sorted(samples.quotes, key=lambda sample: sample.latency_ns)
    p50, p95, p99 = (percentile([s.latency_ns for s in ranked], percent) for percent in (50, 95, 99))
    where = "at the socket" if all(sample.at_socket for sample in ranked) else "around the call"
    observed = f"p50 {in_ms(p50)}, p95 {in_ms(p95)}, p99 {in_ms(p99)} {where}, {len(ranked)} samples"
    within = Decimal(p95) / 1_000_000 <= bounds.max_latency_p95_ms
    return (
        (PASS if within else FAIL),
        observed,
        bound,
        (ranked[-1].cite(f"{in_ms(ranked[-1].latency_ns)}, the slowest"),),
    )


def _uncrossed(samples: Samples, _: Bounds) -> Judgement:
    both = [sample for sample in samples.quotes if sample.bid is not None and sample.ask is not None]
    crossed = [sample for sample in both if sample.bid >= sample.ask]  # type: ignore[operator]
    return _each(both, crossed, "bid < ask", "both sides")


def _on_tick(samples: Samples, _: Bounds) -> Judgement:
    tick = samples.tick_size
    priced = [sample for sample in samples.quotes if sample.bid is not None or sample.ask is not None]
    off = [s for s in priced if any(price is not None and price % tick for price in (s.bid, s.ask))]
    return _each(priced, off, f"multiples of {plain(tick)}", "a price")


def _sized(samples: Samples, _: Bounds) -> Judgement:
    sized: list[Sample] = []
    empty: list[Sample] = []
    for sample in samples.quotes:
        sizes = [
            size
            for price, size in ((sample.bid, sample.bid_size), (sample.ask, sample.ask_size))
            if price is not None and size is not None
        ]
        if sizes:
            sized.append(sample)
        if any(size <= 0 for size in sizes):
            empty.append(sample)
    return _each(sized, empty, "size > 0", "a price and its size")


def _each(samples: list[Sample], wrong: list[Sample], bound: str, what: str) -> Judgement:
    """All of them must keep to the bound, and there must be one at least."""
    if not samples:
        return NOT_SHOWN, f"no quote with {what}", bound, ()
    observed = f"{len(samples) - len(wrong)} of {len(samples)}"
    if wrong:
        observed += f"; {wrong[0].shown}{_whose(wrong)}"
        return FAIL, observed, bound, tuple(s.cite(s.shown) for s in wrong[:CITED])
    return PASS, observed, bound, (samples[0].cite(samples[0].shown),)


def _whose(wrong: list[Sample]) -> str:
    """A client that hands on what it was served is not the one to mend."""
    return f", {SERVED}" if all(sample.served for sample in wrong) else ""


def _age(samples: Samples, bounds: Bounds) -> Judgement:
    """By the stamp of the venue against the clock of this machine; by the ledger if the client has none."""
    bound = f"<= {bounds.max_age_ms} ms"
    ages = [
        (sample.age_ns, number) for number, sample in enumerate(samples.quotes) if sample.age_ns is not None
    ]
    if not ages:
        return NOT_SHOWN, "no quote whose time is known", bound, ()
    (least_ns, youngest), (most_ns, eldest) = min(ages), max(ages)
    newest, oldest = samples.quotes[youngest], samples.quotes[eldest]
    if least_ns < -SKEW_NS:
        observed = f"clock skew: a quote from {-least_ns / 1e9:.1f} s in the future; set the clock (NTP)"
        return NOT_SHOWN, observed, bound, (newest.cite(newest.shown),)
    within = Decimal(most_ns) / 1_000_000 <= bounds.max_age_ms
    observed = f"{in_ms(max(0, most_ns))} at most"
    if not within:
        observed += _whose([oldest])
    return (
        (PASS if within else FAIL),
        observed,
        bound,
        (oldest.cite(f"{in_ms(max(0, most_ns))}, the oldest"),),
    )


def _quoted_spread(samples: Samples, bounds: Bounds) -> Judgement:
    bound = f"p95 <= {bounds.max_quoted_spread_p95_bps} bps"
    spreads = sorted(
        (quoted_spread(sample.bid, sample.ask).bps, sample.ask - sample.bid, number)
        for number, sample in enumerate(samples.quotes)
        if sample.bid is not None and sample.ask is not None
    )
    if not spreads:
        return NOT_SHOWN, "no quote with both sides", bound, ()
    p50, p95 = (percentile([bps for bps, _, _ in spreads], percent) for percent in (50, 95))
    widest_bps, widest, number = spreads[-1]
    observed = f"p50 {in_bps(p50)}, p95 {in_bps(p95)}, max {in_bps(widest_bps)} ({plain(widest)})"
    sample = samples.quotes[number]
    return (
        (PASS if p95 <= bounds.max_quoted_spread_p95_bps else FAIL),
        observed,
        bound,
        (sample.cite(sample.shown),),
    )


def _true(samples: Samples, _: Bounds) -> Judgement:
    """Equal, in prices and sizes, to a quote that the venue served for it or as one of the two before."""
    every = [*samples.quotes, *samples.others]
    untrue = [sample for sample in every if sample.served is None]
    return _each(every, untrue, "equal to a quote just served", "a price")


def _agreement(samples: Samples, bounds: Bounds) -> Judgement:
    """The distance between the same side of two sources in one round."""
    bound = f"<= {bounds.max_disagreement_bps} bps"
    if samples.broken:
        return FAIL, f"no answer from {samples.broken[0].text}", bound, tuple(samples.broken[:CITED])
    apart: list[tuple[Decimal, Sample, Sample]] = []
    last: dict[str, Sample] = {}
    for sample in samples.others:
        for other in last.values():
            if other.via != sample.via:
                pairs = ((sample.bid, other.bid), (sample.ask, other.ask))
                distances = [abs(a - b) / b * BPS for a, b in pairs if a is not None and b]
                if distances:
                    apart.append((max(distances), other, sample))
        last[sample.via] = sample
    gone = {via: cited for via, cited in samples.without.items() if via not in last or len(cited) >= _GONE}
    if not apart:
        cited = tuple(each[-1] for each in gone.values())[:CITED]
        return NOT_SHOWN, "no two sources with a price", bound, cited
    most, one, other = max(apart, key=lambda item: item[0])
    if gone and most <= bounds.max_disagreement_bps:
        observed = f"{', '.join(gone)} dropped out; {in_bps(most)} at most between the others"
        return NOT_SHOWN, observed, bound, tuple(each[-1] for each in gone.values())[:CITED]
    observed = f"{in_bps(most)} at most between {', '.join(last)}"
    cited = tuple(sample.cite(f"{sample.via}: {sample.shown}") for sample in (one, other))
    return (PASS if most <= bounds.max_disagreement_bps else FAIL), observed, bound, cited


Measure = Callable[[Samples, Bounds], Judgement]

CHECKS: tuple[tuple[str, str, Measure], ...] = (
    ("answered", "answered", _answered),
    ("latency", "latency", _latency),
    ("uncrossed", "bid below ask", _uncrossed),
    ("tick", "on the tick", _on_tick),
    ("size", "size at both prices", _sized),
    ("age", "age", _age),
    ("quoted_spread", "quoted spread", _quoted_spread),
)
TRUE: tuple[str, str, Measure] = ("true", SERVED, _true)
AGREEMENT: tuple[str, str, Measure] = ("agreement", "agreement", _agreement)
