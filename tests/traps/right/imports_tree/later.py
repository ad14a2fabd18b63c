"""Star-imported after the helpers; replaces one of their names by a coroutine function."""


async def read(path):
    return path


def _private():
    return None
