"""BM25 over short texts that are all at hand, with identifiers split: the baseline for records,
proposals and rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from bench.baselines import K1, B, terms
from satchel.context.terms import STOPWORDS


class Bm25:
    """The scores of texts for a query; common English words are left out on both sides."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(_kept(text)) for text in texts]
        self._lengths = [counts.total() for counts in self._counts]
        self._average = sum(self._lengths) / max(len(texts), 1) or 1.0
        self._holders = Counter(term for counts in self._counts for term in counts)

    def scores(self, query: str) -> list[float]:
        """Return one score a text, in the texts' order."""
        found = [0.0] * len(self._counts)
        for term in dict.fromkeys(_kept(query)):
            holders = self._holders.get(term, 0)
            if not holders:
                continue
            rarity = math.log(1 + (len(found) - holders + 0.5) / (holders + 0.5))
            for place, counts in enumerate(self._counts):
                if often := counts.get(term, 0):
                    norm = K1 * (1 - B + B * self._lengths[place] / self._average)
                    found[place] += rarity * often * (K1 + 1) / (often + norm)
        return found

    def rank(self, query: str) -> list[int]:
        """Return the places of the texts that share a term with the query, best first."""
        scores = self.scores(query)
        return sorted((i for i, s in enumerate(scores) if s > 0), key=lambda i: (-scores[i], i))


def _kept(text: str) -> list[str]:
    return [term for term in terms(text) if term not in STOPWORDS]
