"""What a model can be handed about a question, and whether the answer is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.baselines import text_of
from bench.bm25 import Bm25
from satchel.context import tokens

WINDOW = 20  # lines of a passage for BM25; they do not overlap
DRESS = re.compile(r"[`*\"']+")


def holds(text: str, answers: Iterable[str]) -> bool:
    """Tell whether a text has one of the answers in it, as words of its own: case, quotation
    marks and white space apart."""
    plain = _plain(text)
    return any(re.search(_alone(_plain(answer)), plain) for answer in answers)


def _alone(words: str) -> str:
    """Return a pattern for words that are no part of longer ones."""
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return before + re.escape(words) + after


def _plain(text: str) -> str:
    return " ".join(DRESS.sub("", text).casefold().split())


def dump(top: Path, paths: Sequence[str], budget: int) -> str:
    """Return the README and then the files in the order of their paths, cut to the budget."""
    readmes = [path for path in paths if path.casefold().startswith("readme")]
    parts: list[str] = []
    spent = 0
    for path in [*readmes, *(path for path in sorted(paths) if path not in readmes)]:
        text = text_of(top, path)
        if not text:
            continue
        parts.append(f"{path}\n{text}")
        spent += tokens.count(parts[-1])
        if spent > budget:
            break
    return tokens.cut("\n\n".join(parts), budget)


class Windows:
    """BM25 over windows of `WINDOW` lines of every tracked text file, each under its place."""

    def __init__(self, top: Path, paths: Sequence[str]) -> None:
        self._texts = []
        for path in paths:
            lines = text_of(top, path).splitlines()
            for start in range(0, len(lines), WINDOW):
                body = "\n".join(lines[start : start + WINDOW])
                end = min(start + WINDOW, len(lines))
                self._texts.append(f"{path}:{start + 1}-{end}\n{body}")
        self._index = Bm25(self._texts)

    def best(self, request: str, budget: int) -> str:
        """Return the best windows within a budget of tokens, the last one cut."""
        kept: list[str] = []
        spent = 0
        for place in self._index.rank(request):
            text = tokens.cut(self._texts[place], budget - spent)
            if not text:
                break
            kept.append(text)
            spent += tokens.count(text + "\n\n")
            if spent >= budget:
                break
        return tokens.cut("\n\n".join(kept), budget)
