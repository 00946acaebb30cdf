"""`python -m bench.recall --turns FILE --queries FILE`: is what was said found again?

Any dialogue as JSON Lines. Turns: `{"id", "session", "speaker", "text", "time"}`, each kept as a
note in a record store, held since `time`, its speaker and its place in the session with it.
Queries: `{"id", "text", "time"?, "gold": ["turn id", …], "type"?}`, put to `engine.recall` with
`time` as the moment of asking. Where both files give a "conversation", each has a store of its own.

Printed: recall among the first 1, 2, 5 and 10, by turn and by session, by type; the share of
queries whose first turn is right; milliseconds. Beside it, in the same run: BM25 over the turns.
Without `--turns` the dialogues of `cases/` are asked: those that the ranking was made with, and
those that were held out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.bm25 import Bm25
from bench.embedding import Counted, embedder, fill
from bench.figures import give, lap, say, spread, stop
from bench.material import Missing
from satchel.base.text import sound
from satchel.context.engine import Sources, recall
from satchel.context.mine.keep import record_id
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Origin, Record, RecordKind, Status
from satchel.context.validity import when

CASES: Final = Path(__file__).parent / "cases"
KNOWN: Final = {"developed": "dialogues", "held_out": "dialogues_held_out"}
CUTS: Final = (1, 2, 5, 10)
PATIENCE: Final = 240.0  # seconds of embedding; the turns left then are embedded by their opening
WRITTEN: Final = 500  # turns a transaction
# Forms of time that ISO 8601 does not have, as dialogues write them.
FORMS: Final = (
    "%I:%M %p on %d %B, %Y",
    "%Y/%m/%d (%a) %H:%M",
    "%Y/%m/%d %H:%M",
    "%d %B %Y",
    "%B %d, %Y",
)


@dataclass(slots=True)
class Found:
    """Sums over queries: recall at each cut, by turn and by session."""

    queries: int = 0
    first: int = 0
    silent: int = 0
    turns: dict[int, float] = field(default_factory=lambda: dict.fromkeys(CUTS, 0.0))
    sessions: dict[int, float] = field(default_factory=lambda: dict.fromkeys(CUTS, 0.0))

    def add(self, ranked: Sequence[str], gold: Sequence[str], session: Mapping[str, str]) -> None:
        """Count one query."""
        self.queries += 1
        self.first += bool(ranked) and ranked[0] in gold
        self.silent += not ranked
        wanted = {session[one] for one in gold}
        for cut in CUTS:
            self.turns[cut] += len(set(ranked[:cut]) & set(gold)) / len(set(gold))
            met = {session[one] for one in ranked[:cut]} & wanted
            self.sessions[cut] += len(met) / len(wanted)

    def figures(self) -> dict[str, Any]:
        """Return percentages."""

        def share(sums: Mapping[int, float]) -> dict[str, float]:
            return {f"@{k}": round(100 * v / max(self.queries, 1), 1) for k, v in sums.items()}

        return {
            "queries": self.queries,
            "first_right": round(100 * self.first / max(self.queries, 1), 1),
            "silent": round(100 * self.silent / max(self.queries, 1), 1),
            "turn": share(self.turns),
            "session": share(self.sessions),
        }


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Read JSON Lines; raises Missing where they cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Missing(f"{file} is no JSON Lines that can be read: {error}") from error


def moment(given: object) -> str | None:
    """Return a time as ISO 8601 in UTC, or None where it is none that we know."""
    if not isinstance(given, str):
        return None
    read = when(given)
    if read is not None:
        return read.isoformat()
    for form in FORMS:
        try:
            return datetime.strptime(given.strip(), form).replace(tzinfo=UTC).isoformat()
        except ValueError:
            continue
    return None


def as_records(turns: Sequence[Mapping[str, Any]]) -> tuple[list[Record], dict[str, list[str]]]:
    """Return the turns as records, and the ids of the turns that each record stands for.

    A turn that repeats another word for word is a record of its own all the same.
    """
    records: list[Record] = []
    stands: dict[str, list[str]] = defaultdict(list)
    place: dict[str, int] = defaultdict(int)
    for turn in turns:
        session = str(turn.get("session", ""))
        place[session] += 1
        speaker = str(turn.get("speaker", "user"))
        text = sound(str(turn["text"])) or "(nothing)"
        name = record_id("/bench", (str(turn["id"]),), text)
        stands[name].append(str(turn["id"]))
        at = moment(turn.get("time")) or "1970-01-01T00:00:00+00:00"
        records.append(
            Record(
                id=name,
                kind=RecordKind.NOTE,
                text=text,
                workspace="/bench",
                sources=(f"conversation {session} turn {place[session]} by {speaker}",),
                learned=at,
                valid_from=at,
                status=Status.ACTIVE,
                origin=Origin.CONVERSATIONS,
                confirmed=True,
            )
        )
    return records, stands


def measure(
    turns: Sequence[Mapping[str, Any]],
    queries: Sequence[Mapping[str, Any]],
    embed: Counted | None,
    show: bool,
) -> dict[str, Any]:
    """Keep the turns, ask the queries, and do the same by BM25."""
    apart: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    both = all("conversation" in row for row in (*turns, *queries))
    for turn in turns:
        apart[str(turn["conversation"]) if both else ""].append(turn)
    session = {str(turn["id"]): str(turn.get("session", "")) for turn in turns}
    types = sorted({str(query.get("type", "any")) for query in queries})
    ours = {name: Found() for name in ("all", *types)}
    plain = {name: Found() for name in ("all", *types)}
    taken: list[float] = []
    kept = embedded = 0.0
    shortened = 0
    for conversation, said in apart.items():
        with TemporaryDirectory(prefix="satchel-bench-") as folder:
            index = IndexStore(Path(folder) / "index.db")
            store = RecordStore(Path(folder) / "records.db")
            records, stands = as_records(said)
            with lap() as keeping:
                for start in range(0, len(records), WRITTEN):
                    store.put(*records[start : start + WRITTEN])
            with lap() as embedding:
                if embed is not None:
                    shortened += fill(store, embed, PATIENCE - embedded)
            kept, embedded = kept + keeping.seconds, embedded + embedding.seconds
            sources = Sources(index, (store,), embed)
            baseline = Bm25([f"{turn.get('speaker', '')} {turn['text']}" for turn in said])
            for query in queries:
                if both and str(query["conversation"]) != conversation:
                    continue
                gold = [str(one) for one in query["gold"] if str(one) in session]
                if not gold:
                    continue
                with lap() as asking:
                    found = recall(
                        str(query["text"]), sources, max(CUTS), now=moment(query.get("time"))
                    )
                taken.append(asking.seconds * 1000)
                ranked = [one for c in found for r in (c.record, *c.before) for one in stands[r.id]]
                best = [str(said[i]["id"]) for i in baseline.rank(str(query["text"]))[: max(CUTS)]]
                for name in ("all", str(query.get("type", "any"))):
                    ours[name].add(ranked[: max(CUTS)], gold, session)
                    plain[name].add(best, gold, session)
                if show and ranked[: len(gold)] != gold:
                    say(f"  {query['id']} {query['text']!r}: wants {gold}, got {ranked[:5]}")
            store.close()
            index.close()
    return {
        "turns": len(turns),
        "conversations": len(apart),
        "kept_s": round(kept, 2),
        "embedded_s": round(embedded, 2),
        "embedded_by_their_opening": shortened,
        "ms": spread(taken),
        "found": {name: one.figures() for name, one in ours.items()},
        "baseline": {"bm25": {name: one.figures() for name, one in plain.items()}},
    }


def told(name: str, figures: Mapping[str, Any]) -> Iterable[str]:
    """Say the figures in lines for people."""
    yield f"{name}: {figures['turns']} turns, embedded in {figures['embedded_s']} s"
    yield f"  milliseconds a question: {figures['ms']}"
    for kind, row in figures["found"].items():
        plain = figures["baseline"]["bm25"][kind]
        yield (
            f"  {kind} ({row['queries']}): by turn {row['turn']}, BM25 {plain['turn']}; "
            f"by session @5 {row['session']['@5']}, BM25 {plain['session']['@5']}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m bench.recall", description=__doc__)
    parser.add_argument("--turns", type=Path, help="JSON Lines")
    parser.add_argument("--queries", type=Path, help="JSON Lines")
    parser.add_argument("--assets", type=Path, help="where MiniLM lies, to measure with vectors")
    parser.add_argument("--no-vectors", action="store_true", help="do without MiniLM")
    parser.add_argument("--show", action="store_true", help="name every query that was not perfect")
    chosen = parser.parse_args(arguments)
    if (chosen.turns is None) != (chosen.queries is None):
        parser.error("--turns and --queries belong together")
    files = {
        name: (CASES / f"{file}_turns.jsonl", CASES / f"{file}_queries.jsonl")
        for name, file in KNOWN.items()
    }
    if chosen.turns is not None:
        files = {"given": (chosen.turns, chosen.queries)}
    try:
        embed = None if chosen.no_vectors else embedder(chosen.assets)
        asked = {name: (rows_of(turns), rows_of(wanted)) for name, (turns, wanted) in files.items()}
    except Missing as missing:
        return stop(str(missing))
    say("with MiniLM" if embed else "without vectors")
    figures: dict[str, Any] = {"vectors": embed is not None}
    for name, (turns, queries) in asked.items():
        figures[name] = measure(turns, queries, embed, chosen.show and name != "held_out")
        for line in told(name, figures[name]):
            say(line)
    return give("recall", figures)


if __name__ == "__main__":
    sys.exit(main())
