"""Records as a person reads them. Values as the daemon's JSON, lines out."""

from __future__ import annotations

from typing import Any

from satchel.cli import record_lines

RECORD: dict[str, Any] = {
    "id": "dd043086d119",
    "kind": "decision",
    "text": "Use pnpm\nnot npm",
    "source": "CLAUDE.md:3",
    "sources": ["CLAUDE.md:3", "user"],
    "date": "2026-01-02",
    "workspace": "/w",
    "learned": "2026-01-03T10:00:00+00:00",
    "valid_from": "2026-01-02",
    "valid_to": None,
    "status": "active",
    "confidence": 0.7,
    "mined": True,
    "confirmed": False,
    "pinned": True,
    "globs": ["src/*"],
    "aliases": ["packages"],
    "status_reason": None,
}
CLASH = {
    "ids": ["aaaa1", "bbbb1"],
    "statements": ["use tabs\x1b[2J", "use spaces"],
    "dates": ["2026-01-02T10:00:00Z", "2026-03-04"],
    "sources": ["user", "CLAUDE.md:3"],
    "reason": "spaces, not tabs",
}


def kept(**more: Any) -> dict[str, Any]:
    return {"record": RECORD, "conflicts": [], "known": None, "guessed": None, **more}


def test_one_line_a_record_says_how_it_stands_and_where_it_is_from() -> None:
    head, line = record_lines.table([RECORD])
    assert head.split() == ["id", "kind", "stands", "since", "what", "it", "says", "from"]
    assert line == (
        "dd043086d119  decision  mined, pinned  2026-01-02  Use pnpm not npm  "
        "CLAUDE.md:3 and 1 more"
    )


def test_a_long_source_is_told_by_its_end() -> None:
    deep = (
        "/home/ada/.claude/projects/-home-ada-src-shop/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0.jsonl:3"
    )
    said = {**RECORD, "origin": "transcripts", "source": deep, "sources": [deep]}
    assert record_lines.table([said])[1].endswith("  what you said, …a5b6c7d8e9f0.jsonl:3")
    name = deep.rpartition("/")[2]
    assert record_lines.listed([said])[-1] == f"  from: what you said, …/{name}"
    assert deep in "".join(record_lines.whole(said))
    far = {**RECORD, "sources": ["docs/architecture/decisions/0007-sessions.md:12"]}
    assert record_lines.table([far])[1].endswith("  …cture/decisions/0007-sessions.md:12")


def test_a_list_shows_the_beginning_of_a_long_text_and_where_all_of_it_is() -> None:
    long = {**RECORD, "text": "ever so long " * 25_000}
    _, text, rest, _ = record_lines.listed([long])
    assert len(text) < 610
    assert text.startswith("  ever so long ever")
    assert rest == "  … `satchel records --history dd043086d119` shows all"
    assert len("".join(record_lines.whole(long))) > 300_000


def test_five_hundred_records_are_five_hundred_lines() -> None:
    many = [{**RECORD, "id": f"{n:012x}", "text": "long " * n} for n in range(500)]
    lines = record_lines.table(many)
    assert len(lines) == 501
    assert max(map(len, lines)) < 140
    assert record_lines.tally([*many, {**RECORD, "kind": "rule"}]) == (
        "501 records: 500 decisions, 1 rule"
    )


def test_a_hostile_record_stays_on_its_line() -> None:
    hostile = {**RECORD, "text": "a\n\x1b[2Jb\u202e", "sources": ["x\ny"], "aliases": ["\x07"]}
    for lines in (record_lines.table([hostile]), record_lines.whole(hostile)):
        assert not any(sign in "".join(lines) for sign in "\x1b\x07\u202e")
    assert len(record_lines.table([hostile])) == 2


def test_what_was_found_says_what_was_mined_and_what_it_replaced() -> None:
    before = [{"id": "x", "text": "Use npm", "date": "2025-01-01", "until": "2026-01-02"}]
    lines = record_lines.listed([{**RECORD, "before": before, "reason": "fits"}])
    assert lines == [
        "dd043086d119 decision 2026-01-02 mined, 70% sure pinned",
        "  Use pnpm",
        "  not npm",
        "  until 2026-01-02: Use npm",
        "  why: fits · from: CLAUDE.md:3",
    ]


def test_what_is_remembered_says_how_its_kind_was_told() -> None:
    [said] = record_lines.remembered(kept(guessed="never"), "/w")
    assert said.endswith("(holds in: /w); “never” told its kind, --kind overrules it.")
    [said] = record_lines.remembered(kept(guessed=""), "/w")
    assert said.endswith("; no word told its kind, --kind does.")


def test_what_was_known_says_from_where_and_whether_anything_changed() -> None:
    known = {**RECORD, "sources": ["CLAUDE.md:3"]}
    [said] = record_lines.remembered(kept(known=known), "/w")
    assert said == (
        "Known already: decision dd043086d119 (from CLAUDE.md:3, 2026-01-02), now also from you."
    )
    [said] = record_lines.remembered(kept(known=RECORD), "/w")
    assert said.endswith("; nothing changed.")
    [said] = record_lines.remembered(kept(known={**RECORD, "workspace": "everywhere"}), "/w")
    assert said.startswith("Known already: decision dd043086d119, which holds everywhere (from ")
    [said] = record_lines.remembered(kept(known={**RECORD, "status": "superseded"}), "/w")
    assert said.endswith(", now also from you; it holds again.")


def test_secrets_notes_and_what_was_replaced_are_told() -> None:
    old = {**RECORD, "id": "aaaa1", "text": "Use npm", "valid_to": "2026-02-03T00:00:00"}
    told = record_lines.remembered(
        kept(masked=2, notes=["** matches every file"], superseded=[old]), "/w"
    )
    assert told[1:] == [
        "Note: ** matches every file.",
        "2 secrets were masked before it was kept.",
        "It took the place of aaaa1, which held until 2026-02-03: Use npm",
    ]


def test_a_contradiction_shows_both_sides_and_how_to_settle_it() -> None:
    assert record_lines.disagreement(CLASH) == [
        "These contradict each other: spaces, not tabs",
        "  aaaa1  2026-01-02  use tabs",
        "  from: user",
        "  bbbb1  2026-03-04  use spaces",
        "  from: CLAUDE.md:3",
        "Which one holds?",
        "  satchel supersede aaaa1 bbbb1  “use spaces” holds",
        "  satchel supersede bbbb1 aaaa1  “use tabs” holds",
        "  satchel forget ID              one of them was never so",
    ]


def test_what_several_records_say_against_one_is_told_once_with_all_its_sources() -> None:
    second = {
        "ids": ["cccc1", "aaaa1"],
        "dates": ["2026-03-05", "2026-01-02"],
        "statements": ["spaces only", "use tabs"],
        "sources": ["AGENTS.md:9", "user"],
        "reason": "spaces, not tabs",
    }
    (once,) = record_lines.disagreements([CLASH, second])
    assert once[:5] == record_lines.disagreement(CLASH)[:5]
    assert once[5] == "The same against aaaa1: cccc1 (AGENTS.md:9)"
    assert once[6:] == record_lines.disagreement(CLASH)[5:]
    other = {**second, "reason": "two spaces, not four"}
    assert len(record_lines.disagreements([CLASH, other])) == 2


def test_a_history_marks_the_record_that_was_asked_for() -> None:
    old = {**RECORD, "id": "aaaa1", "text": "Use npm", "valid_to": "2026-02-03"}
    lines = record_lines.history({"before": [old], "record": RECORD, "after": []})
    assert lines[0] == "  aaaa1  2026-01-02 to 2026-02-03  Use npm"
    assert lines[1].startswith("→ dd043086d119  2026-01-02 to now")
    assert "  source   CLAUDE.md:3" in lines
    assert "           user" in lines


def test_an_import_says_what_changed() -> None:
    told = {"added": 0, "changed": 0, "unchanged": 2, "masked": 0, "trusted": True}
    assert record_lines.imported(told) == ["Nothing changed: all 2 records were here already."]
    strange = record_lines.imported({**told, "added": 1, "masked": 1, "trusted": False})
    assert strange[0] == "Imported: 1 new, 0 changed, 2 known already."
    assert strange[1] == "1 secret was masked before it was kept."
    assert "waits to be confirmed" in strange[2]
    empty = {**told, "unchanged": 0}
    assert record_lines.imported(empty) == ["Nothing changed: there is no record in it."]
    [said, left] = record_lines.imported({**empty, "elsewhere": 96})
    assert said == "Nothing changed."
    assert left.startswith("Left out: 96 records read in the files and commits of another folder")
