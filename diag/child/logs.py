"""What the program says: the logging module, and the files it opens for its own logs, in order with all else.

Standard output and standard error are the parent's: it reads them from the pipes, whoever writes.
"""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from typing import Any

from .channel import TEXT_LIMIT, Channel
from .mistakes import is_mistake
from .taken import Taken

_logging = threading.local()  # `.now` while a record goes to its handlers: what they write is that record
_SETTINGS_FILE = re.compile(
    r"\.(env|json|ya?ml|toml|ini|cfg|conf|pem|key|properties|txt)$|\.env|secret|credential|token|^id_|netrc",
    re.IGNORECASE,
)
_INSTALLED = (sys.prefix + os.sep, sys.base_prefix + os.sep, "/proc/", "/sys/")  # nobody's own
_LOG_FILE = re.compile(r"\.(log|txt|csv|jsonl|ndjson|out)$|log", re.IGNORECASE)


def watch_logging(logging: Any, channel: Channel, taken: Taken) -> None:
    """Wrap `Logger.callHandlers`: it sees what passed the logger's level and filters, propagated or not."""
    call_handlers = logging.Logger.callHandlers

    def call_handlers_here(self: Any, record: Any) -> None:
        try:
            text = record.getMessage()
        except Exception as error:  # a bad format string: logging itself reports it to stderr
            text = f"{_repr(record.msg)} % {_repr(record.args)} ({_repr(error)})"
            if is_mistake(error) and taken.is_ours(record.pathname):
                taken.lost(error, f"logging, for the message of {record.pathname}:{record.lineno}")
        extra = {}
        if record.exc_info and record.exc_info[1] is not None:
            extra["exception"] = _repr(record.exc_info[1])
        channel.send_text(
            "log",
            text,
            level=record.levelname,
            logger=record.name,
            place=f"{record.pathname}:{record.lineno}",
            **extra,
        )
        _logging.now = True
        try:
            call_handlers(self, record)
        finally:
            _logging.now = False

    logging.Logger.callHandlers = call_handlers_here


def _repr(value: object) -> str:
    try:
        return repr(value)[:TEXT_LIMIT]
    except Exception:  # what cannot even be shown is none of the program's trouble
        return f"<{type(value).__name__}>"


def watch_files(builtins: Any, channel: Channel) -> None:
    """Wrap `open`: for text files opened to be written under a name that speaks of a log, and for files of
    settings that are read: what is in there may be secret, and the parent must know before it is said.
    """
    real_open = builtins.open
    seen: set[str] = set()

    class LogFile(io.TextIOWrapper):
        """The same file; what is written to it is reported, too."""

        def write(self, text: str) -> int:
            if text.strip() and not getattr(_logging, "now", False):
                channel.send_text("file", text.rstrip("\n"), path=str(self.name))
            return super().write(text)

    def open_here(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: Any = None,
        errors: Any = None,
        newline: Any = None,
        *rest: Any,
        **options: Any,
    ) -> Any:
        if (
            mode[:1] == "r"
            and _holds_settings(file)
            and (path := os.path.abspath(os.fsdecode(file))) not in seen
        ):
            seen.add(path)
            channel.tell_first("opening", path=path)
        opened: Any = real_open(file, mode, buffering, encoding, errors, newline, *rest, **options)
        if type(opened) is io.TextIOWrapper and mode[:1] in "awx" and _is_log(file):
            encoding, errors, lines = opened.encoding, opened.errors, opened.line_buffering
            opened = LogFile(opened.detach(), encoding, errors, newline, lines)
            opened.mode = mode
        return opened

    builtins.open = io.open = open_here


def _holds_settings(file: Any) -> bool:
    try:
        path = os.fsdecode(file)
    except TypeError:  # a file descriptor
        return False
    return _SETTINGS_FILE.search(os.path.basename(path)) is not None and not path.startswith(_INSTALLED)


def _is_log(file: Any) -> bool:
    try:
        return _LOG_FILE.search(os.path.basename(os.fsdecode(file))) is not None
    except TypeError:  # a file descriptor
        return False
