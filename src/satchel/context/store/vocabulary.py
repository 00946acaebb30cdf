"""In how many records each word stands: which of a request's words are worth a search."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from typing import Final

from satchel.context.store.sqlite import Database

UNKNOWN: Final = 10_000  # words of which it is remembered that no record has them
POSTINGS: Final = 8_000  # rows that one search may score: what bounds its time


class Vocabulary:
    """The stemmed terms of one file's records. Remembers what it read until the records change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, int, dict[str, int]] = (-1, 0, {})
        self._unknown: tuple[int, set[str]] = (-1, set())

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Return in how many records each term stands; unknown ones are left out."""
        generation = int(self._database.rows("SELECT records FROM generation")[0][0])
        known, unknown = self._remembered(generation)
        if missing := [term for term in terms if term not in known and term not in unknown]:
            found = self._database.rows(
                "SELECT v.term, v.doc FROM json_each(?) wanted "
                "CROSS JOIN record_vocabulary v ON v.term = wanted.value",
                (json.dumps(missing),),
            )
            known |= dict(found)
            if len(unknown) < UNKNOWN:
                unknown.update(term for term in missing if term not in known)
        return {term: known[term] for term in terms if term in known}

    def telling(self, terms: Collection[str]) -> list[str]:
        """Choose the terms to search for: the rarest, within the bound on rows."""
        frequency = self.frequencies(terms)
        chosen: list[str] = []
        rows = 0
        for term in sorted(frequency, key=lambda term: (frequency[term], term)):
            rows += frequency[term]
            if chosen and rows > POSTINGS:
                break
            chosen.append(term)
        return chosen

    def beginning(self, start: str) -> list[str]:
        """Return the terms that begin so."""
        rows = self._database.rows(
            "SELECT term FROM record_vocabulary WHERE term >= ?1 AND term < ?1 || char(0x10FFFF)",
            (start,),
        )
        return [row[0] for row in rows]

    def _remembered(self, generation: int) -> tuple[dict[str, int], set[str]]:
        """Return what is remembered of frequencies, until the records have changed much, and of
        words that no record has: the next one may have them."""
        made, good, known = self._known
        if not made <= generation < good:
            # One more record in a thousand changes nothing about which word is rare.
            count = self._database.rows("SELECT count(*) FROM record")[0][0]
            known = {}
            self._known = (generation, generation + 1 + int(math.sqrt(count)) // 4, known)
        if self._unknown[0] != generation:
            self._unknown = (generation, set())
        return known, self._unknown[1]
