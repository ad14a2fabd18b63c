"""How a command ends: its exit code, and a stdout that nobody reads any more."""

import os
import sys

OK, FINDINGS, FAILED, INCONCLUSIVE = 0, 1, 2, 3
INTERRUPTED = 130


def signalled(number: int) -> int:
    """Says that a signal ended the command; the exit code is the signal's. SIGINT is Ctrl-C, which raises."""
    if 128 + number == INTERRUPTED:
        raise KeyboardInterrupt
    sys.stderr.write("diag: terminated\n")
    return 128 + number


def drop_stdout() -> None:
    """Sends the rest of stdout nowhere: whoever read it (`head`, a pager) is gone, which is no error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
