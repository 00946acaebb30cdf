"""The arguments of a call, as the object that a dialect's answer holds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def read_arguments(text: str) -> Mapping[str, Any] | None:
    """Return the object that a call's arguments are, or None where the model wrote none.

    What JSON has no way to write again (NaN, a number past every float) is no object either.
    """
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refused(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
