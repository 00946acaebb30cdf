"""What a client writes down about our hooks when its user trusts them: it goes with them. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from satchel.tools import entries
from satchel.tools.client_rows import Client
from satchel.tools.connected import Part
from satchel.tools.edit.change import Put, Trace, line_end, look
from satchel.tools.edit.formats import FORMATS


def notes(client: Client, hooks: Path, listed: str, settings: str) -> tuple[Part, ...]:
    """Return the client's notes on those of its hooks that are ours, as parts of its settings.

    `listed` is the text of its file of `hooks`. A note is a table, by `FILE:event:group:hook`. The
    table around them goes with the last one. Raises Unreadable.
    """
    if client.hooks is None or not client.hooks.trusted:
        return ()
    way = client.hooks.trusted
    found = look(FORMATS[client.servers.format].read(settings), way)
    events = look(FORMATS["json"].read(listed), ("hooks",))
    if not isinstance(found, dict) or not isinstance(events, dict):
        return ()
    ours = tuple(
        f"{hooks}:{_snake(event)}:{place}:"
        for event, groups in events.items()
        for place, group in enumerate(groups if isinstance(groups, list) else ())
        if entries.hooks_in(group)
    )
    gap = line_end(settings)
    parts = [
        Part(client.name, Put((*way, name), note), Trace(hollow=gap))
        for name, note in found.items()
        if name.startswith(ours)
    ]
    if parts and len(parts) == len(found):
        parts.insert(0, Part(client.name, Put(way, {}), Trace(len(way) - 1, gap)))
    return tuple(parts)


def _snake(event: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", event).lower()
