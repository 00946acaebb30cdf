"""`satchel consent` and `satchel ledger` as a user types them."""

from __future__ import annotations

import io
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import BadInput, Broken, Cancelled, NeedsAnswer, NotAccepted
from satchel.base.paths import Home
from satchel.cli import arguments
from satchel.cli.terminal import PLAIN, Terminal
from satchel.cli.when import back
from satchel.model.consent import (
    Always,
    ConsentNeeded,
    Grant,
    InWorkspace,
    Occasion,
    Once,
    permit,
)
from satchel.model.grants import Store
from satchel.model.leaving import (
    Leaving,
    Material,
    Section,
)
from satchel.model.ledger import Ledger
from satchel.model.types import Locality, Model, Remote
from satchel.wiring.leave import marker
from tests.cli.conftest import User

CLOUD = Model("gpt-oss:120b-cloud", Locality.CLOUD, "Ollama passes it on to https://ollama.com:443")
ASKED = Leaving(
    Remote("ollama", "http://127.0.0.1:11434", (CLOUD,), "elsewhere", "ollama"),
    CLOUD,
    12_345,
    (Section("files", 3), Section("decisions", 2)),
)


@dataclass(frozen=True)
class Here:
    """A user at a terminal, in this process."""

    home: Home

    def types(
        self, *words: str, says: str | None = None, json: bool = False
    ) -> tuple[str, str, int]:
        """Run a command; return what it answered, what it said beside, and its status."""
        out, err = io.StringIO(), io.StringIO()
        terminal = Terminal(
            out=out,
            err=err,
            input=io.StringIO(says or ""),
            paint=PLAIN,
            paint_err=PLAIN,
            live=False,
            answers=says is not None,
            json=json,
            yes="--yes" in words,
        )
        chosen = arguments.parse(words)
        status = arguments.command(chosen)(chosen, terminal, self.home)
        return out.getvalue(), err.getvalue(), status

    @property
    def grants(self) -> Sequence[Grant]:
        return Store(self.home).read()


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(Home(tmp_path / "home"))


def now() -> Occasion:
    return Occasion(datetime.now(UTC))


def test_what_is_not_named_is_granted_at_its_narrowest(here: Here) -> None:
    here.types("consent", "grant", "ollama", says="y\n")
    (kept,) = here.grants
    assert (kept.material, kept.extent, kept.tools) == (Material.PROMPT, Once(), ())
    assert kept.expires is not None
    assert (kept.expires - kept.created).total_seconds() == 3600


def test_everything_that_would_be_permitted_is_shown_before_the_question(here: Here) -> None:
    words = "consent grant https://API.example/v1/ --model m --data context --for always"
    _, err, _ = here.types(*words.split(), "--until=2099-12-31", "--tool=web_search", says="y\n")
    before, _, _ = err.partition("Permit it?")
    for part in (
        "https://api.example/v1 and what lies below it",
        "m\n",
        "the prompt, with context from your files\n",
        "every request",
        "2100-01-01 00:00 UTC\n",
        "web_search, run by the server, which reach out",
    ):
        assert part in before


@pytest.mark.parametrize("says", ["n\n", "\n", ""])
def test_anything_but_yes_permits_nothing(here: Here, says: str) -> None:
    with pytest.raises(Cancelled, match="nothing was permitted"):
        here.types("consent", "grant", "ollama", says=says)
    assert here.grants == ()


def test_where_nobody_can_be_asked_nothing_is_permitted(here: Here) -> None:
    with pytest.raises(NeedsAnswer):
        here.types("consent", "grant", "ollama")
    assert here.grants == ()
    here.types("consent", "grant", "ollama", "--yes")
    assert len(here.grants) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["grant"],
        ["grant", "ollama", "lm-studio"],
        ["grant", "olama"],
        ["grant", "api.example.com"],
        ["grant", "ollama", "--until=yesterday"],
        ["grant", "ollama", "--until=2020-01-01"],
        ["grant", "ollama", "--tool=two words"],
        ["grant", "ollama", "--model="],
        ["grant", "ollama", "--key-file=/nowhere/key"],
        ["grant", "ollama", "--in=."],
        ["grant", "ollama", "--all"],
        ["list", "ollama"],
        ["list", "--data=records"],
        ["revoke"],
        ["revoke", "--all", "a1"],
        ["revoke", "a1"],
        ["revoke", "a1", "--model=m"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(here: Here, words: list[str]) -> None:
    kept = Store(here.home).add(Grant("", "ollama", "*", Material.PROMPT, Once(), now().now), now())
    with pytest.raises(BadInput):
        here.types("consent", *words, says="y\n")
    assert here.grants == (kept,)


def test_the_command_of_a_refusal_makes_the_same_request_pass_once(here: Here) -> None:
    store, ledger = Store(here.home), Ledger(here.home)
    with pytest.raises(ConsentNeeded) as caught:
        permit(ASKED, now(), store, ledger.note)
    words = shlex.split(caught.value.next_step.partition("`")[2].rpartition("`")[0])
    assert words.pop(0) == "satchel"
    here.types(*words, says="y\n")
    allowed = permit(ASKED, now(), store, ledger.note)
    with pytest.raises(ConsentNeeded):
        permit(ASKED, now(), store, ledger.note)
    out, _, _ = here.types("ledger")
    assert [line.split()[3:5] for line in out.splitlines()[1:4]] == [
        ["refused", "consent-needed"],
        ["allowed", allowed.grant_id],
        ["refused", "consent-needed"],
    ]
    assert "files 3, decisions 2" in out
    assert out.endswith("3 attempts: 1 allowed, 2 refused\n")


def test_a_key_that_others_can_read_is_warned_of(here: Here, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-secret\n")
    key.chmod(0o644)
    words = ["consent", "grant", "http://10.0.0.5:8000", f"--key-file={key}", "--for=always"]
    out, err, _ = here.types(*words, says="y\n")
    assert "chmod 600" in err
    assert "is not encrypted" in err
    listed, warned, _ = here.types("consent")
    assert "chmod 600" in warned
    assert "a key" in listed
    key.chmod(0o600)
    assert "chmod" not in here.types("consent")[1]
    assert "sk-secret" not in out + err + listed + warned


def test_grants_are_listed_with_what_has_ended(here: Here) -> None:
    assert here.types("consent")[0] == "Nothing is permitted to leave this machine.\n"
    here.types("consent", "grant", "ollama", "--for=always", "--yes")
    past = datetime(2020, 1, 1, tzinfo=UTC)
    over = Grant("", "lm-studio", "m", Material.RECORDS, Always(), past, past)
    Store(here.home).add(over, Occasion(datetime(2019, 1, 1, tzinfo=UTC)))
    out, _, _ = here.types("consent")
    assert "each" in out
    assert "until" in out.splitlines()[0]
    assert "no more: it ended at 2020-01-01 00:00 UTC" in out


def test_revoking_takes_back_one_or_all(here: Here) -> None:
    for _ in range(3):
        here.types("consent", "grant", "ollama", "--for=always", "--yes")
    first = here.grants[0]
    assert here.types("consent", "revoke", first.id)[0].startswith("1 grant revoked")
    assert first not in here.grants
    here.types("consent", "revoke", "--all")
    assert here.grants == ()


def test_all_can_be_revoked_where_the_file_is_damaged(here: Here) -> None:
    here.home.root.mkdir()
    here.home.grants.write_text("{")
    here.home.grants.chmod(0o600)
    with pytest.raises(Broken, match="nothing may leave"):
        here.types("consent")
    here.types("consent", "revoke", "--all")
    assert here.types("consent")[0].startswith("Nothing is permitted")


def test_a_folder_that_was_not_accepted_is_no_workspace(here: Here, tmp_path: Path) -> None:
    with pytest.raises(NotAccepted) as refused:
        here.types("consent", "grant", "ollama", "--for=workspace", f"--in={tmp_path}", says="y\n")
    assert "`satchel index` there accepts it" in refused.value.next_step


def test_an_empty_ledger_says_so(here: Here) -> None:
    assert here.types("ledger")[0] == "Nothing has tried to leave this machine.\n"
    assert "since then" in here.types("ledger", "--since=1h")[0]


def test_the_ledger_is_narrowed_by_number_and_time(here: Here) -> None:
    for _ in range(3):
        with pytest.raises(ConsentNeeded):
            permit(ASKED, now(), Store(here.home), Ledger(here.home).note)
    assert "2 attempts: 0 allowed, 2 refused" in here.types("ledger", "--limit=2")[0]
    assert len(Ledger(here.home).read(since=back("1h", datetime.now(UTC)))) == 3


def test_a_program_gets_one_object_of_each_command(user: User) -> None:
    def told(*words: str) -> dict[str, Any]:
        said = user.runs(*words, "--json")
        assert said.status == 0, said
        return said.json

    assert told("consent") == {"grants": []}
    assert told("ledger") == {"entries": []}
    given = told("consent", "grant", "ollama", "--yes")["grant"]
    assert (given["destination"], given["data"], given["for"]) == ("ollama", "prompt", "once")
    assert [row["id"] for row in told("consent", "list")["grants"]] == [given["id"]]
    assert told("consent", "revoke", given["id"]) == {"revoked": [given["id"]], "all": False}
    refused = user.runs("consent", "grant", "ollama", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (2, "needs-answer")


def test_a_session_ends_with_its_daemon(user: User) -> None:
    session = user.runs("consent", "grant", "ollama", "--for=session", "--yes", "--json")
    assert session.json["grant"]["for"] == "session", session
    assert [row["ended"] for row in user.runs("consent", "--json").json["grants"]] == [None]
    user.runs("down")
    rows = user.runs("consent", "--json").json["grants"]
    assert [row["ended"] for row in rows] == ["its session is over"]


def test_a_workspace_is_the_accepted_folder_that_a_path_lies_in(here: Here, tmp_path: Path) -> None:
    shop = (tmp_path / "shop").resolve()
    (shop / "src").mkdir(parents=True)
    accepted = marker(here.home, shop)
    accepted.parent.mkdir(parents=True)
    accepted.write_text("{}")
    here.types("consent", "grant", "ollama", "--for=workspace", f"--in={shop / 'src'}", says="y\n")
    (kept,) = here.grants
    assert kept.extent == InWorkspace(str(shop))
