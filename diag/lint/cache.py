"""What an earlier run found, kept by content: a run judges only what changed and what rests on it.

One JSON document under a line with its digest (never a format that could run code when loaded) in
`<root>/.diag_cache/`, replaced in one step, so that two runs at once both leave a whole one. A cache that
can't be read, or that another version wrote, is as good as none; one that can't be written is reported once
and costs only time.
"""

import json
import os
import tempfile
from dataclasses import asdict, astuple, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from diag.finding import Finding, Step
from diag.model.report import Counts, Report
from diag.model.site import Callee, Kind, Site
from diag.model.source.source import Source

FORMAT = 4


class Stamp(NamedTuple):
    """What tells that a file is another one than it was, without reading it. Times in nanoseconds."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


def stamp(path: str, source: Source) -> Stamp | None:
    try:
        found = source.stat(Path(path))
    except OSError:
        return None
    changed = max(found.st_mtime_ns, found.st_ctime_ns)  # Windows keeps the time of creation as the latter
    return Stamp(found.st_size, found.st_mtime_ns, changed, found.st_ino)


def digest(raw: bytes) -> str:
    return blake2b(raw, digest_size=12).hexdigest()


@dataclass(slots=True)
class Checked:
    """What one module gave: findings, what other modules are needed for, and what it all rests on."""

    findings: list[Finding]
    report: Report
    deps: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)


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


def pack(
    findings: list[Finding], report: Report, deps: list[str], queries: list[str], names: list[str]
) -> dict[str, Any]:
    return {
        "findings": [_finding_out(f) for f in findings],
        "unknown": [_site_out(s) for s in report.unknown],
        "awaited": {origin: [astuple(s) for s in steps] for origin, steps in report.awaited.items()},
        "bare": [(origin, _site_out(s)) for origin, s in report.bare],
        "built": [(name, _site_out(s)) for name, s in report.built],
        "used": {name: [astuple(s) for s in steps] for name, steps in report.used.items()},
        "counts": astuple(report.counts),
        "deps": deps,
        "queries": queries,
        "names": names,
        "told": sorted(_told(findings, report)),
    }


def _told(findings: list[Finding], report: Report) -> set[str]:
    """The files whose lines are named."""
    sites = [*report.unknown, *(s for _, s in report.bare), *(s for _, s in report.built)]
    out = {step.path for finding in findings for step in finding.chain}
    out.update(step.path for site in sites for step in site.chain)
    out.update(site.callee.path for site in sites if site.callee is not None)
    # a client and the place where it was built
    out.update(name.partition(" ")[2].rpartition(":")[0] for name in report.used)
    return out


def unpack(packed: dict[str, Any]) -> tuple[list[Finding], Report]:
    report = Report(
        unknown=[_site_in(s) for s in packed["unknown"]],
        awaited={origin: [Step(*s) for s in steps] for origin, steps in packed["awaited"].items()},
        bare=[(origin, _site_in(s)) for origin, s in packed["bare"]],
        built=[(name, _site_in(s)) for name, s in packed["built"]],
        used={name: [Step(*s) for s in steps] for name, steps in packed["used"].items()},
        counts=Counts(*packed["counts"]),
    )
    return [_finding_in(f) for f in packed["findings"]], report


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


def _site_out(site: Site) -> dict[str, Any]:
    row = {name: value for name, value in site.__dict__.items() if name not in ("source", "statement")}
    row["callee"] = asdict(site.callee) if site.callee is not None else None
    row["chain"] = [astuple(s) for s in site.chain]
    return row


def _site_in(row: dict[str, Any]) -> Site:
    callee = Callee(**row["callee"]) if row["callee"] is not None else None
    return Site(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "callee": callee,
            "chain": tuple(Step(*s) for s in row["chain"]),
            "source": "",
        }
    )
