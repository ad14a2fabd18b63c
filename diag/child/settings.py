"""What the parent asks for, read from the JSON file that the variable DIAG_CHILD names."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

VARIABLE = "DIAG_CHILD"


class Settings(NamedTuple):
    """`routes` maps host names of simulated venues to (IP, port) on loopback.

    `simulated` says whether everything but loopback is refused; without it nothing is re-routed.
    `isolated` says that the process stands in a network namespace that has loopback alone.
    `roots` are the folders with the user's own code; `channel` is the path of the parent's socket.
    """

    channel: str
    simulated: bool
    isolated: bool
    routes: dict[str, tuple[str, int]]
    ca_file: str | None
    roots: list[str]
    cache: str
    stall_ms: float


def read() -> Settings:
    with open(os.environ[VARIABLE], encoding="utf-8") as file:
        raw = json.load(file)
    raw["routes"] = {host: (address, port) for host, (address, port) in raw["routes"].items()}
    return Settings(**raw)
