"""When which source is mined: after a folder was read, and only what changed since.

Effects only: what a source states is told by the miners, what becomes of it by `keep`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from satchel.base.text import clean, sound
from satchel.context.anchors import anchors
from satchel.context.ingest.locks import is_lock, lock_facts
from satchel.context.ingest.parse import read_text
from satchel.context.mine.decisions import decisions, is_decision
from satchel.context.mine.history import history
from satchel.context.mine.keep import let_go, take_in, unsay
from satchel.context.mine.manifests import manifests
from satchel.context.mine.people import people
from satchel.context.mine.rules import is_rules, rules
from satchel.context.mine.transcript_files import find
from satchel.context.mine.transcripts import claude_code, codex, conversation
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Mined, RecordKind, Statement

MINERS = 2  # raise it where a miner comes to read a source otherwise: each is mined anew then
MASKED: Final = "[masked "
HEAD: Final = 4_000  # characters that tell a decision record
MOST_BYTES: Final = 1_000_000  # of a document that is mined
LOCK_BYTES: Final = 20_000_000  # of a lock file; a longer one is read up to here
MOST_TRANSCRIPT: Final = 200_000_000  # bytes of a transcript
CONVERSATIONS: Final = "conversations"
PROSE: Final = (".md", ".mdx", ".rst", ".txt", ".adoc", "kep.yaml")


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one miner read and left, and what became of it, in numbers of records."""

    source: str
    read: int
    left: dict[str, int]
    added: int
    folded: int
    closed: int


class Mining:
    """The miners over one workspace's index, records and transcripts."""

    def __init__(
        self,
        top: Path,
        index: IndexStore,
        records: RecordStore,
        clock: Callable[[], float],
        writing: AbstractContextManager[Any],
        *,
        transcripts: bool,
    ) -> None:
        self._top = top
        self._index = index
        self._records = records
        self._clock = clock
        self._writing = writing  # held while records are read, decided about, and put back
        self._transcripts = transcripts

    def run(self) -> list[Harvest]:
        """Mine what changed since the last run; return what each source gave."""
        known = self._records.mined()
        found: list[Harvest] = []
        for source, state, mined in self._sources():
            digest = f"{MINERS}:{state}"
            if known.pop(source, None) != digest:
                found.append(self._keep(source, digest, mined()))
        for source in known:  # a transcript that was deleted, a kind of file that is gone
            with self._writing:
                closed = let_go(source, self._records, self._now())
                if source == CONVERSATIONS:  # they were forgotten while they were mined
                    unsay(self._records)
            found.append(Harvest(source, 0, {}, 0, 0, closed))
        return found

    def _keep(self, source: str, digest: str, mined: Mined) -> Harvest:
        told = [
            s for s in mined.statements if s.kind is not RecordKind.FACT or MASKED not in s.text
        ]
        left = dict(mined.left)
        if len(told) < len(mined.statements):
            left["tells a secret"] = len(mined.statements) - len(told)
        mined = Mined(tuple(self._dated(_sound(one)) for one in told), mined.read, left)
        with self._writing:
            taken = take_in(
                source,
                digest,
                mined,
                self._records,
                self._workspace,
                self._now(),
                lambda text: anchors(text, self._index),
            )
        return Harvest(
            source, mined.read, dict(mined.left), taken.added, taken.folded, taken.closed
        )

    def _now(self) -> str:
        return _moment(self._clock())

    @property
    def _workspace(self) -> str:
        return _spelled(self._top)

    def _sources(self) -> Iterator[tuple[str, str, Callable[[], Mined]]]:
        """Yield each source with the digest of its state, and how to mine it."""
        digests = {
            path: stamp.digest or f"{stamp.size}:{stamp.mtime_ns}"
            for path, stamp in self._index.stamps().items()
        }
        prose = sorted(path for path in digests if path.lower().endswith(PROSE))
        ruling = sorted(path for path in digests if is_rules(path))
        locks = sorted(path for path in digests if is_lock(path))
        if prose:
            yield "decisions", _digest(digests, prose), lambda: decisions(self._decisions(prose))
            yield "people", _digest(digests, prose), lambda: people(self._papers(prose))
        if ruling:
            yield "rules", _digest(digests, ruling), lambda: rules(self._texts(ruling))
        facts = self._index.facts()
        if facts or locks:
            state = hashlib.sha256(repr(facts).encode("utf-8", "replace")).hexdigest()
            yield (
                "manifests",
                state + _digest(digests, locks),
                lambda: manifests([*facts, *self._locked(locks)]),
            )
        head = self._index.meta("history_head")
        if head is not None:
            yield "history", head, lambda: history(self._index.history.commits())
        turns = self._records.conversations.all()
        if turns:
            yield CONVERSATIONS, f"{len(turns)}:{turns[-1][0]}", lambda: conversation(turns)
        if self._transcripts:
            yield from self._chats()

    def _chats(self) -> Iterator[tuple[str, str, Callable[[], Mined]]]:
        """Yield the transcripts of clients that hold turns of this workspace."""
        with suppress(RuntimeError):  # no home to be found
            for path in find(Path.home(), self._top):
                with suppress(OSError):
                    look = path.stat()
                    if look.st_size <= MOST_TRANSCRIPT:
                        state = f"{look.st_size}:{look.st_mtime_ns}"
                        yield f"transcript {_spelled(path)}", state, partial(self._chat, path)

    def _chat(self, path: Path) -> Mined:
        miner = codex if path.name.startswith("rollout-") else claude_code
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                return miner(lines, str(self._top), _spelled(path))
        except OSError:
            return Mined((), 0, {"cannot be read": 1})

    def _texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        for path in paths:
            text = read_text(self._top, path, MOST_BYTES)
            if text is not None:
                yield path, text

    def _decisions(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        for path, text in self._texts(paths):
            if is_decision(path, text[:HEAD]):
                yield path, text

    def _papers(self, paths: Iterable[str]) -> Iterator[tuple[str, str, str | None]]:
        """Yield the documents in which people are named: decision records, rules, the front."""
        for path, text in self._texts(paths):
            if is_rules(path) or path.lower() == "readme.md" or is_decision(path, text[:HEAD]):
                yield f"{path}:1", text, None

    def _locked(self, paths: Iterable[str]) -> Iterator[tuple[str, str, str, str, int]]:
        for path in paths:
            text = read_text(self._top, path, LOCK_BYTES)
            for fact in lock_facts(path, (text or "").splitlines()):
                yield fact.subject, fact.attribute, fact.value, path, fact.line

    def _dated(self, statement: Statement) -> Statement:
        """Date a statement by the last commit that touched its file, where it says no date."""
        path = statement.source.rpartition(":")[0]
        if statement.date is not None or not path:
            return statement
        touched = self._index.history.last_touched(path)
        if touched is None:
            return statement
        return replace(statement, date=_moment(touched))


def _sound(statement: Statement) -> Statement:
    """Take out what escapes of JSON and YAML can spell though no source shows it: half a surrogate
    pair, what steers a terminal."""
    return replace(
        statement,
        text=_plain(statement.text),
        source=_plain(statement.source),
        subject=statement.subject and _plain(statement.subject),
        attribute=statement.attribute and _plain(statement.attribute),
        stance=statement.stance and _plain(statement.stance),
        globs=tuple(map(_plain, statement.globs)),
        aliases=tuple(map(_plain, statement.aliases)),
    )


def _plain(text: str) -> str:
    return clean(sound(text))


def _spelled(path: Path) -> str:
    """Spell a path so that it can be stored: its bytes need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _digest(digests: dict[str, str], paths: Iterable[str]) -> str:
    told = "\0".join(f"{path} {digests[path]}" for path in paths)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()
