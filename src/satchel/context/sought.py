"""What a question wants to be told, and how a line looks that tells it. Pure.

Who asks for a number is answered by a line with a digit, who asks what an error says by one with a
sentence in quotes: as question answering has done since TREC-8 (Li and Roth 2002, "Learning
Question Classifiers"), the words of the question say which. They need not stand in the answer,
where the trade has its own for them ("at most" is `max`, "how long" `timeout`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

QUESTION: Final = 400  # characters: what is longer is no question, and asks for many things
SHAPE: Final = 0.6  # what a line that looks like the answer counts more
WORDS: Final = 0.15  # of the rarity of the whole request, for a word of the trade beside it
NEAR: Final = 2  # lines over which such a word fades

_NUMBER: Final = r"\d"
_VERSION: Final = r"\d\.\d|\d{4}-\d\d"
_SENTENCE: Final = r"[\"'`][^\"'`\n]{0,80}[A-Za-z]{2} [a-z]"
_CAPITALS: Final = r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{1,40}_[A-Z0-9]"
_SWITCH: Final = r"(?<![\w-])--?[a-z]|`[^`\n]{2}|^\s{0,12}\$ "
_DEFINES: Final = (
    r"\b(?:def|func|fn|fun|function|class|struct|enum|trait|interface|type|void|static|public)\b"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What asks for it, how a line looks that has it, and the trade's words beside it."""

    asks: re.Pattern[str]
    looks: re.Pattern[str]
    words: re.Pattern[str]


def _form(asks: str, looks: str, words: str) -> Form:
    return Form(re.compile(rf"\b(?:{asks})\b", re.IGNORECASE), re.compile(looks), _spelled(words))


def _spelled(words: str) -> re.Pattern[str]:
    """Match words by themselves and as a part of an identifier: `max`, `max_size`, `isMax`."""
    some = words.split()
    plain, proper, loud = (
        "|".join(map(re.escape, spelled))
        for spelled in (some, [w.capitalize() for w in some], [w.upper() for w in some])
    )
    return re.compile(
        rf"(?<![A-Za-z])(?:{plain})(?![a-z])|(?:{proper})(?![a-z])|(?<![A-Z])(?:{loud})(?![A-Za-z])"
    )


FORMS: Final = (
    _form(
        r"at most|most|maximum|maximal|largest|longest|highest|biggest|greatest|limits?|limited"
        r"|upper|more than|too (?:many|much|long|large|deep|big|often)"
        r"|how (?:many|much|large|long|deep|big|high|far)",
        _NUMBER,
        "max maximum maximal limit limits limited most exceed exceeds exceeded than",
    ),
    _form(
        r"at least|least|minimum|minimal|oldest|earliest|lowest|smallest|fewest|shortest"
        r"|requires?|required|needs?|needed|supports?|supported",
        _NUMBER,
        "min minimum minimal least require requires required since",
    ),
    _form(
        r"how (?:long|slow|fast|often|soon)|(?:milli)?seconds?|minutes?|hours?|days?|waits?|waiting"
        r"|idle|time-?outs?|delay(?:ed|s)?|expires?",
        _NUMBER,
        "timeout delay ms sec secs seconds second millis milliseconds minute minutes hour hours"
        " day days interval duration period age ttl expires expire expiry",
    ),
    _form(
        r"how deep|nest(?:s|ed|ing)?|recurs\w{1,6}",
        _NUMBER,
        "depth deep nested nesting level levels recursion recursive",
    ),
    _form(
        r"how (?:large|big|small|wide|long|much)|sizes?|bytes|characters|buffers?|pieces?",
        _NUMBER,
        "size sizes length len capacity bytes width chunk buffer buf",
    ),
    _form(
        r"how (?:many|often|much)|numbers?|counts?|percent(?:age)?|ports?|times",
        _NUMBER,
        "num number count counts total port times retries attempts tries",
    ),
    _form(
        r"versions?|releases?|oldest|newest|latest|since when|until when|until which|upgrad\w{1,4}",
        _VERSION,
        "version versions require requires required since release rev",
    ),
    _form(
        r"defaults?|out of the box|unless|by itself|(?:say|set|give|configure|do) nothing|not set",
        r"[\d=:]",
        "default defaults",
    ),
    _form(
        r"errors?|exceptions?|thrown?|throws|raised?|raises|fails?|failed|refused?|rejected|rejects"
        r"|complains?|complaint|allowed|forbidden|invalid|wrong|illegal|enforced",
        _SENTENCE,
        "throw throws raise error errors err exception panic fail failed assert abort fatal bail",
    ),
    _form(
        r"logs?|logged|warns?|warned|warning|prints?|printed|shows?|shown|displayed|says?|said|told"
        r"|messages?|sees?|hints?",
        _SENTENCE,
        "log logger warn warning print println printf echo puts write info error message msg",
    ),
    _form(
        r"constants?|macros?|defines?|variables?|environment",
        _CAPITALS,
        "const define static final env environ getenv environment",
    ),
    _form(
        r"flags?|switch|switches|commands?|scripts?|tasks?|how (?:do|can|would) (?:i|we|you)",
        _SWITCH,
        "run option options flag flags command",
    ),
    _form(
        r"(?:which|what) (?:\w{1,20} )?(?:function|method|class|helper|type|struct|interface)",
        _DEFINES,
        "def func function class",
    ),
)


def forms_of(request: str) -> tuple[Form, ...]:
    """Return the forms that a question asks for; none, where a request is too long for one."""
    if len(request) > QUESTION:
        return ()
    return tuple(form for form in FORMS if form.asks.search(request))


def weighed(
    lines: Sequence[str], scores: Sequence[float], forms: Sequence[Form], whole: float
) -> list[float]:
    """Raise the scores of those lines that look like an answer, of those that a term of the request
    is near. `whole` is what a line with the whole request would have."""
    if not forms:
        return list(scores)
    beside = [_beside(lines, scores, form) for form in forms]
    raised = []
    for at, (line, score) in enumerate(zip(lines, scores, strict=True)):
        looks = [n for n, form in enumerate(forms) if score > 0 and form.looks.search(line)]
        more = max((beside[n][at] for n in looks), default=0.0)
        raised.append(score * (1 + SHAPE * bool(looks)) + WORDS * whole * more)
    return raised


def _beside(lines: Sequence[str], scores: Sequence[float], form: Form) -> list[float]:
    """Tell (0 to 1) how near each line a word of the trade stands."""
    heard = [0.0] * len(lines)
    for at, line in enumerate(lines):
        if scores[at] > 0 and form.words.search(line):
            for other in range(max(0, at - NEAR), min(len(lines), at + NEAR + 1)):
                heard[other] = max(heard[other], 1 - abs(other - at) / (NEAR + 1))
    return heard
