"""Requests that were written: is each answered that the repository answers, and no other?

Those of two to eight words (`cases/short_requests.json`) and those of any length
(`cases/requests.json`) were written from the tree of each repository that they name; of the short
ones half of the repositories are held out. A request is answered where one of its right files is in
the packet; one that this repository has nothing to say to must get an empty packet. The index
stands at the newest commit, with what it mines in the store.

Beside it, on the same requests: BM25 over whole files, as many of them as the packet holds,
speaking where its best score is at least a threshold: the lowest at which it speaks wrongly as
rarely, chosen on these very requests, in its favour.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.baselines import Bm25Files, tracked
from bench.figures import say
from bench.hook_turns import HELD_OUT
from bench.intervals import in_percent, with_interval
from bench.material import Missing, scratch_clone
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel

CASES: Final = Path(__file__).parent / "cases" / "short_requests.json"
ANY_LENGTH: Final = CASES.with_name("requests.json")


@dataclass(frozen=True, slots=True)
class Short:
    """A request, the files one of which would be right (none: it must stay silent), what the
    packet held, and BM25's best files with the score of the first."""

    half: str
    text: str
    right: frozenset[str]
    given: tuple[str, ...]  # files, best first, then tests
    speaks: bool
    plain: tuple[str, ...]
    plain_score: float


def written(repository: str, cases: Path) -> dict[str, Any]:
    """Return what was written for a repository, by its name without the owner; raises Missing."""
    told = json.loads(cases.read_text(encoding="utf-8"))["repositories"]
    rows = {row["repository"].rpartition("/")[2]: row for row in told}
    if repository not in rows:
        raise Missing(f"requests are written for {', '.join(rows)}, not for {repository}")
    found: dict[str, Any] = rows[repository]
    return found


def asked(
    top: Path, repository: str, assets: Path | None, show: bool, cases: Path = CASES
) -> list[Short]:
    """Index a clone and ask everything. What went wrong is named where `show` has it, but never of
    what is held out."""
    told = written(repository, cases)
    found = []
    with scratch_clone(top) as (clone, folder):
        home = Home(folder)
        folder.mkdir(parents=True)
        if assets is not None:
            home.assets.symlink_to(assets.resolve(strict=True))
        satchel = Satchel(home, Settings({}))
        satchel.index(str(clone), lambda _: None, True)
        plain = Bm25Files()
        plain.read(clone, tracked(clone))
        requests = [(row["text"], frozenset(row["right"])) for row in told["asked"]]
        requests += [(text, frozenset()) for text in (*told["absent"], *told["anywhere"])]
        for text, right in requests:
            packet = satchel.brief(text, str(clone))
            files = [file.path for file in packet.files if file.in_packet]
            best = plain.scored(text, max(1, len(files)))
            found.append(
                Short(
                    told["half"],
                    text,
                    right,
                    (*files, *(test.path for test in packet.tests)),
                    bool(packet.markdown),
                    tuple(path for path, _ in best),
                    best[0][1] if best else 0.0,
                )
            )
            if show and told["half"] != HELD_OUT and is_wrong(found[-1]):
                say(f"  {text!r} got {found[-1].given[:3]}, wanted {sorted(right)[:2]}")
        satchel.close()
    return found


def is_wrong(one: Short) -> bool:
    """Tell whether it spoke where it should not, or handed over no right file."""
    return not one.right & set(one.given) if one.right else one.speaks


def figures(found: Sequence[Short]) -> dict[str, Any]:
    """Return the shares that spoke wrongly and rightly, that hold a right file, and first."""
    quiet = [one for one in found if not one.right]
    due = [one for one in found if one.right]

    def share(of: Sequence[bool]) -> float:
        return sum(of) / max(len(of), 1)

    wrongly = [one.plain_score for one in quiet]
    spoke = sum(one.speaks for one in quiet)
    above = sorted(wrongly, reverse=True)[spoke] if spoke < len(wrongly) else -1.0
    heard = [one for one in due if one.plain_score > above]
    return {
        "to_be_silent": len(quiet),
        "spoke_wrongly": with_interval(quiet, lambda drawn: share([one.speaks for one in drawn])),
        "to_speak": len(due),
        "spoke_rightly": with_interval(due, lambda drawn: share([one.speaks for one in drawn])),
        "right_file": with_interval(due, lambda drawn: share([not is_wrong(o) for o in drawn])),
        "right_first": with_interval(
            due, lambda drawn: share([bool(one.right & set(one.given[:1])) for one in drawn])
        ),
        "bm25": {
            "threshold": round(above, 2),
            "spoke_rightly": in_percent(len(heard) / max(len(due), 1)),
            "right_file": in_percent(
                sum(bool(one.right & set(one.plain)) for one in heard) / max(len(due), 1)
            ),
            "right_first": in_percent(
                sum(bool(one.right & set(one.plain[:1])) for one in heard) / max(len(due), 1)
            ),
        },
    }


def measure(
    tops: Sequence[tuple[Path, str]], assets: Path | None, show: bool, cases: Path = CASES
) -> dict[str, Any]:
    """Ask in each repository (its folder, its name); return figures by repository and by half."""
    rows: dict[str, Any] = {}
    halves: dict[str, list[Short]] = {}
    for top, name in tops:
        found = asked(top, name, assets, show, cases)
        halves.setdefault(found[0].half, []).extend(found)
        rows[name] = {"half": found[0].half, **figures(found)}
        _say(name, rows[name])
    of_halves = {half: figures(found) for half, found in halves.items()}
    for half, row in of_halves.items():
        _say(half, row)
    return {"repositories": rows, "halves": of_halves}


def _say(name: str, row: dict[str, Any]) -> None:
    wrong, plain = row["spoke_wrongly"], row["bm25"]
    told = " ".join(
        f"{kind} {row[kind]['value']:.1f} {row[kind]['interval']} (BM25 {plain[kind]})"
        for kind in ("spoke_rightly", "right_file", "right_first")
    )
    say(
        f"{name:12} spoke_wrongly {wrong['value']:.1f} {wrong['interval']}"
        f" of {row['to_be_silent']}; of {row['to_speak']}: {told}"
    )
