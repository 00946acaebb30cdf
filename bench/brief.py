"""`python -m bench.brief --repo DIR`: how long a briefing takes, warm, and what the daemon holds.

Asks a daemon of its own real commit messages and, where they are to be had, long issues of the
repository. Beside it: SQLite's FTS5 over whole files, and the bare interpreter that opens the
daemon's socket.

With `--assets` (the folder of that name in a $SATCHEL_HOME where MiniLM was fetched) prose is
embedded in the background meanwhile; `--settle` waits for the end of that and asks once more.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.baselines import NaiveFts, tracked
from bench.figures import children_mb, give, lap, memory_mb, say, spread, stop
from bench.material import Missing, requests_of, scratch_clone, top_of
from satchel.base.paths import Home
from satchel.tools.client import Daemon

COMMITS = 120
PROCESSES = 15
WARM_UP = 10
SHIM_SECONDS = 30
SETTLED_SECONDS = 15

BARE = """
import json, socket, sys
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(sys.argv[1])
connection.close()
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where something that is needed is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.brief", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a git repository, only read")
    parser.add_argument("--requests", type=Path, help="a JSON list of further requests")
    parser.add_argument("--issues-of", metavar="OWNER/NAME", help="issues of shared/bench to ask")
    parser.add_argument("--assets", type=Path, help="fetched models, to measure with vectors")
    parser.add_argument("--settle", action="store_true", help="ask again when all is embedded")
    chosen = parser.parse_args(arguments)
    try:
        with scratch_clone(top_of(chosen.repo)) as (clone, home):
            asked = requests_of(clone, chosen.issues_of, COMMITS)
            if chosen.requests is not None:
                asked += json.loads(chosen.requests.read_text(encoding="utf-8"))
            if chosen.assets is not None:
                home.mkdir(mode=0o700)
                Home(home).assets.symlink_to(chosen.assets.resolve(strict=True))
            return measure(clone, Home(home), asked, chosen.settle)
    except Missing as missing:
        return stop(str(missing))


@contextmanager
def daemon_of(home: Home) -> Iterator[Daemon]:
    """Run a daemon that lives for the block."""
    os.environ["SATCHEL_HOME"] = str(home.root)
    daemon = Daemon.connect(home)
    try:
        yield daemon
    finally:
        daemon.call("POST", "/api/shutdown", {})


def measure(clone: Path, home: Home, asked: Sequence[str], settle: bool) -> int:
    """Ask everything once warm, then as processes, then the baselines; print."""
    with daemon_of(home) as daemon:
        with lap() as indexed:
            for _ in daemon.stream("/api/index", {"path": str(clone), "accept": True}):
                pass
        status = daemon.call("GET", "/api/status", None)
        say(f"indexed in {indexed.seconds} s; {len(asked)} requests")
        pid = int(status["pid"])
        started = vectors_of(daemon)
        with lap() as asking:
            warm = ask_all(daemon, clone, asked)
        embedded = {"before": started, "after": vectors_of(daemon), "seconds": asking.seconds}
        memory, beside = memory_mb(pid), children_mb(pid)
        say(f"in the daemon, ms: {warm['engine']}; with the round trip: {warm['round_trip']}")
        say(f"the daemon holds {memory} MB, its children {beside} MB; vectors {embedded}")
        processes = as_processes(clone, home, asked[:PROCESSES])
        say(f"as a process, ms: {processes}")
        shim_ms = shim_ready(clone)
        say(f"shim answers initialize after {shim_ms} ms")
        settled = ask_settled(daemon, clone, asked, pid) if settle else None
    naive = naive_fts(clone, home, asked)
    say(f"FTS5 over whole files, ms: {naive}")
    figures = {
        "repository": clone.name,
        "requests": len(asked),
        "longest_request": max(map(len, asked)),
        "ms": warm,
        "vectors": embedded,
        "daemon_mb": memory,
        "children_mb": beside,
        "settled": settled,
        "process_ms": processes,
        "shim_ready_ms": shim_ms,
        "index_s": indexed.seconds,
        "baseline": {"fts5_whole_files_ms": naive},
    }
    return give("brief", figures)


def vectors_of(daemon: Daemon) -> int:
    """Count the passages that have a vector."""
    status = daemon.call("GET", "/api/status", None)
    return sum(int(workspace.get("vector", 0)) for workspace in status["workspaces"])


def settle_vectors(daemon: Daemon) -> int:
    """Wait until no vector is added any more; return how many there are."""
    count = -1
    while (now := vectors_of(daemon)) != count:
        count = now
        time.sleep(SETTLED_SECONDS)
    return count


def ask_settled(daemon: Daemon, clone: Path, asked: Sequence[str], pid: int) -> dict[str, Any]:
    """Ask everything again when every vector is there."""
    with lap() as waited:
        count = settle_vectors(daemon)
    warm = ask_all(daemon, clone, asked)
    memory, beside = memory_mb(pid), children_mb(pid)
    say(f"with all {count} vectors, ms: {warm['engine']}; {memory} MB, its children {beside} MB")
    return {
        "vectors": count,
        "waited_s": waited.seconds,
        "ms": warm,
        "daemon_mb": memory,
        "children_mb": beside,
    }


def ask_all(daemon: Daemon, clone: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Ask each request once, after a few that warm up; milliseconds."""
    for request in asked[:WARM_UP]:
        daemon.call("POST", "/api/brief", {"request": request, "path": str(clone)})
    engine: list[float] = []
    trips: list[float] = []
    stages: dict[str, list[float]] = {}
    for request in asked:
        with lap() as trip:
            packet = daemon.call("POST", "/api/brief", {"request": request, "path": str(clone)})
        trips.append(trip.seconds * 1000)
        timed: Mapping[str, float] = packet["ms"]
        engine.append(timed["total"])
        for stage, taken in timed.items():
            stages.setdefault(stage, []).append(taken)
    return {
        "engine": spread(engine),
        "round_trip": spread(trips),
        "stages": {stage: spread(taken) for stage, taken in stages.items()},
    }


def as_processes(clone: Path, home: Home, asked: Sequence[str]) -> dict[str, Any]:
    """Time `satchel brief` from start to end beside a bare interpreter that opens the socket."""
    command = [str(Path(sys.executable).with_name("satchel")), "brief", "--in", str(clone)]
    bare = [sys.executable, "-I", "-S", "-c", BARE, str(home.socket)]
    ours: list[float] = []
    inside: list[float] = []
    floor: list[float] = []
    for request in asked:
        with lap() as taken:
            done = subprocess.run(
                [*command, "--json", "--", request], capture_output=True, check=True
            )
        ours.append(taken.seconds * 1000)
        inside.append(json.loads(done.stdout)["ms"]["total"])
        with lap() as taken:
            subprocess.run(bare, check=True)
        floor.append(taken.seconds * 1000)
    over = [a - b - c for a, b, c in zip(ours, inside, floor, strict=True)]
    return {
        "satchel_brief": spread(ours),
        "bare_interpreter": spread(floor),
        "brief_inside": spread(inside),
        "over_bare_and_brief": spread(over),
    }


def shim_ready(clone: Path) -> dict[str, float]:
    """Time from starting `satchel mcp` until it has answered `initialize`."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        },
    }
    taken = []
    for _ in range(PROCESSES):
        started = time.perf_counter()
        with subprocess.Popen(
            [str(Path(sys.executable).with_name("satchel")), "mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=clone,
        ) as shim:
            assert shim.stdin is not None
            assert shim.stdout is not None
            shim.stdin.write(json.dumps(hello).encode() + b"\n")
            shim.stdin.flush()
            ready, _, _ = select.select([shim.stdout], [], [], SHIM_SECONDS)
            if not ready or not shim.stdout.readline():
                raise Missing("the shim gave no answer to initialize")
            taken.append((time.perf_counter() - started) * 1000)
            shim.stdin.close()
            shim.wait(SHIM_SECONDS)
    return spread(taken)


def naive_fts(clone: Path, home: Home, asked: Sequence[str]) -> dict[str, float]:
    """Time the same requests against FTS5 over whole files."""
    naive = NaiveFts(home.root / "naive.db")
    naive.read(clone, tracked(clone))
    taken = []
    for request in asked:
        with lap() as one:
            naive.rank(request, 10)
        taken.append(one.seconds * 1000)
    return spread(taken)


if __name__ == "__main__":
    sys.exit(main())
