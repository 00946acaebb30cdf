"""Look at every known address at once and say what answers there.

GET only, no credentials, no redirect followed, no proxy of the environment, bodies capped, and
nothing but loopback is called. A server that hangs or answers garbage is a row with a reason.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from satchel.base.settings import Settings
from satchel.base.text import one_line
from satchel.model.answers import Answer, Answers, Unusable
from satchel.model.known import COMPATIBLE, DEFAULT_ADDRESSES, PROOF_PATHS, Server, recognise
from satchel.model.link import AskLink, ask_lms
from satchel.model.locality import Link, Surroundings, of_address, vouched
from satchel.model.types import (
    Backend,
    Found,
    Local,
    Locality,
    Model,
    Rejected,
    Remote,
    is_loopback,
)

if TYPE_CHECKING:
    import aiohttp

BODY_MAX = 4 * 1024 * 1024  # bytes; Ollama's listing of a thousand models is about one
CONNECTIONS = 2  # to a server: one is cheapest, and a path that hangs must not hold up the others


@dataclass(frozen=True, slots=True)
class _Silent:
    address: str


class _NothingListens(Exception):
    """No connection was accepted."""


_Row: TypeAlias = Backend | Rejected | _Silent


async def detect(
    addresses: Iterable[str] = DEFAULT_ADDRESSES,
    timeout_s: float = 0.25,
    *,
    on_device: Iterable[str] = (),
    ask_link: AskLink = ask_lms,
    platform: str = sys.platform,
) -> Found:
    """Probe `addresses` (host:port or http://host:port) together.

    A server is given up after `timeout_s` without an answer, and after twice that in all: many
    at once on a busy machine are slow together, and none of them is to blame.

    `on_device` are addresses that the user vouches for where locality cannot be told. Only where
    LM Studio answers is `ask_link` awaited as well, within a limit of its own. `platform` is
    this machine's, which some verdicts rest on.
    """
    import aiohttp  # an eighth of a daemon's start, of which no briefing has need

    believed = frozenset(filter(None, (parse_address(origin(given)) for given in on_device)))
    looked = list(dict.fromkeys(addresses))
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS)
    async with aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
    ) as http:
        seen = await asyncio.gather(
            *(_look(http, address, timeout_s, believed, ask_link, platform) for address in looked)
        )
    flat = [row for rows in seen for row in rows]
    return Found(
        backends=tuple(row for row in flat if isinstance(row, Local | Remote)),
        rejected=tuple(row for row in flat if isinstance(row, Rejected)),
        silent=tuple(row.address for row in flat if isinstance(row, _Silent)),
    )


async def find(settings: Settings) -> Found:
    """Look at every known address, and those that the user added, at once."""
    return await detect(
        addresses_of(settings.text("model.servers")),
        settings.number("detect.timeout_ms") / 1000,
        on_device=filter(None, map(str.strip, settings.text("model.on_device").split(","))),
    )


def addresses_of(extra: str) -> tuple[str, ...]:
    """Return the default addresses followed by those of the setting, separated by commas."""
    named = [parse_address(part) or part for part in map(str.strip, extra.split(",")) if part]
    return tuple(dict.fromkeys([*DEFAULT_ADDRESSES, *named]))


def parse_address(text: str) -> str | None:
    """Return `http://host:port` for an address as a user writes it, or None.

    `localhost` becomes 127.0.0.1, so that no name is looked up.
    """
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if not plain or parts.scheme != "http" or not host or port is None:
        return None
    host = "127.0.0.1" if host == "localhost" else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def origin(text: str) -> str:
    """Return an address without the path that stands behind its port (`…:12434/engines`)."""
    scheme, mark, rest = text.strip().rpartition("://")
    return f"{scheme}{mark}{rest.partition('/')[0]}"


async def _look(
    http: aiohttp.ClientSession,
    given: str,
    timeout_s: float,
    believed: frozenset[str],
    ask_link: AskLink,
    platform: str,
) -> Sequence[_Row]:
    """Say what is at one address. Never raises but for cancellation."""
    from aiohttp import ClientError

    address = parse_address(given)
    if address is None:
        return [Rejected(given, "is not an address like 127.0.0.1:8080")]
    if not is_loopback(address):
        _, evidence = of_address(address)
        return [Remote("unknown", address, (), f"{evidence}; it was not called")]
    named: Server | None = None
    try:
        async with asyncio.timeout(2 * timeout_s):
            await _connect(address, timeout_s)
            answers, late = await _get_all(http, address, PROOF_PATHS, timeout_s)
            server = recognise(answers)
            if late and (server is COMPATIBLE or isinstance(server, str)):
                raise TimeoutError  # a proof may be among those that are late
            if isinstance(server, str):
                return [Rejected(address, server)]
            named = server
            missing = [path for path in server.paths if path not in answers]
            more, _ = await _get_all(http, address, missing, timeout_s)
        # Outside of the probe's time: a child process, and only where LM Studio answers.
        link = await ask_link() if server.name == "lm-studio" else Link.UNTOLD
        listing = server.read({**answers, **more}, Surroundings(link, platform))
        unusable = [Rejected(address, one_line(why), server.name) for why in listing.unusable]
        return [*_split(server, address, listing.models, believed), *unusable]
    except _NothingListens:
        return [_Silent(address)]
    except TimeoutError:
        reason = "did not list its models" if named else "accepts a connection but does not answer"
        reason = f"{reason} within {timeout_s * 1000:.0f} ms (`detect.timeout_ms`)"
        return [Rejected(address, reason, named.name if named else None, slow=True)]
    except Unusable as unusable_now:
        reason = str(unusable_now)
    except (ClientError, OSError, ValueError):
        reason = "answers something that is not HTTP"
    return [Rejected(address, reason, named.name if named else None)]


def _split(
    server: Server, address: str, models: Sequence[Model], believed: frozenset[str]
) -> Sequence[_Row]:
    """Part a server's rows into those that run here and those that do not."""
    judged = []
    for model in models:
        where, evidence = vouched((model.locality, model.evidence), address, believed)
        judged.append(replace(model, locality=where, evidence=evidence))
    here = tuple(model for model in judged if model.locality is Locality.ON_DEVICE)
    away = tuple(model for model in judged if model.locality is not Locality.ON_DEVICE)
    base_url = address + server.prefix
    why = "not known to run on this machine"
    parts: list[_Row] = []
    if here or not away:
        parts.append(Local(server.name, base_url, here, server.dialect))
    if away:
        parts.append(Remote(server.name, base_url, away, why, server.dialect))
    return parts


async def _connect(address: str, limit_s: float) -> None:
    """Raise _NothingListens where no connection is accepted, before anything is asked.

    One refusal instead of one for each path; and where the system is slow to refuse, as Windows
    is, what takes no connection within the time is as good as not there.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 0
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.get_running_loop().sock_connect(probe, (host, port))
        except OSError as refused:  # TimeoutError is one of them
            raise _NothingListens from refused


async def _get_all(
    http: aiohttp.ClientSession, address: str, paths: Sequence[str], limit_s: float
) -> tuple[Answers, bool]:
    """GET the paths together; those that failed are left out, unless every one did.

    Returns the answers by path, and whether some were given up after `limit_s` in which none
    came. Raises TimeoutError where none ever did, else the first failure where nothing else came.
    """
    asked = {path: asyncio.ensure_future(_get(http, address + path)) for path in paths}
    if not asked:
        return {}, False
    try:
        late = await _wait(asked.values(), limit_s)
    finally:
        for task in asked.values():
            task.cancel()
        results = await asyncio.gather(*asked.values(), return_exceptions=True)
    answers = {
        path: result
        for path, result in zip(asked, results, strict=True)
        if isinstance(result, Answer)
    }
    if not answers:
        raise TimeoutError if late else next(x for x in results if isinstance(x, BaseException))
    return answers, late


async def _wait(tasks: Iterable[asyncio.Task[Answer]], limit_s: float) -> bool:
    """Wait until all are done or none was for `limit_s`; tells whether some are left."""
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(
            pending, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            return True
    return False


async def _get(http: aiohttp.ClientSession, url: str) -> Answer:
    async with http.get(url, allow_redirects=False) as response:
        body = bytearray()
        async for piece in response.content.iter_chunked(65536):
            body += piece
            if len(body) > BODY_MAX:
                body.clear()  # too long to be a listing: read as no listing at all
                break
        return Answer(
            response.status,
            response.headers.get("Server", ""),
            body.decode("utf-8", "replace"),
        )
