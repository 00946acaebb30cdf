"""A faithful fake of llama-server, for what the real one cannot be made to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from tests.model.fakes.serving import (
    ANYWHERE,
    Fake,
    Respond,
    Table,
    failing,
    from_table,
    ok,
    serving,
)
from tests.model.fakes.streams import WORDS, Fault, openai_chat

LLAMA_LOADING = {
    "error": {"code": 503, "message": "Loading model", "type": "unavailable_error"},
}


def llama_props(**more: Any) -> dict[str, Any]:
    """The /props of llama-server."""
    return {
        "default_generation_settings": {"n_ctx": 8192, "params": {}},
        "total_slots": 4,
        "model_path": "x.gguf",
        "chat_template": "",
        "chat_template_caps": {},
        "modalities": {"vision": False},
        "build_info": "b10488-abc1234",
        "is_sleeping": False,
    } | more


def llama_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of llama-server's /v1/models."""
    meta = {
        "vocab_type": 2,
        "n_vocab": 151936,
        "n_ctx_train": 262144,
        "n_embd": 2560,
        "n_params": 4022468096,
        "size": 2497280256,
    }
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": "llamacpp",
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "meta": meta,
    } | more


def llama_routed(name: str, value: str = "unloaded", **status: Any) -> dict[str, Any]:
    """One row of a router, which starts a server of its own for each."""
    args = ["llama-server", "--alias", name, "--model", f"{name}.gguf"]
    return {
        "id": name,
        "aliases": [],
        "tags": [],
        "object": "model",
        "owned_by": "llamacpp",
        "created": 1766000000,
        "status": {"value": value, "args": args, "preset": f"[{name}]"} | status,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "source": "models_dir",
        "can_remove": False,
        "context_length": 8192,
    }


LLAMA_ROUTER_PROPS = {
    "role": "router",
    "max_instances": 4,
    "models_autoload": True,
    "model_alias": "llama-server",
    "model_path": "none",
    "default_generation_settings": {"params": None, "n_ctx": 0},
    "ui_settings": {},
    "build_info": "b11669-abc1234",
    "cors_proxy_enabled": False,
}


@contextlib.contextmanager
def llama_server(
    rows: list[dict[str, Any]] | None = None,
    props: Mapping[str, Any] | None = None,
    *,
    statuses: list[dict[str, Any]] | None = None,
    loading: int = 0,
    words: tuple[str, ...] = WORDS,
    fault: Fault = "none",
    delay_s: float = 0.0,
    posts: Mapping[str, Respond] | None = None,
    at: tuple[str, int] = ANYWHERE,
) -> Iterator[Fake]:
    """llama-server; its first `loading` answers are the 503 of a model being loaded.

    `statuses` are the rows of /models where a router's differ from those of /v1/models. `posts`
    answers these paths.
    """
    listed = [llama_row("x.gguf")] if rows is None else rows
    table: Table = {
        "/health": ok({"status": "ok"}),
        "/props": ok(dict(props) if props is not None else llama_props()),
        "/v1/models": ok({"object": "list", "data": listed}),
        "/models": ok({"object": "list", "data": statuses or listed}),
    }
    missing = {"message": "File Not Found", "type": "not_found_error", "code": 404}
    plain = from_table(table, lambda request: failing(404, {"error": missing}))

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if len(fake.requests) <= loading:
            return web.json_response(LLAMA_LOADING, status=503)
        if posts and request.method == "POST" and request.path in posts:
            return await posts[request.path](request, fake)
        if request.path == "/v1/chat/completions":
            body = fake.requests[-1].body
            return await openai_chat(request, body, words, fault, delay_s)
        return await plain(request, fake)

    with serving(respond, server="llama.cpp", at=at) as fake:
        yield fake
