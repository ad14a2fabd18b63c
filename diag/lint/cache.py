"""What an earlier run found, kept by content: a run judges only what changed and what rests on it.

One JSON document under a line with its digest (never a format that could run code when loaded) in
`<root>/.diag_cache/`, replaced in one step, so that two runs at once both leave a whole one. A cache that
can't be read, or that another version wrote, is as good as none; one that can't be written is reported once
and costs only time.
"""

import json
import os
import tempfile
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from diag.finding import Finding, Step
from diag.lint.checked import Checked, Counts, Fact
from diag.model.source.source import Source

FORMAT = 6


class Stamp(NamedTuple):
    """What tells that a file is another one than it was, without reading it. Times in nanoseconds."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


def stamp(path: str, source: Source) -> Stamp | None:
    """Size, times and inode of a file, which tell whether it changed; None if there is none."""
    try:
        found = source.stat(Path(path))
    except OSError:
        return None
    changed = max(found.st_mtime_ns, found.st_ctime_ns)  # Windows keeps the time of creation as the latter
    return Stamp(found.st_size, found.st_mtime_ns, changed, found.st_ino)


def digest(raw: bytes) -> str:
    return blake2b(raw, digest_size=12).hexdigest()


class Cache:
    """The cache of one set of paths. `modules` maps absolute paths to what checking them gave."""

    def __init__(self, folder: Path, key: str, version: str) -> None:
        self.path = folder / f"lint-{key}.json"
        self.version = version
        self.layout = ""
        # judged and library files: a stamp that can be trusted, if there is one, and a digest of the content
        self.files: dict[str, tuple[Stamp | None, str]] = {}
        self.modules: dict[str, dict[str, Any]] = {}
        self.pieces: dict[str, list[str]] = {}  # of judged files

    def load(self) -> None:
        try:
            seal, _, body = self.path.read_bytes().partition(b"\n")
            if seal.decode("ascii") != digest(body):
                return
            document = json.loads(body)
            if document["format"] != FORMAT or document["version"] != self.version:
                return
            files = {
                path: (Stamp(*map(int, found)) if found else None, str(text))
                for path, (found, text) in document["files"].items()
            }
            modules = document["modules"]
            layout, pieces = document["layout"], document["pieces"]
            if (
                not isinstance(pieces, dict)
                or not isinstance(modules, dict)
                or not all(isinstance(m, dict) for m in modules.values())
            ):
                return
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return
        self.files, self.modules, self.layout, self.pieces = files, modules, layout, pieces

    def save(self) -> str:
        """Write the cache; the reason in words when that is impossible."""
        document = {
            "format": FORMAT,
            "version": self.version,
            "layout": self.layout,
            "files": self.files,
            "modules": self.modules,
            "pieces": self.pieces,
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            ignore = self.path.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
            try:
                body = json.dumps(document, separators=(",", ":")).encode()
                with os.fdopen(handle, "wb") as file:
                    file.write(digest(body).encode() + b"\n" + body)
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink()
                raise
        except OSError as error:
            reason = f"the cache cannot be written ({error.strerror}); use --no-cache to run without"
            return f"{self.path.parent}: {reason}"
        return ""


# --- packing


def pack(checked: Checked, names: list[str]) -> dict[str, Any]:
    """What is kept of a judged file, as JSON; `unpack` is the way back."""
    return {
        "findings": [_finding_out(f) for f in checked.findings],
        "facts": [_fact_out(f) for f in checked.facts],
        "counts": astuple(checked.counts),
        "deps": checked.deps,
        "queries": checked.queries,
        "names": names,
        "named": sorted(_named(checked)),
    }


def _named(checked: Checked) -> set[str]:
    """The files whose lines are named."""
    findings = [*checked.findings, *(f.finding for f in checked.facts if f.finding is not None)]
    out = {step.path for finding in findings for step in finding.chain}
    out.update(step.path for fact in checked.facts for step in fact.steps)
    return out


def unpack(packed: dict[str, Any]) -> Checked:
    """What was found. What it rests on is asked of `packed` itself, by the session."""
    return Checked(
        findings=[_finding_in(row) for row in packed["findings"]],
        facts=[_fact_in(row) for row in packed["facts"]],
        counts=Counts(*packed["counts"]),
    )


def _fact_out(fact: Fact) -> list[Any]:
    finding = _finding_out(fact.finding) if fact.finding is not None else None
    return [fact.code, fact.topic, fact.key, [astuple(s) for s in fact.steps], finding]


def _fact_in(row: list[Any]) -> Fact:
    code, topic, key, steps, finding = row
    where = tuple(Step(*s) for s in steps)
    return Fact(code, topic, key, where, _finding_in(finding) if finding is not None else None)


def _finding_out(finding: Finding) -> list[Any]:
    return [
        finding.code,
        finding.path,
        finding.line,
        finding.column,
        finding.end_line,
        finding.end_column,
        finding.message,
        [astuple(s) for s in finding.chain],
        finding.cause,
        finding.help,
    ]


def _finding_in(row: list[Any]) -> Finding:
    code, path, line, column, end_line, end_column, message, chain, cause, advice = row
    steps = tuple(Step(*s) for s in chain)
    return Finding(code, path, line, column, end_line, end_column, message, steps, cause, advice)
