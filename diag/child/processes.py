"""Other processes that the program starts.

Where the operating system isolates the run (a network namespace), they may be anything. Elsewhere
only a Python that will carry the hooks may start: everything else could speak to the world unseen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import interpreter_options
from .channel import Channel
from .settings import VARIABLE

_SETTINGS = os.environ.get(VARIABLE, "")  # as given: the program may change its environment

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
_WITHOUT_SITE = frozenset("IES")  # python -I, -E, -S leave sitecustomize out


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """`inherited` with what brings the hooks into a Python that is started with it."""
    theirs = dict(inherited)
    path = [entry for entry in theirs.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != BOOT]
    theirs["PYTHONPATH"] = os.pathsep.join([BOOT, *path])
    theirs[VARIABLE] = _SETTINGS
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
        self._check(wanted, env)

    def watch_fork_exec(self, module: Any) -> None:
        """`multiprocessing` starts its processes by this function of `_posixsubprocess`, without an event."""
        fork_exec = module.fork_exec

        def fork_exec_here(
            words: Sequence[Any], programs: Any, close: Any, keep: Any, folder: Any, env: Any, *rest: Any
        ) -> Any:
            variables = None if env is None else dict(os.fsdecode(pair).split("=", 1) for pair in env)
            self._check(words, variables)
            return fork_exec(words, programs, close, keep, folder, env, *rest)

        module.fork_exec = fork_exec_here

    def _check(self, wanted: Sequence[Any], env: Mapping[Any, Any] | None) -> None:
        words = [os.fsdecode(word) for word in wanted]
        if not _carries_hooks(words, os.environ if env is None else env):
            self._channel.send("refused", target="process " + " ".join(words)[:2000], stack=[])
            raise PermissionError(
                f"diag: {words[0]!r} may not start in simulation: no network namespace isolates it here"
            )


def _carries_hooks(words: Sequence[str], env: Mapping[Any, Any]) -> bool:
    if not _PYTHON.fullmatch(os.path.basename(words[0])):
        return False
    if not _WITHOUT_SITE.isdisjoint(interpreter_options.parse(words[1:]).letters):
        return False
    theirs = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    return theirs.get(VARIABLE) == _SETTINGS and BOOT in theirs.get("PYTHONPATH", "").split(os.pathsep)
