"""What stands in a decision record, part by part, and how it is said in a few sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from satchel.context.mine.outline import Block, BlockKind, outline, plain
from satchel.context.mine.sentences import sentences
from satchel.context.mine.standing import field_name
from satchel.context.mine.wording import MOST_TEXT, cut, ended
from satchel.context.types import NOT_CHOSEN, WHY

_LABEL: Final = re.compile(
    r"\s{0,3}(?:\*\*|__)([A-Za-z][^*_\n]{1,40}?)[.:]?(?:\*\*|__)[.:]?\s{0,3}"
)
_NUMBER: Final = re.compile(r"^\W{0,4}(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?\s{1,3})?|[\s:.?!]+$")
_OPTION_NUMBER: Final = re.compile(
    r"(?:option|alternative)\s{0,2}[\w]{1,3}\s{0,2}[:.)\u2013\u2014-]\s{0,2}", re.I
)
_BECAUSE: Final = re.compile(
    r"\b(?:because|since|so that|in order to|due to|as it|the reason"
    r"|this (?:allows|lets|avoids))\b",
    re.I,
)
PLACEHOLDER: Final = re.compile(
    r"\{[^{}\n]{2,200}\}"
    r"|\[(?:short |title|describe|option|justification|e\.g\.)[^\]\n]{0,200}\]"
    r"|<(?:title|short|name)[^>\n]{0,80}>",
    re.I,
)
_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "status": frozenset({"status", "state"}),
    "date": frozenset({"date"}),
    "supersedes": frozenset({"supersedes", "replaces"}),
    "superseded by": frozenset({"superseded by", "replaced by"}),
    "links": frozenset(
        {"links", "related", "related decisions", "related records", "more information", "see also"}
        | {"relations", "related adrs", "references"}
    ),
    "decision": frozenset(
        {"decision", "decisions", "decision outcome", "the decision", "outcome", "decided"}
        | {"our decision", "final decision", "decision taken", "decision made", "chosen option"}
        | {"selected option", "resolution", "solution", "conclusion", "decision and rationale"}
        | {"decision & rationale", "decision summary"}
    ),
    "reason": frozenset(
        {"rationale", "reason", "reasons", "reasoning", "why", "justification", "argument"}
        | {"decision rationale", "rationale for the decision", "motivation"}
    ),
    "rejection": frozenset(
        {"rejection", "rejection notice", "pep rejection", "withdrawal", "pep withdrawal"}
        | {"withdrawal notice", "reason for rejection", "reasons for rejection"}
    ),
    "context": frozenset(
        {"context", "context and problem statement", "problem", "problem statement", "background"}
        | {"issue", "the issue", "introduction", "context and problem", "context & problem"}
    ),
    "options": frozenset(
        {"considered options", "options considered", "options we considered", "options"}
        | {"positions"}
    ),
    "others": frozenset(
        {"considered alternatives", "alternatives considered", "alternatives", "instead of"}
        | {"rejected alternatives", "rejected ideas", "rejected options", "not chosen"}
        | {"alternatives considered and rejected", "rejected"}
    ),
    "summary": frozenset(
        {"abstract", "summary", "overview", "tl;dr", "tldr", "executive summary", "in short"}
    ),
}
_ROLE_OF: Final = {name: role for role, names in _ROLES.items() for name in names}


@dataclass(slots=True)
class Sections:
    """What stands under the headings that records have; "" is what stands before any."""

    title: str = ""
    title_line: int = 1
    texts: dict[str, list[Block]] = field(default_factory=dict)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)  # first and after the last
    names: dict[str, list[str]] = field(default_factory=dict)  # of the headings below

    def prose(self, *roles: str) -> list[Block]:
        """Return the blocks of the first of these sections that has any."""
        return next((self.texts[role] for role in roles if self.texts.get(role)), [])


def sections_of(path: str, text: str, lines: Sequence[str], skip: int) -> Sections:
    """Sort a record's blocks by the part of a record that they belong to."""
    sections = Sections()
    roles: list[tuple[int, str]] = []  # level and role of the headings above
    role = ""
    for block in outline(path, text, skip):
        if block.kind is BlockKind.HEADING:
            while roles and roles[-1][0] >= block.depth:
                roles.pop()
            named = _ROLE_OF.get(_name(block.text))
            if named is None and block.depth == 1 and not sections.title:
                sections.title, sections.title_line = block.text, block.line
            outer = roles[-1][1] if roles else ""
            if named is None and outer:
                sections.names.setdefault(outer, []).append(block.text)
            role = named or (f"{outer}/" if outer and not outer.endswith("/") else outer)
            roles.append((block.depth, role))
            _close(sections, block.line - 1)
            if named and named not in sections.lines:
                sections.lines[named] = (block.line, len(lines))
                sections.texts.setdefault(named, [])
            continue
        label = _LABEL.match(lines[block.line - 1]) if block.line else None
        if label and (named := _ROLE_OF.get(_name(label[1]))) and named not in ("status", "date"):
            inner = block.text[len(plain(label[0])) :].strip(" :.")
            block = replace(block, text=inner)
            role = named
            sections.lines.setdefault(named, (block.line - 1, block.line))
        sections.texts.setdefault(role, []).append(block)
    return sections


def _close(sections: Sections, line: int) -> None:
    """End the section that is open at the next heading."""
    for name, (start, end) in sections.lines.items():
        if start <= line < end:
            sections.lines[name] = (start, line)


def _name(heading: str) -> str:
    return " ".join(_NUMBER.sub("", heading.lower()).strip(" \t`*_").split())


def worded(title: str, sections: Sections, is_rejected: bool) -> tuple[str, int]:
    """Say the decision, and where: its title, its first sentences, why, and what else there was."""
    main = sections.prose("decision", "decision/", "summary", "summary/", "")
    told, line = _told(main, 300)
    if not told:
        told, line = _told(sections.prose("reason", "context"), 240)
    told = PLACEHOLDER.sub("", told).replace(", because .", ".").strip()
    parts = [ended(cut(title, 160)), ended(told)]
    if is_rejected and (why := _told(sections.prose("rejection", "rejection/"), 180)[0]):
        parts.append(f"Not taken: {ended(why)}")
    elif why := _why(told, sections, main):
        parts.append(f"{WHY.strip()} {ended(why)}")
    if others := _others(sections, told):
        parts.append(others)
    text = " ".join(part for part in parts if part)
    line = line if "decision" in sections.texts and line else sections.title_line
    return cut(text, MOST_TEXT) if title or told else "", line


def _told(blocks: Sequence[Block], limit: int) -> tuple[str, int]:
    """Return the first sentences of a section, a list that they announce too; and their line."""
    words: list[str] = []
    line = 0
    announced = False
    for block in blocks:
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM) or not block.text:
            continue
        if field_name(block.text.partition(":")[0]):
            continue  # "Status: accepted" before the first heading
        line = line or block.line
        size = sum(len(word) + 1 for word in words)
        if words and (size > limit // 2 or not (announced or block.kind is BlockKind.ITEM)):
            break
        announced = block.leads or block.text.endswith(":") or block.kind is BlockKind.ITEM
        for sentence in sentences(block.text):
            if words and size + len(sentence) > limit:
                break
            item = block.kind is BlockKind.ITEM
            words.append(f"{sentence.rstrip('.;,')};" if item else sentence)
            size += len(sentence) + 1
    return cut(" ".join(words).rstrip(";:"), limit), line


def _why(told: str, sections: Sections, main: Sequence[Block]) -> str:
    """Find one sentence that gives the reason, unless what is told gives it already."""
    if _BECAUSE.search(told):
        return ""
    for block in main:
        for sentence in sentences(block.text):
            if sentence not in told and _BECAUSE.search(sentence):
                return cut(sentence, 200)
    reason = _told(sections.prose("reason"), 200)[0]
    if reason and reason not in told:
        return reason
    context = [s for block in sections.prose("context") for s in sentences(block.text)]
    chosen = next((s for s in context if _BECAUSE.search(s)), context[0] if context else "")
    return "" if chosen in told else cut(chosen, 200)


def _others(sections: Sections, told: str) -> str:
    """Name what was considered and not chosen."""
    options = _options(sections, "options")
    chosen = [one for one in options if _is_in(one, told)]
    rest = [one for one in options if one not in chosen]
    rest += [one for one in _options(sections, "others") if not _is_in(one, told)]
    if not rest:
        return ""
    names = "; ".join(dict.fromkeys(rest[:6]))
    lead = "Considered:" if options and not chosen else NOT_CHOSEN.strip()
    return cut(f"{lead} {names}", 180).rstrip(".") + "."


def _options(sections: Sections, role: str) -> list[str]:
    """List options by name: the section's outermost items, else the headings below it."""
    items = [
        block.text
        for block in sections.texts.get(role, ())
        if block.kind is BlockKind.ITEM and block.depth == 1
    ]
    spelled = sections.names.get(role) or items
    if not spelled and role == "others":
        spelled = [b.text for b in sections.texts.get(role, ()) if b.kind is BlockKind.PARAGRAPH]
        spelled = [text for text in spelled[:1] if len(text.split()) <= 40]
    return [one for text in spelled[:12] if (one := _option(text))]


def _option(text: str) -> str:
    """Reduce an option to its name."""
    name = text
    for mark in (": ", " - ", " \u2013 ", " \u2014 ", ". "):
        head, _, rest = name.partition(mark)
        is_number = _OPTION_NUMBER.match(head + mark) is not None
        name = rest if is_number and rest else head
    name = _OPTION_NUMBER.sub("", name).strip(' .:;"')
    return cut(name, 70) if len(name) > 1 and not PLACEHOLDER.search(name) else ""


def _is_in(option: str, told: str) -> bool:
    words = re.findall(r"\w+", option.lower())
    have = set(re.findall(r"\w+", told.lower()))
    return bool(words) and sum(word in have for word in words) >= 0.8 * len(words)
