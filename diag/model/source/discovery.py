"""Which files to judge."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from diag.finding import Problem
from diag.model.source.globs import Globs
from diag.model.source.source import DISK, Source

SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".diag_cache"})
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


def discover(
    paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = (), source: Source = DISK
) -> tuple[list[Path], list[Problem]]:
    """The files to judge, sorted, each once, and what could not be looked at.

    Folders are searched for `*.py`. What `.gitignore` files, `.git/info/exclude` or `exclude` (globs as in
    `.gitignore`, counted from `root`) match is left out, and so are environments, caches and node_modules. A
    path given by name is always taken: a file of any suffix that holds Python, or a folder that a pattern
    above it ignores. Links are followed, each real folder once.
    """
    walk = _Walk(Globs(exclude, os.path.realpath(root)), source)
    for path in paths:
        walk.add(path)
    return sorted(walk.files.values()), walk.problems


class _Folder(NamedTuple):
    """A folder to search: as the user names it, where it stands in the tree, whether a link led to it."""

    path: Path
    place: str
    linked: bool
    globs: tuple[Globs, ...]


class _Walk:
    def __init__(self, exclude: Globs, source: Source) -> None:
        self.exclude = exclude
        self.source = source
        self.files: dict[str, Path] = {}  # by real path
        self.problems: list[Problem] = []
        self.visited: set[tuple[int, int]] = set()

    def add(self, path: Path) -> None:
        """A path as the user gave it."""
        try:
            status = self.source.stat(path)
        except FileNotFoundError:
            self._problem(path, "does not exist")
        except OSError as error:
            self._problem(path, f"cannot be read: {error.strerror or error}")
        else:
            if stat.S_ISDIR(status.st_mode):
                if (status.st_dev, status.st_ino) not in self.visited:
                    self._tree(path)
            elif not stat.S_ISREG(status.st_mode):
                self._problem(path, "is neither a file nor a folder")
            elif path.suffix == ".ipynb":
                self._problem(path, "is a notebook, which diag does not read; export it as a .py file")
            else:
                self.files.setdefault(os.path.realpath(path), path)

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path.as_posix(), message))

    def _tree(self, top: Path) -> None:
        problems = len(self.problems)
        place = os.path.realpath(top)
        globs = () if self.exclude.matches(place) else (self.exclude,)
        # Links come after everything real, so that a file goes by its real path where it has one here.
        queue = [_Folder(top, place, linked=False, globs=(*globs, *self._above(place)))]
        found = False
        for folder in queue:
            for file, link in self._files(folder):
                found = True
                if link is None:
                    continue
                if os.path.isdir(file):
                    queue.append(link)
                elif os.path.isfile(file):
                    self.files.setdefault(os.path.realpath(file), file)
                else:
                    self._problem(file, "is a link to nothing that can be read")
        if not found and len(self.problems) == problems:
            self._problem(top, "holds no Python files (or all of them are ignored)")

    def _files(self, top: _Folder) -> Iterator[tuple[Path, _Folder | None]]:
        """Takes the files under a folder; yields each, and each link with what it would be as a folder."""
        stack = [top]
        while stack:
            folder = stack.pop()
            try:
                status = self.source.stat(folder.path)
                if (status.st_dev, status.st_ino) in self.visited:
                    continue
                entries = sorted(self.source.scan(folder.path), key=lambda entry: entry.name)
            except OSError as error:
                self._problem(folder.path, f"cannot be read: {error.strerror or error}")
                continue
            names = {entry.name for entry in entries}
            if folder is not top and not names.isdisjoint(ENVIRONMENT_MARKS):
                continue
            self.visited.add((status.st_dev, status.st_ino))
            globs = folder.globs
            if ".gitignore" in names:
                globs = (*globs, *self._patterns(folder.path / ".gitignore", folder.place))
            inner: list[_Folder] = []
            for entry in entries:
                name = entry.name
                is_python = name.endswith(".py")
                is_link = entry.is_symlink()
                # A link to itself makes is_dir raise; a link is looked at again when its turn comes.
                is_dir = not is_link and entry.is_dir()
                if name in SKIPPED or not (is_dir or is_link or is_python):
                    continue
                place = f"{folder.place}/{name}"
                if is_link:
                    path = folder.path / name
                    is_dir = os.path.isdir(path)
                    # An editor's lock is a link to nowhere on purpose.
                    if not (is_dir or is_python) or name.startswith(".#"):
                        continue
                if _ignored(place, is_dir, globs):
                    continue
                path = folder.path / name
                if is_link:
                    yield path, _Folder(path, place, linked=True, globs=globs)
                elif is_dir:
                    inner.append(_Folder(path, place, folder.linked, globs))
                elif entry.is_file():
                    self.files.setdefault(os.path.realpath(path) if folder.linked else place, path)
                    yield path, None
            stack.extend(reversed(inner))

    def _above(self, top: str) -> tuple[Globs, ...]:
        """The patterns of the repository that hold in `top`; none when they ignore `top` itself."""
        steps = top.split("/")
        folders = ["/".join(steps[:end]) for end in range(len(steps), 0, -1)]
        repository = next((folder for folder in folders if os.path.exists(f"{folder}/.git")), None)
        if repository is None:
            return ()
        globs = self._patterns(Path(repository, ".git", "info", "exclude"), repository)
        for folder in reversed(folders[: folders.index(repository)]):
            above = folder.rpartition("/")[0]
            globs = (*globs, *self._patterns(Path(above, ".gitignore"), above))
            if _ignored(folder, True, globs):
                return ()
        return globs

    def _patterns(self, path: Path, base: str) -> tuple[Globs, ...]:
        try:
            text = self.source.read(path).decode("utf-8", "surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            self._problem(path, f"cannot be read: {error.strerror or error}")
            return ()
        return (Globs(text.splitlines(), base),)


def _ignored(place: str, is_dir: bool, globs: Sequence[Globs]) -> bool:
    """As in Git, the patterns of the nearest folder decide first."""
    for glob in reversed(globs):
        verdict = glob.decide(place, is_dir=is_dir)
        if verdict is not None:
            return verdict
    return False
