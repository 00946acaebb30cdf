"""Rules files as statements: one for each bullet or paragraph that states a rule or a preference.

What only describes (architecture, commands, listings) is left. A guide for contributors gives only
the sentences that bind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from satchel.context.globs import below
from satchel.context.mine.bearing import (
    CALLOUT,
    Bearing,
    bearing,
    binds_contributors,
    is_imperative,
    is_universal,
    named,
)
from satchel.context.mine.front_matter import front_matter
from satchel.context.mine.outline import Block, BlockKind, heads, outline
from satchel.context.mine.rule_files import Family, family_of, scope_of
from satchel.context.mine.sentences import sentences
from satchel.context.mine.wording import MOST_TEXT, cut, ended, legible
from satchel.context.types import Mined, Origin, RecordKind, Statement

MOST_STATEMENTS: Final = 500  # of one file
LEAST_WORDS: Final = 3  # of a rule that stands alone
_LONG: Final = 420  # characters of a bullet, of which the first sentences are kept

_KINDS: Final = {
    Bearing.BINDS: (RecordKind.RULE, 0.9),
    Bearing.LEANS: (RecordKind.PREFERENCE, 0.85),
    Bearing.NAMES: (RecordKind.FACT, 0.85),
}
_BEARS: Final = (Bearing.BINDS, Bearing.LEANS)
IN_A_GUIDE: Final = 0.75  # confidence of what a text for people says
UNIVERSAL: Final = 0.75  # of "every change comes with a test"
WITHOUT_A_VERB: Final = 0.65  # of "camelCase for variables", below a heading about style

_COMMUNITY: Final = re.compile(
    r"\b(?:code of conduct|conduct|community|report(?:ing)?|bugs?|issues?|questions?|support|help"
    r"|security|vulnerabilit(?:y|ies)|licen[cs]e|cla|dco|donat\w*|sponsor\w*|contributors|thanks"
    r"|acknowledg\w*|feature requests?|getting help|discussions?|ideas?|financial|maintainers?"
    r"|releas(?:e|es|ing)|translations?|becom\w+|recognition|roadmap|process|governance|tc"
    r"|committers?|triag\w+|meetings?|charter|voting|next steps|tutorial|newcomers)\b",
    re.I,
)
_DESCRIPTIVE: Final = re.compile(
    r"\b(?:structure|architecture|overview|layout|director(?:y|ies)|commands?|scripts?|setup"
    r"|set up|install(?:ation|ing)?|getting started|quick ?start|about|background|introduction"
    r"|what is|how it works|glossary|resources|references|links|files?|modules?|packages"
    r"|key (?:files|components|concepts)|components|tech(?:nology)? stack|data flow|workspace"
    r"|environment"
    r"|examples?|troubleshooting|prerequisites|project)\b",
    re.I,
)
_PRESCRIPTIVE: Final = re.compile(
    r"\b(?:styles?|conventions?|naming|guidelines?|standards?|practices|rules?|principles?"
    r"|requirements?|constraints?|format(?:ting)?|code quality|coding|guardrails|polic(?:y|ies)"
    r"|commit(?:s| messages?)|invariants?|boundaries|dos?|don'?ts?|must)\b",
    re.I,
)
_PLACES: Final = re.compile(
    r"\b(?:structure|architecture|layout|director(?:y|ies)|modules?|packages|components|files?"
    r"|glossary|data flow|how it works|resources|references|links|api|endpoints?|models?"
    r"|features)\b",
    re.I,
)
_POLAR: Final = re.compile(
    r"(?:things to |what |always )?(?:avoid|never|do not|don'?ts?|not to do|forbidden|prohibited"
    r"|anti-?patterns?|banned|disallowed|not allowed)\b[^.]{0,30}$",
    re.I,
)
_GENERIC: Final = frozenset(
    """
    a additional agent agents ai an and assistant basic basics behavior behaviour best checklist
    claude code coding common constraints contributing contribution contributions convention
    conventions copilot core critical cursor detail details development do docs documentation.md
    dos expectations follow for gemini general general-purpose guide guideline guidelines hard
    how important in instruction instructions introduction key main md misc miscellaneous must
    must-follow note notes of other others our overview practice practices preferences principle
    principles project quality repo repository requirements rule rules specific standard
    standards style summary technical the this tips to what with work working your
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("*.py", "*.pyi"),
    "typescript": ("*.ts", "*.tsx", "*.mts", "*.cts"),
    "javascript": ("*.js", "*.jsx", "*.mjs", "*.cjs"),
    "go": ("*.go",),
    "golang": ("*.go",),
    "rust": ("*.rs",),
    "java": ("*.java",),
    "kotlin": ("*.kt", "*.kts"),
    "swift": ("*.swift",),
    "ruby": ("*.rb",),
    "php": ("*.php",),
    "c#": ("*.cs",),
    "c++": ("*.cpp", "*.cc", "*.cxx", "*.h", "*.hpp"),
    "css": ("*.css", "*.scss", "*.less"),
    "html": ("*.html", "*.htm"),
    "sql": ("*.sql",),
    "markdown": ("*.md", "*.mdx"),
}
_COMMAND: Final = re.compile(
    r"(?:please |then |to [^,`]{1,60}, )?(?:run|execute|install|start|build|clone|launch|open|type"
    r"|navigate|cd|fork|checkout|create|activate|push|submit|test)\b[^`]{0,60}`",
    re.I,
)
_OBLIGES: Final = re.compile(
    r"\b(?:before|after|always|never|must|do not|don't|instead|unless|every|each|whenever|rather"
    r"|only|should|not)\b",
    re.I,
)
_LISTING: Final = re.compile(
    r"`[^`]{1,200}`(?:\s{0,2}\([^()]{0,60}\))?\s{0,2}(?::|-|\u2013|\u2014|=|\u2192|->|$)"
)
_DESCRIBES: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|provides?|contains?|handles?|lives?|represents?|runs?|uses"
    r"|supports?|includes?|located|manages|defines|wraps|returns|generates|describes|allows|serves"
    r"|will|can|exists?|comes?|means?|happens?|gets|goes|takes|makes|i|we|you)\b",
    re.I,
)
_MARKS: Final = re.compile(r"^[^\w`\"'(\[@#$<.-]{1,6}\s{0,3}")
_CROSS: Final = ("\u274c", "\U0001f6ab", "\u26d4", "\u2717", "\u2718")
_STEM: Final = 5  # letters by which two words are taken for one


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
        page = _Page(family, path, scope_of(family, path, head), head.text("description"))
        blocks = outline(path if "." in path.rpartition("/")[2][1:] else "x.md", text, head.lines)
        before = len(made)
        for block in blocks:
            if block.kind is BlockKind.HEADING:
                continue
            read += 1
            reason = _REFUSED.get(block.kind)
            found = [] if reason else _mined(page, block, left)
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
    """A rules file: what kind it is, where it holds, and what it says it is about."""

    family: Family
    path: str
    globs: tuple[str, ...]
    about: str


def _mined(page: _Page, block: Block, left: Counter[str]) -> list[Statement]:
    """Read one bullet or paragraph; what it is not is counted."""
    text, crossed = _bare(block.text)
    if not text:
        return []
    if _ORDERS.search(text):
        left["an order to one model"] += 1
        return []
    if block.leads and (text.endswith(":") or (heads(text) and bearing(text) is Bearing.TELLS)):
        left["a lead-in"] += 1
        return []
    topic = " / ".join(block.headings[1:] or block.headings)
    if page.family.is_guide:
        found = _of_a_guide(block, text, topic)
    elif block.kind is BlockKind.ITEM:
        found = _of_a_bullet(block, text, topic, crossed)
    else:
        found = _of_a_paragraph(text, topic)
    if isinstance(found, str):
        left[found] += 1
        return []
    return [_statement(page, block, *one) for one in found]


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
_Judged = list[tuple[str, Bearing, float]] | str  # texts with what they are, or why none is kept


def _bare(text: str) -> tuple[str, bool]:
    """Take the signs off that a bullet begins with; tell whether one of them crosses it out."""
    found = _MARKS.match(text)
    if found is None:
        return CALLOUT.sub("", text.strip()), False
    return CALLOUT.sub("", text[found.end() :].strip()), any(sign in found[0] for sign in _CROSS)


def _of_a_bullet(block: Block, text: str, topic: str, crossed: bool) -> _Judged:
    """Judge a bullet of a rules file as a whole."""
    first = sentences(text)[:1]
    kind = _judged(text, first[0] if first else text)
    polar = crossed or any(_POLAR.match(one) for one in (*block.lead, *block.headings[-1:]))
    if len(text.split()) < LEAST_WORDS and kind in _BEARS and not (block.lead or polar):
        return "too short"
    if _LISTING.match(text) and kind is not Bearing.BINDS and not polar:
        return "a listing"
    if _COMMAND.match(text) and not _OBLIGES.search(text):
        return "a command"
    if polar and kind is not Bearing.BINDS:
        return [(_shortened(f"Not: {text}" if crossed else text), Bearing.BINDS, 0.85)]
    if kind is Bearing.NAMES and _PLACES.search(topic):
        return "description"
    if kind is Bearing.TELLS:
        short = len(text.split()) <= 25 and not text.endswith((":", "?"))
        announced = any(_PRESCRIPTIVE.search(one) for one in (topic, *block.lead) if heads(one))
        if short and announced and not _DESCRIBES.search(text):
            return [(text, Bearing.BINDS, WITHOUT_A_VERB)]
        if is_universal(text) and not _DESCRIPTIVE.search(topic) and not block.leads:
            return [(_shortened(text), Bearing.BINDS, UNIVERSAL)]
        return "description"
    if _DESCRIPTIVE.search(topic) and kind is not Bearing.NAMES and not _OBLIGES.search(text):
        return "description"
    return [(_shortened(text), kind, _KINDS[kind][1])]


def _judged(text: str, first: str) -> Bearing:
    """Judge by the first sentence, by what stands after its label, then by the rest."""
    kind = bearing(first)
    if kind in _BEARS:
        return kind
    label, colon, rest = text.partition(": ")
    if not colon:
        label, colon, rest = text.partition(" - ")
    if colon and len(label.split()) <= 6 and not label.startswith("`"):
        inner = bearing(next(iter(sentences(rest)), ""))
        if inner in _BEARS:
            return inner
    if kind is Bearing.NAMES and named(text):
        return kind
    rest_kinds = {bearing(one) for one in sentences(text)[1:] if not is_imperative(one)}
    for strong in (Bearing.BINDS, Bearing.LEANS):
        if strong in rest_kinds:
            return strong
    return Bearing.TELLS


def _of_a_paragraph(text: str, topic: str) -> _Judged:
    """Take the sentences of a paragraph that bind, each run of them with what follows it."""
    said = sentences(text)
    kinds = [bearing(one) for one in said]
    binding = [at for at, kind in enumerate(kinds) if kind in _BEARS]
    if _DESCRIPTIVE.search(topic):
        binding = [at for at in binding if not is_imperative(said[at]) or _OBLIGES.search(said[at])]
    binding = [at for at in binding if not _COMMAND.match(said[at]) or _OBLIGES.search(said[at])]
    binding = [at for at in binding if not said[at].endswith(":")]
    if not binding:
        return "a command" if any(map(_COMMAND.match, said)) else "description"
    found: list[tuple[str, Bearing, float]] = []
    for first, after in zip(binding, [*binding[1:], len(said)], strict=True):
        # What leads in belongs to the first rule, what explains to the rule before it.
        begins = 0 if not found and len(text) <= 300 else first
        run = said[begins : min(after, first + 2)]
        if run[-1].endswith(":"):
            run = run[:-1]
        kind, kept = kinds[first], " ".join(run)
        if found and _GOES_ON.match(said[first]):
            kept, kind = f"{found[-1][0]} {kept}", found.pop()[1]
        found.append((_shortened(kept), kind, _KINDS[kind][1] - 0.05))
    return found


_GOES_ON: Final = re.compile(  # a sentence that means nothing without the one before it
    r"(?:it|they|this|that|these|those|then|also|otherwise|instead|in that case|so|and|but|if so|"
    r"the same|same|likewise|there)\b",
    re.IGNORECASE,
)


def _of_a_guide(block: Block, text: str, topic: str) -> _Judged:
    """Take from a text for people only the sentences that bind them."""
    prescribed = _PRESCRIPTIVE.search(topic) is not None
    if _COMMUNITY.search(topic) and not prescribed:
        return "about the community"
    if block.is_ordered:
        return "a step"
    found: list[tuple[str, Bearing, float]] = []
    for one in sentences(text):
        kind = bearing(one)
        if kind not in _BEARS or one.endswith(":"):
            continue
        if binds_contributors(one, prescribed) and (
            _OBLIGES.search(one) or not _COMMAND.match(one)
        ):
            found.append((cut(one, MOST_TEXT), kind, IN_A_GUIDE))
    return found or "description"


def _shortened(text: str) -> str:
    """Keep the first sentences of a long bullet."""
    if len(text) <= _LONG:
        return text
    kept = ""
    for one in sentences(text):
        if kept and len(kept) + len(one) > _LONG:
            break
        kept = f"{kept} {one}".strip()
    return cut(kept, MOST_TEXT)


def _statement(page: _Page, block: Block, text: str, kind: Bearing, sure: float) -> Statement:
    record, _ = _KINDS[kind]
    pair = named(text) if kind is Bearing.NAMES else None
    return Statement(
        kind=record,
        text=cut(ended(_in_context(page, block, text) if pair is None else text), MOST_TEXT),
        origin=Origin.RULES,
        source=f"{page.path}:{block.line}",
        confidence=sure,
        subject=pair[0].lower() if pair else None,
        stance=pair[1] if pair else None,
        globs=_scope(page, block),
    )


def _scope(page: _Page, block: Block) -> tuple[str, ...]:
    """Narrow the file's own scope by a heading that is a language's name."""
    folders = [glob for glob in page.globs if not glob.endswith("/**")]
    if folders:
        return page.globs
    for heading in reversed(block.headings):
        words = [word for word in _words(heading) if word not in _GENERIC]
        if len(words) == 1 and words[0] in _LANGUAGES:
            folder = page.globs[0].removesuffix("/**") if page.globs else ""
            return below(folder, _LANGUAGES[words[0]])
    return page.globs


def _in_context(page: _Page, block: Block, text: str) -> str:
    """Set before a text what it means nothing without: its lead-in, or its heading."""
    have = {word[:_STEM] for word in _words(text)}
    lead = [_bare(one)[0].rstrip(": ") for one in block.lead if heads(one)]
    parts = [one for one in lead[-2:] if _adds(one, have) or _POLAR.match(one)]
    if not lead or not parts:
        parts = [*_headings(page, block, have), *parts]
    prefix = ": ".join(cut(part, 120) for part in parts)
    return f"{prefix}: {text}" if prefix else text


def _headings(page: _Page, block: Block, have: set[str]) -> Iterator[str]:
    """Give the innermost heading that says something which the text does not."""
    own = block.headings if page.family.field else block.headings[1:]
    for heading in reversed(own):
        bare = _bare(heading)[0].strip(" :")
        if _POLAR.match(bare) or (_is_topic(bare) and _adds(bare, have)):
            yield bare
            return
        if _is_topic(bare):
            return
    if not block.headings and _is_topic(page.about) and _adds(page.about, have):
        yield page.about.rstrip(".")


def _is_topic(heading: str) -> bool:
    words = _words(heading)
    return (
        0 < len(words) <= 6
        and not heading.endswith("?")
        and any(word not in _GENERIC for word in words)
    )


def _adds(text: str, have: set[str]) -> bool:
    """Tell whether a text has a word of its own."""
    return any(word[:_STEM] not in have for word in _words(text) if word not in _GENERIC)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z][\w'+#-]*", text.lower())
