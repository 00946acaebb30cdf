"""Text for people: one passage a section, cut at headings; what it says of code, as references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

from satchel.context.ingest.blocks import passages_in
from satchel.context.ingest.languages import MARKDOWN, RST
from satchel.context.types import Passage, PassageKind, Reference

SEPARATOR = " > "
_SPELLED = 80  # characters of a heading that are kept
_MARKED = 1_000  # … with its markup, which takes the square of its length to see through

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(?:.*\n)*?\1[ \t]*(?:\n|\Z)")
_INLINE_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*]+|<[^>]+>|:[\w:+.-]+:`|\\(?=\W)")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_ADOC_HEADING = re.compile(r"(={1,6}|\*{1,6})\s+(\S.*)$")

# What a text spells of code: `name`, ``name``, pkg.module.Name, dir/file.py, name(), CamelCase.
_QUOTED = re.compile(r"`{1,2}([^`\n]{2,120})`{1,2}")
_DOTTED = re.compile(r"(?<![\w./-])[A-Za-z_]\w+(?:\.[A-Za-z_]\w+)+(?![\w/])")
_PATH = re.compile(r"(?<![\w./:-])[\w.-]+(?:/[\w.-]+)+\.\w{1,8}\b")
_CALLED = re.compile(r"\b([A-Za-z_]\w{2,})\(\)")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*")
_ROLE_TARGET = re.compile(r"<([^<>]+)>\s*$")
_NOT_NAMES = frozenset({"e.g", "i.e", "etc"})


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading's text, its depth (1 is a title), and the line that its section begins with."""

    line: int
    depth: int
    text: str


def parse_prose(path: str, text: str) -> tuple[tuple[Passage, ...], tuple[Reference, ...]]:
    """Cut prose into its sections, and collect the names of code that each one spells.

    `path` says how headings are written. A passage's symbol is its heading path
    ("Usage > Sessions"); a section of more than about 60 lines is cut between paragraphs.
    """
    lines = text.split("\n")
    suffix = "." + path.rpartition("/")[2].rpartition(".")[2].lower()
    body = 0
    if suffix in MARKDOWN:
        found = _FRONT_MATTER.match(text)
        body = text.count("\n", 0, found.end()) if found else 0
        headings = _markdown(lines, body)
    elif suffix in (".adoc", ".asciidoc", ".org"):
        headings = _prefixed(lines)
    else:
        headings = _underlined(lines)
        if suffix not in RST and len(headings) < 2:
            headings = []
    passages = tuple(_sections(lines, headings, body))
    return passages, _references(passages)


def _sections(lines: Sequence[str], headings: list[_Heading], body: int) -> Iterator[Passage]:
    """Make the passages before, and under, each heading."""
    end = headings[0].line - 1 if headings else len(lines)
    plain = PassageKind.SECTION if headings else PassageKind.BLOCK
    if body:
        yield from passages_in(lines, 1, body, PassageKind.BLOCK, "front matter", "front matter")
    yield from passages_in(lines, body + 1, end, plain)
    path: list[_Heading] = []
    for place, heading in enumerate(headings):
        while path and path[-1].depth >= heading.depth:
            path.pop()
        path.append(heading)
        end = headings[place + 1].line - 1 if place + 1 < len(headings) else len(lines)
        symbol = SEPARATOR.join(one.text for one in path)
        yield from passages_in(lines, heading.line, end, PassageKind.SECTION, symbol, heading.text)


@cache
def _block_parser() -> MarkdownIt:
    """Read block structure alone: CommonMark without the inline pass."""
    return MarkdownIt("commonmark", {"maxNesting": 12}).disable(["inline"], ignoreInvalid=True)


def _markdown(lines: Sequence[str], skip: int) -> list[_Heading]:
    """Find Markdown's headings, those in fences and lists' code left out."""
    headings = []
    tokens = _block_parser().parse("\n".join(lines[skip:]))
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            headings.append(
                _Heading(
                    token.map[0] + skip + 1, int(token.tag[1]), _plain(tokens[place + 1].content)
                )
            )
    return headings


def _underlined(lines: Sequence[str]) -> list[_Heading]:
    """Find reStructuredText's headings: a line under (and perhaps over) the text.

    As in docutils, the depth of a style is the order in which styles first appear.
    """
    headings: list[_Heading] = []
    styles: list[str] = []
    place = 0
    while place < len(lines) - 1:
        line, below = lines[place], lines[place + 1]
        text = line.strip()
        over = _ADORNMENT.match(line) is not None
        if over and place + 2 < len(lines) and lines[place + 2].rstrip() == line.rstrip():
            title, style, first, used = below.strip(), line[0] * 2, place, 3
        elif text and not over and line[:1] != " " and _ADORNMENT.match(below):
            title, style, first, used = text, below[0], place, 2
            if len(below.rstrip()) < len(line.rstrip()) - 1 or (place and lines[place - 1].strip()):
                title = ""
        else:
            title, style, first, used = "", "", place, 1
        if title and not _ADORNMENT.match(title):
            if style not in styles:
                styles.append(style)
            headings.append(_Heading(first + 1, styles.index(style) + 1, _plain(title)))
            place += used
        else:
            place += 1
    return headings


def _prefixed(lines: Sequence[str]) -> list[_Heading]:
    """Find AsciiDoc's and Org's headings: as many signs before the text as it is deep."""
    found = ((number, _ADOC_HEADING.match(line)) for number, line in enumerate(lines, start=1))
    return [_Heading(number, len(match[1]), _plain(match[2])) for number, match in found if match]


def _plain(heading: str) -> str:
    """Take the markup out of a heading."""
    text = " ".join(_INLINE_MARKUP.sub(lambda found: found[1] or "", heading[:_MARKED]).split())
    return text.strip("# ").replace(SEPARATOR, " / ")[:_SPELLED]


def _references(passages: Sequence[Passage]) -> tuple[Reference, ...]:
    """Collect the names, dotted names and paths that each passage spells, counted."""
    counts: dict[tuple[int, str], int] = {}
    for index, passage in enumerate(passages):
        for name in _spelled(passage.text):
            key = (index, name)
            counts[key] = counts.get(key, 0) + 1
    return tuple(Reference(name, passage, count) for (passage, name), count in counts.items())


def _spelled(text: str) -> Iterator[str]:
    for quoted in _QUOTED.findall(text):
        target = _ROLE_TARGET.search(quoted)
        spelled = (target[1] if target else quoted).strip().lstrip("~!.").removesuffix("()")
        if _NAME.fullmatch(spelled) or _PATH.fullmatch(spelled):
            yield spelled
    plain = _QUOTED.sub(" ", text)
    for pattern in (_DOTTED, _PATH, _CALLED):
        for name in pattern.findall(plain):
            if name.lower() not in _NOT_NAMES:
                yield name
