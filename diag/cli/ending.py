"""How a command ends: its exit code, and a stdout that nobody reads any more."""

import os
import sys
from typing import TextIO

OK, FINDINGS, FAILED, INCONCLUSIVE = 0, 1, 2, 3
INTERRUPTED = 130


def signalled(number: int) -> int:
    """Says that a signal ended the command; the exit code is the signal's. SIGINT is Ctrl-C, which raises."""
    if 128 + number == INTERRUPTED:
        raise KeyboardInterrupt
    sys.stderr.write("diag: terminated\n")
    return 128 + number


def interruptible() -> None:
    """From here on, Ctrl-C raises KeyboardInterrupt, for there is something to clean up.

    Before, while a command is still being imported, it ends the process at once.
    """
    import signal

    if getattr(signal.getsignal(signal.SIGINT), "__module__", None) == "exchange_diag":
        signal.signal(signal.SIGINT, signal.default_int_handler)


def open_closed_streams() -> list[str]:
    """Leads standard streams that are closed nowhere, and names them: a file that is opened later would take
    their numbers, and what is written to the stream would go into it.
    """
    closed = []
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            closed.append(name)
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            if getattr(sys, name) is None:
                setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    return closed


def drop(stream: TextIO) -> None:
    """Sends the rest of a stream nowhere: whoever read it (`head`, a pager) is gone, or its disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
