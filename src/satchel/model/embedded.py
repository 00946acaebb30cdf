"""The embedded engine: a child process that runs one model, starts on demand and ends when idle.

Without a name it runs the embedded model; a model that the user pulled is handed in as Weights.
Where another model is asked for, the child is replaced, but not under an answer that is running.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from satchel.base.errors import Unavailable
from satchel.model import front
from satchel.model.embedded_child import CPU
from satchel.model.select import EMBEDDED, EMBEDDED_MODEL
from satchel.model.types import Local, Locality, Model

CONTEXT = 4096  # tokens; the model was trained on 8192, and memory grows with it
START_LIMIT_S = 120.0
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF that the engine can run, and what is known of it. Contexts are tokens.

    `mend` is what a user does where the file proves to be damaged.
    """

    name: str
    path: Path
    context: int
    trained: int
    parameters: int
    quantisation: str
    tools: bool
    mend: str

    @property
    def model(self) -> Model:
        """The row of this model while the engine does not run it."""
        return Model(
            name=self.name,
            locality=Locality.ON_DEVICE,
            evidence="its file is here, and a child process of Satchel runs it",
            chat=True,
            embeddings=False,
            context_trained=self.trained,
            context_allocated=self.context,
            size_bytes=_size(self.path),
            parameters=self.parameters,
            quantisation=self.quantisation,
            tools=self.tools,
            vision=False,
        )


def fallback(gguf: Path, context: int = CONTEXT) -> Weights:
    """Return the model that answers where there is no other: SmolLM2 at `gguf`."""
    return Weights(
        name=EMBEDDED_MODEL,
        path=gguf,
        context=context,
        trained=8192,
        parameters=134_515_008,
        quantisation="Q4_1",
        tools=False,
        mend="run `satchel doctor`; if the file is damaged, `satchel fetch smollm2` replaces it",
    )


@dataclass(frozen=True, slots=True)
class _Running:
    process: asyncio.subprocess.Process
    local: Local
    weights: Weights


class Embedded:
    """Owns the child. Belongs to one event loop; `idle` and `close` may be called at any time.

    `device` is the setting: "auto", "cpu" or "gpu".
    """

    def __init__(
        self,
        gguf: Path,
        threads: int,
        idle_s: float = 600.0,
        *,
        context: int = CONTEXT,
        device: str = AUTO,
        clock: Callable[[], float] = time.monotonic,
        start_limit_s: float = START_LIMIT_S,
    ) -> None:
        self._fallback = fallback(gguf, context)
        self._threads = threads
        self._idle_s = idle_s
        self._device = device
        self._clock = clock
        self._start_limit_s = start_limit_s
        self._turn = asyncio.Lock()  # held by who waits for another model's answers to end
        self._lock = asyncio.Lock()  # held while the child is started or ended
        self._free = asyncio.Event()
        self._free.set()
        self._running: _Running | None = None
        self._users = 0
        self._closings = 0
        self._touched = clock()

    @property
    def is_running(self) -> bool:
        """Whether the child is there."""
        return self._running is not None and self._running.process.returncode is None

    @property
    def pid(self) -> int | None:
        """The child's process id, while it is there."""
        return self._running.process.pid if self._running and self.is_running else None

    @property
    def running(self) -> Local | None:
        """The server with its one model, while the child is there."""
        return self._running.local if self._running and self.is_running else None

    @property
    def built_in(self) -> Model:
        """The row of the embedded model, running or not."""
        running = self._running if self.is_running else None
        if running and running.weights == self._fallback:
            return running.local.models[0]
        return self._fallback.model

    async def ready(self, weights: Weights | None = None) -> Local:
        """Return the server that runs this model, starting it where it does not; a load takes
        about a second for the embedded model, which None means.

        Where another model runs, its answers are waited for; who comes meanwhile stands behind.
        Raises Unavailable where the file is no model that llama.cpp can read or the child cannot
        be started.
        """
        async with self._turn:
            return await self._made_ready(weights or self._fallback)

    @contextlib.asynccontextmanager
    async def in_use(self, weights: Weights | None = None) -> AsyncIterator[Local]:
        """Give the server; meanwhile it is not found idle, and no other model takes its place."""
        async with self._turn:
            local = await self._made_ready(weights or self._fallback)
            self._users += 1
            self._free.clear()
        try:
            yield local
        finally:
            self._users -= 1
            if not self._users:
                self._free.set()
            self.touch()

    async def _made_ready(self, weights: Weights) -> Local:
        running = self._running if self.is_running else None
        if running is None or running.weights != weights:
            closings = self._closings
            await asyncio.to_thread(_checked, weights)  # before another one is ended for it
            if running is not None:
                await self._free.wait()
            if closings != self._closings:
                raise _unstartable("was ended")
        async with self._lock:
            self.touch()
            if self._running and self._running.weights != weights:
                await self._stop()
            if self._running is None or not self.is_running:
                self._running = await self._start(weights)
                self.touch()
            return self._running.local

    def touch(self) -> None:
        """Say that the model is used now."""
        self._touched = self._clock()

    async def idle(self, now: float | None = None) -> bool:
        """End the child where nobody has used it for `idle_s`; tell whether it was ended."""
        now = self._clock() if now is None else now
        async with self._lock:
            if self._users or not self.is_running or now - self._touched < self._idle_s:
                return False
            await self._stop()
        return True

    async def close(self) -> None:
        """End the child and wait for it; harmless where there is none."""
        self._closings += 1
        async with self._lock:
            await self._stop()

    async def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await _end(running.process)

    async def _start(self, weights: Weights) -> _Running:
        token = secrets.token_urlsafe(32)
        config = {
            "gguf": str(weights.path),
            "name": weights.name,
            "context": weights.context,
            "threads": self._threads,
            "device": self._device,
            "token": token,
        }
        # A session of its own: Ctrl-C in the terminal is for us, not for the child.
        windows = os.name == "nt"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # no module of the folder that we happen to stand in is run
            "-m",
            "satchel.model.embedded_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=not windows,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0,
        )
        try:
            said = await self._listen(process, config, weights)
        except BaseException:
            await _end(process)
            raise
        device = str(said.get("device", "CPU"))
        model = replace(weights.model, evidence=self._where(device), loaded=True, device=device)
        local = Local(EMBEDDED, str(said["url"]), (model,), "openai", token)
        return _Running(process, local, weights)

    async def _listen(
        self, process: asyncio.subprocess.Process, config: dict[str, Any], weights: Weights
    ) -> dict[str, Any]:
        """Hand over the configuration and wait for the port and the device."""
        assert process.stdin is not None
        assert process.stdout is not None
        said: Any = None
        try:
            async with asyncio.timeout(self._start_limit_s):
                process.stdin.write(json.dumps(config).encode() + b"\n")
                await process.stdin.drain()
                said = json.loads(await process.stdout.readline())
        except TimeoutError as error:
            raise _unstartable(f"was not ready after {self._start_limit_s:.0f} s") from error
        except (ValueError, ConnectionError) as error:
            raise _unstartable("ended before it was ready") from error
        if said.get("refused"):
            raise Unavailable(
                "no-gpu",
                f"`model.device` is gpu, and {said['refused']}",
                "`satchel config set model.device auto`; or a build of xllamacpp for your GPU",
            )
        if "error" in said:
            raise unreadable(weights, f"llama.cpp cannot load {weights.path.name}: {said['error']}")
        return dict(said)

    def _where(self, device: str) -> str:
        plural = "" if self._threads == 1 else "s"
        where = f"on {self._threads} thread{plural}" if device == CPU else f"on {device}"
        return f"a child process of Satchel runs it, {where}"


def unreadable(weights: Weights, what: str) -> Unavailable:
    """Say that a file cannot be loaded and how it is mended."""
    return Unavailable("model-unreadable", what, weights.mend)


def _checked(weights: Weights) -> None:
    """Refuse a file that breaks a bound before llama.cpp sees it. Raises Unavailable."""
    try:
        front.read(weights.path)
    except front.Malformed as wrong:
        raise unreadable(weights, f"{weights.path.name} is not loaded: it {wrong}") from wrong
    except OSError as error:
        reason = error.strerror or str(error)
        raise unreadable(weights, f"{weights.path.name} cannot be read: {reason}") from error


async def _end(process: asyncio.subprocess.Process, grace_s: float = 2.0) -> None:
    """Close the child's stdin, which ends it; kill it where that was not enough."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(grace_s):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _unstartable(what: str) -> Unavailable:
    return Unavailable(
        "embedded-not-started",
        f"the embedded model {what}",
        "run `satchel doctor`; or start Ollama, llama-server or LM Studio and ask again",
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
