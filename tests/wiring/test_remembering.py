"""Records through the composition root: said, folded, proposed, confirmed, replaced, asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.mine.keep import take_in
from satchel.context.remember import Remembered, Saying
from satchel.context.types import Mined, Origin, Record, RecordKind, Statement, Status
from satchel.context.validity import moment
from satchel.wiring import Satchel


class Desk:
    """Somebody with one folder, a clock that they set, and what they ask of their records."""

    def __init__(self, root: Path) -> None:
        self.time = 1_780_000_000.0
        self.home = Home(root / "home")
        self.top = root / "notes"
        self.top.mkdir()
        self.satchel = Satchel(self.home, Settings({}), lambda: self.time)
        self.satchel._opened.workspace(str(self.top), accept=True)
        self.memory = self.satchel.memory
        self.path = str(self.top)

    def say(self, text: str, *supersedes: str, source: str = "user", **more: object) -> Remembered:
        saying = Saying(text, source=source, supersedes=supersedes)
        self.time += 60
        return self.memory.remember(replace(saying, **more), path=self.path)  # type: ignore[arg-type] # by name

    def get(self, record: Record) -> Record:
        return self.memory.history(record.id, path=self.path).record

    def texts(self, status: str | None = None) -> list[str]:
        return [record.text for record in self.memory.records(self.path, status=status)]

    def mine(self, text: str) -> Record:
        """Put a record there as a miner does."""
        store = self.satchel._opened.within(self.path, lambda found: found.records)
        one = Statement(RecordKind.RULE, text, Origin.RULES, "CLAUDE.md:3", 0.7)
        now = "2026-01-01T00:00:00+00:00"
        take_in("rules", text, Mined((one,), 1), store, self.path, now, lambda text: ())
        [record] = store.given("rules")
        return record


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.satchel.close()


def refused(desk: Desk, saying: Saying) -> str:
    with pytest.raises(BadInput) as error:
        desk.memory.remember(saying, path=desk.path)
    return error.value.code


def test_what_is_said_twice_is_one_record(desk: Desk) -> None:
    first = desk.say("Never use npm")
    again = desk.say("never use npm.")
    assert again.known == first.record
    assert again.record.id == first.record.id
    assert desk.texts() == ["Never use npm"]


def test_what_was_mined_and_is_then_said_has_two_sources(desk: Desk) -> None:
    mined = desk.mine("Never use npm")
    kept = desk.say("Never use npm")
    assert kept.known == mined
    assert kept.record.sources == ("CLAUDE.md:3", "user")
    assert (kept.record.confirmed, kept.record.kind) == (True, RecordKind.RULE)


def test_a_note_said_again_keeps_the_kind_that_it_was_given(desk: Desk) -> None:
    desk.say("The client is Ada", kind="fact")
    assert desk.say("The client is Ada").record.kind is RecordKind.FACT


def test_a_model_proposes_and_changes_nothing(desk: Desk) -> None:
    ours = desk.say("Never use npm").record
    proposed = desk.say("Use npm everywhere", ours.id, source="agent")
    assert proposed.proposed
    assert (proposed.record.status, proposed.record.pinned) == (Status.UNCONFIRMED, False)
    assert desk.get(ours) == ours
    [kept] = desk.memory.confirm([proposed.record.id], path=desk.path)
    assert [old.id for old in kept.ended] == [ours.id]
    assert desk.get(ours).superseded_by == proposed.record.id


def test_a_model_that_repeats_the_user_changes_no_more_than_the_sources(desk: Desk) -> None:
    ours = desk.say("Never use npm").record
    desk.say("Use pnpm", ours.id)
    before = desk.get(ours)
    desk.say("Never use npm", source="agent", kind="note")
    assert desk.get(ours) == replace(before, sources=("user", "agent"))
    assert desk.get(ours).status is Status.SUPERSEDED


def test_only_the_user_makes_something_hold_everywhere(desk: Desk) -> None:
    assert refused(desk, Saying("be kind", source="agent", everywhere=True)) == "user-only"


def test_what_is_said_again_after_it_was_replaced_holds_again(desk: Desk) -> None:
    first = desk.say("Use npm").record
    second = desk.say("Use pnpm", first.id).record
    desk.say("Use npm")
    assert desk.get(first).superseded_by is None
    assert desk.get(first).status is Status.ACTIVE
    assert desk.get(second).supersedes == ()


def test_a_superseded_record_is_listed_recalled_and_told_of_as_such(desk: Desk) -> None:
    first = desk.say("The package manager is npm").record
    second = desk.memory.supersede(first.id[:6], "The package manager is pnpm", path=desk.path)
    assert [old.id for old in second.ended] == [first.id]
    assert second.record.kind is first.kind
    assert desk.texts("current") == ["The package manager is pnpm"]
    assert desk.texts("superseded") == ["The package manager is npm"]
    found = desk.memory.recall("package manager npm", path=desk.path, limit=5)
    assert [one.record.id for one in found if one.record.status is not Status.SUPERSEDED] == [
        second.record.id
    ]
    whole = desk.memory.recall("package manager", path=desk.path, limit=5, closed=True)
    assert first.id in [one.record.id for one in whole]
    told = desk.memory.history(second.record.id, path=desk.path)
    assert [record.id for record in told.before] == [first.id]


def test_the_past_is_asked_by_a_date(desk: Desk) -> None:
    desk.say("Use npm", since="2026-01-01")
    [first] = desk.memory.records(desk.path)
    desk.say("Use pnpm", first.id, since="2026-03-01")
    then = desk.memory.records(desk.path, as_of="2026-02-28")
    assert [record.text for record in then] == ["Use npm"]
    assert [r.text for r in desk.memory.records(desk.path, as_of="2026-03-01")] == ["Use pnpm"]
    assert desk.memory.records(desk.path, as_of="2025-12-31") == []


def test_the_user_settles_with_a_record_that_was_there(desk: Desk) -> None:
    old, new = desk.say("Use npm").record, desk.say("Use pnpm", source="agent").record
    kept = desk.memory.supersede(old.id, new.id, path=desk.path)
    assert (kept.record.confirmed, kept.record.status) == (True, Status.ACTIVE)
    with pytest.raises(BadInput, match="was itself superseded"):
        desk.memory.supersede(new.id, old.id, path=desk.path)
    with pytest.raises(BadInput, match="cannot take its own place"):
        desk.memory.supersede(new.id, new.id, path=desk.path)
    with pytest.raises(BadInput, match="no record"):
        desk.memory.supersede(new.id, "00ff00ff", path=desk.path)


def test_what_holds_everywhere_is_found_by_its_words_like_what_holds_here(desk: Desk) -> None:
    for text in (
        "Use transactions for multi-table operations",
        "Write tests beside the module that they are for",
        "Run the tests with Vitest",
    ):
        desk.say(text)
    wide = desk.say("I prefer table-driven tests", everywhere=True).record
    found = desk.memory.recall("table-driven tests", path=desk.path, limit=5)
    assert found[0].record.id == wide.id


def test_what_holds_everywhere_is_not_kept_for_a_workspace_as_well(desk: Desk) -> None:
    wide = desk.memory.remember(Saying("Keep answers short", everywhere=True)).record
    said = desk.say("keep answers short.")
    assert (said.record.id, said.known) == (wide.id, wide)
    assert desk.texts() == ["Keep answers short"]
    assert desk.say("keep answers short", source="agent").record.id == wide.id
    desk.memory.supersede(wide.id, "Keep answers kind", path=desk.path)
    narrow = desk.say("Keep answers short").record  # that which held everywhere holds no more
    assert (narrow.workspace, narrow.status) == (desk.path, Status.ACTIVE)


def test_what_comes_to_hold_everywhere_takes_the_place_of_what_held_here_alone(desk: Desk) -> None:
    narrow = desk.say("Keep answers short").record
    said = desk.say("Keep answers short", everywhere=True)
    assert [old.id for old in said.ended] == [narrow.id]
    assert desk.texts("current") == ["Keep answers short"]
    assert desk.get(narrow).superseded_by == said.record.id
    assert desk.say("Keep answers short").record.id == said.record.id
    elsewhere = str(desk.top.parent)
    assert desk.memory.remember(Saying("Be kind", everywhere=True), path=elsewhere).known is None


def test_what_holds_no_more_is_neither_pinned_nor_takes_a_place(desk: Desk) -> None:
    a, b, c = (
        desk.say(f"The {word} pump runs at night").record for word in ("east", "west", "top")
    )
    desk.memory.supersede(b.id, c.id, path=desk.path)
    for call, then in (
        (lambda: desk.memory.supersede(a.id, b.id, path=desk.path), f"supersede {a.id} {c.id}`"),
        (lambda: desk.memory.pin([a.id, b.id], path=desk.path), f"pin {c.id}`"),
    ):
        with pytest.raises(BadInput, match=f"{b.id} holds no more: {c.id} took its place") as no:
            call()
        assert no.value.next_step.endswith(then)
    assert (desk.get(a), desk.get(b).pinned) == (a, False)
    assert not desk.memory.pin([b.id], path=desk.path, off=True)[0].pinned
    desk.memory.supersede(a.id, "The old pump is sold", path=desk.path)
    with pytest.raises(BadInput, match="was superseded") as no:
        desk.memory.supersede(a.id, "Both pumps are sold", path=desk.path)
    assert f"supersede {desk.get(a).superseded_by} TEXT`" in no.value.next_step
    assert "Both pumps are sold" not in desk.texts()


def test_what_holds_everywhere_is_replaced_everywhere(desk: Desk) -> None:
    wide = desk.memory.remember(Saying("Be brief", everywhere=True)).record
    narrow = desk.say("Be chatty").record
    with pytest.raises(BadInput, match="holds everywhere"):
        desk.memory.supersede(wide.id, narrow.id, path=desk.path)
    kept = desk.memory.supersede(wide.id, "Be brief and kind", path=desk.path)
    assert kept.record.workspace == "everywhere"
    assert desk.get(wide).superseded_by == kept.record.id


def test_records_that_contradict_each_other_are_shown_and_not_settled(desk: Desk) -> None:
    first = desk.say("We use npm as our package manager", kind="decision").record
    second = desk.say("We use pnpm as our package manager", kind="decision")
    assert [set(clash.ids) for clash in second.conflicts] == [{first.id, second.record.id}]
    [clash] = desk.memory.conflicts(path=desk.path)
    assert set(clash.ids) == {first.id, second.record.id}
    assert {record.status for record in desk.memory.records(desk.path)} == {Status.ACTIVE}
    desk.memory.supersede(first.id, second.record.id, path=desk.path)
    assert desk.memory.conflicts(path=desk.path) == []


def test_a_mined_record_that_is_forgotten_stays_so(desk: Desk) -> None:
    mined = desk.mine("Never use npm")
    [gone] = desk.memory.forget([mined.id[:4]], path=desk.path)
    assert gone == mined
    store = desk.satchel._opened.within(desk.path, lambda found: found.records)
    one = Statement(RecordKind.RULE, "Never use npm", Origin.RULES, "CLAUDE.md:3", 0.7)
    take_in("rules", "2", Mined((one,), 1), store, desk.path, "2026-02-02", lambda text: ())
    assert desk.texts() == []


def test_several_are_forgotten_or_none(desk: Desk) -> None:
    first, second = desk.say("one note").record, desk.say("another note").record
    with pytest.raises(BadInput, match="no record"):
        desk.memory.forget([first.id, "ffff0000"], path=desk.path)
    assert len(desk.texts()) == 2
    desk.memory.forget([first.id, second.id, first.id], path=desk.path)
    assert desk.texts() == []


def test_a_beginning_that_several_ids_have_is_refused_with_their_names(desk: Desk) -> None:
    store = desk.satchel._opened.within(desk.path, lambda found: found.records)
    one = desk.say("a note").record
    store.put(replace(one, id="abcd00000001"), replace(one, id="abcd00000002"))
    with pytest.raises(BadInput, match="abcd00000001, abcd00000002"):
        desk.memory.pin(["abcd"], path=desk.path)
    [pinned] = desk.memory.pin(["abcd00000001"], path=desk.path)
    assert pinned.pinned
    assert not desk.memory.pin(["abcd00000001"], path=desk.path, off=True)[0].pinned


def test_a_record_of_a_million_characters_is_kept_whole(desk: Desk) -> None:
    text = "never " + "ü€ " * 333_331
    kept = desk.say(text.strip())
    assert desk.get(kept.record).text == text.strip()


def test_a_clock_that_jumps_back_loses_nothing(desk: Desk) -> None:
    first = desk.say("Use npm").record
    desk.time -= 400 * 86_400
    second = desk.say("Use pnpm", first.id).record
    assert len(desk.texts()) == 2
    assert desk.get(first).valid_to == first.valid_from
    assert desk.get(second).learned < first.learned


def test_what_many_say_at_once_is_all_kept(desk: Desk) -> None:
    def say(number: int) -> None:
        for each in range(10):
            saying = Saying(f"note {each} of {number}, and of all", aliases=(f"n{number}",))
            desk.memory.remember(saying, path=desk.path)
            desk.memory.remember(Saying("the same", aliases=(f"n{number}",)), path=desk.path)

    threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = desk.memory.records(desk.path)
    assert len(records) == 41
    [same] = [record for record in records if record.text == "the same"]
    assert set(same.aliases) == {"n0", "n1", "n2", "n3"}


@pytest.mark.parametrize(
    ("given", "code"),
    [({"status": "done"}, "unknown-status"), ({"kind": "wish"}, "unknown-kind")],
)
def test_a_list_of_what_there_is_not_is_refused(
    desk: Desk, given: dict[str, str], code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.memory.records(desk.path, **given)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text", ["We might switch to Bun, not decided yet", "Should we use Bun instead of npm?"]
)
def test_what_is_only_weighed_contradicts_nothing(desk: Desk, text: str) -> None:
    desk.say("We use npm, never Bun")
    kept = desk.say(text)
    assert (kept.record.status, kept.conflicts) == (Status.OPEN, ())
    assert "kept as open" in kept.notes[0]
    assert desk.memory.conflicts(path=desk.path) == []


def test_what_a_model_weighs_stays_open_when_it_is_confirmed(desk: Desk) -> None:
    kept = desk.say("Maybe we should use Bun", source="agent")
    assert (kept.record.status, kept.proposed) == (Status.OPEN, True)
    desk.memory.confirm([kept.record.id], path=desk.path)
    assert desk.get(kept.record).status is Status.OPEN


def test_what_is_said_for_once_opposes_nothing(desk: Desk) -> None:
    desk.say("Use Redis for the cache")
    kept = desk.say("Never use Redis for the cache in this change")
    assert (kept.record.kind, kept.conflicts) == (RecordKind.NOTE, ())
    assert desk.memory.conflicts(path=desk.path) == []
    desk.say("Never use Redis for the cache")
    assert [one.ids for one in desk.memory.conflicts(path=desk.path)] != []


LATER = "2030-01-01"


def at(desk: Desk, day: str) -> None:
    desk.time = moment(day).timestamp() + 3_600


def recalled(desk: Desk, text: str) -> list[str]:
    found = desk.memory.recall(text, path=desk.path, limit=5)
    return [one.record.text for one in found]


def briefed(desk: Desk, text: str) -> tuple[list[str], list[str]]:
    packet = desk.satchel.brief(text, path=desk.path)
    told = [statement for one in packet.conflicts for statement in one.statements]
    return [one.record.text for one in packet.records], told


def test_what_is_to_hold_later_comes_when_its_day_is_there(desk: Desk) -> None:
    old = desk.say("We use RabbitMQ for the queue").record
    kept = desk.say("We use Kafka for the queue", old.id, since=LATER)
    assert kept.conflicts == ()
    assert "from 2030-01-01 on" in kept.notes[0]
    [listed, before] = desk.memory.records(desk.path, status="current")
    assert (listed.status, listed.reason) == (Status.LATER, "holds from 2030-01-01 on")
    assert (before.status, before.text) == (Status.ACTIVE, old.text)
    assert recalled(desk, "what do we use for the queue?") == [old.text]
    assert kept.record.text not in briefed(desk, "plan: use RabbitMQ for the queue")[1]
    at(desk, LATER)
    [holds] = desk.memory.records(desk.path, status="current")
    assert (holds.status, holds.text) == (Status.ACTIVE, kept.record.text)
    assert recalled(desk, "what do we use for the queue?") == [kept.record.text]


def test_what_is_to_hold_later_raises_no_conflict_before(desk: Desk) -> None:
    desk.say("Never use Kafka for the queue")
    kept = desk.say("Use Kafka for the queue", since=LATER)
    assert kept.conflicts == ()
    assert desk.memory.conflicts(path=desk.path) == []
    at(desk, LATER)
    assert len(desk.memory.conflicts(path=desk.path)) == 1


def test_a_clock_that_is_set_back_hides_nothing(desk: Desk) -> None:
    old = desk.say("We use RabbitMQ for the queue").record
    kept = desk.say("We use Kafka for the queue", old.id)
    at(desk, "2001-01-01")
    [holds] = desk.memory.records(desk.path, status="current")
    assert (holds.status, holds.text) == (Status.ACTIVE, kept.record.text)
    assert recalled(desk, "what do we use for the queue?") == [kept.record.text]
