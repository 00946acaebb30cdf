"""What a form adds to a report: headings, hints, checkboxes, tables of versions. Pure.

Nothing of it says where a change belongs, and its words stand in every report. A line is told by
its form alone, so that each is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST_HEADING: Final = 90  # characters
LONGEST_VALUE: Final = 8  # words of a line that only tells of somebody's machine
FEWEST_VERSIONS: Final = 3  # lines in a row from which a list of versions is one
FENCES: Final = ("```", "~~~", "{{{", "}}}")

_HEADED: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_TAG: Final = re.compile(r"</?(?:details|summary|br|p|hr|kbd|sub|sup|img)\b[^<>\n]{0,300}>", re.I)
_KIND: Final = re.compile(
    r"^\s*\[(?:bug|feature|issue|question|enh\w*|docs?)(?: ?(?:report|request))?\]:?", re.I
)
# A heading that is made of these alone says nothing.
_OF_FORMS: Final = frozenset(
    """a actual actually add additional alternatives an and any anything applicable are background
    behavior behaviors behaviour behaviours brief bug can change check checklist checks clear code
    complete concise conduct considered context current demo describe description desired details
    did do does encountered error errors example examples exception expect expectation expected
    expecting explain explanation feature for full guidelines happen happened happening happens have
    here how i if implementation in include info information instead is issue it like log logs
    mcve message messages minimal minimum more motivation mwe need notes observed of optional or
    other output possible potential prerequisites problem proposal proposed provide question
    rationale reason related relevant repro reproduce reproduced reproducer reproducible reproducing
    reproduction report request required result results sample screenshot screenshots section see
    should snippet solution some stack stacktrace step steps suggested suggestion summary technical
    test that the this to trace traceback use used useful verifiable videos want was were what
    workaround workarounds working would wrong went you you'd you've your case cases""".split()
)
_MACHINE: Final = frozenset(
    """browser browsers desktop device env environment environments os platform platforms smartphone
    system systems version versions""".split()
)
_OF_MACHINES: Final = (
    _OF_FORMS
    | _MACHINE
    | frozenset(
        """complete dependencies dist distribution fields following freeze hardware installed list
        local machine operating package packages pip runtime setup software specs""".split()
    )
)
_VERSIONS: Final = frozenset(("version", "versions"))
UNMARKED: Final = 3  # words of a heading that only its place tells
MOST_WORDS: Final = 12  # of a heading
OF_WHAT: Final = 4  # words, of "### Name of something version"
_HINT: Final = re.compile(
    r"\W{0,4}(?:a clear and concise description of|if applicable, add screenshots"
    r"|add any other context|steps to reproduce the behaviou?r"
    r"|thank(?:s| you) for (?:taking|reporting)"
    r"|please (?:search|check|read|make sure|fill|complete|describe|ensure|note that|provide)\b"
    r"|i'?m always frustrated when \[|go to '\.{2,}|click on '\.{2,}|scroll down to '\.{2,}"
    r"|\d\. (?:go to|click on|scroll down to) '\.{2,}|\d\. see error\W*$|_?no response_?\W*$"
    r"|see error\W*$)",
    re.I,
)
_BOX: Final = re.compile(r"^\s*[-*+]\s\[[ xX]\]\s")
_CONFIRMS: Final = re.compile(
    r"\bI\b|\bI'|\bissues?\b|\bduplicates?\b|code of conduct|contributing"
    r"|latest (?:version|release)|\bsearch(?:ed)?\b|\bchecked\b",
    re.I,
)
_VERSION: Final = re.compile(
    r"[\s|*+>-]{0,8}[A-Za-z][\w .()/@+-]{0,40}?[\s:=|*]{1,30}"
    r"(?:v?\d+\.\d[\w.+-]{0,40}|None|n/a|unknown|[0-9a-f]{7,40})[\s|*]{0,20}$"
)


def without_template(text: str) -> str:
    """Leave out what a form adds to a report. A request of one line, or one that would be left with
    nothing, stays as it is; so does what stands between fences."""
    plain = _TAG.sub(" ", without_comments(text))
    if "\n" not in plain.strip():
        return plain
    kept = "\n".join(_written(_without_versions(plain.splitlines())))
    return kept if kept.strip() else plain


def without_comments(text: str) -> str:
    """Leave out the HTML comments of issue templates; one that never ends stays."""
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("-->")
    return " ".join([*kept, text[at:]])


def is_fence(line: str) -> bool:
    """Tell whether a line, without the space around it, opens or ends a block of code."""
    return line.startswith(FENCES) and not any(fence in line[3:] for fence in FENCES)


def _written(lines: list[str]) -> Iterator[str]:
    """Yield the lines that somebody wrote; below a heading about a machine, none that only tells
    of it."""
    is_fenced = of_machine = is_told = False
    is_first = True
    for line in lines:
        bare = line.strip()
        if is_fence(bare) or is_fenced:
            is_fenced ^= is_fence(bare)
            if not of_machine:
                yield line
            of_machine &= is_fenced
        elif not bare:
            of_machine &= not is_told
            yield line
        elif of_machine and len(bare.split()) <= LONGEST_VALUE and not _is_marked(bare):
            is_told = True
        else:
            of_machine = _tells_of_machine(bare, is_first)
            is_told = False
            if not (of_machine or _is_boilerplate(bare, is_first)):
                is_first = False
                yield _KIND.sub("", line)


def _tells_of_machine(line: str, is_first: bool) -> bool:
    """Tell a heading under which somebody describes their machine."""
    words = _heading(line, is_first)
    if not (_is_marked(line) or len(words) <= UNMARKED):
        return False
    if not _MACHINE.isdisjoint(words) and _OF_MACHINES.issuperset(words):
        return True
    if is_first:  # a title: "# Raise the Python version"
        return False
    is_asked = words[:1] in (["what"], ["which"]) and not _VERSIONS.isdisjoint(words)
    return is_asked or (len(words) <= OF_WHAT and not _VERSIONS.isdisjoint(words[-1:]))


def _is_boilerplate(line: str, is_first: bool) -> bool:
    """Tell a form's heading, its hint, or a box that confirms what it asks."""
    if _BOX.match(line):
        return _CONFIRMS.search(line[:300]) is not None
    words = _heading(line, is_first)
    return bool(words and _OF_FORMS.issuperset(words)) or _HINT.match(line) is not None


def _heading(line: str, is_first: bool) -> list[str]:
    """Return the words of a line if it may be a heading. What is written first is a title, unless
    it is marked as a heading."""
    if len(line) > LONGEST_HEADING or (is_first and not _is_marked(line)):
        return []
    words = _HEADED.findall(line.lower().replace("\u2019", "'"))
    return words if len(words) <= MOST_WORDS else []


def _is_marked(line: str) -> bool:
    """Tell a heading by its marks: it ends what stood above it."""
    return line.startswith(("#", "**", "__")) or line.endswith(":")


def _without_versions(lines: list[str]) -> list[str]:
    """Leave out lists of versions, which are nobody's words even between fences."""
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, "end of the last run"]:
        if len(line) <= LONGEST_HEADING and _VERSION.match(line):
            run.append(line)
        else:
            kept += [] if len(run) >= FEWEST_VERSIONS else run
            kept.append(line)
            run = []
    return kept[:-1]
