"""A model that the benchmarks ask the way `satchel ask` does, with a text of their own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from bench.material import Missing
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.types import Packet
from satchel.model import assets, machine
from satchel.model.embedded import Embedded
from satchel.model.select import EMBEDDED, EMBEDDED_MODEL
from satchel.wiring.ask import Answering, Ask, answer
from satchel.wiring.engine import Engine
from satchel.wiring.outgoing import Consent

ANSWER_TOKENS = 48
PATIENCE_MS = 5_000  # for a server that is busy; no question may be lost to that


@dataclass(slots=True)
class Voice:
    """A model that is asked as the product asks it; belongs to one event loop."""

    model: str
    folder: Path  # of the assets
    servers: str = ""
    settings: Settings = field(init=False)
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    embedded: Embedded = field(init=False)

    def __post_init__(self) -> None:
        self.settings = Settings({"model.servers": self.servers, "detect.timeout_ms": PATIENCE_MS})
        gguf = assets.SMOLLM2.path(self.folder)
        if self.is_embedded and not gguf.is_file():
            raise Missing(f"{gguf} is not here: run `satchel fetch`, and name its assets")
        self.embedded = Embedded(gguf, machine.threads(self.settings.number("model.threads")))

    @property
    def is_embedded(self) -> bool:
        """Whether it is the model that the product runs itself."""
        return self.model in {EMBEDDED, EMBEDDED_MODEL}

    def say(self, question: str, packet: Packet, budget: int) -> str:
        """Return what it says to a question, beside the text of a packet."""
        return self.runner.run(self._say(question, packet, budget))

    async def _say(self, question: str, packet: Packet, budget: int) -> str:
        home = Home(self.folder.parent)
        given = Answering(
            settings=self.settings,
            engine=Engine(home, self.settings, self.embedded, require=lambda _: None),
            brief=lambda *_: packet,
            before=(),
            keep=lambda *_: None,
            consent=Consent(home, session=""),
        )
        ask = Ask(question, ".", model=self.model, budget=budget, max_tokens=ANSWER_TOKENS)
        events = [event async for event in answer(ask, given)]
        return "".join(event["text"] for event in events if event["event"] == "delta")

    def close(self) -> None:
        """End the embedded model's child."""
        self.runner.run(self.embedded.close())
        self.runner.close()
