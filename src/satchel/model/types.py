"""The values of the model layer. Frozen; none of them does anything."""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

DEFAULT_CONTEXT = 8192  # tokens that are asked of a server which sizes its context on demand

Dialect: TypeAlias = Literal["openai", "ollama"]


class Locality(StrEnum):
    """Where a model runs. Only ON_DEVICE is used without asking; UNKNOWN counts as remote."""

    ON_DEVICE = "on-device"
    LAN = "lan"
    CLOUD = "cloud"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Model:
    """One row that a server listed, with the verdict on where it runs and the evidence for it.

    `None` means that the server did not tell. Contexts are tokens, sizes bytes; `device` is what
    runs it, in words: "CPU", "GPU", "NPU".
    """

    name: str
    locality: Locality
    evidence: str
    chat: bool | None = None
    embeddings: bool | None = None
    context_trained: int | None = None
    context_allocated: int | None = None
    size_bytes: int | None = None
    parameters: int | None = None
    loaded: bool = False
    quantisation: str | None = None
    tools: bool | None = None
    vision: bool | None = None
    device: str | None = None

    @property
    def context_usable(self) -> int:
        """Tokens that a prompt and its answer may take together."""
        if self.context_allocated is not None:
            return self.context_allocated
        return min(self.context_trained or 4096, DEFAULT_CONTEXT)

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "name": self.name,
            "locality": str(self.locality),
            "evidence": self.evidence,
            "chat": self.chat,
            "embeddings": self.embeddings,
            "context_trained": self.context_trained,
            "context_allocated": self.context_allocated,
            "size_bytes": self.size_bytes,
            "parameters": self.parameters,
            "loaded": self.loaded,
            "quantisation": self.quantisation,
            "tools": self.tools,
            "vision": self.vision,
            "device": self.device,
        }


@dataclass(frozen=True, slots=True)
class Local:
    """A server on this machine with those of its models that run on this machine.

    Raises ValueError where the address is not a loopback literal or a model runs elsewhere, so
    that a wrong Local cannot be made.
    """

    name: str
    base_url: str
    models: tuple[Model, ...]
    dialect: Dialect = "openai"
    api_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not is_loopback(self.base_url):
            raise ValueError(f"{self.base_url} is not on this machine")
        for model in self.models:
            if model.locality is not Locality.ON_DEVICE:
                raise ValueError(f"{model.name} is {model.locality}: {model.evidence}")


@dataclass(frozen=True, slots=True)
class Remote:
    """Models that run elsewhere or cannot be told. Not usable until the user says so."""

    name: str
    base_url: str
    models: tuple[Model, ...]
    evidence: str
    dialect: Dialect = "openai"


Backend: TypeAlias = Local | Remote


@dataclass(frozen=True, slots=True)
class Rejected:
    """An address where something listens that cannot be used, and why. `slow` says that it did not
    answer in time, which a server that is busy may do."""

    address: str
    reason: str
    server: str | None = None
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What detection saw: servers, what could not be used, and where nothing listens.

    `slow` are servers as they were when they last answered, which is too long ago to believe it.
    """

    backends: tuple[Backend, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    silent: tuple[str, ...] = ()
    slow: tuple[Backend, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return everything that was seen, for programs. Holds no key."""
        return {
            "backends": [
                {
                    "name": backend.name,
                    "base_url": backend.base_url,
                    "usable": isinstance(backend, Local),
                    "models": [model.as_json() for model in backend.models],
                }
                for backend in self.backends
            ],
            "rejected": [
                {"address": row.address, "server": row.server, "reason": row.reason}
                for row in self.rejected
            ],
            "silent": list(self.silent),
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a server may take, in seconds: to accept a connection, until the first sign of an
    answer (a model may have to be loaded, and a CPU reads an agent's long prompt for minutes), and
    between any two of them."""

    connect_timeout: float = 5.0
    first_token_timeout: float = 900.0
    between_timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Download:
    """One package of a disclosure."""

    package: str
    version: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the user is told before anything is fetched. Bytes are those on the wire."""

    asset: str
    purpose: str
    downloads: tuple[Download, ...]
    licence: str
    destination: str
    disk_bytes: int
    tool: str

    @property
    def bytes(self) -> int:
        """Bytes over the wire."""
        return sum(download.bytes for download in self.downloads)

    def seconds(self, megabits: float) -> float:
        """Return how long the fetch takes at a line rate in Mbit/s."""
        return self.bytes * 8 / (megabits * 1_000_000)

    def as_json(self) -> dict[str, Any]:
        """Return the disclosure for programs."""
        return {
            "asset": self.asset,
            "purpose": self.purpose,
            "packages": [
                {"name": row.package, "version": row.version, "bytes": row.bytes}
                for row in self.downloads
            ],
            "bytes": self.bytes,
            "licence": self.licence,
            "destination": self.destination,
            "disk_bytes": self.disk_bytes,
            "tool": self.tool,
            "seconds": {"10": round(self.seconds(10), 1), "100": round(self.seconds(100), 1)},
        }


@functools.lru_cache(maxsize=256)
def host_of(base_url: str) -> str:
    """Return the host of an address, without brackets; empty where there is none."""
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""


def is_loopback(base_url: str) -> bool:
    """Tell whether an address is a loopback literal. A name is never resolved to find out."""
    try:
        address = ipaddress.ip_address(host_of(base_url))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
