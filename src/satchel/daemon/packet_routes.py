"""The routes of packets: what was handed over, what happened next, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from satchel.base.errors import BadInput
from satchel.context.wire import given_json
from satchel.daemon.fields import Body, limit, optional, path
from satchel.daemon.seam import Engine

if TYPE_CHECKING:
    from satchel.context.aftermath import Asker

ALL = "all"


def asker(body: Body) -> Asker:
    """Say who asks for a briefing."""
    from satchel.context.aftermath import Asker, Door  # loaded with the engine

    return Asker(Door.CLI, session=optional(body, "session", str) or "")


def packets(engine: Engine, body: Body) -> dict[str, Any]:
    """List packets, newest first, or tell of one."""
    where, number = path(body), optional(body, "id", int)
    if number is None:
        top, found = engine.packets.listed(where, limit(body))
    else:
        top, found = engine.packets.one(where, number)
    return {"workspace": top, "packets": [given_json(each.given, each.records) for each in found]}


def forget_packets(engine: Engine, body: Body) -> dict[str, Any]:
    """Delete one packet, or all."""
    where, which = path(body), body["packets"]
    if which != ALL and (not isinstance(which, int) or isinstance(which, bool)):
        raise BadInput("bad-field", '`packets` is a number or "all"', "send one of them")
    gone = engine.packets.forget(where, None if which == ALL else which)
    return {"forgotten_packets": gone}
