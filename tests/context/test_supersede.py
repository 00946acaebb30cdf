"""What a newer statement takes the place of is proposed; what is merely alike is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from satchel.context.supersede import candidates, proposed, supersedes
from satchel.context.types import Record, RecordKind, Status

MAIL = "Outgoing mail is sent through Postfix on the mail host."
MAIL_NOW = "Outgoing mail is sent through SES now; the Postfix host was shut down."
PAGES = "Lists are cut into pages of fifty entries."
SIGN_IN = "Users sign in with a magic link that is mailed to them."


def record(name: str, text: str, date: str = "2025-01-01", **more: object) -> Record:
    """A decision of one workspace."""
    made = Record(name, RecordKind.DECISION, text, "/w", ("user",), date, date)
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


OLD = record("old", MAIL)
NEW = record("new", MAIL_NOW, "2025-06-01")
OTHERS = (record("pages", PAGES), record("sign-in", SIGN_IN))


def test_the_statement_that_is_replaced_ranks_before_those_that_share_a_word() -> None:
    ranked = candidates(MAIL_NOW, [SIGN_IN, PAGES, MAIL])
    assert ranked[0][0] == 2
    assert ranked[0][1] > 10 * ranked[1][1]


def test_a_statement_about_something_else_takes_nothing_s_place() -> None:
    assert supersedes(PAGES, MAIL) < 0.1 < supersedes(MAIL_NOW, MAIL)


def test_a_newer_decision_that_retires_an_older_one_proposes_itself_in_its_place() -> None:
    assert [found.id for found, _ in proposed(NEW, [OLD, *OTHERS, NEW])] == ["old"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(OLD, status=Status.SUPERSEDED), id="closed already"),
        pytest.param(replace(OLD, workspace="/other"), id="of another workspace"),
        pytest.param(replace(OLD, globs=("docs/**",)), id="of another scope"),
        pytest.param(replace(OLD, kind=RecordKind.NOTE), id="of another kind"),
        pytest.param(replace(OLD, valid_from="2025-09-01"), id="newer"),
    ],
)
def test_what_cannot_be_replaced_is_not_proposed(other: Record) -> None:
    assert proposed(NEW, [other, *OTHERS]) == []


def test_what_is_linked_already_is_not_proposed_again() -> None:
    assert proposed(replace(NEW, supersedes=("old",)), [OLD, *OTHERS]) == []


def test_a_text_without_words_or_others_is_no_trouble() -> None:
    assert candidates("", []) == []
    assert 0.0 <= supersedes("", "…") <= 1.0
