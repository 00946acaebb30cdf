"""Words as the full-text tables keep them: Porter's stems. The same in every file, and so
remembered once for all of them."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Final

import apsw

from satchel.context.terms import Gather, parts, words_of

STEMMED: Final = 20_000  # words whose terms are remembered
READ: Final = 4_000  # … and texts: requests that follow each other are about the same files


def stem(text: str) -> list[str]:
    """Return the terms of already expanded text."""
    return [term for word in text.split() for term in _stems(word)]


def terms(text: str) -> list[str]:
    """Return the terms of any text, in order: `stem` of what it expands to."""
    return [term for word in words_of(text) for term in _terms(word)]


@lru_cache(maxsize=READ)
def term_set(text: str) -> frozenset[str]:
    """Return the terms of any text, each once."""
    return _GATHERED(text)


@lru_cache(maxsize=READ)
def spell(term: str) -> str:
    """Return a word whose stem is `term`: what is searched for is stemmed once more, and Porter's
    stem of a stem may be another ("database", "databas", "databa")."""
    spellings = (term, f"{term}e", f"{term}s")
    return next((word for word in spellings if stem(word) == [term]), term)


@lru_cache(maxsize=STEMMED)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(term for part in parts(word) for term in _stems(part))


@lru_cache(maxsize=STEMMED)
def _stems(word: str) -> tuple[str, ...]:
    tokens = _tokenizer()(word.encode(), apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False)
    return tuple(str(token[0]) for token in tokens)


_GATHERED: Final = Gather(_terms, STEMMED)


def _tokenizer() -> apsw.FTS5Tokenizer:
    """Return this thread's own: one belongs to a connection, and that to a thread."""
    if not hasattr(_OWN, "tokenizer"):
        _OWN.connection = apsw.Connection(":memory:")
        names = ["unicode61", "tokenchars", "_"]
        _OWN.tokenizer = _OWN.connection.fts5_tokenizer("porter", names)
    tokenizer: apsw.FTS5Tokenizer = _OWN.tokenizer
    return tokenizer


_OWN: Final = threading.local()
