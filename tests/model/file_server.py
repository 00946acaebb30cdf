"""A web server that gives one file, as well or as badly as it is told to."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STEP = 1 << 16


@dataclass
class FileServer:
    """What it gives and how. `breaks` are byte counts after which the next replies break off."""

    content: bytes
    url: str = ""
    ranges: bool = True
    etag: str | None = '"one"'
    length: bool = True
    status: int = 200
    coding: str | None = None
    lead: str | None = None  # sends on to this address
    shift: int = 0  # lies about where a range begins
    breaks: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def reply(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        self.asked.append(asked)
        if self.lead is not None or self.status != 200:
            request.send_response(302 if self.lead else self.status)
            if self.lead:
                request.send_header("Location", self.lead)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start, end = 0, len(self.content)
        if self.ranges and asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1, end) if last else end
        request.send_response(206 if self.ranges and asked else 200)
        if self.ranges and asked:
            told = f"bytes {start + self.shift}-{end - 1}/{len(self.content)}"
            request.send_header("Content-Range", told)
        if self.length:
            request.send_header("Content-Length", str(end - start))
        if self.etag:
            request.send_header("ETag", self.etag)
        if self.coding:
            request.send_header("Content-Encoding", self.coding)
        request.end_headers()
        stop = min(end, start + self.breaks.pop(0)) if self.breaks else end
        with contextlib.suppress(ConnectionError):
            for at in range(start, stop, STEP):
                piece = self.content[at : min(at + STEP, stop)]
                request.wfile.write(piece)
                self.sent += len(piece)


@contextlib.contextmanager
def serving(content: bytes | Path, certificate: Path | None = None) -> Iterator[FileServer]:
    """Serve on a loopback port of its own; with TLS where there is a key and a certificate."""
    given = content if isinstance(content, bytes) else content.read_bytes()
    files = FileServer(given)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.reply(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that left."""

    with Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if certificate is not None:
            scheme, context = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        files.url = f"{scheme}://127.0.0.1:{server.server_port}/models/Made-Up.Q4_K_M.gguf"
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()
