"""Which source files say what a request quotes.

An error's message stands in the source as a literal, with holes where values are set in. So it is
looked for by every run of its words; the file with the most of them is where it is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import Catalog
from satchel.context.store.index import IndexStore
from satchel.context.terms import expand, words_of
from satchel.context.types import Role

RUN: Final = 4  # words: three stand together by chance in any large workspace
READ: Final = 24  # words of a message
COMMON: Final = 40  # passages from which a run tells nothing
FILES: Final = 3  # a message that more files say as much of points nowhere


@dataclass(frozen=True, slots=True)
class Said:
    """A passage that says a message. `share` (0 to 1) is that of its runs which stand in the file,
    divided among the files that have as many."""

    document: int
    passage: int
    share: float
    message: str


def says(messages: Sequence[str], catalog: Catalog, store: IndexStore) -> Iterator[Said]:
    """Yield, for each message, the source files that say the most of it."""
    for message in messages:
        runs = _runs(message, store)
        held: dict[int, Counter[int]] = {}  # by file, how many runs each passage has
        for run in filter(None, runs):
            for document, passage in _holding(run, catalog, store).items():
                held.setdefault(document, Counter())[passage] += 1
        most = max((passages.total() for passages in held.values()), default=0)
        best = [document for document, passages in held.items() if passages.total() == most]
        if len(best) <= FILES:
            for document in best:
                ((passage, _),) = held[document].most_common(1)
                yield Said(document, passage, most / len(runs) / len(best), message)


def _runs(message: str, store: IndexStore) -> list[str]:
    """Return every run of a message's words, as the index spells it; "" for one with a word that
    stands nowhere."""
    words = [spelled for word in words_of(message)[:READ] if (spelled := expand(word))]
    terms = [store.stem(word) for word in words]
    known = store.frequencies({term for of_word in terms for term in of_word}).keys()
    return [
        " ".join(words[at : at + RUN])
        if all(known >= set(of_word) for of_word in terms[at : at + RUN])
        else ""
        for at in range(len(words) - RUN + 1)
    ]


def _holding(run: str, catalog: Catalog, store: IndexStore) -> dict[int, int]:
    """Return the source files in which these words stand one after the other, with the passage."""
    found = store.holding(run, COMMON)
    sources = {
        document: passage
        for passage, document in reversed(found)
        if document in catalog.by_id and catalog.by_id[document].role == Role.SOURCE
    }
    return sources if len(found) < COMMON else {}
