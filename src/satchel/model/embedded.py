"""The embedded model: a child process that starts on demand and ends when idle."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satchel.base.errors import Unavailable
from satchel.model.select import EMBEDDED, EMBEDDED_MODEL
from satchel.model.types import Local, Locality, Model

CONTEXT = 4096  # tokens; the model was trained on 8192, and memory grows with it
PARAMETERS = 134_515_008
START_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class _Running:
    process: asyncio.subprocess.Process
    local: Local


class Embedded:
    """Owns the child. Belongs to one event loop; `idle` and `close` may be called at any time."""

    def __init__(
        self,
        gguf: Path,
        threads: int,
        idle_s: float = 600.0,
        *,
        context: int = CONTEXT,
        clock: Callable[[], float] = time.monotonic,
        start_limit_s: float = START_LIMIT_S,
    ) -> None:
        self._gguf = gguf
        self._threads = threads
        self._idle_s = idle_s
        self._context = context
        self._clock = clock
        self._start_limit_s = start_limit_s
        self._lock = asyncio.Lock()
        self._running: _Running | None = None
        self._users = 0
        self._touched = clock()

    @property
    def is_running(self) -> bool:
        """Whether the child is there."""
        return self._running is not None and self._running.process.returncode is None

    @property
    def pid(self) -> int | None:
        """The child's process id, while it is there."""
        return self._running.process.pid if self._running and self.is_running else None

    async def ready(self) -> Local:
        """Return the running server, starting it where it is not; a load takes about a second.

        Raises Unavailable where the file is no model that llama.cpp can read or the child cannot
        be started.
        """
        async with self._lock:
            self.touch()
            if self._running is None or not self.is_running:
                self._running = await self._start()
                self.touch()
            return self._running.local

    @contextlib.asynccontextmanager
    async def in_use(self) -> AsyncIterator[Local]:
        """Give the server and keep it from being found idle meanwhile."""
        self._users += 1
        try:
            yield await self.ready()
        finally:
            self._users -= 1
            self.touch()

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
        async with self._lock:
            await self._stop()

    async def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await _end(running.process)

    async def _start(self) -> _Running:
        token = secrets.token_urlsafe(32)
        config = {
            "gguf": str(self._gguf),
            "name": EMBEDDED_MODEL,
            "context": self._context,
            "threads": self._threads,
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
            url = await self._listen(process, config)
        except BaseException:
            await _end(process)
            raise
        return _Running(process, Local(EMBEDDED, url, (self._model(),), "openai", token))

    async def _listen(self, process: asyncio.subprocess.Process, config: dict[str, Any]) -> str:
        """Hand over the configuration and wait for the port."""
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
        if "error" in said:
            raise Unavailable(
                "model-unreadable",
                f"llama.cpp cannot load {self._gguf.name}: {said['error']}",
                "run `satchel doctor`; if the file is damaged, `satchel fetch smollm2` replaces it",
            )
        return str(said["url"])

    def _model(self) -> Model:
        plural = "" if self._threads == 1 else "s"
        return Model(
            name=EMBEDDED_MODEL,
            locality=Locality.ON_DEVICE,
            evidence=f"a child process of Satchel runs it, on {self._threads} thread{plural}",
            chat=True,
            embeddings=False,
            context_trained=8192,
            context_allocated=self._context,
            size_bytes=_size(self._gguf),
            parameters=PARAMETERS,
            loaded=True,
        )


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
