"""What is masked and counted before anything may leave."""

from __future__ import annotations

from dataclasses import replace

from satchel.context.types import Intent, IntentKind, Packet
from satchel.model.turns import (
    Call,
    Form,
    Generation,
    Image,
    Part,
    Result,
    Role,
    Text,
    Thought,
    Tool,
    Turn,
)
from satchel.wiring.outgoing import sections_of, without_secrets

SECRET = "ghp_" + "Ab1" * 12
EMPTY = Packet(
    "r", "/w", Intent(IntentKind.QUESTION, 1.0), (), (), (), (), (), "", 0, 9, None, False, {}
)


def turn(role: Role, *parts: Part) -> Turn:
    return Turn(role, parts)


def test_a_secret_is_masked_wherever_a_generation_holds_text() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [SECRET], "maxLength": 9}}}
    given = Generation(
        turns=(
            turn("user", Text(f"one {SECRET}"), Image("image/png", "AAAA")),
            turn("assistant", Thought(f"two {SECRET}"), Call("1", "read", f'{{"a": "{SECRET}"}}')),
            turn("tool", Result("1", (Text(f"three {SECRET}"),))),
        ),
        tools=(Tool("read", f"four {SECRET}", schema),),
        form=Form(schema),
        stop=(f"five {SECRET}",),
    )
    masked, count = without_secrets(given)
    assert SECRET not in repr(masked)
    assert count == 8
    assert masked.tools[0].schema["properties"]["a"]["maxLength"] == 9
    assert masked.turns[0].parts[1] == given.turns[0].parts[1]


def test_bare_text_is_masked_too() -> None:
    masked, count = without_secrets(Generation(prompt=f"use {SECRET} here"))
    assert masked.prompt is not None
    assert SECRET not in masked.prompt
    assert count == 1


def test_what_holds_no_secret_stays_as_it_is() -> None:
    given = Generation(turns=(turn("user", Text("Where are the sessions kept?")),))
    assert without_secrets(given) == (given, 0)


def test_a_packet_whose_text_cannot_be_told_apart_counts_as_more_than_the_prompt() -> None:
    assert sections_of(EMPTY) == {}
    assert sections_of(replace(EMPTY, markdown="# Something")) == {"others": 1}
