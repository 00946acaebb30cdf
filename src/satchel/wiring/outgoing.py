"""What may leave this machine, asked of the user's grants: masked, named by its sections, noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync

from satchel.base.errors import Broken, NotAccepted
from satchel.base.paths import Home
from satchel.context.ingest.mask import mask
from satchel.context.types import Packet
from satchel.model.consent import Occasion, Permitted, permit
from satchel.model.grants import Store
from satchel.model.leaving import Leaving
from satchel.model.ledger import Ledger
from satchel.model.turns import Call, Generation, Image, Part, Result, Text, Thought
from satchel.wiring.leave import accepted_top


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's grants and the ledger of a home, as one session of the daemon asks them."""

    home: Home
    session: str

    async def permit(self, leaving: Leaving, workspace: str | None) -> Permitted:
        """Let through what a grant covers; `workspace` is an absolute path in one, if any.

        Raises ConsentNeeded, and Broken.
        """

        def run() -> Permitted:
            occasion = Occasion(datetime.now(UTC), self.session, self._top(workspace))
            return permit(leaving, occasion, Store(self.home), Ledger(self.home).note)

        return await run_sync(run)

    def destinations(self) -> list[str]:
        """Return the addresses that grants name; none where the grants cannot be read, of which
        `permit` tells."""
        with suppress(Broken):
            return [row.destination for row in Store(self.home).read() if "://" in row.destination]
        return []

    def _top(self, path: str | None) -> str | None:
        """Return the accepted workspace of a path: a grant for a workspace names it so."""
        if path is not None and Path(path).is_absolute():
            with suppress(NotAccepted, OSError, ValueError):
                return str(accepted_top(path, self.home))
        return None


def sections_of(packet: Packet) -> dict[str, int]:
    """Count what a packet brings along, section by section; a text that cannot be told apart is
    counted too, and then as if it were of records."""
    if not packet.markdown:
        return {}
    sections = {
        "files": sum(file.in_packet for file in packet.files),
        "records": len(packet.records),
        "conflicts": len(packet.conflicts),
    }
    return {name: items for name, items in sections.items() if items} or {"others": 1}


def without_secrets(generation: Generation) -> tuple[Generation, int]:
    """Mask every text that a generation would send, and count what was masked.

    Names and ids stay, since they tie parts together; what a picture shows is not read.
    """
    count = 0

    def hide(text: str) -> str:
        nonlocal count
        hidden, found = mask(text)
        count += found
        return hidden

    def hide_part(part: Part) -> Part:
        match part:
            case Text(text=text) | Thought(text=text):
                return replace(part, text=hide(text))
            case Call(arguments=arguments):
                return replace(part, arguments=hide(arguments))
            case Result(parts=inner):
                return replace(part, parts=tuple(map(hide_within, inner)))
            case _:
                return part

    def hide_within(part: Text | Image) -> Text | Image:
        return replace(part, text=hide(part.text)) if isinstance(part, Text) else part

    def hide_values(value: Any) -> Any:
        match value:
            case str():
                return hide(value)
            case Mapping():
                return {name: hide_values(inner) for name, inner in value.items()}
            case Sequence():
                return [hide_values(inner) for inner in value]
            case _:
                return value

    form = generation.form
    if form is not None and form.schema is not None:
        form = replace(form, schema=hide_values(form.schema))
    masked = replace(
        generation,
        turns=tuple(
            replace(turn, parts=tuple(map(hide_part, turn.parts))) for turn in generation.turns
        ),
        prompt=None if generation.prompt is None else hide(generation.prompt),
        tools=tuple(
            replace(tool, description=hide(tool.description), schema=hide_values(tool.schema))
            for tool in generation.tools
        ),
        form=form,
        stop=tuple(map(hide, generation.stop)),
    )
    return masked, count
