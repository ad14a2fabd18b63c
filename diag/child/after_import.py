"""Runs a function on a module right after it is imported, so that start-up pays for nothing unused."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Callable

Action = Callable[[Any], None]


class AfterImport:
    """A finder that only steps in for the modules it was told of; the real finders do the finding."""

    def __init__(self) -> None:
        self._actions: dict[str, Action] = {}
        sys.meta_path.insert(0, self)

    def on(self, name: str, action: Action) -> None:
        """Call `action(module)` now if the module is there, else once it is."""
        if name in sys.modules:
            action(sys.modules[name])
        else:
            self._actions[name] = action

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        action = self._actions.pop(name, None)
        if action is None:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, action)
                return spec  # type: ignore[no-any-return]
        self._actions[name] = action  # not found this time; a later import may find it
        return None


class _Loader:
    """The real loader, then the action; everything else is the real loader's."""

    def __init__(self, real: Any, action: Action) -> None:
        self._real = real
        self._action = action

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        module.__loader__ = self._real
        self._real.exec_module(module)
        self._action(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class HiddenError(ModuleNotFoundError):
    """An import that fails under observation only: no mistake of the program."""


class Masked:
    """C network stacks that go around Python's sockets are hidden; libraries fall back by themselves."""

    NAMES = frozenset(("uvloop", "aiodns", "pycares", "winloop", "rloop", "pycurl", "curl_cffi", "gevent"))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name.partition(".")[0] in self.NAMES:
            raise HiddenError(
                f"diag: {name} brings its own network stack; it is hidden in simulation", name=name
            )
