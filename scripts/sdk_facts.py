"""Regenerate the bundled facts of exchange SDKs (diag/model/facts/sdk/*.json) from their releases on PyPI.

    python scripts/sdk_facts.py                        # every SDK of sdk_releases.toml
    python scripts/sdk_facts.py --only grvt-pysdk      # some of them
    python scripts/sdk_facts.py --only acme --source acme==1.0=DIR --out OUT    # unpacked already, no network

Wheels are fetched with `pip download --no-deps --only-binary :all:` (nothing is built), unpacked, and read
with `ast`; no code of theirs is imported or run. An SDK that publishes no wheels (`sdist`) is read from its
source archive, for which pip asks its build for the metadata. The output depends on the releases alone.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # run as a plain script, installed or not

from sdk_annotations import instance_of  # noqa: E402
from sdk_extract import Extraction, Items  # noqa: E402
from sdk_family import fold  # noqa: E402
from sdk_infer import Override  # noqa: E402
from sdk_merge import merge  # noqa: E402
from sdk_source import Sources, modules_under  # noqa: E402

_LINE = 110
_EXCLUDED = ("tests", "test", "examples", "example", "benchmarks", "conftest", "setup", "docs", "__main__")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", default=[], metavar="DISTRIBUTION")
    parser.add_argument("--source", action="append", default=[], metavar="DISTRIBUTION==VERSION=DIR")
    parser.add_argument("--out", type=Path, default=HERE.parent / "diag" / "model" / "sdk")
    parser.add_argument("--wheels", type=Path, help="keep the downloaded wheels here and reuse them")
    options = parser.parse_args(argv)
    table = tomllib.loads((HERE / "sdk_releases.toml").read_text(encoding="utf-8"))
    releases: dict[str, dict[str, Any]] = {entry["distribution"]: entry for entry in table["sdk"]}
    given: dict[str, list[tuple[str, Path]]] = {}
    for source in options.source:
        name, _, rest = source.partition("==")
        version, _, folder = rest.partition("=")
        given.setdefault(name, []).append((version, Path(folder)))
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only or releases:
        if name not in releases and name not in given:
            parser.error(f"{name} is not in sdk_releases.toml; known: {', '.join(releases)}")
        entry = releases.get(name, {})
        with tempfile.TemporaryDirectory() as scratch:
            folders = given.get(name) or _fetch(
                name, entry["versions"], options.wheels, Path(scratch), sdist=entry.get("sdist", False)
            )
            document = merge(name, [(version, facts_of(folder, entry)) for version, folder in folders])
        _write(options.out / f"{name}.json", document)
    _write(options.out / "index.json", _index(options.out))
    return 0


def facts_of(folder: Path, entry: dict[str, Any]) -> Items:
    """The items of one unpacked release; `entry` is its row of sdk_releases.toml."""
    excluded = (*_EXCLUDED, *entry.get("exclude", ()))
    kept = entry.get("keep", ())
    files = [f for f in modules_under(folder, excluded) if not kept or f[0].split(".")[0] in kept]
    families = entry.get("family", ())
    members = {family["package"] for family in families}
    own = [f for f in files if f[1] or f[0].rpartition(".")[0] not in members]
    overrides = {
        o["name"]: Override(instance_of(o["returns"]), o.get("blocks", "")) for o in entry.get("override", ())
    }
    options = {name: entry[name] for name in ("roots", "reduce", "inline", "private") if name in entry}
    extraction = Extraction(Sources(own), overrides, **options)
    items = extraction.run()
    if families:
        fold(items, extraction.inference, files, families)
    return items


def _fetch(
    name: str, versions: list[str], wheels: Path | None, scratch: Path, *, sdist: bool = False
) -> list[tuple[str, Path]]:
    """Download and unpack the releases of a distribution: (version, folder), oldest first."""
    found = []
    pattern, kind = ("*.tar.gz", "--no-binary") if sdist else ("*.whl", "--only-binary")
    for version in versions:
        store = (wheels or scratch / "wheels") / f"{name}-{version}"
        if not list(store.glob(pattern)):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind, ":all:"]
            if sdist:
                command[-1] = name  # what its build needs may come as wheels
            subprocess.run([*command, "--dest", str(store), f"{name}=={version}"], check=True)
        folder = scratch / version
        archive = next(store.glob(pattern))
        if sdist:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            (folder,) = (inner for inner in folder.iterdir() if inner.is_dir())
        else:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder)
        found.append((version, folder))
    return found


def _index(folder: Path) -> dict[str, list[str]]:
    """Top-level package -> the distributions that have facts of it."""
    index: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.json")):
        if path.name != "index.json":
            for module in json.loads(path.read_text(encoding="utf-8"))["modules"]:
                index.setdefault(module.split(".")[0], set()).add(path.stem)
    return {top: sorted(index[top]) for top in sorted(index)}


def _write(path: Path, document: object) -> None:
    path.write_text(_dump(document) + "\n", encoding="utf-8")


def _dump(value: object, indent: str = "") -> str:
    """JSON with whatever fits into a line on one line."""
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or len(indent) + len(text) <= _LINE:
        return text
    deeper = indent + " "
    items = [f"{deeper}{json.dumps(key)}: {_dump(item, deeper)}" for key, item in value.items()]
    return "{\n" + ",\n".join(items) + f"\n{indent}}}"


if __name__ == "__main__":
    sys.exit(main())
