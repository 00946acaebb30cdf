"""What contradicts what: a request, a plan or a pending edit against the records in force. Pure.

`held` is where to begin: it walks the records. `shown` quotes the line of an edit. From there
downward, each file using those below it:

1. both sides as they are held against each other: `asked` (a request) and `position` (a record);
2. the comparisons, each giving a reason or None: `rivals`, `amount`, `naming`, `edited`, `oppose`
   (with `broken`), `relax`, `untouched`, `created`; and `pairs` (with `among`, `assigned`) for
   records among themselves;
3. what one clause (`stance`) says: `taken` (options, by `choices`, whose table is in `options`),
   `bans`, `deed`, `only`, `stated` (numbers: `quantity`, `bound`), `days`, `names`, `switch`; and
   an edit: `diff`, read by `change` with `swap` and `constants`;
4. how it says that: `side` (for or against), `mention` and `chosen` (or merely named), `act` (asked
   for), `told` (merely told), `setting`, `excepted` and `proviso` (where, and where not),
   `contrast` (what only looks alike), `talk` (what no edit keeps or breaks),
   `likeness` (words that stand for one thing).
"""

from satchel.context.conflict.asked import Asked, ask
from satchel.context.conflict.held import held_against, warm
from satchel.context.conflict.pairs import contradictions, with_others
from satchel.context.conflict.position import Position, position, told
from satchel.context.conflict.shown import quoted_from

__all__ = [
    "Asked",
    "Position",
    "ask",
    "contradictions",
    "held_against",
    "position",
    "quoted_from",
    "told",
    "warm",
    "with_others",
]
