"""`satchel mcp`: MCP over standard input and output, in front of the daemon's MCP over HTTP.

A client spawns one of these for every session, so it starts in milliseconds: standard library
alone, and nothing is understood that need not be. A line in is a POST; its answer, JSON or an
event stream, is lines out. Both protocol eras pass: the older keeps a session id and the version
that `initialize` agreed on; from 2026-07-28 on every message carries its version, and the headers
repeat what routing needs. Where the daemon ended, it is started again.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote

from satchel.base import paths
from satchel.base.errors import SatchelError
from satchel.tools.client import Daemon, connect
from satchel.tools.hook import here
from satchel.tools.loopback import Exchange, Gone

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
WRITES = frozenset(("remember", "forget"))  # not sent twice where the first may have arrived
ATTEMPTS = 3
DYING = 0.05  # seconds: a daemon that is being killed may still take connections

PARSE_ERROR, INTERNAL_ERROR = -32700, -32603  # JSON-RPC 2.0, section 5.1


@dataclass(slots=True)
class Shim:
    """One client's session. `answers` takes lines; `reach` finds or starts the daemon."""

    workspace: str
    answers: BinaryIO
    reach: Callable[[], Daemon]
    session: str | None = None
    version: str | None = None
    daemon: Daemon | None = None
    running: dict[str, Exchange] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    writing: threading.Lock = field(default_factory=threading.Lock)
    reaching: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, lines: BinaryIO) -> None:
        """Answer every line until there are no more, then let what is in progress end."""
        threads: list[threading.Thread] = []
        for line in lines:
            if not line.strip():
                continue
            try:
                message = json.loads(line)
            except ValueError:
                self._fail(None, PARSE_ERROR, "the line is not JSON")
                continue
            if _waits_for_nothing(message):
                self._cancel_if_asked(message)
                self.relay(message, line)
                continue
            thread = threading.Thread(target=self.relay, args=(message, line), daemon=True)
            thread.start()
            threads = [each for each in threads if each.is_alive()] + [thread]
        for thread in threads:
            thread.join()

    def relay(self, message: Any, line: bytes) -> None:
        """Pass one message on and its answer back."""
        asked = message.get("id") if isinstance(message, dict) and "method" in message else None
        try:
            for answer in self._exchanged(message, line):
                self._write(answer)
        except SatchelError as error:
            if asked is not None:
                self._fail(asked, INTERNAL_ERROR, f"{error.message}. Next: {error.next_step}.")
        except BrokenPipeError:
            os._exit(0)  # nobody reads any more

    def _exchanged(self, message: Any, line: bytes) -> Iterator[bytes]:
        """Yield the lines of the answer, trying again where the daemon had gone."""
        key = json.dumps(message.get("id")) if isinstance(message, dict) else ""
        for attempt in range(1, ATTEMPTS + 1):
            if attempt > 1:
                time.sleep(DYING)
            daemon = self._reached(again=attempt > 1)
            answered = False
            try:
                with Exchange(daemon.address) as exchange:
                    self.running[key] = exchange
                    head = daemon.headers() | self._headers(message)
                    exchange.send("POST", "/mcp", head, line.strip())
                    if exchange.status == 401 and attempt < ATTEMPTS:
                        continue  # another daemon took its place, with another token
                    for answer in self._answer(exchange, message):
                        answered = True
                        yield answer
                    return
            except Gone as gone:
                if key in self.cancelled:
                    return
                if answered or attempt == ATTEMPTS or (gone.sent and _writes(message)):
                    raise daemon._gone() from gone
            finally:
                self.running.pop(key, None)
                self.cancelled.discard(key)

    def _answer(self, exchange: Exchange, message: Any) -> Iterator[bytes]:
        self.session = exchange.headers.get("mcp-session-id", self.session)
        if exchange.headers.get("content-type", "").startswith("text/event-stream"):
            for event in events(exchange.lines()):
                self._note(message, event)
                yield event
                if _is_answer(event, message):
                    return  # what may still go wrong with the stream is no news
            return
        body = exchange.body().strip()
        if not body:
            return
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        if exchange.status >= 400 and not (isinstance(told, dict) and "jsonrpc" in told):
            error = told.get("error") if isinstance(told, dict) else None
            why = error.get("message") if isinstance(error, dict) else None
            text = why or f"the daemon answered with HTTP status {exchange.status}"
            raise SatchelError("daemon-answer", text, "run `satchel down`, then try again")
        self._note(message, body)
        yield body

    def _note(self, message: Any, answer: bytes) -> None:
        """Remember the version that an `initialize` agreed on."""
        if isinstance(message, dict) and message.get("method") == "initialize":
            result = json.loads(answer).get("result")
            if isinstance(result, dict):
                self.version = result.get("protocolVersion", self.version)

    def _headers(self, message: Any) -> dict[str, str]:
        headers = {
            "Accept": "application/json, text/event-stream",
            "X-Satchel-Workspace": quote(os.fsencode(self.workspace)),
        }
        if not isinstance(message, dict):
            return headers
        modern = modern_headers(message)
        if modern:
            return headers | modern
        if message.get("method") != "initialize":
            if self.version:
                headers["MCP-Protocol-Version"] = self.version
            if self.session:
                headers["Mcp-Session-Id"] = self.session
        return headers

    def _reached(self, again: bool) -> Daemon:
        with self.reaching:
            if self.daemon is None or again:
                self.daemon = self.reach()
            return self.daemon

    def _cancel_if_asked(self, message: Mapping[str, Any]) -> None:
        """End the exchange that the client gave up: a closed connection is how HTTP says so."""
        if message.get("method") == "notifications/cancelled":
            params = message.get("params")
            key = json.dumps(params.get("requestId")) if isinstance(params, dict) else ""
            exchange = self.running.get(key)
            if exchange is not None:
                self.cancelled.add(key)
                exchange.close()

    def _fail(self, asked: Any, code: int, text: str) -> None:
        error = {"jsonrpc": "2.0", "id": asked, "error": {"code": code, "message": text}}
        self._write(json.dumps(error).encode("ascii"))

    def _write(self, line: bytes) -> None:
        with self.writing:
            self.answers.write(line + b"\n")
            self.answers.flush()


def modern_headers(message: Mapping[str, Any]) -> dict[str, str]:
    """Return what 2026-07-28 wants repeated in headers; nothing for a message of an older era."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    version = meta.get(VERSION_KEY) if isinstance(meta, dict) else None
    if not isinstance(version, str):
        return {}
    method = str(message.get("method", ""))
    headers = {"MCP-Protocol-Version": header_value(version), "Mcp-Method": header_value(method)}
    name = params.get(NAMED[method]) if method in NAMED and isinstance(params, dict) else None
    if isinstance(name, str):
        headers["Mcp-Name"] = header_value(name)
    return headers


def header_value(value: str) -> str:
    """Write a value for a header; what is not plain ASCII goes as `=?base64?…?=`, as specified."""
    plain = value.isascii() and value.isprintable() and value == value.strip()
    if plain and not value.startswith("=?base64?"):
        return value
    return f"=?base64?{b64encode(value.encode('utf-8')).decode('ascii')}?="


def _waits_for_nothing(message: Any) -> bool:
    """Tell whether a message must be passed on before the next: all but further requests."""
    return (
        not isinstance(message, dict)
        or "id" not in message
        or "method" not in message
        or message["method"] == "initialize"
    )


def _is_answer(event: bytes, message: Any) -> bool:
    """Tell whether an event is what the message waits for, rather than a notice on the way."""
    told = json.loads(event)
    both = isinstance(told, dict) and isinstance(message, dict)
    return both and "method" not in told and told.get("id") == message.get("id")


def _writes(message: Any) -> bool:
    params = message.get("params") if isinstance(message, dict) else None
    return isinstance(params, dict) and params.get("name") in WRITES


def events(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the data of each server-sent event, on one line."""
    held: list[bytes] = []
    for line in lines:
        if line.startswith(b"data:"):
            held.append(line[5:].removeprefix(b" "))
        elif not line and held:
            data = b"\n".join(held)
            held = []
            if data:
                yield json.dumps(json.loads(data)).encode("ascii") if b"\n" in data else data


def main(words: Sequence[str] = ()) -> int:
    """Serve standard input and output from the folder that this runs in; takes no arguments."""
    if words:
        sys.stderr.write("satchel mcp takes no arguments; the folder it starts in is its own\n")
        return 2
    home = paths.home()
    shim = Shim(here(), sys.stdout.buffer, lambda: connect(home))
    try:
        shim.serve(sys.stdin.buffer)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
