"""Talks JSON-RPC over lines with a program that stays: an MCP server, or a driver of ours."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any

PROTOCOL = "2025-06-18"
END_SECONDS = 10
TOLD = 300  # letters of a reason


class Failed(Exception):
    """A peer did not do what was asked of it; the text is its own reason."""


class OutOfTime(Failed):
    """A peer gave no answer in time."""


class Lines:
    """One running program, ended with the block."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self._complaints = TemporaryFile()  # noqa: SIM115 - closed with the block
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env=env,
                cwd=folder,
                start_new_session=True,  # what a peer sends its group does not reach us
            )
        except OSError as error:
            self._complaints.close()
            raise Failed(f"{Path(command[0]).name} does not start: {error.strerror}") from error
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._asked = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(END_SECONDS)
        self._process.stdout.close()
        self._complaints.close()

    def call(self, method: str, params: Mapping[str, Any], seconds: float) -> Any:
        """Return the result of one call; raises Failed with the reason, OutOfTime."""
        self._asked += 1
        self._send({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params})
        until = time.monotonic() + seconds
        while True:
            try:
                line = self._answers.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                raise OutOfTime(f"no answer to {method} within {seconds:.0f} s") from None
            if line is None:
                raise Failed(f"it ended: {self._complaint()}")
            answer = _message(line)
            if answer.get("id") != self._asked or "method" in answer:
                continue  # a notification, or something else that it prints
            if "error" in answer:
                raise Failed(shortened(str(answer["error"].get("message"))))
            return answer.get("result")

    def greet(self, seconds: float) -> None:
        """Open an MCP session."""
        params = {
            "protocolVersion": PROTOCOL,
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        }
        self.call("initialize", params, seconds)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def tool(self, name: str, arguments: Mapping[str, Any], seconds: float) -> str:
        """Call an MCP tool and return the text that a model would read; raises Failed."""
        result = self.call("tools/call", {"name": name, "arguments": arguments}, seconds)
        text = "\n".join(part["text"] for part in result["content"] if part["type"] == "text")
        if result.get("isError"):
            raise Failed(shortened(text))
        return text

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.wait(END_SECONDS)
            raise Failed(f"it ended: {self._complaint()}") from None

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def _complaint(self) -> str:
        return last_words(_all_of(self._complaints))


def _message(line: bytes) -> dict[str, Any]:
    """Read a line; what is no JSON object is none of ours."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def run(command: Sequence[str], env: Mapping[str, str], folder: Path, seconds: float) -> str:
    """Run a program to its end and return what it printed; raises Failed, OutOfTime.

    Files take what it prints: a server that it leaves behind may keep a pipe open.
    """
    with TemporaryFile() as out, TemporaryFile() as err:
        try:
            done = subprocess.run(
                command,
                env=env,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=seconds,
                check=False,
                start_new_session=True,
            )
        except OSError as error:
            raise Failed(f"{Path(command[0]).name} does not start: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            name = " ".join([Path(command[0]).name, *command[1:3]])
            words = last_words(_all_of(out) + "\n" + _all_of(err))
            raise OutOfTime(f"{name} had not ended after {seconds:.0f} s: {words}") from error
        if done.returncode != 0:
            raise Failed(last_words(_all_of(out) + "\n" + _all_of(err)))
        return _all_of(out)


def _all_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def last_words(text: str) -> str:
    """Return the end of what a program said, on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.casefold()]
    return shortened((telling or lines or ["it said nothing"])[-1])


def shortened(text: str) -> str:
    """Put a reason on one line that can be printed in a table."""
    line = " ".join(text.split())
    return line if len(line) <= TOLD else line[: TOLD - 1] + "…"
