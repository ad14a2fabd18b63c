"""Which files to judge, and their text."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from diag.finding import Problem
from diag.model.source.globs import Globs

SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".diag_cache"})
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


class SourceError(Exception):
    """A file that cannot be judged, and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def read(path: Path) -> bytes:
    """The bytes of a file. Raises SourceError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(Problem(path.as_posix(), f"cannot be read: {error.strerror or error}")) from error


def encoding(raw: bytes, path: str = "") -> str:
    """The encoding of a Python source: by its byte order mark or coding cookie (PEP 263), else UTF-8.

    Text encoded with it again has the byte order mark that the source had. Raises SourceError for an encoding
    that does not exist and for a cookie that contradicts the byte order mark.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(Problem(path, "is UTF-16, which Python does not read; save it as UTF-8", 1))
    if b"coding" not in raw[:400]:
        return "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    import io
    import tokenize

    try:
        return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    except SyntaxError as error:
        message = f"declares an encoding that cannot be used: {error.msg}"
        raise SourceError(Problem(path, message, 1)) from error


def decode(raw: bytes, path: str = "") -> str:
    """The text of a Python source, without byte order mark, line ends as they are.

    Raises SourceError, with the line, for what Python itself refuses: a wrong `encoding`, bytes that do not
    fit it, NUL bytes.
    """
    name = encoding(raw, path)
    zero = raw.find(b"\0")
    if zero >= 0:
        message = "contains a NUL byte, which Python does not accept"
        raise SourceError(Problem(path, message, _line(raw, zero)))
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        message = f"is not valid {name.removesuffix('-sig')}: {error.reason} (byte 0x{raw[error.start]:02x})"
        if name == "utf-8":
            message += "; save it as UTF-8 or declare its encoding in the first line"
        raise SourceError(Problem(path, message, _line(raw, error.start))) from error
    except (LookupError, ValueError) as error:
        message = f"declares an encoding that cannot be used: {error}"
        raise SourceError(Problem(path, message, 1)) from error


def split_lines(text: str) -> list[str]:
    """The lines of a source without their ends, as Python counts them: a form feed ends no line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _line(raw: bytes, offset: int) -> int:
    before = raw[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def discover(
    paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = ()
) -> tuple[list[Path], list[Problem]]:
    """The files to judge, sorted, each once, and what could not be looked at.

    Folders are searched for `*.py`. What `.gitignore` files, `.git/info/exclude` or `exclude` (globs as in
    `.gitignore`, counted from `root`) match is left out, and so are environments, caches and node_modules. A
    path given by name is always taken: a file of any suffix that holds Python, or a folder that a pattern
    above it ignores. Links are followed, each real folder once.
    """
    walk = _Walk(Globs(exclude, os.path.realpath(root)))
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
    def __init__(self, exclude: Globs) -> None:
        self.exclude = exclude
        self.files: dict[str, Path] = {}  # by real path
        self.problems: list[Problem] = []
        self.visited: set[tuple[int, int]] = set()

    def add(self, path: Path) -> None:
        """A path as the user gave it."""
        try:
            status = path.stat()
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
                status = folder.path.stat()
                if (status.st_dev, status.st_ino) in self.visited:
                    continue
                with os.scandir(folder.path) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
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
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
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
