"""Source files as bytes and as text, read as Python reads them."""

from pathlib import Path

from diag.finding import Problem
from diag.model.source.source import DISK, Source


class SourceError(Exception):
    """A file that cannot be judged, and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def read(path: Path, source: Source = DISK) -> bytes:
    """The bytes of a file. Raises SourceError."""
    try:
        return source.read(path)
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
