"""The trees that are checked: a copy of each, so that caches and edits stay out of the original."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LEAVE_OUT = (
    ".git",
    ".venv",
    "venv",
    "__pycache__",
    ".diag_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
)


@dataclass
class Tree:
    """A copy of a tree; `edited` is the file that changes in the runs where one file has changed."""

    name: str
    folder: Path
    edited: Path
    files: int
    lines: int
    edits: int = 0

    @contextmanager
    def one_file_changed(self) -> Iterator[None]:
        """A function more, in the middle of the file, never twice the same; undone afterwards."""
        before = self.edited.read_bytes()
        self.edits += 1
        lines = before.splitlines(keepends=True)
        tops = [n for n, line in enumerate(lines) if line.startswith((b"def ", b"class ", b"async def "))]
        # Not between a decorator and what it decorates.
        tops = [n for n in tops if not lines[n - 1].startswith((b"@", b")"))] or [len(lines)]
        at = tops[len(tops) // 2]
        new = f"\n\ndef bench_edit_{self.edits}(value):\n    return value + {self.edits}\n\n\n"
        self.edited.write_bytes(b"".join(lines[:at]) + new.encode() + b"".join(lines[at:]))
        try:
            yield
        finally:
            self.edited.write_bytes(before)


def copy(source: Path, into: Path) -> Tree:
    """Copy `source` to below `into`. Raises ValueError if it holds no Python files."""
    folder = into / source.name
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(*LEAVE_OUT), symlinks=True)
    files = sorted(p for p in folder.rglob("*.py") if p.is_file() and not p.is_symlink())
    texts = {path: path.read_bytes() for path in files}
    if not files:
        raise ValueError(f"{source} holds no Python files")
    # The edited file: the middle one of those that matter to a tool for asynchronous code, else of all.
    candidates = [path for path in files if b"async def" in texts[path]] or files
    edited = candidates[len(candidates) // 2]
    lines = sum(text.count(b"\n") for text in texts.values())
    return Tree(source.name, folder, edited, len(files), lines)


def from_registry(requirement: str, cache: Path) -> Path:
    """The sources of a distribution (`ccxt==4.5.90`) from the package registry, downloaded once."""
    folder = cache / "trees" / requirement.replace("==", "-")
    if folder.exists():
        return folder
    download = cache / "downloads" / folder.name
    pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--dest", download, requirement], check=True)
    partial = folder.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    for archive in download.iterdir():
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(partial)
        else:
            with tarfile.open(archive) as sdist:
                sdist.extractall(partial, filter="data")
    return partial.rename(folder)
