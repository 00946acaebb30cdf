"""A faithful fake of LM Studio 0.4, and of an older one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from tests.model.fakes.serving import ANYWHERE, Fake, Respond, from_table, ok, serving
from tests.model.fakes.streams import WORDS, Fault, openai_chat


def lm_studio_row(key: str, **more: Any) -> dict[str, Any]:
    """One row of LM Studio's /api/v1/models (0.4 and newer)."""
    return {
        "type": "llm",
        "publisher": "qwen",
        "key": key,
        "display_name": key,
        "architecture": "qwen3",
        "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
        "size_bytes": 2_500_000_000,
        "params_string": "4B",
        "loaded_instances": [],
        "max_context_length": 262144,
        "format": "gguf",
        "capabilities": {"vision": False, "trained_for_tool_use": True},
        "variants": [],
        "selected_variant": "",
    } | more


def lm_studio_loaded(context: int) -> list[dict[str, Any]]:
    """The loaded_instances of a row that is in memory."""
    config = {"context_length": context, "eval_batch_size": 512, "parallel": 4}
    return [{"id": "qwen/qwen3-4b", "config": config}]


def _older_type(row: Mapping[str, Any]) -> str:
    if row["type"] == "embedding":
        return "embeddings"
    return "vlm" if row["capabilities"]["vision"] else "llm"


@contextlib.contextmanager
def lm_studio(
    rows: list[dict[str, Any]] | None = None,
    *,
    older: bool = False,
    words: tuple[str, ...] = WORDS,
    thinking: tuple[str, ...] = (),
    fault: Fault = "none",
    delay_s: float = 0.0,
    refuse: tuple[int, Any] | None = None,
    posts: Mapping[str, Respond] | None = None,
    at: tuple[str, int] = ANYWHERE,
) -> Iterator[Fake]:
    """LM Studio 0.4, or an `older` one that has /api/v0 alone. Any unknown path answers 200.

    `posts` answers these paths.
    """
    listed = [lm_studio_row("qwen/qwen3-4b")] if rows is None else rows
    v0 = [
        {
            "id": row["key"],
            "object": "model",
            "type": _older_type(row),
            "publisher": row["publisher"],
            "arch": row["architecture"],
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "loaded" if row["loaded_instances"] else "not-loaded",
            "max_context_length": row["max_context_length"],
            "capabilities": ["tool_use"] if row["capabilities"]["trained_for_tool_use"] else [],
        }
        for row in listed
    ]
    table: dict[str, Any] = {
        "/lmstudio-greeting": ok({"lmstudio": True}),
        "/api/v0/models": ok({"object": "list", "data": v0}),
        "/v1/models": ok(
            {
                "object": "list",
                "data": [
                    {"id": row["key"], "object": "model", "owned_by": "organization_owner"}
                    for row in listed
                ],
            }
        ),
    }
    if not older:
        table["/api/v1/models"] = ok({"models": listed})

    def unexpected(request: web.BaseRequest) -> Any:
        return ok({"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})

    plain = from_table(table, unexpected)

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if posts and request.method == "POST" and request.path in posts:
            return await posts[request.path](request, fake)
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            response = await plain(request, fake)
            response.headers["X-Powered-By"] = "Express"
            return response
        if refuse is not None:
            return web.json_response(refuse[1], status=refuse[0])
        body = fake.requests[-1].body
        return await openai_chat(request, body, words, fault, delay_s, thinking=thinking)

    with serving(respond, at=at) as fake:
        yield fake
