"""What a repository's history decided: commits that switch, drop, require, rule out or revert.

Most commits decide nothing that outlives them. A bare "use X instead of Y" counts only with
evidence of its weight: a reason in the body, a manifest among its files, many files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from satchel.base.text import clean
from satchel.context.conflict.choices import named
from satchel.context.mine.history_forms import (
    AGAINST,
    DECIDED,
    DEPENDENCIES,
    NOISE,
    RULED,
    TROUBLE,
    WHY,
    Form,
    wordings,
)
from satchel.context.mine.reverts import READ, REVERT, Found, Undone, linked, plain, undone
from satchel.context.mine.sentences import sentences
from satchel.context.mine.trailers import phrased, statement_of, trailers
from satchel.context.types import Commit, Mined, RecordKind

ENOUGH: Final = 2  # evidence that a bare form needs
WIDE: Final = 12  # files; a change of so many is not an aside

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
_VAGUE: Final = re.compile(  # "the new cluster", "upstream"
    r"(?:the\s+)?(?:new(?:er)?|latest|different|another|other|proper|correct|own|same|upstream|back"
    r"|default|official|public|current|raw|magic|concrete|(?:a\s+)?better)\b",
    re.I,
)
_IN_CODE: Final = re.compile(
    r"\b(?:[a-z]+_[a-z]\w*|[a-z]{2,}[A-Z][a-z]\w*|[A-Z][a-z]+(?:[A-Z][a-z]+)+)\b"
    r"|\b(?:attributes?|class(?:es)?|methods?|functions?|helpers?|constants?|interfaces?"
    r"|controllers?|selectors?)\b"
)
_FIX: Final = re.compile(r"fix(?:\([^)]{1,40}\))?:", re.I)
_PINNED: Final = re.compile(r"@v?\d").search
_IS_LONG: Final = re.compile(r"(?:\S+\s+){5}\S").match
_VERSION: Final = re.compile(r"(?:version\s)?v?\d[\w.]*\+?").fullmatch
_VERSIONED: Final = re.compile(r"[`'\"]|\s+v?\d\S*")
_CODE: Final = re.compile(
    r"[()=<>*\[\]{}\"']|^`?[._]|\b(?:\w+\.){2,}\w+|->|::|\bthe\s+same\b|^(?:this|that|it|them|a|an)\b"
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
_POINTS: Final = re.compile(
    r"https?://|\b(?:the\s+(?:last|first|second|latter|former)\s+one|for\s+(?:those|that|this))\b"
)
_NAME: Final = re.compile(r"[a-z0-9][\w.+#/-]*", re.I)
_FILLER: Final = frozenset(
    {"the", "a", "an", "use", "using", "new", "old", "our", "own", "library", "crate", "all"}
)


def history(commits: Iterable[Commit]) -> Mined:
    """Find the commits that decide something lasting, in whatever order they come.

    What a later commit undoes is superseded by it: a revert, the way back of a switch, a newer
    minimum version.
    """
    left: Counter[str] = Counter()
    found: list[tuple[Commit, Found]] = []
    whole = sorted(commits, key=lambda commit: commit.time)
    back = undone(whole)
    for commit in whole:
        if commit.sha in back.silent:
            left["reverted and reapplied"] += 1
            continue
        if _BOT.search(commit.author):
            left["by a bot"] += 1
            continue
        mined = list(trailers(commit))
        if not mined:
            one, reason = _judge(commit, back)
            mined = [one] if one else []
            if reason:
                left[reason] += 1
        found += [(commit, one) for one in mined]
    return Mined(tuple(linked(found, back)), len(whole), dict(left))


def _judge(commit: Commit, back: Undone) -> tuple[Found | None, str | None]:
    """Return what a commit decides, or why it was left."""
    subject = plain(clean(commit.subject))
    revert = REVERT.match(subject) or (commit.sha in back.of)
    body = _prose(commit.body)
    told = sentences(body)[:60]
    why = next((s for s in told if WHY.search(s) and _is_whole(s)), None)
    against = next((s for s in told if AGAINST.search(s) and _is_whole(s)), None)
    if revert:
        return _reverted(commit, subject, told, back)
    for reason, pattern in NOISE:
        if pattern.match(subject):
            return None, reason
    form, match, evidence = _fitting(commit, subject, why or against)
    if form and match and evidence >= ENOUGH:
        removes = form.name == "drop"  # what is no longer needed may be needed again
        why = against if removes else why
        confidence = min(form.confidence + (0.1 if why else 0.0), 0.7)
        groups = match.groupdict()
        old = _name(groups.get("old") or groups.get("old2") or "")
        new = _name(groups.get("new") or "")
        statement = statement_of(commit, form.kind, phrased(subject, why), confidence)
        if form.name == "minimum":
            what = " ".join(groups["what"].lower().split())
            what = "rust" if what == "msrv" else what
            statement = replace(
                statement, subject=what, attribute="minimum version", stance=groups["new"]
            )
            return Found(statement), None
        return Found(statement, old, new, stands=why is not None or not removes), None
    spoken = next((s for s in (subject, *told) if _decides(s)), None)
    if spoken and not _hedged(spoken):
        text = phrased(subject, spoken if spoken is not subject else why)
        return Found(statement_of(commit, RecordKind.DECISION, text, 0.6)), None
    ruled = next((s for s in told if RULED.search(s) and WHY.search(s)), None)
    if ruled and not _hedged(ruled):
        return Found(statement_of(commit, RecordKind.RULE, phrased(ruled, None), 0.5)), None
    return None, "slight" if form else "decides nothing"


def _fitting(
    commit: Commit, subject: str, why: str | None
) -> tuple[Form | None, re.Match[str] | None, int]:
    """Find the wording that a subject follows, and weigh the evidence that it matters."""
    head, matches = wordings(subject)
    for form, match in matches:
        groups = match.groupdict()
        objects = [groups[g] for g in ("old", "old2", "new") if groups.get(g)]
        if len({_VERSIONED.sub("", one).casefold() for one in objects}) < len(objects):
            continue  # "use Minitest instead of MiniTest" spells, it does not decide
        if form.name == "switch" and _VERSION(groups["new"].strip("`")):
            continue  # "migrate from the SDK v2 to v3" leaves nothing: manifests tell versions
        evidence = _weight(commit, form, objects, why) - (2 if _ASIDE.search(subject) else 0)
        return form, match, evidence + (1 if head and head["bang"] else 0)
    return None, None, 0


def _weight(commit: Commit, form: Form, objects: Sequence[str], why: str | None) -> int:
    """Weigh what speaks for a choice that outlives its commit, and what for a detail."""
    evidence = form.evidence + (1 if why else 0)
    dependency = form.name in DEPENDENCIES
    manifest = any(_MANIFEST.search(path) for path in commit.paths)
    if manifest:
        evidence += 2 if dependency and all(len(one.split()) <= 3 for one in objects) else 1
    if dependency and _are_rivals(objects):
        evidence += 2
    evidence += 1 if len(commit.paths) >= WIDE else 0
    for sign, weight in ((_CODE.search, 1), (_VAGUE.match, 2), (_PINNED, 2), (_IS_LONG, 1)):
        evidence -= weight if any(map(sign, objects)) else 0
    if dependency and not (why or manifest) and any(map(_IN_CODE.search, objects)):
        evidence -= 1
    if not why and _FIX.match(commit.subject):
        evidence -= 1
    if commit.paths and all(_PROSE.search(path) for path in commit.paths):
        evidence -= 2
    return evidence


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
    commit: Commit, subject: str, told: Sequence[str], back: Undone
) -> tuple[Found | None, str | None]:
    """A revert counts where it says why; without a reason only what it takes back may count."""
    of = REVERT.match(subject)
    if of and any(pattern.match(of["of"]) for reason, pattern in NOISE if reason == "housekeeping"):
        return None, "housekeeping"
    reasons = [
        s
        for s in told
        if _is_whole(s)
        and not REVERT.search(s)
        and any(form.search(s) for form in (WHY, AGAINST, TROUBLE, DECIDED))
    ]
    if not reasons and commit.sha not in back.of:
        return None, "a revert without a reason"
    text = phrased(subject, reasons[0] if reasons else None)
    statement = statement_of(commit, RecordKind.DECISION, text, 0.65 if reasons else 0.4)
    return Found(statement, stands=bool(reasons)), None


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


def _decides(sentence: str) -> bool:
    """Tell whether a sentence says what was decided, and not only that something was."""
    return bool(DECIDED.search(sentence)) and _is_whole(sentence) and not _POINTS.search(sentence)


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
