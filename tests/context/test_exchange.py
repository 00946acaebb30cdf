"""Records as JSON Lines: what went out comes back; what a stranger wrote is held at a distance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import pytest

from satchel.base.errors import BadInput
from satchel.context.bundle import Bundle, lines, read
from satchel.context.exchange import merged, of_this_folder, placed
from satchel.context.mine.keep import record_id
from satchel.context.types import EVERYWHERE, Origin, Record, RecordKind, Status

NOW = "2026-11-22T10:00:00+00:00"
FULL = Record(
    id=record_id("/w", ("src/*",), "use pnpm\nalways"),
    kind=RecordKind.DECISION,
    text="use pnpm\nalways",
    workspace="/w",
    sources=("user", "docs/adr/7.md:3"),
    learned=NOW,
    valid_from="2026-01-02",
    valid_to="2026-05-06T07:08:09+02:00",
    subject="packages",
    attribute="manager",
    stance="pnpm",
    globs=("src/*",),
    supersedes=("abcd1234",),
    superseded_by="ffff0000",
    aliases=("the tool",),
    related=("abcd9999",),
    anchors=("package.json",),
    pinned=True,
    status=Status.SUPERSEDED,
    confidence=0.75,
    origin=Origin.DECISIONS,
    confirmed=True,
    reason="was replaced",
)
RULE = Record("beef0001", RecordKind.RULE, "never npm", "/w", ("user",), NOW, NOW)
WIDE = replace(RULE, id="beef0002", text="be kind", workspace=EVERYWHERE, pinned=True)


def seal(content: bytes) -> str:
    return hashlib.sha256(b"ours" + content).hexdigest()


def written(*records: Record) -> list[bytes]:
    return [line.encode() + b"\n" for line in lines(records, "/w", seal)]


def bundle(*records: Record) -> Bundle:
    return read(written(*records), seal, NOW)


def line_of(**fields: Any) -> bytes:
    return json.dumps({"kind": "note", "text": "x", **fields}).encode()


def file_of(*given: bytes, **header: Any) -> list[bytes]:
    return [json.dumps({"satchel": "records", "version": 1, **header}).encode(), *given]


def test_every_field_comes_back_as_it_went_out() -> None:
    back = bundle(FULL, RULE, WIDE)
    assert back.own
    assert back.records == (FULL, RULE, WIDE)
    assert placed(back, "/w", NOW, trusted=True) == [FULL, RULE, WIDE]


def test_a_record_of_the_greatest_length_goes_there_and_back() -> None:
    long = replace(RULE, text='\u2028😀\n"' * 250_000)
    [back] = bundle(long).records
    assert back.text == long.text.replace("\u2028", "")  # no line separator reaches a terminal


def test_a_change_of_one_character_breaks_the_seal() -> None:
    changed = [line.replace(b"never npm", b"always npm") for line in written(RULE)]
    assert not read(changed, seal, NOW).own
    assert not read(written(RULE), lambda content: "another's", NOW).own


def test_spaces_and_empty_lines_do_not_matter() -> None:
    spaced = [b"\n", *[line.replace(b"\n", b"  \r\n") for line in written(FULL, RULE)], b"\n"]
    assert read(spaced, seal, NOW).own


def test_another_workspace_gives_records_new_ids_and_links_follow() -> None:
    old = replace(RULE, id="beef0003", text="use npm", superseded_by=RULE.id)
    new = replace(RULE, supersedes=("beef0003", "abcd0000"))
    first, second, wide = placed(bundle(old, new, WIDE), "/elsewhere", NOW, trusted=True)
    assert first.id == record_id("/elsewhere", (), "use npm")
    assert (first.workspace, wide.workspace) == ("/elsewhere", EVERYWHERE)
    assert first.superseded_by == second.id
    assert second.supersedes == (first.id, "abcd0000")


def test_a_stranger_s_file_is_held_at_a_distance() -> None:
    ours, theirs, wide = placed(bundle(RULE, FULL, WIDE), "/w", NOW, trusted=False)
    assert (ours.status, ours.confirmed, ours.pinned) == (Status.UNCONFIRMED, False, False)
    assert ours.sources == ("imported: user",)
    assert ours.origin is Origin.AGENT
    assert ours.confidence == 0.5
    assert wide.workspace == "/w"
    assert theirs.status is Status.SUPERSEDED
    assert theirs.supersedes == ()  # what it names outside its own file is none of its business
    assert theirs.superseded_by is None


def test_a_stranger_cannot_take_the_place_of_a_record_by_its_id() -> None:
    forged = bundle(replace(RULE, text="always npm"))
    [coming] = placed(forged, "/w", NOW, trusted=False)
    assert coming.id != RULE.id
    put, told = merged([replace(coming, id=RULE.id)], {RULE.id: RULE}, trusted=False)
    assert put == []
    assert told.unchanged == 1


def test_the_same_file_twice_changes_nothing() -> None:
    coming = placed(bundle(FULL, RULE), "/w", NOW, trusted=True)
    put, told = merged(coming, {}, trusted=True)
    assert (told.added, told.changed, told.unchanged) == (2, 0, 0)
    put, told = merged(coming, {record.id: record for record in put}, trusted=True)
    assert put == []
    assert (told.added, told.changed, told.unchanged) == (0, 0, 2)


def test_what_stands_here_stays_and_only_gains_sources_and_names() -> None:
    here = replace(RULE, pinned=True, status=Status.OPEN)
    coming = replace(RULE, sources=("notes.md:1",), aliases=("npm",), status=Status.REJECTED)
    [new], _ = merged([coming], {RULE.id: here}, trusted=True)
    assert new == replace(here, sources=("user", "notes.md:1"), aliases=("npm",))


def test_the_user_s_confirmation_comes_with_their_own_file() -> None:
    here = replace(RULE, confirmed=False, status=Status.UNCONFIRMED, origin=Origin.AGENT)
    [new], _ = merged([RULE], {RULE.id: here}, trusted=True)
    assert (new.confirmed, new.status) == (True, Status.ACTIVE)


def test_a_successor_that_comes_back_is_linked_again() -> None:
    old = replace(RULE, status=Status.SUPERSEDED, valid_to=NOW)
    after = replace(FULL, id="beef0009", superseded_by=None, supersedes=(RULE.id,))
    put, told = merged([replace(old, superseded_by=after.id), after], {RULE.id: old}, trusted=True)
    assert (told.added, told.changed) == (1, 1)
    assert put[0].superseded_by == after.id


def test_secrets_are_masked_and_controls_dropped_on_the_way_in() -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1bC2"
    line = line_of(
        text=f"the token is {token}\x1b[2J\u202e",
        sources=["/etc/passwd\x1b]0;owned\x07"],
        aliases=[token],
    )
    got = read(file_of(line), seal, NOW)
    [record] = got.records
    assert token not in json.dumps([record.text, *record.aliases])
    assert got.masked == 2
    assert "\x1b" not in record.text + record.sources[0]
    assert "\u202e" not in record.text


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(b"{", "is not JSON from character 2 on", id="broken"),
        pytest.param(b"[" * 100_000, "is not JSON", id="deep"),
        pytest.param(b'{"kind":"note","text":"\xff"}', "is not UTF-8", id="not utf-8"),
        pytest.param(b"[]", "is not a JSON object", id="list"),
        pytest.param(line_of(text=""), "'text' is missing", id="no text"),
        pytest.param(line_of(text=7), "'text' must be a string", id="number"),
        pytest.param(line_of(text="x" * 1_000_001), "longer than 1,000,000", id="too long"),
        pytest.param(line_of(kind="wish"), "'kind' must be one of", id="kind"),
        pytest.param(line_of(kind=None), "'kind' must be one of", id="no kind"),
        pytest.param(line_of(kind=["x"]), "'kind' must be one of", id="kind of a kind"),
        pytest.param(line_of(status="done"), "'status' must be one of", id="status"),
        pytest.param(line_of(confirmed="yes"), "must be true or false", id="flag"),
        pytest.param(line_of(confidence=float("inf")), "between 0 and 1", id="infinite"),
        pytest.param(line_of(confidence=True), "must be a number", id="bool"),
        pytest.param(line_of(valid_from="soon"), "is no date", id="date"),
        pytest.param(line_of(sources="user"), "must be a list", id="no list"),
        pytest.param(line_of(aliases=["x"] * 1_001), "must be a list of at most", id="long list"),
        pytest.param(line_of(aliases=[1]), "must be a string", id="list of numbers"),
        pytest.param(line_of(id="../../x"), "is not 4 to 64 hexadecimal", id="id"),
        pytest.param(line_of(run="rm -rf /"), "there is no field 'run'", id="field"),
        pytest.param(b"x" * 8_000_001, "longer than 8,000,000 bytes", id="line"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(line: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        read(file_of(line_of(), line), seal, NOW)
    assert refused.value.message.startswith("line 3: ")
    assert refused.value.extra["line"] == 3


@pytest.mark.parametrize(
    "given",
    [
        [b'{"kind":"note","text":"x"}'],
        file_of(satchel="turns"),
        file_of(version=2),
        file_of(workspace=7),
        file_of(line_of(), records=2),
    ],
)
def test_a_file_without_a_sound_header_is_refused(given: list[bytes]) -> None:
    with pytest.raises(BadInput, match="line 1: "):
        read(given, seal, NOW)


def test_what_is_wrong_with_a_whole_file_is_told_as_such() -> None:
    with pytest.raises(BadInput, match="there is nothing to import"):
        read([b"\n", b" "], seal, NOW)
    with pytest.raises(BadInput, match="its version is not 1") as newer:
        read(file_of(version=2), seal, NOW)
    assert newer.value.next_step.startswith("upgrade Satchel")


def test_a_byte_order_mark_and_ends_of_lines_of_windows_change_nothing() -> None:
    first, *rest = written(RULE)
    marked = [b"\xef\xbb\xbf" + first, *(line.replace(b"\n", b"\r\n") for line in rest)]
    assert read(marked, seal, NOW) == bundle(RULE)


def test_one_id_twice_and_a_ring_of_successors_are_refused() -> None:
    with pytest.raises(BadInput, match="line 3: the id beef0001 stands on line 2 already"):
        read(file_of(line_of(id="beef0001"), line_of(id="beef0001", text="y")), seal, NOW)
    ring = [
        line_of(id="beef0001", superseded_by="beef0002"),
        line_of(id="beef0002", text="y", superseded_by="beef0001"),
    ]
    with pytest.raises(BadInput, match="a ring"):
        read(file_of(*ring), seal, NOW)


def test_a_chain_of_a_thousand_successors_is_read() -> None:
    chain = [
        line_of(id=f"{n:04x}", text=f"version {n}", superseded_by=f"{n + 1:04x}")
        for n in range(1_000)
    ]
    assert len(read(file_of(*chain), seal, NOW).records) == 1_000


def test_what_is_missing_gets_the_least_that_can_be_said() -> None:
    [record] = read(file_of(b'{"kind":"rule","text":"never npm"}'), seal, NOW).records
    assert (record.sources, record.learned, record.valid_from) == (("import",), NOW, NOW)
    assert (record.confirmed, record.origin) == (False, Origin.AGENT)


def mined(text: str, *sources: str, **fields: Any) -> Record:
    record = Record(record_id("/w", (), text), RecordKind.FACT, text, "/w", sources, NOW, NOW)
    return replace(record, **{"origin": Origin.RULES, "confirmed": False, **fields})


READ = mined("Use pnpm 9", "AGENTS.md:9")
COMMITTED = mined("Use axios", "commit 1a2b3c4d", origin=Origin.HISTORY)
HEARD = mined("Never on a Friday", "conversation 3", origin=Origin.CONVERSATIONS)
BACKED = mined("Use tabs", "AGENTS.md:12", confirmed=True)


def test_what_was_read_in_another_folder_s_files_is_left_out_and_counted() -> None:
    whole = bundle(RULE, READ, COMMITTED, HEARD, BACKED)

    kept, apart = of_this_folder(whole, "/other", lambda places: len(places & {"AGENTS.md"}))

    assert apart == 2
    assert kept.records == (RULE, HEARD, BACKED)


def test_a_folder_that_moved_is_known_by_its_files_and_commits() -> None:
    whole = bundle(RULE, READ, COMMITTED, mined("Use Go 1.27", "go.mod:3"))

    def here(places: AbstractSet[str]) -> int:
        assert places == {"AGENTS.md", "commit 1a2b3c4d", "go.mod"}
        return 2

    assert of_this_folder(whole, "/moved", here) == (whole, 0)
    assert of_this_folder(whole, "/w", lambda _: 0) == (whole, 0)
