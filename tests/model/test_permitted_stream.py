"""A sink that stands for a server elsewhere: what reaches it, with a grant and without."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.model.consent import Always, ConsentNeeded, Grant, Occasion, Once, Permitted, permit
from satchel.model.grants import Store
from satchel.model.leaving import Leaving, Material, Section
from satchel.model.ledger import Ledger
from satchel.model.turns import Generation, Text, Turn
from satchel.model.types import Dialect, Locality, Model, Remote
from satchel.model.upstream import size, stream

NOW = Occasion(datetime(2026, 10, 1, tzinfo=UTC))
CLOUD = Model("large", Locality.CLOUD, "it is passed on")
ASKED = Generation(turns=(Turn("user", (Text("Where are the sessions kept?"),)),))
ANSWERS: dict[Dialect, bytes] = {
    "openai": b'data: {"choices":[{"index":0,"delta":{"content":"there"},"finish_reason":"stop"}]}'
    b"\n\ndata: [DONE]\n\n",
    "ollama": b'{"message":{"role":"assistant","content":"there"},"done":true,'
    b'"done_reason":"stop"}\n',
}


@dataclass
class Sink:
    """Keeps every request that reaches it."""

    url: str = ""
    seen: list[tuple[str, str | None, bytes]] = field(default_factory=list)

    def remote(self, dialect: Dialect) -> Remote:
        name = "ollama" if dialect == "ollama" else "vllm"
        return Remote(name, self.url, (CLOUD,), "elsewhere", dialect)


@asynccontextmanager
async def sink(dialect: Dialect) -> AsyncIterator[Sink]:
    kept = Sink()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        kept.seen.append((request.path, request.headers.get("Authorization"), body))
        return web.Response(body=ANSWERS[dialect])

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield kept
    finally:
        await runner.cleanup()


def leaving(remote: Remote, **more: Any) -> Leaving:
    return replace(Leaving(remote, CLOUD, size(remote, CLOUD, ASKED)), **more)


async def send(permitted: Permitted, asked: Generation = ASKED) -> None:
    async with aclosing(stream(permitted, CLOUD, asked)) as batches:
        async for _ in batches:
            pass


def with_sink(dialect: Dialect, then: Callable[[Sink], Awaitable[None]]) -> list[Any]:
    async def run() -> list[Any]:
        async with sink(dialect) as kept:
            await then(kept)
            return list(kept.seen)

    return asyncio.run(run())


EACH = pytest.mark.parametrize("dialect", ["openai", "ollama"])


@EACH
@pytest.mark.parametrize(
    "grant",
    [
        None,
        {"model": "small"},
        {"destination": "lm-studio"},
        {"destination": "http://127.0.0.1:1"},
        {"material": Material.CONTEXT},
        {"expires": NOW.now},
    ],
    ids=str,
)
def test_without_a_grant_that_covers_it_nothing_reaches_the_server(
    dialect: Dialect, grant: dict[str, Any] | None, tmp_path: Path
) -> None:
    store, ledger = Store(Home(tmp_path)), Ledger(Home(tmp_path))

    async def attempt(kept: Sink) -> None:
        remote = kept.remote(dialect)
        if grant is not None:
            given = Grant("", remote.name, "*", Material.RECORDS, Always(), NOW.now)
            store.add(replace(given, **grant), Occasion(datetime(2020, 1, 1, tzinfo=UTC)))
        asked = leaving(remote, sections=(Section("decisions", 1),))
        with pytest.raises(ConsentNeeded):
            await send(permit(asked, NOW, store, ledger.note))

    assert with_sink(dialect, attempt) == []
    assert [entry.allowed for entry in ledger.read()] == [False]


@EACH
def test_with_a_grant_exactly_what_was_shown_reaches_it_once(
    dialect: Dialect, tmp_path: Path
) -> None:
    store, ledger = Store(Home(tmp_path / "home")), Ledger(Home(tmp_path / "home"))
    (tmp_path / "key").write_text("sk-key\n")
    shown: list[int] = []

    async def attempt(kept: Sink) -> None:
        remote = kept.remote(dialect)
        given = Grant("", remote.name, "large", Material.PROMPT, Once(), NOW.now)
        store.add(replace(given, key_file=str(tmp_path / "key")), NOW)
        shown.append(leaving(remote).bytes)
        await send(permit(leaving(remote), NOW, store, ledger.note))
        with pytest.raises(ConsentNeeded):
            permit(leaving(remote), NOW, store, ledger.note)

    ((_, key, body),) = with_sink(dialect, attempt)
    assert len(body) == shown[0] == ledger.read()[0].bytes
    assert json.loads(body)["model"] == "large"
    assert key == "Bearer sk-key"
    assert b"sessions" not in ledger.home.ledger.read_bytes()


@EACH
def test_more_than_was_shown_does_not_leave(dialect: Dialect, tmp_path: Path) -> None:
    store = Store(Home(tmp_path))

    async def attempt(kept: Sink) -> None:
        remote = kept.remote(dialect)
        store.add(Grant("", remote.name, "*", Material.RECORDS, Always(), NOW.now), NOW)
        permitted = permit(leaving(remote), NOW, store, lambda entry: None)
        longer = replace(ASKED, turns=(*ASKED.turns, *ASKED.turns))
        with pytest.raises(Unavailable) as caught:
            await send(permitted, longer)
        assert caught.value.code == "more-than-permitted"
        with pytest.raises(ValueError, match="may be asked"):
            async for _ in stream(permitted, replace(CLOUD, name="larger"), ASKED):
                pass

    assert with_sink(dialect, attempt) == []
