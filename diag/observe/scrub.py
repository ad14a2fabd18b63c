"""Keeps secrets out of a record: those that were found where programs keep them, and what looks so."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from diag.observe import shapes
from diag.observe.forms import SHORT, SHORTEST, forms
from diag.observe.secrets import Named, in_environment

_RUN = re.compile("[A-Za-z0-9]{8,}")  # what has parts
_IDENTIFIER = re.compile(r"(?:^|_)(?:ids?|hash)$|Ids?$")


class Scrubber:
    """Replaces secrets in text by ‹NAME› or ‹secret›.

    One look at the letters and digits of a text tells whether it may hold a secret that is known, whole or in
    part: a logger breaks long words. Only then is each form looked for.
    """

    def __init__(self, environment: Mapping[str, str], found: Iterable[Named] = ()) -> None:
        self._names: dict[str, str] = {}  # of each form
        self._parts: dict[str, str] = {}  # the name of each eight characters that only a secret has
        self._inside: set[str] = set()  # each eight characters of a secret
        self._plain: list[str] = []  # forms without a part that only a secret has
        self._alone: list[str] = []  # short ones, which are struck out where they stand alone
        self._ordered: list[str] = []  # the others, the longest first
        self.learn((*in_environment(environment), *found))

    def learn(self, found: Iterable[Named]) -> None:
        """Strike these out, too, from now on."""
        for secret in found:
            for form in forms(secret.value):
                if form in self._names:
                    continue
                if len(form) < SHORTEST and not SHORT.fullmatch(form):
                    continue
                self._names[form] = secret.name
                if len(form) < SHORTEST:
                    self._plain.append(form)
                    self._alone.append(form)
                    continue
                telling = []
                for run in _RUN.findall(form):
                    pieces = _pieces(run)
                    self._inside.update(pieces)
                    if run.isdigit():
                        telling += [] if _is_plain(run) else pieces
                    else:
                        telling += [one for one in pieces if not _is_plain(one) and len(set(one)) >= 4]
                self._parts |= dict.fromkeys(telling, secret.name)
                if not telling:
                    self._plain.append(form)
        self._ordered = sorted((form for form in self._names if len(form) >= SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        runs = _RUN.findall(text)
        if self._names and self._may_hold(text, runs):
            text = self._without_known(text)
        return shapes.strike(text, max(map(len, runs), default=0))

    def known(self, text: str) -> str:
        """Without the secrets that are known; what merely looks like one stays."""
        return self._without_known(text) if self._may_hold(text, _RUN.findall(text)) else text

    def stream(self) -> Callable[[str], str]:
        """`text` for the lines of one stream, in their order: a private key takes several."""
        in_key = False

        def line(text: str) -> str:
            nonlocal in_key
            if in_key and "-----END" not in text and shapes.goes_on(text):
                return shapes.SECRET
            in_key = shapes.begins_pem(text)
            return self.text(text)

        return line

    def data(self, value: Any) -> Any:
        """The same JSON value with every string scrubbed; the id of an order may look like a key."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                self.known(key): self.known(part)
                if isinstance(part, str) and _IDENTIFIER.search(key)
                else self.data(part)
                for key, part in value.items()
            }
        if isinstance(value, list):
            return [self.data(part) for part in value]
        return value

    def _may_hold(self, text: str, runs: list[str]) -> bool:
        parts = self._parts
        for run in runs:
            if not _is_plain(run):
                for at in range(len(run) - SHORTEST + 1):
                    if run[at : at + SHORTEST] in parts:
                        return True
        return any(form in text for form in self._plain)

    def _without_known(self, text: str) -> str:
        for form in self._ordered:
            if form in text:
                text = text.replace(form, f"‹{self._names[form]}›")
        for form in self._alone:
            if form in text:
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", f"‹{self._names[form]}›", text)
        return _RUN.sub(self._without_parts, text)

    def _without_parts(self, match: re.Match[str]) -> str:
        """A run of letters and digits without the parts of a secret in it."""
        run, told, kept = match[0], "", 0
        if _is_plain(run):
            return run
        places = [at for at in range(len(run) - SHORTEST + 1) if run[at : at + SHORTEST] in self._inside]
        while places:
            first = last = places.pop(0)
            while places and places[0] <= last + SHORTEST:
                last = places.pop(0)
            names = (self._parts.get(run[at : at + SHORTEST]) for at in range(first, last + 1))
            name = next(filter(None, names), None)
            if name is not None:
                told += f"{run[kept:first]}‹{name}›"
                kept = last + SHORTEST
        return told + run[kept:]


def _pieces(run: str) -> list[str]:
    """Each eight characters of a run."""
    return [run[at : at + SHORTEST] for at in range(len(run) - SHORTEST + 1)]


def _is_plain(text: str) -> bool:
    """A word, or a number of 64 bits."""
    if text.isdigit():
        return len(text) <= 20
    return text.isalpha() and (text.islower() or text.isupper() or text.istitle())
