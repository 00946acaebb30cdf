"""The other side of silence: are records handed over that a request is about, where no file is?

The requests and plans that were written for the records of `silence.sayings`, asked in a repository
that has nothing to do with them: nothing but the words speaks for a record there, as it is where a
decision is older than any code. Beside it: how many of the records that were handed over are right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.conflicts import CASES
from bench.intervals import with_interval
from satchel.context.remember import Saying
from satchel.context.types import Packet

FILES = ("plain_tune", "plain_more")
RECORDS = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the texts of the records that bear on it, and of those that it contradicts."""

    request: str
    bears_on: frozenset[str]
    contradicts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handed:
    """A case, the texts of the records that its packet held, and of those in conflict."""

    case: Case
    records: frozenset[str]
    conflicts: frozenset[str]


def remembered() -> tuple[list[Saying], list[Case]]:
    """Return what is remembered and what is asked for it, of the developed files, without globs."""
    projects: list[dict[str, Any]] = [
        project
        for name in FILES
        for project in json.loads((CASES / f"{name}.json").read_text("utf-8"))["projects"]
    ]
    kept: set[tuple[int, str]] = set()
    sayings: list[Saying] = []
    for number, project in enumerate(projects):
        for row in project["records"]:
            if row["status"] == "active" and len(sayings) < RECORDS:
                kept.add((number, row["id"]))
                sayings.append(Saying(row["text"], row["kind"]))
    cases = [
        case
        for number, project in enumerate(projects)
        for case in _cases(project, {name for at, name in kept if at == number})
    ]
    return sayings, cases


def _cases(project: dict[str, Any], kept: set[str]) -> Iterator[Case]:
    texts = {row["id"]: row["text"] for row in project["records"] if row["id"] in kept}
    for row in project["cases"]:
        bears_on, contradicts = (
            frozenset(texts[name] for name in row[key] if name in texts)
            for key in ("bears_on", "conflicts")
        )
        if row["kind"] in {"request", "plan"} and (bears_on or contradicts):
            yield Case(row["text"], bears_on, contradicts)


def handed(case: Case, packet: Packet) -> Handed:
    """Note what a packet held, but for what is pinned."""
    texts = {one.record.id: one.record.text for one in packet.records}
    pinned = {one.record.id for one in packet.records if one.reason == "is pinned"}
    against = {name for conflict in packet.conflicts for name in conflict.ids if name in texts}
    return Handed(
        case,
        frozenset(text for name, text in texts.items() if name not in pinned),
        frozenset(texts[name] for name in against),
    )


def figures(found: Sequence[Handed]) -> dict[str, Any]:
    """Return the recall of records and of conflicts, and the precision of both together."""

    def recall(drawn: Sequence[Handed]) -> float:
        wanted = sum(len(one.case.bears_on) for one in drawn)
        return sum(len(one.case.bears_on & one.records) for one in drawn) / max(wanted, 1)

    def opposed(drawn: Sequence[Handed]) -> float:
        wanted = sum(len(one.case.contradicts) for one in drawn)
        return sum(len(one.case.contradicts & one.conflicts) for one in drawn) / max(wanted, 1)

    def precision(drawn: Sequence[Handed]) -> float:
        given = sum(len(one.records) for one in drawn)
        return sum(
            len((one.case.bears_on | one.case.contradicts) & one.records) for one in drawn
        ) / max(given, 1)

    return {
        "asked": len(found),
        "records_recall": with_interval(found, recall),
        "conflicts_recall": with_interval(found, opposed),
        "records_precision": with_interval(found, precision),
    }
