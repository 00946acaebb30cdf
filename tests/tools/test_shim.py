"""The stdio shim through real pipes, with the official client, in both protocol eras."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect
from satchel.tools.shim import Shim, events, header_value, modern_headers

ERAS = ["legacy", "auto", "2026-07-28"]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def client(home: Home, era: str, folder: Path) -> Client:
    """Return the official client over a shim of ours that runs in `folder`."""
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "satchel.cli", "mcp"],
        env={"SATCHEL_HOME": str(home.root)},
        cwd=folder,
    )
    return Client(stdio_client(parameters), mode=era)


def text(result: Any) -> str:
    assert result.structured_content is None
    return str(result.content[0].text)


@pytest.mark.parametrize("era", ERAS)
def test_the_tools_answer_about_the_folder_that_the_client_works_in(
    daemon: Daemon, tmp_path: Path, era: str
) -> None:
    folder = tmp_path / "où ça %20"
    folder.mkdir()

    async def run() -> None:
        async with client(daemon.home, era, folder) as session:
            tools = [tool.name for tool in (await session.list_tools()).tools]
            assert tools == ["get_context", "remember", "recall", "forget"]
            briefing = text(await session.call_tool("get_context", {"request": "do it"}))
            assert briefing.startswith(f"From {folder}:")
            elsewhere = {"request": "do it", "workspace": "/w"}
            assert "From /w:" in text(await session.call_tool("get_context", elsewhere))
            below = {"request": "do it", "workspace": "sub"}
            assert f"From {folder}/sub:" in text(await session.call_tool("get_context", below))
            thanks = text(await session.call_tool("get_context", {"request": "thanks"}))
            assert thanks == "No context is needed: small talk."

    asyncio.run(run())


@pytest.mark.parametrize("era", ERAS)
def test_records_are_kept_read_and_forgotten(daemon: Daemon, tmp_path: Path, era: str) -> None:
    async def run() -> None:
        async with client(daemon.home, era, tmp_path) as session:
            kept = {"text": "use JWT, d'accord", "kind": "decision"}
            said = text(await session.call_tool("remember", kept))
            assert said.startswith("Proposed as decision r")
            name = said.removeprefix("Proposed as decision ").partition(";")[0]
            found = text(await session.call_tool("recall", {"query": "JWT"}))
            assert f"- {name} [decision, 2026-11-02, agent] use JWT, d'accord" in found
            [listing] = (await session.list_resources()).resources
            [listed] = (await session.read_resource(listing.uri)).contents
            assert [each["id"] for each in json.loads(getattr(listed, "text", ""))] == [name]
            [one] = (await session.read_resource(f"satchel://record/{name}")).contents
            assert json.loads(getattr(one, "text", ""))["workspace"] == str(tmp_path)
            assert text(await session.call_tool("forget", {"id": name})) == f"Forgot {name}."

    asyncio.run(run())


@pytest.mark.parametrize("era", ERAS)
def test_a_folder_that_was_not_accepted_names_the_command(
    daemon: Daemon, tmp_path: Path, era: str
) -> None:
    async def run() -> None:
        async with client(daemon.home, era, tmp_path) as session:
            asked = {"request": "x", "workspace": "/closed"}
            result = await session.call_tool("get_context", asked)
            assert result.is_error
            assert "run `satchel index /closed`" in text(result)

    asyncio.run(run())


@pytest.mark.parametrize("era", ERAS)
def test_many_calls_at_once_are_all_answered(daemon: Daemon, tmp_path: Path, era: str) -> None:
    async def run() -> None:
        async with client(daemon.home, era, tmp_path) as session:
            asked = [{"request": "x" * number} for number in range(1, 33)]
            results = await asyncio.gather(
                *(session.call_tool("get_context", each) for each in asked)
            )
        for each, result in zip(asked, results, strict=True):
            assert f"{len(each['request'])} characters" in text(result)

    asyncio.run(run())


@pytest.mark.parametrize("era", ERAS)
def test_a_large_request_passes(daemon: Daemon, tmp_path: Path, era: str) -> None:
    async def run() -> None:
        async with client(daemon.home, era, tmp_path) as session:
            result = await session.call_tool("get_context", {"request": "é" * 200_000})
            assert "200000 characters" in text(result)

    asyncio.run(run())


class Session:
    """A shim in this process, spoken to line by line."""

    def __init__(self, reach: Callable[[], Daemon]) -> None:
        inward, self.out = os.pipe()
        self.incoming, outward = os.pipe()
        self.lines = os.fdopen(inward, "rb")
        self.answers = os.fdopen(outward, "wb")
        self.shim = Shim("/w", self.answers, reach)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()
        self.reader = os.fdopen(self.incoming, "rb")

    def _serve(self) -> None:
        self.shim.serve(self.lines)
        self.answers.close()

    def say(self, message: Any) -> None:
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        os.write(self.out, line + b"\n")

    def hear(self) -> Any:
        return json.loads(self.reader.readline())

    def close(self) -> bytes:
        """End the input and return what was still said."""
        os.close(self.out)
        rest = self.reader.read()
        self.thread.join()
        self.lines.close()
        self.reader.close()
        return rest


@pytest.fixture
def session(home: Home, fake: tuple[str, ...]) -> Iterator[Session]:
    opened = Session(lambda: connect(home, command=fake))
    yield opened
    if opened.thread.is_alive():
        opened.close()


def call(number: int, name: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def test_the_daemon_is_started_on_demand_and_again_when_it_is_gone(
    session: Session, home: Home, fake: tuple[str, ...]
) -> None:
    session.say(INITIALIZE)
    assert session.hear()["result"]["protocolVersion"] == "2025-06-18"
    first = connect(home, command=fake)
    if os.name == "posix":
        os.kill(first.pid, signal.SIGKILL)
    else:
        first.stop()
    session.say(call(2, "get_context", request="again"))
    assert "5 characters" in session.hear()["result"]["content"][0]["text"]
    assert connect(home, command=fake).pid != first.pid
    connect(home, command=fake).stop()
    session.say({"jsonrpc": "2.0", "id": "three", "method": "tools/list"})
    assert session.hear()["id"] == "three"
    assert session.close() == b""


def test_what_is_in_progress_ends_before_the_shim_does(session: Session) -> None:
    session.say(INITIALIZE)
    session.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
    session.say(call(2, "get_context", request="last words"))
    answers = session.close().splitlines()
    assert [json.loads(answer)["id"] for answer in answers] == [1, 2]


def test_a_call_that_the_client_gave_up_is_not_answered(session: Session, home: Home) -> None:
    session.say(INITIALIZE)
    session.hear()
    session.say(call(2, "get_context", request="linger"))
    while not (home.root / "seen").exists():
        time.sleep(0.01)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}}
    session.say(cancel)
    session.say({"jsonrpc": "2.0", "id": 3, "method": "tools/list"})
    assert session.hear()["id"] == 3


def test_a_line_that_is_no_json_is_told_so(session: Session) -> None:
    session.say(b"{nonsense")
    assert session.hear()["error"]["code"] == -32700
    session.say(b"")
    session.say(INITIALIZE)
    assert session.hear()["id"] == 1


def test_a_daemon_that_cannot_start_answers_every_request_with_why() -> None:
    def reach() -> Daemon:
        raise Unavailable("daemon-failed", "the daemon did not start", "see the log")

    session = Session(reach)
    session.say(INITIALIZE)
    error = session.hear()["error"]
    assert error["message"] == "the daemon did not start. Next: see the log."
    session.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert session.close() == b""


def test_it_ends_cleanly_when_its_input_does(daemon: Daemon) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "satchel.cli", "mcp"],
        input=json.dumps(INITIALIZE).encode() + b"\n",
        env={**os.environ, "SATCHEL_HOME": str(daemon.home.root)},
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout)["id"] == 1
    assert told.stderr == b""


def test_headers_repeat_what_a_modern_message_says() -> None:
    message = {
        "method": "resources/read",
        "params": {
            "uri": "satchel://record/é",
            "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"},
        },
    }
    assert modern_headers(message) == {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "resources/read",
        "Mcp-Name": header_value("satchel://record/é"),
    }
    assert modern_headers(INITIALIZE) == {}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("get_context", "get_context"),
        ("é", "=?base64?w6k=?="),
        (" edge ", "=?base64?IGVkZ2Ug?="),
        ("a\r\nHost: evil", "=?base64?YQ0KSG9zdDogZXZpbA==?="),
        ("=?base64?w6k=?=", "=?base64?PT9iYXNlNjQ/dzZrPT89?="),
    ],
)
def test_header_values_are_safe(value: str, written: str) -> None:
    assert header_value(value) == written


def test_event_streams_become_lines() -> None:
    stream = [b": ping", b"", b"event: message", b'data: {"a":', b"data: 1}", b"", b"data: 2", b""]
    assert list(events(iter(stream))) == [b'{"a": 1}', b"2"]
