"""What is kept of briefings and of what happened next, over real stores, in process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from satchel.base.errors import BadInput, Broken, NotAccepted
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.aftermath import AT_ONCE, WITHIN, Asker, Door, Given, ItemKind, What
from satchel.context.remember import Saying
from satchel.tools.hook_forms import read
from satchel.wiring import Satchel

ASK = "make revoke in SessionStore end every session of a user"
CLI = Asker(Door.CLI)
SESSIONS = "class SessionStore:\n    def revoke(self, cookie):\n        del self.rows[cookie]\n"
CART = "def total(cart):\n    return sum(cart)\n"


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "sessions.py").write_text(SESSIONS)
    (made / "cart.py").write_text(CART)
    return made


@pytest.fixture
def opened(home: Home, top: Path, clock: Clock) -> Iterator[Callable[..., Satchel]]:
    every: list[Satchel] = []

    def make(**settings: int) -> Satchel:
        satchel = Satchel(home, Settings({"packets.rank": 1, **settings}), clock)
        every.append(satchel)
        satchel.index(str(top), lambda progress: None, accept=True)
        return satchel

    yield make
    for satchel in every:
        satchel.close()


@pytest.fixture
def satchel(opened: Callable[..., Satchel]) -> Satchel:
    return opened()


def kept(satchel: Satchel, top: Path) -> list[Given]:
    return [told.given for told in satchel.packets.listed(str(top), 99)[1]]


def happened(one: Given) -> set[tuple[str, str]]:
    return {(each.name, each.what.value) for each in one.happenings}


def edit(satchel: Satchel, top: Path, *names: str) -> None:
    for name in names:
        with (top / name).open("a") as file:
            file.write("# more\n")
    satchel.changed(str(top), set(names))


def hook(satchel: Satchel, top: Path, event: str, session: str = "s", **told: object) -> None:
    value = {"session_id": session, "cwd": str(top), "hook_event_name": event, **told}
    answer = satchel.hooks.answer(read(value, "claude"))
    satchel.hooks.delivered(answer)
    satchel.hooks.keep(answer)


def test_an_edit_of_a_file_that_was_handed_over_is_learned(satchel: Satchel, top: Path) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    edit(satchel, top, "sessions.py", "cart.py")
    (one,) = kept(satchel, top)
    assert (one.asker, one.request) == (CLI, ASK)
    assert [item.name for item in one.items] == ["sessions.py"]
    assert happened(one) == {("sessions.py", "edited"), ("cart.py", "edited")}
    assert [each.name for each in one.missed] == ["cart.py"]


def test_who_only_looks_leaves_no_trace(satchel: Satchel, top: Path, home: Home) -> None:
    satchel.brief(ASK, str(top))
    satchel.brief("thanks!", str(top), asker=CLI)
    satchel.brief(
        "", str(top), diff="--- a/cart.py\n+++ b/cart.py\n@@ -1 +1 @@\n-a\n+b\n", asker=CLI
    )
    assert kept(satchel, top) == []


def test_a_file_that_was_touched_and_not_changed_was_not_edited(
    satchel: Satchel, top: Path
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    os.utime(top / "sessions.py", (1, 1))
    satchel.changed(str(top), {"sessions.py"})
    assert happened(kept(satchel, top)[0]) == set()


def test_a_change_long_after_or_of_many_files_at_once_belongs_to_nothing(
    satchel: Satchel, top: Path, clock: Clock
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    many = [f"m{number}.py" for number in range(AT_ONCE + 1)]
    for name in many:
        (top / name).write_text("")
    edit(satchel, top, *many)
    clock.now += WITHIN + 1
    edit(satchel, top, "sessions.py")
    assert happened(kept(satchel, top)[0]) == set()


def test_the_same_request_soon_after_is_the_same_packet(
    satchel: Satchel, top: Path, clock: Clock
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    clock.now += 60
    satchel.brief(ASK, str(top), asker=Asker(Door.MCP, "codex"))
    assert [one.time for one in kept(satchel, top)] == [int(clock.now)]
    clock.now += WITHIN + 1
    satchel.brief(ASK, str(top), asker=CLI)
    assert len(kept(satchel, top)) == 2


def test_a_prompt_by_hook_is_kept_with_its_session_once_it_was_taken(
    satchel: Satchel, top: Path
) -> None:
    value = {"session_id": "s", "cwd": str(top), "hook_event_name": "UserPromptSubmit"}
    satchel.hooks.answer(read({**value, "prompt": ASK}, "claude"))  # nobody waited for it
    assert kept(satchel, top) == []
    hook(satchel, top, "UserPromptSubmit", prompt=ASK)
    (one,) = kept(satchel, top)
    assert one.asker == Asker(Door.HOOK, "claude", "s")
    hook(satchel, top, "UserPromptSubmit", prompt=f"{ASK}, and test it")  # repeats nothing
    assert [item.name for item in kept(satchel, top)[0].items] == ["sessions.py"]


def test_what_a_session_reads_and_announces_belongs_to_its_own_packet(
    satchel: Satchel, top: Path, clock: Clock
) -> None:
    hook(satchel, top, "UserPromptSubmit", "a", prompt=ASK)
    clock.now += 1
    hook(satchel, top, "UserPromptSubmit", "b", prompt="how does total add up a cart?")
    for name in ("sessions.py", "cart.py", "../elsewhere.py"):
        told = {"tool_name": "Read", "tool_input": {"file_path": str(top / name)}}
        hook(satchel, top, "PostToolUse", "a", **told)
    edits = {"file_path": str(top / "cart.py"), "old_string": "sum", "new_string": "max"}
    hook(satchel, top, "PreToolUse", "a", tool_name="Edit", tool_input=edits)
    edit(satchel, top, "cart.py")
    second, first = kept(satchel, top)
    assert happened(first) == {("sessions.py", "opened"), ("cart.py", "edited")}
    assert happened(second) == set()


def test_what_became_of_records_is_noted_where_they_were_handed_over(
    satchel: Satchel, top: Path
) -> None:
    memory, where = satchel.memory, str(top)
    texts = [f"SessionStore.revoke ends {what} of a user" for what in ("all", "one", "none")]
    ids = [
        memory.remember(Saying(text, source="agent", globs=("sessions.py",)), path=where).record.id
        for text in texts
    ]
    satchel.brief(ASK, where, asker=CLI)
    (one,) = kept(satchel, top)
    held = [item.name for item in one.items if item.kind is ItemKind.RECORD]
    assert set(held) <= set(ids)
    assert held
    memory.confirm(held[:1], path=where)
    memory.pin(held[:1], path=where)
    memory.forget(held[:1], path=where)
    told = satchel.packets.listed(where, 1)[1][0]
    assert {what for name, what in happened(told.given) if name == held[0]} == {
        What.CONFIRMED,
        What.PINNED,
        What.FORGOTTEN,
    }
    assert held[0] not in told.records  # what it said is gone with it


def test_a_request_that_is_like_one_that_edits_followed_leads_there(
    satchel: Satchel, top: Path, clock: Clock
) -> None:
    odd = "the quokka wobbles at checkout"
    assert satchel.brief(odd, str(top), files=5).files == ()
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    satchel.packets.write()
    clock.now += 3_600
    found = satchel.brief("why does the quokka wobble?", str(top), files=5).files
    assert [file.path for file in found] == ["cart.py"]
    assert 0.5 <= found[0].signals["followed"] < 1.0


def test_the_ranking_takes_nothing_from_it_unless_it_is_told_to(
    satchel: Satchel, opened: Callable[..., Satchel], top: Path
) -> None:
    odd = "the quokka wobbles at checkout"
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    satchel.close()
    off = opened(**{"packets.rank": 0})
    assert off.brief(odd, str(top), files=5).files == ()
    assert len(kept(off, top)) == 1


def test_a_file_that_is_gone_is_not_brought_back(satchel: Satchel, top: Path) -> None:
    odd = "the quokka wobbles at checkout"
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    satchel.packets.write()
    (top / "cart.py").unlink()
    satchel.changed(str(top), {"cart.py"})
    assert satchel.brief(odd, str(top), files=5).files == ()


def test_what_was_forgotten_leads_nowhere_and_leaves_no_byte(
    satchel: Satchel, top: Path, home: Home
) -> None:
    odd = "the quokka wobbles at checkout"
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    assert satchel.packets.forget(str(top), kept(satchel, top)[0].id) == 1
    assert satchel.brief(odd, str(top), files=5).files == ()
    for file in home.workspace(top).rglob("*"):
        assert b"quokka" not in file.read_bytes()
    with pytest.raises(BadInput):
        satchel.packets.forget(str(top), 1)


def test_workspaces_learn_nothing_from_each_other(
    satchel: Satchel, top: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cart.py").write_text(CART)
    satchel.index(str(other), lambda progress: None, accept=True)
    odd = "the quokka wobbles at checkout"
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    satchel.packets.write()
    assert satchel.brief(odd, str(other), files=5).files == ()
    assert kept(satchel, other) == []
    with pytest.raises(NotAccepted):
        satchel.packets.listed(str(tmp_path), 9)


def test_forgetting_the_folder_forgets_its_packets_and_those_that_wait(
    satchel: Satchel, top: Path, home: Home
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    satchel.packets.write()
    assert (home.workspace(top) / "packets.db").exists()
    satchel.brief(f"{ASK} again", str(top), asker=CLI)
    satchel.forget_folder(str(top))
    satchel.packets.write()
    assert not home.workspace(top).exists()


def test_forgetting_conversations_forgets_what_was_asked_in_them(
    satchel: Satchel, top: Path
) -> None:
    satchel.brief(ASK, str(top), asker=Asker(Door.ASK))
    satchel.brief("how does total add up a cart?", str(top), asker=CLI)
    satchel.packets.forget_asked(str(top))
    assert [one.asker for one in kept(satchel, top)] == [CLI]


def test_switched_off_nothing_is_kept_and_nothing_is_read(
    satchel: Satchel, opened: Callable[..., Satchel], top: Path
) -> None:
    odd = "the quokka wobbles at checkout"
    satchel.brief(odd, str(top), asker=CLI)
    edit(satchel, top, "cart.py")
    satchel.close()
    off = opened(**{"packets.days": 0})
    assert off.brief(odd, str(top), files=5, asker=CLI).files == ()
    assert off.brief(f"{odd} again", str(top), asker=CLI).files == ()
    assert [one.request for one in kept(off, top)] == [odd]
    assert off.packets.forget(str(top)) == 1


def test_what_is_too_old_is_let_go(satchel: Satchel, top: Path, clock: Clock) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    satchel.packets.write()
    clock.now += 366 * 86_400
    satchel.brief("how does total add up a cart?", str(top), asker=CLI)
    assert len(kept(satchel, top)) == 1


def test_what_is_kept_outlives_the_daemon(
    satchel: Satchel, opened: Callable[..., Satchel], top: Path
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    satchel.close()  # before anything was written
    assert [one.request for one in kept(opened(), top)] == [ASK]


# --- nothing of it may break an answer, or hold it up -------------------------------------------


def garbage(store: Path) -> None:
    store.write_bytes(b"garbage " * 1_000)


def emptied(store: Path) -> None:
    os.truncate(store, 0)


def removed(store: Path) -> None:
    store.unlink()


def in_the_way(store: Path) -> None:
    store.unlink()
    store.mkdir()


@pytest.mark.parametrize("fault", [garbage, emptied, removed, in_the_way])
@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_a_briefing_does_not_care_what_became_of_the_store(
    satchel: Satchel,
    opened: Callable[..., Satchel],
    top: Path,
    home: Home,
    fault: Callable[[Path], None],
    when: str,
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    satchel.packets.write()
    if when == "before it is opened":
        satchel.close()
    fault(home.workspace(top) / "packets.db")
    now = satchel if when == "while it is open" else opened()
    packet = now.brief(f"{ASK}, soon", str(top), asker=CLI)
    assert [file.path for file in packet.files] == ["sessions.py"]
    edit(now, top, "sessions.py")
    now.packets.write()
    assert now.brief(f"{ASK}, soon", str(top)).markdown


def test_a_damaged_store_is_named_and_can_be_thrown_away(
    satchel: Satchel, opened: Callable[..., Satchel], top: Path, home: Home
) -> None:
    satchel.brief(ASK, str(top), asker=CLI)
    satchel.close()
    store = home.workspace(top) / "packets.db"
    garbage(store)
    later = opened()
    with pytest.raises(Broken, match=r"packets\.db is damaged"):
        later.packets.listed(str(top), 9)
    assert store.read_bytes().startswith(b"garbage")
    later.packets.forget(str(top))
    later.brief(ASK, str(top), asker=CLI)
    assert [one.request for one in kept(later, top)] == [ASK]


def test_an_answer_waits_for_nothing_that_is_written_about_it(
    satchel: Satchel, top: Path, home: Home
) -> None:
    with satchel.packets._writing:  # whoever writes is held up
        assert satchel.brief(ASK, str(top), asker=CLI).markdown
        edit(satchel, top, "sessions.py")
        assert not (home.workspace(top) / "packets.db").exists()
    assert happened(kept(satchel, top)[0]) == {("sessions.py", "edited")}
