"""Credentials from the environment or a .env file, by variable; they never show themselves."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class CredentialsError(Exception):
    """Credentials that are missing or malformed: one line that names the variable, never its value."""


class RealCredentialsError(Exception):
    """Credentials that look real stand where a simulated run would see them: one line."""


class Secret:
    """A string that no repr, log line, format or pickle shows. `reveal` is for the wire alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


Credentials = Mapping[str, Secret]
"""By the name of the variable that holds each."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable from which clients of a venue take a credential.

    `looks_real` tells a credential that may be worth something from a placeholder and from those that the
    simulator hands out; None for what is no secret, as the id of an account.
    """

    name: str
    looks_real: Callable[[str], bool] | None = None


def is_token(value: str) -> bool:
    """Whether this may be an API key: long, and not the text that stands in an example."""
    placeholder = re.search("your|key|xxx|test|dummy|example|change|simulated", value.strip().lower())
    return len(value.strip()) >= 20 and placeholder is None


def is_hex_key(value: str) -> bool:
    """Whether this may be a private key of 32 bytes in hexadecimal, and not one that is worth nothing."""
    digits = value.strip().lower().removeprefix("0x")
    given_out = digits.startswith(_SIMULATED)
    return re.fullmatch("[0-9a-f]{64}", digits) is not None and len(set(digits)) > 4 and not given_out


def throw_away_hex_key(digits: str) -> str:
    """A private key of 32 bytes that anybody sees is worth nothing, from at least 46 hexadecimal digits."""
    return f"0x{_SIMULATED}{digits[: 64 - len(_SIMULATED)]}"


_SIMULATED = b"simulated".hex()


def load(
    variables: Sequence[Variable],
    environ: Mapping[str, str] = os.environ,
    dotenv: Path | None = Path(".env"),
) -> Credentials | None:
    """The credentials of the environment, or of the .env file for those that it lacks.

    None when there is none at all; CredentialsError when some are missing.
    """
    names = [variable.name for variable in variables]
    values = {name: environ.get(name, "").strip() for name in names}
    if dotenv is not None and not all(values.values()) and dotenv.is_file():
        from dotenv import dotenv_values

        try:
            read = dotenv_values(dotenv, interpolate=False)
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialsError(f"{dotenv}: cannot be read: {type(error).__name__}") from None
        values = {name: value or (read.get(name) or "").strip() for name, value in values.items()}
    if not any(values.values()):
        return None
    missing = [name for name in names if not values[name]]
    if missing:
        raise CredentialsError(f"{' and '.join(missing)} missing: set all of {', '.join(names)}, or none")
    return {name: Secret(value) for name, value in values.items()}


def variables_of(file: Path) -> dict[str, str]:
    """What a .env file sets; nothing if there is none."""
    from dotenv import dotenv_values

    values = dotenv_values(file) if file.is_file() else {}
    return {name: value for name, value in values.items() if value is not None}


def refuse_real(variables: Sequence[Variable], environment: Mapping[str, str], files: Sequence[Path]) -> None:
    """Raise RealCredentialsError if the environment or a .env file holds credentials that look real.

    In simulation they are of no use, and what a program does with them is not known.
    """
    sources = [("the environment", environment), *((str(file), variables_of(file)) for file in files)]
    for where, values in sources:
        names = [
            each.name for each in variables if each.looks_real and each.looks_real(values.get(each.name, ""))
        ]
        if names:
            raise RealCredentialsError(
                f"{where} holds {' and '.join(names)}, which look real: simulation does not want them; "
                "unset them, or say --allow-real-credentials"
            )
