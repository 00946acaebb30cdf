"""Which of our own files an import names. Pure, one rule for every language: a module is a path
written with other separators, so the longest matching tail of a path wins."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

# Files that stand for their folder.
_INDEX_STEMS = frozenset({"__init__", "index", "mod", "lib", "main"})
# Folders that languages put between the root and the first part of a module's name.
_ROOTS = frozenset({"src", "lib", "main", "python", "java", "kotlin", "app", "include", "source"})
_SEPARATORS = re.compile(r"::|[./\\]")
_ALIASES = ("crate::", "self::", "super::", "@/", "~/")


class Modules:
    """The modules of a workspace, by the last part of their name."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._paths = set(paths)
        for path in sorted(self._paths):
            parts = tuple(posixpath.splitext(path)[0].split("/"))
            if parts[-1] in _INDEX_STEMS and len(parts) > 1:
                self._add(parts[:-1], path)
            self._add(parts, path)

    def _add(self, parts: tuple[str, ...], path: str) -> None:
        self._by_last.setdefault(parts[-1], []).append((parts, path))

    def resolve(self, module: str, importer: str) -> str | None:
        """Return the path that `module` names, as seen from `importer`, or None.

        Relative modules ("./x", "..x") are looked up beside the importer. Others need two
        matching parts, or to start at a root: `import os` is not our `utils/os.py`.
        """
        module = module.strip("<>\"'")
        folder = posixpath.dirname(importer)
        if module.startswith("."):
            return self._relative(module, folder)
        beside = posixpath.normpath(posixpath.join(folder, module))
        if beside in self._paths:  # #include "x.h", require_relative "x.rb"
            return beside
        for alias in _ALIASES:
            module = module.removeprefix(alias)
        if "/" in module and posixpath.splitext(module)[1]:
            stem = posixpath.splitext(posixpath.basename(module))[0]
            named = [path for _, path in self._by_last.get(stem, ())]
            ending = [path for path in named if f"/{path}".endswith(f"/{module}")]
            return min(ending, key=len, default=None)
        parts = [part for part in _SEPARATORS.split(module) if part]
        # The last part may be a name inside the module; a header's suffix is not a part.
        for wanted in (parts, parts[:-1]):
            found = self._longest(wanted, importer)
            if found is not None:
                return found
        return None

    def _relative(self, module: str, folder: str) -> str | None:
        if module.startswith(("./", "../")) or module in {".", ".."}:
            target = posixpath.normpath(posixpath.join(folder, module))
        else:  # Python's leading dots
            dots = len(module) - len(module.lstrip("."))
            for _ in range(dots - 1):
                folder = posixpath.dirname(folder)
            target = posixpath.join(folder, module.lstrip(".").replace(".", "/"))
        target = target.strip("/")
        if target in self._paths:
            return target
        for candidate in (target, posixpath.splitext(target)[0]):
            wanted = tuple(candidate.split("/"))
            for parts, path in self._by_last.get(wanted[-1], []):
                if parts == wanted:
                    return path
        return None

    def _longest(self, wanted: Sequence[str], importer: str) -> str | None:
        if not wanted:
            return None
        suffix = posixpath.splitext(importer)[1]
        best: tuple[int, bool, int, str] | None = None
        for parts, path in self._by_last.get(wanted[-1], []):
            length = _common_tail(wanted, parts)
            before = parts[: len(parts) - length]
            if length < 2 and not (length == len(wanted) and _ROOTS.issuperset(before)):
                continue
            rank = (length, path.endswith(suffix), -len(parts), path)
            if best is None or rank[:3] > best[:3]:
                best = rank
        return best[3] if best else None


def _common_tail(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length
