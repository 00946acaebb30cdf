"""What in a request only tells what is so, and asks for nothing. Pure.

"The parser panics on empty input, return an error instead" asks for no panic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from satchel.context.conflict.act import is_imperative
from satchel.context.conflict.stance import Clause


def with_told(parts: Sequence[Clause]) -> tuple[Clause, ...]:
    """Mark the clauses of a request that only tell what is so: what breaks, and what the next
    clause gives up ("it is still on Moment. Replace it by …")."""
    split = [clause for part in parts for clause in _split(part)]
    following = (*(part.text for part in split[1:]), "")
    return tuple(
        replace(part, told=True) if _tells(part.text, after) else part
        for part, after in zip(split, following, strict=False)
    )


def _tells(text: str, after: str) -> bool:
    """Tell whether a clause only says what is so; `after` is the text of the next one."""
    if _STUDIES.match(text) or _SAYS.match(text):
        return True
    if _STILL.search(text) and not (_WISH.search(text) or is_imperative(text)):
        return True
    said = _BREAKS.search(text) or (_STATE.search(text) and _GIVES_UP.match(after))
    return bool(said) and not (_WISH.search(text) or is_imperative(text))


def _split(part: Clause) -> tuple[Clause, ...]:
    """Part what is told from what is asked for: "it panics on empty input, return an error"."""
    if condition := _WHENEVER.match(part.text):
        at = condition.end()
        told, asked = part.text[:at].rstrip(", "), part.text[at:]
        return replace(part, text=told, told=True), replace(part, text=asked)
    for match in _THEN_ASKS.finditer(part.text):
        told, asked = part.text[: match.start()], part.text[match.end() :]
        if not _WISH.search(told) and (
            _BREAKS.search(told) or _SAYS.match(told) or _GIVES_UP.match(asked)
        ):
            return replace(part, text=told), replace(part, text=asked)
    return (part,)


_ASKED: Final = (
    "add|use|put|make|set|write|move|switch|store|keep|create|build|run|send|drop|remove|allow|"
    "change|replace|rewrite|give|take|do|turn|have|get|bring|start|stop|bump|raise|lower|increase|"
    "reduce|extend|swap|skip|disable|enable|delete|ignore|try|install|adopt|go|return|catch|mark|"
    "fix|find|handle|migrate|port|convert|throw|rip|instead"
)
_WHENEVER: Final = re.compile(
    r"(?:when|whenever|if|once|as soon as|after|while)\s[^,.;:]{3,90},\s(?:then |just |please )?"
    r"(?=[\w`])",
    re.IGNORECASE,
)
_STUDIES: Final = re.compile(
    r"\W*(?:please )?(?:compare|explain|summari[sz]e|investigate|look into|find out|figure out|"
    r"estimate|describe|research|analy[sz]e|evaluate)\b",
    re.IGNORECASE,
)
_THEN_ASKS: Final = re.compile(
    rf",\s(?:so |then |and |please |just |simply )*(?=(?:{_ASKED})\b)", re.IGNORECASE
)
_WISH: Final = re.compile(
    r"\b(?:should|shall|must|want|wants|wish|let|let's|please|needs?|could|can we|would|so that|"
    rf"going to|plan|i'd|we'll|i'll)\b|^\W*(?:and |then |so )?(?:{_ASKED})\b|"
    rf",\s(?:so |then |and |just |simply )*(?:{_ASKED})\b",
    re.IGNORECASE,
)
_BREAKS: Final = re.compile(
    r"^(?:(?!\s(?:when|if|because|after|once|until|whenever|that|which)\s)[^,]){2,80}?\s"
    r"(?:fails|crashes|panics|hangs|drops|loses|breaks|stops|throws|leaks|"
    r"freezes|times out|"
    r"stopped|crashed|hung|broke|lost|doesn't|does not|didn't|isn't|is (?:broken|wrong|flaky)|"
    r"are (?:broken|wrong|flaky))\b",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"^[^,]{2,40}?\s(?:says|said|complains|claims)\b", re.IGNORECASE)
_STILL: Final = re.compile(r"^[^,;:]{2,60}?\sstill\s(?:[a-z]{2,}s|is|are)\b", re.IGNORECASE)
_STATE: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|still|turns? out|lives?|sits?|comes?|uses?)\b", re.I
)
_GIVES_UP: Final = re.compile(
    r"\W*(?:please |so |then |let's |just |can you )*(?:replace|rewrite|move|migrate|port|remove|"
    r"drop|delete|swap|convert|get rid of|take|rip|throw)\s(?:it|this|that|them|those|these|both)"
    r"\b",
    re.IGNORECASE,
)
