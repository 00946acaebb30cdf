"""Whether the evidence is about this workspace at all. Pure.

Two logistic models over ten features, one for requests of a few words and one for longer ones,
fitted by `python -m bench.silence_fit` on commit messages of seven repositories, small and large
(and their first two to four content words, and files that are asked about by name), against
everyday prompts, general programming questions, issues and names of other repositories;
docs/adr/0007-silence.md has the figures. A briefing that fires for nothing is worse than one that
stays silent.

Evidence is measured in nats, the rarity of the words that are found, and held against the logarithm
of the number of passages: the more there are, the more of any request one of them holds by chance.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from satchel.context.catalog import common_tail
from satchel.context.english import common
from satchel.context.english import stem as rough
from satchel.context.lead import called
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence
from satchel.context.store.index import StoredPassage
from satchel.context.terms import is_pair, parts, words_of
from satchel.context.topic import LANGUAGES, SHORT, Topic, is_asking, stems_of, topic_of
from satchel.context.types import PassageKind, Signal
from satchel.context.understand import Query

NAMES: Final = (
    *("titled", "matched", "phrases", "named"),
    *("unknown", "language", "passages", "uncommon"),
    *("covered", "whole"),
)
INTERCEPT: Final = 1.58
WEIGHTS: Final = (1.93, 0.32, 0.55, 3.96, -1.01, -2.94, -0.45, 0.67, 0.0, 0.0)
# Of a request of a few words that is about something: how much of that files are called.
FEW_INTERCEPT: Final = -1.58
FEW_WEIGHTS: Final = (0.0, 0.84, 0.84, 3.95, -0.37, -3.72, -0.36, 0.88, 2.77, 1.92)
LEAST: Final = 0.6
LEAST_ASKED: Final = 0.25  # of a question that is put to this very workspace
# A request of more words than these says what it means, and need not be so sure: its odds are
# raised by as much as lowers the threshold to .5. What is foreign and spoke by chance was brief.
BRIEF: Final = 15
AT_LENGTH: Final = 0.41
SMALLEST: Final = 1_000  # passages of the smallest repository fitted on: below, nothing is known
LOOKED_AT: Final = (5, 3)  # files, and passages of each
SPELLED: Final = 0.5  # a path or a stack frame that points at few files is proof by itself
LONG: Final = 60  # words from which a file's bare name is none: every project has a conf.py
MOST_MATCHED: Final = 8
MOST_PHRASES: Final = 4
MOST_UNKNOWN: Final = 10
MOST_UNCOMMON: Final = 4
MOST_NATS: Final = 40.0  # of one title: a long request finds more without meaning more
LONGEST: Final = 3_000  # terms of a passage that are looked at for phrases
READ: Final = 5_000  # characters of a request, likewise
APART: Final = 2  # places within which two words of a phrase stand in a passage

# What a program printed, with nobody's words before it: it begins with a complaint, as programs do.
# Its words are those of tools, which every repository shares; so a name in it has to be from here.
COMPLAINT: Final = re.compile(
    r"(?:(?:\S{1,60}: )?(?i:error|fatal|warning|panic|conflict|e)\b[^\n:]{0,30}:"
    r"|\S{1,30} (?:ERR!|WARN)"
    r"|\S{1,30}: (?:\S{1,60}: )?(?i:command not found|permission denied|no such file))(?=[:\s]|$)"
)
# What is said of the work at hand: it goes to who does it, whatever the words name here.
AT_HAND: Final = re.compile(
    r"^\W{0,4}(?:(?:ok(?:ay)?|now|then|and|please|yes|no|just)\W{1,3}){0,3}"
    r"(?:(?:amend|commit|discard|merge|push|rebase|revert|squash|stash|tag|undo) "
    r"(?:it|this|that|them|these|those|my|your|everything|again|onto|the (?:last|latest|previous))"
    r"|(?:create|make|open) (?:a|the) (?:pr|(?:pull|merge) request)"
    r"(?=\W*$| (?:against|and|for|from|now|on|please|to|with)))\b",
    re.IGNORECASE,
)
# What asks for a place in the code, or what those who write it do: it is put to this workspace.
AT_HOME: Final = re.compile(
    r"^\W{0,4}(?:(?:also|and|hey|hi|ok|please|so)\W{1,3}){0,3}(?:where"
    r"|(?:which|what) (?:class|code|component|endpoint|files?|function|lines?|method|module|package"
    r"|part|places?|script|tests?)"
    r"|(?:how|when|where|why) (?:are|can|did|didn't|do|does|don't|should) (?:our|we)"
    r"|(?:are|do|does|is) (?:our|we))\b",
    re.IGNORECASE,
)
PERSONAL: Final = frozenset(("i", "me", "mine", "my", "you", "your"))
PREFIX: Final = re.compile(r"\S{1,60}:\s")  # the program's name, or a host's
FIRST_LINES: Final = 5
NAMED_HERE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a request and the best candidates for it, in the order of NAMES.

    `titled`: the rarity of what one of the best passages' path and symbol share with it, as a
    multiple of the passages' logarithm.
    `matched`: how many of its terms the passage has that holds most of its rarity; `phrases`: how
    many of its pairs of neighbouring words stand together in one. `named`: what a definition that
    it spells gives, shared among its definers (0 to 1); `unknown`: how many of its terms stand
    nowhere here; `language`: 1 where it names a programming language; `passages`: the logarithm of
    their number; `uncommon`: how many of its terms one passage has that are no common words of
    technical English ("file", "list" and "string" stand together everywhere). `spelled` tells of a
    path or a stack frame: nothing else is looked at then. `covered`: how much of what a request of
    a few words is about stands in one file's path and definitions, `whole`: how much of one file's
    name it says; 0 for longer ones, which are not `few`. `elsewhere`: a program said it, or it is
    said of the work at hand.
    """

    spelled: bool
    values: tuple[float, ...] = (0.0,) * len(NAMES)
    at_length: bool = False
    elsewhere: bool = False
    few: bool = False


def features(
    candidates: Sequence[Candidate],
    passages: Mapping[int, StoredPassage],
    evidence: Evidence,
    query: Query,
    spell: Callable[[str], Sequence[str]],
    terms: Callable[[str], frozenset[str]],
) -> Features | None:
    """Look at the best candidates; None where none of them has a passage or is spelled out.

    `spell` gives a text's terms as the index stems them, in order; `terms` each of them once.
    """
    files, each = LOOKED_AT
    best = candidates[:files]
    pointed = [c.row for c in best if c.signals.get(Signal.PATH, 0.0) >= SPELLED]
    documents = called(query, evidence.catalog)
    if any(_points_at(row.path, query) or row in documents for row in pointed):
        return Features(True)
    rarity = evidence.rarity
    pairs = _pairs(query.text[:READ], rarity, spell)
    plain = {term for term in rarity if rough(evidence.spelled.get(term, term)) in common()}
    held: list[tuple[float, int]] = []
    topic = topic_of(query)
    stems = stems_of(topic, rarity, spell)
    titled = covered = whole = 0.0
    phrases = uncommon = 0
    for candidate in best:
        if stems.telling:
            symbols = " ".join(
                passages[number].symbol
                for number, _ in candidate.passages[:each]
                if number in passages and passages[number].kind == PassageKind.DEFINITION
            )
            own = terms(candidate.row.subject)
            covered = max(covered, stems.covered(terms(f"{candidate.row.path} {symbols}")))
            whole = max(whole, stems.whole(own))
        for number, _ in candidate.passages[:each]:
            if number in passages:
                passage = passages[number]
                said = terms(passage.text) & rarity.keys()
                title = (terms(candidate.row.path) | terms(passage.symbol)) & rarity.keys()
                have = title | said
                held.append((sum(rarity[term] for term in have), len(have)))
                titled = max(titled, sum(rarity[term] for term in title))
                uncommon = max(uncommon, len(have - plain))
                if len(near := {pair for pair in pairs if said.issuperset(pair)}) > phrases:
                    together = _neighbours(spell(passage.text)[:LONGEST], rarity)
                    phrases = max(phrases, len(near & together))
    if not held:
        return None
    size = math.log(max(evidence.catalog.passages, SMALLEST))
    named = max(c.signals.get(Signal.SYMBOL, 0.0) for c in candidates)
    return Features(
        False,
        (
            min(titled, MOST_NATS) / size,
            float(min(max(held)[1], MOST_MATCHED)),
            float(min(phrases, MOST_PHRASES)),
            named,
            float(min(_strange(evidence, topic, named >= NAMED_HERE), MOST_UNKNOWN)),
            float(names_a_language(query, best)),
            size,
            float(min(uncommon, MOST_UNCOMMON)),
            covered,
            whole,
        ),
        len(query.text.split(maxsplit=BRIEF)) > BRIEF,
        is_printed(query.text) or is_at_hand(query.text),
        bool(topic.words),
    )


def confidence(seen: Features | None) -> float:
    """Return how sure it is (0 to 1) that the best candidates are about the request. In a workspace
    smaller than any that was fitted on, either verdict on a few words will do: there a word may
    stand in every passage."""
    if seen is None:
        return 0.0
    if seen.spelled:
        return 1.0
    if seen.elsewhere and seen.values[NAMES.index("named")] < NAMED_HERE:
        return 0.0
    many = _odds(seen.values, INTERCEPT + AT_LENGTH * seen.at_length, WEIGHTS)
    if not seen.few:
        return 1 / (1 + math.exp(-many))
    few = _odds(seen.values, FEW_INTERCEPT, FEW_WEIGHTS)
    is_small = seen.values[NAMES.index("passages")] <= math.log(SMALLEST)
    return 1 / (1 + math.exp(-(max(few, many) if is_small else few)))


def _odds(values: Sequence[float], intercept: float, weights: Sequence[float]) -> float:
    return intercept + sum(w * value for w, value in zip(weights, values, strict=True))


def is_at_home(text: str) -> bool:
    """Tell whether a question is put to this very workspace: by how it begins, and that it is not
    about who asks or answers."""
    return AT_HOME.match(text) is not None and PERSONAL.isdisjoint(words_of(text.lower()[:READ]))


def is_printed(text: str) -> bool:
    """Tell whether a program printed a text, by how it begins."""
    first, *others = text.strip().split("\n", FIRST_LINES)[:FIRST_LINES]
    return bool(COMPLAINT.match(first)) or (
        bool(PREFIX.match(first)) and any(COMPLAINT.match(line.strip()) for line in others)
    )


def is_at_hand(text: str) -> bool:
    """Tell whether a short text tells an agent what to do with what it has just done."""
    return len(text.split(maxsplit=SHORT)) <= SHORT and AT_HAND.match(text) is not None


def names_a_language(query: Query, best: Sequence[Candidate]) -> bool:
    """Tell whether a request names a programming language: not as part of a dotted name, nor as
    part of what one of the best files is called, where another word of that name is said as well. A
    file that is called `python.py` alone answers no question about Python."""
    dotted = {part for name in query.names if "." in name for part in name.lower().split(".")}
    said = LANGUAGES.intersection(query.words) - dotted
    shared = (query.words.keys() & parts(candidate.row.subject) for candidate in best)
    return bool(said.difference(*(words for words in shared if not words <= said)))


def _points_at(path: str, query: Query) -> bool:
    """Tell whether a request spells a file: by its folder and name, by its module, by its whole
    path. Where it spells a folder of that name in another place, or says a lot beside a bare name,
    it may well mean another project's."""
    if query.overview:
        return True
    is_long = len(query.text.split(maxsplit=LONG)) > LONG
    whole, stem = path.split("/"), path.rpartition(".")[0].split("/")
    for named in (*query.paths, *query.frames):
        parts = [part for part in named.replace("\\", "/").split("/") if part.strip(".")]
        tail = max(common_tail(parts, whole), common_tail(parts, stem))
        if tail > 1 or (tail and (len(whole) == 1 if len(parts) > 1 else not is_long)):
            return True
    if stem[-1] == "__init__":
        stem = stem[:-1]
    return any(
        common_tail(dotted[:end], stem) > 1
        for dotted in (name.split(".") for name in query.names)
        for end in range(len(dotted), 1, -1)
    )


def _strange(evidence: Evidence, topic: Topic, is_named: bool) -> int:
    """Return how many words of a request stand nowhere here, but for those by which one asks. In a
    short sentence of another language each name of the workspace makes up for one, in a longer one
    a name that is defined here for all. Of a script
    without spaces, which is searched by pairs of characters, a pair that shares one with a known
    pair lies between two words, and of the others it takes two to make a word."""
    unknown = {t for t in evidence.unknown if not is_asking(evidence.spelled.get(t, t))}
    if topic.is_foreign and (topic.words or is_named):
        strange = sum(evidence.spelled.get(term, term) in topic.words for term in unknown)
        return max(0, 2 * strange - len(topic.words))
    pairs = {term for term in unknown if is_pair(term)}
    known = [term for term in evidence.rarity.keys() - evidence.unknown if is_pair(term)]
    begins, ends = {term[0] for term in known}, {term[1] for term in known}
    strange = sum(term[0] not in ends and term[1] not in begins for term in pairs)
    return len(unknown) - len(pairs) + (strange + 1) // 2


def _pairs(
    text: str, rarity: Mapping[str, float], spell: Callable[[str], Sequence[str]]
) -> set[tuple[str, str]]:
    """Return the pairs of neighbouring words of a request, both of which carry meaning."""
    stems = [spell(word) for word in words_of(text)]
    single = [(one[0], other[0]) for one, other in pairwise(stems) if len(one) == len(other) == 1]
    run = [pair for word in stems if word and is_pair(word[0]) for pair in pairwise(word)]
    return {
        (one, other)
        for one, other in (*single, *run)
        if one != other and one in rarity and other in rarity
    }


def _neighbours(terms: Sequence[str], rarity: Mapping[str, float]) -> set[tuple[str, str]]:
    """Return the pairs of a request's terms that stand together in a passage."""
    return {
        (term, after)
        for place, term in enumerate(terms)
        if term in rarity
        for after in terms[place + 1 : place + 1 + APART]
        if after in rarity
    }
