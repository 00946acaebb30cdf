"""How each client speaks to its hooks: what it tells, and what it takes back. Pure.

The forms are those of the clients' own documentation and of their programs (Claude Code 2.1.330,
Codex 0.169, Gemini CLI 0.61, Copilot CLI 1.0.102, Qwen Code 0.24): one JSON object in, one out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from satchel.base.errors import BadInput
from satchel.tools.hook_edits import Change, changes, opened

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
        changes=tuple(changes(value)) if moment is Moment.EDIT else (),
        opened=tuple(opened(value)) if moment is Moment.READ else (),
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
_TAG: Final = re.compile(r"<([a-z][a-z_-]{1,40})(?:\s[^<>]{0,400})?>")


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
    for tag in _TAG.finditer(text):
        if tag.start() < at or tag[1] not in _ASIDES:
            continue
        yield text[at : tag.start()]
        end = text.find(f"</{tag[1]}>", tag.end())
        at = len(text) if end < 0 else end + len(tag[1]) + 3
    yield text[at:]
