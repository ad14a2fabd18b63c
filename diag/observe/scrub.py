"""Keeps secrets out of a record: what the environment holds under a telling name, and what looks so."""

import os
import re
from collections.abc import Mapping
from typing import Any

_TELLING = re.compile(r"KEY|SECRET|TOKEN|PASS|PRIVATE|COOKIE|MNEMONIC|SEED|CREDENTIAL|AUTH", re.IGNORECASE)
_SHORTEST = 8  # a shorter value is no secret, and would be struck out of plain words

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
        found = {
            value: name
            for variables in (environment, *more)
            for name, value in variables.items()
            if len(value) >= _SHORTEST and _TELLING.search(name) and not os.path.exists(value)
        }
        self._names = found
        longest_first = sorted(found, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if found else None

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
