"""What the user said to an agent: transcripts of Claude Code and Codex, and our own conversations.

Both clients write JSON Lines, and both write much under the user's role that no user typed: tool
results, hooks, reminders, command output, instructions files, summaries, other agents' messages.
Only what is left is the user's. A line that cannot be read costs that line.

Shapes as of Claude Code 2.1 and Codex 0.169; older ones as their transcripts still lie about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeAlias

from satchel.context.ingest.mask import mask
from satchel.context.mine.transcript_files import HUGE, is_within, parsed
from satchel.context.mine.turns import EDGE, stated
from satchel.context.types import Mined, Origin, Statement, Status

Fields: TypeAlias = Mapping[str, object]

# Lines that programs write under the user's role, flagged as such.
_NOT_TYPED: Final = (
    "isMeta",
    "isSidechain",
    "isCompactSummary",
    "isVisibleInTranscriptOnly",
    "isVirtual",
    "isApiErrorMessage",
    "textNotTyped",
    "turnCompanion",
    "scheduledTaskId",
    "wakeupSource",
    "toolUseResult",
    "sourceToolAssistantUUID",
)
_INJECTED: Final = re.compile(  # how text begins that no user typed
    r"\s*(?:<(?!(?:https?:|\w+@))/?[A-Za-z][\w:-]*[\s>/]|\[Request\sinterrupted|\[SYSTEM"
    r"|\[Image:\ssource"
    r"|Caveat:\sThe\smessages\sbelow|This\ssession\sis\sbeing\scontinued"
    r"|Base\sdirectory\sfor\sthis\sskill"
    r"|#\s(?:AGENTS|CLAUDE)\.md\sinstructions\sfor|Please\scontinue\sthe\sconversation\sfrom\swhere"
    r"|Continue\sfrom\swhere\syou\sleft\soff|\[Pasted\stext|No\sresponse\srequested"
    r"|Unknown\s(?:slash\s)?command"
    r"|Another\slanguage\smodel\sstarted|Message\sType:\s)",
)
_WRAPPED: Final = re.compile(  # what editors put before or among the user's words, and hooks after
    r"<(?P<tag>ide_opened_file|ide_selection|ide_diagnostics|ide_context|system-reminder"
    r"|environment_context"
    r"|user_instructions|INSTRUCTIONS|image|user-prompt-submit-hook|recommended_plugins|skill"
    r"|in-app-browser-context"
    r"|local-command-stdout|local-command-caveat|task-notification|turn_aborted)\b[^<>]{0,400}>"
)
_REQUEST: Final = re.compile(r"^##\s+My\s+request(?:\s+for\s+Codex)?:?[ \t]*$", re.I | re.M)
_IDE: Final = re.compile(
    r"\s*#\s(?:Context\sfrom\smy\sIDE|Files\smentioned\sby\sthe\suser|In\sapp\sbrowser)", re.I
)
_SUBAGENT: Final = frozenset({"subagent", "sub_agent", "guardian", "review"})


@dataclass(slots=True)
class _Gathered:
    """What is found while a transcript is read."""

    statements: list[Statement] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    read: int = 0

    def take(self, text: str, source: str, date: str | None, origin: Origin) -> None:
        """Mine one message of the user."""
        self.read += 1
        if len(text) > 4 * EDGE:  # a paste: no more is masked than is read
            text = f"{text[: 2 * EDGE]}\n\n{text[-2 * EDGE :]}"
        found = stated(mask(text)[0], once := Counter[str]())
        self.left.update(once)
        if not found and not once:
            self.left["states nothing lasting"] += 1
        self.statements += [
            Statement(
                kind=one.kind,
                text=one.text,
                origin=origin,
                source=source,
                confidence=one.confidence,
                date=date,
                subject=one.subject,
                aliases=one.aliases,
                status=Status.UNCONFIRMED,
            )
            for one in found
        ]

    def mined(self) -> Mined:
        """Return it as a value."""
        return Mined(tuple(self.statements), self.read, dict(self.left))


def claude_code(lines: Iterable[str], workspace: str, path: str = "transcript") -> Mined:
    """Mine a transcript of Claude Code for what its user stated in a workspace.

    `path` is where the lines come from: sources are "<path>:<line>". Lines of other folders, of
    subagents and of programs are left. Never raises for what a line holds.
    """
    gathered = _Gathered()
    for number, entry in _entries(lines, gathered.left):
        text = _typed(entry)
        if text is None:
            gathered.left["not the user's words"] += 1
        elif not is_within(entry.get("cwd"), workspace):
            gathered.left["another folder"] += 1
        elif words := _words(text):
            gathered.take(
                words, f"{path}:{number}", _date(entry.get("timestamp")), Origin.TRANSCRIPTS
            )
        else:
            gathered.left["not the user's words"] += 1
    return gathered.mined()


def codex(lines: Iterable[str], workspace: str, path: str = "transcript") -> Mined:
    """Mine a rollout of Codex for what its user stated in a workspace; as `claude_code`.

    A message may be there twice, as an item of the model's input and as an event (before 0.153),
    and again where a session was resumed; it counts once. A subagent's rollout holds no user.
    """
    gathered = _Gathered()
    folder: object = None
    spawned = False
    seen: set[str] = set()
    for number, entry in _entries(lines, gathered.left):
        payload = entry.get("payload")
        inner = payload if isinstance(payload, dict) else entry  # bare items, before 0.44
        kind = entry.get("type")
        if kind in ("session_meta", "turn_context"):
            folder = inner.get("cwd", folder)
            spawned = spawned or (kind == "session_meta" and _is_spawned(inner))
            continue
        text = _codex_text(kind, inner)
        if text is None or spawned:
            gathered.left["not the user's words"] += 1
        elif not is_within(folder, workspace):
            gathered.left["another folder"] += 1
        elif not (words := _words(text)):
            gathered.left["not the user's words"] += 1
        elif words in seen:
            gathered.left["the same words again"] += 1
        else:
            seen.add(words)
            date = _date(entry.get("timestamp"))
            gathered.take(words, f"{path}:{number}", date, Origin.TRANSCRIPTS)
    return gathered.mined()


def conversation(turns: Sequence[tuple[int, str, str, str, str]]) -> Mined:
    """Mine our own conversations: rows of number, conversation, time, role, text."""
    gathered = _Gathered()
    for number, name, time, role, text in turns:
        if role != "user":
            gathered.left["not the user's words"] += 1
        elif words := _words(text):
            source = f"conversation {name} turn {number}"
            gathered.take(words, source, _date(time), Origin.CONVERSATIONS)
        else:
            gathered.left["not the user's words"] += 1
    return gathered.mined()


def _entries(lines: Iterable[str], left: Counter[str]) -> Iterator[tuple[int, Fields]]:
    """Yield the lines that hold a JSON object, with their 1-based numbers; count the others."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > HUGE:
            left["a huge line"] += 1
            continue
        entry = parsed(line)
        if entry is None:
            left["a malformed line"] += 1
        else:
            yield number, entry


def _typed(entry: Fields) -> str | None:
    """Return what a line of Claude Code holds of the user's typing; None where nothing."""
    if any(entry.get(flag) for flag in _NOT_TYPED):
        return None
    origin = entry.get("origin")
    match entry.get("type"):
        case "user":
            message = entry.get("message")
            if not isinstance(message, dict) or message.get("role", "user") != "user":
                return None
            content = message.get("content")
        case "attachment":  # typed while the model was at work
            attachment = entry.get("attachment")
            if not isinstance(attachment, dict) or attachment.get("type") != "queued_command":
                return None
            if attachment.get("isMeta") or attachment.get("commandMode", "prompt") != "prompt":
                return None
            origin = attachment.get("origin", origin)
            content = attachment.get("prompt")
        case _:
            return None
    if isinstance(origin, dict) and origin.get("kind", "human") != "human":
        return None
    return _text(content, "text")


def _codex_text(kind: object, payload: Fields) -> str | None:
    """Return the text of a user's message in a rollout; None for every other line."""
    match kind, payload.get("type"):
        case "event_msg", "user_message":
            return _text(payload.get("message"), "text")
        case ("response_item", "message") | ("message", "message"):
            if payload.get("role") == "user":
                return _text(payload.get("content"), "input_text")
    return None


def _text(content: object, kind: str) -> str | None:
    """Join the blocks of a message that are text and that a user may have typed.

    Blocks are judged one by one: an editor's note and the user's words come in one message.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts: list[str] = []
    for block in content:
        if not isinstance(block, dict):
            continue
        if block.get("type") == "tool_result":
            return None
        text = block.get("text")
        if block.get("type") == kind and isinstance(text, str) and _words(text):
            parts.append(text)
    return "\n\n".join(parts) or None


def _words(text: str) -> str:
    """Return the part of a text that the user typed; "" where that is nothing."""
    text = _unwrapped(text)
    asked = list(_REQUEST.finditer(text))
    if asked:
        text = text[asked[-1].end() :]
    elif _IDE.match(text):
        return ""
    return "" if _INJECTED.match(text) else text.strip()


def _unwrapped(text: str) -> str:
    """Cut out what clients wrap around the user's words, whole elements only."""
    kept: list[str] = []
    at = 0
    for opened in _WRAPPED.finditer(text):
        if opened.start() < at:
            continue
        close = f"</{opened['tag']}>"
        end = text.find(close, opened.end())
        if end < 0:
            kept.append(text[at : opened.start()])
            return "".join(kept)
        kept.append(text[at : opened.start()])
        at = end + len(close)
    return "".join(kept) + text[at:]


def _is_spawned(meta: Fields) -> bool:
    """Tell whether an agent, not a person, started a session of Codex."""
    source = meta.get("source")
    if isinstance(source, dict):
        return bool(_SUBAGENT & source.keys()) or "thread_spawn" in source
    return source in _SUBAGENT or meta.get("thread_source") in _SUBAGENT


def _date(time: object) -> str | None:
    """Return a time in ISO 8601 UTC; None where there is none that can be read."""
    try:
        if isinstance(time, str):
            moment = datetime.fromisoformat(time)
        elif isinstance(time, (int, float)) and not isinstance(time, bool):
            moment = datetime.fromtimestamp(time / 1000 if time > 1e11 else time, UTC)
        else:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None
