"""What the daemon listens on."""

from __future__ import annotations

import asyncio
import socket

from satchel.base.paths import Home
from satchel.daemon.lifecycle import _listening


def test_a_connection_sends_a_small_answer_at_once(home: Home) -> None:
    home.run.mkdir(parents=True)

    async def accepted() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ours: socket.socket = writer.get_extra_info("socket")
            told.set_result(ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with _listening(home, 0) as sockets:
            async with await asyncio.start_server(serve, sock=sockets[0]):
                _, writer = await asyncio.open_connection(*sockets[0].getsockname())
                writer.close()
                return await told

    assert asyncio.run(accepted())
