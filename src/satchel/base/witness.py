"""Writes down each connection that Python code of ours opens, where `SATCHEL_WITNESS` asks for it.

For `satchel prove` on machines whose kernel cannot count. It sees what passes CPython's own
`socket` module (PEP 578 audit events); native code and other programs it does not see. With
`SATCHEL_WITNESS_REFUSE=1` what it writes down is also refused before it happens: the control of
the proof must not itself send anything. Standard library alone.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

FILE = "SATCHEL_WITNESS"
REFUSE = "SATCHEL_WITNESS_REFUSE"

CONNECTING = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1}
"""Audit events that name a destination, and the index of the address in their arguments."""

LOOKING_UP = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def install(path: str) -> None:
    """Append a JSON line to the file at `path` for each event, from now to the process's end."""
    refuse = os.environ.get(REFUSE) == "1"
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    program = " ".join(sys.orig_argv[:4])

    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CONNECTING:
            address = arguments[CONNECTING[event]]
        elif event in LOOKING_UP:
            address = arguments[LOOKING_UP[event]]
        else:
            return
        line = {"pid": os.getpid(), "program": program, "event": event, "address": spell(address)}
        os.write(target, (json.dumps(line) + "\n").encode())
        if refuse:
            raise PermissionError("refused by the control of `satchel prove`")

    sys.addaudithook(see)


def spell(address: object) -> str:
    """Spell an address as "host port", a unix socket as its path, a name as itself."""
    if isinstance(address, tuple):
        return " ".join(str(part) for part in address[:2])
    if isinstance(address, bytes):
        return address.decode("utf-8", "backslashreplace")
    return str(address)
