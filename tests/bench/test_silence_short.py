"""What is counted of requests of a few words, and that those that were written can be asked."""

from __future__ import annotations

import json

from bench.silence_short import ANY_LENGTH, CASES, Short, figures, is_wrong


def asked(right: str, given: tuple[str, ...], plain: tuple[str, ...], score: float) -> Short:
    wanted = frozenset({right} - {""})
    return Short("developed", "the cart", wanted, given, bool(given), plain, score)


def test_a_request_is_answered_by_a_right_file_and_by_silence_where_there_is_none() -> None:
    assert not is_wrong(asked("cart.py", ("shop.py", "cart.py"), (), 0.0))
    assert is_wrong(asked("cart.py", ("shop.py",), (), 0.0))
    assert is_wrong(asked("", ("shop.py",), (), 0.0))
    assert not is_wrong(asked("", (), (), 0.0))


def test_bm25_speaks_where_it_is_as_rarely_wrong() -> None:
    found = [
        asked("cart.py", ("cart.py",), ("cart.py",), 5.0),
        asked("cart.py", ("shop.py", "cart.py"), ("cart.py",), 1.0),
        asked("", (), ("shop.py",), 3.0),
    ]
    row = figures(found)
    assert row["spoke_wrongly"]["value"] == 0.0
    assert (row["right_file"]["value"], row["right_first"]["value"]) == (100.0, 50.0)
    assert row["bm25"] == {
        "threshold": 3.0,
        "spoke_rightly": 50.0,
        "right_file": 50.0,
        "right_first": 50.0,
    }


def test_requests_of_any_length_name_what_would_be_right() -> None:
    told = json.loads(ANY_LENGTH.read_text(encoding="utf-8"))["repositories"]
    assert {row["half"] for row in told} == {"developed", "blind once"}
    assert all(one["right"] and one["text"] for row in told for one in row["asked"])


def test_every_written_request_has_two_to_eight_words() -> None:
    for row in json.loads(CASES.read_text(encoding="utf-8"))["repositories"]:
        texts = [one["text"] for one in row["asked"]] + row["absent"] + row["anywhere"]
        assert all(2 <= len(text.split()) <= 8 for text in texts)
        assert all(one["right"] for one in row["asked"])
        assert row["half"] in {"developed", "held out"}
