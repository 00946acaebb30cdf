"""What contradicts what: a request, a plan or an edit against the records in force. Pure.

`held` is the walk: `reading` reads both sides (with `stance`, `choices`, `quantity`, `days`,
`constants`, `wording`, `likeness`, and `diff` and `change` for an edit), `oppose` compares them.
"""

from satchel.context.conflict.held import (
    Asked,
    Position,
    ask,
    contradictions,
    held_against,
    position,
    told,
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
    "with_others",
]
