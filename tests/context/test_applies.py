"""Which records apply: by scope, name, words and meaning; what holds in place of an old one."""

from __future__ import annotations

from dataclasses import replace

from satchel.context.applies import choose, heeded, judge, pinned, with_related
from satchel.context.conflict import ask
from satchel.context.ground import Known, Wanted
from satchel.context.handles import words
from satchel.context.types import Origin, Record, RecordKind, Status


def record(text: str = "Sessions stay on the server", **changes: object) -> Record:
    values: dict[str, object] = {
        "id": "r1",
        "kind": RecordKind.DECISION,
        "text": text,
        "workspace": "/w",
        "sources": ("user",),
        "learned": "2026-01-01",
        "valid_from": "2026-01-01",
    }
    return Record(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


RARITY = {"session": 4.0, "jwt": 5.0, "switch": 2.0, "store": 3.0}


def wanted(text: str = "switch the session store to jwt", *files: str) -> Wanted:
    return Wanted(ask(text), words(text), RARITY, {}, files)


def known(record: Record, *terms: str, cosine: float | None = None) -> Known:
    return Known(record, frozenset(terms), cosine)


def chosen(*entries: Known, by: Wanted | None = None) -> list[str]:
    return [one.record.id for one in choose(judge(entries, by or wanted()), 5)[0]]


def test_a_record_applies_by_its_words() -> None:
    entry = known(record(), "session", "jwt", "store", "server")
    (found,), _ = choose(judge([entry], wanted()), 5)
    assert "session" in found.reason


def test_a_record_applies_by_its_meaning() -> None:
    assert chosen(known(record(), "login", cosine=0.8)) == ["r1"]
    assert chosen(known(record(), "login", cosine=0.3)) == []


def test_the_reason_shows_a_word_as_it_is_spelled() -> None:
    entry = known(record("MobX keeps the state"), "mobx", "mob", "state")
    asked = replace(
        wanted("the state of MobX"),
        rarity={"mobx": 5.0, "mob": 5.0, "state": 3.0},
        written={"mobx": "MobX"},
    )
    assert judge([entry], asked)[0].reason == "shares MobX, state with the request"


def test_the_verb_of_a_request_is_no_common_ground() -> None:
    entry = known(record("Drop the extra", origin=Origin.HISTORY), "drop", "support", "extra")
    asked = replace(
        wanted("drop support for ruby 3.0"), rarity={"drop": 6.0, "support": 4.0, "ruby": 5.0}
    )
    assert chosen(entry, by=asked) == ["r1"]
    assert chosen(entry, by=replace(asked, verb="drop")) == []


def test_one_shared_word_is_not_enough() -> None:
    assert chosen(known(record(), "switch", "button", "colour", "theme")) == []
    assert chosen(known(record(), "session")) == []


def test_the_heading_that_many_rules_share_is_not_enough() -> None:
    terms = ("session", "jwt", "store", "short")
    rule = record("Session store with JWT: keep it short.", origin=Origin.RULES)
    assert chosen(known(rule, *terms)) == []
    assert chosen(known(replace(rule, text="Sessions: the store takes a JWT."), *terms)) == ["r1"]
    assert chosen(known(replace(rule, origin=Origin.USER), *terms)) == ["r1"]


def test_a_rule_applies_by_its_scope_and_nowhere_else() -> None:
    rule = known(record(kind=RecordKind.RULE, globs=("src/*.py",)), "style")
    assert chosen(rule, by=wanted("tidy up", "src/a.py")) == ["r1"]
    assert chosen(rule, by=wanted("tidy up", "docs/a.md")) == []


def test_a_question_that_changes_nothing_needs_more_than_the_scope_of_a_rule() -> None:
    rule = known(record(kind=RecordKind.RULE, globs=("src/*.py",)), "style")
    about = known(record(kind=RecordKind.RULE, globs=("src/*.py",)), "session", "jwt", "store")
    asked = replace(wanted("where is the session store kept?", "src/a.py"), by_scope=False)
    assert chosen(rule, by=asked) == []
    assert chosen(about, by=asked) == ["r1"]
    elsewhere = replace(asked, files=("docs/a.md",))
    assert chosen(about, by=elsewhere) == []


def test_of_a_file_of_rules_a_language_brings_only_the_nearest() -> None:
    def rule(name: str, glob: str, *terms: str, origin: Origin = Origin.RULES) -> Known:
        source = f"RULES.md:{name}"
        one = record(id=name, kind=RecordKind.RULE, globs=(glob,), origin=origin, sources=(source,))
        return known(one, "style", *terms)

    far = [rule(f"f{n}", "*.py") for n in range(4)]
    near = rule("near", "*.py", "session", "store")
    narrow = [rule(f"n{n}", "src/*.py") for n in range(3)]
    said = [rule(f"u{n}", "*.py", origin=Origin.USER) for n in range(3)]
    asked = wanted("tidy up the session", "src/a.py")
    assert chosen(*far, near, by=asked) == ["near", "f0"]
    assert len(chosen(*narrow, by=asked)) == len(chosen(*said, by=asked)) == 3
    words = rule("w", "*.py", "session", "jwt", "store")
    nearer = [rule(f"b{n}", "*.py", "session", "jwt", "store", "switch") for n in range(2)]
    assert set(chosen(*nearer, words, *far, by=asked)) == {"b0", "b1", "w"}


def test_two_that_apply_come_before_ten_that_share_words() -> None:
    rules = [
        known(record(id=f"s{n}", kind=RecordKind.RULE, globs=("src/*",)), "style") for n in "12"
    ]
    alike = [known(record(id=f"w{n}"), "session", "jwt", "switch", "store") for n in range(10)]
    named = known(record(id="n", aliases=("session store",)), "cookie")
    found, left = choose(judge([*alike, *rules, named], wanted("the session store", "src/a.py")), 3)
    assert {one.record.id for one in found} == {"s1", "s2", "n"}
    assert any("others apply more" in why for why in left)


def test_a_record_is_found_by_any_of_its_names_and_with_a_slip_of_the_pen() -> None:
    entry = known(record(aliases=("Kubernetes", "k8s")))
    for text in ("my k8s story", "deploy to KUBERNETES", "kuberentes pods", "kubernets pods"):
        assert chosen(entry, by=wanted(text)) == ["r1"], text
    for text in ("k9s pods", "communities", "cube"):
        assert chosen(entry, by=wanted(text)) == [], text


def test_a_subject_that_was_read_out_of_a_text_is_no_name() -> None:
    mined = record(subject="store", origin=Origin.HISTORY, confirmed=False)
    assert chosen(known(mined)) == []
    assert chosen(known(record(subject="store"))) == ["r1"]


def test_what_was_superseded_leads_to_what_holds_now() -> None:
    old = known(
        record(id="old", aliases=("TSLint",), status=Status.SUPERSEDED, superseded_by="mid")
    )
    mid = known(record(id="mid", status=Status.SUPERSEDED, superseded_by="new"))
    new = known(record("Biome lints", id="new"))
    (found,), _ = choose(judge([old, mid, new], wanted("TSLint setup")), 5)
    assert found.record.id == "new"
    assert [one.id for one in found.before] == ["old"]


def test_links_that_form_a_ring_lead_nowhere() -> None:
    one = known(record(id="a", aliases=("x1",), status=Status.SUPERSEDED, superseded_by="b"))
    two = known(record(id="b", status=Status.SUPERSEDED, superseded_by="a"))
    assert chosen(one, two, by=wanted("about x1")) == []


def test_what_is_stale_is_left_out_and_says_why() -> None:
    gone = record(aliases=("jwt",), status=Status.STALE, reason="cites `f`, which is gone")
    found, left = choose(judge([known(gone)], wanted()), 5)
    assert not found
    assert "cites `f`, which is gone" in left[0]


def test_what_the_request_contradicts_comes_first() -> None:
    entries = [known(record(id="w"), "session", "jwt", "switch"), known(record(id="c"))]
    found, _ = choose(judge(entries, wanted(), {"c": "jwt was ruled out"}), 5)
    assert [one.record.id for one in found] == ["c", "w"]
    assert "contradicts" in found[0].reason


def test_pinned_records_join_unless_they_hold_no_more() -> None:
    old = known(record(status=Status.SUPERSEDED, pinned=True))
    kept = known(record(id="r2", pinned=True), "tabs")
    assert [c.record.id for c in pinned([old, kept], [])] == ["r2"]


def test_a_record_brings_the_ones_it_is_about() -> None:
    about = record("auth depends on redis", id="rel", aliases=("auth",), related=("redis", "old"))
    others = {
        "redis": record("Redis caches", id="redis"),
        "old": record(id="old", status=Status.SUPERSEDED),
    }
    found, _ = choose(judge([known(about)], wanted("auth fails")), 5)
    assert [one.record.id for one in with_related(found, others, 5)] == ["rel", "redis"]


def test_each_rules_file_speaks_once_before_any_speaks_again() -> None:
    rules = [
        known(
            record(
                id=f"{file}{n}", kind=RecordKind.RULE, globs=("src/*",), sources=(f"{file}:{n}",)
            ),
            "style",
        )
        for file in ("a.md", "b.md", "c.md")
        for n in range(1, 4)
    ]
    found, _ = choose(judge(rules, wanted("tidy up", "src/a.py")), 4)
    assert {one.record.source.split(":")[0] for one in found[:3]} == {"a.md", "b.md", "c.md"}


def test_a_scope_that_covers_most_of_the_workspace_says_nothing() -> None:
    rule = known(record(kind=RecordKind.RULE, globs=("**/*.py",)), "style")
    asked = replace(wanted("tidy up", "src/a.py"), wide=frozenset({("**/*.py",)}))
    assert chosen(rule, by=asked) == []
    assert chosen(rule, by=wanted("tidy up", "src/a.py")) == ["r1"]


def test_a_rule_about_a_language_leaves_files_in_another_alone() -> None:
    rule = known(
        record("In Python, name session stores after what they keep", kind=RecordKind.RULE),
        *("session", "store", "jwt", "switch"),
    )
    assert chosen(rule, by=wanted("switch the session store to jwt", "src/store.py")) == ["r1"]
    assert chosen(rule, by=wanted("switch the session store to jwt", "web/store.ts")) == []
    assert chosen(rule) == ["r1"]


def alone(text: str, records: int, proposes: bool = True) -> Wanted:
    rarity = {"cursor": 6.0, "move": 3.0, "table": 6.0, "name": 3.0, "redux": 6.0}
    return replace(wanted(text), rarity=rarity, alone=records, proposes=proposes)


def test_common_words_alone_weigh_less_the_more_records_there_are() -> None:
    entry = known(record(), "table", "name", "snake", "case", "plural", "always")
    text = "print the name of the table"
    scores = [judge([entry], alone(text, count))[0].score for count in (0, 20, 100, 1_000)]
    assert scores[0] == scores[1] > scores[2] > scores[3]
    rare = known(record(), "redux", "name", "snake", "case", "plural", "always")
    assert judge([rare], alone(text, 1_000))[0].score == judge([rare], alone(text, 0))[0].score


def test_the_name_of_a_language_is_no_common_ground() -> None:
    entry = known(record(), "python", "add", "tox", "switch")
    by = replace(wanted("add two values in python"), rarity={"python": 6.0, "add": 2.0})
    (found,) = judge([entry], by)
    assert "python" not in found.reason
    assert found.score == 0.0


def test_a_question_that_no_file_answers_contradicts_little() -> None:
    said = "List endpoints use cursor pagination with a maximum page size of 100."
    terms = ("list", "endpoint", "use", "cursor", "pagin", "maximum", "page", "size", "100")
    entry = known(record(said), *terms)
    opposed = {"r1": "cursor is in use"}
    text = "how to print without moving the cursor"
    assert heeded(opposed, [entry], alone(text, 0, proposes=False)) == opposed
    assert heeded(opposed, [entry], alone(text, 60, proposes=True)) == opposed
    assert heeded(opposed, [entry], alone(text, 60, proposes=False)) == {}


def test_a_language_that_is_only_named_is_not_taken_up() -> None:
    entry = known(record("Scripting is in Lua, not in Python."), "script", "lua", "python", "game")
    opposed = {"r1": "python was ruled out"}
    by = replace(alone("check the file size in python", 60), rarity={"python": 6.0, "size": 3.0})
    assert heeded(opposed, [entry], by) == {}
    by = replace(by, rarity={"python": 6.0, "script": 6.0})
    assert heeded(opposed, [entry], by) == opposed


def test_a_rule_applies_that_names_a_file_which_the_request_touches() -> None:
    path = "server/api/acl.go"
    rule = record("Add public endpoints to `acl.go`.", kind=RecordKind.RULE, anchors=(path,))
    asked = wanted("a page for guests", "server/api/user.go", path)
    (found,), _ = choose(judge([known(rule)], asked), 5)
    assert found.reason == f"names {path}"
    for other in (
        replace(rule, text="Add public endpoints to the `acl`."),
        replace(rule, anchors=("client/acl.go",)),
        replace(rule, kind=RecordKind.DECISION),
    ):
        assert chosen(known(other), by=asked) == []
    assert chosen(known(rule), by=wanted("a page for guests", "a", "b", "c", path)) == []


def test_of_general_knowledge_no_rule_is_told_for_its_words() -> None:
    rule = known(record(kind=RecordKind.RULE), "session", "jwt", "store")
    asked = replace(wanted("what is the difference between a session and a JWT?"), is_general=True)
    assert chosen(rule, by=asked) == []
    assert chosen(rule, by=replace(asked, is_general=False)) == ["r1"]
    assert chosen(known(replace(rule.record, aliases=("JWT",))), by=asked) == ["r1"]
    assert chosen(replace(rule, record=record()), by=asked) == ["r1"]
