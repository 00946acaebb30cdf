"""A model that plays its part by a script, behind llama-server's wire form.

`python -m tests.e2e.scripted_model PORT LOG`: where a tool named like `get_context` is offered and
nothing was called yet, it calls it with the user's last words; where a result came back, it says
so with the result's first words; else it says "Noted.". Each request is one line of LOG.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL = "scripted-8b-instruct"
PROPS = {"default_generation_settings": {"n_ctx": 131072}, "model_path": "/dev/null"}
FINAL = "The briefing said:"


class Scripted(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "llama.cpp"
    log = Path()

    def do_GET(self) -> None:
        known = {
            "/props": PROPS,
            "/v1/models": {"object": "list", "data": [{"id": MODEL, "owned_by": "llamacpp"}]},
            "/health": {"status": "ok"},
        }
        self._json(known.get(self.path))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        if self.path == "/apply-template":
            self._json({"prompt": json.dumps(asked)})
        elif self.path == "/tokenize":
            self._json({"tokens": [0] * (len(json.dumps(asked)) // 4)})
        elif self.path == "/v1/chat/completions":
            with self.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asked) + "\n")
            self._chat(asked)
        else:
            self._json(None)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def version_string(self) -> str:
        return self.server_version

    def _json(self, value: Any) -> None:
        body = json.dumps(value or {"error": {"code": 404, "message": "File Not Found"}}).encode()
        self.send_response(200 if value else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _chat(self, asked: dict[str, Any]) -> None:
        delta, finish = says(asked)
        if not asked.get("stream"):
            message = {"role": "assistant", "content": None, **delta}
            self._json(
                {
                    "id": "chatcmpl-1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": MODEL,
                    "choices": [{"index": 0, "message": message, "finish_reason": finish}],
                    "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18},
                }
            )
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for part, ended in (({"role": "assistant", "content": None}, None), (delta, None), ({}, finish)):
            self._event({"choices": [{"index": 0, "delta": part, "finish_reason": ended}]})
        self._event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 9}})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _event(self, value: dict[str, Any]) -> None:
        value |= {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")


def says(asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what the model says to a request, and why it ends."""
    turns = asked["messages"]
    if turns[-1]["role"] == "tool":
        return {"content": f"{FINAL} {_text(turns[-1]['content'])[:400]}"}, "stop"
    offered = [tool["function"]["name"] for tool in asked.get("tools") or ()]
    name = next((name for name in offered if name.endswith("get_context")), None)
    if name is None or any(turn["role"] == "tool" for turn in turns):
        return {"content": "Noted."}, "stop"
    words = [_text(turn["content"]) for turn in turns if turn["role"] == "user"]
    function = {"name": name, "arguments": json.dumps({"request": words[-1]})}
    call = {"index": 0, "id": "abc123", "type": "function", "function": function}
    return {"tool_calls": [call]}, "tool_calls"


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or ())


if __name__ == "__main__":
    Scripted.log = Path(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Scripted).serve_forever()
