"""Python imports this at start-up in every process that inherits the environment of an observed one.

Any Python may come by here, one too old for the hooks as well: so no annotations, and nothing newer than 2.7
before the hooks are on board. Where no network namespace holds a simulated program, a Python that cannot take
the hooks is ended: `site` would only print a line, and let it go on without them.
"""

import os
import sys


def _board():  # type: () -> None
    # A process that `start.py` already runs in has the hooks.
    if "_diag_child" in sys.modules:
        return
    here = os.path.dirname(os.path.abspath(__file__))
    import importlib.util

    spec = importlib.util.spec_from_file_location(
        "_diag_start", os.path.join(os.path.dirname(here), "start.py")
    )
    assert spec is not None and spec.loader is not None
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    start.board().install()


def _may_go_on():  # type: () -> bool
    import json

    with open(os.environ["DIAG_CHILD"]) as file:
        settings = json.load(file)
    return bool(settings["isolated"] or not settings["simulated"])


def _shadowed():  # type: () -> None
    """Run the sitecustomize that this one stands in front of, if there is one."""
    import importlib.machinery

    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None and spec.origin != os.path.abspath(__file__):
        import importlib.util

        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "DIAG_CHILD" in os.environ:
    try:
        _board()
    except BaseException as error:
        sys.stderr.write("diag: the hooks do not go into " + sys.executable + ": " + str(error) + "\n")
        sys.stderr.flush()
        try:
            goes_on = _may_go_on()
        except BaseException:
            goes_on = False
        if not goes_on:
            os._exit(70)
_shadowed()
