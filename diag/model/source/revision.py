"""The files of a repository as they were at a revision, read from Git without checking anything out."""

import errno
import os
import stat
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from diag.config import ConfigError
from diag.model.source.source import DISK, Entry, MadeEntry, MadeStatus, Status


class Revision:
    """What a revision holds in place of the repository's folder; outside of that folder, the disk.

    Only what the revision holds is there, byte for byte as Git stores it (filters such as `autocrlf` or LFS
    are not applied). Links are left out. Use it as a context manager: `git cat-file --batch` runs until then.
    """

    def __init__(self, folder: Path, revision: str) -> None:
        """`folder` is any in the repository. Raises ConfigError for what is no repository or no revision."""
        up = _git(folder, "rev-parse", "--show-cdup").decode().strip()
        self.top = os.path.abspath(folder / up)
        wanted = f"{revision}^{{commit}}"
        self.commit = (
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted).decode().strip()
        )
        self._blobs: dict[str, str] = {}  # path from the top -> object
        self._folders: defaultdict[str, dict[str, int]] = defaultdict(dict)  # -> names with their modes
        self._folders[""][".git"] = stat.S_IFDIR
        for row in _git(folder, "ls-tree", "-r", "-z", "--full-tree", self.commit).split(b"\0")[:-1]:
            head, _, name = row.partition(b"\t")
            mode, kind, blob = head.split()
            if kind == b"blob" and stat.S_ISREG(int(mode, 8)):
                self._add(os.fsdecode(name), blob.decode())
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.communicate()
            self._process = None

    def read(self, path: Path) -> bytes:
        inside = self._inside(path)
        if inside is None:
            return DISK.read(path)
        blob = self._blobs.get(inside)
        if blob is None:
            number = errno.EISDIR if inside in self._folders else errno.ENOENT
            raise OSError(number, os.strerror(number), str(path))
        return self._content(blob)

    def stat(self, path: Path) -> Status:
        inside = self._inside(path)
        if inside is None:
            return DISK.stat(path)
        if inside in self._folders:
            return MadeStatus(stat.S_IFDIR, st_ino=hash(inside))
        if inside in self._blobs:  # the object's name stands for its content
            return MadeStatus(stat.S_IFREG, st_ino=int(self._blobs[inside], 16))
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def scan(self, folder: Path) -> Sequence[Entry]:
        inside = self._inside(folder)
        if inside is None:
            return DISK.scan(folder)
        if inside not in self._folders:
            number = errno.ENOTDIR if inside in self._blobs else errno.ENOENT
            raise OSError(number, os.strerror(number), str(folder))
        return [MadeEntry(name, mode) for name, mode in self._folders[inside].items()]

    def _add(self, path: str, blob: str) -> None:
        self._blobs[path] = blob
        folder, _, name = path.rpartition("/")
        mode = stat.S_IFREG
        while name not in self._folders[folder]:
            self._folders[folder][name] = mode
            folder, _, name = folder.rpartition("/")
            mode = stat.S_IFDIR
            if not name:
                break

    def _inside(self, path: Path) -> str | None:
        """The path from the top of the repository, "" for the top itself; None for what lies outside."""
        absolute = os.path.abspath(path)
        if absolute == self.top:
            return ""
        if not absolute.startswith(self.top + os.sep):
            return None
        return absolute[len(self.top) + 1 :].replace(os.sep, "/")

    def _content(self, blob: str) -> bytes:
        process = self._process
        if process is None or self._owner != os.getpid():  # a forked process must not read from our pipe
            process = self._process = subprocess.Popen(
                ["git", "-C", self.top, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._owner = os.getpid()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{blob}\n".encode())
        process.stdin.flush()
        head = process.stdout.readline().split()
        if len(head) != 3:
            raise OSError(errno.EIO, f"git cannot read object {blob}")
        raw = process.stdout.read(int(head[2]) + 1)
        return raw[:-1]


def _git(folder: Path, *arguments: str) -> bytes:
    """What git says. Raises ConfigError."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError as error:
        raise ConfigError([f"git cannot be started: {error.strerror or error}"]) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        what = said or f"no such revision: {arguments[-1].removesuffix('^{commit}')}"
        raise ConfigError([f"{folder}: {what}"])
    return done.stdout
