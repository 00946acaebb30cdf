"""Look at every known address at once and say what answers there.

GET only, no credentials, no redirect followed, no proxy of the environment, bodies capped, and
nothing but loopback is called. A server that hangs or answers garbage is a row with a reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlsplit

import aiohttp

from satchel.model.known import (
    DEFAULT_ADDRESSES,
    KNOWN,
    Answer,
    Server,
    Unusable,
    describe_stranger,
)
from satchel.model.link import AskLink, ask_lms
from satchel.model.locality import Link, of_address, vouched
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

BODY_MAX = 4 * 1024 * 1024  # bytes; Ollama's listing of a thousand models is about one


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
) -> Found:
    """Probe `addresses` (host:port or http://host:port) together; each has `timeout_s` in all.

    `on_device` are addresses that the user vouches for where locality cannot be told. Only where
    LM Studio answers is `ask_link` awaited as well, within a limit of its own.
    """
    believed = frozenset(filter(None, map(parse_address, on_device)))
    looked = list(dict.fromkeys(addresses))
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
    ) as http:
        seen = await asyncio.gather(
            *(_look(http, address, timeout_s, believed, ask_link) for address in looked)
        )
    flat = [row for rows in seen for row in rows]
    return Found(
        backends=tuple(row for row in flat if isinstance(row, Local | Remote)),
        rejected=tuple(row for row in flat if isinstance(row, Rejected)),
        silent=tuple(row.address for row in flat if isinstance(row, _Silent)),
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


async def _look(
    http: aiohttp.ClientSession,
    given: str,
    timeout_s: float,
    believed: frozenset[str],
    ask_link: AskLink,
) -> Sequence[_Row]:
    """Say what is at one address. Never raises but for cancellation."""
    address = parse_address(given)
    if address is None:
        return [Rejected(given, "is not an address like 127.0.0.1:8080")]
    if not is_loopback(address):
        _, evidence = of_address(address)
        return [Remote("unknown", address, (), f"{evidence}; it was not called")]
    named: Server | None = None
    try:
        async with asyncio.timeout(timeout_s):
            proofs = await _get_all(http, address, [server.proof for server in KNOWN])
            proven = [one for one in KNOWN if one.proof in proofs and one.proves(proofs[one.proof])]
            if len(proven) != 1:
                root = (await _get_all(http, address, ["/"])).get("/")
                return [Rejected(address, describe_stranger(root))]
            named = proven[0]
            missing = [path for path in named.paths if path not in proofs]
            answers = proofs | await _get_all(http, address, missing)
        # Outside of the probe's time: a child process, and only where LM Studio answers.
        link = await ask_link() if named.name == "lm-studio" else Link.UNTOLD
        return _split(named, address, named.read(answers, link), believed)
    except _NothingListens:
        return [_Silent(address)]
    except TimeoutError:
        reason = "did not list its models" if named else "accepts a connection but does not answer"
        reason = f"{reason} within {timeout_s * 1000:.0f} ms (`detect.timeout_ms`)"
    except Unusable as unusable:
        reason = str(unusable)
    except (aiohttp.ClientError, OSError, ValueError):
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
    parts: list[_Row] = []
    if here or not away:
        parts.append(Local(server.name, address, here, server.dialect))
    if away:
        parts.append(Remote(server.name, address, away, "not known to run on this machine"))
    return parts


async def _get_all(
    http: aiohttp.ClientSession, address: str, paths: Sequence[str]
) -> dict[str, Answer]:
    """GET the paths together; those that failed are left out, unless every one did.

    Raises _NothingListens where no connection was accepted, else the first failure.
    """
    results = await asyncio.gather(
        *(_get(http, address + path) for path in paths), return_exceptions=True
    )
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures and len(failures) == len(results):
        if all(isinstance(failure, aiohttp.ClientConnectorError) for failure in failures):
            raise _NothingListens
        raise failures[0]
    return {
        path: result
        for path, result in zip(paths, results, strict=True)
        if isinstance(result, Answer)
    }


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
