"""Other processes that the program starts.

Where the operating system isolates the run (a network namespace), they may be anything. Elsewhere
only a Python that will carry the hooks may start: everything else could speak to the world unseen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .channel import Channel
from .settings import VARIABLE

BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot")

EVENTS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "pty.spawn",
)

_PYTHON = re.compile(r"python[0-9.]*(\.exe)?$")
_WITHOUT_SITE = re.compile(r"-[a-zA-Z]*[IES]")  # python -I, -E, -S leave sitecustomize out


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """`inherited` with what brings the hooks into a Python that is started with it."""
    theirs = dict(inherited)
    path = [entry for entry in theirs.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != BOOT]
    theirs["PYTHONPATH"] = os.pathsep.join([BOOT, *path])
    theirs[VARIABLE] = os.environ[VARIABLE]
    return theirs


class Guard:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            executable, command, _, env = arguments
            wanted = (
                [executable or command[0], *command[1:]]
                if not isinstance(command, (str, bytes))
                else [command]
            )
        elif event in ("os.exec", "os.posix_spawn"):
            wanted, env = list(arguments[1]), arguments[2]
        elif event == "os.spawn":
            wanted, env = list(arguments[2]), arguments[3]
        else:
            wanted, env = [arguments[0]], None
        words = [os.fsdecode(word) for word in wanted]
        if not _carries_hooks(words, env):
            self._channel.send("refused", target="process " + " ".join(words)[:200], stack=[])
            raise PermissionError(
                f"diag: {words[0]!r} may not start in simulation: no network namespace isolates it here"
            )


def _carries_hooks(words: Sequence[str], env: Mapping[Any, Any] | None) -> bool:
    if not _PYTHON.fullmatch(os.path.basename(words[0])):
        return False
    for word in words[1:]:
        if not word.startswith("-") or word in ("-c", "-m"):
            break
        if _WITHOUT_SITE.match(word):
            return False
    if env is None:
        return True
    theirs = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    return VARIABLE in theirs and BOOT in theirs.get("PYTHONPATH", "").split(os.pathsep)
