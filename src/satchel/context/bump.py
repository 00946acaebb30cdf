"""Which manifests a request to change the version of a dependency is about: those that list it."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.catalog import Catalog
from satchel.context.store.counts import counted, keys_of
from satchel.context.store.index import IndexStore
from satchel.context.types import Role
from satchel.context.understand import SHORT, Query
from satchel.context.upkeep import Upkeep

MOST: Final = 3
_BUMPS: Final = re.compile(
    r"^\W*(?:please )?(?:bump|downgrade|lower|pin|raise|relax|require|update|upgrade|we need)s? "
    r"(?!(?:the |our )?version(?: number)?(?: |[.!]?$))(?:the |our )?(?P<name>[\w@./+-]{2,80}?)"
    r"(?: (?:constraint|crate|dependency|gem|library|package|plugin|version)){0,2}"
    r"(?:(?P<version>(?:[ @]| (?:from|to|at|above|below|>=|=|~>) )v?\d)| (?:from|to)\b|[.!]?$)",
    re.IGNORECASE,
)


def bumped(query: Query, catalog: Catalog, store: IndexStore) -> Upkeep | None:
    """Return the few manifests, those nearest to the top first, that list what a short request
    bumps. Where it tells the version, it is about no other file."""
    match = _BUMPS.match(query.text)
    if match is None or len(query.text.split(maxsplit=SHORT)) > SHORT:
        return None
    terms = sorted(store.term_set(match["name"]))
    counts = store.counts_of([row.id for row in catalog.rows if row.role == Role.MANIFEST])
    if not terms or not counts:
        return None
    found = counted(list(counts.values()), keys_of(terms))
    rows = [catalog.by_id[one] for one, of in zip(counts, found, strict=True) if of[:, 0].all()]
    rows.sort(key=lambda row: (row.path.count("/"), row.path))
    alone = match["version"] is not None
    return Upkeep(tuple(rows[:MOST]), f"lists {match['name']}", alone) if rows else None
