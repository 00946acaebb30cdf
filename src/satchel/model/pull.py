"""Bring a language model here: one GGUF, by its address or from a file at hand.

    look → Offer (the header, read before anything else is fetched) → the user → bring → Kept

What is brought lies in `models/parts` until it is whole, its sha256 is known and its header is
still the one that was shown; then it is moved into place at once. What was interrupted goes on
where it stopped, as long as the server's file is the same.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TypeAlias

from satchel.base.errors import BadInput, no_room, unwritable
from satchel.base.text import one_line
from satchel.model import download, front, shelf
from satchel.model.assets import BLOCK
from satchel.model.download import IN_TRANSIT, Reply
from satchel.model.fetch import Meter, Progress, quiet
from satchel.model.gguf import Header, Malformed, Short, parse
from satchel.model.part import Offer, Part, held
from satchel.model.shelf import Kept
from satchel.model.types import Disclosure, Download, is_loopback

SLACK = 16_000_000  # bytes of disk that must be left over

Note: TypeAlias = Callable[[str, str, int], None]
"""(host, file, bytes of the address), before a host that is not this machine is called; what it
raises keeps the host from being called."""


def unnoted(host: str, file: str, sent: int) -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a model fits here. Bytes; None where the machine does not tell."""

    context: int
    memory_needed: int
    memory: int | None
    disk_needed: int
    disk_free: int

    @property
    def in_memory(self) -> bool:
        """Whether it can be run without the machine running out of memory."""
        return self.memory is None or self.memory_needed <= self.memory

    @property
    def on_disk(self) -> bool:
        """Whether there is room for what is still to come."""
        return self.disk_needed <= self.disk_free


def is_address(given: str) -> bool:
    """Tell an address from a path."""
    return "://" in given


def look(given: str, models: Path, name: str | None = None, note: Note = unnoted) -> Offer:
    """Read the header of a GGUF, and no more of it than that takes.

    Raises BadInput where it is no address or file that is taken, or no GGUF that may be loaded;
    Unavailable where its server does not give it.
    """
    rows = shelf.kept(models)
    if name is not None:
        shelf.checked_name(name)
    offer = _offered(given, note) if is_address(given) else _at_hand(given)
    file = PurePath(offer.source).name or offer.header.name or ""
    offer = replace(offer, name=name or shelf.name_of(file, rows), named=name is not None)
    return replace(offer, have=Part(models, offer).have())


def _at_hand(given: str) -> Offer:
    path = Path(given).expanduser().absolute()
    header = _header_of(path)
    status = path.stat()
    return Offer(
        given=str(path),
        source=str(path),
        hosts=(),
        header=header,
        total=status.st_size,
        validator=str(status.st_mtime_ns),
    )


def _offered(given: str, note: Note) -> Offer:
    url = download.checked(given)
    header, head, reply = _front(url, _calling(url, note))
    return Offer(
        given=url,
        source=download.shown(url),
        hosts=reply.hosts,
        header=header,
        total=reply.total,
        validator=reply.validator,
        head=head,
        resumable=reply.ranged,
    )


def known(offer: Offer, models: Path, sha256: str | None = None) -> Kept | None:
    """Return what is kept of an offer already: by its sha256, or, where none is named, unchanged
    from the same place."""
    for row in shelf.kept(models):
        same = row.source == offer.source and row.bytes == offer.bytes
        unchanged = same and row.validator == offer.validator != ""
        if unchanged if sha256 is None else row.sha256 == sha256:
            return row
    return None


def fit(offer: Offer, models: Path, setting: int, memory: int | None) -> Fit:
    """Hold an offer against the machine; `setting` is `model.context`."""
    header = offer.header
    context = shelf.context_of(header.context, offer.bytes, header.cache_bytes, setting, memory)
    place = models
    while not place.exists():
        place = place.parent
    return Fit(
        context=context,
        memory_needed=header.memory(context),
        memory=memory,
        disk_needed=offer.bytes - offer.have + SLACK,
        disk_free=shutil.disk_usage(place).free,
    )


def disclosure(offer: Offer, models: Path) -> Disclosure:
    """Return what the user is told before it is fetched."""
    left = 0 if offer.is_file else offer.bytes - offer.have
    return Disclosure(
        asset=offer.name,
        purpose=f"a language model ({one_line(offer.header.name or 'its header names none', 80)})",
        downloads=(Download(one_line(offer.source), "", left),),
        licence=offer.licence,
        destination=str(models),
        disk_bytes=offer.bytes,
        tool="a copy" if offer.is_file else "https",
    )


def bring(
    offer: Offer,
    models: Path,
    *,
    sha256: str | None = None,
    progress: Progress = quiet,
    note: Note = unnoted,
    pause: Callable[[float], None] = time.sleep,
) -> Kept:
    """Fetch or copy the file, check it, and keep it under the offer's name; return what is kept.

    A file that is here already, under whatever name, is not kept twice: the name is added. Raises
    BadInput where the name stands for another file, Unavailable where the transfer broke off (it
    goes on the next time), Broken where there is no room or what came is not what was offered.
    """
    _free(offer, models, sha256)
    try:
        with held(models, offer) as part:
            if sha256 is None or not shelf.blob(models, sha256).is_file():
                _room(offer, models)
                meter = Meter(progress, offer.bytes)
                if offer.is_file:
                    part.copy(meter)
                else:
                    part.fetch(meter, _calling(offer.given, note), pause)
                sha256 = part.checked(sha256)
            return _keep(offer, models, sha256, part)
    except OSError as error:
        raise unwritable(models, error, "models-unwritable") from error


def _free(offer: Offer, models: Path, sha256: str | None) -> None:
    """Raise BadInput where the name stands for another file, as far as that can be told yet."""
    row = next((row for row in shelf.kept(models) if row.name == offer.name), None)
    if row is not None and row.sha256 != sha256 and known(offer, models) != row:
        raise BadInput(
            "name-taken",
            f"{offer.name} is the name of another model here",
            f"add `--name ANOTHER`, or `satchel models rm {offer.name}` first",
        )


def _room(offer: Offer, models: Path) -> None:
    needed, free = offer.bytes - offer.have + SLACK, shutil.disk_usage(models).free
    if free < needed:
        raise no_room(models, needed, free)


def _keep(offer: Offer, models: Path, sha256: str, part: Part) -> Kept:
    """Move the file into place, or drop it where it is there, and write down its name."""
    place, header = shelf.blob(models, sha256), offer.header
    same = [row for row in shelf.kept(models) if row.sha256 == sha256]
    if same and not offer.named:
        part.forget()
        return same[0]
    _free(offer, models, sha256)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.path.replace(place)
    part.forget()
    status = place.stat()
    row = Kept(
        name=offer.name,
        sha256=sha256,
        bytes=status.st_size,
        changed=status.st_mtime_ns,
        source=one_line(offer.source, 2_000),
        validator=offer.validator,
        licence=one_line(header.licence or "", 80) or None,
        architecture=header.architecture,
        parameters=header.parameters,
        quantisation=header.quantisation,
        context=header.context,
        chat=header.chat,
        tools=header.tools,
        embeddings=header.embeddings,
        cache_bytes=header.cache_bytes,
    )
    shelf.put(models, row)
    return row


# --- the header, before anything else ---------------------------------------------------------


def _header_of(path: Path) -> Header:
    """Read the header of a file at hand. Raises BadInput."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise BadInput("no-such-file", f"{path} {what}", "name a .gguf file, or an https address")
    try:
        return front.read(path)
    except Malformed as wrong:
        raise refused(path.name, wrong) from wrong
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("no-such-file", f"{path} cannot be read: {reason}", "look there") from error


def refused(name: str, wrong: Malformed) -> BadInput:
    """Say why a file is not taken."""
    return BadInput(
        "gguf-refused",
        f"{one_line(name) or 'the file'} is not taken: it {wrong}",
        "look for the same model in another file; nothing of this one was kept",
    )


def _front(url: str, calling: Callable[[str], None]) -> tuple[Header, bytes, Reply]:
    """Fetch as much of the front as the header takes: in steps, or from one reply without them."""
    head, wanted = b"", front.FIRST
    with contextlib.ExitStack() as stack:
        reply: Reply | None = None
        while True:
            if reply is None or reply.ranged:
                reply = stack.enter_context(download.opened(url, len(head), wanted, calling))
            head += _some(reply, wanted - len(head), url)
            try:
                return parse(head, reply.total), head, reply
            except Malformed as wrong:
                raise refused(download.file_name(url), wrong) from wrong
            except Short as short:
                if len(head) < wanted:
                    ended = Malformed("ends within its header")
                    raise refused(download.file_name(url), ended) from short
                wanted = front.further(wanted, short)


def _some(reply: Reply, count: int, url: str) -> bytes:
    """Read so many bytes of a reply, or all that come."""
    pieces = bytearray()
    try:
        while len(pieces) < count and (piece := reply.body.read1(min(BLOCK, count - len(pieces)))):
            pieces += piece
    except IN_TRANSIT as error:
        raise download.unreachable(url, error) from error
    return bytes(pieces)


def _calling(url: str, note: Note) -> Callable[[str], None]:
    """Return what notes each host once, but for this machine."""
    noted: set[str] = set()

    def calling(host: str) -> None:
        if host not in noted and not is_loopback(url):
            note(host, download.file_name(url), len(url))
            noted.add(host)

    return calling
