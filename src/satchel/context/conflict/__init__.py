"""What contradicts what: a request, a plan or an edit against the records in force. Pure.

`held` is the walk: `reading` reads both sides (with `stance`, `side`, `act`, `told`, `proviso`,
`choices`, whose table is in `options`, `chosen`, `quantity`, `days`, `constants`, `switch`,
`wording`, `only`, `likeness`, and `diff`, `change` and `swap` for an edit); `rivals`, `amount`,
`oppose`, `broken` and `relax` compare them, `contrast` parts what only looks alike, and `among`
holds records against each other.
"""

from satchel.context.conflict.held import (
    Asked,
    Position,
    ask,
    contradictions,
    held_against,
    position,
    told,
    warm,
    with_others,
)

__all__ = [
    "Asked",
    "Position",
    "ask",
    "contradictions",
    "held_against",
    "position",
    "told",
    "warm",
    "with_others",
]
