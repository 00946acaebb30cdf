"""The counted words of a whole file."""

from __future__ import annotations

from pathlib import Path

import apsw
import numpy as np

from satchel.context.ingest.parse import parse
from satchel.context.retrieve import retrieve
from satchel.context.route import PLANS
from satchel.context.store.counts import MOST, counted, key_of, keys_of, packed, totals, unpacked
from satchel.context.store.index import IndexStore
from satchel.context.store.sqlite import script
from satchel.context.types import Document, IntentKind, Stamp
from satchel.context.understand import understand

SOURCE = '''"""Sessions."""


def open_session(user):
    """Open the session of a user."""
    return Session(user)
'''


def test_counts_come_back_by_term_and_field() -> None:
    counts = unpacked(9, packed({key_of("user"): 3}, {key_of("open"): 1}, {key_of("user"): 1}))
    assert counts.length == 9
    other = unpacked(4, packed({key_of("open"): 4}, {}, {}))
    found = counted([counts, other], keys_of(["user", "nowhere", "open"]))
    assert found.tolist() == [
        [[3, 0, 1], [0, 0, 0], [0, 1, 0]],
        [[0, 0, 0], [0, 0, 0], [4, 0, 0]],
    ]
    assert totals([counts, other], 0).tolist() == [3, 4]


def test_a_count_stops_where_a_byte_does() -> None:
    full = unpacked(1, packed({7: 10_000}, {}, {}))
    assert counted([full], np.array([7], np.uint32))[0, 0, 0] == MOST


def test_a_file_without_words_has_no_counts() -> None:
    empty, full = unpacked(0, packed({}, {}, {})), unpacked(1, packed({7: 1}, {}, {}))
    assert counted([empty], keys_of(["user"])).tolist() == [[[0, 0, 0]]]
    assert totals([full, empty], 0).tolist() == [1, 0]


def test_an_index_counts_a_file_by_its_stems_and_whole_identifiers(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index.db")
    document = Document("app/sessions.py", Stamp(1, 1, 1, "d"), parse("app/sessions.py", SOURCE))
    store.replace([document])
    (row,) = store.catalog().rows
    keys = keys_of(term for word in ("open_session", "user", "app") for term in store.stem(word))
    body, names, path = counted([store.counts_of([row.id])[row.id]], keys)[0].T.tolist()
    assert body == [1, 3, 0]
    assert names == [1, 0, 0]
    assert path == [0, 0, 1]
    store.replace((), ["app/sessions.py"])
    assert store.counts_of([row.id]) == {}
    store.close()


def test_a_request_without_a_word_to_look_for_finds_nothing(tmp_path: Path) -> None:
    store = IndexStore(tmp_path / "index.db")
    store.replace([Document("a.py", Stamp(1, 1, 1, "d"), parse("a.py", SOURCE))])
    for text in ("thanks!", "?", ""):
        evidence = retrieve(understand(text), PLANS[IntentKind.CHANGE], store, None)
        assert not any(evidence.rankings.values())
    store.close()


def test_an_index_of_the_first_schema_is_emptied_so_that_it_is_read_anew(tmp_path: Path) -> None:
    old = apsw.Connection(str(tmp_path / "index.db"))
    old.execute(script("index.sql")).fetchall()
    old.execute("INSERT INTO document VALUES (1, 'a.py', 'source', NULL, 1, 1, 1, 'd', NULL, 0)")
    old.execute("INSERT INTO meta VALUES ('head', 'abc')")
    old.pragma("user_version", 1)
    old.close()
    store = IndexStore(tmp_path / "index.db")
    assert store.stamps() == {}
    assert store.meta("head") is None
    store.close()
