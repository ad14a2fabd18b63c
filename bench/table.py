"""From the measured runs to the table and the verdicts that are printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.measure import Run

MODES = ("cold", "warm", "one file changed")
# (mode, peer, ratio that `diag` may take at most)
BARS = (("cold", "ty", 2.0), ("cold", "pyright", 0.5), ("warm", "ty", 1.0), ("one file changed", "ty", 1.0))
OURS = "diag"


@dataclass
class Measured:
    """All runs of one tool on one tree; `peak` holds bytes by mode."""

    name: str
    version: str
    runs: dict[str, list[Run]] = field(default_factory=lambda: {mode: [] for mode in MODES})
    peak: dict[str, int] = field(default_factory=dict)

    def trouble(self) -> str:
        return next((run.trouble for mode in MODES for run in self.runs[mode] if run.trouble), "")

    def seconds(self, mode: str) -> list[float]:
        return [run.seconds for run in self.runs[mode] if not run.trouble]


def ratio(ours: Measured, peer: Measured, mode: str) -> float | None:
    """Median time of ours over the peer's, measured in turns. None where one of them has no time."""
    mine, theirs = ours.seconds(mode), peer.seconds(mode)
    return median(mine) / median(theirs) if mine and theirs else None


def table(results: Sequence[Measured]) -> str:
    """Markdown: for each tool and mode min / median seconds and what `diag` takes of that; peak memory."""
    ours = next((r for r in results if r.name == OURS), None)
    rows = [["tool", *(f"{mode}, s (min / median)" for mode in MODES), "peak MB (cold / warm)"]]
    for result in results:
        cells = []
        for mode in MODES:
            times = result.seconds(mode)
            cell = f"{min(times):.2f} / {median(times):.2f}" if times else "-"
            share = ratio(ours, result, mode) if ours is not None and result is not ours else None
            cells.append(cell if share is None else f"{cell}  ({OURS} takes {share:.2f} x)")
        peaks = [f"{result.peak[m] / 1e6:.0f}" if m in result.peak else "-" for m in ("cold", "warm")]
        rows.append([f"{result.name} {result.version}", *cells, " / ".join(peaks)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    lines += [f"{result.name} failed: {result.trouble()}" for result in results if result.trouble()]
    return "\n".join(lines)


def verdicts(results: Sequence[Measured]) -> list[str]:
    """One line for each bar: met, missed, or not measured."""
    by_name = {result.name: result for result in results}
    lines = []
    for mode, peer, bar in BARS:
        share = None
        if OURS in by_name and peer in by_name:
            share = ratio(by_name[OURS], by_name[peer], mode)
        word = "not measured" if share is None else "met" if share <= bar else "MISSED"
        value = "" if share is None else f": {share:.2f} x"
        lines.append(f"{word:12}  {mode}, at most {bar:.1f} x {peer}{value}")
    return lines
