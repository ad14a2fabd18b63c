"""Runs the user's program under observation: `start.py SCRIPT ARGS...` or `start.py -m MODULE ARGS...`.

Everything is found from the path of this file, so it works under `python -I`, `-E` and `-S` too.
"""

import importlib.util
import os
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "_diag_child"


def board() -> types.ModuleType:
    """Load the hooks and install them, once a process."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            PACKAGE, os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[PACKAGE] = module
        spec.loader.exec_module(module)
    return importlib.import_module(PACKAGE + ".hooks")


def main() -> None:
    hooks = board()
    hooks.install()
    importlib.import_module(PACKAGE + ".program").run(sys.argv[1:])


if __name__ == "__main__":
    main()
