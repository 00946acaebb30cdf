"""What a model says, and what it does not say, as the events of an answer."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.types import Intent, IntentKind, Packet
from satchel.model.embedded import Embedded
from satchel.wiring.ask import Answering, Ask, answer
from satchel.wiring.engine import Engine
from satchel.wiring.outgoing import Consent
from tests.model import fakes

ASKS = Intent(IntentKind.QUESTION, 1.0)
WORDS = Packet("why?", "/w", ASKS, (), (), (), (), (), "# Files\n\nkept", 4, 100, None, False, {})


def answered(home: Path, url: str, kept: list[tuple[str, str]]) -> list[dict[str, Any]]:
    address = url.removeprefix("http://")
    settings = Settings({"model.servers": address, "model.on_device": address})
    given = Answering(
        settings,
        Engine(Home(home), settings, Embedded(Path("nowhere"), 1), require=lambda asset: None),
        brief=lambda request, budget: WORDS,
        before=[("user", "before"), ("assistant", "then")],
        keep=lambda question, said: kept.append((question, said)),
        consent=Consent(Home(home), ""),
    )

    async def walk() -> list[dict[str, Any]]:
        asked = Ask("why?", "/w", model="lm-studio/qwen/qwen3-4b")
        async with aclosing(answer(asked, given)) as events:
            return [event async for event in events]

    return asyncio.run(walk())


def test_an_answer_is_a_model_a_packet_deltas_and_what_it_cost(tmp_path: Path) -> None:
    kept: list[tuple[str, str]] = []
    with fakes.lm_studio(thinking=("Hmm.",)) as fake:
        events = answered(tmp_path, fake.url, kept)
        (sent,) = fake.posted("/v1/chat/completions")
    names = [event["event"] for event in events]
    assert names == ["model", "packet", *["delta"] * len(fakes.WORDS), "done"]
    assert events[-1]["usage"] == {
        "prompt": 31,
        "completion": len(fakes.WORDS),
        "finish": "stop",
    }
    assert kept == [("why?", "".join(fakes.WORDS))]
    assert [turn["role"] for turn in sent["messages"]] == ["system", "user", "assistant", "user"]
    assert (sent["temperature"], sent["max_tokens"]) == (0.2, 512)
    assert "reasoning_effort" not in sent  # a model that does not think may refuse the word


def test_an_answer_of_thinking_alone_is_said_to_be_one(tmp_path: Path) -> None:
    kept: list[tuple[str, str]] = []
    with (
        fakes.lm_studio(thinking=("Hmm. ", "Where?"), words=()) as fake,
        pytest.raises(Unavailable) as failed,
    ):
        answered(tmp_path, fake.url, kept)
    assert failed.value.code == "only-thinking"
    assert kept == []
