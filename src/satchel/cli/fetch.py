"""`satchel fetch`: say what would be fetched, ask, fetch with progress. `ask` comes here too."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from satchel.base.errors import BadInput, Broken, Cancelled, SatchelError, Unavailable
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.cli.render import pairs, size, span
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.model import assets
from satchel.model.assets import Asset
from satchel.model.fetch import Progress, Transfer, find_tool, install, quiet
from satchel.model.fetch import fetch as bring
from satchel.model.types import Disclosure

MEGABITS = (10, 100)
T = TypeVar("T")


def fetch(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Fetch assets by name, all of them without one, or take them from files at hand."""
    names = args.names or list(assets.ASSETS)
    for name in names:
        assets.named(name)
    if args.source is not None:
        source = Path(args.source).expanduser().absolute()
        brought = [
            name for name in names if _from_source(assets.named(name), source, home, terminal, args)
        ]
    else:
        brought = obtain(names, terminal, home, instead="add --yes to fetch what is told above")
    if terminal.json:
        terminal.answer({"fetched": brought, "present": names, "folder": str(home.assets)})
    elif not brought:
        terminal.show(f"Nothing to fetch: {', '.join(names)} in {clean(str(home.assets))}.")
    return 0


def obtain(
    names: Sequence[str],
    terminal: Terminal,
    home: Home,
    needed: Sequence[str] | None = None,
    instead: str = "",
) -> list[str]:
    """Disclose, ask and fetch what is missing of these; return the names of what was fetched.

    A failure to fetch is raised for those that are `needed` (all of them by default) and told for
    the others. Raises Cancelled where the user refuses, NeedsAnswer where nobody can be asked,
    with the next step `instead`.
    """
    wanted = [assets.named(name) for name in names]
    missing = [asset for asset in wanted if not assets.whole(asset, home.assets)]
    if not missing:
        return []
    tool = find_tool()
    name = tool.name if tool else "pip"
    told = [assets.disclosure(asset, home.assets, name) for asset in missing]
    terminal.say("\n".join(disclosed(told, terminal.paint_err)))
    if not terminal.confirm(
        "Fetch it?" if len(told) == 1 else "Fetch them?",
        cannot="a model would have to be fetched, and nobody is here to be asked",
        instead=instead
        or f"add --yes, or run `satchel fetch {' '.join(each.name for each in missing)} --yes`",
    ):
        raise Cancelled(
            "not-fetched",
            "nothing was fetched",
            f"say yes, or start a server with a model; {assets.how_to_bring(missing[0])}",
        )
    brought = []
    for asset in missing:
        try:
            with_progress(terminal, asset.name, partial(bring, asset, home.assets))
        except SatchelError as error:
            if needed is None or asset.name in needed:
                raise
            terminal.say(f"Going on without {asset.name}: {clean(error.message)}.")
            continue
        terminal.say(f"{asset.name} is here and its sha256 is right: it is never fetched again.")
        brought.append(asset.name)
    return brought


def with_progress(terminal: Terminal, name: str, run: Callable[[Progress], T]) -> T:
    """Fetch something, drawing bytes and the live rate where somebody watches."""
    if not terminal.live:
        return run(quiet)
    from satchel.cli.progress import bars

    with bars(terminal, counts=False) as draw:

        def progress(transfer: Transfer) -> None:
            draw(f"fetching {name}", transfer.done, transfer.total, rate(transfer))

        return run(progress)


def rate(transfer: Transfer) -> str:
    """Bytes done of all, the rate of the last seconds, and the time left at that rate."""
    text = f"{size(transfer.done)} of {size(transfer.total)}"
    if transfer.rate <= 0:
        return text
    left = span((transfer.total - transfer.done) / transfer.rate)
    return f"{text}, {size(transfer.rate)}/s, {left} left"


def disclosed(told: Sequence[Disclosure], paint: Paint = PLAIN) -> list[str]:
    """What the user is told before anything is fetched."""
    lines = [f"{'This' if len(told) == 1 else 'These'} would be fetched once, and kept:"]
    for each in told:
        packages = ", ".join(f"{row.package} {row.version}" for row in each.downloads)
        times = ", ".join(f"{span(each.seconds(rate))} at {rate} Mbit/s" for rate in MEGABITS)
        lines += [
            "",
            f"  {paint('head', each.asset)}: {each.purpose}",
            *pairs(
                [
                    ("size", f"{each.bytes:,} bytes ({size(each.bytes)}) over the wire"),
                    ("time", times),
                    ("licence", each.licence),
                    ("kept in", f"{clean(each.destination)} ({size(each.disk_bytes)})"),
                    ("how", f"{each.tool}, from the index that it is set up for ({packages}),"),
                    ("", "without dependencies, nothing installed; checked against its sha256"),
                ],
                paint,
                indent="    ",
            ),
        ]
    return [*lines, ""]


def _from_source(
    asset: Asset, source: Path, home: Home, terminal: Terminal, args: argparse.Namespace
) -> bool:
    """Take one asset from files at hand; where all were meant, one that is not there may lack."""
    if assets.whole(asset, home.assets):
        return False
    try:
        install(asset, home.assets, source)
    except (BadInput, Unavailable) as error:
        if args.names or not source.exists():
            raise
        terminal.say(f"{asset.name}: {clean(error.message)}.")
        return False
    terminal.say(f"{asset.name} was taken from {clean(str(source))}; its sha256 is right.")
    return True


def states(home: Home) -> list[dict[str, Any]]:
    """Every asset with its state, for the doctor: here, missing or damaged."""
    rows = []
    for asset in assets.ASSETS.values():
        try:
            state = "here" if assets.present(asset, home.assets) else "missing"
        except Broken:
            state = "damaged"
        rows.append(
            {
                "name": asset.name,
                "state": state,
                "purpose": asset.purpose,
                "bytes": sum(wheel.bytes for wheel in asset.wheels),
            }
        )
    return rows
