"""Reads the command line of a Python interpreter, as `python --help` describes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class CommandLine(NamedTuple):
    """`flags` stand before what is run, each with its value; `letters` are those of one letter without any.

    `how` is "-m", "-c" or "" (a script); `rest` is what is run and its arguments: nothing for a prompt.
    """

    flags: list[str]
    letters: str
    how: str
    rest: list[str]


def parse(arguments: Sequence[str]) -> CommandLine:
    """Letters may stand together (`-um bot`), and a value may stand right behind its letter (`-mbot`)."""
    flags: list[str] = []
    letters = ""
    index = 0
    while index < len(arguments):
        argument = arguments[index]
        if argument == "-" or not argument.startswith("-"):
            return CommandLine(flags, letters, "", list(arguments[index:]))
        index += 1
        takes_next = argument == "--check-hash-based-pycs"
        for place, letter in enumerate("" if argument.startswith("--") else argument[1:], 1):
            value = argument[place + 1 :]
            if letter in "cm":
                flags += [argument[:place]] if place > 1 else []
                return CommandLine(
                    flags, letters, f"-{letter}", [*([value] if value else []), *arguments[index:]]
                )
            if letter in "WX":
                takes_next = not value
                break
            letters += letter
        flags.append(argument)
        if takes_next:
            flags += arguments[index : index + 1]
            index += 1
    return CommandLine(flags, letters, "", [])
