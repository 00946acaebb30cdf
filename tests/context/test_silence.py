"""What is known of a request before a briefing speaks or keeps silent."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from satchel.context.catalog import Row, catalog_of
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence, Terms
from satchel.context.silence import (
    MOST_UNKNOWN,
    NAMES,
    Features,
    confidence,
    features,
    is_at_hand,
    is_at_home,
    is_printed,
    names_a_language,
)
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


def terms(text: str) -> frozenset[str]:
    """Each of them once."""
    return frozenset(spell(text))


def about(
    text: str, request: str, evidence: Evidence = EVIDENCE, best: Candidate = CANDIDATE
) -> dict[str, float]:
    """What is known by name, where the one passage has this text."""
    passage = StoredPassage(11, 1, "definition", "count", "count", 1, 9, text)
    found = features([best], {11: passage}, evidence, understand(request), spell, terms)
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
    nowhere = dict.fromkeys((f"u{n}" for n in range(50)), 1.0)
    strange = replace(EVIDENCE, terms=Terms(nowhere, {}, RARITY, {}))
    known, unknown = (about("an empty basket", "empty basket", e) for e in (EVIDENCE, strange))
    assert unknown["unknown"] == MOST_UNKNOWN
    general = about("an empty basket", "python empty basket")
    assert general["language"] == 1
    for doubtful in (unknown, general):
        assert confidence(Features(False, tuple(doubtful.values()))) < confidence(
            Features(False, tuple(known.values()))
        )


def test_a_dotted_name_or_a_file_that_is_called_so_is_no_language() -> None:
    assert about("an empty basket", "java.time.Duration is empty")["language"] == 0
    called = replace(CANDIDATE, row=replace(ROW, path="src/kotlin/KotlinBasket.kt"))
    for request, is_language in (("empty the kotlin basket", False), ("the rust basket", True)):
        assert names_a_language(understand(request), [called]) is is_language


def test_a_file_that_is_called_like_a_language_alone_answers_nothing_about_it() -> None:
    for path in ("src/python.py", "src/python_to_text.py", "src/python/__init__.py"):
        called = replace(CANDIDATE, row=replace(ROW, path=path))
        assert names_a_language(understand("how to read a file in python"), [called])
    called = replace(CANDIDATE, row=replace(ROW, path="src/python_to_text.py"))
    assert not names_a_language(understand("fix the text of python"), [called])


def test_words_of_any_project_tell_less_than_its_own() -> None:
    rarity = {"file": 4.0, "list": 4.0, "basket": 4.0}
    evidence = Evidence(catalog_of("1", [ROW], 100), {}, Terms({}, {}, rarity, {}))
    ours = about("a list of a basket", "list the basket", evidence)
    anyones = about("a list of a file", "list the file", evidence)
    assert (ours["uncommon"], anyones["uncommon"]) == (1.0, 1.0)  # both have its path
    other = replace(CANDIDATE, row=replace(ROW, path="src/core.py"))
    passage = StoredPassage(11, 1, "definition", "count", "count", 1, 9, "a list of a file")
    found = features([other], {11: passage}, evidence, understand("list the file"), spell, terms)
    assert found is not None
    assert found.values[NAMES.index("uncommon")] == 0.0


def is_spelled(request: str, path: str) -> bool:
    pointed = Candidate(replace(ROW, path=path), 1.0, {Signal.PATH: 1.0}, ((11, 1.0),), {})
    found = features([pointed], {}, EVIDENCE, understand(request), spell, terms)
    return found is not None and found.spelled


def test_a_path_with_its_folder_is_proof_however_long_the_request() -> None:
    told = "what happened then " * 30
    assert is_spelled("look at basket.py", "src/basket.py")
    assert is_spelled(f"{told}\n/home/me/lib/src/basket.py fails", "src/basket.py")
    assert is_spelled(f"{told}\nsrc.basket.count fails", "src/basket.py")
    assert is_spelled("what is this project about?", "README.md")


def test_a_bare_name_in_a_long_report_and_another_folder_are_no_proof() -> None:
    told = "what happened then " * 30
    assert not is_spelled(f"{told}\nin conf.py", "docs/conf.py")
    assert not is_spelled("see lib/site-packages/other/basket.py", "src/basket.py")
    assert is_spelled("see /home/me/shop/setup.py", "setup.py")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("error: failed to solve: process did not complete", True),
        ("error[E0425]: cannot find value `x` in this scope\n --> src/lib.rs:3:5", True),
        ("E: Package 'libxyz' has no installation candidate", True),
        ("docker: permission denied\nfatal: the daemon is not running", True),
        ("npm ERR! code E404", True),
        ("bash: jq: command not found", True),
        ("docs: say when a command is not found", False),
        ("the error: handler is never called", False),
        ("docs: mend a typo\n\nIt said panic.", False),
        ("I see this in the log:\nerror: no such table", False),
        ("ValueError: not enough values to unpack in parse_header", False),
        ("Error handling of uploads is wrong", False),
    ],
)
def test_what_a_program_printed_is_told_by_how_it_begins(text: str, printed: bool) -> None:
    assert is_printed(text) is printed


def test_what_a_program_printed_needs_a_name_from_here() -> None:
    sure = (3.0, 6.0, 3.0, 0.4, 0.0, 0.0, 8.0, 4.0, 0.0, 0.0)
    named = (*sure[:3], 1.0, *sure[4:])
    assert confidence(Features(False, sure)) > 0.9
    assert confidence(Features(False, sure, elsewhere=True)) == 0.0
    assert confidence(Features(False, named, elsewhere=True)) > 0.9


def test_a_few_words_that_a_file_is_called_by_are_enough() -> None:
    found = about("nothing of it", "fix the basket")
    assert (found["covered"], found["whole"]) == (1.0, 1.0)
    partly = about("nothing of it", "basket discount")
    assert (partly["covered"], partly["whole"]) == (0.5, 1.0)
    sure, less = (
        confidence(Features(False, tuple(one.values()), few=True)) for one in (found, partly)
    )
    assert sure > less


def test_how_it_is_asked_is_no_strange_word() -> None:
    strange = dict.fromkeys(("rename", "basket", "voucher"), 1.0)
    known = replace(EVIDENCE, terms=Terms(strange, {"basket": 3}, RARITY, {}))
    assert about("a basket", "rename the voucher basket", known)["unknown"] == 1


def test_in_another_language_each_name_makes_up_for_a_strange_word() -> None:
    words = dict.fromkeys(("wird", "der", "basket", "geleert"), 1.0)
    told = replace(EVIDENCE, terms=Terms(words, {"basket": 3}, RARITY, {}))
    assert about("a basket", "wo wird der Basket geleert", told)["unknown"] == 0
    less = replace(EVIDENCE, terms=Terms({**words, "tag": 1.0, "guten": 1.0}, {}, RARITY, {}))
    assert about("a basket", "wo wird der Basket geleert guten Tag", less)["unknown"] > 0


@pytest.mark.parametrize(
    ("text", "at_hand"),
    [
        ("push it to main", True),
        ("ok, now commit that", True),
        ("squash my last two commits", True),
        ("open a pull request for this", True),
        ("revert the last change please", True),
        ("add a pull request template", False),
        ("create a pull request template", False),
        ("merge the headers into one", False),
        ("rebase onto main and mend every conflict that comes up on the way", False),
    ],
)
def test_what_is_said_of_the_work_at_hand_is_told_by_how_it_begins(
    text: str, at_hand: bool
) -> None:
    assert is_at_hand(text) is at_hand


def test_in_a_long_text_of_another_language_a_name_from_here_makes_up_for_all_strange_words() -> (
    None
):
    text = (
        "der Bericht bricht ab, weil add_to_cart bei leeren Terminen nichts findet, was ist da los"
    )
    strange = dict.fromkeys(("bericht", "leeren", "terminen", "findet"), 1.0)
    known = replace(EVIDENCE, terms=Terms(strange, {}, RARITY, {}))
    assert about("a basket", text, known)["unknown"] > 0
    named = replace(CANDIDATE, signals={Signal.SYMBOL: 1.0})
    assert about("a basket", text, known, named)["unknown"] == 0
    english = "the report stops because add_to_cart finds nothing when all of the terms are empty"
    assert about("a basket", english, known, named)["unknown"] > 0


@pytest.mark.parametrize(
    ("text", "at_home"),
    [
        ("where is the discount computed?", True),
        ("which code decides what is cached", True),
        ("hey, why don't we lowercase tags", True),
        ("how do I center a div?", False),
        ("where is my order now", False),
        ("where do you call home", False),
        ("the page where discounts are shown is slow", False),
    ],
)
def test_what_is_asked_of_this_workspace_is_told_by_how_it_begins(text: str, at_home: bool) -> None:
    assert is_at_home(text) == at_home
