"""What would leave this machine, and where to: shown to the user before anything does. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from satchel.base.errors import BadInput
from satchel.base.text import one_line
from satchel.model import destination
from satchel.model.answers import is_plain
from satchel.model.types import Backend, Local, Model

PROMPT_ONLY: Final = "the prompt"
OPEN_WAY: Final = "not encrypted: whoever is on the way can read it"
MOST_TOOLS: Final = 20  # of a server in one request
# Sections of a briefing that come from files; every other one tells of what was remembered.
FROM_FILES: Final = frozenset({"files", "tests", "symbols", "passages", "documents"})

_TOOL: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_SECTION: Final = re.compile(r"[a-z][a-z _-]{0,39}", re.ASCII)


class Material(IntEnum):
    """The class of what leaves. Each holds those below it; a pull sends an address and no more."""

    ADDRESS = 0
    PROMPT = 1
    CONTEXT = 2
    RECORDS = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Material:
        """Return the class of that name. Raises KeyError where there is none."""
        return {str(each): each for each in cls}[name]


HOLDS: Final = {
    Material.ADDRESS: "the address of a file",
    Material.PROMPT: PROMPT_ONLY,
    Material.CONTEXT: f"{PROMPT_ONLY}, with context from your files",
    Material.RECORDS: f"{PROMPT_ONLY}, with context from your files and records",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the packet that goes along, and how many items are in it."""

    name: str
    items: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would leave, and where to: all that the user is shown before anything does.

    `bytes` are those of the request's body. `masked` counts the secrets that were taken out of it.
    `tools` are those that the server runs by itself and that reach out, such as "web_search"; a
    Local is a destination only with such a tool. Holds no text: raises BadInput where the name
    of a model or a tool, which come with the request, could carry some.
    """

    backend: Backend
    model: Model
    bytes: int
    sections: tuple[Section, ...] = ()
    masked: int = 0
    tools: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.backend, Local) and not self.tools:
            raise ValueError(f"nothing leaves for {self.backend.name}, which is on this machine")
        if not is_plain(self.model.name):
            raise BadInput("bad-model", "that is not the name of a model", "see `satchel models`")
        if len(self.tools) > MOST_TOOLS or not all(map(is_tool, self.tools)):
            raise BadInput(
                "bad-tool",
                f"a server's own tools are named plainly, and at most {MOST_TOOLS} at once",
                "ask for tools such as web_search",
            )
        if not all(_SECTION.fullmatch(section.name) for section in self.sections):
            raise ValueError("a section has no plain name")

    @property
    def material(self) -> Material:
        """The class of what leaves, by the sections: one that is not of files is of records."""
        if not self.sections:
            return Material.PROMPT
        of_files = all(section.name in FROM_FILES for section in self.sections)
        return Material.CONTEXT if of_files else Material.RECORDS

    @property
    def address(self) -> str:
        """The one spelling of the server's address; empty where it has none, and then no grant
        covers it."""
        return destination.normal(self.backend.base_url) or ""

    @property
    def to(self) -> str:
        """The destination as a user would name it."""
        return destination.shortest(self.backend.name, self.address)

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "destination": self.to,
            "server": self.backend.name,
            "base_url": self.backend.base_url,
            "model": self.model.name,
            "locality": str(self.model.locality),
            "evidence": self.model.evidence,
            "data": str(self.material),
            "bytes": self.bytes,
            "sections": {section.name: section.items for section in self.sections},
            "masked": self.masked,
            "tools": list(self.tools),
            "encrypted": not destination.is_open(self.address),
        }


def lines(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the user is shown of a Leaving's JSON: names and what they hold, a line each."""
    masked, tools = told["masked"], told["tools"]
    rows = [
        ("to", f"{told['server']} at {told['base_url']}"),
        ("model", told["model"]),
        ("runs", f"{told['locality']}: {told['evidence']}"),
        ("what", HOLDS[Material.named(told["data"])]),
        ("size", f"{told['bytes']:,} bytes"),
        ("sections", listed(Section(*row) for row in told["sections"].items())),
        ("secrets", f"{masked:,} masked" if masked else "none found"),
        ("tools", f"{', '.join(tools)}, run by the server, which reach out" if tools else ""),
        ("way", "" if told["encrypted"] else OPEN_WAY),
    ]
    return [(name, one_line(text)) for name, text in rows if text]


def listed(sections: Iterable[Section]) -> str:
    """Name sections with how many items each has: "files 3, decisions 2"."""
    return ", ".join(f"{section.name} {section.items:,}" for section in sections)


def is_tool(name: str) -> bool:
    """Tell whether a server's tool has a plain name."""
    return _TOOL.fullmatch(name) is not None
