"""What the hooks in the observed program report, what it prints, and how it begins and ends.

`place` and other places in code are `path:line`. `count` is how often the same was seen up to then: the first
times are told, then each tenfold, and the last.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from diag.record.event import Event, Ms, Ns, Size, Source, event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEvent(Event):
    """Something about the observed program."""

    source: ClassVar[Source] = "child"


@event
class Expected(ChildEvent):
    """What the user expects of the program: that it places orders; a signed `position` at the end, and never
    one beyond `max_position`, long or short, in `instrument`, or in each that it trades.
    """

    orders: bool = False
    instrument: str | None = None
    position: Size | None = None
    max_position: Size | None = None


@event
class Started(ChildEvent):
    """The program is about to start; `isolated` in a network namespace of its own."""

    command: tuple[str, ...]
    isolated: bool


@event
class Exit(ChildEvent):
    """How the program ended; `code` is its exit code, negative for a signal."""

    code: int
    how: Literal["exited", "timed out", "interrupted", "no hooks"]


@event
class NoWayOut(ChildEvent):
    """Something in the namespace of the program wanted to get out, so often, and found no way."""

    attempts: int


@event
class Dropped(ChildEvent):
    """Lines of one stream of output that were too many to be recorded."""

    stream: str
    lines: int


@event
class Torn(ChildEvent):
    """A report that could not be read, of `bytes` if they are known."""

    bytes: int


@event
class Stdout(ChildEvent):
    """A line on standard output."""

    text: str


@event
class Stderr(ChildEvent):
    """A line on standard error."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(ChildEvent):
    """What the hooks in the process `pid` saw, at its own `at_ns` (monotonic)."""

    pid: int
    at_ns: Ns


@event
class Boot(Report):
    """The hooks are on board."""

    python: str
    executable: str
    argv: tuple[str, ...]


@event
class Fork(Report):
    """The process is a fork of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Report):
    """Text of the program. `dropped_before`: lines left out before it; `cut`: characters left out of it."""

    text: str
    dropped_before: int = 0
    cut: int = 0


@event
class Log(Said):
    """A record of the logging module."""

    level: str
    logger: str
    place: str
    exception: str | None = None


@event
class File(Said):
    """What the program writes to a log file of its own."""

    path: str


@event
class AwaitFault(Report):
    """An await of a `type` that is not awaitable; `how` is `await`, `async with`, `gather`..."""

    count: int
    how: str
    type: str
    place: str


@event
class NeverAwaited(Report):
    """A coroutine that went away without being awaited; `made` and `defined` are places."""

    count: int
    coroutine: str
    defined: str
    made: str | None


@event
class Caught(Report):
    """An error that speaks of a mistake in the code reached a handler that `catches` it.

    `is_broad`: the handler does not name the error.
    """

    count: int
    error: str
    text: str
    raised: str
    raised_in_user_code: str | None
    handler: str
    catches: str
    is_broad: bool


@event
class RaisedAgain(Report):
    """What a handler had caught went on from there."""

    count: int
    error: str
    raised: str
    raised_in_user_code: str | None
    handler: str


@event
class Taken(Report):
    """An error went out of the program's own code at `left`, and was not seen there again; `by` took it.

    `through` are the lines of libraries it came by, the innermost first. `is_named`: a handler of theirs
    names this class of errors, which makes it a signal.
    """

    count: int
    error: str
    text: str
    raised: str
    raised_in_user_code: str | None
    left: str
    by: str
    through: tuple[str, ...]
    is_named: bool = False


@event
class GivenBack(Report):
    """What was told of as taken came back after all."""

    count: int
    error: str
    raised: str
    left: str
    by: str


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a stall in which `stack` was seen, `path:line function` from outside in."""

    ms: Ms
    stack: tuple[str, ...]


@event
class Stall(Report):
    """A callback held the event loop up for `ms`.

    `late_ms` is what it took besides while its thread waited for a processor.
    """

    ms: Ms
    late_ms: Ms = 0.0
    parts: tuple[Share, ...]


@event
class Late(Report):
    """A callback took long, and not by its own doing: its thread waited `ms` for a processor."""

    ms: Ms


@event
class Loop(Report):
    """Event loops of the process begin to run, or none does any more; `loop` is whose they are.

    `is_watched`: its callbacks are timed.
    """

    loop: str
    is_watched: bool
    runs: bool


@event
class Routed(Report):
    """A connection to `host` was led to the simulated venue at `address`."""

    host: str
    port: int | str
    address: str


@event
class Refused(Report):
    """What would have got out of the simulation was not let out."""

    count: int = 1
    target: str
    stack: tuple[str, ...]


Spoken = Stdout | Stderr | Log | File
"""What a program says, in whatever way."""
