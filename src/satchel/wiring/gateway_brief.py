"""Put a briefing into what a tool asks of a model: for tools that do not speak MCP.

It stands before the last words of the user, so that a conversation which a tool sends again and
again keeps its prefix, and with it the model's cache, up to there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from anyio.to_thread import run_sync

from satchel.base.errors import BadInput
from satchel.context.types import Packet
from satchel.model.gateway import Briefed, Caller
from satchel.model.turns import Generation, Text, Turn
from satchel.tools.hook_forms import said
from satchel.wiring.outgoing import sections_of

# What agents put beside the user's words: a block in one tag, from its first letter to its last.
_ASIDE = re.compile(r"\s*<([a-z_-]{1,40})>.*</\1>\s*", re.DOTALL)

Packets = Callable[[str, str, bool, int | None], Packet]
"""(request, path of the workspace, whether files are to be quoted, most tokens) → packet; from any
thread."""


async def briefed(
    generation: Generation,
    caller: Caller,
    tops: Sequence[str],
    packets: Packets,
    most: int | None = None,
) -> Briefed:
    """Brief a generation. `tops` are the accepted workspaces, absolute; `most` bounds the briefing,
    in tokens, below what the settings say.

    It is the packet that every other way gives. A model that is offered no tools can open no file:
    it is given the text of what the packet names.

    Raises BadInput where it cannot be told which workspace is meant, and what `packets` raises.
    """
    if generation.prompt is not None:
        request, at = generation.prompt, -1
    else:
        at, request = asked(generation.turns)
    if not request:
        return Briefed(generation)
    top = caller.workspace or await run_sync(place, generation.turns, tops)
    if top is None or not Path(top).is_absolute():
        raise BadInput(
            "workspace-unknown",
            "a briefing was asked for, and nothing says of which workspace",
            "send its absolute path in the header X-Satchel-Workspace",
        )
    packet = await run_sync(packets, request, top, not generation.tools, most)
    if not packet.markdown:
        return Briefed(generation, packet.workspace)
    return Briefed(_with(generation, at, packet.markdown), packet.workspace, sections_of(packet))


def _with(generation: Generation, at: int, briefing: str) -> Generation:
    if generation.prompt is not None:
        return replace(generation, prompt=f"{briefing}\n\n{generation.prompt}")
    turns = list(generation.turns)
    turns[at] = replace(turns[at], parts=(Text(briefing), *turns[at].parts))
    return replace(generation, turns=tuple(turns))


def asked(turns: Sequence[Turn]) -> tuple[int, str]:
    """Return where the user's last words stand and what they are, without what an agent put
    beside them; (-1, "") where there are none, and no words where they are no request."""
    for at in range(len(turns) - 1, -1, -1):
        if turns[at].role == "user":
            texts = [part.text for part in turns[at].parts if isinstance(part, Text)]
            words = [text for text in texts if text.strip() and not _ASIDE.fullmatch(text)]
            if words:
                return at, "\n\n".join(filter(None, map(said, words)))
    return -1, ""


def place(turns: Sequence[Turn], tops: Sequence[str]) -> str | None:
    """Return the workspace that a conversation names (agents state their working folder): the
    longest accepted path in it; where it names none, the only one that there is."""
    text = "\n".join(part.text for turn in turns for part in turn.parts if isinstance(part, Text))
    named = [top for top in tops if re.search(rf"(?<![\w.-]){re.escape(top)}(?![\w-]|\.\w)", text)]
    if named:
        return max(named, key=len)
    return tops[0] if len(tops) == 1 else None
