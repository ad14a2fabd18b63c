"""Runs the user's script, module or console script as Python itself would, with its code rewritten."""

from __future__ import annotations

import os
import sys
import types

from . import hooks

DRIVE = "--drive"  # not the user's program, but commands to a client of theirs


def run(arguments: list[str]) -> None:
    """`SCRIPT ARGS...`, `-m MODULE ARGS...`, `-c CODE`; the program's exit is this process's exit."""
    on_board = hooks.install()
    show = sys.excepthook

    def show_ours(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
        ours = _of_the_program(trace)
        show(kind, error.with_traceback(ours), ours)

    sys.excepthook = show_ours
    first = arguments[0]
    sys.argv = arguments
    if first == DRIVE:
        from . import drive

        drive.run(arguments[1:])
        return
    if first == "-m":
        _enter(os.getcwd())
        sys.argv = arguments[1:]
        # runpy asks the module's loader for its code, and the user's modules have the loader that rewrites.
        import runpy

        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    main.__dict__.update(__builtins__=__builtins__, __spec__=None)
    if first == "-c":
        _enter("")
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec", dont_inherit=True), main.__dict__)
        return
    _enter(os.path.dirname(os.path.realpath(first)))
    main.__dict__.update(__file__=first, __cached__=None)
    path = os.path.abspath(first)
    if on_board.is_ours(path):
        code = on_board.finder.cache.code(path)
    else:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, main.__dict__)


def _enter(folder: str) -> None:
    """Put `folder` where Python puts the script's own: in the place of ours, or nowhere in isolated mode."""
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path[0] = folder


def _of_the_program(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without the frames that started the program."""
    here = os.path.dirname(os.path.abspath(__file__))
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((here, "<frozen runpy>")):
        trace = trace.tb_next
    return trace
