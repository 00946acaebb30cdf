"""What a history took back: reverts, reverts of reverts, the way back of a switch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.types import Commit, Statement, Status

READ: Final = 8_000  # characters of a message's body that are read

REVERT: Final = re.compile(r"(?:re-?)?revert(?:ed|s|ing)?[:\s]+[\"“'](?P<of>.{1,400})[\"”']", re.I)
_REVERTED: Final = re.compile(
    r"(?:this\s+(?:re-?)?reverts\s+commit|^reverts?(?:\s+commit)?:?|reverted\s+in)\s+"
    r"(?P<sha>[0-9a-f]{7,64})\b",
    re.I | re.M,
)
_REAPPLY: Final = re.compile(r"(?:re-?apply|re-?land)\s+[\"“'](?P<of>.{1,400})[\"”']", re.I)
_NUMBERED: Final = re.compile(
    r"\s*\((?:#|gh-)\d{1,7}\)|[,;]?\s*(?:--?\s*)?\b(?:closes?|fix(?:es)?|refs?)\s+#\d+", re.I
)


@dataclass(frozen=True, slots=True)
class Found:
    """A statement, and what it does away with and brings in, as names to compare.

    One that does not stand by itself (a removal, a revert without a reason) is told only where it
    ends another.
    """

    statement: Statement
    old: str = ""
    new: str = ""
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Undone:
    """Which commit took back which: `of` maps a revert to what it reverts."""

    of: Mapping[str, str]
    silent: frozenset[str]  # reverts that were themselves taken back, and the ones that did that


def undone(commits: Sequence[Commit]) -> Undone:
    """Read which of these commits, oldest first, took back which."""
    shas = {commit.sha for commit in commits}
    short: dict[str, str] = {sha[:7]: sha for sha in shas}
    latest: dict[str, str] = {}
    of: dict[str, str] = {}
    silent: set[str] = set()
    for commit in commits:
        subject = plain(commit.subject)
        revert = REVERT.match(subject) or _REAPPLY.match(subject)
        named = _REVERTED.search(commit.body[:READ])
        if revert or (named and subject.lower().startswith("revert")):
            old = short.get(named["sha"][:7].lower()) if named else None
            if old is None and revert:
                of_subject = plain(revert["of"])
                if _REAPPLY.match(subject):
                    of_subject = f'Revert "{of_subject}"'
                old = latest.get(of_subject)
            if old is not None and old != commit.sha:
                of[commit.sha] = old
                if old in of:  # a revert of a revert: what it took back stands again
                    silent |= {old, commit.sha}
        latest[subject] = commit.sha
    return Undone(of, frozenset(silent))


def plain(subject: str) -> str:
    """Return a subject without the numbers of issues and requests."""
    return " ".join(_NUMBERED.sub("", subject[:500]).split())


def linked(found: Sequence[tuple[Commit, Found]], back: Undone) -> list[Statement]:
    """Let later statements supersede the earlier ones that they undo. `found` is oldest first."""
    short: dict[str, str] = {}  # "commit " and seven digits, to the key that is told
    brought: dict[str, str] = {}
    minimum: dict[str, str] = {}
    again: dict[str, str] = {}
    made: list[Statement] = []
    for commit, one in found:
        statement, old = one.statement, back.of.get(commit.sha)
        named = [*statement.supersedes, *([f"commit {old}"] if old else [])]
        links = {short[key[:14]] for key in named if key[:14] in short}
        subject = plain(commit.subject)
        if old is None and subject in again:
            links.add(again.pop(subject))  # what was reverted came back
        if (revert := REVERT.match(subject)) and statement.key:
            again[plain(revert["of"])] = statement.key
        if statement.attribute == "minimum version" and statement.subject and statement.key:
            if statement.subject in minimum:
                links.add(minimum[statement.subject])
            minimum[statement.subject] = statement.key
        if one.old and one.old in brought:
            links.add(brought.pop(one.old))
        if not (one.stands or links):
            continue
        if statement.key:
            short[statement.key[:14]] = statement.key
            if one.new:
                brought[one.new] = statement.key
        links.discard(statement.key or "")
        made.append(replace(statement, supersedes=tuple(sorted(links))))
    gone = {key for statement in made for key in statement.supersedes}
    by = {key: statement.key for statement in made for key in statement.supersedes}
    return [
        replace(s, status=Status.SUPERSEDED, superseded_by=by[s.key])
        if s.key is not None and s.key in gone and s.status is Status.ACTIVE
        else s
        for s in made
    ]
