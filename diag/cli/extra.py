"""What the extra `probe` of the distribution brings, and what is said where it is missing."""

_PACKAGES = ("aiohttp", "coincurve", "Crypto", "dotenv", "orjson", "trustme")


def require_probe_extra() -> None:
    """Raises ConfigError with the way to install when a package is missing. Imports none of them."""
    from importlib.util import find_spec

    from diag.config import ConfigError

    for package in _PACKAGES:
        if find_spec(package) is None:
            raise ConfigError([f"{package} is not installed; run: pip install 'exchange-diag[probe]'"])
