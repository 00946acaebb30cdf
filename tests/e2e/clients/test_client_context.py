"""What a model is briefed with, by its name or by a header: the workspace's text, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.clients.asking import FAILURES, STREAMED, WHOLE, Clients, status
from tests.e2e.clients.conftest import Endpoint, Served

QUESTION = "How is the weight of a parcel found? See weigh_parcel."
PASSAGE = "def weigh_parcel(parcel: str) -> int:"
WAYS = pytest.mark.parametrize("way", WHOLE)


def received(endpoint: Endpoint, served: Served) -> str:
    """Return what the model was told last."""
    body = endpoint.asked(served.backend)[-1]
    told = body.get("prompt") or "\n".join(turn["content"] for turn in body["messages"])
    return str(told)


@WAYS
def test_a_plain_name_brings_no_briefing(
    clients: Clients, endpoint: Endpoint, played: Served, way: str
) -> None:
    said = WHOLE[way](clients, played.name, QUESTION)
    assert said.endswith(QUESTION)
    assert received(endpoint, played) == QUESTION


@WAYS
def test_context_behind_the_name_brings_the_passages(
    clients: Clients, endpoint: Endpoint, played: Served, way: str
) -> None:
    said = WHOLE[way](clients, f"{played.name}+context", QUESTION)
    told = received(endpoint, played)
    assert PASSAGE in told
    assert "parcels.py" in told
    assert told.endswith(QUESTION)
    assert PASSAGE in said


@WAYS
def test_a_header_brings_the_passages_too(
    clients: Clients, endpoint: Endpoint, played: Served, way: str
) -> None:
    headers = {"X-Satchel-Context": "1", "X-Satchel-Workspace": str(endpoint.top)}
    WHOLE[way](clients, played.name, QUESTION, None, headers)
    assert PASSAGE in received(endpoint, played)


@pytest.mark.parametrize("way", STREAMED)
def test_a_stream_is_briefed_too(
    clients: Clients, endpoint: Endpoint, played: Served, way: str
) -> None:
    said = "".join(STREAMED[way](clients, f"{played.name}+context", QUESTION))
    assert PASSAGE in said
    assert PASSAGE in received(endpoint, played)


@WAYS
def test_a_folder_that_was_never_accepted_is_not_read(
    clients: Clients, endpoint: Endpoint, played: Served, way: str
) -> None:
    before = len(endpoint.asked(played.backend))
    headers = {"X-Satchel-Workspace": str(endpoint.top.parent)}
    with pytest.raises(FAILURES) as failed:
        WHOLE[way](clients, f"{played.name}+context", QUESTION, None, headers)
    assert status(failed.value) == 403
    assert len(endpoint.asked(played.backend)) == before


def test_a_briefing_is_counted(clients: Clients, real: Served) -> None:
    def counted(model: str) -> int:
        turns: Any = [{"role": "user", "content": QUESTION}]
        return clients.anthropic.messages.count_tokens(model=model, messages=turns).input_tokens

    assert counted(f"{real.name}+context") > counted(real.name) + 50


def test_what_a_small_model_is_told_fits_and_is_answered(clients: Clients, real: Served) -> None:
    made = clients.openai.chat.completions.create(
        model=f"{real.name}+context",
        messages=[{"role": "user", "content": QUESTION}],
        max_tokens=4,
    )
    assert made.choices[0].message.content
    assert made.usage is not None
    assert made.usage.prompt_tokens > 80
    assert json.loads(made.model_dump_json())["model"] == f"{real.name}+context"
