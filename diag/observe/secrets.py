"""Where programs keep their secrets: the environment, the command line, and the files they load them from."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

LARGEST = 1 << 18  # bytes of a file that is looked into
_FILES = 200  # of one folder

_CONFIGURATION = frozenset(
    [
        ".cfg",
        ".conf",
        ".env",
        ".ini",
        ".json",
        ".key",
        ".pem",
        ".properties",
        ".secret",
        ".secrets",
        ".toml",
        ".yaml",
        ".yml",
    ]
)
_NOT_OURS = re.compile(r"(package|composer|pyproject|tsconfig|.*[-.]lock)\.(json|toml|ya?ml)|.*lock", re.I)
_NAMED_SO = re.compile(r"(config|conf|settings?|secrets?|credentials?|keys?|accounts?)\w*\.(py|txt)", re.I)
_KEY_FILE = re.compile(r"id_(rsa|dsa|ecdsa|ed25519)|\.?(credentials|netrc|pgpass|secrets?|token)", re.I)
_SETTINGS = re.compile(
    r"(config|conf|settings?|secrets?|credentials?|keys?|accounts?|wallets?|\.env).*|.*\.(ya?ml|toml|ini|cfg|conf)",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"(?:.*_)?(ids?|hash|address|digest|checksum|integrity|version|order|contract|market)"
)
_FOLDERS = ("config", "configs", "conf", "settings", "secrets", ".secrets", "keys", "credentials")
_ENV_FILES = tuple(
    f".env{of}" for of in ("", ".local", ".dev", ".development", ".prod", ".production", ".test", ".testnet")
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CLEAR = frozenset(
    [
        "secret",
        "secrets",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "mnemonic",
        "credential",
        "credentials",
        "cookie",
        "apikey",
        "apisecret",
        "privatekey",
        "secretkey",
        "accesskey",
        "private",
    ]
)
_VAGUE = frozenset(
    [
        "key",
        "keys",
        "token",
        "tokens",
        "pass",
        "auth",
        "seed",
        "sign",
        "signature",
        "session",
        "jwt",
        "bearer",
        "phrase",
    ]
)
_CLEAR_END = re.compile(
    r"(api|access|secret|private|signing|wallet|agent)_?key$|secret$|passphrase$|password$"
)
_VAGUE_END = re.compile(r"(key|token)$")

_PAIR = re.compile(
    r"""["']?(?P<name>[A-Za-z_][\w.-]*)["']?[ \t]*[:=][ \t]*
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'{\[|>][^\n]*))""",
    re.VERBOSE,
)
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(.*?)(?:-----END|\Z)", re.DOTALL)
_OPTION = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.I)


class Named(NamedTuple):
    """A secret: the place it stands in (a file, `the environment`), the name it has there, its value."""

    where: str
    name: str
    value: str


def is_random(value: str) -> bool:
    """Whether this was drawn by a machine: a key, a token, no word, number, path or address of a contract."""
    if re.fullmatch(r"[A-Za-z0-9+/_=-]{20,}", value) is None or value[0] in "/-":
        return False
    if re.fullmatch("0x[0-9a-fA-F]{40}", value):
        return False
    kinds = ["0" if char.isdigit() else "A" if char.isupper() else "a" for char in value if char.isalnum()]
    changes = sum(map(str.__ne__, kinds, kinds[1:]))
    return "0" in kinds and len(set(kinds)) > 1 and len(set(value)) >= 8 and changes >= len(value) / 5


def _how_clear(name: str) -> int:
    """Whether a name says that its value is a secret: 2 clearly, 1 perhaps, 0 not."""
    joined = _joined(name)
    words = joined.split("_")
    if not _CLEAR.isdisjoint(words) or _CLEAR_END.search(joined) or joined in ("pk", "sk"):
        return 2
    return 1 if not _VAGUE.isdisjoint(words) or _VAGUE_END.search(joined) else 0


def _joined(name: str) -> str:
    """`apiSecret`, `API-SECRET` and `api_secret` as `api_secret`."""
    return "_".join(_WORD.findall(name)).lower()


def in_environment(variables: Mapping[str, str], where: str = "the environment") -> Iterator[Named]:
    """Under a telling name, or drawn by a machine under any name; the password in an address."""
    for name, value in variables.items():
        if not value or (os.sep in value and os.path.exists(value)):
            continue
        if _how_clear(name) or is_random(value):
            yield Named(where, name, value)
        for password in _URL.findall(value):
            yield Named(where, name, password)


def in_words(words: Sequence[str], where: str = "the command line") -> Iterator[Named]:
    """`--api-key X`, `--api-key=X`, `API_KEY=X`, and what was drawn by a machine wherever it stands."""
    names = ["", *words]
    for before, word in zip(names, words, strict=False):
        option = _OPTION.fullmatch(word)
        name, value = (option[1], option[2] or "") if option else ("", word)
        if not option and "=" in word:
            name, _, value = word.partition("=")
        elif not option and (earlier := _OPTION.fullmatch(before)) and earlier[2] is None:
            name = earlier[1]
        if value and not os.path.exists(value) and (_how_clear(name) or is_random(value)):
            yield Named(where, name or "argument", value)


def in_file(path: Path) -> Iterator[Named]:
    """What a file of variables or of settings, or a key file, holds; nothing where it cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return
        raw = path.read_bytes()
    except (OSError, ValueError):
        return
    if b"\0" in raw:
        return
    text, where = raw.decode("utf-8-sig", "replace"), str(path)
    is_settings = _SETTINGS.fullmatch(path.name) is not None
    for body in _PEM.findall(text):
        for line in body.replace("\\n", "\n").split("\n"):
            if len(line.strip()) >= 8:
                yield Named(where, path.name, line.strip())
    if path.name.startswith(".env") or path.suffix == ".env":
        yield from in_environment(variables_of(path), where)
        return
    for pair in _PAIR.finditer(text):
        value = next(filter(None, pair.group("double", "single")), "")
        if not value and pair["bare"] and path.suffix != ".py":
            value = re.split(r"\s[#;]", pair["bare"])[0].strip().rstrip(",")
        clear = _how_clear(pair["name"])
        said = len(value) >= 4 and not re.fullmatch(r"[0-9.]+|true|false|null|none", value, re.I)
        if not said or os.path.exists(value):
            continue
        random = (
            is_random(value) and (clear or is_settings) and not _NO_SECRET.fullmatch(_joined(pair["name"]))
        )
        if clear == 2 or random or (clear and re.fullmatch("(0x)?[0-9a-fA-F]{32,}", value)):
            yield Named(where, pair["name"], value.replace("\\n", "\n"))
    alone = text.strip()
    if "\n" not in alone and (is_random(alone) or (alone and _KEY_FILE.fullmatch(path.name))):
        yield Named(where, path.name, alone)


def variables_of(path: Path) -> dict[str, str]:
    """What a .env file sets; nothing if there is none that can be read."""
    from dotenv import dotenv_values

    try:
        values = dotenv_values(path) if path.is_file() else {}
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in values.items() if value is not None}


def may_hold(path: Path) -> bool:
    """Whether a file's name says that it may hold settings or keys."""
    name = path.name
    if _NOT_OURS.fullmatch(name):
        return False
    if path.suffix.lower() in _CONFIGURATION or name.startswith(".env"):
        return True
    return _NAMED_SO.fullmatch(name) is not None or _KEY_FILE.fullmatch(name) is not None


def around(folders: Iterable[Path], words: Sequence[str] = ()) -> Iterator[Named]:
    """What stands in the files that a program loads its secrets from.

    The .env files of these folders and of each folder above, files of settings and keys in them and in their
    folders of settings, and those that the command line names.
    """
    yield from in_words(words)
    files: dict[Path, None] = {}
    for folder in dict.fromkeys(folders):
        for above in (folder, *folder.absolute().parents):
            files |= dict.fromkeys(above / name for name in _ENV_FILES)
        for place in (folder, *(folder / name for name in _FOLDERS)):
            files |= dict.fromkeys(_settings_in(place))
    for word in words:
        value = word.rpartition("=")[2]
        if 0 < len(value) < 1024 and "\0" not in value and not value.endswith(".py"):
            files[Path(value)] = None
    for file in files:
        yield from in_file(file)


def _settings_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [folder / entry.name for entry in entries if may_hold(Path(entry.name))]
    except OSError:
        return []
    return sorted(found)[:_FILES]
