"""Runs small programs under observation, in this interpreter, and hands back what was recorded."""

import asyncio
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from diag.observe.command import observed
from diag.observe.run import Ended, Run, Simulation
from diag.observe.scrub import Scrubber
from diag.record import Event, Journal, read


@dataclass
class Seen:
    ended: Ended
    events: list[Event]
    folder: Path

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [event.values() for event in self.events if event.kind == kind]

    def output(self) -> str:
        return "\n".join(str(data["text"]) for data in self.of("stdout"))


Watch = Callable[..., Seen]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    def run(
        program: str,
        *arguments: str,
        command: tuple[str, ...] | None = None,
        simulation: Simulation | None = None,
        environment: Mapping[str, str] | None = None,
        timeout_s: float | None = 30.0,
        stall_ms: float = 50.0,
        record: str = "record",
    ) -> Seen:
        folder = tmp_path / "bot"
        folder.mkdir(exist_ok=True)
        (folder / "bot.py").write_text(textwrap.dedent(program), encoding="utf-8")
        variables = {**os.environ, **(environment or {})}
        with Journal(tmp_path / record) as journal:
            ended = asyncio.run(
                Run(
                    observed(
                        command or ("python", "bot.py", *arguments),
                        python=Path(sys.executable),
                        folder=folder,
                    ),
                    folder,
                    variables,
                    [folder],
                    journal,
                    Scrubber(variables),
                    simulation=simulation,
                    timeout_s=timeout_s,
                    stall_ms=stall_ms,
                    cache=tmp_path / "cache",
                )()
            )
        return Seen(ended, list(read(tmp_path / record).events()), folder)

    return run


@pytest.fixture
def nothing_simulated(tmp_path: Path) -> Simulation:
    """A simulation without venues: nothing but loopback is reached."""
    (tmp_path / "ca.pem").touch()
    return Simulation(0, lambda listeners: {}, tmp_path / "ca.pem")


def interpreter(version: str) -> str:
    """The Python of this version, by what it answers: a shim may name one that is not there.

    Skips the test where there is none.
    """
    names = [shutil.which(f"python{version}") or ""]
    names += map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for name in filter(None, names):
        if subprocess.run([name, "-c", "import ssl"], capture_output=True, check=False).returncode == 0:
            return name
    pytest.skip(f"no Python {version} on this machine")
