"""Read a file from a web server from some byte on: https, or http on this machine. Nothing else.

Redirects are followed from https to https alone, few of them, and each host is told. No cookie
and no credential is sent; `HTTPS_PROXY` of the environment is used, as pip uses it.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message as Fields
from pathlib import PurePosixPath
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from satchel.base.errors import BadInput, Unavailable
from satchel.base.text import one_line
from satchel.model.types import host_of, is_loopback

STALL_S = 30.0  # without a byte
MOST_REDIRECTS = 5
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_WHOLE = re.compile(r"\d{1,18}")
IN_TRANSIT = (OSError, http.client.HTTPException)  # what reading a body may raise


class Body(Protocol):
    """What a reply's bytes are read from."""

    def read1(self, count: int = -1, /) -> bytes:
        """Return at most `count` bytes, as soon as there are any; none at the end."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A file from its byte `start` on. `total` is None where the server does not tell it.

    `validator` changes when the file does; empty where the server gives none. `hosts` are those
    that were called, the one of the address first.
    """

    start: int
    total: int | None
    ranged: bool
    validator: str
    hosts: tuple[str, ...]
    body: Body


def checked(url: str) -> str:
    """Return an address that may be called. Raises BadInput for every other."""
    try:
        parts = urlsplit(url)
        named, secret = bool(parts.hostname) and parts.port != 0, parts.username or parts.password
    except ValueError:
        named, secret = False, None
    if not named or any(character.isspace() or ord(character) < 33 for character in url):
        raise BadInput("bad-url", f"{one_line(url)} is no address", "give an https:// address")
    if secret:
        raise BadInput(
            "bad-url",
            "the address holds a password, which would be kept in your shell's history",
            "give an address that needs none, or download the file yourself and pull that",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(url)):
        raise BadInput(
            "not-https",
            f"{one_line(shown(url))} is not an https address",
            "plain http is used on this machine alone (http://127.0.0.1:…); give an https:// one",
        )
    return urlunsplit(parts._replace(fragment=""))


def shown(url: str) -> str:
    """Return an address without its query, which may hold a key."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def file_name(url: str) -> str:
    """Return the name of the file in an address; empty where it has none."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def unwatched(host: str) -> None:
    """Let a host be called, and tell nobody."""


@contextlib.contextmanager
def opened(
    url: str,
    start: int = 0,
    end: int | None = None,
    calling: Callable[[str], None] = unwatched,
) -> Iterator[Reply]:
    """Ask for the bytes from `start` to `end` (not included; None: all) and give the reply.

    `calling` is handed each host before it is called.

    A server that knows no ranges sends the file from its first byte, and `start` of the reply is
    0. Raises BadInput for an address or a redirect that is not followed, Unavailable where the
    server cannot be reached or does not give the file.
    """
    url = checked(url)
    trail = Trail(calling)
    calling(host_of(url))
    headers = {
        "User-Agent": "satchel",
        "Accept-Encoding": "identity",
        "Range": f"bytes={start}-{'' if end is None else end - 1}",
    }
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  `checked` let it pass
    try:
        response = _opener(trail, url).open(request, timeout=STALL_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise _refused((trail.hosts or [host_of(url)])[-1], error.code) from error
    except IN_TRANSIT as error:
        raise unreachable(url, error) from error
    with response:
        yield _reply(response, start, (host_of(url), *trail.hosts))


def unreachable(url: str, error: BaseException) -> Unavailable:
    """Say that a server cannot be reached, or broke off."""
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return Unavailable(
        "pull-unreachable",
        f"{host_of(url)} cannot be reached: {one_line(str(reason) or type(error).__name__)}",
        "look at the address and the network, and run it again; what is here is kept",
    )


def _reply(response: Any, asked: int, hosts: tuple[str, ...]) -> Reply:
    """Read the head of a reply. Raises Unavailable where it does not fit what was asked."""
    fields: Fields = response.headers
    coding = (fields.get("Content-Encoding") or "identity").strip().lower()
    start, total = 0, _number(fields.get("Content-Length"))
    ranged = response.status == 206
    fits = response.status in (200, 206) and coding == "identity"
    if ranged:
        told = _RANGE.fullmatch((fields.get("Content-Range") or "").strip())
        fits = fits and told is not None and int(told[1]) == asked
        start, total = asked, _number(told[3]) if told else None
    if not fits:
        raise Unavailable(
            "pull-garbled",
            f"{one_line(hosts[-1])} answered something other than the bytes that were asked for",
            "download the file yourself, and run `satchel models pull FILE`",
        )
    validator = fields.get("ETag") or fields.get("Last-Modified") or ""
    return Reply(start, total, ranged, validator[:200], hosts, response)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _WHOLE.fullmatch(text.strip()) else None


class Trail(urllib.request.HTTPRedirectHandler):
    """Follows a redirect from https to https, and keeps the host."""

    def __init__(self, calling: Callable[[str], None]) -> None:
        self.calling = calling
        self.hosts: list[str] = []

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        """Return the request that follows. Raises BadInput where none does."""
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        try:
            plain = here.scheme != "https" or there.scheme != "https"
            if plain or len(self.hosts) >= MOST_REDIRECTS:
                raise _astray(req.full_url, newurl)
            host = host_of(checked(newurl))
            self.calling(host)
        except BaseException:
            fp.close()
            raise
        self.hosts.append(host)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _astray(url: str, to: str) -> BadInput:
    return BadInput(
        "bad-redirect",
        f"{host_of(url)} sends on to {one_line(shown(to))}, which is not followed",
        f"only https leads on to https, {MOST_REDIRECTS} times at most; give the address of the "
        "file itself",
    )


def _opener(trail: Trail, url: str) -> urllib.request.OpenerDirector:
    """Build what opens an address: no file, ftp or data address, and no proxy on this machine."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler({} if is_loopback(url) else None),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        trail,
    ]
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _refused(host: str, status: int) -> Unavailable:
    steps = {
        401: "it asks for an account: download the file yourself and pull that",
        403: "it may ask for an account: download the file yourself and pull that",
        404: "look at the address; it must be that of the file itself",
        429: "it has had too many requests; wait, and run it again",
    }
    return Unavailable(
        "pull-refused",
        f"{one_line(host)} answered {status}",
        steps.get(status, "run it again later; what is here is kept"),
    )
