"""What the extra `probe` of the distribution brings, and what is said where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

_PACKAGES = ("aiohttp", "coincurve", "Crypto", "dotenv", "orjson", "trustme")


@contextmanager
def probe_extra() -> Iterator[None]:
    """Imports go in here; raises ConfigError with the way to install when a package is missing."""
    from diag.config import ConfigError

    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise ConfigError(
            [f"{error.name} is not installed; run: pip install 'exchange-diag[probe]'"]
        ) from None
