"""Rules files as statements: one for each bullet or paragraph that states a rule or a preference.

What only describes (architecture, commands, listings), what only shows (examples, quotations) and
the steps of a procedure are left. A guide for contributors gives only the sentences that bind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from satchel.context.mine.bearing import Bearing, bearing, named
from satchel.context.mine.commands import names_command, with_commands
from satchel.context.mine.front_matter import front_matter
from satchel.context.mine.illustration import shown
from satchel.context.mine.judging import SURE, of_a_bullet, of_a_guide, of_a_paragraph
from satchel.context.mine.outline import Block, BlockKind, heads, outline
from satchel.context.mine.rule_files import Family, family_of, scope_of
from satchel.context.mine.surroundings import bare, in_context, leading, narrowed
from satchel.context.mine.wording import MOST_TEXT, cut, ended, legible
from satchel.context.types import Mined, Origin, RecordKind, Statement

MOST_STATEMENTS: Final = 500  # of one file
_RECORDS: Final = {
    Bearing.BINDS: RecordKind.RULE,
    Bearing.LEANS: RecordKind.PREFERENCE,
    Bearing.NAMES: RecordKind.FACT,
    Bearing.SHOWS: RecordKind.FACT,
}


def is_rules(path: str) -> bool:
    """Tell whether a file holds rules for agents or contributors, by its name and place."""
    return family_of(path) is not None


def rules(documents: Iterable[tuple[str, str]]) -> Mined:
    """Mine rules files: (path, text) each. `read` counts blocks. Never raises."""
    made: list[Statement] = []
    left: Counter[str] = Counter()
    read = 0
    for path, text in documents:
        family = family_of(path)
        if family is None:
            left["not a rules file"] += 1
            continue
        text = legible(text)
        head = front_matter(text)
        if not head.is_readable:
            left["front matter that cannot be read"] += 1
        blocks = outline(path if "." in path.rpartition("/")[2][1:] else "x.md", text, head.lines)
        titles = [one.text for one in blocks[:1] if one.kind is BlockKind.HEADING and one.depth < 2]
        about = head.text("description")
        page = _Page(family, path, scope_of(family, path, head), about, "".join(titles))
        before = len(made)
        for block, below in zip_longest(blocks, blocks[1:]):
            if block.kind is BlockKind.HEADING:
                continue
            read += 1
            reason = _REFUSED.get(block.kind)
            found = [] if reason else _mined(page, block, below, left)
            if reason:
                left[reason] += 1
            elif len(made) - before + len(found) > MOST_STATEMENTS:
                left["more than are kept of one file"] += len(found)
            else:
                made += found
    return Mined(tuple(made), read, dict(left))


_REFUSED: Final = {
    BlockKind.CODE: "code",
    BlockKind.TABLE: "a table",
    BlockKind.MARKUP: "markup",
}


@dataclass(frozen=True, slots=True)
class _Page:
    """A rules file: what kind it is, where it holds, what it is about, and its first heading."""

    family: Family
    path: str
    globs: tuple[str, ...]
    about: str
    title: str


def _mined(page: _Page, block: Block, below: Block | None, left: Counter[str]) -> list[Statement]:
    """Read one bullet or paragraph, with the code below it; what it is not is counted."""
    text, crossed = bare(block.text)
    if not text:
        return []
    ordering = "an order to one model" if _ORDERS.search(text) else None
    headings = [one for one in block.headings if one != page.title]
    if reason := ordering or shown(text, block.lead, headings):
        left[reason] += 1
        return []
    if block.leads and (text.endswith(":") or (heads(text) and bearing(text) is Bearing.TELLS)):
        left["a lead-in"] += 1
        return []
    topic = " / ".join(block.headings[1:] or block.headings)
    if page.family.is_guide:
        found = of_a_guide(block, text, topic)
    elif block.kind is BlockKind.ITEM:
        found = of_a_bullet(block, text, topic, crossed)
    else:
        found = of_a_paragraph(text, topic)
    reason, judged = (found, []) if isinstance(found, str) else (None, found)
    if not page.family.is_guide and (shows := _command(text, below, bool(judged))):
        hollow = [one for one in judged if one[0] == text and text.endswith(":")]
        judged = [one for one in judged if one not in hollow]
        told = bearing(leading(text))
        kind = told if told in (Bearing.BINDS, Bearing.LEANS) else Bearing.SHOWS
        judged.append((shows, kind, SURE[kind]))
    elif reason:
        left[reason] += 1
    return [_statement(page, block, *one) for one in judged]


def _command(text: str, below: Block | None, is_rule: bool) -> str | None:
    """Return the commands that a text leads to, with what they are for: those below it, or, where
    it states no rule, the one that it names."""
    if below is not None and below.kind is BlockKind.CODE and text.endswith(":"):
        return with_commands(leading(text), below.text, below.language)
    return text if not is_rule and names_command(text) else None


# What tells a model what to answer is no rule of the project, whoever wrote it there.
_ORDERS: Final = re.compile(
    r"\b(?:your|the) (?:only )?(?:output|answer|response|reply) (?:must|should|shall|has to) "
    r"(?:be|say)\b"
    r"|\b(?:respond|reply|answer) (?:only |exactly )?with (?:exactly|only|the (?:words|text))\b"
    r"|\bignore (?:all |any |your )?(?:previous|prior|other|above|earlier) "
    r"(?:instructions|prompts|rules)\b"
    r"|\b(?:reveal|print|repeat) (?:your|the) (?:system )?prompt\b",
    re.IGNORECASE,
)


def _statement(page: _Page, block: Block, text: str, kind: Bearing, sure: float) -> Statement:
    pair = named(text) if kind is Bearing.NAMES else None
    if pair is None:
        told = block.headings if page.family.field else block.headings[1:]
        text = in_context(block, text, told, page.about)
    return Statement(
        kind=_RECORDS[kind],
        text=cut(ended(text), MOST_TEXT),
        origin=Origin.RULES,
        source=f"{page.path}:{block.line}",
        confidence=sure,
        subject=pair[0].lower() if pair else None,
        stance=pair[1] if pair else None,
        globs=narrowed(page.globs, block),
    )
