"""From what a request wants to what is looked at. Pure: a table of plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.types import Intent, IntentKind, Role, Signal


@dataclass(frozen=True, slots=True)
class Plan:
    """What to retrieve and how to weigh it.

    `weights` multiply each signal's share (0 to 1); `roles` multiply a document's score by what
    it is; `most_files` bounds the files of a packet.
    """

    weights: Mapping[Signal, float]
    roles: Mapping[str, float]
    most_files: int
    records: int
    silent: bool = False


# Chosen on commits of six repositories (datasette, httpx, tornado, ripgrep, gin, express), message
# → changed source files; docs/adr/0006-first-weights.md has the figures.
WEIGHTS: Final[Mapping[Signal, float]] = {
    Signal.LEXICAL: 1.0,
    Signal.TITLE: 0.6,
    Signal.SYMBOL: 0.6,
    Signal.PATH: 0.7,
    Signal.HISTORY: 0.6,
    Signal.FOLLOWED: 0.6,
    Signal.TOGETHER: 0.1,
    Signal.IMPORT: 0.05,
    Signal.VECTOR: 0.0,
}
# A change is made in source; a question may be answered by a document.
CHANGED: Final[Mapping[str, float]] = {
    Role.SOURCE: 1.0,
    Role.TEST: 0.35,
    Role.PROSE: 0.4,
    Role.MANIFEST: 0.5,
    Role.TEXT: 0.5,
}
ASKED: Final[Mapping[str, float]] = {**CHANGED, Role.PROSE: 0.65, Role.MANIFEST: 0.6}

PLANS: Final[Mapping[IntentKind, Plan]] = {
    IntentKind.CHANGE: Plan(WEIGHTS, CHANGED, most_files=6, records=6),
    IntentKind.QUESTION: Plan({**WEIGHTS, Signal.VECTOR: 0.5}, ASKED, most_files=6, records=6),
    IntentKind.PLAN: Plan({**WEIGHTS, Signal.VECTOR: 0.5}, ASKED, most_files=6, records=8),
    IntentKind.RECALL: Plan({**WEIGHTS, Signal.VECTOR: 0.5}, ASKED, most_files=4, records=8),
    IntentKind.OPERATE: Plan(WEIGHTS, {**ASKED, Role.MANIFEST: 1.0}, most_files=4, records=6),
    IntentKind.NONE: Plan({}, {}, most_files=0, records=0, silent=True),
}


def route(intent: Intent, about_docs: bool = False) -> Plan:
    """Choose the plan for an intent; where the documents themselves are asked for, they weigh as
    much as source."""
    plan = PLANS[intent.kind]
    return replace(plan, roles={**plan.roles, Role.PROSE: 1.0}) if about_docs else plan
