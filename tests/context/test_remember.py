"""What is decided when something is said: kinds, scopes, dates, ids, and what replaces what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from satchel.base.errors import BadInput
from satchel.context.kinds import guess_kind, undecided
from satchel.context.remember import (
    Saying,
    chosen,
    confirmed,
    held,
    history,
    is_id,
    moment,
    opposes,
    scope,
    stated,
    succeeded,
)
from satchel.context.types import EVERYWHERE, Record, RecordKind, Status

NOW = "2026-11-22T10:00:00+00:00"
A = Record(
    "aaaa1", RecordKind.DECISION, "use npm", "/w", ("user",), NOW, "2026-01-01T00:00:00+00:00"
)
B = replace(A, id="bbbb1", text="use pnpm", valid_from="2026-03-01T00:00:00+00:00")
C = replace(A, id="cccc1", text="use Bun", valid_from="2026-05-01T00:00:00+00:00")


def lookup(*records: Record):  # type: ignore[no-untyped-def] # a dictionary's own get
    return {record.id: record for record in records}.get


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("Handlers must not touch the database", RecordKind.RULE, "must"),
        ("Never commit to main", RecordKind.RULE, "never"),
        ("I prefer tabs", RecordKind.PREFERENCE, "prefer"),
        ("We decided that every price must be in cents", RecordKind.DECISION, "decided"),
        ("Use pnpm instead of npm", RecordKind.DECISION, "use"),
        ("JWT was ruled out", RecordKind.DECISION, "ruled out"),
        ("The client is called Ada", RecordKind.NOTE, ""),
        ("preferential treatment", RecordKind.NOTE, ""),
        ("Wir haben entschieden, nie wieder MySQL zu nutzen", RecordKind.DECISION, "entschieden"),
        ("Wir verwenden pnpm statt npm", RecordKind.DECISION, "wir verwenden"),
        ("Ab jetzt immer die Tests laufen lassen", RecordKind.RULE, "ab jetzt"),
        ("Bitte niemals auf main pushen", RecordKind.RULE, "niemals"),
        ("Preise dürfen im Code nicht als float stehen", RecordKind.RULE, "dürfen im code nicht"),
        ("Ich bevorzuge kurze Funktionen", RecordKind.PREFERENCE, "bevorzuge"),
        ("Ich schreibe Tests lieber in pytest", RecordKind.PREFERENCE, "ich schreibe tests lieber"),
        ("Das Treffen findet am Montag statt", RecordKind.NOTE, ""),
        ("Der Server läuft immer noch", RecordKind.NOTE, ""),
        ("Keine Ahnung, wem das gehört", RecordKind.NOTE, ""),
    ],
)
def test_a_kind_is_told_from_the_word_that_stands_first(
    text: str, kind: RecordKind, word: str
) -> None:
    assert guess_kind(text) == (kind, word)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We might switch to Bun, not decided yet", RecordKind.DECISION),
        ("maybe we should use Kafka", RecordKind.DECISION),
        ("I'm not sure whether we should go with Redis", RecordKind.DECISION),
        ("Should we use Redis or Kafka for the queue?", RecordKind.DECISION),
        ("Use Kafka or RabbitMQ: we haven't decided", RecordKind.DECISION),
        ("Perhaps we must never log bodies", RecordKind.RULE),
        ("I'm not sure whether Ada is the owner", RecordKind.NOTE),
        ("Sollen wir zu Bun wechseln?", RecordKind.DECISION),
        ("Vielleicht sollten wir Kafka nutzen", RecordKind.DECISION),
        ("Ob wir Kafka nutzen, ist noch nicht entschieden", RecordKind.DECISION),
    ],
)
def test_what_is_only_weighed_is_kept_as_open_and_says_so(text: str, kind: RecordKind) -> None:
    read = stated(Saying(text))
    assert (read.kind, read.is_open) == (kind, True)
    assert "kept as open" in read.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "Never log tokens, they might leak",
        "We decided to use npm, because Bun might change its API",
        "You must not use GPL code; we could be sued",
        "Maybe is no answer. We never use it.",
        "We could not use Kafka, so we use Redis",
        "Perhaps surprisingly, we decided to stay with npm",
        "Do we use npm? Yes, always",
        "It might rain tomorrow",
    ],
)
def test_what_says_that_something_is_so_is_not_open(text: str) -> None:
    assert not undecided(text)
    assert not stated(Saying(text)).is_open


@pytest.mark.parametrize(
    "text",
    [
        "please don't touch setup.py in this change",
        "Don't add comments to this function",
        "Never use print in this file",
        "Use SQLite for now",
        "Bitte in dieser Datei niemals print verwenden",
    ],
)
def test_what_is_said_for_once_is_a_note_that_opposes_nothing(text: str) -> None:
    read = stated(Saying(text))
    assert read.kind is RecordKind.NOTE
    assert "opposes nothing" in read.notes[0]
    assert not opposes(replace(A, kind=read.kind, text=text))
    assert stated(Saying(text, kind="rule")).kind is RecordKind.RULE


def test_what_holds_beyond_the_moment_as_well_keeps_its_kind() -> None:
    read = stated(Saying("Never push to main. In this change, don't touch setup.py."))
    assert (read.kind, read.notes) == (RecordKind.RULE, ())


def test_a_kind_that_is_named_is_not_guessed() -> None:
    read = stated(Saying("Never say never", kind="fact"))
    assert (read.kind, read.guessed) == (RecordKind.FACT, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("src/api/*", "./docs/"), ("src/api/*", "docs/")),
        (("src/*", "!src/old/*"), ("src/*", "!src/old/*")),
        ((), ()),
    ],
)
def test_globs_are_kept_as_seen_from_the_top(given: Sequence[str], kept: tuple[str, ...]) -> None:
    assert scope(given) == (kept, ())


@pytest.mark.parametrize("glob", ["*", "**", "**/*", "./**", "*.*"])
def test_a_glob_that_matches_everything_is_none_and_says_so(glob: str) -> None:
    globs, notes = scope(["src/*", glob])
    assert globs == ()
    assert "matches every file" in notes[0]


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        ("", "is empty"),
        ("/etc/*", "is absolute"),
        ("~/x", "is absolute"),
        ("../x", "leads out"),
        ("x" * 201, "longer than"),
        ("!src/*", "leave none in"),
    ],
)
def test_a_glob_that_can_match_nothing_is_refused(glob: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        scope([glob])


def test_a_bare_day_means_its_start_or_its_end() -> None:
    assert moment("2026-03-31").isoformat() == "2026-03-31T00:00:00+00:00"
    assert moment("2026-03-31", end=True).isoformat() == "2026-03-31T23:59:59.999999+00:00"
    assert moment("2026-03-31T18:00:00+02:00").isoformat() == "2026-03-31T16:00:00+00:00"


@pytest.mark.parametrize(
    "given", ["", "yesterday", "2026-13-01", "31.3.2026", "9999-12-31T23:00-23:00"]
)
def test_what_is_no_date_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="is no date"):
        moment(given)


def test_a_record_holds_from_its_beginning_until_just_before_its_end() -> None:
    record = replace(A, valid_from="2026-01-02", valid_to="2026-02-03T12:00:00+00:00")
    assert not held(record, moment("2026-01-01", end=True))
    assert held(record, moment("2026-01-02", end=True))
    assert held(record, moment("2026-02-02", end=True))
    assert not held(record, moment("2026-02-03T12:00:00+00:00"))


def test_a_successor_ends_what_it_replaces_when_it_began() -> None:
    old, new = succeeded(A, B, lookup(A, B), NOW)
    assert (old.status, old.superseded_by, old.valid_to) == (
        Status.SUPERSEDED,
        "bbbb1",
        B.valid_from,
    )
    assert new.supersedes == ("aaaa1",)


def test_a_successor_that_held_longer_ends_what_it_replaces_now() -> None:
    old, _ = succeeded(B, A, lookup(A, B), NOW)
    assert old.valid_to == NOW


def test_a_clock_that_jumped_back_never_ends_a_record_before_it_began() -> None:
    old, _ = succeeded(B, A, lookup(A, B), "2020-01-01T00:00:00+00:00")
    assert old.valid_to == B.valid_from


def test_to_supersede_twice_changes_nothing_more() -> None:
    old, new = succeeded(A, B, lookup(A, B), NOW)
    assert succeeded(old, new, lookup(old, new), "2027-01-01T00:00:00+00:00") == (old, new)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(A, A, "supersedes-itself", id="itself"),
        pytest.param(replace(A, superseded_by="cccc1"), B, "superseded-already", id="another's"),
        pytest.param(A, replace(B, superseded_by="aaaa1"), "ring", id="ring of two"),
        pytest.param(A, replace(B, superseded_by="cccc1"), "ring", id="ring of three"),
        pytest.param(replace(A, workspace=EVERYWHERE), B, "wider-than-successor", id="narrower"),
    ],
)
def test_what_cannot_take_a_place_is_refused(old: Record, new: Record, code: str) -> None:
    third = replace(C, superseded_by="aaaa1") if code == "ring" else C
    with pytest.raises(BadInput) as refused:
        succeeded(old, new, lookup(old, new, third), NOW)
    assert refused.value.code == code


def test_a_history_goes_both_ways_and_ends_though_links_close_a_ring() -> None:
    a = replace(A, superseded_by="bbbb1", supersedes=("cccc1",))
    b = replace(B, supersedes=("aaaa1", "gone1"), superseded_by="cccc1")
    c = replace(C, supersedes=("bbbb1",), superseded_by="aaaa1")
    told = history(b, lookup(a, b, c))
    assert [record.id for record in told.before] == ["aaaa1", "cccc1"]
    assert [record.id for record in told.after] == ["cccc1", "aaaa1"]


def test_what_the_user_confirms_holds_again_unless_something_took_its_place() -> None:
    gone = replace(
        A,
        status=Status.SUPERSEDED,
        valid_to=NOW,
        confirmed=False,
        confidence=0.6,
        reason="is no longer in CLAUDE.md",
    )
    kept = confirmed(gone, lookup(gone))
    assert (kept.status, kept.valid_to, kept.confidence) == (Status.ACTIVE, None, 1.0)
    with pytest.raises(BadInput, match="was superseded by bbbb1"):
        confirmed(replace(A, superseded_by="bbbb1"), lookup(A, B))
    rejected = confirmed(replace(A, status=Status.REJECTED, confirmed=False), lookup(A))
    assert (rejected.status, rejected.confirmed) == (Status.REJECTED, True)


def test_an_id_is_told_by_any_beginning_that_is_unique() -> None:
    found = {"aaaa1": A, "aaaa2": B}
    assert chosen("aaaa1", found) is A
    assert chosen(" AAAA ", {"aaaa1": A}) is A
    with pytest.raises(BadInput, match="2 ids begin with 'aaaa': aaaa1, aaaa2") as many:
        chosen("aaaa", found)
    assert many.value.extra["ids"] == ["aaaa1", "aaaa2"]
    with pytest.raises(BadInput, match="no record"):
        chosen("aaaa", {})
    with pytest.raises(BadInput, match="no record") as short:
        chosen("aa", {})
    assert "4 characters" in short.value.next_step


@pytest.mark.parametrize(
    ("text", "is_one"), [("3f2a", True), ("facade", False), ("3f2", False), ("use 3f2a", False)]
)
def test_a_text_is_an_id_only_where_it_can_be_nothing_else(text: str, is_one: bool) -> None:
    assert is_id(text) is is_one


def test_what_could_steer_a_terminal_is_not_kept() -> None:
    assert stated(Saying("use \x1b[31mtabs\u202e")).text == "use tabs"


@pytest.mark.parametrize(
    ("saying", "code"),
    [
        (Saying("x", subject="s" * 201), "bad-name"),
        (Saying("x", aliases=("\x1b",)), "bad-name"),
        (Saying("x", aliases=("a",) * 101), "too-many-names"),
        (Saying("x", globs=("a",) * 101), "too-many-names"),
        (Saying("x", since="soon"), "bad-date"),
        (Saying("\x00"), "empty-record"),
    ],
)
def test_what_cannot_be_kept_is_refused(saying: Saying, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        stated(saying)
    assert refused.value.code == code


def test_what_no_briefing_shows_whole_says_what_is_kept_of_it() -> None:
    [note] = stated(Saying("lorem ipsum " * 25_000)).notes
    assert note.startswith("all 299,999 characters from “lorem ipsum lorem")
    assert note.endswith("; a briefing shows only the first lines")
    assert (
        stated(Saying("Sessions stay on the server, since a token cannot be revoked")).notes == ()
    )
