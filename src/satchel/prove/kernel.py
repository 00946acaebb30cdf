"""The kernel's count of what tries to leave a world of loopback alone, and trying on purpose."""

from __future__ import annotations

import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SNMP = Path("/proc/net/snmp")
SNMP6 = Path("/proc/net/snmp6")
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, linux/if.h

# Addresses for documentation (RFC 5737, RFC 3849): nobody is there, and nothing is sent to them.
CONTROL4, CONTROL6 = "192.0.2.1", "2001:db8::1"
CONTROL_NAME = "satchel-control.example"


@dataclass(frozen=True, slots=True)
class Counters:
    """Packets that found no route since this network namespace began. None: not counted here."""

    ipv4: int | None
    ipv6: int | None

    @property
    def total(self) -> int:
        """Both families together."""
        return (self.ipv4 or 0) + (self.ipv6 or 0)


def counters(snmp: str, snmp6: str) -> Counters:
    """Read OutNoRoutes of /proc/net/snmp and Ip6OutNoRoutes of /proc/net/snmp6."""
    rows = [line.split() for line in snmp.splitlines() if line.startswith("Ip:")]
    four = dict(zip(*rows, strict=True)).get("OutNoRoutes") if len(rows) == 2 else None
    pairs = [line.split() for line in snmp6.splitlines()]
    six = dict(pair for pair in pairs if len(pair) == 2).get("Ip6OutNoRoutes")
    return Counters(None if four is None else int(four), None if six is None else int(six))


def read_counters() -> Counters:
    """Read them now."""
    return counters(*(path.read_text() if path.exists() else "" for path in (SNMP, SNMP6)))


def raise_loopback() -> None:
    """Bring `lo` up: a new network namespace has it down, and then even 127.0.0.1 has no route."""
    import fcntl  # Linux alone comes here

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        asked = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(probe, SIOCGIFFLAGS, asked))
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def count_lookups(scratch: Path) -> bool:
    """Point name lookups at an address without a route, so that asking for a name counts too.

    Without this a resolver on loopback would swallow them. Only this mount namespace sees it.
    Returns whether it could be done.
    """
    files = {"resolv.conf": f"nameserver {CONTROL4}\n", "nsswitch.conf": "hosts: files dns\n"}
    for name, content in files.items():
        ours = scratch / name
        ours.write_text(content)
        done = subprocess.run(
            ["mount", "--bind", str(ours), f"/etc/{name}"], capture_output=True, check=False
        )
        if done.returncode != 0:
            return False
    return True


def try_to_connect() -> None:
    """Try to reach an address off this machine, by IPv4 and by IPv6."""
    for family, address in ((socket.AF_INET, CONTROL4), (socket.AF_INET6, CONTROL6)):
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as out:
            out.settimeout(1)
            out.connect((address, 9))


def try_to_look_up() -> None:
    """Try to look up a name that nobody here knows."""
    with suppress(OSError):
        socket.getaddrinfo(CONTROL_NAME, 9)
