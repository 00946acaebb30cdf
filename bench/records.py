"""`python -m bench.records`: does exactly the right record come, and nothing where nothing should?

All 77 cases of PrecisionMemBench (tenurehq/precisionMemBench, MIT), word for word and in other
words (`cases/paraphrases.json`), through `engine.brief` and the pinned listing. Its world is ours:

- a belief's `scope` is a store: a `domain:*` a workspace's, `user:universal` the one of what holds
  everywhere, which is given with every request; several scopes are several stores; another user's
  beliefs lie in a store that is not given;
- `content` → text (`why_it_matters` is not kept), `canonical_name` → subject, `aliases` → names,
  `participants` → related, `superseded_by` → superseded with that link, `resolved_at` → closed;
- `decision` → decision, `preference` → preference, `entity` and `relation` → fact;
  `open_question` → a note that is OPEN; `inferred` → UNCONFIRMED;
- its pinned facts and open questions are the pinned records of the scopes (`with_pinned`), those
  that the packet chose in front; its persona prelude is those of what holds everywhere; its
  relevant beliefs are what the packet holds beside them;
- `maxBeliefs` cuts the packet's records after the pinned ones have taken their slots.

`shouldOnlyInclude` means exactly that set. A case counts where all that it expects is met.
Beside it: BM25 over the same texts and names of the same scopes, told which are current, pinned and
open: its first three, and those above the threshold that does best on these very cases.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.bm25 import Bm25
from bench.embedding import Counted, embedder, fill
from bench.figures import give, say, stop
from bench.material import Missing, shared
from satchel.context.engine import Sources, brief
from satchel.context.recollect import Recollection, with_pinned
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import (
    CURRENT,
    EVERYWHERE,
    Origin,
    Record,
    RecordKind,
    Request,
    Status,
)

CASES: Final = Path(__file__).parent / "cases"
UNIVERSAL: Final = "user:universal"
BUDGET: Final = 6_000  # tokens: no record is left out for want of room
TOP: Final = 3
KINDS: Final = {
    "decision": RecordKind.DECISION,
    "preference": RecordKind.PREFERENCE,
    "entity": RecordKind.FACT,
    "relation": RecordKind.FACT,
    "open_question": RecordKind.NOTE,
}
STATUSES: Final = {
    "active": Status.ACTIVE,
    "exploratory": Status.OPEN,
    "inferred": Status.UNCONFIRMED,
    "superseded": Status.SUPERSEDED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was handed over: ids, best first where they are ranked."""

    prelude: str
    pinned: tuple[str, ...]
    open: tuple[str, ...]
    relevant: tuple[str, ...]


@dataclass(slots=True)
class Score:
    """Counts over cases."""

    cases: int = 0
    exact: int = 0
    right: int = 0
    given: int = 0
    wanted: int = 0
    silent_wanted: int = 0
    silent: int = 0

    def add(self, met: bool, relevant: Iterable[str], expected: Iterable[str] | None) -> None:
        """Count one case."""
        self.cases += 1
        self.exact += met
        if expected is not None:
            got, want = set(relevant), set(expected)
            self.right += len(got & want)
            self.given += len(got)
            self.wanted += len(want)
            self.silent_wanted += not want
            self.silent += not want and not got

    def figures(self) -> dict[str, Any]:
        """Return what is printed."""
        return {
            "cases": self.cases,
            "exact": self.exact,
            "precision": round(self.right / max(self.given, 1), 3),
            "recall": round(self.right / max(self.wanted, 1), 3),
            "empty": f"{self.silent}/{self.silent_wanted}",
        }


class World:
    """The beliefs in stores of their own, by user and scope."""

    def __init__(self, folder: Path, beliefs: Sequence[Mapping[str, Any]], embed: Counted | None):
        self._folder = folder
        self._embed = embed
        self._stores: dict[tuple[str, str], RecordStore] = {}
        self.index = IndexStore(folder / "index.db")
        for belief in beliefs:
            for scope in belief["scope"]:
                self.store(belief["user_id"], scope).put(as_record(belief, scope))
        for store in self._stores.values():
            if embed is not None:
                fill(store, embed)

    def store(self, user: str, scope: str) -> RecordStore:
        """Return the store of one scope of one user."""
        key = (user, scope)
        if key not in self._stores:
            name = "-".join(key).replace(":", "-")
            self._stores[key] = RecordStore(self._folder / f"{name}.db")
        return self._stores[key]

    def ask(self, case: Mapping[str, Any], query: str) -> Answer:
        """Put a case's query to the engine."""
        user = case.get("userId", "test-user")
        scopes = [self.store(user, scope) for scope in case["scope"] if scope != UNIVERSAL]
        everywhere = self.store(user, UNIVERSAL)
        sources = Sources(self.index, (*scopes, everywhere), self._embed)
        packet = brief(Request(query, "/bench", BUDGET), sources)
        listed = [*with_pinned(Recollection(), self.index, scopes).chosen]
        prelude = with_pinned(Recollection(), self.index, [everywhere]).chosen
        first = [c for c in packet.records if c.record.pinned]  # those that apply come first
        listed = list({c.record.id: c for c in (*first, *listed)}.values())
        listed = [c for c in listed if c.record.workspace != EVERYWHERE]
        pinned = tuple(c.record.id for c in listed if c.record.status is not Status.OPEN)
        relevant = [
            c.record.id
            for c in packet.records
            if not c.record.pinned
            and c.record.status is not Status.OPEN
            and c.record.workspace != EVERYWHERE
        ]
        most = case.get("budget", {}).get("maxBeliefs")
        if most is not None:
            pinned = pinned[:most]
            relevant = relevant[: most - len(pinned)]
        return Answer(
            prelude="\n".join(c.record.text for c in prelude),
            pinned=pinned,
            open=tuple(c.record.id for c in listed if c.record.status is Status.OPEN),
            relevant=tuple(relevant),
        )

    def candidates(self, case: Mapping[str, Any]) -> list[Record]:
        """Return what may be relevant at all, for the baseline."""
        user = case.get("userId", "test-user")
        found = [r for s in case["scope"] if s != UNIVERSAL for r in self.store(user, s).all()]
        return [
            r for r in found if not r.pinned and r.status in CURRENT and r.status != Status.OPEN
        ]

    def close(self) -> None:
        """Close every store."""
        self.index.close()
        for store in self._stores.values():
            store.close()


def as_record(belief: Mapping[str, Any], scope: str) -> Record:
    """Turn a belief into a record of its scope."""
    status = STATUSES[belief["epistemic_status"]]
    closed = status is Status.SUPERSEDED or belief["resolved_at"] is not None
    record = Record(
        id=belief["_id"],
        kind=KINDS[belief["type"]],
        text=belief["content"],
        workspace=EVERYWHERE if scope == UNIVERSAL else f"/{scope}",
        sources=("user",),
        learned=belief["created_at"],
        valid_from=belief["created_at"],
        valid_to=(belief["resolved_at"] or belief["updated_at"]) if closed else None,
        subject=belief["canonical_name"],
        aliases=tuple(belief["aliases"]),
        related=tuple(belief.get("participants", ())),
        superseded_by=belief["superseded_by"],
        pinned=belief["pinned"],
        status=Status.SUPERSEDED if closed else status,
        confidence=belief["confidence"],
        origin=Origin.USER,
        confirmed=status is not Status.UNCONFIRMED,
    )
    return replace(record, reason="was settled") if belief["resolved_at"] else record


def unmet(expect: Mapping[str, Any], answer: Answer) -> list[str]:
    """Say which of a case's expectations are not met."""
    wrong: list[str] = []
    tiers = {
        "pinnedFacts": answer.pinned,
        "openQuestions": answer.open,
        "relevantBeliefs": answer.relevant,
    }
    for tier, given in tiers.items():
        wanted = expect.get(tier, {})
        if lacking := set(wanted.get("mustInclude", ())) - set(given):
            wrong.append(f"{tier} lacks {sorted(lacking)}")
        if barred := set(wanted.get("mustExclude", ())) & set(given):
            wrong.append(f"{tier} holds {sorted(barred)}")
        if "shouldOnlyInclude" in wanted and set(wanted["shouldOnlyInclude"]) != set(given):
            lacking, over = (
                set(wanted["shouldOnlyInclude"]) - set(given),
                set(given) - set(wanted["shouldOnlyInclude"]),
            )
            wrong.append(f"{tier} lacks {sorted(lacking)}, has {sorted(over)} besides")
    wanted = expect.get("personaPrelude", {})
    text = answer.prelude.lower()
    if wanted.get("nonEmpty") and not text:
        wrong.append("the prelude is empty")
    if wanted.get("isNull") and text:
        wrong.append("the prelude is not empty")
    wrong += [f"the prelude lacks {w}" for w in wanted.get("contains", ()) if w not in text]
    wrong += [f"the prelude has {w}" for w in wanted.get("mustNotContain", ()) if w.lower() in text]
    return wrong


def measure(
    world: World, listed: Sequence[Mapping[str, Any]], other: Mapping[str, str], show: bool
) -> dict[str, Any]:
    """Put every case in its own words and in others."""
    figures = {}
    for wording in ("own_words", "other_words"):
        score = Score()
        for case in listed:
            query = case["query"] if wording == "own_words" else other[case["caseId"]]
            answer = world.ask(case, query)
            wrong = unmet(case["expect"], answer)
            expected = case["expect"].get("relevantBeliefs", {}).get("shouldOnlyInclude")
            score.add(not wrong, answer.relevant, expected)
            if wrong and show:
                say(f"  {case['caseId']}: {query!r}: {'; '.join(wrong)}")
        figures[wording] = score.figures()
    return figures


def baseline(
    world: World, listed: Sequence[Mapping[str, Any]], other: Mapping[str, str]
) -> dict[str, Any]:
    """Rank the same texts by BM25: the first three, and those above the best threshold."""
    figures: dict[str, Any] = {}
    for wording in ("own_words", "other_words"):
        ranked = []
        for case in listed:
            query = case["query"] if wording == "own_words" else other[case["caseId"]]
            records = world.candidates(case)
            plain = Bm25([" ".join([r.text, r.subject or "", *r.aliases]) for r in records])
            scores = plain.scores(query)
            expected = case["expect"].get("relevantBeliefs", {}).get("shouldOnlyInclude")
            ranked.append(([(records[i].id, scores[i]) for i in plain.rank(query)], expected))
        top = Score()
        for scored, expected in ranked:
            top.add(_is(scored[:TOP], expected), [name for name, _ in scored[:TOP]], expected)
        tried = []
        for least in sorted({round(score, 1) for scored, _ in ranked for _, score in scored}):
            score = Score()
            for scored, expected in ranked:
                kept = [(name, value) for name, value in scored if value >= least]
                score.add(_is(kept, expected), [name for name, _ in kept], expected)
            tried.append((score.exact, -least, score))
        _, least, best = max(tried, key=lambda one: one[:2])
        figures[wording] = {
            "top_3": top.figures(),
            "threshold": {"least": -least, **best.figures()},
        }
    return figures


def _is(scored: Sequence[tuple[str, float]], expected: Sequence[str] | None) -> bool:
    return expected is None or {name for name, _ in scored} == set(expected)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the cases are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("--show", action="store_true", help="name every case that was wrong")
    parser.add_argument("--assets", type=Path, help="where MiniLM lies, to measure with vectors")
    chosen = parser.parse_args(arguments)
    try:
        beliefs = shared("beliefs.seed.json")
        listed = shared("retrieval.cases.json")
        other = json.loads((CASES / "paraphrases.json").read_text(encoding="utf-8"))
        embed = embedder(chosen.assets)
    except Missing as missing:
        return stop(str(missing))
    figures: dict[str, Any] = {}
    with ExitStack() as stack:
        for name, used in (("without_vectors", None), ("with_vectors", embed)):
            if name == "with_vectors" and embed is None:
                say("MiniLM is not here: measured without vectors alone")
                continue
            world = World(Path(stack.enter_context(TemporaryDirectory())), beliefs, used)
            stack.callback(world.close)
            if chosen.show:
                say(name)
            figures[name] = measure(world, listed, other, chosen.show)
            for wording, row in figures[name].items():
                say(f"{name}, {wording}: {row}")
            figures.setdefault("baseline", {"bm25": baseline(world, listed, other)})
    for wording, row in figures["baseline"]["bm25"].items():
        say(f"BM25, {wording}: {row}")
    return give("records", figures)


if __name__ == "__main__":
    sys.exit(main())
