"""Within a session nothing is handed over twice, unless it changed."""

from __future__ import annotations

from dataclasses import replace

from satchel.context.page import conflict_line, file_line, record_line
from satchel.context.seen import REPEATED, hand_over, items, rewritten, within, without
from satchel.context.types import (
    ChosenRecord,
    Conflict,
    Intent,
    IntentKind,
    Packet,
    Place,
    RankedFile,
    RankedTest,
    Record,
    RecordKind,
)

DAY = "2026-11-02T10:00:00+00:00"
RULE = ChosenRecord(
    Record("r1", RecordKind.RULE, "Prices are whole cents.", "/w", ("user",), DAY, DAY),
    "it is about prices",
    1.0,
)
CONFLICT = Conflict(
    ("r2", "request"), ("Use tabs.", "Use spaces."), (DAY, DAY), ("user", "request"), "they differ"
)
CART = RankedFile("cart.py", (Place(1, 9, "add"), Place(20, 29, "total")), "has add", 1.0, True)
README = RankedFile("README", (), "is named", 0.9, True)
TEST = RankedTest("test_cart.py", "covers cart.py")


def packet(
    *files: RankedFile,
    records: tuple[ChosenRecord, ...] = (),
    conflicts: tuple[Conflict, ...] = (),
    tests: tuple[RankedTest, ...] = (),
    budget: int = 1200,
) -> Packet:
    empty = Packet(
        "change it",
        "/w",
        Intent(IntentKind.CHANGE, 1.0),
        files,
        (),
        tests,
        records,
        conflicts,
        "",
        0,
        budget,
        None,
        False,
        {},
    )
    return rewritten(empty, budget)


WHOLE = packet(CART, README, records=(RULE,), conflicts=(CONFLICT,), tests=(TEST,))


def lines(path: str, place: Place) -> str:
    return f"{path} as it was"


def test_a_packet_of_which_nothing_was_seen_stays_as_it_is() -> None:
    assert without(WHOLE, {}, lines) is WHOLE
    handed = hand_over(WHOLE, {}, lines, 9_000)
    assert (handed.markdown, handed.why) == (WHOLE.markdown, None)
    for line in (file_line(CART), record_line(RULE), conflict_line(CONFLICT)):
        assert line in handed.markdown


def test_what_was_handed_over_is_not_repeated() -> None:
    again = hand_over(WHOLE, items(WHOLE, lines), lines)
    assert (again.markdown, again.why, dict(again.items)) == ("", REPEATED, {})


def test_what_is_new_comes_without_what_was_seen() -> None:
    seen = items(packet(CART, tests=(TEST,)), lines)
    handed = hand_over(WHOLE, seen, lines)
    assert "cart.py" not in handed.markdown
    assert "README" in handed.markdown
    assert RULE.record.text in handed.markdown
    assert set(handed.items) == set(items(WHOLE, lines)) - set(seen)


def test_another_place_of_the_same_file_comes_alone() -> None:
    seen = items(packet(replace(CART, places=CART.places[:1])), lines)
    [file] = without(packet(CART), seen, lines).files
    assert file.places == CART.places[1:]


def test_a_place_that_changed_comes_again() -> None:
    seen = items(WHOLE, lines)

    def now(path: str, place: Place) -> str:
        return "other lines" if place.name == "total" else lines(path, place)

    changed = without(WHOLE, seen, now)
    assert [(file.path, file.places) for file in changed.files] == [("cart.py", CART.places[1:])]
    assert (changed.records, changed.conflicts) == ((), ())


def test_a_place_that_moved_comes_again() -> None:
    moved = replace(CART, places=(Place(3, 11, "add"),))
    assert "3-11" in without(packet(moved), items(WHOLE, lines), lines).markdown


def test_a_record_that_changed_comes_again() -> None:
    newer = replace(RULE, record=replace(RULE.record, text="Prices are tenths of cents."))
    handed = hand_over(packet(records=(newer,)), items(WHOLE, lines), lines)
    assert "tenths" in handed.markdown


def test_another_reason_alone_is_no_change() -> None:
    other = replace(RULE, reason="it is pinned", score=0.3)
    assert not hand_over(packet(records=(other,)), items(WHOLE, lines), lines).markdown


def test_a_test_alone_is_not_worth_a_packet() -> None:
    seen = items(packet(CART), lines)
    assert hand_over(packet(CART, tests=(TEST,)), seen, lines).why == REPEATED


def test_an_empty_packet_says_why_it_is() -> None:
    silent = replace(packet(), empty_reason="small talk")
    handed = hand_over(silent, {}, lines)
    assert (handed.markdown, handed.why) == ("", "small talk")


def test_what_is_too_long_holds_fewer_items_and_tells_less_of_a_file() -> None:
    many = [replace(CART, path=f"folder/file_{number}.py") for number in range(30)]
    whole = packet(*many, budget=4_000)
    for most in (len(whole.markdown), 1_500, 700, 300, 20):
        short = within(whole, most)
        assert len(short.markdown) <= most
        told = [line for line in short.markdown.splitlines() if line.startswith("- ")]
        assert all(any(file_line(file).startswith(line) for file in many) for line in told)
        assert len(told) == sum(file.in_packet for file in short.files)
    assert within(whole, 20).empty_reason


def test_a_conflict_in_other_words_is_the_same_one() -> None:
    again = replace(CONFLICT, statements=("Use tabs.", "Indent by spaces."))
    assert not without(packet(conflicts=(again,)), items(WHOLE, lines), lines).conflicts
    other = replace(CONFLICT, statements=("Use tabs, always.", "Use spaces."))
    assert without(packet(conflicts=(other,)), items(WHOLE, lines), lines).conflicts


def test_an_edit_of_another_file_is_another_conflict() -> None:
    def edit(path: str, line: str) -> Packet:
        one = replace(CONFLICT, statements=("Use tabs.", f"{path}\n{line}"))
        return replace(packet(conflicts=(one,)), request="")

    seen = items(edit("a.py", "  x"), lines)
    assert not without(edit("a.py", "  y"), seen, lines).conflicts
    assert without(edit("b.py", "  x"), seen, lines).conflicts


def test_only_names_and_digests_are_kept() -> None:
    for name, digest in items(WHOLE, lines).items():
        assert RULE.record.text not in name + digest
        assert CONFLICT.statements[0] not in name + digest
