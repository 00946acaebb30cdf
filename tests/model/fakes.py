"""Faithful fakes of local inference servers: field names, orders and quirks as they were seen.

Each is a context manager that gives a Fake with its base URL and the requests that it got; they
run in a thread of their own, so that tests, child processes and daemons can all call them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiohttp import web

WORDS = ("The ", "sessions ", "are ", "kept ", "in ", "`store.py`.")
Fault: TypeAlias = Literal["none", "die", "error", "hang", "garbage", "silence", "endless"]


@dataclass(slots=True)
class Request:
    """One request that a fake got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Fake:
    """A running fake."""

    url: str
    requests: list[Request] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def posted(self, path: str) -> list[Any]:
        """Return the bodies that were posted to a path."""
        return [one.body for one in self.requests if one.method == "POST" and one.path == path]


Respond: TypeAlias = Callable[[web.BaseRequest, Fake], Awaitable[web.StreamResponse]]


@contextlib.contextmanager
def _looping(start: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Run `start` in a loop of its own until the block ends; it gets the event that says so."""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(start(over))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=20)
        assert not thread.is_alive()


@contextlib.contextmanager
def serving(respond: Respond, server: str | None = None) -> Iterator[Fake]:
    """Serve HTTP on a random loopback port."""
    taken = _listener()
    fake = Fake(_url(taken))
    ready = threading.Event()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        fake.requests.append(Request(request.method, request.path, dict(request.headers), body))
        try:
            response = await respond(request, fake)
        except (ConnectionResetError, asyncio.CancelledError):
            fake.hung_up.set()
            raise
        if server is not None and not response.prepared:
            response.headers["Server"] = server
        return response

    async def start(over: asyncio.Event) -> None:
        runner = web.ServerRunner(
            web.Server(handle, handler_cancellation=True, access_log=None), shutdown_timeout=0.1
        )
        await runner.setup()
        await web.SockSite(runner, taken).start()
        ready.set()
        await over.wait()
        await runner.cleanup()

    with _looping(start):
        assert ready.wait(10)
        yield fake


def _listener() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


# --- answers as tables: path → (status, headers, body) -------------------------------------------

Table: TypeAlias = Mapping[str, tuple[int, Mapping[str, str], str]]


def ok(body: Any) -> tuple[int, Mapping[str, str], str]:
    """Answer 200, with JSON or with a plain text."""
    if isinstance(body, str):
        return 200, {"Content-Type": "text/plain; charset=utf-8"}, body
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body)


def failing(status: int, body: Any) -> tuple[int, Mapping[str, str], str]:
    """Answer with an error."""
    return (status, *ok(body)[1:])


def from_table(table: Table, unknown: Callable[[web.BaseRequest], Any]) -> Respond:
    """Answer from a table, and by `unknown` where it has no row."""

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        status, headers, text = table.get(request.path) or unknown(request)
        return web.Response(status=status, headers=headers, text=text)

    return respond


def not_found(request: web.BaseRequest) -> Any:
    """Answer as Go's router does."""
    return failing(404, "404 page not found")


# --- Ollama --------------------------------------------------------------------------------------


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
) -> Iterator[Fake]:
    """Ollama 0.33. `loaded` maps names to allocated contexts; `refuse` answers /api/chat.

    `shown` adds fields to /api/show, as when a name came to mean a cloud model.
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
            "size_vram": 0,
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
        if refuse is not None:
            return web.json_response(refuse[1], status=refuse[0])
        return await _ollama_chat(request, body["model"], words, fault, delay_s)

    with serving(respond) as fake:
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
    return await _stream(request, "application/x-ndjson", lines(), [last], wrong, fault, delay_s)


async def _stream(
    request: web.BaseRequest,
    kind: str,
    lines: Iterator[bytes],
    last: list[bytes],
    wrong: bytes,
    fault: Fault,
    delay_s: float,
) -> web.StreamResponse:
    """Stream lines, with one thing going wrong after the third."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    if fault == "silence":
        await asyncio.sleep(3600)
    for at, line in enumerate(lines):
        if at == 3 and fault == "die":
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        if at == 3 and fault == "hang":
            await asyncio.sleep(3600)
        if at == 3 and fault == "garbage":
            await response.write(b"\x00\xffnot a protocol\n")
        if at == 3 and fault == "error":
            await response.write(wrong)
            return response
        await response.write(line)
        await asyncio.sleep(delay_s)
        while at == 3 and fault == "endless":
            await response.write(line)
            await asyncio.sleep(0.01)
    for line in last:
        await response.write(line)
    return response


# --- OpenAI's stream, as llama.cpp and LM Studio write it ----------------------------------------


async def openai_chat(
    request: web.BaseRequest,
    body: Mapping[str, Any],
    words: tuple[str, ...],
    fault: Fault,
    delay_s: float,
    *,
    thinking: tuple[str, ...] = (),
    usage: Mapping[str, int] | None = None,
) -> web.StreamResponse:
    """Answer /v1/chat/completions with SSE."""
    head = {"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1766000000}

    def event(choices: list[Any], **more: Any) -> bytes:
        made = head | {"model": body["model"], "choices": choices} | more
        return f"data: {json.dumps(made)}\n\n".encode()

    def delta(content: Mapping[str, Any], finish: str | None = None) -> bytes:
        return event([{"index": 0, "delta": content, "logprobs": None, "finish_reason": finish}])

    def lines() -> Iterator[bytes]:
        yield delta({"role": "assistant", "content": None})
        yield b": ping\n\n"
        for word in thinking:
            yield delta({"reasoning_content": word})
        for word in words:
            yield delta({"content": word})

    counted = {"prompt_tokens": 31, "completion_tokens": len(words), "total_tokens": 37}
    last = [
        delta({}, "stop"),
        event([], usage=usage or counted),
        b"data: [DONE]\n\n",
    ]
    wrong = b'event: error\ndata: {"error":{"message":"The model has crashed"}}\n\n'
    return await _stream(request, "text/event-stream", lines(), last, wrong, fault, delay_s)


# --- LM Studio -----------------------------------------------------------------------------------


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
) -> Iterator[Fake]:
    """LM Studio 0.4, or an `older` one that has /api/v0 alone. Any unknown path answers 200."""
    listed = [lm_studio_row("qwen/qwen3-4b")] if rows is None else rows
    v0 = [
        {
            "id": row["key"],
            "object": "model",
            "type": {"llm": "llm", "embedding": "embeddings"}[row["type"]],
            "publisher": row["publisher"],
            "arch": row["architecture"],
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "loaded" if row["loaded_instances"] else "not-loaded",
            "max_context_length": row["max_context_length"],
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
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            response = await plain(request, fake)
            response.headers["X-Powered-By"] = "Express"
            return response
        if refuse is not None:
            return web.json_response(refuse[1], status=refuse[0])
        body = fake.requests[-1].body
        return await openai_chat(request, body, words, fault, delay_s, thinking=thinking)

    with serving(respond) as fake:
        yield fake


# --- llama-server, for what the real one cannot be made to do ------------------------------------

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


@contextlib.contextmanager
def llama_server(
    rows: list[dict[str, Any]] | None = None,
    props: Mapping[str, Any] | None = None,
    *,
    loading: int = 0,
    words: tuple[str, ...] = WORDS,
    fault: Fault = "none",
    delay_s: float = 0.0,
) -> Iterator[Fake]:
    """llama-server; its first `loading` answers are the 503 of a model being loaded."""
    listed = [llama_row("x.gguf")] if rows is None else rows
    table: Table = {
        "/health": ok({"status": "ok"}),
        "/props": ok(dict(props) if props is not None else llama_props()),
        "/v1/models": ok({"object": "list", "data": listed}),
    }
    missing = {"message": "File Not Found", "type": "not_found_error", "code": 404}
    plain = from_table(table, lambda request: failing(404, {"error": missing}))

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if len(fake.requests) <= loading:
            return web.json_response(LLAMA_LOADING, status=503)
        if request.path == "/v1/chat/completions":
            body = fake.requests[-1].body
            return await openai_chat(request, body, words, fault, delay_s)
        return await plain(request, fake)

    with serving(respond, server="llama.cpp") as fake:
        yield fake


# --- servers that are none of the three ----------------------------------------------------------

OLLAMA_LIKE: Table = {
    "/": ok("Ollama is running"),
    "/api/tags": ok({"models": [ollama_row("qwen3:4b")]}),
    "/api/ps": ok({"models": []}),
}


def _models(owner: str, name: str = "some/model", **more: Any) -> Any:
    row = {"id": name, "object": "model", "created": 1, "owned_by": owner} | more
    return ok({"object": "list", "data": [row]})


# Each by name: its table and the Server header that it sends.
STRANGERS: Mapping[str, tuple[Table, str | None]] = {
    "LocalAI": (
        {
            **OLLAMA_LIKE,
            "/readyz": ok(""),
            "/api/version": ok({"version": "0.9.0"}),
            "/v1/models": _models("localai"),
        },
        None,
    ),
    "Ollama before /api/status": (
        {**OLLAMA_LIKE, "/api/version": ok({"version": "0.5.1"})},
        None,
    ),
    "Docker Model Runner": (
        {
            "/": ok("Docker Model Runner is running"),
            "/version": ok({"version": "1.0.0"}),
            "/api/version": ok({"version": "0.1.0"}),
            "/api/tags": ok({"models": [ollama_row("ai/smollm2:latest")]}),
            "/api/ps": ok({"models": []}),
            "/v1/models": _models("docker"),
            "/engines/v1/models": _models("docker", dmr={"context_window": 4096}),
        },
        None,
    ),
    "KoboldCpp": (
        {
            "/api/extra/version": ok({"result": "KoboldCpp", "version": "1.99"}),
            "/api/v1/model": ok({"result": "koboldcpp/m"}),
            "/api/version": ok({"version": "0.7.0"}),
            "/api/tags": ok({"models": [ollama_row("koboldcpp/m")]}),
            "/props": ok({"chat_template": "", "total_slots": 1}),
        },
        None,
    ),
    "Jan": (
        {
            "/": ok("<title>Jan API Server Endpoints</title>"),
            "/v1/models": failing(401, "Missing authorization header"),
        },
        None,
    ),
    "vLLM": (
        {
            "/version": ok({"version": "0.28.0"}),
            "/health": ok(""),
            "/v1/models": _models("vllm", max_model_len=8192),
        },
        "uvicorn",
    ),
    "MLX-LM": ({"/v1/models": _models("", "mlx-community/m")}, "BaseHTTP/0.6 Python/3.12.4"),
    "Lemonade": (
        {
            "/v1/health": ok({"status": "ok", "version": "9.0", "model_loaded": None}),
            "/v1/models": _models("lemonade", recipe="cloud", cloud_provider="x"),
        },
        None,
    ),
    "apfel": (
        {"/health": ok({"status": "ok"}), "/v1/models": _models("apple", "apple-foundationmodel")},
        None,
    ),
    "llama-swap": (
        {
            "/health": ok("OK"),
            "/v1/models": _models("llama-swap"),
            "/props": failing(404, "404 page not found"),
        },
        None,
    ),
    "TabbyAPI": ({"/v1/model": failing(401, {"detail": "No API key"})}, "uvicorn"),
    "text-generation-webui": ({"/v1/internal/model/info": ok({"model_name": "m"})}, "uvicorn"),
    "GPT4All": ({"/v1/models": _models("humanity", "m")}, None),
    "llama.cpp by its header alone": ({"/props": ok({"total_slots": 1})}, "llama.cpp"),
    "props without the header": ({"/props": ok(llama_props())}, None),
}


@contextlib.contextmanager
def stranger(name: str) -> Iterator[Fake]:
    """One of STRANGERS."""
    table, server = STRANGERS[name]
    with serving(from_table(table, not_found), server) as fake:
        yield fake


@contextlib.contextmanager
def answering_all(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Iterator[Fake]:
    """A server that gives the same answer to any path."""
    made = (status, {**ok(body)[1], **(headers or {})}, ok(body)[2])
    with serving(from_table({}, lambda request: made)) as fake:
        yield fake


@contextlib.contextmanager
def endless_body() -> Iterator[Fake]:
    """A server whose answers never end."""

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b'{"models":[' * 8192)
            await asyncio.sleep(0)

    with serving(respond) as fake:
        yield fake


# --- servers below HTTP --------------------------------------------------------------------------


@contextlib.contextmanager
def raw(answer: bytes | None) -> Iterator[str]:
    """A port that sends bytes to whoever connects and closes; None accepts and stays silent."""
    taken = _listener()
    ready = threading.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closed(writer):
            with contextlib.suppress(ConnectionError):
                if answer is None:
                    await reader.read()  # until the other side gives up
                else:
                    await reader.read(1)
                    writer.write(answer)
                    await writer.drain()

    async def start(over: asyncio.Event) -> None:
        server = await asyncio.start_server(handle, sock=taken)
        ready.set()
        await over.wait()
        server.close()

    with _looping(start):
        assert ready.wait(10)
        yield _url(taken)


@contextlib.asynccontextmanager
async def _closed(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
