"""MiniLM in a child process, as the rest of the program calls it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from satchel.base.errors import Unavailable

DIMENSIONS = 384
END_GRACE_S = 2.0


class EmbeddingProcess:
    """Starts on demand, answers one caller at a time. Safe from any thread."""

    def __init__(self, onnx: Path, tokenizer: Path) -> None:
        self._config = json.dumps({"onnx": str(onnx), "tokenizer": str(tokenizer)})
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the child is there, and has read its model."""
        return self._child is not None and self._child.poll() is None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector a text, shape (n, 384), starting the child where it is not.

        Raises Unavailable where it cannot be started or ends in the middle.
        """
        with self._lock:
            return self._ask(self._running(), texts)

    def embed_now(self, texts: Sequence[str], patience: float) -> NDArray[np.float32] | None:
        """As `embed`, but None where the child does not run or is busy for longer than
        `patience` seconds."""
        if not self.is_running or not self._lock.acquire(timeout=patience):
            return None
        try:
            return self._ask(self._running(), texts)
        except Unavailable:
            return None
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the child and wait for it; harmless where there is none."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "satchel.model.embedder_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            said = json.loads(self._say(child, self._config).readline() or b"{}")
        except (OSError, ValueError):
            said = {}
        self._child = child
        if "ready" not in said:
            self._end()
            raise Unavailable(
                "embedder-not-started",
                f"MiniLM could not be started: {said.get('error', 'its process ended')}",
                "run `satchel doctor`; briefings go on without vectors",
            )
        return child

    def _ask(self, child: subprocess.Popen[bytes], texts: Sequence[str]) -> NDArray[np.float32]:
        size = len(texts) * DIMENSIONS * 4
        try:
            answer = self._say(child, json.dumps(list(texts))).read(size)
        except OSError:
            answer = b""
        if len(answer) != size:
            self._end()
            raise Unavailable(
                "embedder-died",
                "MiniLM's process ended in the middle of its work",
                "nothing was lost; it is started again when it is needed",
            )
        return np.frombuffer(answer, dtype=np.float32).reshape(len(texts), DIMENSIONS)

    @staticmethod
    def _say(child: subprocess.Popen[bytes], line: str) -> IO[bytes]:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(line.encode() + b"\n")
        child.stdin.flush()
        return child.stdout

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            child.wait(END_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
