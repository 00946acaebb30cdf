"""A folder into its index: walk, read what changed, link imports, follow history.

Every batch is one transaction, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from satchel.base.errors import Unavailable
from satchel.context.catalog import Catalog
from satchel.context.ingest import git, mask, parse, walk
from satchel.context.ingest.link import Modules
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Stamp

BATCH_FILES = 200
BATCH_COMMITS = 500
WARMING = 200  # files to read from which the secret rules are sure to be needed
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come. `total` is 0 where it cannot be known."""

    stage: str  # walk | parse | link | history
    done: int
    total: int


Report: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run reads: files up to so many bytes, so many commits, and nothing that lies `apart`:
    Satchel's own folder, since reading it would change it."""

    max_bytes: int
    history: int
    apart: Path | None = None


@dataclass(slots=True)
class IndexSummary:
    """What one run read, kept, and left, and why. A file that was skipped counts as that alone."""

    workspace: str  # the absolute top of what was indexed
    git: bool
    head: str | None = None
    files: int = 0  # seen, skipped ones included
    unchanged: int = 0
    read: int = 0
    removed: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # a path for each reason of skipping
    masked: int = 0
    passages: int = 0
    definitions: int = 0
    commits: int = 0
    notes: list[str] = field(default_factory=list)
    mined: list[dict[str, Any]] = field(default_factory=list)  # what each miner read and left
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)  # seconds of each

    def skip(self, reason: str, path: str) -> None:
        """Count a file that was left."""
        self.skipped[reason] += 1
        self.examples.setdefault(reason, path)


def index(
    top: Path,
    repository: git.Repository | None,
    store: IndexStore,
    report: Report,
    limits: Limits,
) -> IndexSummary:
    """Bring the index to the state of the folder and its HEAD."""
    summary = IndexSummary(str(top), repository is not None)
    started = time.perf_counter()
    listed = git.tracked(repository) if repository else None
    seen = walk.walk(top, listed, known := store.stamps(), limits.apart)
    documents, touched, removed = _survey(top, seen, known, summary, report, limits.max_bytes)
    taken = 0
    for batch in _batched(documents, BATCH_FILES):
        store.replace(batch)
        taken += len(batch)
    if touched:
        store.restamp(touched)
    if removed:
        store.replace((), removed)
    summary.removed = len(removed)
    started = _lap(summary, "files", started)
    if store.is_unlinked:
        link(store)
        started = _lap(summary, "link", started)
    _tell(top, repository, summary)
    if repository:
        _follow_history(repository, store, summary, report, limits.history)
        _lap(summary, "history", started)
    store.set_meta(head=summary.head, indexed_at=str(int(time.time())))
    kept = store.counts()
    summary.passages, summary.definitions = kept["passage"], kept["definition"]
    summary.commits = kept["revision"]
    summary.unchanged += taken - summary.read  # less those that were skipped then and now
    for reason, count, example in store.skipped():
        summary.unchanged -= count
        summary.skipped[reason] += count
        summary.examples.setdefault(reason, example)
    return summary


def reread(
    top: Path,
    repository: git.Repository | None,
    paths: Iterable[str],
    store: IndexStore,
    limits: Limits,
) -> list[str]:
    """Read single files again, after a change on disk; return those that differed.

    A path that git would not list, or that is gone, leaves the index.
    """
    asked = sorted(set(paths))
    known = store.stamps(asked)
    listed = set(git.tracked(repository) if repository else filter(walk.is_entered, asked))
    documents = []
    gone = set(known)
    for seen in walk.walk(top, [path for path in asked if path in listed], known, limits.apart):
        if seen.skipped is not None:
            continue
        gone.discard(seen.path)
        if not seen.unchanged:
            document = parse.read(top, seen.path, limits.max_bytes)
            if document.skipped == "vanished":
                gone.update({seen.path} & known.keys())
            elif seen.path not in known or known[seen.path].digest != document.stamp.digest:
                documents.append(document)
    if documents or gone:
        catalog = store.catalog()
        edited = [catalog.by_path[d.path].id for d in documents if d.path in catalog.by_path]
        are_edits = len(edited) == len(documents) and all(d.parsed for d in documents) and not gone
        before = {(number, module): t for number, module, t in store.imports(edited)}
        if are_edits and not store.is_unlinked:
            store.replace(documents)
            _relink(store, edited, catalog, before)
        else:
            store.replace(documents, sorted(gone))
            link(store)
    return sorted({*gone, *(document.path for document in documents)})


def link(store: IndexStore) -> None:
    """Resolve every import against the paths that are there now."""
    store.link(_resolved(store.imports(), store.catalog()))


def _relink(
    store: IndexStore,
    edited: Collection[int],
    catalog: Catalog,
    before: Mapping[tuple[int, str], int | None],
) -> None:
    """Resolve the imports of edited files, where no file came or went since `catalog`: what they
    imported `before` still means the same."""
    stored = [(document, module) for document, module, _ in store.imports(edited)]
    fresh = [
        (document, module, None) for document, module in stored if (document, module) not in before
    ]
    kept = {each: before[each] for each in stored if before.get(each) is not None}
    store.link(kept | (_resolved(fresh, catalog) if fresh else {}))


def _resolved(
    imports: Iterable[tuple[int, str, int | None]], catalog: Catalog
) -> dict[tuple[int, str], int | None]:
    """Return the documents that these imports (document, module, target) name, where they are not
    their targets already."""
    by_path = {row.path: row.id for row in catalog.rows}
    modules = Modules(by_path)
    changed: dict[tuple[int, str], int | None] = {}
    for document, module, target in imports:
        found = modules.resolve(module, catalog.by_id[document].path)
        linked = by_path[found] if found and by_path[found] != document else None
        if linked != target:
            changed[document, module] = linked
    return changed


def _survey(
    top: Path,
    walked: Iterable[walk.Seen],
    known: Mapping[str, Stamp],
    summary: IndexSummary,
    report: Report,
    max_bytes: int,
) -> tuple[Iterator[Document], dict[str, Stamp], list[str]]:
    """Walk once; return what must be read (lazily), what was merely touched, and what is gone."""
    fresh: list[str] = []
    touched: dict[str, Stamp] = {}
    gone = set(known)
    for seen in walked:
        summary.files += 1
        if seen.skipped is not None:
            summary.skip(seen.skipped, seen.path)
            continue
        gone.discard(seen.path)
        if seen.unchanged:
            summary.unchanged += 1
        else:
            fresh.append(seen.path)
        if summary.files % 1000 == 0:
            report(Progress("walk", summary.files, 0))
    report(Progress("walk", summary.files, summary.files))

    if len(fresh) >= WARMING:
        # The rules take seconds to compile once in a home's life: beside the parsing, then.
        threading.Thread(target=mask.warm, name="satchel-mask", daemon=True).start()

    def documents() -> Iterator[Document]:
        for done, path in enumerate(fresh, start=1):
            document = parse.read(top, path, max_bytes)
            if path in known and known[path].digest == document.stamp.digest != "":
                touched[path] = document.stamp
                summary.unchanged += 1
            else:
                if document.parsed is not None:
                    summary.read += 1
                    summary.languages[document.parsed.language or "text"] += 1
                    summary.masked += document.parsed.masked
                yield document
            if done % 25 == 0 or done == len(fresh):
                report(Progress("parse", done, len(fresh)))

    return documents(), touched, sorted(gone)


def _tell(top: Path, repository: git.Repository | None, summary: IndexSummary) -> None:
    """Note what of the folder could not be read as one would expect."""
    for path in repository.submodules if repository else ():
        summary.files += 1
        summary.skip("submodule", path)
    if repository is None and git.is_top(top):
        why = "git could not read it" if git.is_available() else "git was not found"
        summary.notes.append(f"{why}: read as a plain folder, without history")
    if not summary.files:
        summary.notes.append("there is no file here")


def _follow_history(
    repository: git.Repository,
    store: IndexStore,
    summary: IndexSummary,
    report: Report,
    limit: int,
) -> None:
    """Read the commits that are new since the last run; start over where HEAD left its line."""
    summary.head = repository.head
    if repository.head is None:
        summary.notes.append("no commits yet: there is no history to learn from")
        return
    if repository.shallow:
        summary.notes.append("a shallow clone: history ends where the clone was cut")
    known = store.meta("history_head")
    if known == repository.head:
        return
    if known is not None and not git.is_ancestor(repository, known):
        store.history.clear()
        known = None
    done = 0
    try:
        for batch in _batched(git.history(repository, known, limit), BATCH_COMMITS):
            store.history.add(batch)
            done += len(batch)
            report(Progress("history", done, 0))
    except Unavailable as error:  # a partial clone lacks what old commits touched
        summary.notes.append(f"history was read in part: {error.message}")
        return
    store.set_meta(history_head=repository.head)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _lap(summary: IndexSummary, stage: str, started: float) -> float:
    now = time.perf_counter()
    summary.stages[stage] = round(now - started, 3)
    summary.seconds = round(summary.seconds + now - started, 3)
    return now
