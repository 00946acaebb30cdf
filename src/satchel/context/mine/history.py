"""What a repository's history decided: commits that switch, drop, require, rule out or revert.

Most commits decide nothing that outlives them. A bare "use X instead of Y" counts only with
evidence of its weight: a reason in the body, a manifest among its files, many files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context.conflict.choices import named
from satchel.context.mine.history_forms import (
    DECIDED,
    DEPENDENCIES,
    NOISE,
    RULED,
    SUBJECT,
    WHY,
    Form,
)
from satchel.context.mine.sentences import sentences
from satchel.context.types import Commit, Mined, Origin, RecordKind, Statement, Status

LONGEST: Final = 600  # characters of a statement
READ: Final = 8_000  # characters of a body that are read
ENOUGH: Final = 2  # evidence that a bare form needs
WIDE: Final = 12  # files; a change of so many is not an aside


_TRAILER: Final = re.compile(r"([A-Z][A-Za-z]+(?:[- ][A-Za-z]+){0,3})(?::[ \t]+|[ \t]#)(\S.*)")
_TRAILERS: Final[Mapping[str, tuple[RecordKind, float]]] = {
    "decision": (RecordKind.DECISION, 0.8),
    "decided": (RecordKind.DECISION, 0.8),
    "rejected": (RecordKind.DECISION, 0.8),
    "constraint": (RecordKind.RULE, 0.8),
    "directive": (RecordKind.RULE, 0.75),
    "rule": (RecordKind.RULE, 0.8),
    "breaking change": (RecordKind.DECISION, 0.7),
    "breaking-change": (RecordKind.DECISION, 0.7),
    "deprecates": (RecordKind.DECISION, 0.8),
    "deprecated": (RecordKind.DECISION, 0.75),
    "refs-adr": (RecordKind.DECISION, 0.7),
    "adr": (RecordKind.DECISION, 0.7),
}
_SPOKEN: Final = frozenset({"decision", "decided", "constraint", "directive", "rule"})
_REVERT: Final = re.compile(r"(?:re-?)?revert(?:ed|s|ing)?[:\s]+[\"“'](?P<of>.{1,400})[\"”']", re.I)
_REVERTED: Final = re.compile(
    r"(?:this\s+(?:re-?)?reverts\s+commit|^reverts?(?:\s+commit)?:?|reverted\s+in)\s+"
    r"(?P<sha>[0-9a-f]{7,64})\b",
    re.I | re.M,
)
_REAPPLY: Final = re.compile(r"(?:re-?apply|re-?land)\s+[\"“'](?P<of>.{1,400})[\"”']", re.I)
_PREFIX: Final = re.compile(
    r"(?:\[[^\]\n]{1,40}\]\s*)?(?:(?:fix(?:ed|es)?|refs?|closes?"
    r"|issue)\s+#?\d{1,7}\b[\s,.:\u2013\u2014-]{0,6}){0,3}"
    r"(?:\[[^\]\n]{1,40}\]\s*)?"
    r"(?P<scope>[\w*./, -]{1,40}(?:\([^)\n]{1,40}\))?)?(?P<bang>!)?(?(scope):\s+|)",
    re.I,
)
_NUMBERED: Final = re.compile(
    r"\s*\((?:#|gh-)\d{1,7}\)|[,;]?\s*(?:--?\s*)?\b(?:closes?|fix(?:es)?|refs?)\s+#\d+", re.I
)
_BOT: Final = re.compile(
    r"\[bot\]|\b(?:dependabot|renovate|greenkeeper|pyup|snyk|pre-commit-ci)\b", re.I
)
_MANIFEST: Final = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|requirements[\w./-]{0,40}\.(?:txt|in)"
    r"|pipfile|tox\.ini"
    r"|package\.json|cargo\.toml|go\.mod|gemfile|[\w.-]{1,40}\.gemspec|composer\.json|pom\.xml"
    r"|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|libs\.versions\.toml|package\.swift"
    r"|[\w.-]{1,40}\.(?:podspec|csproj)|directory\.[\w.]{1,20}\.props|cmakelists\.txt|makefile"
    r"|dockerfile|\.travis\.yml|appveyor\.yml)$|^\.github/workflows/|^\.circleci/",
    re.I,
)
_PROSE: Final = re.compile(
    r"(?:^|/)docs?/|\.(?:md|rst|txt|adoc|html)$|(?:^|/)(?:authors|changes|news)\b", re.I
)
_ASIDE: Final = re.compile(
    r"\b(?:in|for|from|of)\s+(?:\w+\s+){0,2}(?:tests?|docs?|documentation|examples?|comments?"
    r"|readme|"
    r"docstrings?|samples?|logs?|changelog|test\s?suite|benchmarks?)\b|\btests?\b"
    r"|\bvariable\b|\brenam",
    re.I,
)
_CODE: Final = re.compile(
    r"[()=<>*\[\]{}\"']|^`?_|\b(?:\w+\.){2,}\w+|->|::|\bthe\s+same\b|^(?:this|that|it|them|a|an)\b"
)
_SIGNED: Final = re.compile(
    r"(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|cc|change-id"
    r"|pr-url"
    r"|fixes|closes|refs?|see|bug|issue|link|reviewed-on|author|thanks)\b.{0,30}[:#]"
    r"|https?://\S+$|\(cherry picked|conflicts:|>|\||```|---|\$\s",
    re.I,
)
_REVERTS: Final = re.compile(
    r"\b(?:this\s+(?:re-?)?reverts|reverts?)\s+(?:commit\s+)?[0-9a-f]{7,64}[.,;:]?"
    r"|\bthanks\s+to\b.*",
    re.I,
)
_BULLET: Final = re.compile(r"\s{0,6}[*+-]\s")
_MARKUP: Final = re.compile(r"!?\[([^\]\n]{1,200})\]\([^)\n]{0,400}\)|^#{1,6}\s+|\*\*", re.M)
_NAME: Final = re.compile(r"[a-z0-9][\w.+#/-]*", re.I)
_FILLER: Final = frozenset(
    {"the", "a", "an", "use", "using", "new", "old", "our", "own", "library", "crate", "all"}
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A statement, and what it does away with and brings in, as names to compare."""

    statement: Statement
    old: str = ""
    new: str = ""


def history(commits: Iterable[Commit]) -> Mined:
    """Find the commits that decide something lasting, in whatever order they come.

    What a later commit undoes is superseded by it: a revert, the way back of a switch, a newer
    minimum version.
    """
    left: Counter[str] = Counter()
    found: list[tuple[Commit, _Found]] = []
    whole = sorted(commits, key=lambda commit: commit.time)
    undone = _undone(whole)
    for commit in whole:
        if commit.sha in undone.silent:
            left["reverted and reapplied"] += 1
            continue
        mined = list(_trailers(commit))
        if not mined:
            one, reason = _judge(commit, undone)
            mined = [one] if one else []
            if reason:
                left[reason] += 1
        found += [(commit, one) for one in mined]
    return Mined(tuple(_linked(found, undone)), len(whole), dict(left))


@dataclass(frozen=True, slots=True)
class _Undone:
    """Which commit took back which: `by` maps a commit to its revert, `of` the other way."""

    by: Mapping[str, str]
    of: Mapping[str, str]
    silent: frozenset[str]  # reverts that were themselves taken back, and the ones that did that


def _undone(commits: Sequence[Commit]) -> _Undone:
    shas = {commit.sha for commit in commits}
    short: dict[str, str] = {sha[:7]: sha for sha in shas}
    latest: dict[str, str] = {}
    by: dict[str, str] = {}
    of: dict[str, str] = {}
    silent: set[str] = set()
    for commit in commits:
        subject = _plain(commit.subject)
        revert = _REVERT.match(subject) or _REAPPLY.match(subject)
        named = _REVERTED.search(commit.body[:READ])
        if revert or (named and subject.lower().startswith("revert")):
            old = short.get(named["sha"][:7].lower()) if named else None
            if old is None and revert:
                of_subject = _plain(revert["of"])
                if _REAPPLY.match(subject):
                    of_subject = f'Revert "{of_subject}"'
                old = latest.get(of_subject)
            if old is not None and old != commit.sha:
                by[old] = commit.sha
                of[commit.sha] = old
                if old in of:  # a revert of a revert: what it took back stands again
                    silent |= {old, commit.sha}
                    by.pop(of[old], None)
        latest[subject] = commit.sha
    return _Undone(by, of, frozenset(silent))


def _plain(subject: str) -> str:
    return " ".join(_NUMBERED.sub("", subject[:500]).split())


def _judge(commit: Commit, undone: _Undone) -> tuple[_Found | None, str | None]:
    """Return what a commit decides, or why it was left."""
    subject = _plain(clean(commit.subject))
    if _BOT.search(commit.author):
        return None, "by a bot"
    revert = _REVERT.match(subject) or (commit.sha in undone.of)
    body = _prose(commit.body)
    told = sentences(body)[:60]
    why = next((s for s in told if WHY.search(s) and _is_whole(s)), None)
    if revert:
        return _reverted(commit, subject, told, undone)
    for reason, pattern in NOISE:
        if pattern.match(subject):
            return None, reason
    form, match, evidence = _fitting(commit, subject, why)
    if form and match and evidence >= ENOUGH:
        confidence = min(form.confidence + (0.1 if why else 0.0), 0.7)
        groups = match.groupdict()
        old = _name(groups.get("old") or groups.get("old2") or "")
        new = _name(groups.get("new") or "")
        statement = _statement(commit, form.kind, _text(subject, why), confidence)
        if form.name == "minimum":
            what = " ".join(groups["what"].lower().split())
            what = "rust" if what == "msrv" else what
            statement = replace(
                statement, subject=what, attribute="minimum version", stance=groups["new"]
            )
            return _Found(statement), None
        return _Found(statement, old, new), None
    spoken = next((s for s in (subject, *told) if DECIDED.search(s) and _is_whole(s)), None)
    if spoken and not _hedged(spoken):
        text = _text(subject, spoken if spoken is not subject else why)
        return _Found(_statement(commit, RecordKind.DECISION, text, 0.6)), None
    ruled = next((s for s in told if RULED.search(s) and WHY.search(s)), None)
    if ruled and not _hedged(ruled):
        return _Found(_statement(commit, RecordKind.RULE, _text(ruled, None), 0.5)), None
    return None, "slight" if form else "decides nothing"


def _fitting(
    commit: Commit, subject: str, why: str | None
) -> tuple[Form | None, re.Match[str] | None, int]:
    """Find the wording that a subject follows, and weigh the evidence that it matters."""
    head = _PREFIX.match(subject)
    starts = [0] if head is None or not head.end() else [head.end(), 0]
    for form in SUBJECT:
        for start in starts:
            match = form.pattern.match(subject, start)
            if match is None:
                continue
            groups = match.groupdict()
            objects = [groups[g] for g in ("old", "old2", "new") if groups.get(g)]
            evidence = form.evidence
            if len({one.strip("`'\"").casefold() for one in objects}) < len(objects):
                continue  # "use Minitest instead of MiniTest" spells, it does not decide
            evidence += 1 if why else 0
            dependency = form.name in DEPENDENCIES
            if any(_MANIFEST.search(path) for path in commit.paths):
                evidence += 2 if dependency and all(len(one.split()) <= 3 for one in objects) else 1
            if dependency and _are_rivals(objects):
                evidence += 2
            evidence += 1 if len(commit.paths) >= WIDE else 0
            evidence += 1 if head and head["bang"] else 0
            evidence -= 1 if any(_CODE.search(one) for one in objects) else 0
            evidence -= 1 if any(len(one.split()) > 5 for one in objects) else 0
            evidence -= 2 if _ASIDE.search(subject) else 0
            if commit.paths and all(_PROSE.search(path) for path in commit.paths):
                evidence -= 2
            return form, match, evidence
    return None, None, 0


def _are_rivals(objects: Sequence[str]) -> bool:
    """Tell whether two things are known to be options for one purpose: a choice between them is no
    detail."""
    options = [{found.option for found in named(f"use {one}")} for one in objects]
    return any(
        ours != theirs and ours.purpose == theirs.purpose
        for first, second in combinations(options, 2)
        for ours in first
        for theirs in second
    )


def _reverted(
    commit: Commit, subject: str, told: Sequence[str], undone: _Undone
) -> tuple[_Found | None, str | None]:
    """A revert counts where it says why; without a reason only what it takes back may count."""
    of = _REVERT.match(subject)
    if of and any(pattern.match(of["of"]) for reason, pattern in NOISE if reason == "housekeeping"):
        return None, "housekeeping"
    reasons = [s for s in told if _is_whole(s) and (WHY.search(s) or len(s.split()) >= 6)]
    if not reasons and commit.sha not in undone.of:
        return None, "a revert without a reason"
    text = _text(subject, reasons[0] if reasons else None)
    confidence = 0.65 if reasons else 0.4
    return _Found(_statement(commit, RecordKind.DECISION, text, confidence)), None


def _trailers(commit: Commit) -> Iterable[_Found]:
    """Yield what the trailers of a commit state in so many words."""
    if _BOT.search(commit.author):
        return
    superseded: list[str] = []
    found: list[tuple[str, str, RecordKind, float]] = []
    lines = clean(commit.body[:READ]).split("\n")
    for number, line in enumerate(lines):
        match = _TRAILER.fullmatch(line.strip()[:2_000])
        if match is None:
            continue
        name, value = match[1].lower(), match[2].strip()
        for more in lines[number + 1 : number + 6]:  # folded lines are indented
            if not more.startswith((" ", "\t")):
                break
            value += " " + more.strip()
        if name == "supersedes":
            superseded += re.findall(r"\b[0-9a-f]{7,64}\b", value)
        elif name in _TRAILERS and len(value.split()) >= 2:
            kind, confidence = _TRAILERS[name]
            found.append((name, value, kind, confidence))
    for number, (name, value, kind, confidence) in enumerate(found):
        shown = value if name in _SPOKEN else f"{_spelled(name)}: {value}"
        text = _text(shown, f"({_plain(clean(commit.subject))})")
        statement = _statement(commit, kind, text, confidence)
        status = Status.REJECTED if name == "rejected" else Status.ACTIVE
        key = statement.key if number == 0 else None
        links = tuple(f"commit {sha}" for sha in superseded) if number == 0 else ()
        yield _Found(replace(statement, status=status, key=key, supersedes=links))


def _spelled(name: str) -> str:
    """Spell a trailer's name as it is written: "breaking change" → "BREAKING CHANGE"."""
    return name.upper() if name.startswith("breaking") else name.capitalize()


def _linked(found: Sequence[tuple[Commit, _Found]], undone: _Undone) -> list[Statement]:
    """Let later statements supersede the earlier ones that they undo. `found` is oldest first."""
    keys = {one.statement.key for _, one in found if one.statement.key}
    short = {key[:14]: key for key in keys}  # "commit " and seven digits
    brought: dict[str, str] = {}
    minimum: dict[str, str] = {}
    again: dict[str, str] = {}
    made: list[Statement] = []
    for commit, one in found:
        statement, links = one.statement, set()
        old = undone.of.get(commit.sha)
        if old is not None:
            if f"commit {old}" in keys:
                links.add(f"commit {old}")
            elif statement.confidence < 0.5:
                continue  # neither a reason, nor anything that mattered
        links |= {short[key[:14]] for key in statement.supersedes if key[:14] in short}
        subject = _plain(commit.subject)
        if old is None and subject in again:
            links.add(again.pop(subject))  # what was reverted came back
        if (revert := _REVERT.match(subject)) and statement.key:
            again[_plain(revert["of"])] = statement.key
        if statement.attribute == "minimum version" and statement.subject and statement.key:
            if statement.subject in minimum:
                links.add(minimum[statement.subject])
            minimum[statement.subject] = statement.key
        if one.old and one.old in brought:
            links.add(brought.pop(one.old))
        if one.new and statement.key:
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


def _statement(commit: Commit, kind: RecordKind, text: str, confidence: float) -> Statement:
    return Statement(
        kind=kind,
        text=text,
        origin=Origin.HISTORY,
        source=f"commit {commit.sha[:8]}",
        confidence=round(confidence, 2),
        date=_date(commit.time),
        key=f"commit {commit.sha}",
    )


def _date(seconds: int) -> str | None:
    """Return a time in ISO 8601 UTC; None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _text(first: str, second: str | None) -> str:
    first = one_line(_MARKUP.sub(r"\1", first), LONGEST)
    if not second:
        return first
    second = one_line(_MARKUP.sub(r"\1", second), LONGEST)
    end = "" if first.endswith((".", "!", "…", ":", ")")) else "."
    return one_line(f"{first}{end} {second}", LONGEST)


def _prose(body: str) -> str:
    """Return the prose of a body: no trailers, quotes, code, lists or tables."""
    kept: list[str] = []
    fenced = listed = False
    for line in clean(body[:READ]).split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        if not line.strip():
            listed = False
            kept.append("")
            continue
        listed = bool(_BULLET.match(line)) or (listed and line.startswith((" ", "\t")))
        code = line.startswith(("    ", "\t"))
        if not fenced and not listed and not code and not _SIGNED.match(line.strip()):
            kept.append(_REVERTS.sub("", line).strip())
    paragraphs = "\n".join(kept).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def _is_whole(sentence: str) -> bool:
    """Tell whether a sentence can stand for a reason: not an aside, nor the head of a list."""
    return len(sentence) > 20 and sentence[0] not in "(-" and not sentence.endswith((":", "?"))


def _hedged(sentence: str) -> bool:
    return bool(
        re.search(
            r"\b(?:if|maybe|might|perhaps|could|would|undecided|not\s+decided)\b", sentence, re.I
        )
    )


def _name(words: str) -> str:
    """Reduce what a commit names to what can be compared: "the `Clap` crate" → "clap"."""
    words = re.split(r"\s(?:from|by|of)\s", words, maxsplit=1)[0]
    names = [word.lower().rstrip(".") for word in _NAME.findall(words)]
    names = [name for name in names if name not in _FILLER]
    return " ".join(names) if len(names) <= 3 else ""
