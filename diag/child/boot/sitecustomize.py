"""Python imports this at start-up in every process that inherits the environment of an observed one."""

import os
import sys


def _board() -> None:
    # A process that `start.py` already runs in has the hooks.
    if "DIAG_CHILD" not in os.environ or "_diag_child" in sys.modules:
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


def _shadowed() -> None:
    """Run the sitecustomize that this one stands in front of, if there is one."""
    import importlib.machinery

    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None and spec.origin != os.path.abspath(__file__):
        import importlib.util

        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_board()
_shadowed()
