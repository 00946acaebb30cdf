"""A model that plays its part by a script, behind llama-server's wire form.

`python -m tests.e2e.scripted_model LOG`: it calls the tools that the prompt says, step by step
(`next_calls`), and then tells the first words of the last result. A tool's name may be the end of
the name that is offered. Where no tools are offered it says "Noted.". The first line of its output
is its address. Each request is one line of LOG, an `Asked`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.model.fakes.llama_server import llama_props, llama_row

MODEL = "scripted-8b-instruct"
CONTEXT = 131_072
FINAL = "The tool said:"
THOUGHT = "A tool may know more of this."
SAID = 2_000  # characters of a result that the model repeats
CALL = re.compile(r"\bCall (\w+) ")
AND = re.compile(r" & (\w+) ")
DECODER = json.JSONDecoder()

_PROPS = llama_props(default_generation_settings={"n_ctx": CONTEXT, "params": {}})
_NO_ROUTE = {
    "error": {"message": "File Not Found", "type": "not_found_error", "code": 404},
}
_GETS: dict[str, Any] = {
    "/props": _PROPS,
    "/v1/models": {"object": "list", "data": [llama_row(MODEL)]},
    "/health": {"status": "ok"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its body, its tokens, and how many of them a cache of earlier prompts held."""

    body: dict[str, Any]
    tokens: int
    cached: int


class Scripted(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    log = Path()
    prompts: tuple[str, ...] = ()

    def do_GET(self) -> None:
        known = _GETS.get(self.path)
        self._json(known or _NO_ROUTE, 200 if known else 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        if self.path == "/tokenize":
            self._json({"tokens": [0] * tokens_of(body["content"])})
        elif self.path not in ("/apply-template", "/v1/chat/completions"):
            self._json(_NO_ROUTE, 404)
        elif wrong := refused(body["messages"]):
            self._json({"error": {"code": 500, "message": wrong, "type": "server_error"}}, 500)
        elif self.path == "/apply-template":
            self._json({"prompt": prompt_of(body)})
        else:
            self._stream(body, self._note(body))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def version_string(self) -> str:
        return "llama.cpp"

    def _note(self, body: dict[str, Any]) -> Asked:
        prompt = prompt_of(body)
        held = max((shared(prompt, one) for one in self.prompts), default=0)
        asked = Asked(body, tokens_of(prompt), held // 4)
        Scripted.prompts += (prompt,)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(asked)) + "\n")
        return asked

    def _json(self, value: Any, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, body: dict[str, Any], asked: Asked) -> None:
        """Stream what the model says; the gateway asks for nothing else."""
        assert body["stream"] is True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        *deltas, finish = says(body)
        for delta in [{"role": "assistant", "content": None}, *deltas]:
            self._event([{"finish_reason": None, "index": 0, "delta": delta}])
        self._event([{"finish_reason": finish, "index": 0, "delta": {}}])
        usage = {
            "completion_tokens": len(deltas),
            "prompt_tokens": asked.tokens,
            "total_tokens": asked.tokens + len(deltas),
            "prompt_tokens_details": {"cached_tokens": asked.cached},
        }
        timings = {"cache_n": asked.cached, "prompt_n": asked.tokens - asked.cached}
        self._event([], usage=usage, timings=timings)
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choices: list[Any], **more: Any) -> None:
        head = {"created": 1766000000, "id": "chatcmpl-a1", "model": MODEL}
        kind = {"system_fingerprint": "b10488-abc1234", "object": "chat.completion.chunk"}
        value = {"choices": choices} | head | kind | more
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")


def refused(turns: list[dict[str, Any]]) -> str | None:
    """Return what the strictest of chat templates says against the turns, or None."""
    roles = [turn["role"] for turn in turns]
    if "system" in roles[1:]:
        return "System message must be at the beginning."
    if any(one == next_one != "tool" for one, next_one in pairwise(roles)):
        return "Conversation roles must alternate."
    return None


def prompt_of(body: dict[str, Any]) -> str:
    """Return the prompt that a chat template would make: the tools first, then turn by turn."""
    turns = [json.dumps(turn) for turn in body["messages"]]
    return "\n".join([json.dumps(body.get("tools")), *turns])


def shared(one: str, other: str) -> int:
    """Return how many characters two prompts have in common from their beginnings on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def tokens_of(prompt: str) -> int:
    """Count four characters as a token."""
    return len(prompt) // 4


def says(body: dict[str, Any]) -> Iterator[Any]:
    """Yield the deltas of an answer, and last the reason why it ends."""
    turns = body["messages"]
    done = [words_of(turn) for turn in turns if turn["role"] == "tool"]
    wanted = "\n".join(words_of(turn) for turn in turns if turn["role"] == "user")
    calls = next_calls(wanted, len(done))
    if not body.get("tools"):  # a title, a summary: what agents ask on the side
        yield {"content": "Noted."}
        yield "stop"
        return
    yield {"reasoning_content": THOUGHT[:9]}
    yield {"reasoning_content": THOUGHT[9:]}
    if not calls:
        yield {"content": FINAL}
        yield {"content": f" {done[-1][:SAID]}" if done else " nothing."}
        yield "stop"
        return
    offered = [tool["function"]["name"] for tool in body["tools"]]
    for index, (name, arguments) in enumerate(calls):
        called = min((one for one in offered if one.endswith(name)), key=len, default=name)
        begun = {"name": called, "arguments": arguments[:1]}
        call = {"index": index, "id": f"Xy12abCD34efGH56ijKL78mnOP90{len(done) + index:04}"}
        yield {"tool_calls": [call | {"type": "function", "function": begun}]}
        for at in range(1, len(arguments), 16):
            piece = {"index": index, "function": {"arguments": arguments[at : at + 16]}}
            yield {"tool_calls": [piece]}
    yield "tool_calls"


def next_calls(wanted: str, done: int) -> list[tuple[str, str]]:
    """Return what is called next where `done` results came back: names and arguments.

    `Call NAME JSON` is a step; `Call NAME JSON & NAME JSON` makes several calls at once.
    """
    at = 0
    while begun := CALL.search(wanted, at):
        step: list[tuple[str, str]] = []
        joined: re.Match[str] | None = begun
        while joined is not None:
            try:
                _, at = DECODER.raw_decode(wanted, joined.end())
            except ValueError:  # words like ours, but no call
                at = joined.end()
                break
            step.append((joined.group(1), wanted[joined.end() : at]))
            joined = AND.match(wanted, at)
        if done < len(step):
            return step
        done -= len(step)
    return []


def words_of(turn: dict[str, Any]) -> str:
    """Return the text of a turn."""
    content = turn["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or ())


def main() -> None:
    Scripted.log = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
