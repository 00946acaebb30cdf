"""The composition root over real stores and real repositories, in process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.errors import BadInput, NotAccepted
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.ingest.indexer import IndexSummary
from satchel.context.remember import Saying
from satchel.context.types import Packet, Status
from satchel.wiring import Satchel

SESSIONS = '''"""Keeps who is signed in."""


class SessionStore:
    """Server-side sessions in memory."""

    def create(self, user):
        """Start a session for a user and return its cookie."""
        return self.sign(user)

    def revoke(self, cookie):
        """End a session at once."""
        del self.rows[cookie]
'''
BILLING = '''def invoice(order):
    """Write an invoice for an order."""
    return [line.price for line in order.lines]
'''


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "shop"
    (top / "shop").mkdir(parents=True)
    (top / "tests").mkdir()
    git(top, "init", "-q")
    (top / "shop/sessions.py").write_text(SESSIONS)
    commit(top, "Keep sessions on the server")
    (top / "shop/billing.py").write_text(BILLING)
    (top / "tests/test_sessions.py").write_text(
        "from shop.sessions import SessionStore\n\n\ndef test_it():\n    SessionStore()\n"
    )
    commit(top, "Write invoices")
    return top


@pytest.fixture
def satchel(tmp_path: Path) -> Iterator[Satchel]:
    opened = Satchel(Home(tmp_path / "home"), Settings({}))
    yield opened
    opened.close()


def index(satchel: Satchel, top: Path) -> IndexSummary:
    return satchel.index(str(top), lambda progress: None, accept=True)


def brief(satchel: Satchel, top: Path, text: str, budget: int | None = None) -> Packet:
    return satchel.brief(text, str(top), budget=budget)


def test_a_folder_is_read_only_after_it_was_accepted(satchel: Satchel, repository: Path) -> None:
    with pytest.raises(NotAccepted):
        brief(satchel, repository, "where are sessions revoked?")
    summary = index(satchel, repository)
    assert summary.workspace == str(repository)
    assert summary.commits == 2
    packet = brief(satchel, repository / "shop", "where are sessions revoked?")
    assert packet.files[0].path == "shop/sessions.py"


def test_a_packet_names_the_place_the_test_and_the_reason(
    satchel: Satchel, repository: Path
) -> None:
    index(satchel, repository)
    packet = brief(satchel, repository, "`SessionStore.revoke` should not fail for a gone cookie")
    assert packet.files[0].path == "shop/sessions.py"
    assert "SessionStore.revoke" in packet.files[0].symbols
    assert "defines `SessionStore.revoke`" in packet.files[0].reason
    assert packet.tests[0].path == "tests/test_sessions.py"
    assert packet.tokens <= packet.budget


@pytest.mark.parametrize("text", ["thanks!", "what is the capital of France?", "write a haiku"])
def test_a_request_that_needs_no_context_gets_none(
    satchel: Satchel, repository: Path, text: str
) -> None:
    index(satchel, repository)
    packet = brief(satchel, repository, text)
    assert packet.markdown == ""
    assert packet.tokens == 0
    assert packet.empty_reason


def test_the_same_request_gets_the_same_packet(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    first, second = (brief(satchel, repository, "revoke a session") for _ in range(2))
    assert (first.markdown, first.files) == (second.markdown, second.files)


def test_edits_renames_and_deletions_are_followed(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    (repository / "shop/sessions.py").rename(repository / "shop/logins.py")
    (repository / "shop/billing.py").unlink()
    (repository / "shop/refunds.py").write_text("def refund(order):\n    return -order.total\n")
    satchel.changed(
        str(repository),
        {"shop/sessions.py", "shop/logins.py", "shop/billing.py", "shop/refunds.py"},
    )
    assert brief(satchel, repository, "revoke session cookie").files[0].path == "shop/logins.py"
    assert brief(satchel, repository, "refund an order").files[0].path == "shop/refunds.py"
    assert brief(satchel, repository, "invoice order price lines").files == ()


def test_an_unchanged_folder_is_not_read_again(satchel: Satchel, repository: Path) -> None:
    first = index(satchel, repository)
    second = index(satchel, repository)
    assert first.read == 3
    assert second.read == 0
    assert second.unchanged == 3


def test_ignored_files_are_not_taken_in_by_a_change(satchel: Satchel, repository: Path) -> None:
    (repository / ".gitignore").write_text("secret.py\n")
    index(satchel, repository)
    (repository / "secret.py").write_text("def zanzibar():\n    return 'zanzibar zebra'\n")
    satchel.changed(str(repository), {"secret.py"})
    assert brief(satchel, repository, "zanzibar zebra").files == ()


def test_history_follows_a_rewritten_branch(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    (repository / "shop/tax.py").write_text("def vat(order):\n    return order.total * 0.2\n")
    commit(repository, "Add value added tax")
    assert index(satchel, repository).commits == 2


def test_a_plain_folder_can_be_a_workspace(satchel: Satchel, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "garden.md").write_text("# Tomatoes\n\nPlant tomatoes after the last frost.\n")
    summary = index(satchel, notes)
    assert not summary.git
    assert brief(satchel, notes, "when do I plant tomatoes?").files[0].path == "garden.md"


def test_workspaces_are_closed_to_each_other(
    satchel: Satchel, repository: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("def nothing():\n    return 0\n")
    index(satchel, repository)
    index(satchel, other)
    satchel.memory.remember(Saying("The vault code is heliotrope"), path=str(repository))
    assert satchel.memory.recall("vault code heliotrope", path=str(repository), limit=5)
    assert satchel.memory.recall("vault code heliotrope", path=str(other), limit=5) == []
    assert brief(satchel, other, "what is the vault code heliotrope?").markdown == ""
    satchel.memory.remember(Saying("Everywhere: the lighthouse is blue"), path=None)
    assert satchel.memory.recall("lighthouse blue", path=str(other), limit=5)


def test_a_record_is_recalled_briefed_and_forgotten(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    saying = Saying("Sessions are revoked on the server; JWT was ruled out", kind="decision")
    kept = satchel.memory.remember(saying, path=str(repository))
    record = kept.record
    assert kept.conflicts == ()
    packet = brief(satchel, repository, "revoke all sessions of a user on the server")
    assert [chosen.record.id for chosen in packet.records] == [record.id]
    assert "## Decisions" in packet.markdown
    assert "## Conflicts" not in packet.markdown
    packet = brief(satchel, repository, "switch sessions to JWT")  # what the record turns away
    assert [chosen.record.id for chosen in packet.records] == [record.id]
    assert "## Conflicts" in packet.markdown
    assert "jwt was ruled out" in packet.markdown
    satchel.memory.forget([record.id], path=str(repository))
    assert brief(satchel, repository, "switch sessions to JWT").records == ()
    with pytest.raises(BadInput):
        satchel.memory.forget([record.id], path=str(repository))


def test_what_an_agent_says_waits_to_be_confirmed(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    kept = satchel.memory.remember(Saying("We use tabs", source="agent"), path=str(repository))
    assert kept.record.status is Status.UNCONFIRMED


def test_a_secret_is_masked_before_it_is_remembered(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1bC2"
    saying = Saying(f"the deploy token is {token}")
    kept = satchel.memory.remember(saying, path=str(repository))
    assert token not in kept.record.text
    assert kept.masked == 1


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("   ", None, "empty-record"),
        ("x", "wish", "unknown-kind"),
        ("x" * 1_000_001, None, "record-too-long"),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused(
    satchel: Satchel, repository: Path, text: str, kind: str | None, code: str
) -> None:
    index(satchel, repository)
    with pytest.raises(BadInput) as refused:
        satchel.memory.remember(Saying(text, kind=kind), path=str(repository))
    assert refused.value.code == code


def test_a_path_that_is_not_there_is_said(satchel: Satchel, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no"):
        index(satchel, tmp_path / "nowhere")


def test_a_rule_for_some_files_comes_with_them_and_not_with_others(
    satchel: Satchel, repository: Path
) -> None:
    index(satchel, repository)
    rule = Saying("Keep functions pure here", kind="rule", globs=("shop/bill*.py",))
    satchel.memory.remember(rule, path=str(repository))
    billing = brief(satchel, repository, "write the invoice order lines")
    assert [chosen.reason for chosen in billing.records] == ["its scope covers shop/billing.py"]
    assert brief(satchel, repository, "revoke a session cookie").records == ()


def test_an_overview_is_answered_from_what_stands_at_the_front(
    satchel: Satchel, repository: Path
) -> None:
    (repository / "README.md").write_text("# Shop\n\nSells lamps to people who read at night.\n")
    index(satchel, repository)
    packet = brief(satchel, repository, "what does this repository do?")
    assert [file.path for file in packet.files] == ["README.md"]
    assert packet.files[0].reason == "says what this is"


def test_a_blob_in_a_request_is_read_as_noise(satchel: Satchel, repository: Path) -> None:
    index(satchel, repository)
    packet = brief(satchel, repository, "revoke the session cookie " + "a" * 200_000)
    assert packet.files[0].path == "shop/sessions.py"
    assert packet.ms["classify"] < packet.ms["total"]
