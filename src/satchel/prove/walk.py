"""The walk: each step through the command that a user types."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satchel.demo.repository import build
from satchel.demo.requests import REQUESTS
from satchel.prove.kernel import CONTROL4

QUESTION = "Where does a session end?"
ELSEWHERE = "ask a model elsewhere, without a grant"
STEP_SECONDS = 300
END_SECONDS = 10
PYTHON = (sys.executable, "-P", "-m")  # -P: no module of the folder that this runs in


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk. `done` is None where it was left out, and `detail` says why."""

    name: str
    done: bool | None
    detail: str
    seconds: float


def walk(scratch: Path, environment: Mapping[str, str]) -> Iterator[Step]:
    """Index, brief, answer, MCP, a model elsewhere: each through the command that a user types."""
    shop = scratch / "lantern"
    begun = time.monotonic()
    build(shop)
    yield Step("make the shop", True, "12 commits", time.monotonic() - begun)
    yield command(environment, "index", "index", str(shop))
    for request in REQUESTS:
        yield command(environment, f"brief: {request}", "brief", request, "--in", str(shop))
    yield command(environment, f"ask: {QUESTION}", "ask", QUESTION, "--in", str(shop), "--offline")
    yield _mcp(environment, shop)
    yield _elsewhere(environment, shop)


def _satchel(*words: str) -> list[str]:
    return [*PYTHON, "satchel.cli", *words]


def command(environment: Mapping[str, str], name: str, *words: str) -> Step:
    """Run one command, and say what came of it."""
    begun = time.monotonic()
    try:
        status, said = _said(environment, *words)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return Step(name, False, type(error).__name__, time.monotonic() - begun)
    took = time.monotonic() - begun
    if "error" not in said:
        return Step(name, status == 0, _outcome(said), took)
    if said["error"]["code"] == "asset-missing":
        return Step(name, None, "the embedded model was never fetched (`satchel fetch`)", took)
    return Step(name, False, said["error"]["message"], took)


def _said(environment: Mapping[str, str], *words: str) -> tuple[int, dict[str, Any]]:
    """Run a command; return its exit status and its JSON.

    A command that is interrupted is given time: it ends the daemon that it was just starting.
    """
    with subprocess.Popen(
        _satchel(*words, "--json"),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as command:
        try:
            out, _ = command.communicate(timeout=STEP_SECONDS)
        except KeyboardInterrupt:
            command.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                command.wait(timeout=END_SECONDS)
            raise
        finally:
            command.kill()
    return command.returncode, json.loads(out)


def _elsewhere(environment: Mapping[str, str], shop: Path) -> Step:
    """Ask a model beyond this machine without a grant: it is refused, and the ledger has it."""
    begun = time.monotonic()
    model = f"http://{CONTROL4}:9/any"
    try:
        _, said = _said(environment, "ask", QUESTION, "--model", model, "--in", str(shop))
        _, ledger = _said(environment, "ledger")
        code = said.get("error", {}).get("code")
        rows = [(row["allowed"], row["destination"]) for row in ledger["entries"]]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        return Step(ELSEWHERE, False, type(error).__name__, time.monotonic() - begun)
    refused = code == "consent-needed" and rows == [(False, f"http://{CONTROL4}:9")]
    told = "refused, a line in the ledger" if refused else f"{code}, {len(rows)} in the ledger"
    return Step(ELSEWHERE, refused, told, time.monotonic() - begun)


def _outcome(said: Mapping[str, Any]) -> str:
    """What a command's JSON amounts to, in a few words."""
    if "answer" in said:
        return f"{said['model'].get('name')} answered {len(said['answer'])} characters"
    if "markdown" in said:
        return f"{said['tokens']} tokens" if said["tokens"] else "empty, as it should be"
    return f"{said['passages']} passages" if "passages" in said else "done"


def _mcp(environment: Mapping[str, str], shop: Path) -> Step:
    """Speak MCP over stdio as a client would: handshake, tools, one briefing."""
    begun = time.monotonic()
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "satchel-prove", "version": "1"},
    }
    call = {"name": "get_context", "arguments": {"request": REQUESTS[0]}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": 3, "method": "tools/call", "params": call},
    ]
    shim = subprocess.Popen(
        _satchel("mcp"),
        cwd=shop,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    answers: dict[int, Any] = {}
    try:
        assert shim.stdin is not None
        assert shim.stdout is not None
        for message in messages:
            shim.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            shim.stdin.flush()
            while message.get("id", 0) not in {0, *answers}:
                line = shim.stdout.readline()
                if not line:
                    break
                said = json.loads(line)
                answers[said.get("id", -1)] = said
        shim.stdin.close()
        shim.wait(timeout=30)
    finally:
        shim.kill()
        shim.wait()
    took = time.monotonic() - begun
    result = answers.get(3, {}).get("result", {})
    tools = answers.get(2, {}).get("result", {}).get("tools", [])
    fine = bool(tools) and bool(result.get("content")) and not result.get("isError")
    return Step("MCP: tools/list, get_context", fine, f"{len(tools)} tools", took)
