"""How each client speaks to its hooks: what it tells, and what it takes back. Pure.

The forms are those of the clients' own documentation and of their programs (Claude Code 2.1.330,
Codex 0.169, Gemini CLI 0.61, Copilot CLI 1.0.102, Qwen Code 0.24): one JSON object in, one out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from satchel.base.errors import BadInput

MOST: Final = 9_000  # characters; Claude Code shows a preview of 2,000 from 10,000 on
LONGEST_NAME: Final = 200  # characters of a session's or an event's name


class Moment(StrEnum):
    """What a hook is called for."""

    START = "start"  # a session begins, or begins anew
    PROMPT = "prompt"  # the user said something
    EDIT = "edit"  # a tool is about to change files
    READ = "read"  # a tool has read files
    END = "end"  # a session, or a turn of it, ended
    OTHER = "other"  # nothing that is for us


@dataclass(frozen=True, slots=True)
class Form:
    """How one client speaks. `events` are its names, lower-case, of the moments that matter.

    `flat`: the context stands at the top of what it takes. `shown`: what is said before an edit
    goes to the user, since the model is not shown it. `late`: what there is to say at a start
    goes with the first prompt; the client forgets it, or even the prompt that it stood before,
    where a session is taken up again. `most` is in characters.
    """

    client: str
    events: Mapping[str, Moment]
    flat: bool = False
    shown: bool = False
    late: bool = False
    most: int = MOST


_CLAUDE: Final = {
    "sessionstart": Moment.START,
    "userpromptsubmit": Moment.PROMPT,
    "pretooluse": Moment.EDIT,
    "posttooluse": Moment.READ,
    "stop": Moment.END,
    "sessionend": Moment.END,
}
_GEMINI: Final = {
    "sessionstart": Moment.START,
    "beforeagent": Moment.PROMPT,
    "beforetool": Moment.EDIT,
    "aftertool": Moment.READ,
    "sessionend": Moment.END,
}
_COPILOT: Final = _CLAUDE | {"userpromptsubmitted": Moment.PROMPT, "agentstop": Moment.END}

FORMS: Final = {
    form.client: form
    for form in (
        Form("claude", _CLAUDE),
        Form("codex", _CLAUDE),
        Form("qwen", _CLAUDE),
        Form("opencode", _CLAUDE, late=True),  # spoken by a plugin of ours
        Form("gemini", _GEMINI, shown=True, late=True),
        Form("copilot", _COPILOT, flat=True, late=True),
    )
}

# The tools that edit, lower-case, and the names under which each client gives a path and a text.
_EDITS: Final = frozenset(
    (
        *("edit", "multiedit", "write", "notebookedit", "replace", "write_file", "create"),
        *("str_replace", "str_replace_editor", "apply_patch", "applypatch"),
    )
)
_READS: Final = frozenset(("read", "read_file", "view", "notebookread"))
_PATH: Final = ("file_path", "filePath", "path", "notebook_path", "absolute_path")
_OLD: Final = ("old_string", "oldString", "old_str")
_NEW: Final = ("new_string", "newString", "new_str", "new_source")
_WHOLE: Final = ("content", "file_text")
_PATCH: Final = ("command", "input", "patch", "patchText")


@dataclass(frozen=True, slots=True)
class Change:
    """What a tool is about to do to one file, in lines. `path` is as the client spells it.

    `whole`: the lines that are added are all that the file will hold.
    """

    path: str
    added: tuple[str, ...]
    removed: tuple[str, ...] = ()
    whole: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a client told. `event` is its own name for the moment, "" where it gave none.

    `anew`: nothing of what was handed over before is before the model any more.
    """

    form: Form
    event: str
    moment: Moment
    session: str
    folder: str
    prompt: str = ""
    changes: tuple[Change, ...] = ()
    opened: tuple[str, ...] = ()  # as the client spells them
    anew: bool = False


def read(
    value: Mapping[str, Any],
    client: str | None = None,
    event: str | None = None,
    folder: str | None = None,
) -> Told:
    """Read what a client told its hook.

    `client` and `event` are what the command was installed with; without them the form of the
    input tells. `folder` is where the hook ran. Raises BadInput for what is not understood.
    """
    named = str(value.get("hook_event_name") or value.get("hookEventName") or event or "")
    form = _form(value, client, named)
    moment = _moment(value, form, named)
    where = value.get("cwd") or folder
    if not isinstance(where, str) or not where:
        raise BadInput("no-folder", "the input names no folder", "send `cwd`, an absolute path")
    prompt = value.get("prompt", "") if moment is Moment.PROMPT else ""
    if not isinstance(prompt, str):
        raise BadInput("bad-prompt", "the prompt is not a text", "send `prompt` as a string")
    session = value.get("session_id") or value.get("sessionId") or ""
    return Told(
        form=form,
        event=named[:LONGEST_NAME],
        moment=moment,
        session=str(session)[:LONGEST_NAME],
        folder=where,
        prompt=prompt,
        changes=tuple(_changes(value)) if moment is Moment.EDIT else (),
        opened=tuple(_opened(value)) if moment is Moment.READ else (),
        anew=moment is Moment.START and value.get("source") != "resume",
    )


def printed(told: Told, context: str) -> str:
    """Return what the client takes for `context`: "" for none, else one JSON object.

    Nothing is decided for the user: no permission, no block.
    """
    if not context:
        return ""
    if told.form.shown and told.moment is Moment.EDIT:
        return json.dumps({"systemMessage": context})
    if told.form.flat:
        return json.dumps({"additionalContext": context})
    given = {"hookEventName": told.event, "additionalContext": context}
    return json.dumps({"hookSpecificOutput": given})


def _form(value: Mapping[str, Any], client: str | None, event: str) -> Form:
    """Choose the form that was named, else the one whose input this looks like."""
    if client is not None:
        if client not in FORMS:
            known = ", ".join(FORMS)
            raise BadInput("unknown-client", f"no client is called {client!r}", f"one of {known}")
        return FORMS[client]
    if event[:1].islower() or not event:
        return FORMS["copilot"]
    if event.lower() in _GEMINI and (event.startswith("Before") or "timestamp" in value):
        return FORMS["gemini"]
    return FORMS["claude"]


def _moment(value: Mapping[str, Any], form: Form, event: str) -> Moment:
    """Tell what for: by the event's name; Copilot's own form has none, so by what there is."""
    if event:
        return form.events.get(event.lower(), Moment.OTHER)
    if "toolName" in value or "tool_name" in value:
        return Moment.OTHER if "toolResult" in value else Moment.EDIT
    if "initialPrompt" in value or "source" in value:
        return Moment.START
    if "prompt" in value:
        return Moment.PROMPT
    if "reason" in value:
        return Moment.END
    raise BadInput(
        "no-event", "the input names no event", "send `hook_event_name`, or give --event NAME"
    )


# --- what the user said

_COMMAND: Final = re.compile(r"[/!#][A-Za-z][\w.:-]{0,80}(?=\s|$)")
_NOTICES: Final = (
    "<task-notification>",
    "[Request interrupted",
    "[SYSTEM",
    "Caveat: The messages below",
    "This session is being continued",
    "Base directory for this skill",
    "Continue from where you left off",
    "Please continue the conversation from where",
    "Stop hook feedback",
)
# What programs put around or beside the user's words.
_ASIDES: Final = frozenset(
    (
        *("task-notification", "system-reminder", "command-name", "command-message"),
        *("command-args", "local-command-stdout", "local-command-stderr", "local-command-caveat"),
        *("bash-input", "bash-stdout", "bash-stderr", "user-prompt-submit-hook", "hook_context"),
        *("ide_opened_file", "ide_selection", "ide_diagnostics", "ide_context", "session_context"),
        *("environment_context", "user_instructions", "turn_aborted", "recommended_plugins"),
    )
)
_OPENED: Final = re.compile(r"<([a-z][a-z_-]{1,40})(?:\s[^<>]{0,400})?>")


def said(prompt: str) -> str:
    """Return the user's own words in a prompt: "" for a slash command, a shell line, a notice of
    the system, or where programs wrote all of it."""
    text = prompt.strip()
    if text.startswith(_NOTICES):
        return ""
    text = "".join(_without_asides(text)).strip()
    if text.startswith(_NOTICES) or _COMMAND.match(text) or text.startswith("!"):
        return ""
    return text


def _without_asides(text: str) -> Iterator[str]:
    """Yield what stands between the blocks that programs wrote; in one pass."""
    at = 0
    for opened in _OPENED.finditer(text):
        if opened.start() < at or opened[1] not in _ASIDES:
            continue
        yield text[at : opened.start()]
        end = text.find(f"</{opened[1]}>", opened.end())
        at = len(text) if end < 0 else end + len(opened[1]) + 3
    yield text[at:]


# --- what a tool is about to change


def _changes(value: Mapping[str, Any]) -> Iterator[Change]:
    """Read the files that a tool call would change; nothing for a tool that edits none."""
    name, given = _call(value)
    if name not in _EDITS or given is None:
        return
    path = _text(given, _PATH)
    if path is None:
        patch = _text(given, _PATCH)
        if patch is not None:
            yield from patched(patch)
        return
    whole = _text(given, _WHOLE)
    if whole is not None:
        yield Change(path, tuple(whole.splitlines()), whole=True)
        return
    many = given.get("edits")
    edits = [each for each in many if isinstance(each, dict)] if isinstance(many, list) else [given]
    added: list[str] = []
    removed: list[str] = []
    for each in edits:
        old, new = _text(each, _OLD) or "", _text(each, _NEW) or ""
        more, less = difference(old.splitlines(), new.splitlines())
        added += more
        removed += less
    if added or removed:
        yield Change(path, tuple(added), tuple(removed))


def _opened(value: Mapping[str, Any]) -> Iterator[str]:
    """Read the files that a tool call has read."""
    name, given = _call(value)
    if name in _READS and given is not None and (path := _text(given, _PATH)) is not None:
        yield path


def _call(value: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Return the tool that a hook is about, in lower case, and what it is given."""
    name = str(value.get("tool_name") or value.get("toolName") or "").lower()
    given = value.get("tool_input", value.get("toolArgs"))
    if isinstance(given, str):  # Copilot's own form: JSON in a string
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = {"input": given}
    return name, given if isinstance(given, dict) else None


def _text(given: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((given[name] for name in names if isinstance(given.get(name), str)), None)


def difference(
    before: Sequence[str], after: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (added, removed) lines, each in its order. Lines that only moved are neither; linear,
    where an alignment is quadratic for a hostile file."""
    return tuple(_beyond(after, before)), tuple(_beyond(before, after))


def _beyond(lines: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    left = Counter(others)
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            yield line


def patched(patch: str) -> Iterator[Change]:
    """Read the envelope of `apply_patch`: files that it adds, updates, moves and deletes."""
    path, deleted = "", False
    added: list[str] = []
    removed: list[str] = []
    for line in [*patch.splitlines(), "*** End Patch"]:
        head, _, named = line.partition(": ")
        if head in ("*** Add File", "*** Update File", "*** Delete File") or (
            line.startswith("*** End Patch")
        ):
            if path and (added or removed or deleted):
                yield Change(path, tuple(added), tuple(removed), deleted=deleted)
            path, added, removed = named.strip(), [], []
            deleted = head == "*** Delete File"
        elif head == "*** Move to":
            path = named.strip()
        elif line[:1] == "+":
            added.append(line[1:])
        elif line[:1] == "-":
            removed.append(line[1:])


def unified(change: Change) -> str:
    """Write a change as a unified diff of one hunk; its path must be relative by now."""
    old = f'"{_escaped(f"a/{change.path}")}"'
    new = f'"{_escaped(f"b/{change.path}")}"'
    lines = [f"diff --git {old} {new}"]
    if change.deleted:
        return "\n".join([*lines, "deleted file mode 100644", ""])
    lines += [f"--- {old}", f"+++ {new}"]
    lines.append(f"@@ -1,{len(change.removed)} +1,{len(change.added)} @@")
    lines += [f"-{line}" for line in change.removed]
    lines += [f"+{line}" for line in change.added]
    return "\n".join([*lines, ""])


def _escaped(path: str) -> str:
    """Quote a path as git does."""
    return path.translate({34: '\\"', 92: "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"})
