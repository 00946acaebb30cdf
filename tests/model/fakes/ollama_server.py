"""A faithful fake of Ollama 0.33."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from tests.model.fakes.serving import (
    ANYWHERE,
    Fake,
    Respond,
    Table,
    from_table,
    not_found,
    ok,
    serving,
)
from tests.model.fakes.streams import WORDS, Fault, stream_lines


def ollama_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of /api/tags; `more` overrides or adds fields."""
    details = {
        "parent_model": "",
        "format": "gguf",
        "family": "qwen3",
        "families": ["qwen3"],
        "parameter_size": "4.0B",
        "quantization_level": "Q4_K_M",
        "context_length": 262144,
        "embedding_length": 2560,
    }
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-08-20T10:00:00Z",
        "size": 2_600_000_000,
        "digest": "0" * 64,
        "details": details | more.pop("details", {}),
        "capabilities": ["completion", "tools", "thinking"],
    } | more


def ollama_cloud_row(name: str) -> dict[str, Any]:
    """A row of Ollama's cloud: tiny, with a remote host."""
    remote = {"remote_model": name.rpartition(":")[0], "remote_host": "https://ollama.com:443"}
    return ollama_row(name, size=384, **remote)


@contextlib.contextmanager
def ollama(
    rows: list[dict[str, Any]] | None = None,
    loaded: Mapping[str, int] | None = None,
    *,
    words: tuple[str, ...] = WORDS,
    fault: Fault = "none",
    delay_s: float = 0.0,
    refuse: tuple[int, Any] | None = None,
    shown: Mapping[str, Any] | None = None,
    size_vram: int = 0,
    posts: Mapping[str, Respond] | None = None,
    at: tuple[str, int] = ANYWHERE,
) -> Iterator[Fake]:
    """Ollama 0.33. `loaded` maps names to allocated contexts; `refuse` answers /api/chat.

    `shown` adds fields to /api/show, as when a name came to mean a cloud model. `posts` answers
    these paths for the models that there are.
    """
    listed = [ollama_row("qwen3:4b")] if rows is None else rows
    running = [
        {
            "name": name,
            "model": name,
            "size": 3_100_000_000,
            "digest": "0" * 64,
            "details": {},
            "expires_at": "2026-08-20T10:05:00Z",
            "size_vram": size_vram,
            "context_length": context,
        }
        for name, context in (loaded or {}).items()
    ]
    openai = [
        {"id": row["name"], "object": "model", "created": 1766000000, "owned_by": "library"}
        for row in listed
    ]
    table: Table = {
        "/": ok("Ollama is running"),
        "/api/version": ok({"version": "0.33.0"}),
        "/api/status": ok({"cloud": {"disabled": False, "source": "none"}}),
        "/api/tags": ok({"models": listed}),
        "/api/ps": ok({"models": running}),
        "/v1/models": ok({"object": "list", "data": openai or None}),
    }
    plain = from_table(table, not_found)

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if request.method != "POST":
            return await plain(request, fake)
        body = fake.requests[-1].body
        row = next((one for one in listed if one["name"] == body["model"]), None)
        if row is None:
            return web.json_response({"error": f"model '{body['model']}' not found"}, status=404)
        if request.path == "/api/show":
            return web.json_response(_ollama_show(row) | dict(shown or {}))
        if posts and request.path in posts:
            return await posts[request.path](request, fake)
        if refuse is not None:
            return web.json_response(refuse[1], status=refuse[0])
        return await _ollama_chat(request, body["model"], words, fault, delay_s)

    with serving(respond, at=at) as fake:
        yield fake


def _ollama_show(row: Mapping[str, Any]) -> dict[str, Any]:
    context = row["details"]["context_length"]
    remote = {key: row[key] for key in ("remote_model", "remote_host") if key in row}
    return {
        "license": "Apache License\n" * 20_000,  # real ones are this long
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": row["details"],
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": context},
        "capabilities": row.get("capabilities", ["completion"]),
        "modified_at": row["modified_at"],
        **remote,
    }


async def _ollama_chat(
    request: web.BaseRequest, model: str, words: tuple[str, ...], fault: Fault, delay_s: float
) -> web.StreamResponse:
    def line(content: str, **more: Any) -> bytes:
        turn = {"role": "assistant", "content": content}
        made = {"model": model, "created_at": "2026-08-20T10:00:00Z", "message": turn}
        return json.dumps(made | {"done": False} | more).encode() + b"\n"

    def lines() -> Iterator[bytes]:
        for word in words:
            yield line(word)

    last = line(
        "",
        done=True,
        done_reason="stop",
        total_duration=5_000_000,
        load_duration=1_000_000,
        prompt_eval_count=31,
        prompt_eval_duration=2_000_000,
        eval_count=len(words),
        eval_duration=2_000_000,
    )
    wrong = json.dumps({"error": "llama runner process has terminated"}).encode() + b"\n"
    return await stream_lines(
        request, "application/x-ndjson", lines(), [last], wrong, fault, delay_s
    )
