"""The embedded model runs in a child that starts on demand and never outlives its use."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from satchel.base.errors import Unavailable
from satchel.model.embedded import Embedded, Weights, fallback
from satchel.model.embedded_child import CPU, Gpu, NoGpu, layers, taken
from satchel.model.machine import cores, memory_bytes, threads
from satchel.model.types import Local, Locality
from tests.model.ggufs import gguf as made_up

QUESTION = "What is the capital of France? Answer in one word."


async def say(local: Local, tokens: int = 12) -> str:
    """Ask the server itself: what is tested here is the child alone."""
    body = {
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": tokens,
        "temperature": 0.0,
        "seed": 1,
    }
    request = urllib.request.Request(
        f"{local.base_url}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {local.api_key}"},
    )

    def send() -> str:
        with urllib.request.urlopen(request, timeout=120) as response:
            return str(json.load(response)["choices"][0]["message"]["content"])

    return await asyncio.to_thread(send)


def runs(embedded: Embedded) -> bool:
    """Ask anew; a type checker believes that a property stays as it was."""
    return embedded.is_running


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] != "Z"  # a zombie waits for its parent alone


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if not is_alive(pid):
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_it_starts_on_demand_answers_and_ends(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        assert not runs(embedded)
        local = await embedded.ready()
        assert runs(embedded)
        assert await embedded.ready() is local
        assert "Paris" in await say(local)
        model = local.models[0]
        assert (model.locality, model.context_usable) == (Locality.ON_DEVICE, 4096)
        assert "1 thread" in model.evidence
        assert model.device == CPU
        pid = embedded.pid
        await embedded.close()
        assert pid is not None
        assert gone(pid)
        assert not runs(embedded)

    asyncio.run(walk())


def test_it_ends_when_idle_and_not_while_in_use(gguf: Path) -> None:
    async def walk() -> None:
        now = 0.0
        embedded = Embedded(gguf, 1, idle_s=60.0, clock=lambda: now)
        async with embedded.in_use():
            assert not await embedded.idle(1000.0)
        assert not await embedded.idle(59.0)
        now = 50.0
        embedded.touch()
        assert not await embedded.idle(100.0)
        assert await embedded.idle(110.0)
        assert not runs(embedded)
        assert not await embedded.idle(200.0)

    asyncio.run(walk())


def test_a_child_that_was_killed_is_started_again(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        first = await embedded.ready()
        assert embedded.pid is not None
        os.kill(embedded.pid, signal.SIGTERM)
        while runs(embedded):  # noqa: ASYNC110 - nothing tells of a child's end but asking
            await asyncio.sleep(0.02)
        with pytest.raises(OSError, match="refused"):
            await say(first)
        second = await embedded.ready()
        assert second.base_url != first.base_url or second.api_key != first.api_key
        assert await say(second)
        await embedded.close()

    asyncio.run(walk())


def test_its_port_answers_nobody_without_the_key(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        local = await embedded.ready()
        assert local.base_url.startswith("http://127.0.0.1:")
        request = urllib.request.Request(
            f"{local.base_url}/v1/chat/completions",
            data=b"{}",
            headers={"Content-Type": "application/json", "Origin": "http://evil.example"},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            await asyncio.to_thread(urllib.request.urlopen, request)
        assert refused.value.code == 401
        assert refused.value.headers["Access-Control-Allow-Origin"] != "*"
        refused.value.close()
        await embedded.close()

    asyncio.run(walk())


def test_what_is_no_model_is_an_error_that_names_the_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def walk(path: Path) -> None:
        with pytest.raises(Unavailable, match=path.name) as failed:
            await Embedded(path, 1).ready()
        assert failed.value.code == "model-unreadable"

    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 1000)
    asyncio.run(walk(broken))  # refused by its header
    broken.write_bytes(made_up())
    asyncio.run(walk(broken))  # refused by llama.cpp, for want of nearly everything
    asyncio.run(walk(tmp_path / "absent.gguf"))
    assert capfd.readouterr() == ("", "")  # llama.cpp's own noise reaches nobody


def test_a_start_that_takes_too_long_is_given_up(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1, start_limit_s=0.01)
        with pytest.raises(Unavailable) as failed:
            await embedded.ready()
        assert failed.value.code == "embedded-not-started"
        assert not runs(embedded)

    asyncio.run(walk())


def other(gguf: Path, name: str = "other", context: int = 512) -> Weights:
    """The same file as another model."""
    return replace(fallback(gguf), name=name, context=context)


def test_another_model_takes_the_place_of_the_one_that_runs(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        async with embedded.in_use() as first:
            assert first.models[0] == embedded.built_in
        pid = embedded.pid
        async with embedded.in_use(other(gguf)) as second:
            assert [(row.name, row.context_usable) for row in second.models] == [("other", 512)]
            assert second.base_url != first.base_url
            assert "Paris" in await say(second)
            assert embedded.running == second
            assert not embedded.built_in.loaded
            assert pid is not None
            assert gone(pid)
            async with embedded.in_use(other(gguf)) as third:
                assert third is second
        await embedded.close()
        assert embedded.running is None

    asyncio.run(walk())


def test_a_model_in_use_is_not_ended_for_another_one(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        order: list[str] = []

        async def answer(weights: Weights | None, name: str) -> None:
            async with embedded.in_use(weights) as local:
                order.append(f"{name} on {local.models[0].name}")
                assert await say(local, 4)
                order.append(f"{name} done")

        async with embedded.in_use() as first:
            waiting = asyncio.create_task(answer(other(gguf), "second"))
            await asyncio.sleep(0)
            behind = asyncio.create_task(answer(None, "third"))  # not before the one that waits
            await asyncio.sleep(0)
            assert "Paris" in await say(first)
            order.append("first done")
        await asyncio.gather(waiting, behind)
        assert order == [
            "first done",
            "second on other",
            "second done",
            "third on smollm2-135m-instruct",
            "third done",
        ]
        await embedded.close()

    asyncio.run(walk())


def test_who_waits_for_another_model_is_told_when_everything_ends(gguf: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        async with embedded.in_use():
            waiting = asyncio.create_task(embedded.ready(other(gguf)))
            await asyncio.sleep(0)
            await embedded.close()
            assert not runs(embedded)
        with pytest.raises(Unavailable):
            await waiting
        assert not runs(embedded)

    asyncio.run(walk())


def test_a_file_that_cannot_be_loaded_leaves_the_engine_usable(gguf: Path, tmp_path: Path) -> None:
    async def walk() -> None:
        embedded = Embedded(gguf, 1)
        local = await embedded.ready()
        broken = tmp_path / "broken.gguf"
        broken.write_bytes(b"GGUF")
        with pytest.raises(Unavailable) as failed:
            await embedded.ready(replace(other(broken), mend="pull it again"))
        assert failed.value.next_step == "pull it again"
        assert await embedded.ready() is local  # it was not ended for such a file
        broken.write_bytes(made_up())  # its header is sound, and llama.cpp finds the rest out
        with pytest.raises(Unavailable):
            await embedded.ready(other(broken))
        assert "Paris" in await say(await embedded.ready())
        await embedded.close()

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("wanted", "gpus", "count"),
    [
        ("auto", 0, 0),
        ("auto", 1, -1),
        ("cpu", 0, 0),
        ("cpu", 2, 0),
        ("gpu", 1, 9_999),
    ],
)
def test_layers_go_where_the_setting_and_the_build_say(wanted: str, gpus: int, count: int) -> None:
    assert layers(wanted, [Gpu("a GPU", 8_000_000_000)] * gpus) == count


def test_a_gpu_that_is_asked_for_and_is_not_there_is_an_error(gguf: Path) -> None:
    with pytest.raises(NoGpu):
        layers("gpu", [])

    async def walk() -> None:
        embedded = Embedded(gguf, 1, device="gpu")
        try:
            assert (await embedded.ready()).models[0].device != CPU  # where there is one
        except Unavailable as error:
            assert (error.code, "model.device" in error.next_step) == ("no-gpu", True)  # noqa: PT017  either is right, by the machine
        await embedded.close()

    asyncio.run(walk())


def test_the_device_is_told_by_the_memory_that_a_load_took() -> None:
    before = [Gpu("Small", 4_000_000_000), Gpu("Large", 8_000_000_000)]
    assert taken([], []) == CPU
    assert taken(before, before) == CPU
    after = [before[0], Gpu("Large", 6_766_000_000)]
    assert taken(before, after) == "GPU Large (1,234 MB of it)"


PARENT = """
import asyncio, sys
from pathlib import Path
from satchel.model.embedded import Embedded

async def main():
    embedded = Embedded(Path(sys.argv[1]), 1)
    await embedded.ready()
    print(embedded.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_child_ends_when_its_parent_is_killed(gguf: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(gguf)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait(timeout=20)
    parent.stdout.close()
    assert gone(child)


def test_one_core_is_left_free_unless_the_user_says_otherwise() -> None:
    assert threads(0) == max(cores() - 1, 1)
    assert threads(3) == 3


def test_the_memory_of_this_machine_is_told_where_it_can_be() -> None:
    memory = memory_bytes()
    assert memory is None or memory > 100_000_000
