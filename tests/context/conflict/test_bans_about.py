"""Bans are only looked for where a record is about what they would be about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from satchel.context.conflict import position

CASES = Path(__file__).resolve().parents[3] / "bench" / "cases"


@pytest.mark.parametrize("file", sorted(CASES.glob("conflicts*.json")), ids=lambda file: file.stem)
def test_what_a_record_turns_away_is_among_what_it_is_about(file: Path) -> None:
    projects = json.loads(file.read_text(encoding="utf-8"))["projects"]
    held = [position(record["text"]) for project in projects for record in project["records"]]
    assert any(one.bans for one in held)
    assert all(ban.concepts <= one.about for one in held for ban in one.bans)
