"""What is known of a request before a briefing speaks or keeps silent."""

from __future__ import annotations

import math
from dataclasses import replace

from satchel.context.catalog import Row, catalog_of
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence
from satchel.context.silence import MOST_UNKNOWN, NAMES, Features, confidence, features
from satchel.context.store.index import StoredPassage
from satchel.context.types import Signal
from satchel.context.understand import understand

ROW = Row(1, "src/basket.py", "source", "python")
CANDIDATE = Candidate(ROW, 1.0, {Signal.LEXICAL: 1.0}, ((11, 1.0),), {})
RARITY = {"basket": 4.0, "empty": 3.0, "discount": 5.0}
EVIDENCE = Evidence(catalog_of("1", [ROW], 100), {}, Terms({}, {}, RARITY, {}))


def spell(text: str) -> list[str]:
    """Words in lower case, as they stand."""
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def about(text: str, request: str, evidence: Evidence = EVIDENCE) -> dict[str, float]:
    """What is known by name, where the one passage has this text."""
    passage = StoredPassage(11, 1, "definition", "count", "count", 1, 9, text)
    found = features([CANDIDATE], {11: passage}, evidence, understand(request), spell)
    assert found is not None
    assert not found.spelled
    return dict(zip(NAMES, found.values, strict=True))


def test_words_that_stand_together_here_too_are_a_phrase() -> None:
    request = "the empty basket"
    assert about("an empty basket costs nothing", request)["phrases"] == 1
    assert about("a basket that is found to be empty", request)["phrases"] == 0


def test_a_path_counts_as_what_a_file_is_titled() -> None:
    found = about("nothing", "empty basket")
    assert found["titled"] == 4.0 / math.log(1_000)
    assert found["matched"] == 1


def test_the_same_evidence_is_less_in_a_large_repository() -> None:
    large = replace(EVIDENCE, catalog=catalog_of("1", [ROW], 100_000))
    request = "empty basket discount"
    text = "an empty basket gets a discount"
    few, many = (tuple(about(text, request, e).values()) for e in (EVIDENCE, large))
    assert confidence(Features(False, many)) < confidence(Features(False, few))


def test_words_that_stand_nowhere_and_the_name_of_a_language_speak_against_it() -> None:
    strange = replace(EVIDENCE, unknown=frozenset(f"u{n}" for n in range(50)))
    known, unknown = (about("an empty basket", "empty basket", e) for e in (EVIDENCE, strange))
    assert unknown["unknown"] == MOST_UNKNOWN
    general = about("an empty basket", "python empty basket")
    assert general["language"] == 1
    for doubtful in (unknown, general):
        assert confidence(Features(False, tuple(doubtful.values()))) < confidence(
            Features(False, tuple(known.values()))
        )
