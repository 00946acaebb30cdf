"""How a document is put into an index, and taken out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import apsw

from satchel.context.store.counts import packed
from satchel.context.terms import expand
from satchel.context.types import Document

BODY_LIMIT: Final = 20_000  # characters of a passage that are searched


def bump(db: apsw.Connection, key: str = "generation") -> None:
    """Note that what is kept changed, so that whoever remembers it asks anew."""
    db.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(value AS INTEGER) + 1",
        (key,),
    )


def _counted(words: Mapping[str, int], keys: Callable[[str], Sequence[int]]) -> dict[int, int]:
    """Count the keys of terms in place of words."""
    counts: dict[int, int] = {}
    for word, count in words.items():
        for key in keys(word):
            counts[key] = counts.get(key, 0) + count
    return counts


def remove(db: apsw.Connection, path: str) -> int | None:
    """Remove what stands at a path; return the number that it had."""
    row = db.execute("SELECT id FROM document WHERE path = ?", (path,)).fetchone()
    if row is None:
        return None
    db.execute(
        "DELETE FROM passage_terms WHERE rowid IN (SELECT id FROM passage WHERE document = ?)", row
    )
    db.execute("DELETE FROM document WHERE id = ?", row)
    return int(row[0])


def insert(
    db: apsw.Connection,
    document: Document,
    number: int | None,
    keys: Callable[[str], Sequence[int]],
) -> None:
    """Put a document in, under a number that it had before or a new one; `keys` gives the keys of
    a word's terms."""
    parsed, stamp = document.parsed, document.stamp
    db.execute(
        "INSERT INTO document (id, path, role, language, size, mtime_ns, inode, digest, skipped, "
        "masked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            document.path,
            parsed.role.value if parsed else None,
            parsed.language if parsed else None,
            stamp.size,
            stamp.mtime_ns,
            stamp.inode,
            stamp.digest,
            document.skipped,
            parsed.masked if parsed else 0,
        ),
    )
    if parsed is None:
        return
    number = db.last_insert_rowid()
    path_terms = expand(document.path)
    ids = []
    body: Counter[str] = Counter()
    for passage in parsed.passages:
        db.execute(
            "INSERT INTO passage (document, kind, symbol, name, start, stop, text) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                passage.kind.value,
                passage.symbol,
                passage.name,
                passage.start,
                passage.end,
                passage.text,
            ),
        )
        ids.append(db.last_insert_rowid())
        text = expand(passage.text[:BODY_LIMIT])
        body.update(text.split())
        db.execute(
            "INSERT INTO passage_terms (rowid, symbol, path, body) VALUES (?, ?, ?, ?)",
            (ids[-1], expand(passage.symbol), path_terms, text),
        )
    names = Counter(word for d in parsed.definitions for word in expand(d.name).split())
    counted = packed(*(_counted(w, keys) for w in (body, names, Counter(path_terms.split()))))
    db.execute("INSERT INTO document_terms VALUES (?, ?, ?)", (number, body.total(), counted))
    db.executemany(
        "INSERT INTO definition (document, passage, kind, name, symbol, start, stop) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (number, ids[d.passage], d.kind.value, d.name, d.symbol, d.start, d.end)
            for d in parsed.definitions
        ],
    )
    db.executemany(
        "INSERT INTO reference (passage, name, document, count) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [(ids[r.passage], r.name, number, r.count) for r in parsed.references],
    )
    db.executemany(
        "INSERT INTO import (document, module) VALUES (?, ?)",
        {(number, imported.module) for imported in parsed.imports},
    )
    db.executemany(
        "INSERT INTO fact VALUES (?, ?, ?, ?, ?)",
        [(number, f.subject, f.attribute, f.value, f.line) for f in parsed.facts],
    )
