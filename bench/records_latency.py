"""`python -m bench.records_latency --records 10000`: how long a briefing, a recall and a remember
take where so many records are kept.

The records are sentences of the cases of this folder, cut in two and put together anew, a part of
them with names, globs, dates and links; half of the longer words are renamed, so that the
vocabulary grows as it does with real ones. Their vectors are MiniLM's of a few hundred of the
sentences, mixed and blurred. The workspace is a copy of this project's own source. Asked are the
requests and questions of the same cases, in the process and then through the daemon.

Beside it: SQLite's FTS5 over the same texts in one plain table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import apsw
import numpy as np
from numpy.typing import NDArray

from bench.brief import daemon_of
from bench.embedding import Counted, embedder
from bench.figures import folder_mb, give, lap, memory_mb, say, spread, stop
from bench.material import Missing
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.engine import Sources, brief, recall
from satchel.context.mine.keep import record_id
from satchel.context.remember import Saying
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Origin, Record, RecordKind, Request, Status
from satchel.tools.client import Daemon
from satchel.wiring import Satchel
from satchel.wiring.leave import records_path

CASES: Final = Path(__file__).parent / "cases"
SOURCE: Final = Path(__file__).resolve().parents[1] / "src"
SEED: Final = 11
REAL_VECTORS: Final = 400
WRITTEN: Final = 1_000  # records a transaction
WARM_UP: Final = 10
ASKED: Final = 120
REMEMBERED: Final = 40
BLUR: Final = 0.35  # length of the noise that is added to a unit vector
WORD: Final = re.compile(r"[A-Za-z]{6,}")


def sentences() -> tuple[list[str], list[str]]:
    """Return the sentences of the cases' records and turns, and what is asked in them."""
    stated: list[str] = []
    asked: list[str] = []
    for file in sorted(CASES.glob("*.json")):
        read = json.loads(file.read_text(encoding="utf-8"))
        for project in read.get("projects", ()):
            stated += [record["text"] for record in project["records"]]
            asked += [case["text"] for case in project["cases"] if case["kind"] != "diff"]
    for file in sorted(CASES.glob("*_turns.jsonl")):
        stated += [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    for file in sorted(CASES.glob("*_queries.jsonl")):
        asked += [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    split = [one for text in stated for one in re.split(r"(?<=[.!?])\s", text) if len(one) > 20]
    return list(dict.fromkeys(split)), list(dict.fromkeys(asked))


def make(count: int, stated: Sequence[str], workspace: str) -> list[Record]:
    """Make records of halves of sentences, always the same ones."""
    drawn = random.Random(SEED)
    records: list[Record] = []
    for number in range(count):
        first, second = drawn.choice(stated).split(), drawn.choice(stated).split()
        words = first[: drawn.randint(4, 14)] + second[-drawn.randint(4, 14) :]
        text = " ".join(words)
        if number % 2:
            text = WORD.sub(
                lambda m: m[0] + drawn.choice(("", "", f"{drawn.randint(1, 999)}")), text
            )
        globs = (f"src/part{drawn.randint(1, 200)}/**",) if drawn.random() < 0.05 else ()
        day = f"20{drawn.randint(20, 25)}-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}"
        records.append(
            Record(
                id=record_id(workspace, (*globs, str(number)), text),
                kind=drawn.choice(list(RecordKind)),
                text=text,
                workspace=workspace,
                sources=(f"notes/{number // 40}.md:{number % 40 + 1}",),
                learned=f"{day}T09:00:00+00:00",
                valid_from=f"{day}T09:00:00+00:00",
                globs=globs,
                aliases=(f"thing {number}",) if drawn.random() < 0.1 else (),
                superseded_by=records[-1].id if records and drawn.random() < 0.02 else None,
                origin=drawn.choice((Origin.USER, Origin.DECISIONS, Origin.HISTORY)),
                pinned=number < 5,
            )
        )
    return [
        Record(**{**_fields(r), "status": Status.SUPERSEDED}) if r.superseded_by else r
        for r in records
    ]


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__slots__}


def vectors(count: int, real: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mix real vectors by twos and blur them; rows of unit length."""
    drawn = np.random.default_rng(SEED)
    pairs = drawn.integers(0, len(real), size=(count, 2))
    mixed = real[pairs[:, 0]] + real[pairs[:, 1]]
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    noise = drawn.standard_normal(mixed.shape, dtype=np.float32)
    mixed += BLUR * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    unit: NDArray[np.float32] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return unit


def fill(store: RecordStore, records: Sequence[Record], real: NDArray[np.float32] | None) -> None:
    """Keep the records, then their vectors."""
    for start in range(0, len(records), WRITTEN):
        store.put(*records[start : start + WRITTEN])
    if real is None:
        return
    given = vectors(len(records), real)
    at = 0
    while missing := store.vectors.missing(WRITTEN):
        store.vectors.add([number for number, _ in missing], given[at : at + len(missing)])
        at += len(missing)


def timed(ask: Callable[[str], Any], asked: Sequence[str]) -> dict[str, float]:
    """Time each, after a few that warm up; milliseconds."""
    for text in asked[:WARM_UP]:
        ask(text)
    taken = []
    for text in asked:
        with lap() as one:
            ask(text)
        taken.append(one.seconds * 1000)
    return spread(taken)


def in_process(
    home: Home, top: Path, asked: Sequence[str], embed: Counted | None
) -> dict[str, Any]:
    """Ask the engine itself, embedding each request anew."""
    folder = home.workspace(top)
    index, store = IndexStore(folder / "index.db"), RecordStore(folder / "records.db")
    sources = Sources(index, (store,), embed)
    figures: dict[str, Any] = {
        "brief": timed(lambda text: brief(Request(text, str(top), 1_000), sources), asked),
        "recall": timed(lambda text: recall(text, sources, 10), asked),
    }
    if embed is not None:
        figures["embedding_alone"] = timed(lambda text: embed([text]), asked)
    index.close()
    store.close()
    return figures


def in_daemon(daemon: Daemon, top: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Ask the daemon; the time within it of a briefing, and whole round trips."""
    inside: list[float] = []
    stages: dict[str, list[float]] = {}

    def briefed(text: str) -> None:
        packet = daemon.call("POST", "/api/brief", {"request": text, "path": str(top)})
        inside.append(packet["ms"]["total"])
        for stage, taken in packet["ms"].items():
            stages.setdefault(stage, []).append(taken)

    def recalled(text: str) -> None:
        daemon.call("POST", "/api/recall", {"query": text, "path": str(top)})

    def remembered(text: str) -> None:
        daemon.call("POST", "/api/remember", {"text": text, "path": str(top)})

    trips = timed(briefed, asked)
    fresh = [f"{text} ({number})" for number, text in enumerate(asked[:REMEMBERED])]
    return {
        "brief": spread(inside[WARM_UP:]),
        "brief_round_trip": trips,
        "brief_stages": {stage: spread(taken[WARM_UP:]) for stage, taken in stages.items()},
        "recall_round_trip": timed(recalled, asked),
        "remember_round_trip": timed(remembered, fresh),
    }


def remembering(home: Home, top: Path, asked: Sequence[str]) -> dict[str, float]:
    """Remember in the process, beside so many."""
    satchel = Satchel(home, Settings({}))
    try:
        fresh = [f"{text} [{number}]" for number, text in enumerate(asked[:REMEMBERED])]
        return timed(lambda text: satchel.memory.remember(Saying(text), path=str(top)), fresh)
    finally:
        satchel.close()


def plain(folder: Path, records: Sequence[Record], asked: Sequence[str]) -> dict[str, float]:
    """Ask one FTS5 table of the same texts."""
    db = apsw.Connection(str(folder / "plain.db"))
    db.execute("CREATE VIRTUAL TABLE record USING fts5 (text, tokenize = 'porter unicode61')")
    with db:
        db.executemany("INSERT INTO record VALUES (?)", [(record.text,) for record in records])

    def ask(text: str) -> None:
        words = dict.fromkeys(re.findall(r"\w+", text))
        match = " OR ".join(f'"{word}"' for word in words)
        db.execute(
            "SELECT text FROM record WHERE record MATCH ? ORDER BY rank LIMIT 10", (match,)
        ).fetchall()

    return timed(ask, asked)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where something that is needed is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.records_latency", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, help="how many are kept")
    parser.add_argument("--assets", type=Path, help="where MiniLM lies, to measure with vectors")
    parser.add_argument("--no-daemon", action="store_true", help="ask in the process alone")
    chosen = parser.parse_args(arguments)
    try:
        embed = embedder(chosen.assets)
    except Missing as missing:
        return stop(str(missing))
    stated, questions = sentences()
    asked = random.Random(SEED).sample(questions, min(ASKED, len(questions)))
    real = embed(stated[:REAL_VECTORS]) if embed else None
    with TemporaryDirectory(prefix="satchel-bench-") as folder:
        top, home = Path(folder) / "project", Home(Path(folder) / "home")
        shutil.copytree(SOURCE, top / "src", ignore=shutil.ignore_patterns("__pycache__"))
        home.root.mkdir(mode=0o700)
        os.environ["SATCHEL_HOME"] = str(home.root)  # the rules that tell secrets are kept there
        satchel = Satchel(home, Settings({}))
        satchel.index(str(top), lambda _: None, True)
        satchel.close()
        records = make(chosen.records, stated, str(top))
        store = RecordStore(records_path(home, top))
        with lap() as filling:
            fill(store, records, real)
        kept = store.size()
        store.close()
        disk = folder_mb(home.workspace(top))
        say(f"{kept} records, {'with' if embed else 'without'} vectors, {disk} MB")
        figures: dict[str, Any] = {
            "records": kept,
            "vectors": embed is not None,
            "filled_s": filling.seconds,
            "disk_mb": disk,
            "in_process_ms": in_process(home, top, asked, embed),
            "remember_in_process_ms": remembering(home, top, asked),
        }
        say(f"in the process, ms: {figures['in_process_ms']}")
        say(f"remember in the process, ms: {figures['remember_in_process_ms']}")
        if not chosen.no_daemon:
            if embed is not None:
                home.assets.symlink_to(embed.folder.resolve())
            with daemon_of(home) as daemon:
                figures["in_daemon_ms"] = in_daemon(daemon, top, asked)
                status = daemon.call("GET", "/api/status", None)
                figures["daemon_mb"] = memory_mb(int(status["pid"]))
            for name, row in figures["in_daemon_ms"].items():
                say(f"in the daemon, ms, {name}: {row}")
        figures["baseline"] = {"fts5_ms": plain(Path(folder), records, asked)}
        say(f"FTS5 over the same texts, ms: {figures['baseline']['fts5_ms']}")
    return give("records_latency", figures)


if __name__ == "__main__":
    sys.exit(main())
