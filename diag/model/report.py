"""What judging a module gives. Apart from the judges, so that results can be read without them."""

from dataclasses import dataclass, field

from diag.finding import Step
from diag.model.site import Site


@dataclass(slots=True)
class Counts:
    """Sites by verdict; the fields of `Statistics`."""

    awaits_right: int = 0
    awaits_wrong: int = 0
    awaits_unknown: int = 0
    calls_right: int = 0
    calls_wrong: int = 0
    calls_unknown: int = 0


@dataclass(slots=True)
class Report:
    """What checking one module gives. `awaited` and `bare` are joined over all modules for contradictions."""

    sites: list[Site] = field(default_factory=list)
    unknown: list[Site] = field(default_factory=list)
    awaited: dict[str, list[Step]] = field(
        default_factory=dict
    )  # origin of the callee -> where it is awaited
    bare: list[tuple[str, Site]] = field(default_factory=list)  # origin -> a use that needs the result
    built: list[tuple[str, Site]] = field(
        default_factory=list
    )  # class with an async twin -> its construction
    used: dict[str, list[Step]] = field(
        default_factory=dict
    )  # such a class and where it is built, or the caller's folder -> calls
    counts: Counts = field(default_factory=Counts)
    deps: int = 0
