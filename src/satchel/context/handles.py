"""Names in a request: whether it calls a record by one of its names, small slips included. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from satchel.context.english import stem
from satchel.context.terms import STOPWORDS

_WORD: Final = re.compile(r"[^\W_]+")
SLIP: Final = 6  # letters from which one wrong letter is a slip, not another word
DOUBLED: Final = 4  # letters from which a letter too many or too few of a pair is


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """Return a text's words in order, lower case, roughly stemmed; identifiers fall apart."""
    return tuple(stem(word.lower()) for word in _WORD.findall(text))


def called(names: Iterable[str], request: Sequence[str]) -> str | None:
    """Return the first name that stands in a request's words (as `words` gives them), whole."""
    for name in names:
        spelled = words(name)
        if spelled and not STOPWORDS.issuperset(spelled) and _stands(spelled, request):
            return name
    return None


def _stands(name: Sequence[str], request: Sequence[str]) -> bool:
    length = len(name)
    for start in range(len(request) - length + 1):
        if all(map(_same, name, request[start : start + length])):
            return True
    return False


def _same(name: str, word: str) -> bool:
    return name == word or slipped(name, word)


@lru_cache(maxsize=50_000)
def slipped(name: str, word: str) -> bool:
    """Tell whether a word is a name with one slip: a letter more, less, other, or two swapped.

    The first two letters are right in nearly all slips (Pollock and Zamora, 1984).
    """
    if name[:2] != word[:2] or abs(len(name) - len(word)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(name, word, strict=False)) if a != b), None)
    if at is None:
        at = min(len(name), len(word))
    longer, shorter = (name, word) if len(name) >= len(word) else (word, name)
    if len(longer) > len(shorter):
        if longer[at + 1 :] != shorter[at:]:
            return False
        doubled = longer[at] == longer[at - 1]
        return len(longer) >= (DOUBLED if doubled else SLIP)
    swapped = name[at : at + 2] == word[at : at + 2][::-1] and name[at + 2 :] == word[at + 2 :]
    return len(name) >= SLIP and (swapped or name[at + 1 :] == word[at + 1 :])
