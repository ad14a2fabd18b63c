"""Where run records go, and the exit code of their checks."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from diag.cli.ending import FINDINGS, INCONCLUSIVE, OK
from diag.config import ConfigError
from diag.verdict import Check, Outcome, overall

RECORDS = ".diag_runs"  # in the root of the project


def new_folder(root: Path, subject: str) -> Path:
    """A folder for a record, named by time and `subject`; nothing in there is for version control."""
    base = root / RECORDS
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{subject}"
    folder, number = base / name, 1
    while folder.exists():
        number += 1
        folder = base / f"{name}-{number}"
    try:
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore = base / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
    except OSError as error:
        raise ConfigError([f"{base}: cannot be written: {error.strerror}; give --record DIR"]) from error
    return Path(os.path.relpath(folder)) if folder.is_relative_to(Path.cwd()) else folder


def outcome_code(checks: Sequence[Check]) -> int:
    """0: all passed; 1: something failed; 3: something was not shown."""
    return {Outcome.PASS: OK, Outcome.FAIL: FINDINGS, Outcome.NOT_SHOWN: INCONCLUSIVE}[overall(checks)]
