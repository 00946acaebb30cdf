"""`python -m bench.servers`: how long until every local server is told apart?

Looks at Satchel's default addresses with nothing there, and then at faithful fakes of all the
servers at once, which run in one process of their own (tests/model/fakes). Each round is one whole
detection, with a session of its own, as in `satchel ask`. Beside it: one connection to each
address, which is the least that looking can cost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bench.figures import give, say, spread, stop
from satchel.model.detect import detect
from satchel.model.known import DEFAULT_ADDRESSES
from satchel.model.locality import Link
from satchel.model.types import Found

ROUNDS = 20
TIMEOUT_S = 0.25  # the default of `detect.timeout_ms`
EMPTY = "127.99.99.99"  # loopback where, on Linux, nothing listens


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the fakes do not start."""
    parser = argparse.ArgumentParser(prog="python -m bench.servers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        return _serve()
    empty = [address.replace("127.0.0.1", EMPTY) for address in DEFAULT_ADDRESSES]
    with _fakes() as expected:
        if not expected:
            return stop("the fakes did not start")
        nothing, _ = asyncio.run(_detections(empty, options.rounds))
        everything, seen = asyncio.run(_detections(list(expected), options.rounds))
        least = asyncio.run(_connections(list(expected), options.rounds))
    taken_for = [(url, _kind(found, url)) for found in seen for url in expected]
    wrong = [(url, kind) for url, kind in taken_for if kind not in (None, expected[url])]
    for url, kind in wrong:
        say(f"{url} is {expected[url]} and was taken for {kind}")
    return give(
        "servers",
        {
            "addresses": len(empty),
            "nothing_ms": spread(nothing),
            "servers": len(expected),
            "everything_ms": spread(everything),
            "connections_ms": spread(least),
            "looks": len(taken_for),
            "misidentified": len(wrong),
            "late": sum(kind is None for _, kind in taken_for),
        },
    )


async def _detections(addresses: Sequence[str], rounds: int) -> tuple[list[float], list[Found]]:
    """Return the milliseconds of each round, and what it saw."""

    async def off() -> Link:
        return Link.OFF

    found, taken = [], []
    for _ in range(rounds):
        started = time.perf_counter()
        found.append(await detect(addresses, TIMEOUT_S, ask_link=off))
        taken.append((time.perf_counter() - started) * 1000)
    return taken, found


async def _connections(addresses: Sequence[str], rounds: int) -> list[float]:
    async def connect(address: str) -> None:
        parts = urlsplit(address)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.close()

    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await asyncio.gather(*map(connect, addresses))
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _kind(found: Found, url: str) -> str | None:
    names = {row.name for row in found.backends if row.base_url.startswith(url)}
    return names.pop() if len(names) == 1 else None


@contextlib.contextmanager
def _fakes() -> Iterator[dict[str, str]]:
    """Start the fakes; gives what each address has to be taken for."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.servers", "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield json.loads(child.stdout.readline() or "{}")
        child.stdin.close()


def _serve() -> int:
    """Run every fake that is a server of its own kind until the input ends."""
    from tests.model import fakes

    with contextlib.ExitStack() as stack:
        running = {
            stack.enter_context(start()).url: name
            for name, start in (
                ("ollama", fakes.ollama),
                ("lm-studio", fakes.lm_studio),
                ("llama.cpp", fakes.llama_server),
            )
        }
        for name, told in fakes.OTHERS.items():
            if told.kind is not None:
                running[stack.enter_context(fakes.other(name)).url] = told.kind
        print(json.dumps(running), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
