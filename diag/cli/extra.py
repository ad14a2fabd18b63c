"""What the extra `probe` of the distribution brings, and what is said where it is missing."""

_PACKAGES = {  # by the name under which each is imported: its name on the package index
    "aiohttp": "aiohttp",
    "coincurve": "coincurve",
    "Crypto": "pycryptodome",
    "dotenv": "python-dotenv",
    "orjson": "orjson",
    "trustme": "trustme",
}


def require_probe_extra() -> None:
    """Raises ConfigError with the way to install when a package is missing. Imports none of them."""
    import sys
    from importlib.util import find_spec

    from diag.config import ConfigError

    missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        install = f"{sys.executable} -m pip install {' '.join(missing)}"
        raise ConfigError([f"not installed: {', '.join(missing)}; run: {install}"])
