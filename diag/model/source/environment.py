"""Where third-party code and the standard library are read from; nothing of them is imported or run."""

import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from diag import venv
from diag.config import ConfigError

_VERSION = re.compile(r"\bpython(\d+)\.(\d+)\b")


@dataclass(frozen=True, slots=True)
class Environment:
    """Folders that third-party imports are resolved in, in order; empty where no environment was found."""

    site_packages: tuple[Path, ...] = ()

    @property
    def python(self) -> tuple[int, int] | None:
        """Its version, where the folders tell."""
        for folder in self.site_packages:
            if found := _VERSION.search(str(folder)):
                return int(found[1]), int(found[2])
        return None


def find_environment(python: Path | None, near: Path) -> Environment:
    """The environment that `python` names, else the active, else the nearest `.venv` or `venv` above `near`.

    Raises ConfigError when nothing of Python's lies where `python` points.
    """
    if python is not None:
        found = _at(python)
        if found is None:
            wanted = "give the folder of an environment, or the interpreter in it"
            raise ConfigError([f"{python}: no library of Python beside it; {wanted}"])
        return found
    for candidate in venv.candidates(near):
        if found := _at(candidate):
            return found
    return Environment()


def _at(path: Path) -> Environment | None:
    if path.is_file() and os.access(path, os.X_OK):
        inside = path.parent.parent  # the link is not followed: a venv's python points out of it
        return _of_prefix(inside) or _of_prefix(path.resolve().parent.parent)
    if path.is_dir():
        return _of_prefix(path)
    return None


def _of_prefix(prefix: Path) -> Environment | None:
    folders = [*sorted(prefix.glob("lib/python3*/site-packages")), *prefix.glob("Lib/site-packages")]
    if not folders:
        # The Python of Debian and what is derived from it keeps packages apart, or has none at all.
        local = sorted(prefix.glob("local/lib/python3*/dist-packages"))
        folders = [*local, *sorted(prefix.glob("lib/python3*/dist-packages"))]
        if not folders and not any(prefix.glob("lib/python3*/os.py")):
            return None
    config = prefix / "pyvenv.cfg"
    if config.is_file():
        lines = config.read_text("utf-8", "replace").splitlines()
        pairs = (line.partition("=") for line in lines)
        settings = {key.strip().lower(): value.strip() for key, _, value in pairs}
        if settings.get("include-system-site-packages", "").lower() == "true" and "home" in settings:
            base = _of_prefix(Path(settings["home"]).parent)
            folders += base.site_packages if base else ()
    out = list(folders)
    for folder in folders:
        for pth in sorted(folder.glob("*.pth")):
            for line in pth.read_text("utf-8", "replace").splitlines():
                entry = folder / line.strip()
                if line.strip() and not line.startswith(("#", "import ", "import\t")) and entry.is_dir():
                    out.append(entry)
    return Environment(tuple(out))


@cache
def typeshed() -> Path:
    """The folder of the standard library's stubs."""
    spec = importlib.util.find_spec("typeshed_client")
    if spec is None or spec.origin is None:
        raise RuntimeError("typeshed-client is not installed; reinstall exchange-diag with its dependencies")
    return Path(spec.origin).parent / "typeshed"


STDLIB = sys.stdlib_module_names
