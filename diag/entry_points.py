"""What other installed packages bring along: rules, venues.

`importlib.metadata` takes some 40 ms to import, so that it is asked only when a file of entry points on the
path names the group.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def installed(group: str) -> Iterator[tuple[str, str]]:
    """Name and object reference (`package.module:Class`) of each entry of the group, but for our own."""
    if not any(_names_group(folder, group) for folder in dict.fromkeys(sys.path)):
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=group):
        if entry.dist is None or entry.dist.name != "exchange-diag":
            yield entry.name, entry.value


def _names_group(folder: str, group: str) -> bool:
    """Whether a distribution in this folder, other than our own, has entry points of the group."""
    try:
        with os.scandir(folder or os.curdir) as items:
            for item in items:
                ours = item.name.startswith(("exchange_diag-", "exchange_diag."))
                if item.name.endswith((".dist-info", ".egg-info")) and not ours:
                    with suppress(OSError):
                        if group.encode() in Path(item.path, "entry_points.txt").read_bytes():
                            return True
    except OSError:
        pass  # not every entry of the path is a folder that exists
    return False
