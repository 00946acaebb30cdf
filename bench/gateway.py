"""`python -m bench.gateway`: what the model endpoint costs on top of the server behind it.

One mock server that answers at once, and before it, in the same run and in turns: nothing, a raw
splice of bytes, a bare relay (uvicorn and aiohttp), Satchel's endpoint, and LiteLLM where
`--litellm` names its `litellm` command. One client that keeps its connection. A figure is the best
of the rounds, since this measures the code and not what else the machine does: JSON answers of 8
tokens at most (p50 and p99 ms) and of no told length (p50 ms), first byte of a stream (p50 ms),
chunks a second of a long stream. What Satchel takes over the relay is told of the best rounds, and
as the median of both in the same round. A hundred streams at once, of which the longest wait
between two reads counts, and the memory of Satchel's daemon before and after many requests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.gateway_targets import MODEL
from satchel.base.paths import Home
from satchel.base.settings import change
from satchel.tools.client import Daemon
from satchel.wiring.satchel import QUIET

CHUNK_LEAST = 100  # bytes
WORDS = "Where is the timeout of a request read, and which default does it take? " * 4


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and with what key."""

    name: str
    port: int
    key: str = ""
    model: str = MODEL


@dataclass(frozen=True, slots=True)
class Taken:
    """One request: seconds to the first byte and to the end, bytes, the longest wait."""

    first: float
    total: float
    bytes: int
    wait: float


class Client:
    """One connection that is kept, with as little of its own cost as can be."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, *, stream: bool, chunks: int = 8, bounded: bool = True, pause_ms: int = 0
    ) -> Taken:
        """Send one chat request and read its answer to the end.

        One that is not bounded leaves its length to the server, which makes it one of 8 chunks.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.target.port)
        reader, writer = self._streams
        body = json.dumps(
            {
                "model": self.target.model,
                "messages": [{"role": "user", "content": WORDS}],
                **({"max_tokens": chunks} if bounded else {}),
                "seed": pause_ms,
                "stream": stream,
                **({"stream_options": {"include_usage": True}} if stream else {}),
            }
        ).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{self.target.port}\r\n"
            f"Authorization: Bearer {self.target.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        began = time.perf_counter()
        writer.write(head + body)
        answer = bytearray(await reader.readuntil(b"\r\n\r\n"))
        if b" 200 " not in answer[:16]:
            answer += await reader.read(2000)
            raise SystemExit(f"{self.target.name} answered {bytes(answer)!r}")
        length = _length(bytes(answer))
        first = wait = 0.0
        last = time.perf_counter()
        got = 0
        tail = b""
        while not (got == length if length is not None else tail.endswith(b"0\r\n\r\n")):
            data = await reader.read(1 << 16)
            if not data:
                raise SystemExit(f"{self.target.name} broke off")
            now = time.perf_counter()
            first = first or now - began
            wait = max(wait, now - last)
            last, got = now, got + len(data)
            tail = (tail + data)[-16:]
        if stream and got < chunks * CHUNK_LEAST:
            raise SystemExit(f"{self.target.name} left out some of the {chunks} chunks")
        return Taken(first, last - began, got, wait)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


def _length(head: bytes) -> int | None:
    for row in head.lower().split(b"\r\n"):
        if row.startswith(b"content-length:"):
            return int(row.split(b":")[1])
    return None


@contextmanager
def process(words: Sequence[str], port: int, **environment: str) -> Iterator[None]:
    """Run a program until the block ends; ready once its port answers."""
    running = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        until = time.monotonic() + 180
        while time.monotonic() < until and running.poll() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit(f"{words[0]} did not start")
        yield
    finally:
        running.terminate()
        running.wait(10)


def settle(pid: int, still_s: float = QUIET + 2, most_s: float = 120.0) -> float:
    """Wait until a daemon that has just started is at rest; return the seconds that it took.

    At rest is a tenth of a second of processor time, at most, in `still_s` seconds: it waits for
    QUIET seconds before it loads the last of what it may need.
    """
    began = time.monotonic()
    while time.monotonic() - began < most_s:
        before = _cpu_s(pid)
        time.sleep(still_s)
        if _cpu_s(pid) - before <= 0.1:
            return time.monotonic() - began
    raise SystemExit(f"the daemon was still busy {most_s:.0f} seconds after its start")


def _cpu_s(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody holds now."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def targets(litellm: str | None) -> Iterator[tuple[list[Target], Daemon]]:
    """Start everything that is measured."""
    mock, splice, relay = free_port(), free_port(), free_port()
    own = [sys.executable, "-m", "bench.gateway_targets"]
    with ExitStack() as stack:
        stack.enter_context(process([*own, "mock", str(mock)], mock))
        stack.enter_context(process([*own, "splice", str(splice), str(mock)], splice))
        stack.enter_context(process([*own, "relay", str(relay), str(mock)], relay))
        home = Home(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home")
        change(home, "gateway.port", "0")
        change(home, "model.servers", f"127.0.0.1:{mock}")
        daemon = Daemon.connect(home)
        stack.callback(daemon.stop)
        told = daemon.call("GET", "/api/status")
        key = Path(told["key_file"]).read_text(encoding="ascii")
        port = int(told["url"].rpartition(":")[2])
        listed = [
            Target("direct", mock),
            Target("splice", splice),
            Target("relay", relay),
            Target("satchel", port, key),
        ]
        if litellm:
            there = free_port()
            config = home.root / "litellm.yaml"
            config.write_text(
                f"model_list:\n- model_name: {MODEL}\n  litellm_params:\n"
                f"    model: openai/{MODEL}\n    api_base: http://127.0.0.1:{mock}/v1\n"
                "    api_key: none\n",
                encoding="utf-8",
            )
            words = [litellm, "--config", str(config), "--port", str(there), "--host", "127.0.0.1"]
            key = "sk-of-the-bench"  # it does not start without one
            environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": key}
            stack.enter_context(process(words, there, **environment))
            listed.append(Target("litellm", there, key))
        yield listed, daemon


Rounds = dict[str, list[dict[str, float]]]  # by the target's name


async def measure(listed: Sequence[Target], args: argparse.Namespace) -> Rounds:
    """Take every target in turns, round by round."""
    rounds: Rounds = {target.name: [] for target in listed}
    for _ in range(args.rounds):
        for target in listed:
            few = target.name == "litellm"  # fifty times slower: the same seconds, fewer requests
            rounds[target.name].append(await _round(target, args.n // (10 if few else 1), args))
    return rounds


def best(rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return the best of each figure."""
    return {
        name: (max if name == "chunks_per_s" else min)(row[name] for row in rounds)
        for name in rounds[0]
    }


def over(ours: dict[str, float], theirs: dict[str, float]) -> dict[str, float]:
    """Return how many times as much we take, by figure."""
    return {
        name: theirs[name] / value if name == "chunks_per_s" else value / theirs[name]
        for name, value in ours.items()
    }


async def _round(target: Target, n: int, args: argparse.Namespace) -> dict[str, float]:
    client = Client(target)
    for _ in range(5):
        await client.ask(stream=False)
        await client.ask(stream=True)
    whole = sorted([(await client.ask(stream=False)).total * 1000 for _ in range(n)])
    open_ended = [(await client.ask(stream=False, bounded=False)).total * 1000 for _ in range(n)]
    first = [(await client.ask(stream=True)).first * 1000 for _ in range(n)]
    burst = [(await client.ask(stream=True, chunks=200)).total * 1000 for _ in range(n // 10)]
    long = await client.ask(stream=True, chunks=args.chunks)
    client.close()
    return {
        "json_p50_ms": round(statistics.median(whole), 3),
        "json_p99_ms": round(whole[int(len(whole) * 0.99)], 3),
        "json_open_p50_ms": round(statistics.median(open_ended), 3),
        "first_byte_p50_ms": round(statistics.median(first), 3),
        "burst_200_p50_ms": round(statistics.median(burst), 3),
        "chunks_per_s": round(args.chunks / long.total),
    }


async def crowd(target: Target, streams: int) -> dict[str, float]:
    """Read many streams at once, each of 100 chunks, one every 20 ms."""
    clients = [Client(target) for _ in range(streams)]
    began = time.perf_counter()
    taken = await asyncio.gather(
        *(client.ask(stream=True, chunks=100, pause_ms=20) for client in clients)
    )
    for client in clients:
        client.close()
    return {
        "longest_wait_ms": round(max(one.wait for one in taken) * 1000, 1),
        "seconds": round(time.perf_counter() - began, 2),
    }


async def many(target: Target, n: int) -> None:
    """Ask n times over one connection, every tenth time for a stream."""
    client = Client(target)
    for number in range(n):
        await client.ask(stream=number % 10 == 0)
    client.close()


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    for row in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if row.startswith("VmRSS:"):
            return round(int(row.split()[1]) / 1024, 1)
    raise ValueError("the process is gone")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.gateway", description=__doc__)
    parser.add_argument("--n", type=int, default=300, help="requests of a kind in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chunks", type=int, default=20_000, help="of the long stream")
    parser.add_argument("--streams", type=int, default=100, help="at once")
    parser.add_argument("--many", type=int, default=10_000, help="requests for memory")
    parser.add_argument("--litellm", metavar="COMMAND", help="also measure this `litellm`")
    args = parser.parse_args()
    with targets(args.litellm) as (listed, daemon):
        pid = int(daemon.call("GET", "/api/status")["pid"])
        print(f"the daemon was at rest after {settle(pid):.0f} s", file=sys.stderr)
        rounds = asyncio.run(measure(listed, args))
        figures = {name: best(taken) for name, taken in rounds.items()}
        pairs = [over(*pair) for pair in zip(rounds["satchel"], rounds["relay"], strict=True)]
        ratios = {
            name: {
                "best": round(value, 2),
                "median": round(statistics.median(pair[name] for pair in pairs), 2),
            }
            for name, value in over(figures["satchel"], figures["relay"]).items()
        }
        for target in listed:
            if target.name != "litellm":
                figures[target.name]["crowd"] = asyncio.run(crowd(target, args.streams))
        satchel = next(target for target in listed if target.name == "satchel")
        asyncio.run(many(satchel, args.many // 10))
        before = memory_mb(pid)
        asyncio.run(many(satchel, args.many))
        memory = {"before_mb": before, "after_mb": memory_mb(pid), "requests": args.many}
    for name, row in figures.items():
        print(name.ljust(8), "  ".join(f"{key} {value}" for key, value in row.items()))
    print("satchel over relay:", ratios, "memory:", memory)
    load = round(os.getloadavg()[0], 1)
    told = {"figures": figures, "over_relay": ratios, "memory": memory, "load": load}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
