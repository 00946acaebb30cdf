"""What may leave this machine: shown before, allowed by a grant, and noted either way.

    Leaving --matching, pure--> Grant --permit: spend, note--> Permitted
                           \\--none--> ConsentNeeded, noted as well

Only `permit` makes a Permitted, and `upstream.stream` takes nothing else but a Local. Decisions
here are pure; what they touch (the grants, the ledger) is handed in.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol, TypeAlias

from satchel.base.errors import NeedsAnswer, SatchelError
from satchel.base.text import one_line
from satchel.model import destination
from satchel.model.leaving import HOLDS, PROMPT_ONLY, Leaving, Material, Section, listed
from satchel.model.types import Backend, Dialect, Locality, Model, is_loopback

EVERY_MODEL: Final = "*"

# --- what was granted -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Once:
    """For one request: its use ends the grant."""


@dataclass(frozen=True, slots=True)
class InSession:
    """Until the daemon that runs now ends. `id` is `session_id`'s."""

    id: str


@dataclass(frozen=True, slots=True)
class InWorkspace:
    """For requests about one workspace, named by its folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Always:
    """Until it is revoked or ends."""


Extent: TypeAlias = Once | InSession | InWorkspace | Always


@dataclass(frozen=True, slots=True)
class Grant:
    """What the user permitted. Times are aware; it holds before `expires`, not at it.

    `model` may be EVERY_MODEL, `material` is the most that may leave. Of a key only the file's
    path is kept.
    """

    id: str
    destination: str
    model: str
    material: Material
    extent: Extent
    created: datetime
    expires: datetime | None = None
    tools: tuple[str, ...] = ()
    key_file: str | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where a request asks: an aware time, the daemon's session, the workspace's folder.

    None for a session or a workspace matches no grant that needs one.
    """

    now: datetime
    session: str | None = None
    workspace: str | None = None


def session_id(pid: int, started: str) -> str:
    """Name the session of a daemon by what its address file tells of it."""
    return f"{pid}@{started}"


def ended(grant: Grant, occasion: Occasion) -> str | None:
    """Say why a grant can never hold again, or None."""
    if grant.expires is not None and occasion.now >= grant.expires:
        return f"it ended at {grant.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    match grant.extent:
        case InSession(id=session) if occasion.session is not None and session != occasion.session:
            return "its session is over"
        case _:
            return None


def missed(grant: Grant, leaving: Leaving, occasion: Occasion) -> str | None:
    """Say why a grant does not cover what would leave; None where it does."""
    if not destination.covers(grant.destination, leaving.backend.name, leaving.address):
        return f"it is for {grant.destination}"
    if grant.model not in (EVERY_MODEL, leaving.model.name):
        return f"it is for the model {grant.model}"
    if why := ended(grant, occasion):
        return why
    match grant.extent:
        case InSession(id=session) if session != occasion.session:
            return "it is for another session"
        case InWorkspace(path=path) if path != occasion.workspace:
            return f"it is for the workspace {path}"
        case _:
            pass
    if leaving.material > grant.material:
        return f"it covers {HOLDS[grant.material]} only"
    if more := set(leaving.tools) - set(grant.tools):
        return f"it does not cover the server's {', '.join(sorted(more))}"
    return None


def matching(grants: Iterable[Grant], leaving: Leaving, occasion: Occasion) -> Grant | None:
    """Choose the grant that covers what would leave, or None.

    One that lasts before one that its use ends, then the newest: a later grant may bring a key.
    """
    covering = [grant for grant in grants if missed(grant, leaving, occasion) is None]
    return max(
        reversed(covering),  # the first of equals is taken, and the file's last is the newest
        key=lambda grant: (not isinstance(grant.extent, Once), grant.created),
        default=None,
    )


# --- what is noted ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt in the ledger. `grant` is the id where it was allowed, `reason` a code where not.

    Never text of a request, a file or a record.
    """

    time: datetime
    destination: str
    server: str
    model: str
    material: Material
    bytes: int
    allowed: bool
    grant: str | None
    reason: str | None
    tools: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def entry_of(leaving: Leaving, now: datetime, *, grant: str | None, reason: str | None) -> Entry:
    """Note an attempt; it was allowed where there is a grant and no reason against it."""
    return Entry(
        time=now,
        destination=leaving.address or one_line(leaving.backend.base_url),
        server=leaving.backend.name,
        model=leaving.model.name,
        material=leaving.material,
        bytes=leaving.bytes,
        allowed=reason is None,
        grant=grant,
        reason=reason,
        tools=leaving.tools,
        sections=leaving.sections,
    )


# --- the door ---------------------------------------------------------------------------------


class _Seal:
    """What only `permit` holds."""


_SEAL: Final = _Seal()


@dataclass(frozen=True, slots=True)
class Permitted:
    """A backend with the one model that the user allowed, for one request of at most `bytes`.

    Only `permit` builds one. `base_url`, `models`, `dialect` and `api_key` read as a Local's do.
    """

    backend: Backend
    model: Model
    base_url: str
    bytes: int
    material: Material
    tools: tuple[str, ...]
    grant_id: str
    api_key: str = field(repr=False)
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        if seal is not _SEAL:
            raise TypeError("only consent.permit says what is permitted")

    @property
    def name(self) -> str:
        """The server's name."""
        return self.backend.name

    @property
    def models(self) -> tuple[Model, ...]:
        """The one model that may be asked."""
        return (self.model,)

    @property
    def dialect(self) -> Dialect:
        """What the server speaks."""
        return self.backend.dialect


class Grants(Protocol):
    """What the door asks of the user's grants. `grants.Store` keeps them in a file."""

    def read(self) -> Sequence[Grant]:
        """Return every grant as it stands now; raise Broken where they cannot be read."""
        ...

    def spend(self, grant: Grant) -> bool:
        """End a grant that is for once; False where it was spent or revoked before."""
        ...

    def key(self, grant: Grant) -> str:
        """Return the key that goes along, empty where the grant names none."""
        ...


Note: TypeAlias = Callable[[Entry], None]
"""Writes one attempt down, durably, or raises: then nothing leaves."""


class ConsentNeeded(NeedsAnswer):
    """Something would have left and no grant covers it. Nothing was sent."""


def permit(leaving: Leaving, occasion: Occasion, grants: Grants, note: Note) -> Permitted:
    """Let through what a grant covers, and note the attempt either way before anything is sent.

    Raises ConsentNeeded where none does, and whatever `grants` and `note` raise; a refusal is
    never passed over in silence. Reads and writes files: call it off the event loop.
    """
    try:
        grant, key = _taken(leaving, occasion, grants)
    except SatchelError as error:
        note(entry_of(leaving, occasion.now, grant=None, reason=error.code))
        raise
    note(entry_of(leaving, occasion.now, grant=grant.id, reason=None))
    return Permitted(
        backend=leaving.backend,
        model=leaving.model,
        base_url=leaving.address,
        bytes=leaving.bytes,
        material=leaving.material,
        tools=leaving.tools,
        grant_id=grant.id,
        api_key=key,
        seal=_SEAL,
    )


def _taken(leaving: Leaving, occasion: Occasion, grants: Grants) -> tuple[Grant, str]:
    """Find a grant and spend it where it is for once; another request may be faster."""
    lost: set[str] = set()
    while True:
        kept = grants.read()
        grant = matching((each for each in kept if each.id not in lost), leaving, occasion)
        if grant is None:
            raise needed(leaving, kept, occasion)
        key = grants.key(grant)
        if not isinstance(grant.extent, Once) or grants.spend(grant):
            return grant, key
        lost.add(grant.id)


def needed(leaving: Leaving, grants: Iterable[Grant], occasion: Occasion) -> ConsentNeeded:
    """Say what would have left, why no grant covers it, and the command that would permit it."""
    near = [
        f"; grant {grant.id} does not do: {missed(grant, leaving, occasion)}"
        for grant in grants
        if destination.covers(grant.destination, leaving.backend.name, leaving.address)
    ]
    size = f"{leaving.bytes:,} bytes"
    what = f"{leaving.material}: {listed(leaving.sections)}" if leaving.sections else PROMPT_ONLY
    tools = f", with its own {', '.join(leaving.tools)}" if leaving.tools else ""
    at = "" if leaving.to == leaving.address else f" ({one_line(leaving.backend.base_url)})"
    return ConsentNeeded(
        "consent-needed",
        f"{size} ({what}) would leave for {one_line(leaving.model.name)} of "
        f"{one_line(leaving.to or leaving.backend.base_url)}{at}{tools}, and no grant covers that, "
        f"so nothing was sent{near[-1] if near else ''}",
        command(leaving),
        leaving=leaving.as_json(),
    )


def command(leaving: Leaving) -> str:
    """Return the command that permits exactly this, once."""
    if not leaving.address:
        return "write the server's address as http://host:port or https://host/path"
    # "=", since a name may begin with a dash.
    words = ["satchel", "consent", "grant", leaving.to, f"--model={leaving.model.name}"]
    words.append(f"--data={leaving.material}")
    words += [f"--tool={tool}" for tool in leaving.tools]
    permits = f"to permit it once: `{shlex.join(words)}`"
    backend = leaving.backend
    if leaving.model.locality is Locality.UNKNOWN and is_loopback(backend.base_url):
        here = backend.base_url.removeprefix("http://").partition("/")[0]
        return f"{permits}; or, if it runs here: `satchel config set model.on_device {here}`"
    return permits


def moment(time: datetime) -> str:
    """Write a moment as files and programs have it: RFC 3339, UTC, seconds."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
