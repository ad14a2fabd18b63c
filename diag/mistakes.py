"""Which errors speak of a mistake in the code, not of the world: lint, child and judges agree on them here.

The child imports nothing of ours and has a copy, which a test holds equal.
"""

import builtins

# Built-in classes; what a program or a library derives from them are signals of its own.
PROGRAMMING_ERRORS = (
    "TypeError",
    "AttributeError",
    "NameError",
    "LookupError",
    "AssertionError",
    "NotImplementedError",
    "ImportError",
)
_OF_DATA = {"LookupError", "AssertionError"}  # what is looked up, or asserted, may come from outside


def _classes() -> dict[str, type[BaseException]]:
    found = {name: cls for name, cls in vars(builtins).items() if isinstance(cls, type)}
    return {name: cls for name, cls in found.items() if issubclass(cls, BaseException)}


def catching(*errors: str) -> frozenset[str]:
    """The names of the built-in classes that an `except` clause may give to receive one of these."""
    known = _classes()
    return frozenset(base.__name__ for error in errors for base in known[error].__mro__ if base is not object)


def whatever_is_given() -> frozenset[str]:
    """The names of programming errors, subclasses included, that no answer of somebody else brings about."""
    known = _classes()
    of_code = tuple(known[name] for name in PROGRAMMING_ERRORS if name not in _OF_DATA)
    return frozenset(name for name, cls in known.items() if issubclass(cls, of_code))
