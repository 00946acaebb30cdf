"""The vocabulary of the context engine. Values only: frozen, closed, without behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satchel.base.values import value

# --- what is read -----------------------------------------------------------------------------


class Role(StrEnum):
    """What a document is to its repository."""

    SOURCE = "source"
    TEST = "test"
    PROSE = "prose"
    MANIFEST = "manifest"
    TEXT = "text"  # anything else that is text: configuration, templates, data


class PassageKind(StrEnum):
    """What a passage covers."""

    DEFINITION = "definition"  # a function, a method, or a class without its methods
    MODULE = "module"  # the code between definitions: imports, constants
    SECTION = "section"  # prose under one heading
    BLOCK = "block"  # a run of lines of other text


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: one definition, one section, one block. Lines are 1-based, inclusive.

    `name` is the last part of `symbol`; `symbol` is qualified within its file
    ("Class.method"), or the heading path of a section ("Usage > Sessions"), or "".
    """

    kind: PassageKind
    symbol: str
    name: str
    start: int
    end: int
    text: str


class EntityKind(StrEnum):
    """What a definition defines."""

    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"
    TYPE = "type"  # interface, struct, enum, trait, type alias
    CONSTANT = "constant"  # a module's or class's constant or variable
    MODULE = "module"  # namespace, package, module block


@dataclass(frozen=True, slots=True)
class Definition:
    """An entity that code defines. `passage` is the index of its passage in `Parsed.passages`."""

    kind: EntityKind
    name: str
    symbol: str
    start: int
    end: int
    passage: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that a passage uses: called, constructed, inherited, or spelled in prose."""

    name: str
    passage: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Import:
    """A module as the source spells it: "flask.sessions", "./util", "crate::net", "<vector>"."""

    module: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a manifest states: ("python", "requires", ">=3.11"), ("flask", "dependency", ">=3").

    `subject` is a language, tool or package; `line` is where the manifest says so.
    """

    subject: str
    attribute: str  # language | framework | dependency | requires | version | tool | name
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything that one document gave."""

    role: Role
    language: str | None  # "python", "typescript", … or None for text
    passages: tuple[Passage, ...]
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()
    imports: tuple[Import, ...] = ()
    facts: tuple[Fact, ...] = ()
    masked: int = 0  # secrets that were masked before anything was kept


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file looked when it was read: enough to skip reading it again."""

    size: int
    mtime_ns: int
    inode: int
    digest: str  # sha256 of its bytes; "" where it was skipped unread


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the workspace. `path` is relative to its top, with forward slashes.

    `skipped` is None, or why nothing of it was kept: "binary", "generated", "vendored",
    "too large", "unreadable", …
    """

    path: str
    stamp: Stamp
    parsed: Parsed | None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One ancestor of HEAD, and the files that it touched."""

    sha: str
    time: int  # seconds since the epoch, committer's
    author: str
    subject: str
    body: str
    paths: tuple[str, ...]


# --- what is asked ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in. `budget` is in tokens; `files` asks for that many ranked files.

    `diff` is a pending edit, as a unified diff.
    """

    text: str
    workspace: str
    budget: int
    files: int = 0
    # Carry the passages' own text, for a model that has no tools and is asked about this workspace.
    with_text: bool = False
    session: str | None = None
    diff: str | None = None


class IntentKind(StrEnum):
    """What the request wants."""

    CHANGE = "change"
    QUESTION = "question"
    PLAN = "plan"
    RECALL = "recall"
    OPERATE = "operate"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Intent:
    """What kind of request this is, and how sure that is (0 to 1)."""

    kind: IntentKind
    confidence: float


class Signal(StrEnum):
    """A source of evidence that a passage or a file belongs to a request."""

    LEXICAL = "lexical"  # the request's words in the passage
    TITLE = "title"  # the words of its first line
    SYMBOL = "symbol"  # it defines a name, or says a message, that the request spells
    PATH = "path"  # the request spells its path or module, or a traceback names it
    HISTORY = "history"  # commits with similar messages touched it
    FOLLOWED = "followed"  # it was edited after similar requests
    TOGETHER = "together"  # it changed in the same commits as what ranks already
    IMPORT = "import"  # it imports what ranks already, or is imported by it
    VECTOR = "vector"  # near in meaning (prose and records only)


# --- records ----------------------------------------------------------------------------------


class RecordKind(StrEnum):
    """What a record states."""

    DECISION = "decision"
    PREFERENCE = "preference"
    RULE = "rule"
    FACT = "fact"
    NOTE = "note"


class Status(StrEnum):
    """Where a record stands. STALE and LATER are never kept: they are found when one is read."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    STALE = "stale"
    LATER = "later"
    OPEN = "open"
    UNCONFIRMED = "unconfirmed"


CURRENT: Final = frozenset({Status.ACTIVE, Status.OPEN, Status.UNCONFIRMED})


class Origin(StrEnum):
    """Who or what a record comes from."""

    USER = "user"
    AGENT = "agent"
    DECISIONS = "decisions"  # decision records: ADRs, RFCs, PEPs, KEPs
    RULES = "rules"  # rules files for agents, contribution guides
    MANIFESTS = "manifests"
    HISTORY = "history"  # commit messages
    TRANSCRIPTS = "transcripts"  # of clients
    CONVERSATIONS = "conversations"  # our own


SAID: Final = frozenset({Origin.USER, Origin.AGENT})  # every other origin is mined

EVERYWHERE = "everywhere"


# What stands between the parts of a mined decision: its reason, and the options it did not take.
WHY = " Why: "
NOT_CHOSEN = " Considered and not chosen: "


@dataclass(frozen=True, slots=True)
class Statement:
    """What a miner found, before it is a record.

    `source` is a place that opens: "path:line", "commit 1a2b3c4d", "conversation 3fa2 turn 4".
    `date` is when it began to hold, ISO 8601, or None where the source does not say. `key` names
    it within its workspace ("adr 7"), so that `supersedes` and `superseded_by` can name keys.
    """

    kind: RecordKind
    text: str
    origin: Origin
    source: str
    confidence: float
    date: str | None = None
    subject: str | None = None
    attribute: str | None = None
    stance: str | None = None
    globs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    status: Status = Status.ACTIVE
    key: str | None = None
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Mined:
    """What one source gave: its statements, how much was read, and what was left and why.

    `read` counts units of the source (sections, commits, turns); `left` maps a reason to how many
    were left for it.
    """

    statements: tuple[Statement, ...]
    read: int
    left: Mapping[str, int] = field(default_factory=dict)


@value(frozen=True, slots=True)
class Record:
    """Something that was decided, preferred, ruled, or is so.

    `workspace` is an absolute path or "everywhere"; `globs` narrow it to files, empty means all.
    `sources` are "user", "agent", or places that open: path:line, commit; the first is where it
    was learned first. Time is kept twice, in ISO 8601 UTC: when it held (`valid_from`, `valid_to`)
    and when it was learned. `superseded_by` is a link; nothing is deleted by it. `anchors` are the
    files and symbols that it cites and that were there; `related` are ids of records that it is
    about. A mined record is not `confirmed` until the user says so.
    """

    id: str
    kind: RecordKind
    text: str
    workspace: str
    sources: tuple[str, ...]
    learned: str
    valid_from: str
    valid_to: str | None = None
    subject: str | None = None
    attribute: str | None = None
    stance: str | None = None
    globs: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    pinned: bool = False
    status: Status = Status.ACTIVE
    confidence: float = 1.0
    origin: Origin = Origin.USER
    confirmed: bool = True
    reason: str | None = None  # why it stands where it stands: "cites `f`, which is gone"

    @property
    def source(self) -> str:
        """The first source."""
        return self.sources[0]

    @property
    def is_mined(self) -> bool:
        """Tell whether nobody said it: it was read somewhere, and nobody confirmed it since."""
        return self.origin not in SAID and not self.confirmed


# --- what is handed over ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RankedSymbol:
    """A definition that the request concerns."""

    path: str
    name: str
    lines: tuple[tuple[int, int], ...]
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file, 1-based and inclusive, and what stands there ("" for loose code)."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class RankedFile:
    """A file in rank order, best first, and its places, best first.

    `signals` says what each signal gave it; `features` what the ranker read, by name.
    """

    path: str
    places: tuple[Place, ...]
    reason: str
    score: float
    in_packet: bool
    signals: Mapping[str, float] = field(default_factory=dict)
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """The places' lines, in the places' order."""
        return tuple((place.start, place.end) for place in self.places)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The places' names, in the places' order, each once."""
        return tuple(dict.fromkeys(place.name for place in self.places if place.name))


@dataclass(frozen=True, slots=True)
class RankedTest:
    """A test that belongs to the ranked files."""

    path: str
    reason: str


@value(frozen=True, slots=True)
class ChosenRecord:
    """A record that applies, with the reason why.

    `before` are the statements that it took the place of, where the request is about those.
    """

    record: Record
    reason: str
    score: float
    before: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements that contradict each other. Both are shown; neither is settled."""

    ids: tuple[str, str]
    statements: tuple[str, str]
    dates: tuple[str, str]
    sources: tuple[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Packet:
    """The briefing. Empty where nothing earns its place, and then it says why.

    `catching_up`: the folder changed, and the index has not taken that in yet.
    """

    request: str
    workspace: str
    intent: Intent
    files: tuple[RankedFile, ...]
    symbols: tuple[RankedSymbol, ...]
    tests: tuple[RankedTest, ...]
    records: tuple[ChosenRecord, ...]
    conflicts: tuple[Conflict, ...]
    markdown: str
    tokens: int
    budget: int
    empty_reason: str | None
    catching_up: bool
    ms: Mapping[str, float]
    left_out: tuple[str, ...] = ()


Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32] | None]
"""Texts to unit vectors, one row each; None where that would make an answer wait."""
