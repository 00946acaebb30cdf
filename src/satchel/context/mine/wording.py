"""How a statement is worded: whole sentences, within a length, ended properly."""

from __future__ import annotations

from typing import Final

from satchel.base.text import clean
from satchel.context.ingest.mask import mask
from satchel.context.mine.outline import MOST

MOST_TEXT: Final = 600  # characters of a statement


def legible(text: str) -> str:
    """Prepare a document for mining: bounded, clean, without secrets; line numbers stay."""
    return mask(clean(text[:MOST]))[0]


def cut(text: str, limit: int) -> str:
    """Shorten a text to whole words, marking what was cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 2]
    space = head.rfind(" ")
    head = (head[:space] if space > limit // 2 else head).rstrip(" ,;:—-")
    return head + ("`…" if head.count("`") % 2 else "…")


def ended(text: str) -> str:
    """End a text as a sentence."""
    bare = text.strip()
    return bare if not bare or bare.rstrip("\"')*_")[-1:] in ".!?…:" else f"{bare}."
