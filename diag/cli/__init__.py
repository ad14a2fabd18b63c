"""The command line. Each command is a module here; what it needs is imported when it runs."""

import errno
import gc
import os
import sys
from collections.abc import Sequence

from diag.cli.ending import FAILED, INTERRUPTED, OK, drop, open_closed_streams


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `diag` with these arguments (default: those of the process) and returns the exit code.

    0: clean or passed; 1: findings or failed checks; 2: wrong usage, input that could not be judged, or an
    internal error; 3: inconclusive, as nothing was shown.
    """
    closed = open_closed_streams() if argv is None else []
    for stream in (sys.stdout, sys.stderr):
        # A path or a source line may hold what the encoding of the terminal has no character for.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    code = _fail("stdout is closed; lead it somewhere") if "stdout" in closed else _run(words)
    if argv is not None:
        gc.unfreeze()  # the process does not end here: what a command set aside for its end is freed
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)
    except OSError as error:
        drop(sys.stdout)
        code = _fail(f"stdout cannot be written: {error.strerror}")
    try:
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)
    return code


def _run(argv: list[str]) -> int:
    try:
        return _command(argv)
    except KeyboardInterrupt:
        sys.stderr.write("diag: interrupted\n")
        return INTERRUPTED


def _command(argv: list[str]) -> int:
    import typer

    from diag.cli.app import app
    from diag.config import ConfigError
    from diag.defect import described

    try:
        os.getcwd()  # noqa: PTH109  # pathlib takes milliseconds to import
    except OSError:
        return _fail("the working directory is gone; change to one that is there")
    if any("\0" in word for word in argv):
        return _fail("an argument holds a NUL byte")
    try:
        code = app(argv, prog_name="diag", standalone_mode=False)
        if code == INTERRUPTED:  # Typer makes it of Ctrl-C
            raise KeyboardInterrupt
    except ConfigError as error:
        return _fail(*error.errors)
    except typer.TyperException as error:
        return _fail(error.format_message())
    except typer.Abort:
        raise KeyboardInterrupt from None
    except OSError as error:
        if os.environ.get("DIAG_DEBUG") == "1":
            raise
        if error.errno == errno.EPIPE:  # nobody reads on
            drop(sys.stdout)
            return FAILED
        if error.errno == errno.ENOSPC and not error.filename:
            drop(sys.stdout)
            return _fail(f"stdout cannot be written: {error.strerror}")
        where = _cut(error.filename) if error.filename else type(error).__name__
        return _fail(f"{where}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("DIAG_DEBUG") == "1":
            raise
        return _fail(described(error))
    return code if isinstance(code, int) else OK


def _cut(name: object) -> str:
    """A name that is too long for a file is too long for a line, too."""
    text = os.fsdecode(name) if isinstance(name, (str, bytes)) else str(name)
    return text if len(text) <= 100 else f"{text[:60]}... ({len(text)} characters)"


def _fail(*messages: str) -> int:
    from diag.report.style import complain

    try:
        for message in messages:
            complain(message, sys.stderr)
    except OSError:  # stderr is full, or nobody reads it
        drop(sys.stderr)
    return FAILED
