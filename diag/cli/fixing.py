"""`--fix` and `--diff`: the safe fixes of a result, on disk or as a patch."""

import os
import stat
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from diag.finding import Fix, Problem
from diag.lint.fixes import apply_fixes, unified_diff
from diag.lint.result import Result
from diag.model.source.text import SourceError, decode, encoding, read

ROUNDS = 10  # a fix that touches another waits for the next round


def preview(result: Result) -> tuple[str, list[Problem]]:
    """The patch that the safe fixes make, and the files that they could not be applied to."""
    patches: list[str] = []
    problems: list[Problem] = []
    for path, fixes in _safe(result).items():
        try:
            before, after, _, _ = _fixed(path, fixes)
        except SourceError as error:
            problems.append(error.problem)
        else:
            patches.append(unified_diff(path, before, after))
    return "".join(patches), problems


def apply(result: Result, judge: Callable[[], Result]) -> tuple[Result, int, list[Problem]]:
    """Applies the safe fixes until none is left; `judge` judges anew what was written.

    Gives the last result, how many fixes were applied, and the files that could not be fixed.
    """
    applied = 0
    problems: dict[str, Problem] = {}
    for _ in range(ROUNDS):
        written = 0
        for path, fixes in _safe(result).items():
            if path in problems:
                continue
            try:
                before, after, name, count = _fixed(path, fixes)
                if after != before:
                    _replace(Path(path), after.encode(name))
                    written += count
            except SourceError as error:
                problems[path] = error.problem
        if not written:
            break
        applied += written
        result = judge()
    return result, applied, list(problems.values())


def _safe(result: Result) -> dict[str, list[Fix]]:
    by_path: dict[str, list[Fix]] = {}
    for finding in result.findings:
        if finding.fix is not None and finding.fix.safety == "safe":
            by_path.setdefault(finding.path, []).append(finding.fix)
    return by_path


def _fixed(path: str, fixes: list[Fix]) -> tuple[str, str, str, int]:
    """The text before and after, its encoding, and how many fixes went in. Raises SourceError."""
    raw = read(Path(path))
    before = decode(raw, path)
    name = encoding(raw, path)
    after, count = apply_fixes(before, fixes)
    try:
        faithful = before.encode(name) == raw
        after.encode(name)
    except UnicodeEncodeError:
        faithful = False
    if not faithful:
        raise SourceError(
            Problem(path, f"was not fixed: its encoding {name} cannot be written back as it was")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code, which is not what is in question here
            compile(after, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        message = f"was not fixed: the result would not be valid Python ({error}); please report this"
        raise SourceError(Problem(path, message)) from error
    return before, after, name, count


def _replace(path: Path, raw: bytes) -> None:
    """Writes the file whole or not at all, with the permissions that it had. Raises SourceError."""
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary: Path | None = None
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        if not os.access(target, os.W_OK):
            raise PermissionError(0, "it is read-only")
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        temporary.chmod(mode)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise SourceError(Problem(path.as_posix(), f"was not fixed: {error.strerror or error}")) from error
