"""Streams, colours and questions."""

from __future__ import annotations

import io
import json

import pytest

from satchel.base.errors import BadInput, NeedsAnswer
from satchel.cli.terminal import PLAIN, Terminal, wants_colour


def terminal(typed: str = "", *, answers: bool = False, **options: bool) -> Terminal:
    return Terminal(
        out=io.StringIO(),
        err=io.StringIO(),
        input=io.StringIO(typed),
        paint=PLAIN,
        paint_err=PLAIN,
        live=False,
        answers=answers,
        **options,
    )


def text(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("environment", "is_terminal", "coloured"),
    [
        pytest.param({}, True, True, id="a terminal"),
        pytest.param({}, False, False, id="a file"),
        pytest.param({"NO_COLOR": "1"}, True, False, id="NO_COLOR"),
        pytest.param({"NO_COLOR": ""}, True, True, id="an empty NO_COLOR means nothing"),
        pytest.param({"TERM": "dumb"}, True, False, id="a dumb terminal"),
        pytest.param({"FORCE_COLOR": "1"}, False, True, id="FORCE_COLOR"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False, id="NO_COLOR wins"),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    environment: dict[str, str], is_terminal: bool, coloured: bool
) -> None:
    assert wants_colour(environment, is_terminal) is coloured


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False), ("", False)],
)
def test_only_a_yes_is_a_yes(typed: str, agreed: bool) -> None:
    asked = terminal(typed, answers=True)
    assert asked.confirm("Really?", cannot="", instead="") is agreed
    assert "Really? [y/N]" in text(asked.err)


def test_yes_answers_before_anyone_is_asked() -> None:
    asked = terminal(yes=True)
    assert asked.confirm("Really?", cannot="", instead="")
    assert text(asked.err) == ""


def test_a_question_that_nobody_can_answer_is_an_error_with_a_next_step() -> None:
    with pytest.raises(NeedsAnswer, match="nobody") as caught:
        terminal().confirm("Really?", cannot="nobody is here", instead="add --yes")
    assert (caught.value.exit_status, caught.value.next_step) == (2, "add --yes")


def test_an_error_for_a_person_is_a_sentence_and_a_next_step_beside_the_answer() -> None:
    told = terminal()
    told.fail(BadInput("bad", "that \x1b[31mis wrong", "do this"))
    assert text(told.out) == ""
    assert text(told.err) == "satchel: that is wrong.\n  next: do this\n"


def test_an_error_for_a_program_is_one_object_on_standard_output() -> None:
    told = terminal(json=True)
    told.fail(BadInput("bad", "that is wrong", "do this", workspace="/x"))
    assert json.loads(text(told.out)) == {
        "error": {
            "code": "bad",
            "message": "that is wrong",
            "next": "do this",
            "workspace": "/x",
        }
    }
    assert text(told.err) == ""


def test_json_is_ascii_so_that_no_locale_breaks_it() -> None:
    told = terminal(json=True)
    told.answer({"path": "caf\u00e9 \U0001f600 \udc80"})
    assert text(told.out).isascii()
    assert json.loads(text(told.out))["path"] == "caf\u00e9 \U0001f600 \udc80"
