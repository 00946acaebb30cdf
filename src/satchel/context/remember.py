"""What is decided when something is said to be remembered: its kind, where and since when it
holds, what it takes the place of. Pure; the composition root keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final
from unicodedata import category

from satchel.base.errors import BadInput
from satchel.base.text import clean, one_line
from satchel.context import tokens
from satchel.context.globs import is_everything
from satchel.context.ingest.mask import mask
from satchel.context.kinds import GUESSED_FROM, guess_kind, opened, passing
from satchel.context.mine.people import naming
from satchel.context.mine.sentences import sentences
from satchel.context.page import RECORD_TOKENS
from satchel.context.types import CURRENT, EVERYWHERE, SAID, Conflict, Record, RecordKind, Status

_VISIBLE: Final = "LNPS"  # of Unicode's categories: letters, numbers, punctuation, symbols
LONGEST_RECORD: Final = 1_000_000  # characters
LONGEST_NAME: Final = 200  # characters of a subject, an alias, a glob
MOST_NAMES: Final = 100  # aliases, globs
LEAST_PREFIX: Final = 4  # characters of an id that stand for the whole of it
SHOWN_IDS: Final = 5
BY_AGENT: Final = 0.5  # confidence of what a model says, until the user confirms it
COUNTED: Final = 10_000  # characters of a text: more than any briefing shows of one
BEGINNING: Final = 60  # characters that tell which text it was

Lookup = Callable[[str], Record | None]


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody wants remembered. `source` is "user", or who else says it.

    `globs` name the files that it holds for (empty: all), `everywhere` that it holds in every
    workspace, `since` when it began to hold, `supersedes` the ids of what it takes the place of.
    """

    text: str
    kind: str | None = None
    source: str = "user"
    everywhere: bool = False
    globs: tuple[str, ...] = ()
    subject: str | None = None
    aliases: tuple[str, ...] = ()
    pinned: bool = False
    is_open: bool = False
    since: str | None = None
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of it.

    `known` is the record that said the same before; `guessed` the word that its kind was told
    from ("" where none told); `ended` are the records whose place it took; `proposed` tells that
    the user has yet to confirm it.
    """

    record: Record
    conflicts: tuple[Conflict, ...] = ()
    known: Record | None = None
    guessed: str | None = None
    masked: int = 0
    ended: tuple[Record, ...] = ()
    proposed: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A record, what it took the place of (oldest first) and what took its place since."""

    record: Record
    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A saying that was found sound: masked, its kind told, its scope and its date read.

    `is_open` tells that it decides nothing yet: so it was asked, or so it says itself.
    """

    text: str
    kind: RecordKind
    guessed: str | None
    globs: tuple[str, ...]
    since: str | None
    subject: str | None
    aliases: tuple[str, ...]
    masked: int
    notes: tuple[str, ...]
    is_open: bool = False


# --- a saying ---------------------------------------------------------------------------------


def sound(text: str) -> str:
    """Put a replacement for what is no character (half a surrogate pair, out of broken JSON)."""
    return text.encode("utf-8", "replace").decode()


def kind_of(given: str) -> RecordKind:
    """Return the kind of this name. Raises BadInput where there is none."""
    try:
        return RecordKind(given)
    except ValueError as error:
        raise BadInput(
            "unknown-kind",
            f"{one_line(sound(given), 60)!r} is no kind of record",
            f"use one of {', '.join(RecordKind)}",
        ) from error


def stated(saying: Saying) -> Stated:
    """Read a saying. Secrets are masked. Raises BadInput for what cannot be kept."""
    text = clean(sound(saying.text)).strip()
    if not any(category(character)[0] in _VISIBLE for character in text):
        raise BadInput("empty-record", "there is nothing to remember", "say what to remember")
    if len(text) > LONGEST_RECORD:
        raise BadInput(
            "record-too-long",
            f"a record may hold {LONGEST_RECORD:,} characters, not {len(text):,}",
            "remember the part that matters, and name the file for the rest",
        )
    text, masked = mask(text)
    kind, guessed = (kind_of(saying.kind), None) if saying.kind else guess_kind(text)
    weighed = opened(text) if kind is RecordKind.DECISION or not saying.kind else None
    if weighed is not None and not saying.kind:
        kind, guessed = weighed
    once = "" if saying.kind or weighed or kind is RecordKind.NOTE else passing(text)
    if once:
        kind, guessed = RecordKind.NOTE, once
    globs, notes = scope(saying.globs)
    if once:
        notes += (f"it is kept as a note that opposes nothing: “{one_line(once, 60)}” is for once",)
    if weighed is not None and not saying.is_open:
        notes += (f"it is kept as open: “{one_line(weighed[1], 60)}” decides nothing yet",)
    subject, hidden = _name("subject", saying.subject) if saying.subject else (None, 0)
    if len(saying.aliases) > MOST_NAMES:
        raise _too_many("names")
    aliases = [_name("name", alias) for alias in saying.aliases]
    called = next(filter(None, map(naming, sentences(text[:GUESSED_FROM]))), None)
    if called is not None:  # "the client is Acme GmbH" is asked for by either name
        subject = subject or called.name
        aliases += [(alias, 0) for alias in called.aliases]
        if guessed == "":
            kind, guessed = RecordKind.FACT, called.name
    return Stated(
        text=text,
        kind=kind,
        guessed=guessed,
        globs=globs,
        since=moment(saying.since).isoformat() if saying.since is not None else None,
        subject=subject,
        aliases=tuple(dict.fromkeys(alias for alias, _ in aliases)),
        masked=masked + hidden + sum(count for _, count in aliases),
        notes=(*notes, *_long(text)),
        is_open=saying.is_open or weighed is not None,
    )


def _long(text: str) -> Iterator[str]:
    """Say of a text that no briefing shows whole what is kept of it."""
    if tokens.count(text[:COUNTED]) > RECORD_TOKENS:
        yield (
            f"all {len(text):,} characters from “{one_line(text, BEGINNING)}” on are kept; a "
            "briefing shows only the first lines"
        )


def scope(globs: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the globs that narrow a record, relative to the workspace, and what is to be said.

    One that matches every file narrows nothing, so that none is kept. Raises BadInput for one that
    can match none.
    """
    if len(globs) > MOST_NAMES:
        raise _too_many("globs")
    kept: dict[str, None] = {}
    for given in map(sound, globs):
        glob = clean(given).strip().removeprefix("./")
        plain = glob.removeprefix("!")
        wrong = (
            "is empty"
            if not plain
            else f"is longer than {LONGEST_NAME} characters"
            if len(glob) > LONGEST_NAME
            else "is absolute"
            if plain.startswith(("/", "~"))
            else "leads out of the folder"
            if ".." in plain.split("/")
            else None
        )
        if wrong:
            raise BadInput(
                "bad-glob",
                f"the glob {one_line(given, 60)!r} {wrong}",
                "name files as seen from the top of the folder, such as 'src/api/*.py'",
            )
        if is_everything(glob):
            return (), (f"{glob} matches every file, so this holds for all of them",)
        kept[glob] = None
    if kept and all(glob.startswith("!") for glob in kept):
        raise BadInput(
            "bad-glob",
            "globs that only take files out leave none in",
            "name the files that it holds for as well, such as '**/*.py'",
        )
    return tuple(kept), ()


def _too_many(what: str) -> BadInput:
    return BadInput(
        "too-many-names",
        f"a record may have at most {MOST_NAMES} {what}",
        "name those that matter, or remember several records",
    )


def _name(what: str, given: str) -> tuple[str, int]:
    name, masked = mask(" ".join(clean(sound(given)).split()))
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(
            "bad-name",
            f"a {what} has 1 to {LONGEST_NAME} characters",
            f"give a shorter {what}" if name else f"leave the {what} out",
        )
    return name, masked


# --- time -------------------------------------------------------------------------------------

LONGEST_DATE: Final = 40  # characters: digits without an end can be read as a date
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment(given: str, *, end: bool = False) -> datetime:
    """Read a date in UTC: a bare day means its first moment, or its last with `end`.

    Raises BadInput for what is no date.
    """
    found = when(sound(given), end=end)
    if found is None:
        raise BadInput(
            "bad-date",
            f"{one_line(sound(given), 60)!r} is no date",
            "write it as 2026-03-31, or with a time: 2026-03-31T18:00:00+01:00",
        )
    return found


def when(given: str, *, end: bool = False) -> datetime | None:
    """Read a date as `moment` does, or return None."""
    text = given.strip().removesuffix(" UTC")  # as the command line writes it
    if len(text) > LONGEST_DATE:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max if end else time.min, UTC)
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def held(record: Record, at: datetime) -> bool:
    """Tell whether a record held at a moment, whatever became of it since."""
    since, until = when(record.valid_from), when(record.valid_to) if record.valid_to else None
    return (since is None or since <= at) and (until is None or at < until)


def opposes(record: Record) -> bool:
    """Tell whether a record can oppose anything: what is open decides nothing yet, and a note for
    the work of a moment is no rule."""
    is_once = record.kind is RecordKind.NOTE and bool(passing(record.text))
    return record.status is not Status.OPEN and not is_once


def is_later(record: Record, now: str) -> bool:
    """Tell whether what somebody said begins to hold only after `now` (ISO 8601 UTC).

    What began when it was said, or before, holds by any clock: one that is set back hides nothing.
    """
    if record.origin not in SAID or record.valid_from <= record.learned:
        return False
    at, learned, since = when(now), when(record.learned), when(record.valid_from)
    return bool(at and learned and since and at < since and learned < since)


def present(record: Record, now: str, lookup: Lookup) -> Record:
    """Return a record as it stands at a moment: one that is to hold later does not yet, and what
    it is to take the place of does still."""
    if record.status in CURRENT and is_later(record, now):
        return replace(
            record, status=Status.LATER, reason=f"holds from {record.valid_from[:10]} on"
        )
    if record.status is Status.SUPERSEDED and (record.valid_to or "") > now:
        after = lookup(record.superseded_by) if record.superseded_by else None
        if after is not None and is_later(after, now):
            return replace(record, status=Status.ACTIVE)
    return record


# --- what takes the place of what -------------------------------------------------------------


def succeeded(old: Record, new: Record, lookup: Lookup, now: str) -> tuple[Record, Record]:
    """Link a record to the one that takes its place, both ways, and end the time that it held.

    Raises BadInput where that cannot be: itself, a ring, another successor, another reach.
    """
    if old.id == new.id:
        raise BadInput(
            "supersedes-itself",
            f"{old.id} cannot take its own place",
            "name two different records",
        )
    if old.superseded_by == new.id:
        return old, _naming(new, old.id)
    if old.superseded_by is not None and lookup(old.superseded_by) is not None:
        last = next(one for one in reversed(successors(old, lookup)) if one.id != new.id)
        instead = new.id if lookup(new.id) is not None else "TEXT"
        raise BadInput(
            "superseded-already",
            f"{old.id} was superseded by {old.superseded_by} already",
            f"run `satchel supersede {last.id} {instead}` to go on from there",
        )
    if any(after.id == old.id for after in successors(new, lookup)):
        raise BadInput(
            "ring",
            f"{new.id} was itself superseded by {old.id}: neither would hold any more",
            f"run `satchel records --history {old.id}` to see the chain",
        )
    if old.workspace != new.workspace and old.workspace == EVERYWHERE:
        raise BadInput(
            "wider-than-successor",
            f"{old.id} holds everywhere, and {new.id} in one workspace alone",
            "remember the new one with --everywhere first",
        )
    since = (when(old.valid_from), when(new.valid_from))
    begun = since[0] is not None and since[1] is not None and since[0] < since[1]
    ended = new.valid_from if begun else max(now, old.valid_from)
    closed = replace(
        old,
        status=Status.REJECTED if old.status is Status.REJECTED else Status.SUPERSEDED,
        superseded_by=new.id,
        valid_to=ended if old.valid_to is None else min(ended, old.valid_to),
        reason=None,
    )
    return closed, _naming(new, old.id)


def confirmed(record: Record, lookup: Lookup) -> Record:
    """Return a record that the user stands by. Raises BadInput where another took its place."""
    if record.superseded_by is not None and lookup(record.superseded_by) is not None:
        raise BadInput(
            "superseded-already",
            f"{record.id} was superseded by {record.superseded_by}",
            f"run `satchel supersede {record.superseded_by} TEXT` with what holds now",
        )
    if record.status in {Status.REJECTED, Status.OPEN}:
        return replace(record, confirmed=True, confidence=1.0)
    return replace(
        record,
        status=Status.ACTIVE,
        confirmed=True,
        confidence=1.0,
        valid_to=None,
        superseded_by=None,
        reason=None,
    )


def must_hold(record: Record, lookup: Lookup, command: str) -> None:
    """Raise BadInput for a record that holds no more, naming what took its place as that which
    `command` can be run with."""
    if record.status in CURRENT:
        return
    after = successors(record, lookup)
    if not after:
        raise BadInput(
            "holds-no-more",
            f"{record.id} is {record.status}, so it does not hold",
            "run `satchel remember TEXT` with what holds now",
        )
    raise BadInput(
        "superseded-already",
        f"{record.id} holds no more: {after[-1].id} took its place",
        f"run `{command} {after[-1].id}`",
    )


def successors(record: Record, lookup: Lookup) -> list[Record]:
    """Follow what took a record's place, and then that one's, to the end."""
    seen = {record.id}
    chain: list[Record] = []
    at = record.superseded_by
    while at is not None and at not in seen and (found := lookup(at)) is not None:
        seen.add(at)
        chain.append(found)
        at = found.superseded_by
    return chain


def history(record: Record, lookup: Lookup) -> History:
    """Gather what a record took the place of, and what took its place."""
    seen = {record.id}
    before: list[Record] = []
    waiting = list(record.supersedes)
    while waiting:
        name = waiting.pop()
        if name not in seen and (found := lookup(name)) is not None:
            before.append(found)
            waiting += found.supersedes
        seen.add(name)
    before.sort(key=lambda old: (old.valid_from, old.learned, old.id))
    return History(record, tuple(before), tuple(successors(record, lookup)))


def _naming(new: Record, old: str) -> Record:
    return new if old in new.supersedes else replace(new, supersedes=(*new.supersedes, old))


# --- ids --------------------------------------------------------------------------------------


def chosen(given: str, found: Mapping[str, Record]) -> Record:
    """Choose the one record that an id, or its beginning, names among those that it may name.

    Raises BadInput where there is none, and where there are several.
    """
    name = given.strip().lower()
    shown = one_line(given, 60)
    if name in found:
        return found[name]
    if len(name) < LEAST_PREFIX:
        raise BadInput(
            "no-such-record",
            f"there is no record {shown!r} here",
            f"give at least the first {LEAST_PREFIX} characters of an id that `satchel records` "
            "prints",
        )
    if not found:
        raise BadInput(
            "no-such-record",
            f"there is no record {shown!r} here",
            "run `satchel records` or `satchel recall` to see the ids of records",
        )
    if len(found) > 1:
        some = ", ".join(sorted(found)[:SHOWN_IDS])
        raise BadInput(
            "ambiguous-id",
            f"{len(found)} ids begin with {shown!r}: {some}"
            + (" and others" if len(found) > SHOWN_IDS else ""),
            "write one character more of the one that you mean",
            ids=sorted(found)[:SHOWN_IDS],
        )
    return next(iter(found.values()))


def is_id(given: str) -> bool:
    """Tell whether a text can only be meant as an id: hexadecimal, with a digit in it."""
    return bool(_ID.fullmatch(given.strip())) and any(one.isdigit() for one in given)


_ID: Final = re.compile(r"[0-9a-f]{4,32}", re.IGNORECASE | re.ASCII)
