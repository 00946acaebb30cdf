"""`satchel ask`: which model, what it is given, its answer, and the account at the end."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from satchel.base.errors import BadInput, SatchelError
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon

ASSET_MISSING = "asset-missing"
CONSENT_NEEDED = "consent-needed"
NOT_ASKED = "silent"  # how an answer ends that no model was asked for


@dataclass(slots=True)
class Heard:
    """What the daemon has told so far; a second attempt goes on where the first one stopped."""

    model: dict[str, Any] = field(default_factory=dict)
    packet: dict[str, Any] = field(default_factory=dict)
    answer: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    ms: dict[str, Any] = field(default_factory=dict)


def ask(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Ask a model, with the briefing that the question needs."""
    words, files = question_and_files(args.question, args.files)
    path = folder(args.path)
    body: dict[str, Any] = {
        "question": text_of(words, terminal, "question"),
        "path": path,
        "files": [document(file) for file in files],
        "continue": args.carry_on,
        "offline": args.offline,
    }
    if args.model:
        body["model"] = args.model
    if args.budget:
        body["budget"] = args.budget
    daemon = Daemon.connect(home)
    heard = Heard()

    def attempt() -> None:
        listen(daemon, body, terminal, heard)

    try:
        accepted(daemon, path, terminal, attempt)
    except SatchelError as error:
        if error.code == CONSENT_NEEDED and not terminal.json:
            would_leave(error, terminal)
        if error.code != ASSET_MISSING or args.offline:
            raise
        from satchel.cli.fetch import obtain

        # The first is the one that this question needs; the others are asked for in one go.
        missing = [str(name) for name in error.extra.get("assets", ())]
        obtain(missing, terminal, home, needed=missing[:1])
        accepted(daemon, path, terminal, attempt)
    if terminal.json:
        terminal.answer(
            {
                "question": body["question"],
                "model": heard.model,
                "packet": heard.packet,
                "answer": "".join(heard.answer),
                "usage": heard.usage,
                "ms": heard.ms,
            }
        )
    else:
        terminal.show("\n".join(account(heard, terminal.paint)))
    return 0


def would_leave(error: SatchelError, terminal: Terminal) -> None:
    """Show what would have left this machine, line by line; nothing did."""
    from satchel.model.leaving import lines

    rows = lines(error.extra["leaving"])
    terminal.say("This would leave this machine, and nothing did:")
    terminal.say("\n".join(["", *render.pairs(rows, terminal.paint_err, indent="  "), ""]))


def question_and_files(
    words: Sequence[str], files: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Tell the question from the documents in `--file a.md b.md "the question"`.

    `--file` takes several names, so a question that stands after them is read as one more. Where
    no other question was given, the last word that is no file is the question.
    """
    if words or len(files) < 2 or os.path.exists(files[-1]):  # noqa: PTH110
        return words, files
    return files[-1:], files[:-1]


def document(given: str) -> str:
    """Return the absolute path of a document. Raises BadInput where it is not a file."""
    path = os.path.abspath(os.path.expanduser(given))  # noqa: PTH100, PTH111
    if os.path.isdir(path):  # noqa: PTH112
        raise BadInput("not-a-file", f"{given!r} is a folder", "name it with --in, not --file")
    if not os.path.exists(path):  # noqa: PTH110
        raise BadInput("no-such-file", f"there is no file {given!r}", "check the spelling")
    return path


# --- while it runs ----------------------------------------------------------------------------


def listen(daemon: Daemon, body: Mapping[str, Any], terminal: Terminal, heard: Heard) -> None:
    """Take the daemon's events as they come, showing each to a person at once."""
    for event in daemon.stream("/api/ask", dict(body)):
        match event.get("event"):
            case "model":
                heard.model = {key: value for key, value in event.items() if key != "event"}
            case "packet":
                if not heard.packet and not terminal.json:
                    # Not before: a document that cannot be read is told of alone.
                    terminal.say("\n".join(who_answers(heard.model, terminal.paint_err)))
                    _show_packet(event["packet"], terminal)
                heard.packet = event["packet"]
            case "loading":
                if terminal.live:
                    name = one_line(str(event.get("name", "the model")))
                    terminal.say(terminal.paint_err("dim", f"Loading {name} …"))
            case "delta":
                heard.answer.append(str(event.get("text", "")))
                if not terminal.json:
                    terminal.stream(clean(heard.answer[-1]))
            case "done":
                heard.usage = dict(event.get("usage") or {})
                heard.ms = dict(event.get("ms") or {})
                if not terminal.json:
                    terminal.stream("\n")


def _show_packet(packet: Mapping[str, Any], terminal: Terminal) -> None:
    terminal.show(terminal.paint("head", "── Briefing " + "─" * 48))
    terminal.show(render.packet(packet, terminal.paint))
    terminal.show(render.footer(packet, terminal.paint))
    terminal.show("")
    terminal.show(terminal.paint("head", "── Answer " + "─" * 50))


# --- what a person reads ----------------------------------------------------------------------

WHERE = {
    "on-device": "on this machine",
    "lan": "on your network, NOT on this machine",
    "cloud": "in the cloud, NOT on this machine",
}


def who_answers(model: Mapping[str, Any], paint: Paint = PLAIN) -> list[str]:
    """Which model answers and where it runs; what was passed over; how to get a better one."""
    name = paint("head", one_line(str(model.get("name", "?"))))
    where = WHERE.get(str(model.get("locality")), "at a place that is not known")
    lines = [f"{name} answers, through {one_line(str(model.get('backend', '?')))}, {where}."]
    if model.get("fallback"):
        lines.append(
            paint("poor", "It is a fallback: small, and often wrong.")
            + " For a better one, start Ollama (`ollama pull qwen3:4b`), llama-server or LM Studio;"
            " it is found by itself."
        )
    skipped = list(model.get("skipped") or ())
    lines += [
        paint("dim", f"  passed over: {one_line(str(row['name']))} ({one_line(str(row['why']))})")
        for row in skipped
    ]
    return lines


def account(heard: Heard, paint: Paint = PLAIN) -> list[str]:
    """The closing summary: the model and its evidence, what it was given, tokens, milliseconds."""
    model, usage = heard.model, heard.usage
    where = WHERE.get(str(model.get("locality")), "place not known")
    evidence = one_line(str(model.get("evidence") or ""))
    rows = [
        (
            "model",
            f"{one_line(str(model.get('name', '?')))} · {one_line(str(model.get('backend', '?')))}"
            f" · {where}" + (f" ({evidence})" if evidence else ""),
        )
    ]
    nothing = one_line(str(heard.packet.get("empty_reason") or "the briefing was empty"))
    rows += render.given(heard.packet, paint) or [("given", f"nothing: {nothing}")]
    rows += [("tokens", line) for line in spent(usage, heard.packet, bool(model.get("fallback")))]
    if heard.ms:
        rows.append(("time", render.millis(heard.ms, without=()) + " (milliseconds)"))
    return [paint("head", "─" * 60), *render.pairs(rows, paint)]


def spent(usage: Mapping[str, Any], packet: Mapping[str, Any], fallback: bool) -> list[str]:
    """The tokens of a prompt and its answer; whether its length ended it, and what sets that."""
    if usage.get("finish") == NOT_ASKED:
        return ["none: the model was not asked"]
    count = usage.get("completion")
    lines = [
        f"{_told(usage.get('prompt'))} in the prompt "
        f"({packet.get('tokens', 0):,} of them the briefing), {_told(count)} in the answer"
    ]
    if usage.get("finish") == "length":
        at = f"{count:,} tokens" if isinstance(count, int) else "its limit of tokens"
        less = "; a fallback gets less" if fallback else ""
        lines.append(f"the answer stopped at {at} (setting ask.answer_tokens{less})")
    return lines


def _told(count: object) -> str:
    return f"{count:,}" if isinstance(count, int) else "an untold number"
