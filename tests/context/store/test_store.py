import dataclasses
import threading
from pathlib import Path

import apsw
import numpy as np
import pytest

from satchel.base.errors import Broken
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.terms import expand
from satchel.context.types import (
    Commit,
    Definition,
    Document,
    EntityKind,
    Fact,
    Import,
    Parsed,
    Passage,
    PassageKind,
    Record,
    RecordKind,
    Reference,
    Role,
    Stamp,
    Status,
)


def document(path: str, name: str, text: str, digest: str = "d") -> Document:
    passage = Passage(PassageKind.DEFINITION, name, name.rpartition(".")[2], 1, 3, text)
    definition = Definition(EntityKind.FUNCTION, passage.name, name, 1, 3, 0)
    return Document(
        path,
        Stamp(len(text), 1, 1, digest),
        Parsed(
            Role.SOURCE,
            "python",
            (passage,),
            (definition,),
            (Reference("helper", 0, 2),),
            (Import("shop.cart"),),
            (Fact("flask", "dependency", ">=3", 2),),
        ),
    )


def test_what_was_put_in_is_found_by_words_names_and_uses(index: IndexStore) -> None:
    others = [document(f"shop/other{n}.py", "other", "def other(): pass") for n in range(9)]
    item = document("shop/cart.py", "Cart.add_item", "def add_item(self): helper()")
    index.replace([item, *others])
    ((passage, _, score),) = index.search('"item"', 10, (4.0, 1.5, 1.0))
    assert score > 1.0  # 0 is what BM25 gives where the index keeps no positions
    assert index.passages([passage])[passage].symbol == "Cart.add_item"
    assert [d.symbol for d in index.defining("ADD_ITEM", 5)] == ["Cart.add_item"]
    assert ("flask", "dependency", ">=3", "shop/cart.py", 2) in index.facts()


def test_a_replaced_document_leaves_nothing_behind(index: IndexStore) -> None:
    index.replace([document("a.py", "old_name", "def old_name(): zebra")])
    index.replace([document("a.py", "new_name", "def new_name(): yak", "e")])
    assert index.search('"zebra"', 5, (1.0, 1.0, 1.0)) == []
    assert index.defining("old_name", 5) == []
    assert index.counts()["passage"] == 1
    index.replace([], ["a.py"])
    counts = index.counts()
    assert {counts[t] for t in ("document", "passage", "definition", "reference", "import")} == {0}


def test_the_graph_can_be_walked_with_plain_sql(index: IndexStore, tmp_path: Path) -> None:
    index.replace(
        [document("a.py", "helper", "def helper(): ..."), document("b.py", "use", "helper()")]
    )
    index.history.add([Commit("c" * 40, 5, "me", "subject", "", ("a.py", "b.py"))])
    rows = apsw.Connection(str(tmp_path / "index.db")).execute(
        "SELECT source, kind, target FROM relation"
    )
    relations = set(rows.fetchall())
    assert ("b.py", "references", "a.py#helper") in relations
    assert ("a.py", "defines", "a.py#helper") in relations
    assert ("a.py", "changed-with", "b.py") in relations


def test_history_is_searched_and_counted_together(index: IndexStore) -> None:
    index.history.add(
        [
            Commit("a" * 40, 10, "me", "Refresh session cookies", "", ("s.py", "t.py")),
            Commit("b" * 40, 20, "me", "Unrelated", "", ("u.py",)),
        ]
    )
    index.history.add([Commit("a" * 40, 10, "me", "Refresh session cookies", "", ("s.py",))])
    (revision,) = index.history.alike('"cooki"', 5)
    assert revision.paths == ("s.py", "t.py")
    assert index.history.changed_with("s.py", 5) == [("t.py", 1)]
    index.history.clear()
    assert index.history.alike('"cooki"', 5) == []


def test_what_changed_together_is_remembered_until_history_changes(index: IndexStore) -> None:
    index.history.add([Commit("a" * 40, 10, "me", "One", "", ("s.py", "t.py"))])
    assert index.changed_with(["s.py"])["s.py"] == [("t.py", 1)]
    index.history.add([Commit("b" * 40, 20, "me", "Two", "", ("s.py", "t.py"))])
    assert index.changed_with(["s.py"])["s.py"] == [("t.py", 2)]
    index.history.clear()
    assert index.changed_with(["s.py", "new.py"]) == {"s.py": [], "new.py": []}


def test_imports_are_asked_for_many_documents_at_once(index: IndexStore) -> None:
    index.replace([document(path, "f", "import a") for path in ("a.py", "b.py", "c.py")])
    a, b, c = (row.id for row in index.catalog().rows)
    index.link({(number, module): a for number, module, _ in index.imports([b, c])})
    assert index.importers([a, b]) == {a: [b, c], b: []}
    assert index.imported([b, a]) == {b: [a], a: []}


def test_vectors_join_and_go_with_their_passages(index: IndexStore) -> None:
    base = document("docs/a.md", "Intro", "words")
    assert base.parsed is not None
    prose = dataclasses.replace(base, parsed=dataclasses.replace(base.parsed, role=Role.PROSE))
    index.replace([prose])
    ((number, text),) = index.vectors.missing(5)
    assert text == "Intro\nwords"
    index.vectors.add([number, 999], np.ones((2, 4), dtype=np.float32))
    assert index.vectors.table().passages == (number,)
    index.replace([], ["docs/a.md"])
    assert index.vectors.table().passages == ()


def test_a_damaged_index_is_built_anew(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"this is no database, but it is long enough to look like one" * 100)
    assert IndexStore(path).counts()["document"] == 0


def test_readers_see_the_old_state_until_a_write_is_whole(index: IndexStore) -> None:
    index.replace([document("a.py", "one", "alpha")])
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(index.counts()["document"]))
    thread.start()
    thread.join()
    assert seen == [1]


RECORD = Record(
    id="r1",
    kind=RecordKind.DECISION,
    text="Sessions stay on the server; zanzibar",
    workspace="/w",
    sources=("user",),
    learned="2026-01-01T00:00:00+00:00",
    valid_from="2025-12-31T00:00:00+00:00",
    subject="sessions",
    globs=("src/**",),
    supersedes=("r0",),
    aliases=("the session thing",),
    pinned=True,
    status=Status.OPEN,
    confidence=0.5,
)


def test_a_record_comes_back_as_it_was(records: RecordStore) -> None:
    records.put(RECORD)
    assert records.get("r1") == RECORD
    assert [record for record, _ in records.search(["zanzibar"], 5)] == [RECORD]
    records.put(dataclasses.replace(RECORD, text="changed"))
    assert records.search(["zanzibar"], 5) == []
    assert len(records.all()) == 1


def test_rules_are_found_by_the_files_that_they_cite(records: RecordStore) -> None:
    rule = dataclasses.replace(RECORD, kind=RecordKind.RULE, anchors=("src/a.py", "Gate"))
    records.put(rule, dataclasses.replace(rule, id="r2", kind=RecordKind.DECISION))
    assert records.citing(["docs/a.md", "src/a.py"], 5) == [rule]
    records.put(dataclasses.replace(rule, anchors=()))
    assert records.citing(["src/a.py"], 5) == []


def test_records_are_found_by_the_files_that_their_scope_covers(records: RecordStore) -> None:
    records.put(RECORD)
    assert records.scoped(["docs/a.md", "src/a.py"], 5) == [RECORD]
    assert records.scoped(["docs/a.md"], 5) == []
    moved = dataclasses.replace(RECORD, globs=("docs/*.md",))
    records.put(moved)
    assert records.scoped(["docs/a.md"], 5) == [moved]
    assert records.scoped(["src/a.py"], 5) == []


@pytest.mark.parametrize(
    "text",
    [
        "parseHTTPRequest of snake_cased names",
        "12abc 3d 7 a1 _ __init__ don't\tstop; x" + "9" * 80,
        "naïve Größe _3d x2",
        "数据库连接 and databases",
    ],
)
def test_the_terms_of_a_text_are_those_of_its_words(index: IndexStore, text: str) -> None:
    whole = index.stem(expand(text))
    assert index.terms(text) == whole
    assert index.term_set(text) == frozenset(whole)


def test_what_was_read_of_records_is_remembered_until_they_change(records: RecordStore) -> None:
    records.put(RECORD)
    assert [records.until_changed("count", records.size) for _ in range(2)] == [1, 1]
    assert records.until_changed("count", lambda: 9) == 1
    assert records.pinned(5) == [RECORD]
    records.put(dataclasses.replace(RECORD, pinned=False))
    assert records.until_changed("count", lambda: 9) == 9
    assert records.pinned(5) == []


def test_vectors_of_records_come_and_go_with_them(records: RecordStore) -> None:
    other = dataclasses.replace(RECORD, id="r2", text="another")
    records.put(RECORD, other)
    records.vectors.add([1, 2], np.eye(2, dtype=np.float32))
    assert {name: list(v) for name, v in records.vectors.of(["r1", "r2", "r3"]).items()} == {
        "r1": [1.0, 0.0],
        "r2": [0.0, 1.0],
    }
    records.forget("r1")
    assert [list(v) for v in records.vectors.of(["r1", "r2"]).values()] == [[0.0, 1.0]]


def test_what_is_forgotten_is_in_no_file(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "records.db")
    store.put(RECORD)
    store.conversations.add("c1", "2026", "user", "about zanzibar")
    assert store.forget("r1")
    assert not store.forget("r1")
    assert store.conversations.forget() == 1
    store.close()
    for file in tmp_path.iterdir():
        assert b"zanzibar" not in file.read_bytes()


def test_a_damaged_record_file_is_left_and_named(tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(Broken, match="damaged"):
        RecordStore(path)
    assert path.read_bytes() == b"garbage " * 1000


def test_a_file_of_a_newer_satchel_is_refused(tmp_path: Path) -> None:
    RecordStore(tmp_path / "records.db").close()
    apsw.Connection(str(tmp_path / "records.db")).pragma("user_version", 99)
    with pytest.raises(Broken, match="newer"):
        RecordStore(tmp_path / "records.db")


def test_conversations_are_kept_in_order(records: RecordStore) -> None:
    records.conversations.add("c1", "t", "user", "hello")
    records.conversations.add("c1", "t", "assistant", "hi")
    assert records.conversations.last() == "c1"
    assert records.conversations.turns("c1") == [("user", "hello"), ("assistant", "hi")]
