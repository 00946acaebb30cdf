"""What is said once, when a session starts."""

from __future__ import annotations

from dataclasses import replace

from satchel.context import tokens
from satchel.context.standing import BUDGET, open_conflicts, standing
from satchel.context.types import Conflict, Origin, Record, RecordKind, Status

DAY = "2026-11-02T10:00:00+00:00"


def record(name: str, text: str, kind: RecordKind = RecordKind.RULE) -> Record:
    return Record(name, kind, text, "/w", ("user",), DAY, DAY)


def fact(name: str, text: str, attribute: str) -> Record:
    held = record(name, text, RecordKind.FACT)
    return replace(held, origin=Origin.MANIFESTS, attribute=attribute, confirmed=False)


RULE = record("r1", "Never store card numbers.")
DJANGO = fact("f1", "Uses Django 5.2 (framework).", "framework")
PYTHON = fact("f2", "Python >=3.12 is required.", "version")
CONFLICT = Conflict(
    ("r1", "r2"), ("Use tabs.", "Use spaces."), (DAY, DAY), ("a", "b"), "they differ"
)


def test_it_tells_the_framework_the_versions_the_rules_and_the_conflicts() -> None:
    told = standing([RULE, PYTHON, DJANGO], [CONFLICT])
    for text in (RULE.text, DJANGO.text, PYTHON.text, *CONFLICT.statements):
        assert text in told.markdown
    assert told.markdown.index(DJANGO.text) < told.markdown.index(PYTHON.text)
    assert {"record r1", "record f1", "record f2"} < set(told.items)


def test_nothing_is_said_where_there_is_nothing() -> None:
    mined = replace(RULE, confirmed=False, origin=Origin.RULES)
    proposed = replace(RULE, confirmed=False, origin=Origin.AGENT, status=Status.UNCONFIRMED)
    narrow = replace(RULE, globs=("src/**",))
    over = replace(RULE, status=Status.SUPERSEDED)
    note = record("n1", "The office is blue.", RecordKind.NOTE)
    told = standing([mined, proposed, narrow, over, note], [])
    assert (told.markdown, dict(told.items)) == ("", {})
    assert told.why


def test_what_is_pinned_is_said_whatever_it_is() -> None:
    pinned = replace(record("n1", "The office is blue.", RecordKind.NOTE), pinned=True)
    assert "office" in standing([pinned], []).markdown


def test_it_stays_short_and_cuts_nothing() -> None:
    rules = [record(f"r{n}", f"Rule {n}: keep the {n}th part of it apart.") for n in range(60)]
    long = replace(record("r99", "and so on " * 200), pinned=True)
    told = standing([long, *rules, DJANGO, PYTHON], [CONFLICT] * 9)
    assert tokens.count(told.markdown) <= BUDGET
    whole = {f"- {each.text}" for each in [*rules, DJANGO, PYTHON]}
    said = [line for line in told.markdown.splitlines() if line.startswith("- ")]
    assert set(said) - whole == {line for line in said if "Which holds?" in line}
    assert DJANGO.text in told.markdown


def test_only_conflicts_that_somebody_stands_by_are_open() -> None:
    tabs = record("r1", "Indent with tabs.")
    spaces = record("r2", "Indent with spaces, never with tabs.")
    mined = [replace(each, confirmed=False, origin=Origin.RULES) for each in (tabs, spaces)]
    assert open_conflicts(mined) == []
    assert open_conflicts([tabs, mined[1]]) == open_conflicts([tabs, spaces])
    assert len(open_conflicts([tabs, spaces])) == 1
