"""Words and identifiers to search terms. Pure; used alike for what is stored and what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain

LONGEST = 64  # characters; longer runs are hashes, base64 and the like
# Scripts written without spaces: a word of another script within them is a word of its own.
IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
WORD = re.compile(rf"[{IDEOGRAPH}]{{1,{LONGEST}}}|[^\W\d{IDEOGRAPH}][^\W{IDEOGRAPH}]*|\d{{2,}}")
# … and in ASCII, where most text is, the same in half the time.
_ASCII_WORD = re.compile(r"[A-Za-z_]\w*|\d{2,}", re.ASCII)
_PART = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_RUN = re.compile(r"\d+|[^\W\d_]+")
_IDEOGRAPHS = re.compile(rf"[{IDEOGRAPH}]")
_NONE: frozenset[str] = frozenset()
# What no ASCII word holds, as blanks.
_RUNS = bytes(
    code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)
).ljust(256)


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text, in order, as they are spelled."""
    return (_ASCII_WORD if text.isascii() else WORD).findall(text)


class Gather(dict[str, tuple[str, ...]]):
    """Gathers what each word of a text tells, whatever their order; `most` runs of characters are
    remembered. In ASCII such a run has no word in common with the next: it is split from it without
    a pattern, and read once.
    """

    def __init__(self, tell: Callable[[str], Iterable[str]], most: int) -> None:
        self._tell = tell
        self._most = most

    def __call__(self, text: str) -> frozenset[str]:
        """Return what the words of a text tell, each once."""
        if text.isascii():
            runs = text.encode().translate(_RUNS).decode().split()
            return _NONE.union(*map(self.__getitem__, set(runs)))
        return _NONE.union(*map(self._tell, set(words_of(text))))

    def __missing__(self, run: str) -> tuple[str, ...]:
        if len(self) >= self._most:
            self.clear()
        told = chain.from_iterable(map(self._tell, words_of(run)))
        found = self[run] = tuple(told)
        return found


@lru_cache(maxsize=40_000)
def parts(word: str) -> tuple[str, ...]:
    """Return a word's terms: itself in lower case, then its camel and snake parts.

    Scripts written without spaces give their pairs of neighbouring characters.
    """
    if len(word) > LONGEST:
        return ()
    if word.isascii() and word.isalpha() and word[1:].islower():  # most words: of one part
        return (word.lower(),)
    whole = word.lower().strip("_")
    if _IDEOGRAPHS.search(word):
        return tuple(whole[i : i + 2] for i in range(len(whole) - 1))
    split = [part.lower() for part in (_PART.findall(word) if word.isascii() else _split(word))]
    if len(split) < 2:
        return (whole,) if whole else ()
    return (whole, *(part for part in split if len(part) > 1))


def is_pair(term: str) -> bool:
    """Tell a term that is a pair of characters of a script without spaces."""
    return len(term) == 2 and _IDEOGRAPHS.match(term) is not None


def _split(word: str) -> list[str]:
    """Split a word of any alphabet at its digits, underscores and humps."""
    split = []
    for run in _RUN.findall(word):
        start = 0
        for at in range(1, len(run)):
            if run[at].isupper() and run[at - 1].islower():
                split.append(run[start:at])
                start = at
        split.append(run[start:])
    return split


def expand(text: str) -> str:
    """Return the text as a line of terms, in order, for the full-text index."""
    return " ".join(term for word in words_of(text) for term in parts(word))


STOPWORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each
    either describe else ever every explain few for from further get gets getting give go
    goes going got had has have having he her here hers him his how however i if in instead
    into is it its itself just let lets like made make makes many may maybe me might more
    most much must my need needs no nor not now of off ok on once one only or other our out
    over own please put rather really same see seems shall she should so some something such
    sure take than thank thanks that the their them then there these they thing things this
    those through to too try trying under until up upon us use used uses using very via want
    wants was way we well were what when where whether which while who whom whose why will
    with within without won't would yes yet you your
    """.split()
)


def looks_like_code(word: str) -> bool:
    """Tell an identifier from a plain word by its shape: snake, camel, or letters with digits."""
    stripped = word.strip("_")
    return (
        "_" in stripped
        or word.startswith("_")
        or bool(re.search(r"[a-z][A-Z]", stripped))
        or (any(c.isdigit() for c in stripped) and any(c.isalpha() for c in stripped))
    )
