"""What Python saw: the connections that `base.witness` wrote down, by where they led. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address


def sort_connections(lines: Sequence[str], scratch: str) -> dict[str, list[str]]:
    """Sort what the witness wrote: loopback, our own unix socket, and everything else."""
    sorted_: dict[str, list[str]] = {"loopback": [], "unix": [], "elsewhere": []}
    for line in lines:
        row = json.loads(line)
        event, address = str(row["event"]), str(row["address"])
        sorted_[_kind(event, address, scratch)].append(f"{event} {address} ({row['program']})")
    return sorted_


def _kind(event: str, address: str, scratch: str) -> str:
    host = address.split(" ")[0]
    if host in {"localhost", "None", ""}:
        return "loopback"
    with suppress(ValueError):
        return "loopback" if ip_address(host.partition("%")[0]).is_loopback else "elsewhere"
    if address.startswith(scratch):
        return "unix"
    return "elsewhere"
