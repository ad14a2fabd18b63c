"""What a lint run hands to the reports."""

from dataclasses import dataclass

from diag.finding import Finding, Problem


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much of the code was understood: sites by verdict.

    `files` counts the files judged. A site is an `await` (`awaits_*`), or a call (`calls_*`) that makes, or
    would make, something to await, or that blocks the event loop. *Right* and *wrong* are proved; *unknown*
    is what the model could not resolve.
    """

    files: int = 0
    awaits_right: int = 0
    awaits_wrong: int = 0
    awaits_unknown: int = 0
    calls_right: int = 0
    calls_wrong: int = 0
    calls_unknown: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Findings in stable order, those that comments suppressed, and what could not be judged.

    `unknown` holds the sites that the model could not resolve, as findings without a rule (`--show-unknown`);
    they never count as findings. `notices` are lines for the person who runs it that change no verdict (a
    cache that could not be written).
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    statistics: Statistics = Statistics()
    unknown: tuple[Finding, ...] = ()
    notices: tuple[str, ...] = ()
