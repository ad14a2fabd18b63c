"""Secrets that nobody named, by their shape: keys beside a telling word, headers, PEM, long hexadecimal."""

import re

SECRET = "‹secret›"

_NO_VALUE = (
    r"(?!(?:none|null|true|false|missing|invalid|required|expired|unknown|wrong|error|not|is|set|unset|empty|"
    r"string|str|bytes|undefined|nil|redacted|hidden|ok|denied|failed|mismatch)\b)"
)
_SEPARATOR = r"[\"']?\]?\s{0,2}(?:[:=]|=>)\s{0,2}(?:[bru]?[\"'])?"
_VALUE = r"[^\s\"',;&}\])]"
_NAME = (
    r"api[-_ ]?key|api[-_ ]?secret|secret[-_ ]?key|access[-_ ]?key|private[-_ ]?key|signing[-_ ]?key|"
    r"client[-_ ]?secret|secret|passphrase|password|passwd|pwd|api[-_ ]?sign|access[-_ ]?sign|signature|"
    r"session[-_ ]?id|session[-_ ]?token|access[-_ ]?token|refresh[-_ ]?token|auth[-_ ]?token|listen[-_ ]?key"
)
# Each with words in lower case of which a text must hold one: most of what is said holds none.
_PATTERNS = tuple(
    (hints.split(","), re.compile(pattern, re.IGNORECASE))
    for hints, pattern in (
        (
            "-----begin",
            r"(?P<keep>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(?:(?!-----END)[\s\S])+"
            r"(?P<end>-----END [A-Z ]*-*|\Z)",
        ),
        ("gravity=", r"(?P<keep>\bgravity=)(?!‹)[^;\s\"',]+"),
        (
            "cookie,authorization",
            rf"(?P<keep>\b(?:proxy-)?(?:authorization|set-cookie|cookie)\b{_SEPARATOR})(?!‹)[^\"'\n}}]{{4,}}",
        ),
        (
            "sign,key,token",
            rf"(?P<keep>(?<![a-z])(?:sign|apikey|token|key)\b{_SEPARATOR})"
            rf"(?={_VALUE}{{0,200}}[0-9])(?={_VALUE}{{0,200}}[a-z])(?![A-Z0-9]+[-_/]){_VALUE}{{16,}}",
        ),
        (
            "key,secret,pass,pwd,sign,session,token",
            rf"(?P<keep>(?<![a-z])(?=[acprsl])(?:{_NAME}){_SEPARATOR}){_NO_VALUE}(?![‹*<\[({{]){_VALUE}{{4,}}",
        ),
        (
            "=",
            r"(?P<keep>[?&](?:api_?key|sign(?:ature)?|token|key|secret|passphrase|auth)=)(?!‹)[^&\s\"'#]{4,}",
        ),
        ("'r',\"r\",'s',\"s\"", r"(?P<keep>[\"'](?:r|s)[\"']\s*:\s*[\"'])0x[0-9a-f]{16,}"),
        ("bearer ,token ", r"(?P<keep>\b(?:bearer|token)\s+)(?=\S*[0-9])[a-z0-9+/=._~-]{12,}"),
        ("basic ", r"(?P<keep>\bbasic\s+)(?=\S*(?:[0-9=]|(?-i:[A-Z])))[a-z0-9+/_-]{8,}={0,2}"),
        ("eyj", r"(?P<keep>\b)(?-i:eyJ)[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),
        ("://", r"(?P<keep>\b[a-z][a-z0-9+.-]{0,20}://[^/\s:@]{0,80}:)(?!‹)[^/\s@]+(?=@)"),
        (
            "mnemonic,seed,phrase,recovery",
            r"(?P<keep>\b(?:mnemonic|(?:seed|recovery|secret)(?: phrase)?)\b\W{1,4})"
            r"(?-i:(?:[a-z]{3,8}\W){11,}[a-z]{3,8})",
        ),
    )
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9a-fA-F]{64,}(?![0-9A-Za-z])")  # a private key, or a signature
_WORDS = re.compile(r"(?<![\w ])(?:[a-z]{3,8} ){11,23}[a-z]{3,8}(?![\w ])")
_PROSE = re.compile(
    r"\b(?:the|and|was|for|not|are|has|had|but|its|were|which|because|been|from|into|than|could|would|should)\b"
)
_PEM_LINE = re.compile(r"[A-Za-z0-9+/=:, -]*")


def strike(text: str, longest: int) -> str:
    """The text without what looks like a secret; `longest` is the length of its longest run of letters."""
    low = text.lower()
    for hints, pattern in _PATTERNS:
        for hint in hints:
            if hint in low:
                text = pattern.sub(_struck, text)
                break
    if longest >= 64:
        text = _HEX.sub(SECRET, text)
    if low.count(" ") >= 11:
        text = _WORDS.sub(_unless_prose, text)
    return text


def _struck(match: re.Match[str]) -> str:
    return match["keep"] + SECRET + (match.groupdict().get("end") or "")


def _unless_prose(match: re.Match[str]) -> str:
    count = match[0].count(" ") + 1
    return match[0] if _PROSE.search(match[0]) or count not in (12, 15, 18, 21, 24) else SECRET


def begins_pem(text: str) -> bool:
    """Whether the lines that follow are the body of a private key."""
    return (
        "-----" in text
        and "PRIVATE KEY-----" in text.rpartition("-----BEGIN")[2]
        and ("-----END" not in text.rpartition("-----BEGIN")[2])
    )


def goes_on(line: str) -> bool:
    """Whether this may be a line of the body of a private key."""
    return _PEM_LINE.fullmatch(line) is not None
