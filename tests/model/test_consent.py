"""What may leave, by a grant, and what is said where none covers it."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from satchel.base.errors import BadInput, Broken
from satchel.cli import arguments
from satchel.model.consent import (
    Always,
    ConsentNeeded,
    Entry,
    Extent,
    Grant,
    InSession,
    InWorkspace,
    Occasion,
    Once,
    Permitted,
    matching,
    missed,
    permit,
)
from satchel.model.leaving import (
    Leaving,
    Material,
    Section,
    lines,
)
from satchel.model.types import Local, Locality, Model, Remote

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
HERE = Occasion(NOW, session="7@then", workspace="/home/ada/shop")
CLOUD = Model("gpt-oss:120b-cloud", Locality.CLOUD, "Ollama passes it on to https://ollama.com:443")
OLLAMA = Remote("ollama", "http://127.0.0.1:11434", (CLOUD,), "elsewhere", "ollama")
FAR = Remote("vllm", "https://models.example/team/v1", (CLOUD,), "elsewhere")
LOCAL = Local(
    "lm-studio", "http://127.0.0.1:1234", (Model("qwen", Locality.ON_DEVICE, "runs here"),)
)
FILES, DECISIONS = Section("files", 3), Section("decisions", 2)


def leaving(
    *sections: Section, to: Remote = OLLAMA, tools: tuple[str, ...] = (), masked: int = 0
) -> Leaving:
    return Leaving(to, CLOUD, 12_345, sections, masked, tools)


def grant(
    identity: str = "a1",
    *,
    destination: str = "ollama",
    model: str = "*",
    material: Material = Material.RECORDS,
    extent: Extent = Always(),  # noqa: B008 - frozen
    expires: datetime | None = None,
    tools: tuple[str, ...] = (),
    created: datetime = NOW - timedelta(days=1),
) -> Grant:
    return Grant(identity, destination, model, material, extent, created, expires, tools)


@dataclass
class Kept:
    """Grants in memory. `stolen` are taken by another request just before they are spent."""

    grants: list[Grant]
    stolen: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)

    def read(self) -> Sequence[Grant]:
        return tuple(self.grants)

    def spend(self, grant: Grant) -> bool:
        if grant.id in self.stolen:
            return False
        self.grants.remove(grant)
        return True

    def key(self, grant: Grant) -> str:
        return self.keys.get(grant.id, "")


class Damaged(Kept):
    def read(self) -> Sequence[Grant]:
        raise Broken("grants-unreadable", "damaged", "mend it")


# --- what is shown ----------------------------------------------------------------------------


def test_what_would_leave_is_shown_whole() -> None:
    shown = dict(lines(leaving(FILES, DECISIONS, tools=("web_search",), masked=2).as_json()))
    assert shown == {
        "to": "ollama at http://127.0.0.1:11434",
        "model": "gpt-oss:120b-cloud",
        "runs": "cloud: Ollama passes it on to https://ollama.com:443",
        "what": "the prompt, with context from your files and records",
        "size": "12,345 bytes",
        "sections": "files 3, decisions 2",
        "secrets": "2 masked",
        "tools": "web_search, run by the server, which reach out",
    }


def test_an_unencrypted_way_is_said() -> None:
    open_way = replace(FAR, base_url="http://192.168.1.5:8000")
    assert "not encrypted" in dict(lines(leaving(to=open_way).as_json()))["way"]
    assert leaving(to=open_way).as_json()["encrypted"] is False
    assert "way" not in dict(lines(leaving(to=FAR).as_json()))


@pytest.mark.parametrize(
    ("sections", "material"),
    [
        ((), Material.PROMPT),
        ((FILES, Section("tests", 1)), Material.CONTEXT),
        ((FILES, DECISIONS), Material.RECORDS),
        ((Section("something new", 1),), Material.RECORDS),
    ],
    ids=["nothing", "files", "records", "a section that is not known counts as records"],
)
def test_the_class_of_what_leaves_follows_its_sections(
    sections: tuple[Section, ...], material: Material
) -> None:
    assert leaving(*sections).material is material


def test_nothing_leaves_for_a_local_server_but_through_its_own_tools() -> None:
    with pytest.raises(ValueError, match="on this machine"):
        Leaving(LOCAL, LOCAL.models[0], 10)
    asked = Leaving(LOCAL, LOCAL.models[0], 10, tools=("web_search",))
    assert matching([grant(destination="lm-studio")], asked, HERE) is None
    allowing = grant(destination="lm-studio", tools=("web_search",))
    assert matching([allowing], asked, HERE) == allowing


@pytest.mark.parametrize("name", ["two words", "", "x" * 65, "say\nhello"], ids=repr)
def test_a_name_that_could_carry_text_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        leaving(tools=(name,))
    with pytest.raises(BadInput):
        replace(leaving(), model=replace(CLOUD, name=f"{name}\t" * 9))
    with pytest.raises(ValueError, match="plain name"):
        leaving(Section(name.title(), 1))


# --- what a grant covers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "asked", "why"),
    [
        (grant(), leaving(FILES, DECISIONS), None),
        (grant(destination="lm-studio"), leaving(), "it is for lm-studio"),
        (grant(destination="vllm"), leaving(to=FAR), "it is for vllm"),
        (grant(destination="https://models.example/team"), leaving(to=FAR), None),
        (
            grant(destination="https://models.example/tea"),
            leaving(to=FAR),
            "it is for https://models.example/tea",
        ),
        (grant(model="gpt-oss:120b-cloud"), leaving(), None),
        (grant(model="gpt-oss"), leaving(), "it is for the model gpt-oss"),
        (grant(material=Material.PROMPT), leaving(), None),
        (grant(material=Material.PROMPT), leaving(FILES), "it covers the prompt only"),
        (
            grant(material=Material.CONTEXT),
            leaving(DECISIONS),
            "it covers the prompt, with context from your files only",
        ),
        (grant(expires=NOW + timedelta(seconds=1)), leaving(), None),
        (grant(expires=NOW), leaving(), "it ended at 2026-10-01 12:00 UTC"),
        (grant(extent=InSession("7@then")), leaving(), None),
        (grant(extent=InSession("8@now")), leaving(), "its session is over"),
        (grant(extent=InWorkspace("/home/ada/shop")), leaving(), None),
        (
            grant(extent=InWorkspace("/home/ada/bank")),
            leaving(),
            "it is for the workspace /home/ada/bank",
        ),
        (grant(), leaving(tools=("web_search",)), "it does not cover the server's web_search"),
        (grant(tools=("web_search", "fetch")), leaving(tools=("web_search",)), None),
    ],
)
def test_a_grant_covers_what_it_names_and_says_what_it_does_not(
    given: Grant, asked: Leaving, why: str | None
) -> None:
    assert missed(given, asked, HERE) == why


def test_where_no_session_or_workspace_is_known_no_grant_for_one_holds() -> None:
    nowhere = Occasion(NOW)
    assert matching([grant(extent=InSession("7@then"))], leaving(), nowhere) is None
    assert matching([grant(extent=InWorkspace("/home/ada/shop"))], leaving(), nowhere) is None


def test_an_address_that_has_no_plain_spelling_is_covered_by_nothing() -> None:
    odd = replace(FAR, base_url="https://good.example\\@evil.example/")
    everything = [grant(destination="https://good.example"), grant(destination="vllm")]
    assert matching(everything, leaving(to=odd), HERE) is None


def test_a_lasting_grant_is_used_before_one_that_is_spent_and_a_new_one_before_an_old() -> None:
    once, old = grant("b2", extent=Once(), created=NOW), grant("c3")
    new = grant("d4", created=NOW)
    assert matching([once, old, new], leaving(), HERE) == new
    assert matching([new, grant("e5", created=NOW)], leaving(), HERE) == grant("e5", created=NOW)
    assert matching([once], leaving(), HERE) == once


# --- the door ---------------------------------------------------------------------------------


def test_what_is_permitted_is_that_server_and_that_model_alone() -> None:
    noted: list[Entry] = []
    kept = Kept([grant("a1", tools=("web_search",))], keys={"a1": "sk-secret"})
    allowed = permit(leaving(FILES, tools=("web_search",)), HERE, kept, noted.append)
    assert (allowed.name, allowed.base_url) == ("ollama", "http://127.0.0.1:11434")
    assert (allowed.dialect, allowed.models) == ("ollama", (CLOUD,))
    assert (allowed.bytes, allowed.grant_id, allowed.tools) == (12_345, "a1", ("web_search",))
    assert allowed.api_key == "sk-secret"
    assert "sk-secret" not in repr(allowed)
    assert [(entry.allowed, entry.grant, entry.reason) for entry in noted] == [(True, "a1", None)]


def test_without_a_grant_the_error_names_what_would_have_left_and_the_command() -> None:
    noted: list[Entry] = []
    with pytest.raises(ConsentNeeded) as caught:
        permit(leaving(FILES, DECISIONS, tools=("web_search",)), HERE, Kept([]), noted.append)
    error = caught.value
    assert error.code == "consent-needed"
    for part in ("12,345 bytes", "files 3, decisions 2", CLOUD.name, "ollama", "nothing was sent"):
        assert part in error.message
    assert error.extra["leaving"]["sections"] == {"files": 3, "decisions": 2}
    assert [(entry.allowed, entry.grant, entry.reason) for entry in noted] == [
        (False, None, "consent-needed")
    ]


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "a name's $HOME", "--yes"])
def test_the_command_that_an_error_names_permits_just_that(name: str) -> None:
    asked = replace(
        leaving(FILES, DECISIONS, tools=("web_search",)), model=replace(CLOUD, name=name)
    )
    with pytest.raises(ConsentNeeded) as caught:
        permit(asked, HERE, Kept([]), lambda entry: None)
    line = caught.value.next_step.partition("`")[2].rpartition("`")[0]
    chosen = arguments.parse(shlex.split(line)[1:])
    assert (chosen.action, chosen.names, chosen.model) == ("grant", ["ollama"], name)
    assert (chosen.data, chosen.tool, chosen.scope) == ("records", ["web_search"], None)


def test_an_error_says_what_a_near_grant_lacks() -> None:
    kept = Kept([grant("b7", material=Material.PROMPT)])
    with pytest.raises(ConsentNeeded, match="grant b7 does not do: it covers the prompt only"):
        permit(leaving(FILES), HERE, kept, lambda entry: None)


def test_a_grant_for_once_is_spent_by_its_use() -> None:
    kept = Kept([grant(extent=Once())])
    permit(leaving(), HERE, kept, lambda entry: None)
    with pytest.raises(ConsentNeeded):
        permit(leaving(), HERE, kept, lambda entry: None)


def test_a_grant_that_another_request_took_first_is_not_used_twice() -> None:
    kept = Kept([grant("a1", extent=Once()), grant("b2", extent=Once())], stolen={"b2"})
    assert permit(leaving(), HERE, kept, lambda entry: None).grant_id == "a1"
    with pytest.raises(ConsentNeeded):
        permit(leaving(), HERE, kept, lambda entry: None)


def test_where_the_ledger_cannot_be_written_nothing_is_permitted() -> None:
    def full(entry: Entry) -> None:
        raise Broken("disk-full", "no room", "make room")

    for grants in ([grant()], []):
        with pytest.raises(Broken):
            permit(leaving(), HERE, Kept(grants), full)


def test_grants_that_cannot_be_read_permit_nothing_and_the_attempt_is_noted() -> None:
    noted: list[Entry] = []
    with pytest.raises(Broken):
        permit(leaving(), HERE, Damaged([grant()]), noted.append)
    assert [(entry.allowed, entry.reason) for entry in noted] == [(False, "grants-unreadable")]


def test_nobody_but_the_door_makes_a_permission() -> None:
    allowed = permit(leaving(), HERE, Kept([grant()]), lambda entry: None)
    with pytest.raises((TypeError, ValueError)):
        replace(allowed, bytes=10**9)  # type: ignore[call-arg] # refused by both
    with pytest.raises(TypeError, match="says what is permitted"):
        Permitted(
            backend=FAR,
            model=CLOUD,
            base_url=FAR.base_url,
            bytes=1,
            material=Material.PROMPT,
            tools=(),
            grant_id="a1",
            api_key="",
            seal=object(),  # type: ignore[arg-type] # what the type checker refuses is tried here
        )
    assert copy.copy(allowed) == allowed
