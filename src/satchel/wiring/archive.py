"""Records as a whole: written to a file, read from one, and searched for secrets."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from satchel.base.errors import BadInput, unwritable
from satchel.base.paths import write_private
from satchel.base.text import clean
from satchel.context import bundle, exchange, hide
from satchel.context.store.records import RecordStore
from satchel.context.types import EVERYWHERE, Record
from satchel.wiring.leave import records_path
from satchel.wiring.opened import Opened, Reach
from satchel.wiring.vectors import Vectors

SEAL_CHARACTERS = 64  # of the key, hexadecimal


class Archive:
    """What is done with all records of a workspace at once. May be called from any thread."""

    def __init__(self, opened: Opened, vectors: Vectors, now: Callable[[], str]) -> None:
        self._opened = opened
        self._vectors = vectors
        self._now = now

    def export(self, *, path: str, everywhere: bool = False) -> list[str]:
        """Return the lines of a file with all records of a workspace, and, asked for, those that
        hold everywhere."""

        def work(reach: Reach) -> list[str]:
            stores = reach.stores if everywhere else reach.stores[:1]
            records = [hide.shown(record) for store in stores for record in reversed(store.all())]
            return list(bundle.lines(records, reach.name, self._seal))

        return self._opened.reaching(path, work)

    def take_in(self, file: str, *, path: str, trusted: bool = False) -> exchange.Imported:
        """Import a file of records: every line is checked before anything is written.

        Of this Satchel's own file, unless it is `trusted` as what it is here, comes what holds in
        this folder.
        """
        now = self._now()
        with _regular(file) as opened:
            brought = bundle.read(_lines(opened), self._seal, now)

        def work(reach: Reach) -> exchange.Imported:
            fitting, apart = brought, 0
            if brought.own and not trusted:
                fitting, apart = exchange.of_this_folder(brought, reach.name, _known(reach))
            coming = exchange.placed(fitting, reach.name, now, trusted or brought.own)
            if any(record.workspace == EVERYWHERE for record in coming):
                reach = self._opened.with_everywhere(reach)
            with self._opened.writing:
                known = {r.id: r for s in reach.stores for r in s.some({c.id for c in coming})}
                put, told = exchange.merged(coming, known, trusted or brought.own)
                for store, held in zip(reach.stores, (False, True), strict=False):
                    some = [r for r in put if (r.workspace == EVERYWHERE) is held]
                    if some:
                        store.put(*some)
            reach.follow(self._vectors)
            return replace(told, masked=brought.masked, elsewhere=apart)

        return self._opened.reaching(path, work)

    def scan(self, *, path: str, mask: bool = False) -> list[hide.Hit]:
        """Look for secrets, by the rules of today, in records and conversations; with `mask` put
        something in their place, truly."""

        def work(reach: Reach) -> list[hide.Hit]:
            with self._opened.writing:
                return [hit for store in reach.stores for hit in _scanned(store, mask)]

        return self._opened.reaching(path, work)

    def _seal(self, content: bytes) -> str:
        """Name a content so that nobody else can: keyed by a file of the home."""
        place = records_path(self._opened.home, None).with_name("export.key")
        with self._opened.writing:
            try:
                key = place.read_text(encoding="ascii").strip()
            except (OSError, ValueError):
                key = ""
            if len(key) < SEAL_CHARACTERS:
                key = secrets.token_hex(SEAL_CHARACTERS // 2)
                try:
                    write_private(place, key + "\n")
                except OSError as error:
                    raise unwritable(place, error) from error
        return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def _known(reach: Reach) -> exchange.Here:
    """Count the files and commits that the index of a workspace knows."""

    def here(places: AbstractSet[str]) -> int:
        if reach.workspace is None:
            return 0
        index = reach.workspace.index
        commits = {f"commit {commit.sha[:8]}" for commit in index.history.commits()}
        return len(index.stamps(places)) + len(commits & places)

    return here


def _scanned(store: RecordStore, mask: bool) -> list[hide.Hit]:
    hits: list[hide.Hit] = []
    records: list[Record] = []
    turns: dict[int, str] = {}
    for record in store.all():
        hidden, kinds = hide.hide_all(record)
        if kinds:
            hits.append(hide.Hit("record", record.id, kinds))
            records.append(hidden)
    for number, _, _, _, text in store.conversations.all():
        words, kinds = hide.hide(text)
        if kinds:
            hits.append(hide.Hit("turn", str(number), kinds))
            turns[number] = words
    if mask and hits:
        store.rewrite(records, turns)
    return hits


def _regular(file: str) -> BinaryIO:
    """Open a file to import. Raises BadInput for what is no file, or is too large."""
    place = Path(file)
    try:
        look = place.stat()
        if not stat.S_ISREG(look.st_mode):
            raise BadInput(
                "not-a-file", f"{clean(file)} is no file", "name a file, or - for standard input"
            )
        if look.st_size > bundle.MOST_BYTES:
            raise BadInput(
                "import-too-large",
                f"{clean(file)} has {look.st_size:,} bytes, and {bundle.MOST_BYTES:,} may be "
                "imported",
                "split it: each part begins with the header",
            )
        return place.open("rb")
    except (OSError, ValueError) as error:
        raise BadInput(
            "no-such-file",
            f"{clean(file)} cannot be read: {getattr(error, 'strerror', None) or error}",
            "check the path and its permissions",
        ) from error


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    """Read lines, of a longer one only enough to see that it is too long."""
    while line := opened.readline(bundle.LONGEST_LINE + 2):
        yield line
