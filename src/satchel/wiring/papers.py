"""Documents that a question brings along: briefed from themselves, without a workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from satchel.base.text import clean
from satchel.context import tokens
from satchel.context.engine import Sources, brief
from satchel.context.ingest import documents
from satchel.context.ingest.mask import mask
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
OPENINGS = "the opening of each of its sections: the request names nothing to look for"


def brief_documents(files: Sequence[str], request: Request) -> Packet:
    """Brief a request from the given files alone: whole where they fit the budget, else by
    retrieval within them, else by the openings of their sections.

    Raises BadInput where a file cannot be read as text.
    """
    read = [(name, _passages(Path(name))) for name in files]
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
        return packet
    return _quoted(packet, read, _openings(read, request.budget), OPENINGS)


def _passages(path: Path) -> tuple[Passage, ...]:
    text, _ = documents.extract(path)
    masked, _ = mask(text)
    return tuple(documents.passages_of(path, masked))


def _openings(read: Sequence[tuple[str, tuple[Passage, ...]]], budget: int) -> str:
    """Give every section an equal share of the budget, in order, from its first lines."""
    sections = [(name, passage) for name, passages in read for passage in passages]
    # Below some thirty tokens a section's opening says nothing: take fewer, evenly spread.
    most = max(1, budget // 40)
    step = max(1, -(-len(sections) // most))
    taken = sections[::step]
    share = max(20, budget // max(1, len(taken)) - 12)
    parts = [
        f"{name}:{passage.start}\n{tokens.cut(clean(passage.text), share)}"
        for name, passage in taken
    ]
    return tokens.cut("\n\n".join(parts), budget)


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
