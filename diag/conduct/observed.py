"""What the hooks in the user's program saw, judged: `awaits`, `coroutines`, `swallowed`, `stalls`, `outside`.

Reads the rows of source `child`, which `diag.observe.run` writes. Without its `started` row nothing was
observed, and everything is *not shown*.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from diag.bounds import Bounds
from diag.conduct.judge import Judge
from diag.record import Event
from diag.record.kinds import child, client, probe
from diag.verdict import CITED, Check, Evidence, Judgement, Outcome

NAME = "observed"
_SHORTEST_MS = 1000.0  # a share of less time than this says little
_MOST_LATE_PERCENT = 50.0  # of the time, beyond which a machine is too busy to show anything
_KILLED = -9  # it had to be, for it did not end when it was asked to
PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN

_FOREIGN = re.compile(r"[/\\](site-packages|dist-packages|lib[/\\]python3)|[/\\]Lib[/\\]|^<")


@dataclass(slots=True)
class Site:
    """One place in the user's code, how often it happened there, and the row that told of it first."""

    where: str
    text: str
    count: int = 0

    def cite(self) -> Evidence:
        times = f" ({self.count} times)" if self.count > 1 else ""
        return Evidence(self.where, f"{self.text}{times}")


@dataclass(slots=True)
class Observation:
    """All that was seen in one run of the user's program, summed per place."""

    ended_ns: int = 0
    end: child.Exit | None = None
    has_hooks: bool = False
    """Whether they have reported anything: what they do not see is not there to be judged."""
    awaits: dict[str, Site] = field(default_factory=dict)
    forgotten: dict[str, Site] = field(default_factory=dict)
    swallowed: dict[str, Site] = field(default_factory=dict)
    handled: dict[str, Site] = field(default_factory=dict)
    raised_again: Counter[str] = field(default_factory=Counter)
    """How often what was caught or taken went on from there; the keys are those of `swallowed`."""
    stalled_ms: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    longest_ms: float = 0.0
    stalls: dict[str, Site] = field(default_factory=dict)
    refused: dict[str, Site] = field(default_factory=dict)
    unseen: child.NoWayOut | None = None
    """Attempts to get out that the hooks did not see."""

    at_work: list[tuple[int, int]] = field(default_factory=list)
    """From when to when a probe had the client at work; empty when no probe did."""
    stall_times: list[tuple[int, float, float]] = field(default_factory=list)
    """When each long callback ended, how many ms of it were its doing, and how many the machine's."""
    runs: list[tuple[int, int]] = field(default_factory=list)
    """From when to when loops ran, of each process."""
    running: dict[int, int] = field(default_factory=dict)
    """The processes whose loops run, and since when."""
    unwatched: set[str] = field(default_factory=set)
    """Whose loops ran that nobody could time."""

    def loop_share(self) -> tuple[float, float]:
        """How many per cent of the time its loops ran (or a probe had it at work) they were held up, and how
        many the machine let them wait in long callbacks.
        """
        spans = self.at_work or [*self.runs, *((since, self.ended_ns) for since in self.running.values())]
        within = [
            (ms, late_ms)
            for at_ns, ms, late_ms in self.stall_times
            if any(begin <= at_ns <= end for begin, end in spans)
        ]
        held_ms, late_ms = sum(ms for ms, _ in within), sum(late_ms for _, late_ms in within)
        ran_ms = sum(end - begin for begin, end in spans) / 1e6
        worked_ms = max(ran_ms - late_ms, _SHORTEST_MS)
        return min(100.0, 100 * held_ms / worked_ms), min(100.0, 100 * late_ms / max(ran_ms, _SHORTEST_MS))


def _take(seen: Observation, event: child.ChildEvent) -> None:
    match event:
        case child.AwaitFault():
            text = f"{event.how} of a {event.type} at {short(event.place)}"
            _count(seen.awaits, event.place, event, text, event.count)
        case child.NeverAwaited():
            made = f"made at {short(event.made)}" if event.made else f"defined at {short(event.defined)}"
            text = f"{event.coroutine}() {made} was never awaited"
            _count(seen.forgotten, f"{event.made} {event.coroutine}", event, text, event.count)
        case child.Caught():
            text = (
                f"{event.error} ({event.text[:200]}) raised at "
                f"{short(event.raised_in_user_code or event.raised)}, "
                f"hidden by the handler of {event.catches} at {short(event.handler)}"
            )
            _count(
                seen.swallowed if event.is_broad else seen.handled, _catch(event), event, text, event.count
            )
        case child.RaisedAgain():
            seen.raised_again[_catch(event)] = event.count
        case child.Taken():
            text = (
                f"{event.error} ({event.text[:200]}) raised at "
                f"{short(event.raised_in_user_code or event.raised)}, taken by {short(event.by)}"
            )
            _count(
                seen.handled if event.is_named else seen.swallowed, _taken(event), event, text, event.count
            )
        case child.GivenBack():
            seen.raised_again[_taken(event)] = event.count
        case child.Stall():
            _stall(seen, event)
        case child.Late():
            seen.stall_times.append((event.at_ns, 0.0, event.ms))
        case child.Loop():
            if not event.is_watched:
                seen.unwatched.add(event.loop)
            elif event.runs:
                seen.running.setdefault(event.pid, event.at_ns)
            elif event.pid in seen.running:
                seen.runs.append((seen.running.pop(event.pid), event.at_ns))
        case child.Refused():
            line = _own_line(event.stack)
            place = f" by {short(line)}" if line else ""
            _count(seen.refused, event.target, event, f"{event.target}{place}", event.count)
        case child.NoWayOut():
            seen.unseen = event
        case child.Exit():
            seen.end = event


def _catch(event: child.Caught | child.RaisedAgain) -> str:
    """One error raised at one place and caught at another."""
    return f"{event.handler} {event.raised_in_user_code or event.raised} {event.error}"


def _taken(event: child.Taken | child.GivenBack) -> str:
    """One error raised at one place, and taken at another."""
    return f"{event.by} {event.left} {event.raised} {event.error}"


def _stall(seen: Observation, event: child.Stall) -> None:
    seen.longest_ms = max(seen.longest_ms, event.ms)
    seen.stall_times.append((event.at_ns, event.ms, event.late_ms))
    for part in event.parts or (child.Share(event.ms, ("unknown",)),):
        site = part.stack[-1]
        own = _own_line(part.stack) or site
        seen.stalled_ms[own] += part.ms
        via = "" if own == site else f", inside {short(site)}"
        _count(seen.stalls, own, event, f"{short(own)}{via}", 0)


def _count(sites: dict[str, Site], key: str, event: child.ChildEvent, text: str, count: int) -> None:
    site = sites.setdefault(key, Site(event.where, text))
    site.count = max(site.count + 1, count)


def _own_line(stack: Sequence[str]) -> str | None:
    """The innermost line of a stack that is neither a library's nor Python's own."""
    return next((line for line in reversed(stack) if not _FOREIGN.search(line)), None)


def short(place: object) -> str:
    """`folder/file.py:12 function` of a longer path: enough to find it."""
    path, colon, rest = str(place).partition(":")
    return "/".join(PurePath(path).parts[-2:]) + colon + rest


class ObservedJudge(Judge):
    """Every check of an observed program; all not shown when one was to be observed and none was."""

    needs = (probe.Run, probe.Ask, probe.Plan, client.ClientEvent, child.ChildEvent)

    def __init__(self) -> None:
        self.seen: Observation | None = None
        self._run: probe.Run | None = None
        self._work_began_ns = 0

    def take(self, event: Event) -> None:
        match event:
            case probe.Run():
                self._run = event
            case probe.Ask() | probe.Plan():
                self._work_began_ns = event.monotonic_ns
            case client.ClientEvent() if self._work_began_ns and self.seen is not None:
                self.seen.at_work.append((self._work_began_ns, event.monotonic_ns))
                self._work_began_ns = 0
            case child.ChildEvent():
                if isinstance(event, child.Started) and self.seen is None:
                    self.seen = Observation(event.monotonic_ns)
                if self.seen is not None:
                    self.seen.ended_ns = event.monotonic_ns
                    self.seen.has_hooks |= isinstance(event, child.Report)
                    _take(self.seen, event)

    def checks(self, bounds: Bounds) -> list[Check]:
        if self.seen is None and (self._run is None or self._run.client is None):
            return []
        checks = []
        for name, title, check in CHECKS:
            outcome, observed, bound, evidence = (
                check(self.seen, bounds)
                if self.seen is not None
                else (NOT_SHOWN, "no program was observed", "", ())
            )
            if self.seen is not None and not self.seen.has_hooks and name != "ended" and outcome is PASS:
                outcome, observed, evidence = NOT_SHOWN, "the hooks never came on board", ()
            checks.append(Check(f"{NAME}.{name}", title, outcome, observed, bound, evidence))
        return checks


def _none(sites: Mapping[str, Site], bound: str) -> Judgement:
    if not sites:
        return PASS, "none", bound, ()
    total = sum(site.count for site in sites.values())
    observed = f"{total} at {len(sites)} place{'s' if len(sites) > 1 else ''}"
    return FAIL, observed, bound, tuple(site.cite() for site in list(sites.values())[:CITED])


def _ended(seen: Observation, _: Bounds) -> Judgement:
    bound = "exit code 0, or stopped from outside without being killed"
    if seen.end is None:
        return NOT_SHOWN, "the record ends before the program", bound, ()
    how, code = seen.end.how, seen.end.code
    fine = code == 0 if how == "exited" else how in ("timed out", "interrupted") and code != _KILLED
    return (PASS if fine else FAIL), f"{how}, exit code {code}", bound, (Evidence(seen.end.where, "the end"),)


def _awaits(seen: Observation, _: Bounds) -> Judgement:
    return _none(seen.awaits, "no await of what is not awaitable")


def _coroutines(seen: Observation, _: Bounds) -> Judgement:
    return _none(seen.forgotten, "every coroutine awaited")


def _swallowed(seen: Observation, _: Bounds) -> Judgement:
    hidden = {
        key: replace(site, count=site.count - seen.raised_again[key])
        for key, site in seen.swallowed.items()
        if site.count > seen.raised_again[key]
    }
    return _none(hidden, "no mistake hidden by a broad handler, none lost in a library")


def _stalls(seen: Observation, bounds: Bounds) -> Judgement:
    percent, late_percent = seen.loop_share()
    bound = f"<= {bounds.max_blocked_percent} % of the time, {bounds.max_stall_ms} ms at a stretch"
    observed = f"{percent:.0f} %, longest {seen.longest_ms:.0f} ms" if seen.stalls else "no stall"
    outcome = PASS
    if percent > bounds.max_blocked_percent or seen.longest_ms > bounds.max_stall_ms:
        outcome = FAIL
    elif seen.unwatched:
        outcome = NOT_SHOWN
        observed = f"loops of {', '.join(sorted(seen.unwatched))} ran, whose callbacks cannot be timed"
    elif late_percent > _MOST_LATE_PERCENT:
        outcome = NOT_SHOWN
        observed += f"; the machine was too busy: {late_percent:.0f} % of the time it let the loop wait"
    elif not (seen.runs or seen.running):
        observed = "no event loop ran"
    cited = []
    longest = sorted(seen.stalled_ms.items(), key=lambda item: item[1], reverse=True)
    for key, stalled_ms in longest[:CITED]:
        site = seen.stalls[key]
        cited.append(Evidence(site.where, f"{stalled_ms:.0f} ms in {site.count} at {site.text}"))
    return outcome, observed, bound, tuple(cited)


def _outside(seen: Observation, _: Bounds) -> Judgement:
    """What was refused shows nothing of what the program would have done there."""
    outcome, observed, _unused, cited = _none(seen.refused, "")
    if seen.unseen is not None:
        text = f"{seen.unseen.attempts} attempts that only the network namespace saw"
        observed = text if outcome is PASS else f"{observed}, and {text}"
        cited = (*cited[: CITED - 1], Evidence(seen.unseen.where, text))
        outcome = FAIL
    return (NOT_SHOWN if outcome is FAIL else PASS), observed, "nothing but simulated venues needed", cited


CHECKS: tuple[tuple[str, str, Callable[[Observation, Bounds], Judgement]], ...] = (
    ("ended", "the program ended as it should", _ended),
    ("awaits", "only awaitables are awaited", _awaits),
    ("coroutines", "no coroutine is forgotten", _coroutines),
    ("swallowed", "no mistake is hidden", _swallowed),
    ("stalls", "the event loop is kept free", _stalls),
    ("outside", "nothing outside was needed", _outside),
)
