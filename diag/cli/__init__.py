"""The command line. Each command is a module here; what it needs is imported when it runs."""

import gc
import os
import sys
from collections.abc import Sequence

from diag.cli.ending import FAILED, INTERRUPTED, OK, drop_stdout


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `diag` with these arguments (default: those of the process) and returns the exit code.

    0: clean or passed; 1: findings or failed checks; 2: wrong usage, input that could not be judged, or an
    internal error; 3: inconclusive, as nothing was shown.
    """
    for stream in (sys.stdout, sys.stderr):
        # A path or a source line may hold what the encoding of the terminal has no character for.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = _run(list(sys.argv[1:] if argv is None else argv) or ["--help"])
    if argv is not None:
        gc.unfreeze()  # the process does not end here: what a command set aside for its end is freed
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()
    return code


def _run(argv: list[str]) -> int:
    import typer

    from diag.cli.app import app
    from diag.config import ConfigError
    from diag.defect import described

    try:
        code = app(argv, prog_name="diag", standalone_mode=False)
        if code == INTERRUPTED:  # Typer makes it of Ctrl-C
            raise KeyboardInterrupt
    except ConfigError as error:
        return _fail(*error.errors)
    except typer.TyperException as error:
        return _fail(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("diag: interrupted\n")
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("DIAG_DEBUG") == "1":
            raise
        return _fail(described(error))
    return code if isinstance(code, int) else OK


def _fail(*messages: str) -> int:
    from diag.report.style import complain

    for message in messages:
        complain(message, sys.stderr)
    return FAILED
