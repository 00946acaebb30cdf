"""What is decided when something is said to be remembered: its kind, where and since when it
holds, what it is called. Pure; the composition root keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import category

from satchel.base.errors import BadInput
from satchel.base.text import clean, one_line, sound
from satchel.context import tokens
from satchel.context.globs import is_everything
from satchel.context.ingest.mask import mask
from satchel.context.kinds import GUESSED_FROM, guess_kind, opened, passing
from satchel.context.mine.people import naming
from satchel.context.mine.sentences import sentences
from satchel.context.page import RECORD_TOKENS
from satchel.context.types import Conflict, Record, RecordKind
from satchel.context.validity import moment

_VISIBLE: Final = "LNPS"  # of Unicode's categories: letters, numbers, punctuation, symbols
LONGEST_RECORD: Final = 1_000_000  # characters
LONGEST_NAME: Final = 200  # characters of a subject, an alias, a glob
MOST_NAMES: Final = 100  # aliases, globs
BY_AGENT: Final = 0.5  # confidence of what a model says, until the user confirms it
COUNTED: Final = 10_000  # characters of a text: more than any briefing shows of one
BEGINNING: Final = 60  # characters that tell which text it was


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
    told = _told(saying, text)
    kind, guessed = told.kind, told.guessed
    globs, notes = scope(saying.globs)
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
        notes=(*notes, *told.notes, *_long(text)),
        is_open=saying.is_open or told.is_open,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """The kind of a saying, the word that told it (None where it was given), and whether the saying
    decides nothing yet."""

    kind: RecordKind
    guessed: str | None
    is_open: bool = False
    notes: tuple[str, ...] = ()


def _told(saying: Saying, text: str) -> _Told:
    """Take the kind that was given, or tell it from the words."""
    kind, guessed = (kind_of(saying.kind), None) if saying.kind else guess_kind(text)
    if (kind is RecordKind.DECISION or not saying.kind) and (weighed := opened(text)):
        if not saying.kind:
            kind, guessed = weighed
        note = f"it is kept as open: “{one_line(weighed[1], 60)}” decides nothing yet"
        return _Told(kind, guessed, is_open=True, notes=() if saying.is_open else (note,))
    if not saying.kind and kind is not RecordKind.NOTE and (once := passing(text)):
        note = f"it is kept as a note that opposes nothing: “{one_line(once, 60)}” is for once"
        return _Told(RecordKind.NOTE, once, notes=(note,))
    return _Told(kind, guessed)


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
