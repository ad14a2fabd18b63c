"""Runs the user's script, module or console script as Python itself would, with its code rewritten."""

from __future__ import annotations

import builtins
import os
import sys
import types

from . import hooks

DRIVE = "--drive"  # not the user's program, but commands to a client of theirs


def run(arguments: list[str]) -> None:
    """`SCRIPT ARGS...`, `-m MODULE ARGS...`, `-c CODE`; the program's exit is this process's exit.

    A script may be a folder or an archive with a `__main__`, too.
    """
    on_board = hooks.install()
    try:
        _run(arguments, on_board)
    except BaseException as error:  # the program ends by it, and everybody sees that
        on_board.taken.arrived(error)
        raise


def _run(arguments: list[str], on_board: hooks.Hooks) -> None:
    show = sys.excepthook

    def show_ours(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
        ours = _of_the_program(trace)
        show(kind, error.with_traceback(ours), ours)

    sys.excepthook = show_ours
    first = arguments[0]
    sys.argv = arguments
    if first == DRIVE:
        from . import drive

        drive.run(arguments[1:], on_board.taken.arrived)
        return
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    main.__dict__.update(__builtins__=builtins, __spec__=None)
    if first == "-m":
        _enter(os.getcwd())
        sys.argv = arguments[1:]
        _run_module(arguments[1], is_named=True)
        return
    if first == "-c":
        _enter("")
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec", dont_inherit=True), main.__dict__)
        return
    path = os.path.abspath(first)
    if os.path.isdir(path) or _is_zip(path):
        sys.path.insert(0, path)
        _run_module("__main__", is_named=False)
        return
    _enter(os.path.dirname(os.path.realpath(first)))
    main.__dict__.update(__file__=path, __cached__=None)
    if on_board.is_ours(path):
        code = on_board.finder.cache.code(path)
    else:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _run_module(name: str, is_named: bool) -> None:
    """As Python itself does it for `-m`, and for folders and archives with a `__main__`.

    The loader is asked for the code, and the user's modules have the loader that rewrites.
    """
    import runpy

    runpy._run_module_as_main(name, is_named)  # type: ignore[attr-defined]


def _is_zip(path: str) -> bool:
    if path.endswith(".py"):
        return False
    import zipfile

    return zipfile.is_zipfile(path)


def _enter(folder: str) -> None:
    """Put `folder` where Python puts the script's own: in the place of ours, or nowhere in isolated mode."""
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path[0] = folder


def _of_the_program(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without the frames of ours and of what started the program."""
    if trace is None:
        return None
    here = os.path.dirname(os.path.abspath(__file__))
    rest = _of_the_program(trace.tb_next)
    file = trace.tb_frame.f_code.co_filename
    if file.startswith((here, "<frozen runpy>")):
        return rest
    if file.startswith("<frozen importlib") and rest is not trace.tb_next:  # the way to our loader
        return rest
    trace.tb_next = rest
    return trace
