"""Which sayings are about how to answer, whatever is asked."""

from __future__ import annotations

import pytest

from satchel.context.manner import is_of_answers


@pytest.mark.parametrize(
    "text",
    [
        "answer in English",
        "Keep your answers short and to the point.",
        "no emojis",
        "explain before you edit",
        "Please respond in plain English",
        "Prefers direct answers without lengthy preamble.",
        "Keep explanations brief; I know the gate well",
        "I prefer concise replies with code examples",
        "Answer in at most three sentences",
        "When I ask a question, answer first and then explain.",
        "Antworte auf Deutsch",
    ],
)
def test_a_saying_about_answers_is_told_by_its_words(text: str) -> None:
    assert is_of_answers(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "API responses are JSON",
        "Error messages are in English",
        "Comments in English",
        "No emojis in commit messages",
        "the emoji picker is lazy loaded",
        "Run EXPLAIN on every query before adding an index",
        "Keep functions short",
        "let reply.redirect take a URL",
        "How long should your answers be?",
        "respond with 404 when an order is missing",
        "For shell scripts, explain before you edit",
        "Use short words. Never answer the door.",
        "answer " * 40,
    ],
)
def test_what_is_about_something_else_is_none(text: str) -> None:
    assert not is_of_answers(text)
