"""Star-imported; what is in __all__ is plain, the rest is not."""

__all__ = ["normalise", "read"]


def normalise(symbol):
    return symbol.upper()


def read(path):
    return path


async def fetch(symbol):
    return symbol
