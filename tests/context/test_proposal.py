"""What of a request proposes something, and what merely asks."""

from __future__ import annotations

import pytest

from satchel.context.classify import classify
from satchel.context.proposal import is_mere_question
from satchel.context.understand import understand


def asks(text: str) -> bool:
    return is_mere_question(text, classify(understand(text)))


@pytest.mark.parametrize(
    "text",
    [
        "where is the lifetime of a session defined?",
        "why are names limited to 36 characters",
        "which file opens links outside of the app",
        "is the cache shared by all workers?",
        "explain the retry loop",
        "what did we decide about the queue?",
    ],
)
def test_who_wants_to_know_something_changes_nothing(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "add a column to the table",
        "show the name in bold",
        "do the same in the other form",
        "when the list is empty nothing is drawn",
        "can you give the button a border?",
        "could we keep the sessions in Redis?",
        "why does the parser crash on an empty line?",
        "session timeout",
    ],
)
def test_who_proposes_something_or_tells_of_a_fault_may_change_it(text: str) -> None:
    assert not asks(text)
