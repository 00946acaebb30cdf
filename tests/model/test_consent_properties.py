"""What holds of consent whatever is granted and whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from satchel.model import destination
from satchel.model.consent import (
    EVERY_MODEL,
    Always,
    ConsentNeeded,
    Entry,
    Grant,
    InSession,
    InWorkspace,
    Occasion,
    Once,
    Permitted,
    matching,
    permit,
)
from satchel.model.leaving import (
    FROM_FILES,
    Leaving,
    Material,
    Section,
)
from satchel.model.types import Local, Locality, Model, Remote

START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS = tuple(Model(name, Locality.CLOUD, "elsewhere") for name in ("small", "large"))
HERE = Model("here", Locality.ON_DEVICE, "runs here")
ADDRESSES = (
    "http://127.0.0.1:11434",
    "http://192.168.1.5:8000",
    "https://models.example",
    "https://models.example/team",
    "https://models.example/team/v1",
    "https://models.example.evil",
)
TOOLS = ("web_search", "fetch")
SESSIONS = ("1@a", "2@b")
FOLDERS = ("/shop", "/bank")

times = st.integers(0, 20).map(lambda hours: START + timedelta(hours=hours))
tools = st.sampled_from([(), TOOLS[:1], TOOLS[1:], TOOLS])
sections = st.lists(
    st.builds(Section, st.sampled_from([*sorted(FROM_FILES), "decisions"]), st.integers(1, 9)),
    max_size=3,
).map(tuple)
remotes = st.builds(
    Remote,
    st.sampled_from(["ollama", "lm-studio"]),
    st.sampled_from(ADDRESSES),
    st.just(MODELS),
    st.just("elsewhere"),
)
leavings = st.one_of(
    st.builds(
        Leaving, remotes, st.sampled_from(MODELS), st.integers(0, 10**6), sections, tools=tools
    ),
    st.builds(
        Leaving,
        st.just(Local("ollama", ADDRESSES[0], (HERE,))),
        st.just(HERE),
        st.integers(0, 10**6),
        sections,
        tools=st.sampled_from([TOOLS[:1], TOOLS]),
    ),
)
extents = st.one_of(
    st.just(Once()),
    st.just(Always()),
    st.sampled_from(SESSIONS).map(InSession),
    st.sampled_from(FOLDERS).map(InWorkspace),
)
grants = st.builds(
    Grant,
    id=st.uuids().map(str),
    destination=st.sampled_from(["ollama", "lm-studio", *ADDRESSES]),
    model=st.sampled_from([EVERY_MODEL, "small", "large", "here"]),
    material=st.sampled_from(Material),
    extent=extents,
    created=times,
    expires=st.none() | times,
    tools=tools,
)
occasions = st.builds(
    Occasion, times, st.none() | st.sampled_from(SESSIONS), st.none() | st.sampled_from(FOLDERS)
)


@dataclass
class Kept:
    grants: list[Grant]

    def read(self) -> Sequence[Grant]:
        return tuple(self.grants)

    def spend(self, grant: Grant) -> bool:
        self.grants.remove(grant)
        return True

    def key(self, grant: Grant) -> str:
        return ""


def allowed(asked: Leaving, kept: Kept, occasion: Occasion, noted: list[Entry]) -> Permitted | None:
    try:
        return permit(asked, occasion, kept, noted.append)
    except ConsentNeeded:
        return None


@given(leavings, st.lists(grants, max_size=4), occasions)
def test_permitted_is_exactly_what_a_grant_covers_and_every_attempt_is_noted_once(
    asked: Leaving, kept: list[Grant], occasion: Occasion
) -> None:
    noted: list[Entry] = []
    covering = matching(kept, asked, occasion)
    result = allowed(asked, Kept(list(kept)), occasion, noted)
    assert (result is None) == (covering is None)
    assert [entry.allowed for entry in noted] == [covering is not None]
    assert noted[0].bytes == asked.bytes
    if result is not None and covering is not None:
        assert result.grant_id == covering.id == noted[0].grant
        assert result.models == (asked.model,)


@given(leavings, occasions)
def test_without_a_grant_nothing_is_permitted(asked: Leaving, occasion: Occasion) -> None:
    assert allowed(asked, Kept([]), occasion, []) is None


@given(leavings, grants, occasions, st.data())
def test_a_narrower_grant_allows_nothing_that_a_wider_one_does_not(
    asked: Leaving, wide: Grant, occasion: Occasion, data: st.DataObject
) -> None:
    ends = data.draw(st.sampled_from([wide.expires, START]) if wide.expires else times)
    below = [
        address
        for address in ADDRESSES
        if "://" in wide.destination and destination.covers(wide.destination, "", address)
    ]
    narrow = replace(
        wide,
        destination=data.draw(st.sampled_from([wide.destination, *below])),
        model="small" if wide.model == EVERY_MODEL else wide.model,
        material=data.draw(st.sampled_from([m for m in Material if m <= wide.material])),
        tools=tuple(data.draw(st.sets(st.sampled_from(wide.tools)))) if wide.tools else (),
        expires=min(ends, wide.expires) if wide.expires else ends,
        extent=data.draw(extents) if wide.extent == Always() else wide.extent,
    )
    if matching([narrow], asked, occasion) is not None:
        assert matching([wide], asked, occasion) is not None


@given(leavings, grants, occasions)
def test_asking_for_less_is_never_refused_where_more_is_allowed(
    asked: Leaving, kept: Grant, occasion: Occasion
) -> None:
    if matching([kept], asked, occasion) is not None and isinstance(asked.backend, Remote):
        assert matching([kept], replace(asked, sections=(), tools=()), occasion) is not None


@given(leavings, grants, occasions)
def test_a_grant_does_not_hold_at_its_end_nor_after_it(
    asked: Leaving, kept: Grant, occasion: Occasion
) -> None:
    for late in (timedelta(0), timedelta(seconds=1), timedelta(days=900)):
        over = replace(kept, expires=occasion.now - late)
        assert matching([over], asked, occasion) is None
    still = replace(kept, expires=occasion.now + timedelta(microseconds=1))
    endless = replace(kept, expires=None)
    assert (matching([still], asked, occasion) is None) == (
        matching([endless], asked, occasion) is None
    )


@given(
    leavings, st.lists(grants, min_size=1, max_size=5, unique_by=lambda each: each.id), occasions
)
def test_what_was_revoked_permits_nothing(
    asked: Leaving, kept: list[Grant], occasion: Occasion
) -> None:
    store = Kept(list(kept))
    for _ in kept:
        result = allowed(asked, store, occasion, [])
        if result is None:
            break
        store.grants = [each for each in store.grants if each.id != result.grant_id]
        again = allowed(asked, store, occasion, [])
        assert again is None or again.grant_id != result.grant_id
    else:
        assert allowed(asked, store, occasion, []) is None


@given(leavings, st.lists(grants, max_size=4), occasions)
def test_a_grant_for_another_server_changes_nothing(
    asked: Leaving, kept: list[Grant], occasion: Occasion
) -> None:
    elsewhere = Grant(
        "z", "https://other.example", EVERY_MODEL, Material.RECORDS, Always(), START, None, TOOLS
    )
    assert matching([*kept, elsewhere], asked, occasion) == matching(kept, asked, occasion)
