"""HTTP/1.1 to the daemon over a loopback connection. Standard library alone, and little of it.

`http.client` would do, but its import costs more than a whole call: this speaks only what our own
daemon answers. One request a connection, closed after it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias

Address: TypeAlias = str | tuple[str, int]
"""The path of a unix socket, or a host and a port."""

LINE_LIMIT = 65_536  # bytes of a status line or a header


class Gone(Exception):
    """The other side went away. `sent` tells whether it can have seen the request."""

    def __init__(self, sent: bool) -> None:
        super().__init__("the connection ended")
        self.sent = sent


@dataclass(slots=True)
class Exchange:
    """One request and its answer. Closing it early tells the daemon to stop."""

    address: Address
    connection: socket.socket | None = None
    answer: BinaryIO | None = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send the request and read the status and the headers of its answer. Raises Gone."""
        try:
            self.connection = dial(self.address)
        except OSError as error:
            raise Gone(sent=False) from error
        host = "localhost" if isinstance(self.address, str) else f"127.0.0.1:{self.address[1]}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        try:
            self.connection.sendall(head + body)
            self.answer = self.connection.makefile("rb")
            self._read_head()
        except (OSError, ValueError) as error:
            raise Gone(sent=True) from error

    def _read_head(self) -> None:
        assert self.answer is not None
        first = self.answer.readline(LINE_LIMIT)
        if not first.startswith(b"HTTP/1."):
            raise ValueError("not HTTP")
        self.status = int(first.split(None, 2)[1])
        while (line := self.answer.readline(LINE_LIMIT)) not in (b"\r\n", b"\n"):
            if not line:
                raise ValueError("the headers ended early")
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.strip().lower()] = value.strip()

    def blocks(self) -> Iterator[bytes]:
        """Yield the body as it comes. Raises Gone where it ends before it is whole."""
        assert self.answer is not None
        try:
            if self.headers.get("transfer-encoding", "").lower() == "chunked":
                yield from self._chunks()
            elif "content-length" in self.headers:
                wanted = int(self.headers["content-length"])
                body = self.answer.read(wanted)
                if len(body) < wanted:
                    raise Gone(sent=True)
                yield body
        except (OSError, ValueError) as error:
            raise Gone(sent=True) from error

    def _chunks(self) -> Iterator[bytes]:
        assert self.answer is not None
        while size := int(self.answer.readline(LINE_LIMIT).split(b";")[0], 16):
            block = self.answer.read(size + 2)
            if len(block) < size + 2:
                raise Gone(sent=True)
            yield block[:-2]
        self.answer.readline(LINE_LIMIT)

    def body(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.blocks())

    def lines(self) -> Iterator[bytes]:
        """Yield the body line by line, without the line ends."""
        rest = b""
        for block in self.blocks():
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.rstrip(b"\r")
        if rest:
            yield rest

    def close(self) -> None:
        """End the connection, wherever the exchange stands; also from another thread."""
        if self.connection is not None:
            with suppress(OSError):  # it may not be connected any more
                self.connection.shutdown(socket.SHUT_RDWR)
            self.connection.close()
        if self.answer is not None:
            self.answer.close()


def dial(address: Address) -> socket.socket:
    """Connect, or raise OSError."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection
