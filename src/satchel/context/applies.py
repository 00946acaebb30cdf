"""Which records apply to a request. Pure: records, terms and vectors come in, choices go out.

By scope first (the files that the request touches), by name second, by what both have in common
last (`ground.py`); docs/adr/0010-which-records-apply.md has the figures and the threshold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from satchel.context import handles
from satchel.context.english import common, stem
from satchel.context.globs import covers, is_of_a_language
from satchel.context.ground import Known, Wanted, features, likelihood
from satchel.context.topic import told
from satchel.context.types import (
    CURRENT,
    ChosenRecord,
    Origin,
    Record,
    RecordKind,
    Status,
)

# A language as a rule names it, and how its files end.
LANGUAGES: Final = {
    r"\bPython\b": (".py", ".pyi", ".ipynb", ".toml", ".cfg"),
    r"\bTypeScript\b": (".ts", ".tsx", ".mts", ".json", ".vue", ".svelte"),
    r"\bJavaScript\b": (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".json", ".vue", ".html"),
    r"\bGo\b": (".go", ".mod"),
    r"\bRust\b": (".rs", ".toml"),
    r"\bJava\b": (".java", ".gradle", ".xml"),
    r"\bKotlin\b": (".kt", ".kts"),
    r"\bSwift\b": (".swift",),
    r"\bRuby\b": (".rb", ".gemspec"),
    r"\bPHP\b": (".php",),
}
_ANY_LANGUAGE: Final = re.compile("|".join(LANGUAGES))
LEAST: Final = 0.5  # probability from which a record is handed over
# What it gives to be opposed, covered by scope, called by name: more than words ever give.
OPPOSED: Final = 2.0
COVERED: Final = 1.5  # the best file; less, the next
NAMED: Final = 1.2
MOST_OF_A_LANGUAGE: Final = 2  # statements of a rules file that a language alone brings
NEAREST_FILES: Final = 3  # of the ranked files, those that a scope is held against
BEGINS: Final = 5  # letters by which a word is found in its other forms
# Terms that must be shared where there is no vector to speak for a record, and for what a manifest
# or a commit says: "Python >=3.11 is required" is near every question that names Python.
TOGETHER: Final = 2
# Where no file of the workspace answers the request, nothing but words speaks for a record. The
# more records there are, the likelier one of them shares common words with anything: from so many
# on, the odds fall with their number. A word that is not common needs no such discount.
FEW: Final = 20
IN_PASSING: Final = 0.1  # likelihood below which only the name of a language is shared


def heeded(opposed: Mapping[str, str], known: Sequence[Known], wanted: Wanted) -> dict[str, str]:
    """Return what the request contradicts and is to be told.

    Where no file answers it, it may well speak of something else: what proposes nothing, or tells
    at length what happened, names many options in passing, and who asks how something is done in
    Python takes up no language. Then a record must apply to it by more than an option for the same
    purpose, which is what it is opposed for.
    """
    if not wanted.alone:
        return dict(opposed)
    by_id = {
        entry.record.id: replace(entry, is_read=False)
        for entry in known
        if entry.record.id in opposed
    }

    def least(entry: Known) -> float:
        if not wanted.proposes:
            return LEAST
        both = entry.ground & wanted.rarity.keys()
        return IN_PASSING if both - wanted.shared(entry) else 0.0

    return {
        name: why
        for name, why in opposed.items()
        if _likelihood(by_id[name], wanted) >= least(by_id[name])
    }


def judge(
    known: Sequence[Known], wanted: Wanted, opposed: Mapping[str, str] | None = None
) -> list[ChosenRecord]:
    """Give every record its score and the reason, best first; whether it still holds is not asked.

    `opposed` maps the ids of records that the request contradicts to the reason: they come first.
    """
    judged = [_judged(entry, wanted, opposed or {}) for entry in known]
    if further := _further(judged):
        on_its_own = replace(wanted, by_scope=False)
        judged = [
            _judged(entry, on_its_own, opposed or {}) if one.record.id in further else one
            for entry, one in zip(known, judged, strict=True)
        ]
    return sorted(judged, key=lambda c: (-c.score, c.record.learned, c.record.id))


def _further(judged: Sequence[ChosenRecord]) -> set[str]:
    """Return the ids of the statements that a language alone brings, all but the nearest of each
    rules file: they hold for every other request as well."""
    brought = [
        one
        for one in judged
        if _is_by_scope(one)
        and one.record.origin is Origin.RULES
        and one.record.status in CURRENT
        and is_of_a_language(one.record.globs)
    ]
    brought.sort(key=lambda one: -one.score)
    seen: Counter[str] = Counter()
    further = set()
    for one in brought:
        file = one.record.source.rpartition(":")[0]
        seen[file] += 1
        if seen[file] > MOST_OF_A_LANGUAGE:
            further.add(one.record.id)
    return further


def choose(
    judged: Sequence[ChosenRecord], most: int, least: float = LEAST
) -> tuple[list[ChosenRecord], list[str]]:
    """Choose the current records that apply, and say of the others why they do not.

    Where a record that was superseded fits, what holds now in its place comes instead of it, with
    the statements before it; its own score is then that of the one that fits.
    """
    by_id = {one.record.id: one for one in judged}
    chosen: dict[str, ChosenRecord] = {}
    left: list[str] = []
    for one in judged:
        record = one.record
        if one.score < least:
            left.append(f"record {record.id}: {one.reason}; {one.score:.2f} of {least}")
        elif record.status in CURRENT:
            known = chosen.get(record.id)
            chosen[record.id] = replace(one, before=known.before if known else ())
        elif record.status is Status.SUPERSEDED and record.superseded_by:
            last = _last(record, by_id)
            if last is None or last.status not in CURRENT:
                left.append(f"record {record.id}: it was superseded")
                continue
            holds = chosen.get(last.id) or ChosenRecord(
                last, "took the place of what the request is about", one.score
            )
            chosen[last.id] = replace(holds, before=(*holds.before, record))
        else:
            left.append(f"record {record.id}: it is {record.status}: {record.reason or one.reason}")
    ranked = _spread(
        sorted(chosen.values(), key=lambda c: (-c.score, c.record.learned, c.record.id))
    )
    # Who names seven things means seven.
    kept = [c for n, c in enumerate(ranked) if n < most or (_is_named(c) and n < 2 * most)]
    have = {c.record.id for c in kept}
    over = [
        f"record {c.record.id}: {most} others apply more" for c in ranked if c.record.id not in have
    ]
    return kept, [*over, *left]


def _spread(ranked: Sequence[ChosenRecord]) -> list[ChosenRecord]:
    """Let one statement of each rules file come before the second of any: by their scope all of a
    file apply alike, and the first file would push the others out."""
    seen: Counter[str] = Counter()
    rounds: dict[str, int] = {}
    for one in ranked:
        if _is_by_scope(one):
            file = one.record.source.rpartition(":")[0]
            rounds[one.record.id] = seen[file]
            seen[file] += 1
    return sorted(
        ranked,
        key=lambda c: (
            -(c.score if c.record.id not in rounds else COVERED),
            rounds.get(c.record.id, 0),
            -c.score,
        ),
    )


def _is_by_scope(one: ChosenRecord) -> bool:
    return NAMED + 0.1 < one.score < OPPOSED


def _is_named(one: ChosenRecord) -> bool:
    return NAMED <= one.score < COVERED - 0.1 * (NEAREST_FILES - 1)


def _last(record: Record, by_id: Mapping[str, ChosenRecord]) -> Record | None:
    """Follow the links to what holds in a record's place."""
    seen = {record.id}
    while record.superseded_by is not None:
        found = by_id.get(record.superseded_by)
        if found is None or found.record.id in seen:
            return None
        record = found.record
        seen.add(record.id)
    return record


def _judged(entry: Known, wanted: Wanted, opposed: Mapping[str, str]) -> ChosenRecord:
    """Give one record its score (0 to 1, more where it must come first) and the reason."""
    record = entry.record
    if record.id in opposed:
        score = OPPOSED + 0.1 * _likelihood(entry, wanted)
        return ChosenRecord(record, f"the request contradicts it: {opposed[record.id]}", score)
    is_scoped = bool(record.globs) and record.globs not in wanted.wide
    scope = _scope(record, wanted.files) if is_scoped else None
    if is_scoped and scope is None:
        return ChosenRecord(record, "its scope covers none of the files", 0.0)
    if other := _other_language(record, wanted.files):
        return ChosenRecord(record, f"it is about {other}, and the files are not", 0.0)
    probability = _likelihood(entry, wanted)
    is_bare = entry.cosine is None or record.origin in {
        Origin.MANIFESTS,
        Origin.HISTORY,
    }
    if is_bare and len(wanted.shared(entry)) < TOGETHER:
        probability = 0.0
    if record.origin is Origin.RULES and _is_by_heading(entry, wanted):
        probability = 0.0
    if record.kind in {RecordKind.RULE, RecordKind.PREFERENCE}:
        if (spelled := _cites(record, wanted.files)) is not None:
            place, path = spelled
            score = COVERED - 0.1 * place + 0.1 * probability
            return ChosenRecord(record, f"names {path}", score)
        if scope is not None and wanted.by_scope:
            place, path = scope
            score = COVERED - 0.1 * place + 0.1 * probability
            return ChosenRecord(record, f"its scope covers {path}", score)
    name = handles.called(names_of(record), wanted.words)
    if name is not None:
        score = NAMED + 0.1 * probability
        return ChosenRecord(record, f"the request names {name}", score)
    if wanted.is_general and record.kind in {RecordKind.RULE, RecordKind.PREFERENCE}:
        return ChosenRecord(record, "the request is of general knowledge", 0.0)
    return ChosenRecord(record, _reason(entry, wanted), probability)


def _is_by_heading(entry: Known, wanted: Wanted) -> bool:
    """Tell whether a rule shares with a request the words of its heading alone, as all do that
    stand below it."""
    rule = entry.record.text.partition(": ")[2].lower()
    words = (wanted.spelled.get(term, term) for term in wanted.shared(entry))
    return bool(rule) and not any(word[:BEGINS].lower() in rule for word in words)


def _likelihood(entry: Known, wanted: Wanted) -> float:
    """Return how likely it is (0 to 1) that a record applies, of as many as there are."""
    shared = wanted.shared(entry)
    if not wanted.alone or any(
        stem(wanted.spelled.get(term, term)) not in common() for term in shared
    ):
        return likelihood(features(entry, wanted))
    if len(shared) < TOGETHER:  # one common word names no option: a "cursor" need not be for pages
        entry = replace(entry, is_read=False)
    found = likelihood(features(entry, wanted))
    odds = found / max(1 - found, 1e-9) * min(1.0, FEW / wanted.alone)
    return odds / (1 + odds)


def pinned(known: Sequence[Known], chosen: Sequence[ChosenRecord]) -> list[ChosenRecord]:
    """Return the current pinned records that are not among the chosen."""
    have = {c.record.id for c in chosen}
    return [
        ChosenRecord(entry.record, "is pinned", 1.0)
        for entry in known
        if entry.record.pinned and entry.record.status in CURRENT and entry.record.id not in have
    ]


def with_related(
    chosen: Sequence[ChosenRecord], by_id: Mapping[str, Record], most: int
) -> list[ChosenRecord]:
    """Add the records that a chosen one is about."""
    have = {c.record.id for c in chosen}
    added: list[ChosenRecord] = []
    for one in chosen:
        for name in one.record.related:
            record = by_id.get(name)
            if record is not None and name not in have and record.status in CURRENT:
                have.add(name)
                why = f"is what record {one.record.id} is about"
                added.append(ChosenRecord(record, why, one.score * 0.9))
    return [*chosen, *added][: max(most, len(chosen))]


def _other_language(record: Record, files: Sequence[str]) -> str | None:
    """Return the language that a rule is about where none of the best files is written in it."""
    if record.kind not in {RecordKind.RULE, RecordKind.PREFERENCE} or not files:
        return None
    if _ANY_LANGUAGE.search(record.text) is None:
        return None
    about = {name: endings for name, endings in LANGUAGES.items() if re.search(name, record.text)}
    best = [path.lower() for path in files[:NEAREST_FILES]]
    if not about or any(path.endswith(ends) for path in best for ends in about.values()):
        return None
    return next(iter(about)).replace("\\b", "")


def _scope(record: Record, files: Sequence[str]) -> tuple[int, str] | None:
    """Return the first of the best files that the record's globs cover, with its place."""
    for place, path in enumerate(files[:NEAREST_FILES]):
        if covers(record.globs, path):
            return place, path
    return None


def _cites(record: Record, files: Sequence[str]) -> tuple[int, str] | None:
    """Return the first of the best files that the record's text spells, with its place."""
    for place, path in enumerate(files[:NEAREST_FILES]):
        if path in record.anchors and path.rpartition("/")[2] in record.text:
            return place, path
    return None


def names_of(record: Record) -> Iterator[str]:
    """Yield the names that a record goes by. A subject that was read out of a text is no name."""
    yield from record.aliases
    if record.subject and (record.origin in {Origin.USER, Origin.AGENT} or " " in record.subject):
        yield record.subject


def _reason(entry: Known, wanted: Wanted) -> str:
    shared = sorted(wanted.shared(entry), key=lambda t: (-wanted.rarity[t], t))
    words = told((wanted.spelled.get(term, term) for term in shared), wanted.written)
    if not words:
        return "is near in meaning"
    why = f"shares {', '.join(words[:4])} with the request"
    paper = entry.paper
    if paper is None or paper.shared <= entry.terms:
        return why
    return f"{why} at line {paper.line}"
