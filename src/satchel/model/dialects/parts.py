"""What more than one dialect has: effort, neighbours, base64, arguments, words of an error."""

from __future__ import annotations

import binascii
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from satchel.base.errors import SatchelError
from satchel.model.dialects.fields import Fields
from satchel.model.turns import Part, Role, Turn

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


Effort = Literal["low", "medium", "high"]
EFFORTS: Mapping[str, Effort] = {  # the finest grades are the nearest of ours
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
# Tokens that may be thought, as words of effort: few backends count them, most take the word.
LOW_BELOW, MEDIUM_BELOW = 4_096, 16_384


def effort_of(budget: int) -> Effort:
    """Return the word of effort for a budget in tokens."""
    return "low" if budget < LOW_BELOW else "medium" if budget < MEDIUM_BELOW else "high"


def add_turn(turns: list[Turn], role: Role, parts: Sequence[Part]) -> None:
    """Add what was said by `role`; to the last turn where that was of the same role."""
    if turns and turns[-1].role == role:
        parts = (*turns.pop().parts, *parts)
    if parts:
        turns.append(Turn(role, tuple(parts)))


def read_base64(fields: Fields, name: str) -> str:
    """Read base64 of either alphabet, and return it of the common one, padded, without breaks."""
    data = "".join(fields.need(name, str).split()).replace("-", "+").replace("_", "/").rstrip("=")
    data += "=" * (-len(data) % 4)
    try:
        binascii.a2b_base64(data, strict_mode=True)
    except ValueError as error:
        raise fields.wrong(name, "is not base64") from error
    if not data:
        raise fields.wrong(name, "is empty")
    return data


def read_arguments(text: str) -> Mapping[str, Any] | None:
    """Return the object that a call's arguments are, or None where the model wrote none.

    What JSON has no way to write again (NaN, a number past every float) is no object either.
    """
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def message_of(error: SatchelError, full: str) -> str:
    """Return what went wrong and what to do; for a prompt that does not fit, the dialect's words
    by which its clients know it: `full`, with {tokens} and {context} in it."""
    tokens, context = error.extra.get("tokens"), error.extra.get("context")
    if error.code == "context-exceeded" and tokens and context:
        return full.format(tokens=tokens, context=context)
    return f"{error.message}; {error.next_step}"


def _refused(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
