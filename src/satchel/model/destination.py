"""Where something would go: a server that Satchel knows, by its name, or an address. Pure.

An address has one spelling here and is built of a few plain characters, so that what was
permitted, what is shown and what is called cannot be three different places.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from satchel.base.errors import BadInput
from satchel.base.text import one_line
from satchel.model.known import KNOWN
from satchel.model.types import is_loopback

NAMES: Final = frozenset(server.name for server in KNOWN)
PORTS: Final = {"http": 80, "https": 443}
ADDRESS_MAX: Final = 500  # characters

_HOST: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,252}", re.ASCII)
_STEP: Final = re.compile(r"[A-Za-z0-9._~-]{1,200}", re.ASCII)


def normal(address: str) -> str | None:
    """Return the one spelling of `http[s]://host[:port][/path]`, or None for anything else.

    Lower case, no default port, no slash at the end; `localhost` is 127.0.0.1, so that no name is
    looked up. Users, queries, escapes and `..` are refused, since others may read them otherwise.
    """
    if len(address) > ADDRESS_MAX or not address.isascii() or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or "@" in parts.netloc or port == 0:
        return None
    if any(mark in address for mark in "?#\\% "):
        return None
    steps = parts.path.rstrip("/").split("/")[1:]
    if any(_STEP.fullmatch(step) is None or step in (".", "..") for step in steps):
        return None
    spelled = _host(host)
    if spelled is None:
        return None
    shown = "" if port in (None, PORTS[parts.scheme]) else f":{port}"
    return "/".join([f"{parts.scheme}://{spelled}{shown}", *steps])


def destination(given: str) -> str:
    """Read a destination as a user writes it: a known server's name, or an address.

    An IP address or `localhost` may stand without its scheme. Raises BadInput for anything else.
    """
    text = given.strip()
    if text in NAMES:
        return text
    address = normal(text)
    if address is None and "://" not in text and _is_number(text):
        address = normal(f"http://{text}")
    if address is None:
        raise BadInput(
            "not-a-destination",
            f"{one_line(text, 80)!r} is neither a server that Satchel knows nor a plain address",
            f"name one of {', '.join(sorted(NAMES))}, or write http://host:port or "
            "https://host/path",
        )
    return address


def covers(granted: str, name: str, address: str) -> bool:
    """Tell whether a granted destination holds for the server of that name at a normal address.

    An address covers what lies below its path. A name holds for a server on this machine alone:
    what another machine calls itself proves nothing.
    """
    if "://" in granted:
        return address == granted or address.startswith(f"{granted}/")
    return granted == name and is_loopback(address)


def shortest(name: str, address: str) -> str:
    """Return how a user would name this destination: by name where that suffices."""
    return name if name in NAMES and is_loopback(address) else address


def is_open(address: str) -> bool:
    """Tell whether whoever is on the way could read what is sent there."""
    return address.startswith("http://") and not is_loopback(address)


def _host(host: str) -> str | None:
    if host == "localhost":
        return "127.0.0.1"
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return host if _HOST.fullmatch(host) else None
    return f"[{literal.compressed}]" if literal.version == 6 else str(literal)


def _is_number(text: str) -> bool:
    """Tell whether text begins with an IP address or `localhost`, and names a port."""
    try:
        parts = urlsplit(f"http://{text}")
        host, port = parts.hostname or "", parts.port
        ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return False
    return port is not None
