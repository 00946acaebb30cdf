"""In how many records each word stands: which of a request's words are worth a search."""

from __future__ import annotations

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
        for term in terms:
            if term in known or term in unknown:
                continue
            rows = self._database.rows("SELECT doc FROM record_vocabulary WHERE term = ?", (term,))
            if rows:
                known[term] = int(rows[0][0])
            elif len(unknown) < UNKNOWN:
                unknown.add(term)
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
