"""What judging a module gives. Apart from what judges, so that results can be read without it."""

from dataclasses import dataclass, field

from diag.finding import Finding, Step
from diag.model.infer.query import Query


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule learns in one module and needs when all are read (see `Rule.join`).

    `topic` and `key` are the rule's own words; `steps` name the places that the fact is about, and `finding`
    is what the rule will say if the facts of the other modules bear it out.
    """

    code: str
    topic: str
    key: str
    steps: tuple[Step, ...] = ()
    finding: Finding | None = None


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
class Checked:
    """What one module gave: findings, facts for the joining steps, and what it all rests on.

    `unresolved` are places that the model could not resolve, noted when they are asked for; `deps` the files,
    `queries` the questions to the whole project that the answers rest on.
    """

    findings: list[Finding] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    unresolved: list[Finding] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    deps: list[str] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
