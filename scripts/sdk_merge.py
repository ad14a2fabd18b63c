"""Several releases of one SDK -> one compact document.

Names with equal facts share one line: {"def -> dict ! requests.Session.post": "create_order fetch_ticker"}.
An import stands under the module it comes from, or under the full name and ` =` where it is renamed.
A text ends with ` @ a..b` when it holds from release a to release b only; else it holds wherever its class
or module exists.
"""

import re
from collections.abc import Iterable

from sdk_extract import Items, Key

Document = dict[str, object]


def merge(distribution: str, releases: list[tuple[str, Items]]) -> Document:
    """The document of a distribution from the items of its sampled releases, oldest first."""
    versions = [version for version, _ in releases]
    modules: dict[str, dict[str, object]] = {}
    keys = sorted({key for _, items in releases for key in items})
    present = {name: _present(name, releases) for name in {key.module for key in keys}}
    for name in sorted(present):
        module: dict[str, object] = {}
        mine = [key for key in keys if key.module == name]
        here = present[name]
        if here != _all(versions):
            module["versions"] = _span(versions, here)
        for kind, title in (
            ("import", "imports"),
            ("function", "functions"),
            ("value", "values"),
            ("data", "data"),
            ("twin", "twins"),
        ):
            group = _group([k for k in mine if k.kind == kind], releases, versions, here)
            if group:
                module[title] = group
        classes = {k.name: _class(k, mine, releases, versions, here) for k in mine if k.kind == "class"}
        if classes:
            module["classes"] = classes
        modules[name] = module
    return {"distribution": distribution, "sampled": versions, "modules": modules}


def _class(
    key: Key, keys: list[Key], releases: list[tuple[str, Items]], versions: list[str], around: frozenset[int]
) -> dict[str, object]:
    here = frozenset(i for i, (_, items) in enumerate(releases) if key in items)
    found: dict[str, object] = {}
    if here != around:
        found["versions"] = _span(versions, here)
    bases = _group([key], releases, versions, here)
    if bases != {"": key.name}:
        found["bases"] = list(bases)
    for kind, title in (("method", "methods"), ("attribute", "attributes")):
        group = _group([k for k in keys if k.kind == kind and k.owner == key.name], releases, versions, here)
        if group:
            found[title] = group
    return found


def _group(
    keys: Iterable[Key], releases: list[tuple[str, Items]], versions: list[str], around: frozenset[int]
) -> dict[str, str]:
    """Each text with its span, and the names it holds for, both in stable order."""
    names: dict[str, list[str]] = {}
    for key in keys:
        for text, where in _runs(key, releases):
            if key.kind == "import":
                text = text.removesuffix(f".{key.name}") if text.endswith(f".{key.name}") else f"{text} ="
            names.setdefault(text if where >= around else f"{text} @ {_span(versions, where)}", []).append(
                key.name
            )
    return {text: " ".join(sorted(names[text])) for text in sorted(names)}


def _runs(key: Key, releases: list[tuple[str, Items]]) -> list[tuple[str, frozenset[int]]]:
    """The texts of an item, each with the consecutive releases it holds in.

    Texts that differ only in type arguments or in the calls on the way count as one; the newest is kept.
    """
    runs: list[tuple[str, set[int]]] = []
    last = -2
    for index, (_, items) in enumerate(releases):
        text = items.get(key)
        if text is None:
            continue
        if runs and last == index - 1 and _outline(runs[-1][0]) == _outline(text):
            runs[-1] = (text, runs[-1][1] | {index})
        else:
            runs.append((text, {index}))
        last = index
    return [(text, frozenset(where)) for text, where in runs]


def _outline(text: str) -> str:
    """An entry without type arguments and without the calls between a function and what blocks."""
    before = ""
    while before != text:
        before, text = text, re.sub(r"\[[^][]*\]", "", text)
    head, mark, way = text.partition(" ! ")
    return head + mark + way.rpartition(" > ")[2]


def _present(module: str, releases: list[tuple[str, Items]]) -> frozenset[int]:
    return frozenset(i for i, (_, items) in enumerate(releases) if any(key.module == module for key in items))


def _all(versions: list[str]) -> frozenset[int]:
    return frozenset(range(len(versions)))


def _span(versions: list[str], where: frozenset[int]) -> str:
    return f"{versions[min(where)]}..{versions[max(where)]}"
