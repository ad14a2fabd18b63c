"""Starts `diag`, whatever the folders around it are called.

`diag`, `lint_rules` and `probes` are words that a bot may well use for folders of its own. With the bot's
folder on the path (`PYTHONPATH=.`, `python -m`), Python would import those for ours. So ours are found from
where this module lies, before the path is asked. That holds for the process of `diag` alone: the program of a
user that `diag run` or `--client` starts imports the user's.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` makes enumerations first, which takes longer
import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

PACKAGES = frozenset({"diag", "lint_rules", "probes"})
_HOME = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120


class _Finder:
    """Finds the packages of this distribution beside this file; everything else is left to the others."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [_HOME], target) if name in PACKAGES else None


def claim_packages() -> None:
    """From here on, the top-level packages of this distribution are imported from beside this file."""
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)


def claim_module_run() -> None:
    """Called at the start of `python -m ...diag...`, before Python looks for the module (exchange_diag.pth).

    Options may stand before `-m`, and the name right behind it. A `diag` of the user's that can be run is
    what the user means. One that can't, a folder of modules, would only make Python say so.
    """
    module = sys.orig_argv[-len(sys.argv)]  # the arguments of the program are what follows it
    if module.startswith("-"):
        module = module.partition("m")[2]
    if module != "diag":
        return
    found = PathFinder.find_spec("diag", ["", *sys.path])
    inside = found.submodule_search_locations if found else None
    if found is None or (inside is not None and PathFinder.find_spec("diag.__main__", inside) is None):
        claim_packages()


def main() -> int:
    """The console script `diag`: runs the command line with the arguments of the process."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, end_at_once)
    claim_packages()
    from diag.cli import main as command_line

    return command_line()


def end_at_once(*_: object) -> None:
    """Ctrl-C before there is anything to clean up: an exception could be lost in the middle of an import."""
    os.write(2, b"diag: interrupted\n")
    os._exit(130)
