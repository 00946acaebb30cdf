"""The other servers, each as a table: what it answers, and what it has to be taken for.

Shapes are those of the servers' own sources and documentation; values are ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.model.fakes.llama_server import llama_props, llama_row
from tests.model.fakes.ollama_server import ollama_row
from tests.model.fakes.serving import (
    ANYWHERE,
    Fake,
    Table,
    failing,
    from_table,
    not_found,
    ok,
    serving,
)
from tests.model.fakes.streams import WORDS, Fault, openai_chat

GREETS_LIKE_OLLAMA: Table = {
    "/": ok("Ollama is running"),
    "/api/tags": ok({"models": [ollama_row("qwen3:4b")]}),
    "/api/ps": ok({"models": []}),
}
PERMISSIONS = [
    {
        "id": "placeholder",
        "object": "model_permission",
        "created": 0,
        "allow_create_engine": False,
        "allow_sampling": False,
        "allow_logprobs": False,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
]


@dataclass(frozen=True, slots=True)
class Other:
    """A server's answers by path, its Server header, and the name that it has to get.

    `kind` None is a server that has to be refused; `says` stands in the reason then.
    """

    table: Table
    server: str | None = None
    kind: str | None = None
    says: str = ""
    prefix: str = ""


def listing(*listed: Mapping[str, Any]) -> Any:
    """An answer in OpenAI's form."""
    return ok({"object": "list", "data": list(listed)})


def row(name: str, owner: str | None = None, **more: Any) -> dict[str, Any]:
    """One row in OpenAI's form."""
    made = {"id": name, "object": "model", "created": 1766000000}
    return made | ({} if owner is None else {"owned_by": owner}) | more


def lemonade_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of Lemonade's /v1/models; size is in GB."""
    return (
        row(
            name,
            "lemonade",
            checkpoint=f"unsloth/{name}:Q4_0",
            recipe="llamacpp",
            size=0.38,
            max_context_window=40960,
            context_length=8192,
            downloaded=True,
            suggested=True,
            update_available=False,
            labels=["reasoning", "tool-calling"],
        )
        | more
    )


LEMONADE_CLOUD = row(
    "fireworks.kimi-k2p5", "lemonade", recipe="cloud", cloud_provider="fireworks", labels=["chat"]
)


def lemonade_health(*loaded: Mapping[str, Any]) -> Any:
    """Lemonade's /v1/health."""
    return ok(
        {
            "status": "ok",
            "version": "11.7.0",
            "websocket_port": 9000,
            "model_loaded": loaded[0]["model_name"] if loaded else None,
            "all_models_loaded": list(loaded),
            "pinned_models": {"llm": 0},
            "max_models": {"llm": 1},
            "telemetry": {"enabled": False},
            "update_check_done": True,
        }
    )


def lemonade_loaded(name: str, **more: Any) -> dict[str, Any]:
    """One row of all_models_loaded."""
    return {
        "model_name": name,
        "checkpoint": f"unsloth/{name}:Q4_0",
        "last_use": 1732123456.789,
        "type": "llm",
        "device": "gpu",
        "pinned": False,
        "recipe": "llamacpp",
        "pid": 12346,
        "recipe_options": {"ctx_size": 8192},
        "backend_url": "http://127.0.0.1:8002/v1",
    } | more


def local_ai(
    backend: str | None = "llama-cpp", federated: int = 0, process: bool = True
) -> dict[str, Any]:
    """LocalAI's answers, with one model loaded by a backend, or none."""
    peers = {"online": federated, "total": federated}
    running: dict[str, Any] = {"id": "qwen3-4b", "backend": backend, "size_vram": 3_000_000_000}
    if process:
        running["process"] = {"pid": 4711, "rss_bytes": 1_000_000, "memory_percent": 1.0}
    return {
        **GREETS_LIKE_OLLAMA,
        "/readyz": ok(""),
        "/api/version": ok({"version": "0.9.0"}),
        "/version": ok({"version": "v4.9.0"}),
        "/.well-known/localai.json": ok(
            {
                "version": "v4.9.0",
                "endpoints": {
                    "models": "/v1/models",
                    "models_capabilities": "/v1/models/capabilities",
                    "chat_completions": "/v1/chat/completions",
                },
            }
        ),
        "/v1/models": ok({"object": "list", "data": [{"id": "qwen3-4b", "object": "model"}]}),
        "/v1/models/capabilities": listing(
            {
                "id": "qwen3-4b",
                "object": "model",
                "capabilities": ["chat", "tools"],
                "input_modalities": ["text"],
                "output_modalities": ["text"],
            }
        ),
        "/system": ok({"backends": ["llama-cpp"], "loaded_models": [running] if backend else []}),
        "/api/p2p/stats": ok(
            {
                "llama_cpp_workers": {"online": 0, "total": 0},
                "federated": peers,
                "mlx_workers": {"online": 0, "total": 0},
            }
        ),
    }


APFEL_ROW = row(
    "apple-foundationmodel",
    "apple",
    context_window=4096,
    supported_parameters=["temperature", "max_tokens", "seed", "stream", "tools"],
    unsupported_parameters=["logprobs", "n", "stop"],
    notes="Apple on-device model",
)


def apfel_health(available: bool = True) -> Any:
    """apfel's /health, keys sorted."""
    return ok(
        {
            "active_requests": 0,
            "context_window": 4096,
            "model": "apple-foundationmodel",
            "model_available": available,
            "prewarmed": True,
            "status": "ok" if available else "model_unavailable",
            "supported_languages": ["en"],
            "version": "1.5.1",
        }
    )


def vllm_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of vLLM's /v1/models."""
    return (
        row(name, "vllm", root=name, parent=None, max_model_len=8192, permission=PERMISSIONS) | more
    )


def docker_row(name: str, **more: Any) -> dict[str, Any]:
    """One row of Docker Model Runner's list."""
    dmr = {
        "context_window": 8192,
        "architecture": "llama",
        "parameters": "361.82 M",
        "quantization": "IQ2_XXS/Q4_K_M",
        "size": "256.35 MiB",
    }
    return row(name, "docker", dmr=dmr | more)


FOUNDRY_ROWS = (
    row("phi-4-mini-instruct-generic-cpu:4", "microsoft"),
    row("phi-4-mini-instruct-cuda-gpu:4", "microsoft"),
    row("qwen2.5-7b-instruct-qnn-npu:2", "microsoft"),
)


def foundry(folder: str = "/tmp") -> dict[str, Any]:
    """Foundry Local's answers; it lists its whole catalogue, of which two are loaded."""
    return {
        "/status": ok(
            {"modelCachePath": folder, "endpoints": ["http://127.0.0.1:5273"], "pid": 4711}
        ),
        "/v1/models": listing(*FOUNDRY_ROWS),
        "/models/loaded": ok([FOUNDRY_ROWS[1]["id"], FOUNDRY_ROWS[2]["id"]]),
    }


KOBOLD: Table = {
    "/api/extra/version": ok(
        {
            "result": "KoboldCpp",
            "version": "1.99",
            "protected": False,
            "llm": True,
            "txt2img": False,
            "vision": True,
        }
    ),
    "/api/v1/model": ok({"result": "koboldcpp/Qwen3-4B-Q4_K_M"}),
    "/api/extra/true_max_context_length": ok({"value": 8192}),
    "/api/version": ok({"version": "0.7.0"}),
    "/api/tags": ok({"models": [ollama_row("koboldcpp/Qwen3-4B-Q4_K_M")]}),
    "/props": ok({"chat_template": "", "total_slots": 1}),
    "/v1/models": listing(
        row("koboldcpp/Qwen3-4B-Q4_K_M", "koboldcpp", permission=[], root="koboldcpp")
    ),
}

OTHERS: Mapping[str, Other] = {
    "Jan": Other(
        {
            "/": ok("<title>Jan API Server Endpoints</title>"),
            "/openapi.json": ok({"openapi": "3.0", "info": {"title": "Jan API Server Endpoints"}}),
            "/v1/models": ok({"data": [row("qwen3-4b", "user", created=1)], "object": "list"}),
        },
        kind="jan",
    ),
    "Jan behind its key": Other(
        {
            "/": ok("<title>Jan API Server Endpoints</title>"),
            "/openapi.json": ok({"openapi": "3.0", "info": {"title": "Jan API Server Endpoints"}}),
            "/v1/models": failing(401, "Missing authorization header"),
        },
        says="asks for a key",
    ),
    "LocalAI": Other(local_ai(), kind="localai"),
    "LocalAI before it described itself": Other(
        {
            **GREETS_LIKE_OLLAMA,
            "/readyz": ok(""),
            "/api/version": ok({"version": "0.9.0"}),
            "/v1/models": listing({"id": "qwen3-4b", "object": "model"}),
        },
        says="LocalAI",
    ),
    "Ollama before /api/status": Other(
        {
            **GREETS_LIKE_OLLAMA,
            "/api/version": ok({"version": "0.5.1"}),
            "/v1/models": listing(row("qwen3:4b", "library")),
        },
        says="update it",
    ),
    "vLLM": Other(
        {
            "/version": ok({"version": "0.28.0"}),
            "/health": ok(""),
            "/v1/models": listing(vllm_row("Qwen/Qwen3-4B")),
            "/openapi.json": ok({"openapi": "3.1.0", "info": {"title": "FastAPI"}}),
        },
        "uvicorn",
        kind="vllm",
    ),
    "vLLM behind a key": Other(
        {
            "/version": ok({"version": "0.28.0"}),
            "/health": ok(""),
            "/v1/models": failing(401, {"error": "Unauthorized"}),
        },
        "uvicorn",
        says="asks for a key",
    ),
    "Docker Model Runner": Other(
        {
            "/": ok("Docker Model Runner is running"),
            "/version": ok({"version": "1.0.0"}),
            "/api/version": ok({"version": "0.1.0"}),
            "/api/tags": ok({"models": [ollama_row("ai/smollm2:latest")]}),
            "/api/ps": ok({"models": []}),
            "/engines/v1/models": listing(docker_row("ai/smollm2:latest")),
        },
        kind="docker",
        prefix="/engines",
    ),
    "KoboldCpp": Other(KOBOLD, "ConcedoLlamaForKoboldServer", kind="koboldcpp"),
    "Lemonade": Other(
        {
            "/v1/health": lemonade_health(lemonade_loaded("Qwen3-4B-GGUF")),
            "/v1/models": listing(
                lemonade_row("Qwen3-4B-GGUF"),
                lemonade_row("Phi-4-FLM", recipe="flm", labels=["chat", "vision"]),
                lemonade_row("SD-Turbo", recipe="sd-cpp", labels=["image"]),
                lemonade_row("Router", recipe="collection.router", labels=["chat"]),
                LEMONADE_CLOUD,
            ),
            "/api/tags": ok({"models": [ollama_row("Qwen3-4B-GGUF:latest")]}),
            "/api/version": ok({"version": "0.16.1"}),
            "/api/ps": ok({"models": []}),
        },
        kind="lemonade",
    ),
    "Lemonade without a model": Other(
        {
            "/v1/health": lemonade_health(),
            "/v1/models": listing(),
            "/api/tags": ok({"models": []}),
        },
        kind="lemonade",
    ),
    "text-generation-webui": Other(
        {
            "/v1/internal/model/info": ok(
                {"model_name": "Qwen3-4B-Q4_K_M.gguf", "lora_names": [], "loader": "llama.cpp"}
            ),
            "/v1/internal/health": ok({"status": "ok"}),
            "/v1/models": listing(row("Qwen3-4B-Q4_K_M.gguf", "user", created=0)),
        },
        "uvicorn",
        kind="text-generation-webui",
    ),
    "MLX-LM": Other(
        {
            "/health": ok({"status": "ok"}),
            "/v1/models": listing(row("mlx-community/Qwen3-4B-4bit")),
        },
        "BaseHTTP/0.6 Python/3.12.4",
        kind="openai-compatible",
    ),
    "GPT4All": Other(
        {
            "/v1/models": listing(
                row(
                    "Llama 3 8B Instruct",
                    "humanity",
                    created=0,
                    root="Llama 3 8B Instruct",
                    parent=None,
                    permissions=PERMISSIONS,
                )
            )
        },
        kind="gpt4all",
    ),
    "llamafile": Other(
        {
            "/health": ok({"status": "ok"}),
            "/props": ok(llama_props(model_path="Qwen3-4B.Q4_K_M.gguf")),
            "/v1/models": listing(llama_row("Qwen3-4B.Q4_K_M.gguf")),
            "/models": listing(llama_row("Qwen3-4B.Q4_K_M.gguf")),
        },
        "llama.cpp",
        kind="llama.cpp",
    ),
    "RamaLama": Other(
        {
            "/health": ok({"status": "ok"}),
            "/props": ok(llama_props(model_path="/mnt/models/model.file")),
            "/v1/models": listing(llama_row("smollm:135m")),
        },
        "llama.cpp",
        kind="llama.cpp",
    ),
    "RamaLama before a hosted API": Other(
        {"/v1/models": listing(row("openai://gpt-5", "openai"))},
        kind="openai-compatible",
    ),
    "Foundry Local": Other(foundry(), kind="foundry-local"),
    "Foundry Local before its rewrite": Other(
        {
            "/openai/status": ok(
                {
                    "endpoints": ["http://127.0.0.1:5273"],
                    "modelDirPath": "/tmp",
                    "pipeName": "inference_agent",
                    "isAutoRegistrationResolved": True,
                }
            ),
            "/v1/models": listing(row("Phi-4-mini-instruct-generic-cpu:4", "Microsoft")),
            "/openai/models": ok(["Phi-4-mini-instruct-generic-cpu:4"]),
            "/openai/loadedmodels": ok([]),
        },
        "Kestrel",
        kind="foundry-local",
    ),
    "apfel": Other(
        {"/health": apfel_health(), "/v1/models": listing(APFEL_ROW)},
        kind="apfel",
    ),
    "apfel without Apple Intelligence": Other(
        {"/health": apfel_health(False), "/v1/models": listing(APFEL_ROW)},
        says="not available",
    ),
    "fm serve": Other(
        {
            "/health": ok({"status": "ok"}),
            "/v1/models": listing(row("system", "apple"), row("pcc", "apple")),
        },
        kind="fm",
    ),
    "llama-swap": Other(
        {
            "/health": ok("OK"),
            "/v1/models": listing(row("qwen", "llama-swap")),
            "/props": failing(404, "404 page not found"),
        },
        kind="openai-compatible",
    ),
    "LiteLLM": Other(
        {"/v1/models": listing(row("gpt-5", "openai"), row("vllm/qwen", "vllm"))},
        "uvicorn",
        kind="openai-compatible",
    ),
    "TabbyAPI": Other(
        {"/v1/model": failing(401, {"detail": "No API key"})},
        "uvicorn",
        says="none of the servers",
    ),
    "llama.cpp by its header alone": Other(
        {"/props": ok({"total_slots": 1})}, "llama.cpp", says="none of the servers"
    ),
    "props without the header": Other({"/props": ok(llama_props())}, says="none of the servers"),
    "a web page": Other({"/": ok("<html><body>hello</body></html>")}, says="none of the servers"),
}


@contextlib.contextmanager
def other(
    name: str,
    changes: Mapping[str, Any] | None = None,
    *,
    words: tuple[str, ...] = WORDS,
    fault: Fault = "none",
    delay_s: float = 0.0,
    at: tuple[str, int] = ANYWHERE,
) -> Iterator[Fake]:
    """One of OTHERS, with answers changed; it chats as OpenAI does where its name stands for."""
    told = OTHERS[name]
    plain = from_table({**told.table, **(changes or {})}, not_found)
    chat = f"{told.prefix}/v1/chat/completions"

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if (request.method, request.path) == ("POST", chat):
            return await openai_chat(request, fake.requests[-1].body, words, fault, delay_s)
        return await plain(request, fake)

    with serving(respond, told.server, at=at) as fake:
        yield fake
