"""Which Python environment is the user's: the one named, the active one, else the nearest one."""

import os
from collections.abc import Iterator
from pathlib import Path

_NAMES = (".venv", "venv", "env")


def candidates(near: Path) -> Iterator[Path]:
    """Environments that nobody named: the active one, then upwards from `near` to the repository's root."""
    active = os.environ.get("VIRTUAL_ENV")
    if active:
        yield Path(active)
    for folder in (near, *near.parents):
        for name in _NAMES:
            if (folder / name / "pyvenv.cfg").is_file():
                yield folder / name
        if (folder / ".git").exists():
            break


def interpreter(environment: Path) -> Path | None:
    """The Python of an environment, or the path itself when it is one already."""
    if environment.is_file() and os.access(environment, os.X_OK):
        return environment
    for inside in ("bin/python", "Scripts/python.exe"):
        if (environment / inside).is_file():
            return environment / inside
    return None
