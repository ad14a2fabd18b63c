"""Installs everything in the order in which it must come, and says so to the parent."""

from __future__ import annotations

import atexit
import builtins
import os
import sys
from typing import Any

from . import finder, logs, network, processes, settings, trust
from .after_import import Action, AfterImport, Masked
from .channel import Channel
from .handlers import Handlers
from .sentinel import Sentinel
from .stalls import Watch
from .taken import Taken


class Hooks:
    """What is on board of this process."""

    def __init__(self) -> None:
        self.settings = settings.read()
        self.channel = Channel(self.settings.channel)
        self.is_ours = finder.own_files(self.settings.roots)
        self.finder = finder.Finder(self.is_ours, finder.Cache(self.settings.cache))
        self.sentinel = Sentinel(self.channel, self.is_ours)
        self.taken = Taken(self.channel, self.is_ours)
        self.handlers = Handlers(self.channel, self.is_ours, self.taken)
        self._pid = os.getpid()

    def install(self) -> None:
        after = AfterImport()
        if self.settings.simulated:
            network.install(self.settings, self.channel)
            sys.meta_path.insert(0, Masked())
            hosts = frozenset(self.settings.routes)
            ca_file = self.settings.ca_file
            if ca_file is not None:
                after.on("ssl", lambda ssl: trust.install(ssl, ca_file, hosts))
        after.on("subprocess", _bring_along)
        after.on("logging", lambda module: logs.watch_logging(module, self.channel, self.taken))
        logs.watch_files(builtins, self.channel)
        for part in (self.sentinel, self.taken, self.handlers):
            part.install(builtins)
        self.finder.install()
        in_loop = (self.sentinel.watch_loop, self.taken.watch_loop)
        stalls = Watch(self.channel, self.settings.stall_ms)
        after.on("asyncio.events", stalls.install)
        for name in ("uvloop", "winloop", "rloop"):
            after.on(name, _all(stalls.watch_foreign(name), *map(_of_loop, in_loop)))
        after.on("trio._core._run", stalls.watch_trio)
        after.on("asyncio.tasks", _all(self.sentinel.watch_tasks, self.taken.watch_gather))
        after.on("asyncio.runners", self.sentinel.watch_runners)
        after.on("asyncio.base_events", _all(*map(_of_base_loop, in_loop), stalls.watch_loop))
        after.on("concurrent.futures._base", self.taken.watch_futures)
        after.on("contextlib", self.handlers.watch_suppress)
        after.on("runpy", lambda module: finder.watch_runpy(module, self.finder))
        after.on("_pytest.assertion.rewrite", lambda module: finder.watch_pytest(module, self.finder))
        atexit.register(self._finish)
        os._exit = self._exit  # type: ignore[assignment]
        self.channel.send("boot", python=sys.version.split()[0], executable=sys.executable, argv=sys.argv[:1])

    def _finish(self) -> None:
        """The process ends: tell of what nobody has seen, and of the last counts."""
        if os.getpid() == self._pid:
            self.sentinel.finish(self.taken)
        self.taken.finish()
        self.handlers.finish()

    def _exit(self, status: int) -> None:
        """`os._exit`, which asks no function of `atexit`."""
        try:
            self._finish()
        finally:
            _leave(status)


_leave = os._exit


def _all(*actions: Action) -> Action:
    def act(module: Any) -> None:
        for action in actions:
            action(module)

    return act


def _of_loop(action: Action) -> Action:
    return lambda module: action(module.Loop)


def _of_base_loop(action: Action) -> Action:
    return lambda module: action(module.BaseEventLoop)


def _bring_along(subprocess: Any) -> None:
    """Every process gets the hooks, whatever the program did to the environment."""
    start = subprocess.Popen.__init__

    def start_here(self: Any, *args: Any, **kwargs: Any) -> None:
        env = kwargs.get("env")
        # The program may have changed its own environment, too.
        kwargs["env"] = processes.environment(os.environ if env is None else env)
        start(self, *args, **kwargs)

    subprocess.Popen.__init__ = start_here


_hooks: Hooks | None = None


def install() -> Hooks:
    """Put the hooks on board of this process; a second call finds them there."""
    global _hooks
    if _hooks is None:
        os.environ.update(processes.environment(os.environ))
        _hooks = Hooks()
        _hooks.install()
    return _hooks
