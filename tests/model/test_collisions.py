"""No server is taken for another one, wherever it listens and whatever else it imitates."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import pytest

from satchel.model.answers import Answer
from satchel.model.detect import detect
from satchel.model.known import COMPATIBLE, DEFAULT_ADDRESSES, KNOWN, PROOF_PATHS, recognise
from satchel.model.locality import Link
from satchel.model.types import Found
from tests.model import fakes

PATIENT_S = 20.0
PORTS = sorted({urlsplit(address).port or 0 for address in DEFAULT_ADDRESSES})
# Linux takes all of 127.0.0.0/8 for loopback, so that many can listen on one port at once, and
# no two runs of this suite nor a real server are in each other's way.
NETWORK = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250 + 1}"

Fake = Callable[[tuple[str, int]], AbstractContextManager[fakes.Fake]]
MAIN: Mapping[str, Fake] = {
    "ollama": lambda at: fakes.ollama(at=at),
    "lm-studio": lambda at: fakes.lm_studio(at=at),
    "lm-studio, older": lambda at: fakes.lm_studio(older=True, at=at),
    "llama.cpp": lambda at: fakes.llama_server(at=at),
}
EXPECTED = {name: name.partition(",")[0] for name in MAIN} | {
    name: told.kind for name, told in fakes.OTHERS.items()
}


def fake(name: str, at: tuple[str, int]) -> AbstractContextManager[fakes.Fake]:
    return MAIN[name](at) if name in MAIN else fakes.other(name, at=at)


def look(*addresses: str) -> Found:
    async def off() -> Link:
        return Link.OFF

    return asyncio.run(detect(addresses, PATIENT_S, ask_link=off))


def kind_at(found: Found, address: str) -> str | None:
    """The one name under which an address was taken for a server, or None for a rejected one."""
    names = {
        backend.name
        for backend in found.backends
        if urlsplit(backend.base_url).netloc == urlsplit(address).netloc
    }
    assert len(names) <= 1
    rejected = [row for row in found.rejected if row.address == address]
    assert names or rejected
    return names.pop() if names else None


@pytest.mark.skipif(sys.platform != "linux", reason="one port on many loopback addresses")
@pytest.mark.parametrize("port", PORTS)
def test_every_server_is_told_apart_on_every_port(port: int) -> None:
    with contextlib.ExitStack() as stack:
        running = {
            name: stack.enter_context(fake(name, (f"{NETWORK}.{at}", port)))
            for at, name in enumerate(EXPECTED, start=1)
        }
        found = look(*(one.url for one in running.values()))
    assert {name: kind_at(found, one.url) for name, one in running.items()} == EXPECTED
    asked = [request for one in running.values() for request in one.requests]
    assert {request.method for request in asked} == {"GET"}
    named = {header.lower() for request in asked for header in request.headers}
    assert not named & {"authorization", "cookie", "x-api-key", "origin", "referer"}


@pytest.mark.parametrize("name", [name for name, told in fakes.OTHERS.items() if told.kind is None])
def test_a_server_that_is_refused_is_told_why(name: str) -> None:
    with fakes.other(name) as running:
        (row,) = look(running.url).rejected
    assert fakes.OTHERS[name].says in row.reason


def answers_of(table: fakes.Table, server: str | None) -> dict[str, Answer]:
    missing = fakes.failing(404, "404 page not found")
    return {
        path: Answer(told[0], server or "", told[2])
        for path in PROOF_PATHS
        for told in [table.get(path, missing)]
    }


NAMED = {row.name for row in KNOWN}
PROVEN = [name for name, told in fakes.OTHERS.items() if told.kind in NAMED]


@pytest.mark.parametrize("name", fakes.OTHERS)
def test_a_fake_is_recognised_by_its_answers_alone(name: str) -> None:
    told = fakes.OTHERS[name]
    server = recognise(answers_of(told.table, told.server))
    kind = None if isinstance(server, str) else server.name
    assert kind in (told.kind, *(NAMED if told.kind is None and told.says else ()))


@pytest.mark.parametrize("name", PROVEN)
def test_a_server_that_answers_as_another_one_too_is_taken_for_no_third(name: str) -> None:
    first = fakes.OTHERS[name]
    for second in (fakes.OTHERS[other] for other in PROVEN):
        server = recognise(answers_of({**second.table, **first.table}, first.server))
        assert server is not COMPATIBLE
        assert isinstance(server, str) or server.name in (first.kind, second.kind)


def test_a_server_that_proves_two_kinds_is_neither() -> None:
    both = {**fakes.OTHERS["KoboldCpp"].table, **fakes.OTHERS["Lemonade"].table}
    told = recognise(answers_of(both, None))
    assert told == "answers as koboldcpp and as lemonade at once, so it is taken for neither"
