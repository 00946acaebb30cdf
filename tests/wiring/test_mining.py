"""Mining through the composition root: real files, a real git history, real transcripts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.remember import Saying
from satchel.context.store.records import RecordStore
from satchel.context.types import Origin, Record, Status
from satchel.wiring import Satchel, mining
from satchel.wiring.leave import records_path

ADR = """# 2. Keep sessions on the server

Date: 2026-02-16

## Status

Accepted

## Context

A signed token stays valid until it expires.

## Decision

Sessions are rows in the table `sessions`. `load_session` in `shop/sessions.py` reads them.

## Consequences

Signing out ends a session at once. Idle rows are swept by a nightly cron job.
"""
CODE = "def load_session(cookie):\n    return cookie\n"


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=folder, check=True
    )


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "shop"
    for path, text in {
        "docs/adr/0002-sessions.md": ADR,
        "CLAUDE.md": "# Rules\n\n- Never log e-mail addresses.\n- Use pnpm, not npm.\n",
        "AGENTS.md": "- Use pnpm, not npm.\n",
        "web/CLAUDE.md": "- Always name the exports of a component.\n",
        "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.11"\n',
        "shop/sessions.py": CODE,
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "Replace moment with date-fns because moment is not maintained")
    return top


@pytest.fixture
def satchel(tmp_path: Path) -> Iterator[Satchel]:
    opened = Satchel(Home(tmp_path / "home"), Settings({}))
    yield opened
    opened.close()


def index(satchel: Satchel, top: Path) -> list[dict[str, object]]:
    return satchel.index(str(top), lambda progress: None, accept=True).mined


def saying(satchel: Satchel, top: Path, words: str) -> Record:
    (found,) = [r for r in satchel.memory.records(str(top)) if words in r.text]
    return found


def test_every_kind_of_source_is_mined_with_a_place_that_opens(satchel: Satchel, top: Path) -> None:
    told = {str(one["source"]): one for one in index(satchel, top)}
    assert {"decisions", "rules", "manifests", "history"} <= told.keys()
    records = satchel.memory.records(str(top))
    assert {r.origin for r in records} == {
        Origin.DECISIONS,
        Origin.RULES,
        Origin.MANIFESTS,
        Origin.HISTORY,
    }
    for record in records:
        assert record.is_mined
        assert 0 < record.confidence < 1
        for source in record.sources:
            if not source.startswith("commit "):
                path, _, line = source.rpartition(":")
                lines = (top / path).read_text().splitlines()
                assert 1 <= int(line) <= len(lines)
    decision = saying(satchel, top, "rows in the table")
    assert decision.valid_from.startswith("2026-02-16")
    assert "shop/sessions.py" in decision.anchors


def test_a_rule_in_two_files_is_one_record_with_two_sources(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    assert len(saying(satchel, top, "pnpm").sources) == 2


def test_a_nested_rules_file_holds_for_its_folder(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    assert saying(satchel, top, "exports").globs == ("web/**",)


def test_miners_that_read_otherwise_mine_everything_anew_and_change_nothing_else(
    satchel: Satchel, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [one["source"] for one in index(satchel, top)]
    before = satchel.memory.records(str(top))
    monkeypatch.setattr(mining, "MINERS", mining.MINERS + 1)
    assert [one["source"] for one in index(satchel, top)] == first
    assert satchel.memory.records(str(top)) == before
    assert index(satchel, top) == []


def test_mining_again_changes_nothing(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    before = satchel.memory.records(str(top))
    assert index(satchel, top) == []
    assert satchel.memory.records(str(top)) == before


def test_a_rule_that_was_reworded_succeeds_the_old_one(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    old = saying(satchel, top, "Never log")
    rules = top / "CLAUDE.md"
    rules.write_text(rules.read_text().replace("e-mail addresses", "e-mail addresses or names"))
    index(satchel, top)
    new = saying(satchel, top, "or names")
    closed = next(r for r in satchel.memory.records(str(top)) if r.id == old.id)
    assert (closed.status, closed.superseded_by) == (Status.SUPERSEDED, new.id)
    assert new.supersedes == (old.id,)


def test_a_rule_that_was_taken_out_holds_no_more_unless_the_user_confirmed_it(
    satchel: Satchel, top: Path
) -> None:
    index(satchel, top)
    gone, kept = saying(satchel, top, "Never log"), saying(satchel, top, "exports")
    satchel.memory.confirm([kept.id], path=str(top))
    (top / "CLAUDE.md").unlink()
    (top / "web/CLAUDE.md").unlink()
    index(satchel, top)
    by_id = {r.id: r for r in satchel.memory.records(str(top))}
    assert by_id[gone.id].status is Status.SUPERSEDED
    assert "CLAUDE.md" in (by_id[gone.id].reason or "")
    assert by_id[kept.id].status is Status.ACTIVE
    assert saying(satchel, top, "pnpm").status is Status.ACTIVE  # AGENTS.md still says it


def test_decisions_that_followed_each_other_go_together(satchel: Satchel, top: Path) -> None:
    later = ADR.replace("# 2. Keep sessions on the server", "# 3. Keep sessions in a cookie")
    adrs = top / "docs" / "adr"
    (adrs / "0003-cookies.md").write_text(later.replace("Sessions are rows", "No rows"))
    (adrs / "0002-sessions.md").write_text(
        ADR.replace("Accepted", "Superseded by [ADR 3](0003-cookies.md)")
    )
    (adrs / "0004-kept.md").write_text(ADR.replace("# 2. Keep sessions", "# 4. Keep carts"))
    index(satchel, top)
    old = saying(satchel, top, "Keep sessions on the server")
    assert old.superseded_by == saying(satchel, top, "in a cookie").id
    (adrs / "0002-sessions.md").unlink()
    (adrs / "0003-cookies.md").unlink()
    index(satchel, top)
    assert saying(satchel, top, "Keep sessions on the server") == old
    assert saying(satchel, top, "in a cookie").status is Status.SUPERSEDED


def test_a_question_finds_a_decision_by_what_its_document_says_further_down(
    satchel: Satchel, top: Path
) -> None:
    index(satchel, top)
    asked = "why are idle rows swept by a nightly job?"
    (chosen,) = satchel.brief(asked, str(top)).records
    assert chosen.record.source == "docs/adr/0002-sessions.md:15"
    assert chosen.reason == "shares idle, job, nightly, swept with the request at line 17"
    assert not satchel.brief("why is an e-mail token a number?", str(top)).records


def test_what_was_forgotten_is_not_mined_again(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    record = saying(satchel, top, "Never log")
    satchel.memory.forget([record.id], path=str(top))
    rules = top / "CLAUDE.md"
    rules.write_text(rules.read_text() + "- Never push to main.\n")
    index(satchel, top)
    texts = [r.text for r in satchel.memory.records(str(top))]
    assert any("push to main" in text for text in texts)
    assert not any("Never log" in text for text in texts)


def test_a_decision_whose_code_is_gone_turns_stale_and_says_so(satchel: Satchel, top: Path) -> None:
    index(satchel, top)
    (top / "shop/sessions.py").unlink()
    index(satchel, top)
    record = saying(satchel, top, "rows in the table")
    assert record.status is Status.STALE
    assert "shop/sessions.py" in (record.reason or "")
    packet = satchel.brief("where are sessions rows in the table kept?", str(top))
    assert record.id not in {c.record.id for c in packet.records}
    (top / "shop/sessions.py").write_text(CODE)
    index(satchel, top)
    assert saying(satchel, top, "rows in the table").status is Status.ACTIVE


def test_only_the_users_own_words_of_this_workspace_become_records(
    satchel: Satchel, top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    slug = "".join(c if c.isalnum() else "-" for c in str(top))
    folder = tmp_path / "claude" / "projects" / slug
    folder.mkdir(parents=True)

    def line(role: str, text: str, cwd: Path = top) -> str:
        return json.dumps(
            {
                "type": role,
                "cwd": str(cwd),
                "sessionId": "s",
                "uuid": "u",
                "timestamp": "2026-10-01T10:00:00Z",
                "message": {"role": role, "content": text},
            }
        )

    (folder / "s.jsonl").write_text(
        "\n".join(
            [
                line("user", "From now on, always use tabs in the Makefile."),
                line("assistant", "We decided to use MongoDB for the carts."),
                line("user", "We decided to use Cassandra for everything.", tmp_path / "other"),
                "{ this is no JSON",
            ]
        )
    )
    (told,) = [one for one in index(satchel, top) if str(one["source"]).startswith("transcript")]
    assert told["added"] == 1
    record = saying(satchel, top, "tabs in the Makefile")
    assert record.origin is Origin.TRANSCRIPTS
    assert record.status is Status.UNCONFIRMED
    assert record.source == f"{folder / 's.jsonl'}:1"
    texts = " ".join(r.text for r in satchel.memory.records(str(top)))
    assert "MongoDB" not in texts
    assert "Cassandra" not in texts


def test_what_the_user_told_a_model_here_is_mined(
    satchel: Satchel, top: Path, tmp_path: Path
) -> None:
    index(satchel, top)
    store = RecordStore(records_path(Home(tmp_path / "home"), top))
    store.conversations.add(
        "c1", "2026-10-01T10:00:00+00:00", "user", "From now on, always sort imports."
    )
    store.conversations.add("c1", "2026-10-01T10:00:01+00:00", "assistant", "Always use MongoDB.")
    store.close()
    index(satchel, top)
    record = saying(satchel, top, "sort imports")
    assert record.origin is Origin.CONVERSATIONS
    assert "MongoDB" not in " ".join(r.text for r in satchel.memory.records(str(top)))


def test_what_the_user_says_again_is_one_record_with_both_sources(
    satchel: Satchel, top: Path
) -> None:
    index(satchel, top)
    mined = saying(satchel, top, "pnpm")
    kept = satchel.memory.remember(Saying("Use pnpm, not npm"), path=str(top)).record
    assert kept.id == mined.id
    assert "user" in kept.sources
    assert kept.confirmed
