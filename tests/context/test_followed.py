"""What edits followed before, as evidence for a request that is like it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.context.followed import MOST_FILES, evidence, likeness
from satchel.context.store.packets import Followed

WEIGHT = {"revoke": 4.0, "session": 2.0, "end": 1.0}
TERMS = st.frozensets(st.sampled_from("abcdefgh"))


def terms(text: str) -> frozenset[str]:
    return frozenset(text.split())


def scores(*requests: Followed, now: float = 0.0) -> dict[str, float]:
    return {path: score for path, score, _ in evidence(requests, WEIGHT, terms, now, 100.0)}


@given(TERMS, TERMS, st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1e6)))
def test_likeness_is_a_share(
    asked: frozenset[str], before: frozenset[str], weight: dict[str, float]
) -> None:
    assert 0.0 <= likeness(asked, before, weight) <= 1.0 + 1e-9


def test_the_same_request_is_wholly_alike_and_another_is_not_at_all() -> None:
    asked = WEIGHT.keys()
    assert likeness(asked, frozenset(asked), WEIGHT) == pytest.approx(1.0)
    assert likeness(asked, frozenset({"cart"}), WEIGHT) == 0.0
    assert likeness(asked, frozenset(), WEIGHT) == 0.0


def test_rare_words_and_short_requests_say_more() -> None:
    asked = WEIGHT.keys()
    assert likeness(asked, terms("revoke"), WEIGHT) > likeness(asked, terms("end"), WEIGHT)
    long = terms("revoke and much else besides")
    assert likeness(asked, terms("revoke"), WEIGHT) > likeness(asked, long, WEIGHT)


def test_an_old_request_counts_less_and_so_does_one_of_many_files() -> None:
    one = Followed(1, 0, "revoke session end", ("a.py",))
    assert scores(one)["a.py"] == pytest.approx(1.0)
    assert scores(one, now=50.0)["a.py"] == pytest.approx(math.exp(-0.5))
    assert scores(one, now=100.0) == {}
    four = Followed(1, 0, "revoke session end", ("a.py", "b.py", "c.py", "d.py"))
    assert scores(four)["a.py"] == pytest.approx(0.5)
    many = Followed(1, 0, "revoke session end", tuple(map(str, range(MOST_FILES + 1))))
    assert scores(many) == {}


def test_a_clock_that_went_back_makes_nothing_weigh_more() -> None:
    assert scores(Followed(1, 50, "revoke session end", ("a.py",)))["a.py"] == pytest.approx(1.0)


def test_the_reason_names_the_request_on_one_clean_line() -> None:
    said = Followed(1, 0, "revoke\n\u202e session end", ("a.py",))
    ((_, _, why),) = evidence([said], WEIGHT, terms, 0.0, 100.0)
    assert why == 'was edited after "revoke session end"'


def test_a_file_counts_by_the_request_that_was_most_alike() -> None:
    near = Followed(1, 0, "revoke session end", ("a.py",))
    less = Followed(2, 0, "revoke session of", ("a.py",))
    far = Followed(3, 0, "end of all else", ("a.py", "b.py"))
    assert scores(far, less, near)["a.py"] == scores(near)["a.py"] == pytest.approx(1.0)
    assert 0.5 <= scores(far, less)["a.py"] < 1.0
    assert scores(far) == {}
