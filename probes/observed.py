"""What the hooks in the user's program saw, judged: `awaits`, `coroutines`, `swallowed`, `stalls`, `outside`.

Reads the rows of source `child`, which `diag.observe.run` writes. Without its `started` row nothing was
observed, and everything is *not shown*.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from diag.bounds import Bounds
from diag.record import Event
from diag.verdict import CITED, Check, Evidence, Judgement, Outcome

NAME = "observed"
PASS, FAIL, NOT_SHOWN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_SHOWN

_FOREIGN = re.compile(r"[/\\](site-packages|dist-packages|lib[/\\]python3)|[/\\]Lib[/\\]|^<")

_BROAD = frozenset(("*", "Exception", "BaseException", "suppress"))


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

    began_ns: int = 0
    ended_ns: int = 0
    end: tuple[str, str, int] | None = None
    """The row of its end, how it ended, and its exit code."""
    awaits: dict[str, Site] = field(default_factory=dict)
    forgotten: dict[str, Site] = field(default_factory=dict)
    swallowed: dict[str, Site] = field(default_factory=dict)
    handled: dict[str, Site] = field(default_factory=dict)
    raised_again: Counter[str] = field(default_factory=Counter)
    """How often what a handler caught went on from there; the keys are those of `swallowed`."""
    stalled_ms: Counter[str] = field(default_factory=Counter)
    longest_ms: float = 0.0
    stalls: dict[str, Site] = field(default_factory=dict)
    refused: dict[str, Site] = field(default_factory=dict)

    asked: list[tuple[int, int]] = field(default_factory=list)
    """From when to when a probe had the client at work; empty when no probe did."""
    held: list[tuple[int, float]] = field(default_factory=list)
    """When each stall ended, and how many ms it took."""

    @property
    def blocked_percent(self) -> float:
        """How much of its working time (its life, if no probe asked) its event loop was held up."""
        spans = self.asked or [(self.began_ns, self.ended_ns)]
        worked_ms = sum(end - begin for begin, end in spans) / 1e6
        held_ms = sum(ms for at_ns, ms in self.held if any(begin <= at_ns <= end for begin, end in spans))
        return min(100.0, 100 * held_ms / worked_ms) if worked_ms > 0 else 0.0


def observe(events: Iterable[Event]) -> Observation | None:
    """Read a record; None if no program was observed in it."""
    seen: Observation | None = None
    asked_ns = 0
    for event in events:
        if event.source == "probe" and event.kind in ("ask", "plan"):
            asked_ns = event.monotonic_ns
        elif event.source == "client" and asked_ns and seen is not None:
            seen.asked.append((asked_ns, event.monotonic_ns))
            asked_ns = 0
        if event.source != "child":
            continue
        if event.kind == "started" and seen is None:
            seen = Observation(event.monotonic_ns, event.monotonic_ns)
        if seen is not None:
            seen.ended_ns = event.monotonic_ns
            reader = _READERS.get(event.kind)
            if reader is not None:
                reader(seen, event.where, event.data)
    return seen


def _await_fault(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    text = f"{data['how']} of a {data['type']} at {short(data['where'])}"
    _count(seen.awaits, str(data["where"]), where, text, data)


def _never_awaited(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    made = f"made at {short(data['made'])}" if data["made"] else f"defined at {short(data['defined'])}"
    text = f"{data['coroutine']}() {made} was never awaited"
    _count(seen.forgotten, f"{data['made']} {data['coroutine']}", where, text, data)


def _caught(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    raised = data["raised_in_user_code"] or data["raised"]
    text = (
        f"{data['error']} ({str(data['text'])[:200]}) raised at {short(raised)}, "
        f"hidden by the handler of {data['catches']} at {short(data['handler'])}"
    )
    hides = not _BROAD.isdisjoint(str(data["catches"]).strip("()").split(", "))
    _count(seen.swallowed if hides else seen.handled, _catch(data), where, text, data)


def _raised_again(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    seen.raised_again[_catch(data)] = int(data["count"])


def _catch(data: Mapping[str, Any]) -> str:
    """One error raised at one place and caught at another."""
    return f"{data['handler']} {data['raised_in_user_code'] or data['raised']} {data['error']}"


def _stall(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    seen.longest_ms = max(seen.longest_ms, data["ms"])
    seen.held.append((int(data["at_ns"]), float(data["ms"])))
    for part in data["parts"] or [{"ms": data["ms"], "stack": ["unknown"]}]:
        site = part["stack"][-1]
        own = _own_line(part["stack"]) or site
        seen.stalled_ms[own] += part["ms"]
        via = "" if own == site else f", inside {short(site)}"
        _count(seen.stalls, own, where, f"{short(own)}{via}", {})


def _refused(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    line = _own_line(data["stack"])
    place = f" by {short(line)}" if line else ""
    _count(seen.refused, str(data["target"]), where, f"{data['target']}{place}", data)


def _exit(seen: Observation, where: str, data: Mapping[str, Any]) -> None:
    seen.end = (where, str(data["how"]), int(data["code"]))


_READERS: dict[str, Callable[[Observation, str, Mapping[str, Any]], None]] = {
    "await_fault": _await_fault,
    "never_awaited": _never_awaited,
    "caught": _caught,
    "raised_again": _raised_again,
    "stall": _stall,
    "refused": _refused,
    "exit": _exit,
}


def _count(sites: dict[str, Site], key: str, where: str, text: str, data: Mapping[str, Any]) -> None:
    site = sites.setdefault(key, Site(where, text))
    site.count = max(site.count + 1, int(data.get("count", 0)))


def _own_line(stack: Sequence[str]) -> str | None:
    """The innermost line of a stack that is neither a library's nor Python's own."""
    return next((line for line in reversed(stack) if not _FOREIGN.search(line)), None)


def short(place: object) -> str:
    """`folder/file.py:12 function` of a longer path: enough to find it."""
    path, colon, rest = str(place).partition(":")
    return "/".join(PurePath(path).parts[-2:]) + colon + rest


def judge(events: Iterable[Event], bounds: Bounds) -> list[Check]:
    """Every check of an observed program; all not shown when none was observed."""
    seen = observe(events)
    checks = []
    for name, title, check in CHECKS:
        outcome, observed, bound, evidence = (
            check(seen, bounds) if seen is not None else (NOT_SHOWN, "no program was observed", "", ())
        )
        checks.append(Check(f"{NAME}.{name}", title, outcome, observed, bound, evidence))
    return checks


def _none(sites: Mapping[str, Site], bound: str) -> Judgement:
    if not sites:
        return PASS, "none", bound, ()
    total = sum(site.count for site in sites.values())
    observed = f"{total} at {len(sites)} place{'s' if len(sites) > 1 else ''}"
    return FAIL, observed, bound, tuple(site.cite() for site in list(sites.values())[:CITED])


def _ended(seen: Observation, _: Bounds) -> Judgement:
    bound = "exit code 0, or stopped from outside"
    if seen.end is None:
        return NOT_SHOWN, "the record ends before the program", bound, ()
    where, how, code = seen.end
    fine = (how == "exited" and code == 0) or how in ("timed out", "interrupted")
    return (PASS if fine else FAIL), f"{how}, exit code {code}", bound, (Evidence(where, "the end"),)


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
    return _none(hidden, "no mistake hidden by a broad handler")


def _stalls(seen: Observation, bounds: Bounds) -> Judgement:
    percent = seen.blocked_percent
    bound = f"<= {bounds.max_blocked_percent} % of the time"
    observed = f"{percent:.0f} %, longest {seen.longest_ms:.0f} ms" if seen.stalls else "no stall"
    outcome = PASS if percent <= bounds.max_blocked_percent else FAIL
    cited = []
    for key, stalled_ms in seen.stalled_ms.most_common(CITED):
        site = seen.stalls[key]
        cited.append(Evidence(site.where, f"{stalled_ms:.0f} ms in {site.count} at {site.text}"))
    return outcome, observed, bound, tuple(cited)


def _outside(seen: Observation, _: Bounds) -> Judgement:
    """What was refused shows nothing of what the program would have done there."""
    outcome, observed, _unused, cited = _none(seen.refused, "")
    return (NOT_SHOWN if outcome is FAIL else PASS), observed, "nothing but simulated venues needed", cited


CHECKS: tuple[tuple[str, str, Callable[[Observation, Bounds], Judgement]], ...] = (
    ("ended", "the program ended as it should", _ended),
    ("awaits", "only awaitables are awaited", _awaits),
    ("coroutines", "no coroutine is forgotten", _coroutines),
    ("swallowed", "no mistake is hidden", _swallowed),
    ("stalls", "the event loop is kept free", _stalls),
    ("outside", "nothing outside was needed", _outside),
)
