"""`satchel models`: what can answer here and where it runs; pull a model, remove one, choose."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from satchel.base import settings
from satchel.base.errors import BadInput, Cancelled, Unavailable, no_room
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli.fetch import MEGABITS, with_progress
from satchel.cli.model_rows import listed, rows_of
from satchel.cli.render import pairs, size, span
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.model import assets, detect, machine, pull, shelf
from satchel.model.consent import Entry
from satchel.model.embedded import fallback
from satchel.model.leaving import Material
from satchel.model.ledger import Ledger
from satchel.model.part import Offer, drop, leftovers
from satchel.model.pull import Fit, Note
from satchel.model.select import AUTO
from satchel.model.shelf import Kept
from satchel.tools.client import find

USAGE = (
    "`satchel models`, `… pull URL|FILE`, `… rm NAME`, `… use NAME` (`use auto` chooses for you, "
    "`use` says which one it is)"
)
TAKES = {"pull": "a URL or a FILE", "rm": "a NAME"}  # and needs it; `use` may go without
_SHA256 = re.compile(r"[0-9a-f]{64}")


def models(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List models, bring one, remove one, or say which one answers where none is named."""
    if args.what is None and args.action in TAKES:
        raise BadInput("usage", f"models {args.action} takes {TAKES[args.action]}", USAGE)
    if args.what is not None and args.action == "list":
        raise BadInput("usage", "models list takes no name", USAGE)
    if args.action != "pull" and (args.name or args.sha256):
        raise BadInput("usage", "--name and --sha256 belong to `models pull`", USAGE)
    match args.action:
        case "pull":
            return _pull(args, terminal, home)
        case "rm":
            return _remove(args.what, terminal, home)
        case "use" | "default":
            return _use(args.what, terminal, home)
    return _list(terminal, home)


def _list(terminal: Terminal, home: Home) -> int:
    seen = look(home)
    default = settings.load(home).text("model.default")
    rows = rows_of(seen, shelf.kept(home.models), default)
    interrupted = leftovers(home.models)
    if terminal.json:
        terminal.answer(
            {
                "models": rows,
                "default": default or None,
                "passed_over": seen.get("rejected", []),
                "interrupted": [{"source": row.source, "bytes": row.bytes} for row in interrupted],
                "folder": str(home.models),
            }
        )
        return 0
    terminal.show("\n".join(listed(rows, terminal.paint)))
    for row in seen.get("rejected", ()):
        server = f"{row['server']} " if row.get("server") else ""
        terminal.say(f"passed over: {one_line(row['address'])}: {one_line(server + row['reason'])}")
    for left in interrupted:
        terminal.say(
            f"interrupted: {clean(left.source)} ({size(left.bytes)} of it are here; pull it again "
            "to go on, or `satchel models rm` it by that address)"
        )
    if default and not any(row["default"] for row in rows):
        terminal.say(f"the default, {one_line(default)}, is not offered just now")
    return 0


def look(home: Home) -> dict[str, Any]:
    """What detection found, and under `own` what the embedded engine runs or could run.

    A daemon that runs already is asked, since it knows what it has loaded; none is started.
    """
    daemon = find(home)
    if daemon is not None:
        told: dict[str, Any] = daemon.call("GET", "/api/models")["models"][0]
        return told
    chosen, memory = settings.load(home), machine.memory_bytes()
    found = asyncio.run(detect.find(chosen))
    context = chosen.number("model.context")
    own = [row.model(row.fitting(context, memory)) for row in shelf.kept(home.models)]
    if assets.whole(assets.SMOLLM2, home.assets):
        own.append(fallback(assets.SMOLLM2.path(home.assets)).model)
    return found.as_json() | {"own": [model.as_json() for model in own]}


# --- pull -------------------------------------------------------------------------------------


def _pull(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    sha256 = args.sha256.lower() if args.sha256 else None
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise BadInput("bad-sha256", "a sha256 is 64 hexadecimal digits", USAGE)
    note = noted(Ledger(home))
    offer = pull.look(args.what, home.models, args.name, note)
    before = pull.known(offer, home.models, sha256)
    if before is not None:
        if args.name not in (None, before.name):
            before = pull.bring(offer, home.models, sha256=before.sha256, note=note)
        return _told(before, terminal, "is here already; nothing was fetched")
    now = settings.load(home)
    fits = pull.fit(offer, home.models, now.number("model.context"), machine.memory_bytes())
    terminal.say("\n".join(disclosed(offer, fits, home, terminal.paint_err)))
    if not fits.on_disk:
        raise no_room(home.models, fits.disk_needed, fits.disk_free)
    if not terminal.confirm(
        "Copy it?" if offer.is_file else "Fetch it?",
        cannot="the model would have to be fetched, and nobody is here to be asked",
        instead="add --yes to fetch what is told above",
    ):
        raise Cancelled("not-fetched", "only the header was read", "say yes to fetch it")
    row = with_progress(
        terminal,
        offer.name,
        lambda progress: pull.bring(
            offer, home.models, sha256=sha256, progress=progress, note=note
        ),
    )
    how = "its sha256 is the one that you gave" if sha256 else f"sha256 {row.sha256}"
    if row.name != offer.name:
        return _told(row, terminal, "is the same file and was here already")
    return _told(row, terminal, f"is here; {how}")


def noted(ledger: Ledger) -> Note:
    """Return what writes each call of another machine into the ledger, before it is made."""

    def note(host: str, file: str, sent: int) -> None:
        ledger.note(
            Entry(
                time=datetime.now(UTC),
                destination=f"https://{host}",
                server="models pull",
                model=one_line(file, 120),
                material=Material.ADDRESS,
                bytes=sent,
                allowed=True,
                grant="pull",
                reason=None,
            )
        )

    return note


def disclosed(offer: Offer, fits: Fit, home: Home, paint: Paint = PLAIN) -> list[str]:
    """What the user is told before anything but the header is fetched."""
    told, header = pull.disclosure(offer, home.models), offer.header
    does = [word for word, can in (("chat", header.chat), ("tools", header.tools)) if can]
    does += ["embeddings"] if header.embeddings else []
    memory = "unknown" if fits.memory is None else size(fits.memory)
    verdict = "it fits" if fits.in_memory else paint("bad", "it does NOT fit")
    rows = [
        ("size", f"{told.disk_bytes:,} bytes ({size(told.disk_bytes)})"),
        ("licence", told.licence),
        ("model", f"{header.architecture}, {params(header.parameters)}, {header.quantisation}"),
        ("does", ", ".join(does) or "completion only: it has no chat template"),
        ("context", f"{fits.context:,} tokens here, trained on {header.context:,}"),
        ("memory", f"about {size(fits.memory_needed)} of this machine's {memory}: {verdict}"),
        ("disk", f"{size(fits.disk_needed)} of {size(fits.disk_free)} that are free"),
    ]
    if not offer.is_file:
        times = [f"{span(told.seconds(megabits))} at {megabits} Mbit/s" for megabits in MEGABITS]
        rows.append(("time", ", ".join(times)))
        rows.append(("from", " → ".join(map(one_line, offer.hosts))))
        rows.append(("", clean(offer.source)))
        if offer.have:
            rows.append(("here", f"{size(offer.have)} of it; it goes on there"))
        elif not offer.resumable:
            rows.append(("note", "this server cannot go on in the middle of a file"))
    else:
        rows.append(("from", clean(offer.source)))
    rows.append(("kept in", clean(str(home.models))))
    verb = "copied" if offer.is_file else "fetched"
    head = f"This would be {verb} once, and kept as {paint('head', offer.name)}:"
    return [head, "", *pairs(rows, paint, indent="    "), ""]


def params(count: int) -> str:
    """Parameters as a person says them: "8.0B parameters"."""
    for unit, least in (("B", 1e9), ("M", 1e6)):
        if count >= least:
            number = count / least
            return (
                f"{number:.0f}{unit} parameters"
                if number >= 10
                else f"{number:.1f}{unit} parameters"
            )
    return f"{count:,} parameters"


def _told(row: Kept, terminal: Terminal, how: str) -> int:
    if terminal.json:
        terminal.answer({"kept": kept_row(row)})
    else:
        terminal.show(f"{row.name} {how}.")
        terminal.say(f"`satchel models use {row.name}` has it answer where no model is named.")
    return 0


def kept_row(row: Kept) -> dict[str, Any]:
    """What is kept of a model, for programs."""
    return {
        "name": row.name,
        "sha256": row.sha256,
        "bytes": row.bytes,
        "source": row.source,
        "licence": row.licence,
        "architecture": row.architecture,
        "parameters": row.parameters,
        "quantisation": row.quantisation,
        "context_trained": row.context,
        "chat": row.chat,
        "tools": row.tools,
        "embeddings": row.embeddings,
    }


# --- rm and use -------------------------------------------------------------------------------


def _remove(name: str, terminal: Terminal, home: Home) -> int:
    for left in leftovers(home.models):
        if left.source == name:
            drop(left)
            return _removed(name, left.bytes, terminal)
    row, last = shelf.remove(home.models, name)
    if settings.load(home).text("model.default") in (row.name, f"embedded/{row.name}"):
        settings.change(home, "model.default", None)
        terminal.say(f"{row.name} was the default; now Satchel chooses again.")
    return _removed(row.name, row.bytes if last else 0, terminal)


def _removed(name: str, freed: int, terminal: Terminal) -> int:
    if terminal.json:
        terminal.answer({"removed": name, "bytes": freed})
    elif freed:
        terminal.show(f"{clean(name)} is gone; {size(freed)} are free again.")
    else:
        terminal.show(f"The name {clean(name)} is gone; the file has another one and stays.")
    return 0


def _use(name: str | None, terminal: Terminal, home: Home) -> int:
    """Set the default, or say what it is. `use` and `default` are one thing."""
    if name == AUTO:
        settings.change(home, "model.default", None)
    elif name is not None:
        _offered(name, home)
        settings.change(home, "model.default", name)
    now = settings.load(home).text("model.default")
    if terminal.json:
        terminal.answer({"default": now or None})
        return 0
    terminal.show(
        f"{one_line(now)} answers where no model is named."
        if now
        else "No default: the best model on this machine answers where none is named."
    )
    return 0


def _offered(name: str, home: Home) -> None:
    """Raise where a name is not offered on this machine just now."""
    names: Sequence[dict[str, Any]] = rows_of(look(home), shelf.kept(home.models), name)
    if not any(row["default"] for row in names):
        raise Unavailable(
            "model-not-found",
            f"{one_line(name)} is not offered on this machine just now",
            "`satchel models` lists what is; a model elsewhere is never a default",
        )
