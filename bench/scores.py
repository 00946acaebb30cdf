"""How good an answer is: the right files among the first, and among those handed over. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

from bench.intervals import in_percent, interval, with_interval
from satchel.context.types import Packet

OURS = "satchel"
PLAIN = "bm25_whole_files"
RECALL_CUT = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request went: the files that are right, what each way ranked (best first, by the
    way's name), and what the packet hands over at default settings."""

    right: frozenset[str]
    ranked: Mapping[str, Sequence[str]]
    given: Sequence[str] = ()


def given_by(packet: Packet) -> tuple[str, ...]:
    """Return the files that a packet hands over."""
    return tuple(file.path for file in packet.files if file.in_packet)


def all_right(answer: Answer, way: str, cut: int) -> bool:
    """Tell whether every right file is among the first `cut`."""
    return answer.right <= set(answer.ranked[way][:cut])


def one_right(answer: Answer, way: str, cut: int) -> bool:
    """Tell whether one of the right files is among the first `cut`."""
    return bool(answer.right & set(answer.ranked[way][:cut]))


def recall(right: Collection[str], given: Sequence[str]) -> float:
    """Return the share of the right files that were given."""
    return len(set(right) & set(given)) / len(right)


def by_way(
    answers: Sequence[Answer], ways: Sequence[str], cuts: Sequence[int], sure: bool = True
) -> dict[str, dict[str, Any]]:
    """Return `reached` of every way, by its name."""
    return {way: reached(answers, way, cuts, sure) for way in ways}


def reached(
    answers: Sequence[Answer], way: str, cuts: Sequence[int], sure: bool = True
) -> dict[str, Any]:
    """Return, in percent, how often all right files are among the first k ("@1") and how often one
    of them is, and the mean share of them among the first three; with 95% intervals of the first
    and the last where `sure`. With more than k right files, all cannot be among the first k."""
    accuracy = {f"@{cut}": partial(_accuracy, way=way, cut=cut) for cut in cuts}
    share = partial(_recall, way=way)
    figures: dict[str, Any] = {
        "accuracy": {key: in_percent(measure(answers)) for key, measure in accuracy.items()},
        "one_right": {
            f"@{cut}": in_percent(_mean([one_right(answer, way, cut) for answer in answers]))
            for cut in cuts
        },
        "recall@3": in_percent(share(answers)),
    }
    if sure:
        measures = {**accuracy, "recall@3": share}
        figures["intervals"] = {
            key: [in_percent(end) for end in interval(answers, measure)]
            for key, measure in measures.items()
        }
    return figures


def lead(answers: Sequence[Answer], over: str) -> dict[str, float | list[float]]:
    """Return by how many points our recall among the first three is above another way's, with
    the interval of the paired difference."""
    return with_interval(answers, lambda some: _recall(some, way=OURS) - _recall(some, way=over))


def handed_over(answers: Sequence[Answer]) -> dict[str, float]:
    """Say what the packets hold: files on average, the share of packets without any and with a
    right one, the share of right files among those of a packet (where it has any), and the share
    of the right files that are handed over. Shares are in percent."""
    filled = [answer for answer in answers if answer.given]
    return {
        "files": round(_mean([len(answer.given) for answer in answers]), 2),
        "empty": in_percent(_mean([not answer.given for answer in answers])),
        "right": in_percent(_mean([bool(answer.right & set(answer.given)) for answer in answers])),
        "precision": in_percent(
            _mean([len(answer.right & set(answer.given)) / len(answer.given) for answer in filled])
        ),
        "recall": in_percent(_mean([recall(answer.right, answer.given) for answer in answers])),
    }


def averaged(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over rows of every figure, however deep it lies; intervals, names and what
    a row lacks are left out."""
    mean: dict[str, Any] = {}
    for key, value in rows[0].items():
        values = [row[key] for row in rows if key in row]
        if isinstance(value, Mapping):
            if deeper := averaged(values):
                mean[key] = deeper
        elif isinstance(value, int | float):
            mean[key] = round(fmean(values), 2)
    return mean


def share_of(units: Sequence[Any], is_so: Callable[[Any], bool]) -> dict[str, float | list[float]]:
    """Return the share of units of which something is so, in percent with its interval."""
    return with_interval(units, lambda some: _mean([is_so(one) for one in some]))


def written(figures: Mapping[str, Any]) -> str:
    """Write what `reached` gave on one line."""
    accuracy, one = (
        " ".join(f"{key} {value:.1f}" for key, value in figures[measure].items())
        for measure in ("accuracy", "one_right")
    )
    beside = f"  one right {one}" if one != accuracy else ""
    return f"{accuracy} recall@3 {figures['recall@3']:.1f}{beside}"


def _accuracy(answers: Sequence[Answer], way: str, cut: int) -> float:
    return _mean([all_right(answer, way, cut) for answer in answers])


def _recall(answers: Sequence[Answer], way: str) -> float:
    return _mean([recall(answer.right, answer.ranked[way][:RECALL_CUT]) for answer in answers])


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else 0.0
