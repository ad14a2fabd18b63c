"""The results of one run: those of an earlier one where they still hold, the others judged anew.

A result holds as long as nothing has changed that it rests on: the text of its module and of those that it
depends on, and the answers to the queries that the model put to all modules while it was judged. The model is
imported where something is to be judged: a run that finds all in the cache does without.

Whether a file has changed shows in its size, its times and its inode. Times alone can lie: a file that is
written twice within one tick of the file system's clock keeps its time. So, as in Git's index, a file that is
as young as the run itself is not trusted by its times; its content is compared until it is older.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diag.config import Settings
from diag.finding import Problem
from diag.lint.cache import Cache, Stamp, digest, pack, stamp, unpack
from diag.lint.checked import Checked
from diag.lint.display import Display
from diag.lint.fingerprint import fingerprint
from diag.lint.rule import Rule
from diag.model.source.environment import Environment
from diag.model.source.source import DISK, Source
from diag.model.source.text import SourceError, decode, read

if TYPE_CHECKING:
    from diag.lint.runner import Judged

Progress = Callable[[int, int], None]

# The coarsest clock of a file system still in use, that of FAT, ticks every two seconds.
_TICK_NS = 2_000_000_000


class Session:
    """Judges the files of one run. `problems` and `notices` grow while it does."""

    def __init__(
        self,
        settings: Settings,
        rules: Mapping[str, Rule],
        environment: Environment,
        display: Display,
        source: Source,
        progress: Progress | None,
    ) -> None:
        self.settings = settings
        self.rules = rules
        self.environment = environment
        self.display = display
        self.source = source
        self.progress = progress
        self.paths = display.given.keys()  # absolute
        self.problems: list[Problem] = []
        self.notices: list[str] = []
        self._raw: dict[str, bytes] = {}
        self._plain: set[str] = set()  # files that are known to hold no comment for us
        self._settled_ns = time.time_ns() - _TICK_NS  # what changed before then has its time to itself

    def text(self, path: str) -> bytes:
        """The text of a file as it was judged. Raises SourceError."""
        raw = self._raw.get(path)
        return read(Path(path), self.source) if raw is None else raw

    def mentions_us(self, path: str) -> bool:
        """Whether the file may hold a comment that suppresses a finding. Raises SourceError."""
        return path not in self._plain and b"diag:" in self.text(path)

    def results(self) -> dict[str, Checked]:
        """What checking gave, by absolute path; files that could not be judged are among the `problems`."""
        if not self.settings.cache or self.settings.fix or self.settings.show_unknown:
            from diag.lint.runner import Judged

            judged = Judged()
            self._read_all()
            self._judge(set(self._raw), judged)
            return judged.checked
        return self._with_cache()

    def _with_cache(self) -> dict[str, Checked]:
        paths = [*map(str, map(os.path.abspath, self.settings.paths)), *self.settings.exclude]
        folder = self.settings.root / ".diag_cache"
        store = Cache(folder, digest("\0".join(paths).encode()), fingerprint(self.rules))
        store.load()
        layout = self._layout()
        whole = store.layout != layout
        changed, settled = (set(), False) if whole else self._changed(store)
        # A file that could not be judged is looked at again: it is never silently clean.
        complete = store.modules.keys() >= self.paths
        if not changed and not whole and complete:
            if settled:
                self._save(store)
            self._plain = {path for path, packed in store.modules.items() if not packed["mentions_us"]}
            return {path: unpack(packed) for path, packed in store.modules.items()}
        from diag.lint.runner import Judged

        self._read_all()
        # a file that could not be judged before has left no trace of what it brought to the others
        whole = whole or not changed <= store.modules.keys() | store.files.keys() - self.paths
        todo = set(self._raw) if whole else self._affected(store, changed)
        judged = Judged()
        try:
            self._judge(todo, judged)
        finally:  # also when an interrupt ends the run: what is judged by then need not be judged again
            out = self._keep(store, layout, todo, judged.checked)
        return out

    def _keep(
        self, store: Cache, layout: str, todo: set[str], fresh: Mapping[str, Checked]
    ) -> dict[str, Checked]:
        """Fresh results beside those that still hold, all of them in the cache."""
        from diag.lint.pieces import pieces
        from diag.model.infer.async_names import contributed_names

        modules = {path: m for path, m in store.modules.items() if path in self._raw and path not in todo}
        kept = {path: store.pieces[path] for path in modules if path in store.pieces}
        out = {path: unpack(m) for path, m in modules.items()}
        out.update(fresh)
        for path, found in fresh.items():
            raw = self._raw[path]
            names = sorted(contributed_names(raw))
            modules[path] = pack(found, names)
            modules[path]["mentions_us"] = b"diag:" in raw
        store.pieces = kept | {path: pieces(self._raw[path]) for path in fresh}
        store.files = self._stamps(modules, store.files)
        store.modules, store.layout = modules, layout
        self._save(store)
        return out

    def _save(self, store: Cache) -> None:
        if reason := store.save():
            self.notices.append(reason)

    # --- what has changed

    def _layout(self) -> str:
        """Which files there are to judge, what lies beside them, and which packages are installed."""
        parts = sorted(self.paths)
        for folder in sorted({path.rpartition(os.sep)[0] for path in parts}):
            modules = [
                name
                for name in _listed(Path(folder), self.source)
                if name.endswith((".py", ".pyi")) or name.isidentifier()
            ]
            parts += [folder, *sorted(modules)]
        for place in self.environment.site_packages:
            parts += [str(place), *sorted(_listed(place, DISK))]
        return digest("\0".join(parts).encode("utf-8", "surrogateescape"))

    def _changed(self, store: Cache) -> tuple[set[str], bool]:
        """The files whose content changed, and whether the times of others can be trusted from now on."""
        changed: set[str] = set()
        settled = False
        for path, (known, text) in store.files.items():
            now = stamp(path, self.source)
            if now is not None and now == known:
                continue
            try:
                same = digest(read(Path(path), self.source)) == text
            except SourceError:
                same = False
            if not same:
                changed.add(path)
            elif trusted := self._trusted(now):
                store.files[path] = (trusted, text)
                settled = True
        return changed, settled

    def _is_ours(self, top: str) -> bool:
        """Whether a file or folder of the judged ones has the name."""
        return any(f"{os.sep}{top}.py" in path or f"{os.sep}{top}{os.sep}" in path for path in self.paths)

    def _trusted(self, found: Stamp | None) -> Stamp | None:
        """A stamp that no later content of the file can have; None where the file is too young to tell."""
        return found if found is not None and found.changed_ns < self._settled_ns else None

    def _affected(self, store: Cache, changed: set[str]) -> set[str]:
        """The changed modules and those whose results rest on one of them."""
        from diag.lint import pieces
        from diag.model.infer.async_names import called_names, contributed_names, sdk_names
        from diag.model.infer.query import Query

        texts: list[bytes] = []  # what is new, and what is gone
        reaching: set[str] = set()  # files that changed in a way that may reach whatever rests on them
        for path in changed:
            if path not in self._raw or path not in store.pieces:
                reaching.add(path)
                texts.append(self._raw.get(path, b""))
                continue
            found = pieces.change(store.pieces[path], self._raw[path])
            texts += found.texts
            if found.functions is None or self._mentioned(found.functions, path, found.rest):
                reaching.add(path)
        may_change = pieces.answering(texts)
        turned: set[str] = set()  # names that became, or ceased to be, those of something to await
        for path in changed & store.modules.keys():
            turned ^= contributed_names(self._raw.get(path, b"")) ^ set(store.modules[path]["names"])
        out = {path for path in self._raw if path in changed or path not in store.modules}
        out |= {path for path, raw in self._raw.items() if any(name.encode() in raw for name in turned)}
        theirs = sdk_names(turned, self._is_ours)
        if theirs is None:  # a library came or went of which we know nothing without its files
            return set(self._raw)
        if theirs:
            out |= {path for path, raw in self._raw.items() if not theirs.isdisjoint(called_names(raw))}
        for path, packed in store.modules.items():
            if path not in self._raw or path in out:
                continue
            if (
                not reaching.isdisjoint(packed["deps"])
                or not changed.isdisjoint(packed["named"])
                or any(may_change(Query(*query)) for query in packed["queries"])
            ):
                out.add(path)
        return out

    def _mentioned(self, names: Iterable[str], path: str, rest: bytes) -> bool:
        """Whether any other text than that of the changed functions themselves has one of their names."""
        texts = [rest, *(raw for other, raw in self._raw.items() if other != path)]
        return any(name.encode() in text for name in names for text in texts)

    def _stamps(
        self, modules: Mapping[str, dict[str, Any]], old: Mapping[str, tuple[Stamp | None, str]]
    ) -> dict[str, tuple[Stamp | None, str]]:
        """Of the judged files and of those that they rest on: a trusted stamp, and a digest of the content.

        A library that changed during the run may have been read before or after: its digest fits nothing.
        """
        wanted = {*self._raw, *(path for packed in modules.values() for path in packed["deps"])}
        out: dict[str, tuple[Stamp | None, str]] = {}
        for path in wanted:
            trusted = self._trusted(stamp(path, self.source))
            if trusted is not None and path in old and old[path][0] == trusted:
                out[path] = old[path]
            elif path in self._raw:
                out[path] = trusted, digest(self._raw[path])
            else:
                try:
                    out[path] = trusted, digest(read(Path(path), self.source)) if trusted else ""
                except SourceError:
                    out[path] = None, ""
        return out

    # --- judging

    def _read_all(self) -> None:
        for path in self.paths:
            try:
                raw = read(Path(path), self.source)
                if not raw.isascii() or b"\0" in raw or b"coding" in raw[:400]:
                    decode(raw, path)
                self._raw[path] = raw
            except SourceError as error:
                self.problems.append(replace(error.problem, path=self.display.path(path)))

    def _judge(self, todo: set[str], judged: "Judged") -> None:
        if not todo:
            return
        from diag.lint.runner import check_modules

        check_modules(
            [(Path(path), raw) for path, raw in sorted(self._raw.items())],
            todo,
            self.environment,
            Path(os.path.abspath(self.settings.root)),
            self.source,
            self.rules,
            self.progress,
            fix=self.settings.fix,
            show_unknown=self.settings.show_unknown,
            judged=judged,
        )
        self.problems += [replace(p, path=self.display.path(p.path)) for p in judged.problems]


def _listed(folder: Path, source: Source) -> list[str]:
    try:
        return [entry.name for entry in source.scan(folder) if entry.name != "__pycache__"]
    except OSError:
        return []
