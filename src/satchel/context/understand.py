"""What a request spells out: its title, its words with their weight, the names, paths and
traceback frames in it. Pure: it knows nothing of the workspace."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from satchel.context.terms import STOPWORDS, WORD, looks_like_code, parts

TITLE_WEIGHT = 2.0  # a word of the title counts this much more than one of the body
READ_CHARACTERS = 100_000  # of a longer request, the first two thirds and the last third of these
LONGEST_RUN = 300  # characters without a space: longer is base64, minified code, a blob
MOST_NAMES = 60
MOST_FRAMES = 40
LONGEST_OVERVIEW = 120  # characters; a longer request says more than that

# No pattern here may walk over line ends or without bound: each start would walk anew.
_NOISE = re.compile(
    r"^[ \t]*#{1,6}[ \t]*(?:description|steps to reproduce|expected(?: behaviou?r| results?)?"
    r"|actual(?: behaviou?r| results?)?|environment|versions?|system info\w*|checklist"
    r"|additional context|what happened|minimal (?:complete )?\S* ?example)[ \t]*:?[ \t]*$"
    r"|https?://\S+",
    re.IGNORECASE | re.MULTILINE,
)
_CODE_SPAN = re.compile(r"`([^`\n]{1,120})`")
_CALL = re.compile(r"\b([A-Za-z_]\w*(?:\.\w+)*)\s?\(\)?")
_DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w*)+\b")
_PATH = re.compile(
    r"(?<![\w/.])(?:[\w.@-]+/)*[\w.@-]+\.[A-Za-z][A-Za-z0-9]{0,7}\b|(?:[\w.@-]+/){2,}[\w.@-]+"
)
_FRAMES = re.compile(
    r'File "(?P<python>[^"\n]+)", line \d+(?:, in (?P<function>\w+))?'
    r"|at (?:[\w.<>$\[\] ]{1,200}\()?(?:file://)?(?P<javascript>[\w./@\\-]+\.[cm]?[jt]sx?):\d+"
    r"|^[ \t]+(?P<go>[\w./@-]+\.go):\d+"
    r"|at (?P<java>[\w.$]+)\([\w$]+\.(?:java|kt|scala):\d+\)"
    r"|(?:at |--> )(?P<rust>[\w./-]+\.rs):\d+",
    re.MULTILINE,
)


_FENCES = ("```", "~~~", "{{{", "}}}")
_PROMPTS = (">>>", "$ ", "In [", "Out[", 'File "', "Traceback (", "at ")
_SIGNS = "(){}[]=<>;_:\"'`/\\|*&+#@$"
FEWEST_SIGNS = 3
DENSE = 0.12  # signs to characters, from which a line is code
_RUN = re.compile(rf"\S{{{LONGEST_RUN},}}")
# Asked of the workspace as a whole, it names nothing in it.
_OVERVIEW = re.compile(
    r"\b(?:what|explain|describe|summari[sz]e|overview|introduce|tell me about|purpose|how is)\b"
    r"[^.?!]{0,60}\b(?:this|the|our|my) (?:\w+ )?(?:repo|repository|project|codebase|code base"
    r"|package|library|workspace|application|app)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A request, understood.

    `words` maps each lower-case term to its weight; `title` holds the terms of the first line,
    `prose` those of the sentences, `code` those of what is written as code.
    `names` are identifiers that the request spells as code, in order of appearance, with their
    qualifier where it has one ("Session.save"); `plain` are its other content words, as spelled.
    `frames` are files of a stack trace, innermost first. `overview` tells that it asks about the
    workspace as a whole.
    """

    text: str
    title: tuple[str, ...]
    words: dict[str, float]
    names: tuple[str, ...]
    plain: tuple[str, ...]
    paths: tuple[str, ...]
    frames: tuple[str, ...]
    overview: bool = False
    prose: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()


def understand(text: str) -> Query:
    """Read a request of any length in bounded time."""
    kept = text
    if len(text) > READ_CHARACTERS:
        kept = text[: READ_CHARACTERS * 2 // 3] + "\n" + text[-READ_CHARACTERS // 3 :]
    kept = _RUN.sub(" ", kept)
    stripped = _NOISE.sub(" ", _without_comments(kept))
    first_line = next((line for line in stripped.splitlines() if line.strip()), "")
    # A request of one paragraph is all title.
    title_text = stripped if len(stripped.split()) <= 30 else first_line[:300]
    title = tuple(dict.fromkeys(_content(title_text)))
    counts = Counter(_content(stripped))
    words = {
        word: (TITLE_WEIGHT if word in set(title) else 0.0) + math.sqrt(min(count, 3))
        for word, count in counts.items()
    }
    prose, code = _parted(stripped)
    frames = list(_frames(kept))
    names = tuple(dict.fromkeys(_names(stripped)))[:MOST_NAMES]
    spelled = {name.lower() for name in names}
    plain = tuple(
        dict.fromkeys(
            word
            for word in WORD.findall(title_text)
            if word.lower() not in STOPWORDS and word.lower() not in spelled and len(word) > 2
        )
    )
    return Query(
        text=text,
        title=title,
        words=words,
        names=names,
        plain=plain[:MOST_NAMES],
        paths=tuple(dict.fromkeys(_PATH.findall(stripped)))[:MOST_NAMES],
        frames=tuple(dict.fromkeys(reversed(frames)))[:MOST_FRAMES],
        overview=len(text) <= LONGEST_OVERVIEW and _OVERVIEW.search(text) is not None,
        prose=frozenset(_content(prose)),
        code=frozenset(_content(code)),
    )


def _parted(text: str) -> tuple[str, str]:
    """Part a request into its sentences and what is written as code: fenced, in backticks, in a
    shell or a stack trace, or by the signs in a line."""
    prose, code = [], []
    fenced = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(_FENCES):
            fenced = not fenced
        elif fenced or _is_code(bare):
            code.append(bare)
        else:
            code += _CODE_SPAN.findall(bare)
            prose.append(_CODE_SPAN.sub(" ", bare))
    return "\n".join(prose), "\n".join(code)


def _is_code(line: str) -> bool:
    signs = sum(line.count(sign) for sign in _SIGNS)
    return line.startswith(_PROMPTS) or (signs >= FEWEST_SIGNS and signs >= DENSE * len(line))


def _without_comments(text: str) -> str:
    """Leave out the HTML comments of issue templates; one that never ends stays."""
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("-->")
    return " ".join([*kept, text[at:]])


def _content(text: str) -> Iterator[str]:
    for word in WORD.findall(text):
        if word.lower() not in STOPWORDS:
            for part in parts(word):
                if part not in STOPWORDS and (len(part) > 1 or not part.isascii()):
                    yield part


def _names(text: str) -> Iterator[str]:
    """Yield what is written as code: in backticks, called, dotted, or shaped like an identifier."""
    for span in _CODE_SPAN.findall(text):
        if len(span.split()) <= 3:
            yield from _identifiers(span)
    yield from _CALL.findall(text)
    for dotted in _DOTTED.findall(text):
        yield dotted.replace("::", ".").replace("#", ".")
    for word in WORD.findall(text):
        if looks_like_code(word):
            yield word


def _identifiers(span: str) -> Iterator[str]:
    for found in re.findall(r"[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*", span):
        if found.lower() not in STOPWORDS and len(found) > 1:
            yield found.replace("::", ".")


def _frames(text: str) -> Iterator[str]:
    for match in _FRAMES.finditer(text):
        if match["java"]:
            yield match["java"].rpartition(".")[0].split("$")[0].replace(".", "/")
        else:
            yield next(m for m in match.group("python", "javascript", "go", "rust") if m)
