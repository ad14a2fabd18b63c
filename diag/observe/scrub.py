"""Keeps secrets out of a record: what the environment holds under a telling name, and what looks so."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_TELLING = re.compile(r"KEY|SECRET|TOKEN|PASS|PRIVATE|COOKIE|MNEMONIC|SEED|CREDENTIAL|AUTH", re.IGNORECASE)
_SHORTEST = 8  # a shorter value is struck out where it stands alone, and is no plain word or number
_SHORT = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])\S{4,7}")

# Most of what is said holds nothing of the kind, and one look settles that.
_HINT = re.compile(r"gravity=|0x|key|secret|pass|sign|cookie|auth|[\"'][rs][\"']", re.I)
_PATTERNS = (
    re.compile(r"(?P<keep>\bgravity=)[^;\s\"']+"),
    re.compile(
        r"(?P<keep>\b(?:x-api-key|x-signature|authorization|cookie|set-cookie)\b[\"']?\s*[:=]\s*[\"']?)[^\"'\n,}]+",
        re.I,
    ),
    re.compile(
        r"(?P<keep>[\"']?\b(?:api_?key|api_?secret|secret|private_?key|password|passphrase|signature|r|s)\b[\"']?\s*[:=]\s*[\"'])"
        r"[^\"'\s]{8,}",
        re.I,
    ),
    re.compile(r"(?P<keep>\b)0x[0-9a-fA-F]{64}\b"),  # a private key, or half a signature
)


class Scrubber:
    """Replaces secrets in text by ‹NAME› or ‹secret›."""

    def __init__(self, environment: Mapping[str, str], *more: Mapping[str, str]) -> None:
        found: dict[str, str] = {}
        for variables in (environment, *more):
            for name, value in variables.items():
                if _TELLING.search(name) and not os.path.exists(value):
                    found |= dict.fromkeys(_forms(value), name)
        self._names = found
        self._known: re.Pattern[str] | None = None
        if found:
            long = sorted((form for form in found if len(form) >= _SHORTEST), key=len, reverse=True)
            short = (rf"(?<!\w){re.escape(form)}(?!\w)" for form in found if len(form) < _SHORTEST)
            self._known = re.compile("|".join([*map(re.escape, long), *short]))

    def text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(lambda match: f"‹{self._names[match[0]]}›", text)
        if _HINT.search(text) is None:
            return text
        for pattern in _PATTERNS:
            text = pattern.sub(lambda match: match["keep"] + "‹secret›", text)
        return text

    def data(self, value: Any) -> Any:
        """The same JSON value with every string scrubbed."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.data(part) for part in value]
        return value


def _forms(value: str) -> Iterator[str]:
    """What a secret may look like where it is told: a line of it, in a URL, in JSON, as a number in hex."""
    parts = [value, *value.replace("\\n", "\n").splitlines()]
    if value.lower().startswith("0x"):
        parts.append(value[2:])
    if re.fullmatch("(0x)?[0-9a-fA-F]{16,}", value):
        parts += [part.lower() for part in parts]
    for part in filter(None, map(str.strip, parts)):
        if len(part) >= _SHORTEST or _SHORT.fullmatch(part):
            yield from (part, quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1])
