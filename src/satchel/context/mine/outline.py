"""A document as its blocks, in order: what stands under which headings, and after which lead-in.

Markdown is read by the CommonMark rules, reStructuredText by its indentation. Texts are plain:
links are reduced to their text, emphasis to its words; code spans keep their backticks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST: Final = 300_000  # characters of a document
MOST_BLOCK: Final = 3_000  # characters of a block
_TITLE_WORDS: Final = 8  # of a line that heads the list below it
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>&!~]")
_CHECKBOX: Final = re.compile(r"\[[ xX]\]\s+")
_FENCE: Final = re.compile(r"(?P<indent> {0,12})(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CODE = "code"
    TABLE = "table"
    MARKUP = "markup"  # HTML, comments, directives


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `line` is 1-based; `headings` are those above it, outermost first.

    `lead` are the texts that it depends on: the paragraph that heads its list, the items around
    it. `depth` is a heading's level or an item's (1 is outermost); `leads` tells that a list
    follows within or after it.
    """

    kind: BlockKind
    text: str
    line: int
    headings: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    depth: int = 0
    is_ordered: bool = False
    leads: bool = False
    language: str = ""


def outline(path: str, text: str, skip: int = 0) -> tuple[Block, ...]:
    """Read a document's blocks after its first `skip` lines. `path` says how it is marked up."""
    lines = text[:MOST].split("\n")[skip:]
    if path.lower().endswith((".rst", ".rest", ".txt")) and not _is_markdown(lines):
        from satchel.context.mine.restructured import restructured

        return restructured(lines, skip)
    return _Reading(skip).read("\n".join(_fenced(lines)))


def _is_markdown(lines: Sequence[str]) -> bool:
    return any(line.startswith(("# ", "## ", "```")) for line in lines[:200])


def _fenced(lines: Sequence[str]) -> list[str]:
    """Push in what stands less deep than the fence around it.

    People write a diff within a bullet at the margin; CommonMark ends bullet and fence there, and
    takes the closing fence for an opening one.
    """
    whole = list(lines)
    opened: tuple[int, re.Match[str]] | None = None
    for at, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = at, fence
        elif fence["mark"].startswith(opened[1]["mark"]) and not fence["info"].strip():
            first, indent = opened[0] + 1, opened[1]["indent"]
            for inner in range(first, at if indent else first):
                if not lines[inner].startswith(indent):
                    whole[inner] = indent + lines[inner].lstrip(" ")
            opened = None
    return whole


@cache
def _blocks_of() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": 12}).enable("table").disable("inline")


@cache
def _inline() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": 6})


def plain(text: str, references: dict[str, Any] | None = None) -> str:
    """Take the markup out of a line or paragraph of Markdown, code spans left as they are."""
    text = text[:MOST_BLOCK]
    if not _MARKUP.search(text):
        return " ".join(text.split())
    environment = {"references": references} if references else {}
    parts: list[str] = []
    for token in _inline().parseInline(text, environment):
        _spell(token.children or (), parts)
    return " ".join("".join(parts).split())


def _spell(tokens: Sequence[Token], parts: list[str]) -> None:
    for token in tokens:
        if token.type == "code_inline":
            parts.append(f"`{token.content}`")
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type in ("text", "image"):
            parts.append(token.content)


@dataclass(slots=True)
class _Reading:
    """One walk over the tokens of a document."""

    skip: int
    blocks: list[Block] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    lists: list[tuple[bool, str]] = field(default_factory=list)  # ordered, what leads in
    items: list[int | None] = field(default_factory=list)  # the block of each open item
    last: int | None = None  # the paragraph right before

    def read(self, text: str) -> tuple[Block, ...]:
        environment: dict[str, Any] = {}
        tokens = _blocks_of().parse(text, environment)
        references = environment.get("references")
        for at, token in enumerate(tokens):
            line = token.map[0] + self.skip + 1 if token.map else 0
            match token.type:
                case "heading_open":
                    self._head(plain(tokens[at + 1].content, references), token, line)
                case "paragraph_open":
                    self._paragraph(plain(tokens[at + 1].content, references), line)
                case "bullet_list_open" | "ordered_list_open":
                    self.lists.append((token.type[0] == "o", self._leading()))
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    self.last = None
                case "list_item_open":
                    self.items.append(None)
                    self.last = None
                case "list_item_close":
                    self.items.pop()
                case "fence" | "code_block":
                    self._add(BlockKind.CODE, token.content[:MOST_BLOCK], line)
                    language = (token.info.split() or [""])[0]
                    self.blocks[-1] = replace(self.blocks[-1], language=language)
                case "html_block":
                    self._markup(token.content, line)
                case "table_open":
                    self._add(BlockKind.TABLE, "", line)
                case _:
                    pass
        return tuple(self.blocks)

    def _add(self, kind: BlockKind, text: str, line: int, depth: int = 0) -> None:
        headings = tuple(text for _, text in self.headings)
        ordered = bool(self.lists) and self.lists[-1][0]
        self.blocks.append(Block(kind, text, line, headings, self._lead(), depth, ordered))
        self.last = None

    def _lead(self) -> tuple[str, ...]:
        """What the block at hand depends on: for each list around it its lead-in and its item."""
        lead: list[str] = []
        for at, (_, before) in enumerate(self.lists):
            if before:
                lead.append(before)
            item = self.items[at] if at < len(self.items) - 1 else None
            if item is not None and self.blocks[item].text not in lead:
                lead.append(self.blocks[item].text)
        return tuple(lead)

    def _head(self, text: str, token: Token, line: int) -> None:
        level = int(token.tag[1])
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self._add(BlockKind.HEADING, text, line, level)
        self.headings.append((level, text))

    def _paragraph(self, text: str, line: int) -> None:
        if self.lists and self.items and self.items[-1] is not None:
            first = self.blocks[self.items[-1]]  # an item's second paragraph belongs to it
            joined = f"{first.text} {text}"[:MOST_BLOCK]
            self.blocks[self.items[-1]] = replace(first, text=joined)
            return
        if self.lists and self.items:
            box = _CHECKBOX.match(text)
            self._add(BlockKind.ITEM, text[box.end() :] if box else text, line, len(self.lists))
            self.items[-1] = len(self.blocks) - 1
        else:
            self._add(BlockKind.PARAGRAPH, text, line)
        self.last = len(self.blocks) - 1

    def _leading(self) -> str:
        """Return what the list that opens now hangs on, and mark it."""
        if self.last is None:
            if self.lists and self.items and (item := self.items[-1]) is not None:
                self.blocks[item] = replace(self.blocks[item], leads=True)
            return ""
        before = self.blocks[self.last]
        self.blocks[self.last] = replace(before, leads=True)
        self.last = None
        return before.text if before.kind is BlockKind.PARAGRAPH and heads(before.text) else ""

    def _markup(self, content: str, line: int) -> None:
        """Read what stands between tags as a paragraph; a comment is none."""
        if content.lstrip().startswith("<!"):
            return self._add(BlockKind.MARKUP, "", line)
        text = plain(_TAG.sub(" ", content[:MOST_BLOCK]))
        return self._add(BlockKind.PARAGRAPH if text else BlockKind.MARKUP, text, line)


def heads(text: str) -> bool:
    """Tell whether a text is there for what follows: it ends in a colon, or is but a title."""
    bare = text.rstrip("*_ ")
    if bare.endswith((":", "\uff1a")):
        return True
    return len(bare.split()) <= _TITLE_WORDS and not bare.endswith((".", "!", "?", ";"))
