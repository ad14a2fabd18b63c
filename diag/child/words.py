"""Reads the words that a Python interpreter is started with, as `python --help` describes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Words(NamedTuple):
    """`flags` stand before what is run, each with its value; `letters` are those of one letter without any.

    `how` is "-m", "-c" or "" (a script); `rest` is what is run and its arguments: nothing for a prompt.
    """

    flags: list[str]
    letters: str
    how: str
    rest: list[str]


def read(words: Sequence[str]) -> Words:
    """Letters may stand together (`-um bot`), and a value may stand right behind its letter (`-mbot`)."""
    flags: list[str] = []
    letters = ""
    index = 0
    while index < len(words):
        word = words[index]
        if word == "-" or not word.startswith("-"):
            return Words(flags, letters, "", list(words[index:]))
        index += 1
        takes_next = word == "--check-hash-based-pycs"
        for place, letter in enumerate("" if word.startswith("--") else word[1:], 1):
            value = word[place + 1 :]
            if letter in "cm":
                flags += [word[:place]] if place > 1 else []
                return Words(flags, letters, f"-{letter}", [*([value] if value else []), *words[index:]])
            if letter in "WX":
                takes_next = not value
                break
            letters += letter
        flags.append(word)
        if takes_next:
            flags += words[index : index + 1]
            index += 1
    return Words(flags, letters, "", [])
