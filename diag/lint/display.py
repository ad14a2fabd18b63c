"""Paths and findings as the user sees them."""

import os
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from diag.finding import Finding


class Display:
    """Paths as the user named them; `given` maps the absolute paths of the judged files to those."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.here = str(Path.cwd())

    def path(self, path: str) -> str:
        """A judged file as it was named; any other relative to the working directory if it lies in it."""
        if path in self.given:
            return Path(self.given[path]).as_posix()
        inside = path.startswith(self.here + os.sep)
        return Path(os.path.relpath(path, self.here) if inside else path).as_posix()

    def finding(self, finding: Finding) -> Finding:
        """The finding with displayed paths, and with its cause, which names files, as a digest."""
        return replace(
            finding,
            path=self.path(finding.path),
            chain=tuple(replace(step, path=self.path(step.path)) for step in finding.chain),
            cause=blake2b(finding.cause.encode(), digest_size=6).hexdigest() if finding.cause else "",
        )
