"""A model on its way here: what was offered, and the bytes of it so far, which can be gone on from.

parts/KEY.part  the bytes        parts/KEY.json  which file they are of
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from satchel.base import lock
from satchel.base.errors import Broken, Unavailable
from satchel.base.paths import write_private
from satchel.base.text import one_line
from satchel.model import download, front
from satchel.model.assets import BLOCK, digest
from satchel.model.download import IN_TRANSIT, Reply
from satchel.model.fetch import Meter
from satchel.model.gguf import Header, Malformed

TRIES = 3  # in a row that bring nothing new
PAUSE_S = 0.5  # before the second try; each next one waits twice as long
FILL = 1 << 20  # bytes behind the last tensor, where a server does not tell how long the file is


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that could be brought, and what its header says. `have` bytes of it are here.

    `given` is the address or path itself, `source` what is kept of it; `hosts` were called for
    it, none for a file at hand. `total` is None where the server does not tell it: then it is
    that of the header. `head` are the bytes that were read. `named` says that the user gave the
    name.
    """

    given: str
    source: str
    hosts: tuple[str, ...]
    header: Header
    total: int | None
    validator: str
    head: bytes = b""
    resumable: bool = False
    name: str = ""
    named: bool = False
    have: int = 0

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.header.file_bytes if self.total is None else self.total

    @property
    def is_file(self) -> bool:
        """Whether it lies on this machine."""
        return not self.hosts

    @property
    def licence(self) -> str:
        """The licence that the header names."""
        return one_line(self.header.licence or "", 80) or "unknown: the file names none"


class Part:
    """What is here of an offer: the bytes so far, and beside them which file they are of."""

    def __init__(self, models: Path, offer: Offer) -> None:
        key = hashlib.sha256(offer.source.encode("utf-8", "replace")).hexdigest()[:16]
        self.offer = offer
        self.folder = models / "parts"
        self.path = self.folder / f"{key}.part"
        self.state = self.folder / f"{key}.json"
        self.lock = self.folder / f"{key}.lock"

    def have(self) -> int:
        """Return how many bytes can be gone on from: 0 where they are of another file."""
        try:
            told = json.loads(self.state.read_text(encoding="utf-8"))
            size = self.path.stat().st_size
            with self.path.open("rb") as file:
                begins = file.read(len(self.offer.head))
        except (OSError, ValueError):
            return 0
        same = told == self._identity() and self.offer.head.startswith(begins)
        return size if same and self.offer.resumable and size <= self.offer.bytes else 0

    def fetch(
        self, meter: Meter, calling: Callable[[str], None], pause: Callable[[float], None]
    ) -> None:
        """Fetch what is missing, taking up again what breaks off. Raises Unavailable, Broken."""
        self._ready()
        tries, had = 0, self.have()
        while self.offer.total is None or had < self.offer.total:
            try:
                whole = self._fetch_from(had, meter, calling)
            except Unavailable:
                if tries + 1 >= TRIES:
                    raise
                whole = False
            now = self.have()
            if whole:
                return
            tries = 0 if now > had else tries + 1
            had = now
            if tries >= TRIES:
                raise self._broken_off(had)
            if tries:
                pause(PAUSE_S * 2 ** (tries - 1))

    def _fetch_from(self, had: int, meter: Meter, calling: Callable[[str], None]) -> bool:
        """Take bytes for as long as they come; tell whether the file is whole then."""
        offer = self.offer
        with download.opened(offer.given, had, calling=calling) as reply:
            if (reply.total, reply.validator) != (offer.total, offer.validator):
                raise Broken(
                    "pull-changed",
                    f"the file at {reply.hosts[0]} was changed since its header was read",
                    "run it again: it begins anew",
                )
            most = offer.bytes + (FILL if offer.total is None else 0)
            done = reply.start
            with self._writing(anew=not done) as file:
                for piece in _pieces(reply):
                    done += len(piece)
                    if done > most:
                        raise self._unlike(f"it sent more than {most:,} bytes")
                    file.write(piece)
                    meter.show(done, offer.bytes)
        return done == offer.total or (offer.total is None and done >= offer.bytes)

    def copy(self, meter: Meter) -> None:
        """Copy a file at hand."""
        self._ready()
        done = 0
        with Path(self.offer.given).open("rb") as source, self._writing(anew=True) as file:
            while piece := source.read(BLOCK):
                done += len(piece)
                file.write(piece)
                meter.show(done, self.offer.bytes)

    def checked(self, sha256: str | None) -> str:
        """Return the sha256 of what came. Raises Broken, and drops it, where it is not the offer.

        The header is read anew: what was shown and what came could be two files.
        """
        found = digest(self.path)
        if sha256 is not None and found != sha256:
            raise self._unlike(f"its sha256 is {found}")
        try:
            header = front.read(self.path)
        except Malformed as wrong:
            raise self._unlike(f"it {wrong}") from wrong
        if header != self.offer.header:
            raise self._unlike("its header is another one than was shown")
        return found

    def forget(self) -> None:
        """Drop what is here of it."""
        for path in (self.path, self.state):
            path.unlink(missing_ok=True)

    def _unlike(self, how: str) -> Broken:
        self.forget()
        return Broken(
            "pull-wrong",
            f"what came is not what was expected: {how}; nothing of it was kept",
            "look at where it comes from, and at the sha256 that you gave",
        )

    def _broken_off(self, had: int) -> Unavailable:
        return Unavailable(
            "pull-broken-off",
            f"the transfer broke off {TRIES} times in a row",
            f"run it again: {had:,} of {self.offer.bytes:,} bytes are here and it goes on there"
            if had
            else "run it again; the server cannot go on in the middle, so it begins anew",
        )

    def _identity(self) -> dict[str, Any]:
        offer = self.offer
        return {"source": offer.source, "total": offer.total, "validator": offer.validator}

    def _ready(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.have():
            self.path.unlink(missing_ok=True)
        write_private(self.state, json.dumps(self._identity()) + "\n")

    @contextlib.contextmanager
    def _writing(self, *, anew: bool) -> Iterator[IO[bytes]]:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if anew else os.O_APPEND)
        with os.fdopen(os.open(self.path, flags, 0o600), "wb" if anew else "ab") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


@contextlib.contextmanager
def held(models: Path, offer: Offer) -> Iterator[Part]:
    """Give the part of an offer, which no other process touches meanwhile. Raises Unavailable."""
    part = Part(models, offer)
    part.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = lock.take(part.lock)
    if descriptor is None:
        raise Unavailable(
            "pull-running",
            f"another command is pulling {one_line(offer.source)} just now",
            "wait for it to end",
        )
    try:
        yield part
    finally:
        os.close(descriptor)
        if not part.path.exists():  # nothing is left to go on with
            part.lock.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A pull that was interrupted: where it comes from and how many bytes of it are here."""

    source: str
    bytes: int
    paths: tuple[Path, ...]


def leftovers(models: Path) -> list[Leftover]:
    """Return the pulls that were interrupted."""
    found = []
    for path in sorted((models / "parts").glob("*.part")):
        state = path.with_suffix(".json")
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            source = str(json.loads(state.read_text(encoding="utf-8"))["source"])
            paths = (path, state, path.with_suffix(".lock"))
            found.append(Leftover(source, path.stat().st_size, paths))
    return found


def drop(left: Leftover) -> None:
    """Delete what is here of an interrupted pull."""
    for path in left.paths:
        path.unlink(missing_ok=True)


def _pieces(reply: Reply) -> Iterator[bytes]:
    """Yield a reply's bytes until it ends or breaks off: its length tells which it was."""
    while True:
        try:
            piece = reply.body.read1(BLOCK)
        except IN_TRANSIT:
            return
        if not piece:
            return
        yield piece
