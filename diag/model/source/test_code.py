"""Which files hold tests: those that pytest collects by name, its own, and all in folders of tests."""

from pathlib import Path

_FOLDERS = frozenset({"tests", "test"})


def is_test(path: Path, root: Path) -> bool:
    """Whether the file is a test, or there for tests only; folders above `root` say nothing."""
    name = path.name
    if (
        name == "conftest.py"
        or (name.endswith(".py") and name.startswith("test_"))
        or name.endswith("_test.py")
    ):
        return True
    folders = (path.relative_to(root) if path.is_relative_to(root) else path).parts[:-1]
    return not _FOLDERS.isdisjoint(folders)
