"""`python -m bench.hook --repo DIR`: what a hook adds to a prompt, the whole process.

Prompts are the repository's own: subjects of its newest commits and, where they are to be had, its
issues. Each goes through `satchel-hook` as a client runs it, the client's JSON in, its JSON out, in
a session of its own; beside it, in turn with it, a bare `python -I -S` that imports json and
socket, and what the daemon itself says that the briefing of that prompt took. What comes second
finds some of its way prepared: of every other prompt that is the briefing, else the hook. Both
processes' processor time is told too, which other work on the machine changes less.
Counted is also what came too late, and apart from that the first prompts after the daemon ended:
without it, and after a session's start has woken it.

And the tokens that the descriptions of the MCP tools take, beside those of the reference memory
server (from npm). Which turns of a session it speaks at is `bench.silence --hook`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.figures import give, lap, say, spread, stop
from bench.material import Missing, messages, requests_of, scratch_clone, top_of
from satchel.base.paths import Home
from satchel.context import tokens
from satchel.tools.client import Daemon, find
from satchel.tools.hook import DEADLINE_MS

PROMPTS: Final = 500
ISSUES: Final = 100  # of these at most
LEAST_WORDS: Final = 3
DEAD: Final = 12  # prompts that find no daemon
COLD: Final = 5  # daemons that a session's start wakes
TYPED_S: Final = 4.0  # between a session's start and its first prompt
READY_S: Final = 60.0
BARE: Final = (sys.executable, "-I", "-S", "-c", "import json, socket")
REFERENCE: Final = "@modelcontextprotocol/server-memory@2026.8.31"
SHOWN: Final = ("name", "description", "inputSchema")
HOOK: Final = (str(Path(sys.executable).with_name("satchel-hook")), "--client", "claude")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where something that is needed is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.hook", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a git repository, only read")
    parser.add_argument("--issues-of", metavar="OWNER/NAME", help="issues of shared/bench to ask")
    parser.add_argument("--n", type=int, default=PROMPTS, help="how many prompts")
    chosen = parser.parse_args(arguments)
    try:
        if not Path(HOOK[0]).is_file():
            raise Missing(f"{HOOK[0]} is not installed")
        with scratch_clone(top_of(chosen.repo)) as (clone, home):
            os.environ["SATCHEL_HOME"] = str(home)
            asked = prompts(clone, chosen.issues_of, chosen.n)
            return measure(clone, Home(home), asked)
    except Missing as missing:
        return stop(str(missing))


def prompts(clone: Path, issues_of: str | None, count: int) -> list[str]:
    """Return real prompts: issues as far as there are some, else subjects of commits."""
    issues = requests_of(clone, issues_of, 0)[:ISSUES]
    subjects = [message.subject for message in messages(clone, 2 * count)]
    subjects = [subject for subject in subjects if len(subject.split()) >= LEAST_WORDS]
    return [*issues, *subjects[: count - len(issues)]]


def measure(clone: Path, home: Home, asked: Sequence[str]) -> int:
    """Index, ask everything, and print."""
    daemon = Daemon.connect(home)
    try:
        for _ in daemon.stream("/api/index", {"path": str(clone), "accept": True}):
            pass
        say(f"{len(asked)} prompts")
        warm = as_processes(daemon, clone, asked)
        say(f"the hook, ms: {warm['hook']}; a bare interpreter: {warm['bare']}")
        say(f"in processor time: {warm['hook_cpu']}; the bare interpreter: {warm['bare_cpu']}")
        say(f"the briefing, ms: {warm['brief']}; over both: {warm['over_bare_and_brief']}")
        say(f"delivered {warm['delivered']} of {warm['to_deliver']}, late {warm['late']}")
        dead, cold = without_daemon(home, clone, asked), woken(home, clone, asked)
        say(f"without a daemon, ms: {dead}")
        say(f"after a session's start, ms: {cold}")
        tools = described()
        say(f"tokens of the tools' descriptions: {tools}")
    finally:
        if (running := find(home)) is not None:
            running.stop()
    figures = {
        "repository": clone.name,
        "prompts": len(asked),
        "deadline_ms": DEADLINE_MS,
        "ms": warm,
        "without_daemon_ms": dead,
        "cold": cold,
        "tool_tokens": tools,
    }
    return give("hook", figures)


def as_processes(daemon: Daemon, clone: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Run the hook once for each prompt, in turn with what stands beside it."""
    before = late_lines(daemon.home)
    hook, bare, brief, over = [], [], [], []
    hook_cpu, bare_cpu = [], []
    delivered = due = 0
    for number, prompt in enumerate(asked):
        spent = processor_ms()
        with lap() as floor:
            subprocess.run(BARE, check=True)
        bare_cpu.append(processor_ms() - spent)
        body = {"request": prompt, "path": str(clone)}
        if number % 2:
            packet = daemon.call("POST", "/api/brief", body)
        spent = processor_ms()
        text, taken = ran(clone, prompt, uuid.uuid4().hex)
        hook_cpu.append(processor_ms() - spent)
        if number % 2 == 0:
            packet = daemon.call("POST", "/api/brief", body)
        due += bool(packet["markdown"])
        delivered += bool(packet["markdown"] and text)
        hook.append(taken)
        bare.append(floor.seconds * 1000)
        brief.append(float(packet["ms"]["total"]))
        over.append(hook[-1] - bare[-1] - brief[-1])
    return {
        "hook": spread(hook),
        "bare": spread(bare),
        "hook_cpu": spread(hook_cpu),
        "bare_cpu": spread(bare_cpu),
        "brief": spread(brief),
        "over_bare_and_brief": spread(over),
        "p50_over_both_p50": round(
            spread(hook)["p50"] - spread(bare)["p50"] - spread(brief)["p50"], 2
        ),
        "to_deliver": due,
        "delivered": delivered,
        "late": late_lines(daemon.home) - before,
    }


def processor_ms() -> float:
    """Return the processor time of all processes that were run and have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (spent.ru_utime + spent.ru_stime)


def ran(
    clone: Path, prompt: str, session: str, event: str = "UserPromptSubmit"
) -> tuple[str, float]:
    """Run the hook for one prompt; return what it says to the model, and milliseconds."""
    told = {"session_id": session, "cwd": str(clone), "hook_event_name": event, "prompt": prompt}
    given = json.dumps(told).encode()
    with lap() as taken:
        done = subprocess.run(HOOK, input=given, capture_output=True, check=True, cwd=clone)
    text = json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"] if done.stdout else ""
    return text, taken.seconds * 1000


def late_lines(home: Home) -> int:
    """Count what the log says of answers that came too late."""
    return home.log.read_text(encoding="utf-8", errors="replace").count("hook: no answer within")


def without_daemon(home: Home, clone: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Time prompts that find no daemon: each starts one, which is ended again."""
    taken = []
    for prompt in asked[:DEAD]:
        stopped(home)
        text, milliseconds = ran(clone, prompt, uuid.uuid4().hex)
        assert not text, "there was a daemon"
        taken.append(milliseconds)
        started(home)
    return spread(taken)


def woken(home: Home, clone: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Time the first prompt of a session whose start found no daemon, some seconds later; and how
    long it is from there until the daemon answers."""
    first, seconds, delivered = [], [], 0
    for prompt in asked[:COLD]:
        stopped(home)
        session = uuid.uuid4().hex
        began = time.monotonic()
        ran(clone, "", session, "SessionStart")
        started(home)
        seconds.append(time.monotonic() - began)
        time.sleep(max(0.0, TYPED_S - (time.monotonic() - began)))
        text, milliseconds = ran(clone, prompt, session)
        delivered += bool(text)
        first.append(milliseconds)
    return {
        "ready_s": spread(seconds),
        "typed_s": TYPED_S,
        "first_prompt": spread(first),
        "delivered": delivered,
        "of": len(first),
    }


def stopped(home: Home) -> None:
    """End the daemon, and let the next hook start one."""
    if (running := find(home)) is not None:
        running.stop()
    (home.run / "woken").unlink(missing_ok=True)


def started(home: Home) -> None:
    """Wait until a daemon answers. Raises Missing where none does."""
    until = time.monotonic() + READY_S
    while find(home) is None:
        if time.monotonic() > until:
            raise Missing("no daemon was started")
        time.sleep(0.02)


def described() -> dict[str, Any]:
    """Count the tokens that the tools' descriptions take, ours and the reference memory server's:
    all that a client is told, and what of it a client shows its model."""
    from satchel.context import mcp

    built = mcp.server(None)  # type: ignore[arg-type]  # nothing is asked of it
    return {"ours": counted(asyncio.run(built.list_tools())), "reference": reference()}


def reference() -> dict[str, int] | None:
    """Count those of the reference memory server; None where npm cannot fetch it."""
    import pytest
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    from tests.e2e.npm import fetched, node

    try:
        program = fetched(REFERENCE) / "@modelcontextprotocol/server-memory/dist/index.js"
        command = str(node())
    except (OSError, pytest.skip.Exception) as error:
        say(f"the reference memory server is not to be had: {error}")
        return None

    async def listed() -> dict[str, int]:
        parameters = StdioServerParameters(command=command, args=[str(program)])
        async with Client(stdio_client(parameters, errlog=sys.stderr), mode="auto") as client:
            return counted((await client.list_tools()).tools)

    return asyncio.run(listed())


def counted(tools: Sequence[Any]) -> dict[str, int]:
    """Count the tokens of tools as MCP lists them."""
    told = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    shown = [{name: tool[name] for name in SHOWN if name in tool} for tool in told]
    return {
        "tools": len(told),
        "told": tokens.count(json.dumps(told)),
        "shown": tokens.count(json.dumps(shown)),
    }


if __name__ == "__main__":
    sys.exit(main())
