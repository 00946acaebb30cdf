"""What a request spells out: its title, its words with their weight, the names, paths and
traceback frames in it. Pure: it knows nothing of the workspace."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from satchel.context.templates import is_fence, without_comments, without_template
from satchel.context.terms import IDEOGRAPH, STOPWORDS, looks_like_code, parts, words_of
from satchel.context.traces import frames, lines, messages, without_frames

TITLE_WEIGHT = 2.0  # a word of the title counts this much more than one of the body
READ_CHARACTERS = 100_000  # of a longer request, the first two thirds and the last third of these
LONGEST_LINE = 1_000
LONGEST_RUN = 300  # characters without a space: longer is base64, minified code, a blob
MOST_NAMES = 60
MOST_FRAMES = 40
SHORT = 30  # words: a request of one paragraph, which is all title
LONGEST_OVERVIEW = 120  # characters; a longer request says more than that

MOST_WORDS = 3_000  # different ones, those that come first: what bounds the look-ups
MOST_MESSAGES = 8
MOST_FOLDERS = 4  # each is looked for among all files

# No pattern here may walk over line ends or without bound: each start would walk anew.
_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]{1,120})\1(?!`)")
_CALL = re.compile(r"\b([A-Za-z_]\w*(?:\.\w+)*)\(\)?")
_DOTTED = re.compile(r"\b[A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w*)+\b")
_PATH = re.compile(
    r"(?<![\w/.\\~])(?:~?[/\\]|[A-Za-z]:[/\\])?"
    r"(?:(?:[\w.@+-]+[/\\])*[\w.@+-]+\.[A-Za-z][A-Za-z0-9]{0,7}\b"
    r"|(?:[\w.@+-]+/){2,}[\w.@+-]+)"
)
_FOLDER = re.compile(r"(?<![\w/.\\~:-])(?:\./)?((?:[\w.@+-]{1,80}/){1,12}[\w.@+-]{0,80})")
# What only a file's name ends in: "views.py" is no member of "views".
_SUFFIXES = frozenset(
    (
        *("py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "go", "rs", "java", "kt", "scala"),
        *("rb", "php", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "cs", "swift", "vue", "svelte"),
        *("md", "rst", "txt", "yml", "yaml", "toml", "ini", "cfg", "html", "css", "scss"),
    )
)
_LINK = re.compile(r"https?://[^\s()\[\]<>\"'`\u0080-\U0010ffff]+")
_SHOWN = frozenset({"blob", "blame", "tree", "raw", "edit"})  # before a revision and a path
# Between two scripts, of which one is written without spaces: there a name begins or ends.
_SEAM = re.compile(rf"(?<=[{IDEOGRAPH}])(?=[A-Za-z_])|(?<=\w)(?<![{IDEOGRAPH}])(?=[{IDEOGRAPH}])")
_WORD_RUN = re.compile(r"\S+")
_CAPITAL = re.compile(r"(?<=[a-z\d,;)\"'`] )[A-Z][a-z]\w*")  # within a sentence
_QUOTED = re.compile(
    r"(?<![\w\"'])(?:\"([^\"\n]{8,200})\"|'([^'\n]{8,200})'|\u201c([^\u201d\n]{8,200})\u201d)(?!\w)"
)
FEWEST_QUOTED = 3  # words of a quotation that may be a message

_PROMPTS = (">>>", "$ ", "In [", "Out[", 'File "', "Traceback (", "at ")
_SIGNS = "(){}[]=<>;_:\"'`/\\|*&+#@$"
FEWEST_SIGNS = 3
DENSE = 0.12  # signs to characters, from which a line is code
# What something is to be called is nowhere yet: the words of the new name lead elsewhere.
_RENAMED = re.compile(
    r"\b(renam(?:e|es|ed|ing) (?:\S{1,120} ){1,5}?)(?:to|into|as|->|=>|\u2192) \S{1,120}",
    re.IGNORECASE,
)
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
    `paths` are files that it names; `folders` what may name a folder; `frames` the files of a stack
    trace, innermost first; `lines` are pairs of a path and a line, outside of those. `messages` are
    what errors say, and other quotations of some words.
    `overview` tells that it asks about the workspace as a whole. `proper` are the title's words
    that stand with a capital letter within a sentence, as classes do.
    """

    text: str
    title: tuple[str, ...]
    words: dict[str, float]
    names: tuple[str, ...]
    plain: tuple[str, ...]
    paths: tuple[str, ...]
    frames: tuple[str, ...]
    overview: bool = False
    lines: tuple[tuple[str, int], ...] = ()
    prose: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    messages: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    proper: frozenset[str] = frozenset()

    @property
    def written(self) -> dict[str, str]:
        """Names and words of the title by their lower case. A capital at the beginning of a
        sentence is none of the word's."""
        words = (*self.plain, *self.names)
        return {w.lower(): w for w in words if w in self.proper or w[1:] != w[1:].lower()}


def understand(text: str) -> Query:
    """Read a request of any length in bounded time."""
    kept = _WORD_RUN.sub(_parted_run, without_comments(_ends(text)))
    kept = _RENAMED.sub(r"\1", kept)
    stripped = _LINK.sub(_shown_path, without_template(kept))
    first_line = next((line for line in stripped.splitlines() if line.strip()), "")
    title_text = stripped if len(stripped.split()) <= SHORT else first_line[:300]
    title = tuple(dict.fromkeys(_content(title_text)))
    counts = Counter(_content(stripped))
    words = {
        word: (TITLE_WEIGHT if word in set(title) else 0.0) + math.sqrt(min(count, 3))
        for word, count in islice(counts.items(), MOST_WORDS)
    }
    prose, code = _parted(stripped)
    unseamed = _SEAM.sub(" ", stripped)
    paths = dict.fromkeys(
        path for form in (stripped, unseamed) for path in _PATH.findall(without_frames(form))
    )
    names = tuple(dict.fromkeys(_names(unseamed)))[:MOST_NAMES]
    spelled = {name.lower() for name in names}
    plain = tuple(
        dict.fromkeys(
            word
            for word in words_of(title_text)
            if word.lower() not in STOPWORDS and word.lower() not in spelled and len(word) > 2
        )
    )
    return Query(
        text=_RENAMED.sub(r"\1", text),
        title=title,
        words=words,
        names=names,
        plain=plain[:MOST_NAMES],
        paths=tuple(sorted(paths, key=lambda path: "/" not in path))[:MOST_NAMES],
        frames=frames(kept)[:MOST_FRAMES],
        overview=len(text) <= LONGEST_OVERVIEW and _OVERVIEW.search(text) is not None,
        lines=tuple(islice(dict.fromkeys(lines(kept)), MOST_FRAMES)),
        prose=frozenset(_content(prose)),
        code=frozenset(_content(code)),
        messages=tuple(dict.fromkeys(chain(messages(kept), _quotations(prose))))[:MOST_MESSAGES],
        folders=tuple(dict.fromkeys(_FOLDER.findall(stripped)))[:MOST_FOLDERS],
        proper=frozenset(_CAPITAL.findall(title_text)),
    )


def without_printed(text: str) -> str:
    """Leave out what a program printed: the places of a stack trace, and what errors say."""
    rest = without_frames(text)
    for said in messages(text):
        rest = rest.replace(said, " ")
    return rest


def _parted(text: str) -> tuple[str, str]:
    """Part a request into its sentences and what is written as code: fenced, in backticks, in a
    shell or a stack trace, or by the signs in a line."""
    prose, code = [], []
    fenced = False
    for line in text.splitlines():
        bare = line.strip()
        if is_fence(bare):
            fenced = not fenced
        elif fenced or _is_code(bare):
            code.append(bare)
        else:
            code += [span for _, span in _CODE_SPAN.findall(bare)]
            prose.append(_CODE_SPAN.sub(" ", bare))
    return "\n".join(prose), "\n".join(code)


def _is_code(line: str) -> bool:
    signs = sum(line.count(sign) for sign in _SIGNS)
    return line.startswith(_PROMPTS) or (signs >= FEWEST_SIGNS and signs >= DENSE * len(line))


def _ends(text: str) -> str:
    """Return a text, or of a long one how it begins and ends: whole lines, where they are short."""
    if len(text) <= READ_CHARACTERS:
        return text
    head, tail = text[: READ_CHARACTERS * 2 // 3], text[-READ_CHARACTERS // 3 :]
    ends = head.rfind("\n", len(head) - LONGEST_LINE)
    begins = tail.find("\n", 0, LONGEST_LINE)
    return f"{head[:ends] if ends > 0 else head}\n{tail[begins + 1 :]}"


def _parted_run(match: re.Match[str]) -> str:
    """Leave out what is too long to be written by hand; of scripts without spaces, part it."""
    run = match[0]
    if len(run) < LONGEST_RUN:
        return run
    if run.isascii():
        return " "
    return " ".join(run[at : at + LONGEST_RUN - 1] for at in range(0, len(run), LONGEST_RUN - 1))


def _shown_path(match: re.Match[str]) -> str:
    """Return, of a link, the path of the file that it shows in a repository, if it does."""
    parts = match[0].partition("#")[0].partition("?")[0].split("/")
    at = next((at for at, part in enumerate(parts) if at > 4 and part in _SHOWN), None)
    return f" {'/'.join(parts[at + 2 :])} " if at else " "


def _quotations(prose: str) -> Iterator[str]:
    """Yield what is quoted in sentences and may be a message: some words, no code."""
    for groups in _QUOTED.findall(prose):
        said = "".join(groups).strip()
        if len(said.split()) >= FEWEST_QUOTED:
            yield said


def _content(text: str) -> Iterator[str]:
    for word in words_of(text):
        if word.lower() not in STOPWORDS:
            for part in parts(word):
                if part not in STOPWORDS and (len(part) > 1 or not part.isascii()):
                    yield part


def _names(text: str) -> Iterator[str]:
    """Yield what is written as code: in backticks, called, dotted, or shaped like an identifier."""
    for _, span in _CODE_SPAN.findall(text):
        if len(span.split()) <= 3:
            yield from _identifiers(span)
    yield from _CALL.findall(text)
    for dotted in _DOTTED.findall(text):
        if dotted.rpartition(".")[2].lower() not in _SUFFIXES:
            yield dotted.replace("::", ".").replace("#", ".")
    for word in words_of(text):
        if looks_like_code(word):
            yield word


def _identifiers(span: str) -> Iterator[str]:
    for found in re.findall(r"[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*", span):
        if found.lower() not in STOPWORDS and len(found) > 1:
            yield found.replace("::", ".")
