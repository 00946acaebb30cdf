"""What a rule means nothing without: the heading or lead-in that it stands below, its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from satchel.context.globs import below
from satchel.context.mine.bearing import CALLOUT
from satchel.context.mine.outline import Block, heads
from satchel.context.mine.sentences import sentences
from satchel.context.mine.topics import POLAR
from satchel.context.mine.wording import cut

_LONGEST: Final = 120  # characters of a lead-in that is told
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
_MARKS: Final = re.compile(r"^[^\w`\"'(\[@#$<.-]{1,6}\s{0,3}")
_NUMBER: Final = re.compile(r"^(?:\d{1,2}\.){0,3}\d{1,2}[.)]\s{1,3}")
_CROSS: Final = ("\u274c", "\U0001f6ab", "\u26d4", "\u2717", "\u2718")
_STEM: Final = 5  # letters by which two words are taken for one


def bare(text: str) -> tuple[str, bool]:
    """Take the signs off that a text begins with; tell whether one of them crosses it out."""
    found = _MARKS.match(text)
    if found is None:
        return CALLOUT.sub("", text.strip()), False
    return CALLOUT.sub("", text[found.end() :].strip()), any(sign in found[0] for sign in _CROSS)


def narrowed(globs: tuple[str, ...], block: Block) -> tuple[str, ...]:
    """Narrow a file's own scope by a heading that is a language's name."""
    folders = [glob for glob in globs if not glob.endswith("/**")]
    if folders:
        return globs
    for heading in reversed(block.headings):
        words = [word for word in _words(heading) if word not in _GENERIC]
        if len(words) == 1 and words[0] in _LANGUAGES:
            folder = globs[0].removesuffix("/**") if globs else ""
            return below(folder, _LANGUAGES[words[0]])
    return globs


def in_context(block: Block, text: str, headings: tuple[str, ...], about: str) -> str:
    """Set before a text its lead-in, or else the heading that it needs.

    `headings` are those of the block that may be told, `about` is what its file is about.
    """
    have = {word[:_STEM] for word in _words(text)}
    lead = [leading(bare(one)[0]) for one in block.lead if heads(one)]
    parts = [one for one in lead[-2:] if _adds(one, have) or POLAR.match(one)]
    if not parts:
        parts = [*_heading(headings, have)]
        if not block.headings and _is_topic(about) and _adds(about, have):
            parts.append(about.rstrip("."))
    prefix = ": ".join(cut(part, _LONGEST) for part in parts)
    return f"{prefix}: {text}" if prefix else text


def leading(lead: str) -> str:
    """Return the part of a lead-in that leads: its last sentence."""
    return (sentences(lead) or [lead])[-1].rstrip(": ")


def _heading(headings: tuple[str, ...], have: set[str]) -> Iterator[str]:
    """Give the innermost heading that says something which the text does not."""
    for heading in reversed(headings):
        plain = _NUMBER.sub("", bare(heading)[0]).strip(" :")
        if POLAR.match(plain) or (_is_topic(plain) and _adds(plain, have)):
            yield plain
            return
        if _is_topic(plain):
            return


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
