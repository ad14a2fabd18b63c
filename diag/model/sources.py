"""Which files to judge, and their text."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diag.finding import Problem

if TYPE_CHECKING:
    import re

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


def decode(raw: bytes, path: str = "") -> str:
    """The text of a Python source: byte order mark dropped, coding cookie (PEP 263) obeyed, line ends kept.

    Raises SourceError, with the line, for what Python itself refuses: an encoding that does not exist or does
    not fit, a cookie that contradicts the byte order mark, NUL bytes.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(Problem(path, "is UTF-16, which Python does not read; save it as UTF-8", 1))
    zero = raw.find(b"\0")
    if zero >= 0:
        raise SourceError(
            Problem(path, "contains a NUL byte, which Python does not accept", _line(raw, zero))
        )
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    if b"coding" in raw[:400]:
        encoding = _declared(raw, path)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        message = (
            f"is not valid {encoding.removesuffix('-sig')}: {error.reason} (byte 0x{raw[error.start]:02x})"
        )
        if encoding == "utf-8":
            message += "; save it as UTF-8 or declare its encoding in the first line"
        raise SourceError(Problem(path, message, _line(raw, error.start))) from error
    except (LookupError, ValueError) as error:
        raise SourceError(Problem(path, f"declares an encoding that cannot be used: {error}", 1)) from error


def split_lines(text: str) -> list[str]:
    """The lines of a source without their ends, as Python counts them (form feeds and the like are no line ends)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def discover(
    paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = ()
) -> tuple[list[Path], list[Problem]]:
    """The files to judge, sorted, each once, and what could not be looked at.

    Folders are searched for `*.py`. What `.gitignore` files, `.git/info/exclude` or `exclude` (globs as in
    `.gitignore`, counted from `root`) match is left out, and so are environments, caches and node_modules. A
    path given by name is always taken: a file of any suffix that holds Python, or a folder that a pattern above
    it ignores. Links are followed, each real folder once.
    """
    walk = _Walk(Path(os.path.abspath(root)), exclude)
    for path in paths:
        walk.add(path)
    return sorted(walk.files.values()), walk.problems


def _line(raw: bytes, offset: int) -> int:
    before = raw[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _declared(raw: bytes, path: str) -> str:
    import io
    import tokenize

    try:
        return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    except SyntaxError as error:
        raise SourceError(
            Problem(path, f"declares an encoding that cannot be used: {error.msg}", 1)
        ) from error


class Globs:
    """Patterns of one `.gitignore` file or list, and the folder that they count from."""

    def __init__(self, lines: Iterable[str], base: str) -> None:
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        self.base = base.rstrip("/") + "/"
        patterns = [GitIgnoreSpecPattern(line) for line in lines]
        self.patterns: list[tuple[re.Pattern[str], bool]] = [
            (pattern.regex, pattern.include)
            for pattern in patterns
            if pattern.regex is not None and pattern.include is not None
        ]

    def decide(self, path: str, *, is_dir: bool) -> bool | None:
        """True: ignored; False: taken back by a `!` pattern; None: these patterns say nothing."""
        if not path.startswith(self.base):
            return None
        relative = path[len(self.base) :] + ("/" if is_dir else "")
        for regex, include in reversed(self.patterns):
            if regex.match(relative):
                return include
        return None


class _Walk:
    def __init__(self, root: Path, exclude: Sequence[str]) -> None:
        self.files: dict[str, Path] = {}
        self.problems: list[Problem] = []
        self.folders: set[tuple[int, int]] = set()
        self.exclude = [Globs(exclude, root.as_posix())] if exclude else []

    def add(self, path: Path) -> None:
        """A path as the user gave it."""
        try:
            status = path.stat()
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            reason = "does not exist" if missing else f"cannot be read: {error.strerror or error}"
            self.problems.append(Problem(path.as_posix(), reason))
            return
        if stat.S_ISDIR(status.st_mode):
            self._tree(path)
        elif not stat.S_ISREG(status.st_mode):
            self.problems.append(Problem(path.as_posix(), "is neither a file nor a folder"))
        elif path.suffix == ".ipynb":
            self.problems.append(
                Problem(path.as_posix(), "is a notebook, which diag does not read; export it as a .py file")
            )
        else:
            self.files.setdefault(os.path.realpath(path), path)

    def _tree(self, top: Path) -> None:
        before = len(self.files)
        problems = len(self.problems)
        # Links come after everything real, so that a file is named by its real path where it has one here.
        links: list[tuple[Path, tuple[Globs, ...]]] = [(top, self._above(top))]
        seen = False
        while links:
            path, globs = links.pop(0)
            for file, is_link, scope in self._folder(path, globs):
                seen = True
                if not is_link:
                    self.files.setdefault(os.path.abspath(file), file)
                elif file.is_dir():
                    links.append((file, scope))
                elif file.is_file():
                    self.files.setdefault(os.path.realpath(file), file)
                else:
                    self.problems.append(Problem(file.as_posix(), "is a broken link"))
        if len(self.files) == before and len(self.problems) == problems and not seen:
            self.problems.append(Problem(top.as_posix(), "holds no Python files (or all are ignored)"))

    def _folder(self, top: Path, above: tuple[Globs, ...]) -> Iterator[tuple[Path, bool, tuple[Globs, ...]]]:
        """Files and links under a folder: path, whether it is a link, the patterns that hold there."""
        stack = [(top, above)]
        while stack:
            folder, globs = stack.pop()
            try:
                status = folder.stat()
                with os.scandir(folder) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                reason = error.strerror or str(error)
                self.problems.append(Problem(folder.as_posix(), f"cannot be read: {reason}"))
                continue
            if (status.st_dev, status.st_ino) in self.folders:
                continue
            names = {entry.name for entry in entries}
            if folder is not top and names & ENVIRONMENT_MARKS:
                continue
            self.folders.add((status.st_dev, status.st_ino))
            if ".gitignore" in names:
                globs = (*globs, *self._ignore_file(folder / ".gitignore", folder))
            inner: list[tuple[Path, tuple[Globs, ...]]] = []
            for entry in entries:
                is_dir = entry.is_dir()
                if entry.name in SKIPPED or not (is_dir or entry.name.endswith(".py")):
                    continue
                path = folder / entry.name
                if self._ignored(os.path.abspath(path), is_dir=is_dir, globs=globs):
                    continue
                if entry.is_symlink():
                    if not entry.name.startswith(".#"):  # a lock of an editor: a link to nowhere on purpose
                        yield path, True, globs
                elif is_dir:
                    inner.append((path, globs))
                elif entry.is_file():
                    yield path, False, globs
            stack.extend(reversed(inner))

    def _ignored(self, path: str, *, is_dir: bool, globs: tuple[Globs, ...]) -> bool:
        if any(glob.decide(path, is_dir=is_dir) for glob in self.exclude):
            return True
        for glob in reversed(globs):
            verdict = glob.decide(path, is_dir=is_dir)
            if verdict is not None:
                return verdict
        return False

    def _above(self, top: Path) -> tuple[Globs, ...]:
        """The patterns of the repository that hold in `top`; none when they ignore `top` itself."""
        here = Path(os.path.abspath(top))
        repository = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)
        if repository is None:
            return ()
        globs = self._ignore_file(repository / ".git" / "info" / "exclude", repository)
        if here == repository:
            return globs
        steps = here.relative_to(repository).parts
        folder = repository
        for step in steps:
            globs = (*globs, *self._ignore_file(folder / ".gitignore", folder))
            folder = folder / step
            if self._ignored(str(folder), is_dir=True, globs=globs):
                return ()
        return globs

    def _ignore_file(self, path: Path, base: Path) -> tuple[Globs, ...]:
        try:
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            self.problems.append(Problem(path.as_posix(), f"cannot be read: {error.strerror or error}"))
            return ()
        return (Globs(text.splitlines(), os.path.abspath(base)),) if text.strip() else ()
