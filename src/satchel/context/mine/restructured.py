"""reStructuredText, and plain text that is laid out like it, as blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from satchel.context.mine.outline import MOST_BLOCK, Block, BlockKind, heads

_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_BULLET: Final = re.compile(r"(?:[-*+•]|(?:\d{1,3}|#|[a-z])[.)])\s+")
_DIRECTIVE: Final = re.compile(r"\.\.\s+([\w-]+(?:::|$)|_|\[|\|)?")
_ADMONITIONS: Final = frozenset({"note::", "warning::", "important::", "attention::", "caution::"})
_ROLE: Final = re.compile(r":[a-zA-Z][\w:+.-]{0,30}:`([^`<>]{1,200}?)\s{0,5}(?:<[^<>`]{1,300}>)?`")
_LINK: Final = re.compile(r"`([^`<>]{1,300}?)\s{0,5}(?:<[^<>`]{1,500}>)?`__?")
_LITERAL: Final = re.compile(r"``([^`]{1,300})``")
_STRONG: Final = re.compile(r"(?<![\w*])\*{1,2}([^*\s][^*]{0,300})\*{1,2}(?![\w*])")
_FOOTNOTE: Final = re.compile(r"\s?\[#?[\w.-]{0,30}\]_")
_REFERENCE: Final = re.compile(r"\b([\w-]{1,80})__?(?=[\s.,;:)]|$)")


def restructured(lines: Sequence[str], skip: int = 0) -> tuple[Block, ...]:
    """Read the blocks of lines; `skip` is how many lines of the document came before them."""
    blocks: list[Block] = []
    headings: list[tuple[int, str]] = []
    styles: list[str] = []
    items: list[tuple[int, str]] = []  # indentation and text of the items around
    before = ""  # the paragraph that heads the list at hand
    at = 0
    while at < len(lines):
        line = lines[at]
        bare = line.strip()
        if not bare:
            at += 1
            continue
        title, style, used = _heading(lines, at)
        if title:
            if style not in styles:
                styles.append(style)
            level = styles.index(style) + 1
            while headings and headings[-1][0] >= level:
                headings.pop()
            above = tuple(text for _, text in headings)
            blocks.append(Block(BlockKind.HEADING, spoken(title), at + 1, above, (), level))
            headings.append((level, spoken(title)))
            items, before = [], ""
            at += used
            continue
        indent = len(line) - len(line.lstrip())
        above = tuple(text for _, text in headings)
        if found := _DIRECTIVE.match(bare):
            end = _end(lines, at + 1, indent)
            if found[1] not in _ADMONITIONS:
                blocks.append(Block(BlockKind.MARKUP, "", at + 1, above))
                at = end
            else:
                inner = bare[found.end() :].strip()
                text, at = _paragraph(lines, at + 1, inner) if inner else ("", at + 1)
                if text:
                    blocks.append(Block(BlockKind.PARAGRAPH, spoken(text), at, above))
            continue
        bullet = _BULLET.match(bare)
        text, end = _paragraph(lines, at + 1, bare[bullet.end() :] if bullet else bare)
        while items and items[-1][0] >= indent:
            items.pop()
        literal = text.endswith("::")
        said = spoken(text.removesuffix("::") + ":" if literal else text)
        lead = (*((before,) if before else ()), *(one for _, one in items))
        if bullet:
            blocks.append(
                Block(
                    BlockKind.ITEM,
                    said,
                    at + 1,
                    above,
                    lead,
                    len(items) + 1,
                    bullet[0][0].isdigit(),
                )
            )
            items.append((indent, said))
        elif not (bare.startswith(">>>") or _is_table(bare)):
            items = [] if indent == 0 else items
            blocks.append(Block(BlockKind.PARAGRAPH, said, at + 1, above, lead if items else ()))
            before = said if not items and heads(said) and said.endswith(":") else ""
        else:
            blocks.append(Block(BlockKind.CODE, "", at + 1, above))
        at = end
        if literal:
            blocks.append(Block(BlockKind.CODE, "", at + 1, above))
            at = _end(lines, at, indent)
    return tuple(blocks)


def spoken(text: str) -> str:
    """Take the markup out of a paragraph; literals become code spans."""
    text = text[:MOST_BLOCK]
    text = _LITERAL.sub(lambda found: f"\0{found[1]}\0", text)
    text = _ROLE.sub(lambda found: found[1].lstrip("~!."), text)
    text = _LINK.sub(lambda found: found[1], text)
    text = _FOOTNOTE.sub("", text)
    text = _STRONG.sub(lambda found: found[1], text)
    text = _REFERENCE.sub(lambda found: found[1], text)
    return " ".join(text.replace("`", "").replace("\0", "`").split())


def _heading(lines: Sequence[str], at: int) -> tuple[str, str, int]:
    """Return a heading's text, its style, and how many lines it takes; "" where none begins."""
    line, below = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
    if _ADORNMENT.match(line):
        if at + 2 < len(lines) and lines[at + 2].rstrip() == line.rstrip() and below.strip():
            return below.strip(), line[0] * 2, 3
        return "", "", 1
    if (
        line[:1] != " "
        and _ADORNMENT.match(below)
        and len(below.rstrip()) >= len(line.rstrip()) - 1
    ):
        return line.strip(), below[0], 2
    return "", "", 1


def _paragraph(lines: Sequence[str], at: int, first: str) -> tuple[str, int]:
    """Join a paragraph's lines until a blank one, or a bullet."""
    parts, size = [first], len(first)
    while at < len(lines) and (bare := lines[at].strip()):
        if _BULLET.match(bare) or _DIRECTIVE.match(bare):
            break
        if size < MOST_BLOCK:
            parts.append(bare)
            size += len(bare)
        at += 1
    return " ".join(parts), at


def _end(lines: Sequence[str], at: int, indent: int) -> int:
    """Return where what is indented deeper ends."""
    while at < len(lines):
        line = lines[at]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        at += 1
    return at


def _is_table(bare: str) -> bool:
    return bare.startswith(("+--", "+==", "|", "==="))
