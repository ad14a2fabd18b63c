"""Settings: `[tool.diag]` of pyproject.toml, or diag.toml, under what the command line says.

The nearest folder, upwards from the first path, that has a configuration is the root of the project. The
search ends at the root of the repository (the folder that holds `.git`). In one folder, diag.toml wins.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from diag.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Settings:
    """What to judge and how. Globs follow the rules of `.gitignore` and count from `root`."""

    paths: tuple[Path, ...]
    root: Path
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    python: Path | None = None
    cache: bool = True
    fix: bool = False
    show_unknown: bool = False


class ConfigError(Exception):
    """Everything that is wrong with a configuration; each error is one line and names its file or option."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(self.errors))


KEYS = ("select", "ignore", "per-path-ignores", "exclude", "python", "probe")


def load(
    paths: Sequence[Path],
    *,
    known_codes: Collection[str],
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    python: Path | None = None,
    cache: bool = True,
    fix: bool = False,
    show_unknown: bool = False,
) -> Settings:
    """The settings for these paths; an option that is given replaces the same key of the configuration.

    Raises ConfigError with every error at once.
    """
    errors: list[str] = []
    root, source, table = _find(paths[0] if paths else Path(), errors)
    reader = _Reader(table, source, known_codes, errors)
    reader.unknown_keys()
    settings = Settings(
        paths=tuple(paths),
        root=root,
        select=reader.codes("select"),
        ignore=reader.codes("ignore"),
        per_path_ignores=reader.codes_by_glob("per-path-ignores"),
        exclude=reader.strings("exclude"),
        python=reader.environment("python", root),
        cache=cache,
        fix=fix,
        show_unknown=show_unknown,
    )
    reader.bounds()
    changes: dict[str, Any] = {}
    if select is not None:
        changes["select"] = _known("--select", select, known_codes, errors)
    if ignore is not None:
        changes["ignore"] = _known("--ignore", ignore, known_codes, errors)
    if python is not None:
        changes["python"] = _environment("--python", python, errors)
    if errors:
        raise ConfigError(errors)
    return replace(settings, **changes)


def load_bounds(options: Sequence[str]) -> tuple[Path, Bounds]:
    """The root of the project around the working directory, and the bounds of its probes.

    An option is `NAME=VALUE` and replaces that key of `[tool.diag.probe]`. Raises ConfigError.
    """
    errors: list[str] = []
    root, source, table = _find(Path(), errors)
    bounds = _Reader(table, source, (), errors).bounds()
    for option in options:
        name, equals, value = option.partition("=")
        if not equals:
            errors.append(f'--bound: "{option}" is not of the form NAME=VALUE')
        else:
            bounds = replace(bounds, **_bound("--bound", name, value, errors))
    if errors:
        raise ConfigError(errors)
    return root, bounds


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the known word that is most like this one, or nothing."""
    from difflib import SequenceMatcher, get_close_matches

    exact = {name.casefold(): name for name in known}
    word = word.casefold()

    def likeness(name: str) -> tuple[float, int]:
        # Among equals, the one with more letters in their places: DG1O1 is DG101 rather than DG110.
        return SequenceMatcher(None, name, word).ratio(), sum(map(str.__eq__, name, word))

    best = max(get_close_matches(word, exact, n=9), key=likeness, default=None)
    return f' (did you mean "{exact[best]}"?)' if best else ""


def _find(start: Path, errors: list[str]) -> tuple[Path, str, Mapping[str, Any]]:
    """The root of the project, the name of its configuration in messages, and the table in it."""
    here = Path(os.path.abspath(start))
    repository: Path | None = None
    for folder in (here, *here.parents):
        for name in ("diag.toml", "pyproject.toml"):
            path = folder / name
            table = _table(path, errors)
            if table is not None:
                return folder, _display(path), table
        if os.path.exists(folder / ".git"):
            repository = folder
            break
    return repository or Path.cwd(), "", {}


def _display(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _table(path: Path, errors: list[str]) -> Mapping[str, Any] | None:
    """The table of diag in this file; None when there is none."""
    if not os.path.isfile(path):
        return None
    try:
        raw = path.read_bytes()
    except OSError as error:
        errors.append(f"{_display(path)}: cannot be read: {error.strerror}")
        return {}
    own = path.name == "diag.toml"
    if not own and b"diag" not in raw:
        return None
    import tomllib

    try:
        document = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        errors.append(f"{_display(path)}: not valid TOML: {error}")
        return {}
    if own:
        return document
    tool = document.get("tool")
    table = tool.get("diag") if isinstance(tool, dict) else None
    if table is None or isinstance(table, dict):
        return table
    errors.append(f"{_display(path)}: tool.diag must be a table, not {_kind(table)}")
    return {}


class _Reader:
    """Takes typed values out of a table and collects what is wrong with them."""

    def __init__(
        self, table: Mapping[str, Any], source: str, known: Collection[str], errors: list[str]
    ) -> None:
        self.table = table
        self.source = source
        self.known = known
        self.errors = errors

    def unknown_keys(self) -> None:
        for key in self.table:
            if key not in KEYS:
                hint = nearest(key, KEYS) or "; known are " + ", ".join(KEYS)
                self.errors.append(f'{self.source}: unknown key "{key}"{hint}')

    def strings(self, key: str) -> tuple[str, ...]:
        return self._strings(key, self.table.get(key, []))

    def codes(self, key: str) -> tuple[str, ...]:
        return _known(f"{self.source}: {key}", self.strings(key), self.known, self.errors)

    def codes_by_glob(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.errors.append(f"{self.source}: {key} must be a table of globs, not {_kind(value)}")
            return ()
        return tuple(
            (
                glob,
                _known(
                    f'{self.source}: {key}."{glob}"',
                    self._strings(f'{key}."{glob}"', codes),
                    self.known,
                    self.errors,
                ),
            )
            for glob, codes in value.items()
        )

    def environment(self, key: str, root: Path) -> Path | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.errors.append(f"{self.source}: {key} must be a string, not {_kind(value)}")
            return None
        return _environment(f"{self.source}: {key}", root / Path(value).expanduser(), self.errors)

    def bounds(self) -> Bounds:
        table = self.table.get("probe", {})
        if not isinstance(table, dict):
            self.errors.append(f"{self.source}: probe must be a table, not {_kind(table)}")
            return Bounds()
        changes: dict[str, Any] = {}
        for name, value in table.items():
            changes |= _bound(f"{self.source}: probe", name, value, self.errors)
        return replace(Bounds(), **changes)

    def _strings(self, key: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        found = _kind(value) if not isinstance(value, list) else "an array with other values in it"
        self.errors.append(f"{self.source}: {key} must be an array of strings, not {found}")
        return ()


def _known(where: str, codes: Sequence[str], known: Collection[str], errors: list[str]) -> tuple[str, ...]:
    """These codes or prefixes of codes; an error for each that selects no rule."""
    errors.extend(
        f'{where}: unknown rule code "{code}"{nearest(code, known) or "; see `diag rule`"}'
        for code in codes
        if not code or not any(name.startswith(code) for name in known)
    )
    return tuple(codes)


LARGEST_BOUND = 10**12  # what arithmetic of 28 digits takes


def _bound(where: str, name: str, value: object, errors: list[str]) -> dict[str, Any]:
    """The field of Bounds for a key and its value; an error when there is none such, or no such number."""
    known = {field.name.replace("_", "-"): field.name for field in fields(Bounds)}
    if name not in known:
        errors.append(
            f'{where}: unknown bound "{name}"{nearest(name, known) or "; known are " + ", ".join(known)}'
        )
        return {}
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= LARGEST_BOUND:
        errors.append(f"{where}: {name} must be a number from 0 to {LARGEST_BOUND}, not {value!r}")
        return {}
    if isinstance(getattr(Bounds(), known[name]), int):
        if number % 1:
            errors.append(f"{where}: {name} must be a whole number, not {value}")
        return {known[name]: int(number)}
    return {known[name]: number}


def _environment(where: str, path: Path, errors: list[str]) -> Path | None:
    """An interpreter or the folder of an environment; an error when it is neither."""
    if os.path.isfile(path) and os.access(path, os.X_OK):
        return path
    markers = ("pyvenv.cfg", "conda-meta", "bin/python", "bin/python3", "python.exe", "Scripts/python.exe")
    if os.path.isdir(path) and any(os.path.exists(path / marker) for marker in markers):
        return path
    reason = "is not a Python environment or interpreter" if os.path.exists(path) else "does not exist"
    errors.append(
        f"{where}: {_display(path)} {reason}; give the folder of a virtual environment or its python"
    )
    return None


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")
