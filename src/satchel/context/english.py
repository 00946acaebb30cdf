"""Words of technical English, for comparing short texts: their rough stems, and which are common.
Pure."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import Final

from satchel.context.terms import STOPWORDS, Gather, parts

# Words that say nothing of what a sentence is about.
_NEUTRAL: Final = frozenset(
    """
    use using used uses new add added adding set run running move moved moving change changed
    write written put keep keeps kept old thing things way one two need needs want work works
    file files code repo project make makes switch also still already never always must should
    only not no without instead rather avoid any every each all next here later today now please
    current dont do done drop remove removed replace replaced delete stop store stored live
    lives
    """.split()
)


def content(text: str) -> frozenset[str]:
    """Return the content words of a text, roughly stemmed, with the parts of identifiers."""
    return _GATHERED(text)


@lru_cache(maxsize=20_000)
def _content(word: str) -> tuple[str, ...]:
    """Return the content words of one: its parts, where it is an identifier."""
    return tuple(
        stem(part)
        for part in parts(word)
        if part not in STOPWORDS and part not in _NEUTRAL and (len(part) > 1)
    )


_GATHERED: Final = Gather(_content, 20_000)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Cut the commonest English endings: enough to compare two short texts."""
    if len(word) > 5 and word.endswith("er") and word[-3] == word[-4]:
        return word[:-3]  # logger, runner
    for ending, least in (
        ("ies", 3),
        ("ied", 3),
        ("ing", 4),
        ("ed", 4),
        ("es", 4),
        ("s", 3),
        ("ly", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            cut = word[: -len(ending)]
            if ending in {"ies", "ied"}:
                return cut + "y"
            if ending in {"ing", "ed"} and len(cut) > 3 and cut[-1] == cut[-2]:
                return cut[:-1]
            return cut[:-1] if ending in {"ing", "ed", "es"} and cut.endswith("e") else cut
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@cache
def common() -> frozenset[str]:
    """Return the stems of the words that are common in technical English."""
    text = resources.files("satchel.context").joinpath("common.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(stem(word) for line in lines for word in line.split())
