"""Documents that a question brings along: briefed from themselves, without a workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from satchel.base.text import clean
from satchel.context import tokens
from satchel.context.engine import Sources, brief
from satchel.context.ingest import blocks, documents
from satchel.context.ingest.mask import mask
from satchel.context.ingest.walk import printable
from satchel.context.store.index import IndexStore
from satchel.context.types import (
    Document,
    Packet,
    Parsed,
    Passage,
    Place,
    RankedFile,
    Request,
    Role,
    Stamp,
)

WHOLE = "the whole document"
LINES = 12  # of a passage: what is looked for in a document is a paragraph, not a page
FEW = 4  # sections: with fewer, a document is opened by its paragraphs instead
OPENING = 40  # tokens: below this the opening of a section says nothing


def brief_documents(files: Sequence[str], request: Request) -> Packet:
    """Brief a request from the given files alone: whole where they fit the budget, else by
    retrieval within them, else by the openings of their sections.

    Raises BadInput where a file cannot be read as text.
    """
    read = [(printable(name), _passages(Path(name))) for name in files]
    with tempfile.TemporaryDirectory(prefix="satchel-") as folder:
        index = IndexStore(Path(folder) / "documents.db")
        try:
            index.replace(
                [
                    Document(name, Stamp(0, 0, 0, ""), Parsed(Role.PROSE, None, passages))
                    for name, passages in read
                ]
            )
            packet = brief(request, Sources(index, ()))
        finally:
            index.close()
    text = "\n\n".join(
        f"{name}\n\n" + "\n\n".join(passage.text for passage in passages) for name, passages in read
    )
    if tokens.count(clean(text)) <= request.budget:
        return _quoted(packet, read, clean(text), WHOLE)
    if packet.markdown:
        return replace(packet, files=tuple(_as_excerpts(file, read) for file in packet.files))
    openings, reason = _openings(read, request.budget)
    return _quoted(packet, read, openings, reason)


def _passages(path: Path) -> tuple[Passage, ...]:
    """Read a document and cut it into paragraphs, each under its heading."""
    text, _ = documents.extract(path)
    masked, _ = mask(text)
    lines = masked.split("\n")
    return tuple(
        replace(passage, start=first, end=last, text="\n".join(lines[first - 1 : last]))
        for passage in documents.passages_of(path, masked)
        for first, last in blocks.cut(lines, passage.start, passage.end, LINES)
        if any(line.strip() for line in lines[first - 1 : last])
    )


def _as_excerpts(file: RankedFile, read: Sequence[tuple[str, tuple[Passage, ...]]]) -> RankedFile:
    """Say that these are parts of a document that was too long to be given whole."""
    total = sum(len(passages) for name, passages in read if name == file.path)
    where = ", ".join(dict.fromkeys(place.name for place in file.places if place.name))
    reason = f"{len(file.places)} excerpts of {total}: too long to be given whole"
    return replace(file, reason=f"{reason}; {where}" if where else reason)


def _openings(read: Sequence[tuple[str, tuple[Passage, ...]]], budget: int) -> tuple[str, str]:
    """Give every section (or every second, third, …) an equal share of the budget, from its
    first lines; return the text, and what it is."""
    sections: dict[tuple[str, str | int], Passage] = {}
    few = len({passage.symbol for _, passages in read for passage in passages}) < FEW
    for name, passages in read:
        for passage in passages:
            sections.setdefault((name, passage.start if few else passage.symbol), passage)
    every = max(1, -(-len(sections) // max(1, budget // OPENING)))
    taken = list(sections.items())[::every]
    share = max(20, budget // max(1, len(taken)) - 12)
    parts = [
        f"{name}:{passage.start}\n{tokens.cut(clean(passage.text), share)}"
        for (name, _), passage in taken
    ]
    parted = "paragraphs" if few else "sections"
    reason = f"the openings of {len(taken)} of its {len(sections)} {parted}: it is too long to be "
    reason += "given whole, and the request names nothing to look for"
    return tokens.cut("\n\n".join(parts), budget), reason


def _quoted(
    packet: Packet, read: Sequence[tuple[str, tuple[Passage, ...]]], text: str, reason: str
) -> Packet:
    files = tuple(
        RankedFile(name, (Place(1, max(p.end for p in passages), ""),), reason, 1.0, True)
        for name, passages in read
        if passages
    )
    return replace(
        packet,
        files=files,
        markdown=text,
        tokens=tokens.count(text),
        empty_reason=None if text else "the documents hold no text",
    )
