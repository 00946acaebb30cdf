"""What is quoted of the files in a packet: the lines that match, under their numbers. Pure.

The room is shared: every place gets a part at first, best place first, and what is left goes to
more of each. What lies between two quoted runs of a file is marked with the number of the line
that goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context import tokens
from satchel.context.place import Placed, place_of
from satchel.context.sought import Form, weighed
from satchel.context.store.index import StoredPassage
from satchel.context.types import PassageKind, Place
from satchel.context.window import grow, near, peaks, runs, within

READ: Final = 8  # passages of a file that are read line by line
PEAKS: Final = 3  # places of one passage
AGAIN: Final = 0.9  # what each further place of a passage counts
BESIDE: Final = 0.2  # of the passage's score in its file, beside that of the line
FILE: Final = 0.5  # the power of the file's own score: the best line need not be in the best file
SPOTS: Final = 48  # places of a packet
OPENING: Final = 2  # passages of a file that is quoted from its first line
SAID: Final = 30  # words of its first passage that say enough: a title and badges do not
TOLD: Final = 6  # lines that a manifest's description may take
APART: Final = 12  # lines between a manifest's name and its description
# Where a manifest of any form names what it is of, and says what that is.
_NAMES: Final = re.compile(
    r"(?i)([ \t]{0,12})(?:[\"'<]?(?:\w{1,12}\.)?(?:name|description|summary)[\"']?[ \t]{0,20}[:=>]"
    r"|module [^\s=])"
)
PART: Final = 110  # tokens of a quote at first, where it has that many
FACTS: Final = 16  # quotes that a large room is shared among at first, where a fact is asked for …
PARTS: Final = 8  # … and where no form of an answer is: how a thing is done takes more lines
LEAST: Final = 24  # tokens: in less nothing is told
SLOPE: Final = 0.2  # of a line's score: neighbours below it wait until all places had their part
LONGEST: Final = 400  # characters of a line
REPEATED: Final = 0.75  # of a quote's lines quoted already, as sync and async twins share them
_FENCES: Final = ("```", "````")


@dataclass(frozen=True, slots=True)
class Spot:
    """A line that a quote may grow from. `lines` are those of the passage, `scores` stand beside
    them; `at` counts from 0."""

    path: str
    passage: StoredPassage
    lines: Sequence[str]
    scores: Sequence[float]
    at: int
    worth: float


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is quoted of one file: its lines by passage, as a block, and as places."""

    path: str
    text: str
    places: tuple[Place, ...]


def spots(
    path: str,
    score: float,
    places: Iterable[Placed],
    rarity: Mapping[str, float],
    stem: Callable[[str], frozenset[str]],
    forms: Sequence[Form] = (),
) -> list[Spot]:
    """Find where to quote a file; `score` (0 to 1) is its own, `places` are its passages, `forms`
    what the answer may look like."""
    read = sorted(places, key=lambda p: (-sum(rarity[t] for t in p.terms), p.passage.start))[:READ]
    texts = [[_short(line) for line in clean(p.passage.text).split("\n")] for p in read]
    terms = [[stem(line) & rarity.keys() for line in lines] for lines in texts]
    weights = within((line for lines in terms for line in lines), rarity, stem(path))
    total = sum(rarity.values()) or 1.0
    found = []
    for placed, lines, stand in zip(read, texts, terms, strict=True):
        scores = near(lines, stand, weights, stem(placed.passage.symbol))
        scores = weighed(lines, scores, forms, total)
        for rank, at in enumerate(peaks(scores, PEAKS)):
            worth = score**FILE * (scores[at] / total + BESIDE * placed.score) * AGAIN**rank
            found.append(Spot(path, placed.passage, lines, scores, at, worth))
    return found


def opening(path: str, score: float, passages: Sequence[StoredPassage]) -> list[Spot]:
    """Quote a file from its first line on: what a README says first tells what the workspace is,
    whatever words it takes. Where that is a passage of some length, how to install it is not."""
    found: list[Spot] = []
    for rank, passage in enumerate(passages[:OPENING]):
        lines = [_short(line) for line in clean(passage.text).split("\n")]
        worth = score**FILE * AGAIN**rank
        found.append(Spot(path, passage, lines, [1.0] * len(lines), 0, worth))
        if len(passage.text.split()) >= SAID:
            break
    return found


def introduction(path: str, score: float, passages: Sequence[StoredPassage]) -> list[Spot]:
    """Quote a manifest where it names what it is of: of all that it holds, that alone tells what
    the workspace is. A name within another part is that part's own, and is indented deeper."""
    names = [
        (found.end(1), passage, n)
        for passage in passages
        for n, line in enumerate(clean(passage.text).split("\n"))
        if (found := _NAMES.match(line))
    ]
    if not names:
        return []
    _, passage, first = min(names, key=lambda name: name[0])
    near = [n for _, other, n in names if other is passage and first <= n <= first + APART]
    lines = [_short(line) for line in clean(passage.text).split("\n")[first : near[-1] + TOLD]]
    start = passage.start + first
    part = replace(passage, start=start, stop=start + len(lines) - 1, text="\n".join(lines))
    worth = score**FILE * AGAIN  # a README says it better
    return [Spot(path, part, lines, [1.0] * len(lines), 0, worth)]


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def excerpts(found: Sequence[Spot], room: int, quotes: int = FACTS) -> list[Excerpt]:
    """Quote the best places within `room` tokens, the best file first; where there is much room,
    `quotes` of them at first."""
    best = sorted(found, key=lambda s: (-s.worth, s.path, s.passage.start, s.at))[:SPOTS]
    filling = _Filling(room, max(PART, room // quotes))
    written: list[Excerpt] = []
    for _ in range(3):
        filling.fill(best)
        fuller = filling.written()
        # Lines were counted one by one, each rounded up: what that saved is room, too.
        slack = room - sum(tokens.count(excerpt.text) for excerpt in fuller)
        if slack < 0:  # a quote came to hold a fence, and needs a longer one
            break
        written = fuller
        if filling.room - filling.spent >= slack:
            break
        filling.room = filling.spent + slack
    return written


class _Filling:
    """Lines that are taken from passages, while they fit."""

    def __init__(self, room: int, part: int) -> None:
        self.room = room
        self.part = part
        self.spent = 0
        self._taken: dict[int, frozenset[int]] = {}
        self._spots: dict[str, dict[int, Spot]] = {}  # by path and passage, in order of their worth
        self._said: set[str] = set()
        self._counted: dict[str, int] = {}

    def fill(self, best: Sequence[Spot]) -> None:
        """Take a part around each spot, then greater parts, and at last what says less."""
        parts = (self.part, 2 * self.part, 4 * self.part, self.room)
        for part, slope in zip(parts, (SLOPE, SLOPE, 0.0, 0.0), strict=True):
            for spot in best:
                if self.room - self.spent < LEAST:
                    return
                self._take(spot, part, slope)

    def _take(self, spot: Spot, part: int, slope: float) -> None:
        before = self._taken.get(spot.passage.id, frozenset())
        head = 0
        if spot.path not in self._spots:
            head = self._count(f"\n{one_line(spot.path)}:99999\n````\n````") + 1
        mark = self._count(_mark(99_999, one_line(spot.passage.symbol, 80)))
        room = self.room - self.spent - head - mark

        def cost_of(n: int) -> int:
            return self._count(spot.lines[n])

        wanted = before | _told(spot, grow(spot.scores, cost_of, spot.at, min(part, room), slope))
        if part > self.part:  # at first it does that the place is named beside its number
            wanted |= {_signature(spot)}
        wanted |= {n + 1 for n in wanted if n + 2 in wanted}
        if wanted == before:
            return
        cost = head + mark * (len(runs(wanted)) - len(runs(before)))
        cost += sum(map(cost_of, wanted - before))
        if self.spent + cost > self.room or not (before or not self._is_said(spot, wanted)):
            return
        self._spots.setdefault(spot.path, {}).setdefault(spot.passage.id, spot)
        self._taken[spot.passage.id] = wanted
        self._said |= {spot.lines[n].strip() for n in wanted}
        self.spent += cost

    def _count(self, line: str) -> int:
        if line not in self._counted:
            self._counted[line] = tokens.count(line + "\n")
        return self._counted[line]

    def _is_said(self, spot: Spot, wanted: frozenset[int]) -> bool:
        """Tell whether the line that is meant, and most around it, are quoted already."""
        telling = {spot.lines[n].strip() for n in wanted if len(spot.lines[n].strip()) > 3}
        is_meant = spot.lines[spot.at].strip() in self._said
        return is_meant and len(telling & self._said) >= REPEATED * len(telling)

    def written(self) -> list[Excerpt]:
        """Write a block for each file."""
        return [
            _written(path, [(spot, self._taken[number]) for number, spot in of_file.items()])
            for path, of_file in self._spots.items()
        ]


def _told(spot: Spot, window: range) -> frozenset[int]:
    """Take blank lines off both ends of a window."""
    said = [n for n in window if spot.lines[n].strip()] or [spot.at]
    return frozenset(range(said[0], said[-1] + 1))


def _signature(spot: Spot) -> int:
    """Return the line that says what a definition is: the first one with its name in it."""
    name = spot.passage.name
    if spot.passage.kind != PassageKind.DEFINITION or not name:
        return spot.at
    return next((n for n, line in enumerate(spot.lines) if name in line), spot.at)


def _mark(line: int, symbol: str) -> str:
    return f"… line {line} {symbol}".rstrip()


def _written(path: str, quoted: Sequence[tuple[Spot, frozenset[int]]]) -> Excerpt:
    """Write the runs of a file's lines in their order, each gap with the line that goes on."""
    ordered = [
        (spot.passage.start + first, spot.passage.start + last, first, spot)
        for spot, lines in quoted
        for first, last in runs(lines)
    ]
    ordered.sort(key=lambda run: run[:2])
    head = ""
    body: list[str] = []
    symbol, following = "", 0
    for start, end, first, spot in ordered:
        named = one_line(spot.passage.symbol, 80)
        told = named if named != symbol else ""
        if not head:
            head = f"{one_line(path)}:{start} {told}".rstrip()
        elif start != following:
            body.append(_mark(start, told))
        body += spot.lines[first : first + end - start + 1]
        symbol, following = named, end + 1
    fence = _FENCES[any("```" in line for line in body)]
    text = "\n".join([f"\n{head}", fence, *body, fence, ""])
    places = tuple(
        Place(spot.passage.start + first, spot.passage.start + last, place_of(spot.passage).name)
        for spot, lines in quoted
        for first, last in runs(lines)
    )
    return Excerpt(path, text, places)
