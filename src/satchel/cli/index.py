"""`satchel index`: accept a folder and read it, with progress and a summary."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli import render
from satchel.cli.render import counted, span, tally
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.workspace import folder
from satchel.tools.client import Daemon

STAGES = {
    "walk": "looking at files",
    "parse": "reading files",
    "history": "reading history",
    "link": "linking",
}
LEFT = {"name": "with a name that is not UTF-8", "secret": "that may hold secrets"}


def index(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Index a folder; typing the command is the user's leave to read it."""
    path = folder(args.path or args.inside)
    summary = read_folder(Daemon.connect(home), path, terminal, say_summary=False)
    if terminal.json:
        terminal.answer(summary)
    else:
        terminal.show("\n".join(summarized(summary, terminal.paint)))
    return 0


def read_folder(
    daemon: Daemon, path: str, terminal: Terminal, say_summary: bool = True
) -> dict[str, Any]:
    """Have the daemon index an accepted folder; return its summary."""
    events = daemon.stream("/api/index", {"path": path, "accept": True})
    for event in _shown(events, terminal):
        if event.get("event") == "done":
            summary: dict[str, Any] = event["summary"]
            if say_summary and not terminal.json:
                terminal.say(one_sentence(summary))
            return summary
    raise SatchelError(
        "index-cut-short", "the daemon stopped while it indexed", "run the same command again"
    )


def _shown(events: Iterable[dict[str, Any]], terminal: Terminal) -> Iterable[dict[str, Any]]:
    """Draw a bar of the progress events where somebody watches; pass the others on."""
    if not terminal.live:
        yield from events
        return
    from satchel.cli.progress import bars

    with bars(terminal) as draw:
        for event in events:
            if event.get("event") == "progress":
                stage = str(event.get("stage"))
                draw(
                    STAGES.get(stage, clean(stage)), event.get("done", 0), event.get("total", 0), ""
                )
            else:
                yield event


# --- the summary as a person reads it ---------------------------------------------------------


def one_sentence(summary: Mapping[str, Any]) -> str:
    """A summary for a line beside an answer."""
    skipped = sum(summary["skipped"].values())
    text = (
        f"Read {counted(summary['read'], 'file')} in {span(summary['seconds'])}: {_found(summary)}"
    )
    return text + (f"; skipped {counted(skipped, 'file')}." if skipped else ".")


def summarized(summary: Mapping[str, Any], paint: Paint = PLAIN) -> list[str]:
    """The summary of `satchel index`: what was read, what it gave, what was skipped and why."""
    languages, skipped = summary["languages"], summary["skipped"]
    read = counted(summary["read"], "file")
    rows = [
        ("read", read + (f": {tally(languages)}" if languages else "")),
        ("found", _found(summary)),
    ]
    rows += [
        (name, counted(summary[name], "file")) for name in ("unchanged", "removed") if summary[name]
    ]
    for reason, number in sorted(skipped.items(), key=lambda item: (-item[1], item[0])):
        example = summary["examples"].get(reason)
        shown = f" (such as {one_line(example, 80)})" if example else ""
        why = LEFT.get(reason, one_line(reason))
        rows.append(("skipped", f"{number:,} {why}{shown}"))
    if summary["masked"]:
        rows.append(("masked", f"{counted(summary['masked'], 'secret')}, before being stored"))
    rows += [("mined", line) for line in mined(summary.get("mined", ()))]
    rows += [("note", one_line(note)) for note in summary.get("notes", ())]
    if summary.get("catching_up"):
        rows.append(("vectors", "still being made in the background; nothing waits for them"))
    top = clean(str(summary["workspace"]))
    return [
        paint("head", f"Indexed {top}") + f" in {span(summary['seconds'])}",
        *render.pairs(rows, paint, indent="  "),
        paint("dim", "This folder is accepted: Satchel reads it and follows its changes."),
    ]


def mined(harvests: Iterable[Mapping[str, Any]]) -> list[str]:
    """What each miner read, what it gave, and what it left and why: a line each."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for harvest in harvests:
        kinds.setdefault(str(harvest["source"]).partition(" ")[0], []).append(harvest)
    lines = []
    for kind, of_kind in kinds.items():
        noun = f"{counted(len(of_kind), 'transcript')}" if kind == "transcript" else kind
        sums = {
            name: sum(one[name] for one in of_kind)
            for name in ("read", "added", "folded", "closed")
        }
        left: dict[str, int] = {}
        for one in of_kind:
            for reason, number in one["left"].items():
                left[reason] = left.get(reason, 0) + number
        parts = [f"{sums['read']:,} read", f"{counted(sums['added'], 'new record')}"]
        parts += [f"{sums['folded']:,} known already"] if sums["folded"] else []
        parts += [f"{sums['closed']:,} hold no more"] if sums["closed"] else []
        parts += [f"left {tally(left)}"] if left else []
        lines.append(f"{one_line(noun)}: {', '.join(parts)}")
    return lines


def _found(summary: Mapping[str, Any]) -> str:
    return ", ".join(
        counted(summary[f"{noun}s"], noun) for noun in ("passage", "definition", "commit")
    )
