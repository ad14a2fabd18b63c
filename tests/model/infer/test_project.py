"""Which module an import means."""

from pathlib import Path

import pytest

from diag.model.infer.project import Project
from diag.model.source.environment import Environment
from tests.model.conftest import Model


def found(model: Model, name: str, importer: str = "main") -> str:
    """The path of the module that is imported, from the root; its kind where it has none there."""
    module = model.project.import_module(name, model.module(importer))
    if module is None:
        return "nothing"
    root = model.project.root
    inside = module.path is not None and module.path.is_relative_to(root)
    return module.path.relative_to(root).as_posix() if inside and module.path else module.kind


@pytest.mark.parametrize(
    ("name", "importer", "path"),
    [
        ("helper", "main", "helper.py"),  # beside the script
        ("exchanges.grvt", "main", "exchanges/grvt.py"),
        ("exchanges", "main", "exchanges/__init__.py"),
        ("exchanges.grvt", "exchanges.base", "exchanges/grvt.py"),  # from inside the package
        ("core.orders", "main", "src/core/orders.py"),  # the `src` layout
        ("json", "main", "stub"),
        ("nowhere", "main", "nothing"),
        ("logging", "main", "logging.py"),  # a script's neighbour shadows the library
    ],
)
def test_an_import_is_resolved_as_python_does(tmp_path: Path, name: str, importer: str, path: str) -> None:
    files = ["main", "helper", "logging", "exchanges/__init__", "exchanges/grvt", "exchanges/base"]
    files += ["src/core/__init__", "src/core/orders", ".git/x"]
    assert found(Model(tmp_path, {f"{each}.py": "" for each in files}), name, importer) == path


def test_a_relative_import_counts_packages(tmp_path: Path) -> None:
    files = dict.fromkeys(["main.py", "a/__init__.py", "a/b/__init__.py", "a/b/c.py", "a/d.py"], "")
    made = Model(tmp_path, files)
    near = made.project.resolve_relative(made.module("a.b.c"), 1, "")
    above = made.project.resolve_relative(made.module("a.b.c"), 2, "d")
    assert near is not None
    assert above is not None
    assert (near.name, above.name) == ("a.b", "a.d")


def test_the_environment_comes_after_the_project(tmp_path: Path) -> None:
    library = tmp_path / "site"
    (library / "ours").mkdir(parents=True)
    (library / "ours" / "__init__.py").write_text("")
    (library / "theirs.py").write_text("")
    main = tmp_path / "bot" / "main.py"
    main.parent.mkdir()
    (main.parent / "ours.py").write_text("")
    main.write_text("")
    files = [(main, b""), (main.parent / "ours.py", b"")]
    project = Project(files, Environment((library,)), main.parent)
    kinds = [
        getattr(project.import_module(name, project.judged[0]), "kind", None) for name in ("ours", "theirs")
    ]
    assert kinds == ["project", "library"]
