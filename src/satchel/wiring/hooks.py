"""What a client's hook is answered: the packet for a prompt, the standing brief, a conflict.

A packet is the one that every other way gives for the same words; those of a prompt that refers
back are followed by the ones that it refers to. What was handed over in the session is left out of
it, and counts as handed over only when the answer was taken.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from satchel.base.errors import BadInput, SatchelError
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.context import follow_up
from satchel.context import seen as session_items
from satchel.context.aftermath import Asker, Door
from satchel.context.ingest.parse import read_text
from satchel.context.seen import Handed, Items, Lines
from satchel.context.standing import open_conflicts, standing
from satchel.context.types import Packet, Place
from satchel.tools.hook_edits import Change, difference, unified
from satchel.tools.hook_forms import Moment, Told, said
from satchel.wiring.leave import accepted_top
from satchel.wiring.opened import Opened
from satchel.wiring.packets import Packets
from satchel.wiring.remembering import Memory
from satchel.wiring.sessions import Sessions
from satchel.wiring.workspace import Workspace

MOST_BYTES: Final = 1_000_000  # of a file that is to be written over
MINE_AGAIN: Final = 300.0  # seconds between two readings of transcripts, where turns end
NO_WORDS: Final = "the user said nothing that is a request"
NO_EDIT: Final = "no file of this workspace is edited"
UNREAD: Final = "the folder is being read for the first time"
NOTHING: Final = "nothing is said at this moment"
BLANK: Final = Handed("")


class Brief(Protocol):
    """The one function that every way of asking calls: `Satchel.brief`."""

    def __call__(
        self, text: str, path: str, *, diff: str | None = None, in_a_hurry: bool = False
    ) -> Packet:
        """Answer a request, or an edit, with a packet."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hook is given: a text, or "" and why. `top` is the workspace that it is about,
    `packet` what it was taken from, where the user said something."""

    text: str
    why: str | None
    top: str
    session: str
    items: Items = field(default_factory=dict)
    packet: Packet | None = None
    client: str = ""


class Hooks:
    """Answers hooks. Its methods may be called from any thread.

    All raise NotAccepted, without a look at it, for a folder that the user has not accepted.
    """

    def __init__(
        self,
        home: Home,
        opened: Opened,
        memory: Memory,
        brief: Brief,
        packets: Packets,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._opened = opened
        self._memory = memory
        self._brief = brief
        self._packets = packets
        self._clock = clock
        self._sessions = Sessions()
        self._mined: dict[Path, float] = {}

    def answer(self, told: Told) -> Answer:
        """Return what is said at this moment."""
        top = self._top(told.folder)
        packet = None
        match told.moment:
            case Moment.PROMPT:
                packet, handed = self._prompt(told, top)
            case Moment.START:
                handed = self._start(told, top)
            case Moment.EDIT:
                handed = self._edit(told, top)
            case Moment.READ:
                handed = self._read(told, top)
            case Moment.END:
                handed = self._end(told, top)
            case Moment.OTHER:
                handed = Handed("", NOTHING)
        text = f"{_from(top)}{clean(handed.markdown)}" if handed.markdown else ""
        client = told.form.client if packet else ""
        return Answer(text, handed.why, str(top), told.session, handed.items, packet, client)

    def delivered(self, answer: Answer) -> None:
        """Note that an answer was taken: what it holds is not said again in its session."""
        self._sessions.add(self._home.workspace(Path(answer.top)), answer.session, answer.items)

    def keep(self, answer: Answer) -> None:
        """Write down what was noted; after the answer went out, since nobody waits for it."""
        if answer.session and answer.items:
            self._sessions.keep(self._home.workspace(Path(answer.top)), answer.session)
        if answer.packet is not None:
            self._packets.keep(answer.packet, Asker(Door.HOOK, answer.client, answer.session))

    def warm(self, folder: str) -> str:
        """Open a folder's workspace and have it ready for the next prompt; return its top."""
        top = self._top(folder)
        self._warm(top)
        return str(top)

    def unrepeated(self, packet: Packet, workspace: Workspace, session: str) -> Packet:
        """Return a packet without what was handed over in a session, and note the rest of it."""
        folder = self._home.workspace(workspace.top)
        lines = _lines(workspace)
        kept = session_items.without(packet, self._sessions.seen(folder, session), lines)
        self._sessions.add(folder, session, session_items.items(kept, lines))
        self._sessions.keep(folder, session)
        return kept

    def _top(self, folder: str) -> Path:
        """Find the accepted workspace of a folder by the list of them."""
        if not Path(folder).is_absolute() or "\0" in folder:
            raise BadInput("bad-path", "the folder must be an absolute path", "send the whole path")
        return accepted_top(folder, self._home)

    def _prompt(self, told: Told, top: Path) -> tuple[Packet | None, Handed]:
        words = said(told.prompt)
        if not words:
            return None, Handed("", NO_WORDS)
        if self._is_unread(top):
            return None, Handed("", UNREAD)
        folder = self._home.workspace(top)
        earlier = self._sessions.earlier(folder, told.session)
        asked = follow_up.joined(words, earlier, self._paths(top)) if earlier.requests else words
        packet = self._brief(asked, told.folder, in_a_hurry=True)
        self._sessions.asked(folder, told.session, follow_up.after(words, earlier, packet))
        first = self._standing(told, top) if told.form.late else BLANK
        handed = self._unseen(packet, told, top, first)
        if not (first.markdown and handed.markdown):
            return packet, handed
        both = f"{first.markdown}\n{handed.markdown}"
        return packet, Handed(both, items={**first.items, **handed.items})

    def _paths(self, top: Path) -> Container[str]:
        """Return the paths of a workspace's documents."""
        try:
            return self._opened.workspace(str(top)).index.catalog().by_path
        except SatchelError:  # damaged: the briefing finds that out and deals with it
            return ()

    def _start(self, told: Told, top: Path) -> Handed:
        threading.Thread(target=self._warm, args=(top,), name="satchel-warm", daemon=True).start()
        if told.anew:
            self._sessions.begin(self._home.workspace(top), told.session)
        return Handed("", NOTHING) if told.form.late else self._standing(told, top)

    def _standing(self, told: Told, top: Path) -> Handed:
        """Say what always holds here, unless all of it was said in this session."""
        records = self._memory.records(str(top), status="current")
        handed = standing(records, open_conflicts(records))
        known = self._sessions.seen(self._home.workspace(top), told.session)
        return handed if handed.items.items() - known.items() else Handed("", NOTHING)

    def _edit(self, told: Told, top: Path) -> Handed:
        changes = _within(told.changes, told.folder, top)
        for change in changes:
            self._packets.announced(top, change.path, told.session)
        diff = "".join(map(unified, changes))
        if not diff:
            return Handed("", NO_EDIT)
        if self._is_unread(top):
            return Handed("", UNREAD)
        packet = self._brief("", str(top), diff=diff, in_a_hurry=True)
        alone = replace(packet, files=(), symbols=(), tests=(), records=())
        if not alone.conflicts:
            return Handed("", "nothing that was decided is against it")
        return self._unseen(session_items.rewritten(alone, packet.budget), told, top)

    def _read(self, told: Told, top: Path) -> Handed:
        paths = [path for each in told.opened if (path := _below(each, told.folder, top))]
        self._packets.opened(top, paths, told.session)
        return Handed("", NOTHING)

    def _end(self, told: Told, top: Path) -> Handed:
        """Have mined what was decided, once in a while where each turn ends with this."""
        now = self._clock()
        last = self._mined.get(top)
        if last is None or told.event.lower() == "sessionend" or now - last > MINE_AGAIN:
            self._mined[top] = now
            self._opened.workspace(str(top)).mine_soon()
        return Handed("", NOTHING)

    def _is_unread(self, top: Path) -> bool:
        """Tell whether a folder has yet to be read for the first time, and have that begun."""
        workspace = self._opened.workspace(str(top))
        if workspace.indexed:
            return False
        workspace.begin()
        return True

    def _unseen(self, packet: Packet, told: Told, top: Path, first: Handed = BLANK) -> Handed:
        """Return what of a packet was not said in this session, nor is `first`, with it."""
        seen = self._sessions.seen(self._home.workspace(top), told.session)
        known = {**seen, **first.items}
        workspace = self._opened.workspace(str(top))
        room = told.form.most - len(_from(top)) - len(first.markdown)
        return session_items.hand_over(packet, known, _lines(workspace), room)

    def _warm(self, top: Path) -> None:
        """Read what the first briefing of a workspace would wait for."""
        with suppress(SatchelError):  # whatever is wrong is told to whoever asks
            if not self._is_unread(top):
                self._brief("Where are the settings read?", str(top), in_a_hurry=True)


def _from(top: Path) -> str:
    """Say where it comes from, as `get_context` does."""
    return f"From {clean(str(top))}:\n\n"


def _lines(workspace: Workspace) -> Lines:
    """Tell what stands at a place: its passage's text, else how its file looked."""
    index = workspace.index
    read: dict[str, dict[tuple[int, int], str]] = {}

    def of_file(path: str) -> dict[tuple[int, int], str]:
        row = index.catalog().by_path.get(path)
        passages = index.passages_of(row.id) if row else []
        return {(one.start, one.stop): one.text for one in passages}

    def lines(path: str, place: Place) -> str:
        if path not in read:
            read[path] = of_file(path)
        text = read[path].get((place.start, place.end))
        if text is not None:
            return text
        return "".join(stamp.digest for stamp in index.stamps([path]).values())

    return lines


def _within(changes: tuple[Change, ...], folder: str, top: Path) -> list[Change]:
    """Return the changes to files of a workspace, their paths below its top."""
    found = []
    for change in changes:
        path = _below(change.path, folder, top)
        if path is None:
            continue
        created = change.created
        if change.whole:
            before = (read_text(top, path, MOST_BYTES) or "").splitlines()
            added, removed = difference(before, change.added)
            created = not (before or (top / path).exists())
        else:
            added, removed = change.added, change.removed
        if added or removed or change.deleted:
            found.append(replace(change, path=path, added=added, removed=removed, created=created))
    return found


def _below(path: str, folder: str, top: Path) -> str | None:
    """Return a path that a client spelled as it is below a workspace's top; None for elsewhere."""
    try:
        return Path(folder, path).resolve().relative_to(top).as_posix()
    except (OSError, RuntimeError, ValueError):
        return None
