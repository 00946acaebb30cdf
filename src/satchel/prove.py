"""The proof: the whole walk in a world where only loopback exists, and the kernel's own count.

`python -m satchel.prove walk SCRATCH ASSETS` is the child that `satchel prove` starts under
`unshare --user --net --mount`. It brings loopback up, reads the kernel's counters of packets that
found no route (OutNoRoutes, Ip6OutNoRoutes), walks, reads them again, and then tries on purpose to
leave, so that a counter which cannot move proves nothing. A packet to any address but loopback has
no route there, whoever sends it: Python, native code or a child process.

With `--open` it runs without that world, for machines that do not allow it; then only what
`base.witness` saw of Python's own connections can be told.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from satchel.base import witness
from satchel.base.errors import Cancelled
from satchel.demo.repository import build
from satchel.demo.requests import REQUESTS

SNMP = Path("/proc/net/snmp")
SNMP6 = Path("/proc/net/snmp6")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, linux/if.h

# Addresses for documentation (RFC 5737, RFC 3849): nobody is there, and nothing is sent to them.
CONTROL4, CONTROL6 = "192.0.2.1", "2001:db8::1"
CONTROL_NAME = "satchel-control.example"
QUESTION = "Where does a session end?"
ELSEWHERE = "ask a model elsewhere, without a grant"
ANSWER_TOKENS = 48
STEP_SECONDS = 300
END_SECONDS = 10
PYTHON = (sys.executable, "-P", "-m")  # -P: no module of the folder that this runs in


@dataclass(frozen=True, slots=True)
class Counters:
    """Packets that found no route since this network namespace began. None: not counted here."""

    ipv4: int | None
    ipv6: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk. `done` is None where it was left out, and `detail` says why."""

    name: str
    done: bool | None
    detail: str
    seconds: float


# --- the kernel's count -----------------------------------------------------------------------


def counters(snmp: str, snmp6: str) -> Counters:
    """Read OutNoRoutes of /proc/net/snmp and Ip6OutNoRoutes of /proc/net/snmp6."""
    rows = [line.split() for line in snmp.splitlines() if line.startswith("Ip:")]
    four = dict(zip(*rows, strict=True)).get("OutNoRoutes") if len(rows) == 2 else None
    pairs = [line.split() for line in snmp6.splitlines()]
    six = dict(pair for pair in pairs if len(pair) == 2).get("Ip6OutNoRoutes")
    return Counters(None if four is None else int(four), None if six is None else int(six))


def total(count: Counters) -> int:
    """Both families together."""
    return (count.ipv4 or 0) + (count.ipv6 or 0)


def read_counters() -> Counters:
    """Read them now."""
    return counters(*(path.read_text() if path.exists() else "" for path in (SNMP, SNMP6)))


def raise_loopback() -> None:
    """Bring `lo` up: a new network namespace has it down, and then even 127.0.0.1 has no route."""
    import fcntl  # Linux alone comes here

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(probe, SIOCGIFFLAGS, asked))
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def count_lookups(scratch: Path) -> bool:
    """Point name lookups at an address without a route, so that asking for a name counts too.

    Without this a resolver on loopback would swallow them. Only this mount namespace sees it.
    Returns whether it could be done.
    """
    files = {"resolv.conf": f"nameserver {CONTROL4}\n", "nsswitch.conf": "hosts: files dns\n"}
    for name, content in files.items():
        ours = scratch / name
        ours.write_text(content)
        done = subprocess.run(
            ["mount", "--bind", str(ours), f"/etc/{name}"], capture_output=True, check=False
        )
        if done.returncode != 0:
            return False
    return True


# --- the walk ---------------------------------------------------------------------------------


def walk(scratch: Path, environment: Mapping[str, str]) -> Iterator[Step]:
    """Index, brief, answer, MCP, a model elsewhere: each through the command that a user types."""
    shop = scratch / "lantern"
    begun = time.monotonic()
    build(shop)
    yield Step("make the shop", True, "12 commits", time.monotonic() - begun)
    yield _command(environment, "index", "index", str(shop))
    for request in REQUESTS:
        yield _command(environment, f"brief: {request}", "brief", request, "--in", str(shop))
    yield _command(environment, f"ask: {QUESTION}", "ask", QUESTION, "--in", str(shop), "--offline")
    yield _mcp(environment, shop)
    yield _elsewhere(environment, shop)


def _satchel(*words: str) -> list[str]:
    return [*PYTHON, "satchel.cli", *words]


def _command(environment: Mapping[str, str], name: str, *words: str) -> Step:
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


# --- the control ------------------------------------------------------------------------------


def try_to_connect() -> None:
    """Try to reach an address off this machine, by IPv4 and by IPv6."""
    for family, address in ((socket.AF_INET, CONTROL4), (socket.AF_INET6, CONTROL6)):
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as out:
            out.settimeout(1)
            out.connect((address, 9))


def try_to_look_up() -> None:
    """Try to look up a name that nobody here knows."""
    with suppress(OSError):
        socket.getaddrinfo(CONTROL_NAME, 9)


def control(environment: Mapping[str, str], what: str) -> None:
    """Try on purpose to leave, in a child like every other."""
    subprocess.run(
        [*PYTHON, "satchel.prove", what],
        env={**environment, "RES_OPTIONS": "timeout:1 attempts:1"},
        check=False,
        capture_output=True,
        timeout=STEP_SECONDS,
    )


# --- what Python saw --------------------------------------------------------------------------


def sort_connections(lines: Sequence[str], scratch: str) -> dict[str, list[str]]:
    """Sort what the witness wrote: loopback, our own unix socket, and everything else."""
    sorted_: dict[str, list[str]] = {"loopback": [], "unix": [], "elsewhere": []}
    for line in lines:
        row = json.loads(line)
        event, address = str(row["event"]), str(row["address"])
        sorted_[_kind(event, address, scratch)].append(f"{event} {address} ({row['program']})")
    return sorted_


def _kind(event: str, address: str, scratch: str) -> str:
    host = address.split(" ")[0]
    if host in {"localhost", "None", ""}:
        return "loopback"
    with suppress(ValueError):
        return "loopback" if ip_address(host.partition("%")[0]).is_loopback else "elsewhere"
    if address.startswith(scratch):
        return "unix"
    return "elsewhere"


# --- the child --------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Walk, count, try to leave, and print one JSON object; or be one of the controls."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("walk", "connect", "lookup"))
    parser.add_argument("scratch", type=Path, nargs="?")
    parser.add_argument("assets", type=Path, nargs="?")
    parser.add_argument("--open", action="store_true")
    args = parser.parse_args(argv)
    if args.what == "connect":
        try_to_connect()
    elif args.what == "lookup":
        try_to_look_up()
    else:
        # How `satchel prove` stops it: once only, so what it does at its end is left in peace.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            print(json.dumps(proof(args.scratch, args.assets, closed=not args.open)))
        except KeyboardInterrupt:
            return Cancelled.exit_status
    return 0


def proof(scratch: Path, assets: Path, closed: bool) -> dict[str, Any]:
    """Walk with a home of its own in `scratch`, and return what was counted and seen.

    Steps are told on standard error as they are done.
    """
    home = scratch / "home"
    home.mkdir(mode=0o700)
    if assets.is_dir():
        (home / "assets").symlink_to(assets)
    (home / "settings.json").write_text(json.dumps({"ask.answer_tokens": ANSWER_TOKENS}))
    seen = scratch / "witness.jsonl"
    environment = {**os.environ, "SATCHEL_HOME": str(home), witness.FILE: str(seen)}

    lookups = False
    if closed:
        raise_loopback()
        lookups = count_lookups(scratch)
    before = now = read_counters()
    steps: list[dict[str, Any]] = []
    try:
        for step in walk(scratch, environment):
            earlier, now = now, read_counters()
            left = total(now) - total(earlier)
            steps.append({**asdict(step), "left": left if closed else None})
            print(_told(step, left if closed else 0), file=sys.stderr, flush=True)
    finally:
        ended = _command(environment, "stop the daemon", "down")
    after = read_counters()
    connections = sort_connections(_lines(seen), str(scratch))
    if not closed:
        environment[witness.REFUSE] = "1"
    control(environment, "connect")
    tried = read_counters()
    control(environment, "lookup")
    looked_up = read_counters()
    both = sort_connections(_lines(seen), str(scratch))["elsewhere"]
    return {
        "steps": [*steps, {**asdict(ended), "left": None}],
        "before": asdict(before),
        "after": asdict(after),
        "control": asdict(tried),
        "control_lookup": asdict(looked_up),
        "lookups_counted": lookups,
        "connections": connections,
        "control_seen": both[len(connections["elsewhere"]) :],
    }


def _told(step: Step, left: int) -> str:
    mark = {True: "done", False: "FAIL", None: "skip"}[step.done]
    line = f"  {mark}  {step.name}  {step.detail}"
    return line + (f"  {left} PACKETS TRIED TO LEAVE" if left else "")


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
