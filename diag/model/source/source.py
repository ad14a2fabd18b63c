"""Where the text of the judged project comes from: the disk, with or without what an editor has not saved.

What is installed (an environment, the stubs of the standard library) is always read from the disk. The third
source, a revision of the repository, is in a module of its own.
"""

import os
import stat
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class Entry(Protocol):
    """What a folder holds: the part of `os.DirEntry` that is asked for."""

    @property
    def name(self) -> str: ...
    def is_dir(self) -> bool: ...
    def is_file(self) -> bool: ...
    def is_symlink(self) -> bool: ...


class Status(Protocol):
    """The part of `os.stat_result` that is asked for. Equal inode, size and times mean equal content."""

    @property
    def st_mode(self) -> int: ...
    @property
    def st_dev(self) -> int: ...
    @property
    def st_ino(self) -> int: ...
    @property
    def st_size(self) -> int: ...
    @property
    def st_mtime_ns(self) -> int: ...
    @property
    def st_ctime_ns(self) -> int: ...


class Source(Protocol):
    """Files and folders by path, as at one moment. Every method raises OSError as the disk does."""

    def read(self, path: Path) -> bytes: ...
    def stat(self, path: Path) -> Status: ...
    def scan(self, folder: Path) -> Sequence[Entry]: ...


class Disk:
    """The files as they are saved."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def stat(self, path: Path) -> Status:
        return path.stat()

    def scan(self, folder: Path) -> Sequence[Entry]:
        with os.scandir(folder) as entries:
            return list(entries)


DISK = Disk()


class MadeStatus(NamedTuple):
    """The status of a file or folder that is not on the disk."""

    st_mode: int
    st_ino: int = 0
    st_size: int = 0
    st_mtime_ns: int = 0
    st_ctime_ns: int = 0
    st_dev: int = -1


class MadeEntry(NamedTuple):
    """A file or folder that is not on the disk; `mode` as in `stat`."""

    name: str
    mode: int

    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)

    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    def is_symlink(self) -> bool:
        return False


class Unsaved(Disk):
    """The disk with other texts in place of some files: what an editor holds. New files are among them."""

    def __init__(self, texts: Mapping[Path, bytes]) -> None:
        self._texts = {os.path.abspath(path): raw for path, raw in texts.items()}
        self._names: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._texts:
            folder, _, name = path.rpartition(os.sep)
            self._names[folder].append(name)

    def read(self, path: Path) -> bytes:
        raw = self._texts.get(os.path.abspath(path))
        return super().read(path) if raw is None else raw

    def stat(self, path: Path) -> Status:
        raw = self._texts.get(os.path.abspath(path))
        if raw is None:
            return super().stat(path)
        now = time.time_ns()  # as young as can be: whoever goes by times has to compare the content
        return MadeStatus(stat.S_IFREG, st_size=len(raw), st_mtime_ns=now, st_ctime_ns=now)

    def scan(self, folder: Path) -> Sequence[Entry]:
        found = super().scan(folder)
        new = set(self._names.get(os.path.abspath(folder), ())).difference(entry.name for entry in found)
        return [*found, *(MadeEntry(name, stat.S_IFREG) for name in new)]
