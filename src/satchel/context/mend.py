"""A slip of the pen in a name: a brief request is read as it is meant."""

from __future__ import annotations

import re

from satchel.context.handles import slipped
from satchel.context.store.index import IndexStore
from satchel.context.terms import expand, looks_like_code
from satchel.context.understand import SHORT, Query, understand


def mended(query: Query, store: IndexStore) -> Query:
    """Return a brief request with each name in it that stands nowhere here read as the one defined
    name which it is but for a letter. A long one spells many names of others."""
    text = query.text
    if len(text.split(maxsplit=SHORT)) > SHORT:
        return query
    for name in {name.rpartition(".")[2] for name in query.names}:
        if looks_like_code(name) and not _stands(name, store):
            near = [one for one in store.alike(name) if slipped(one.lower(), name.lower())]
            if len(near) == 1:
                text = re.sub(rf"\b{re.escape(name)}\b", near[0], text)
    return query if text == query.text else understand(text)


def _stands(name: str, store: IndexStore) -> bool:
    return bool(store.defining(name, 1) or store.holding(expand(name), 1))
