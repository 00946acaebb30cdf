"""Twenty questions about real repositories, written before the ranking was tuned.

A reader should be able to answer from the briefing alone, so what is checked is whether the
packet at default settings points at the lines where the answer stands. `want` says whether all of
a question's places are needed or any of them is enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.repositories import NoIndex, as_repository, cache_folder, source_archive
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.types import Packet
from satchel.wiring import Satchel

FLOOR = 14  # of twenty; raised to what is reached, never lowered without saying why
READABLE = 300  # lines: a longer range points at everything, and so at nothing


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file, 1-based and inclusive, where a definition lies that answers."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and what its packet must point at."""

    repository: str
    text: str
    every: bool
    places: tuple[Place, ...]


def read_questions() -> tuple[Question, ...]:
    rows = json.loads(Path(__file__).with_name("questions.json").read_text(encoding="utf-8"))
    return tuple(
        Question(
            row["repository"],
            row["question"],
            row["want"] == "all",
            tuple(Place(path, start, end) for path, start, end in row["places"]),
        )
        for row in rows
    )


QUESTIONS = read_questions()


def points_at(packet: Packet, place: Place) -> bool:
    return any(
        start <= place.end and place.start <= end and end - start < READABLE
        for file in packet.files
        if file.in_packet and file.path == place.path
        for start, end in file.lines
    )


def answers(packet: Packet, question: Question) -> bool:
    found = [points_at(packet, place) for place in question.places]
    return all(found) if question.every else any(found)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("repositories")
    tops = {}
    for name in sorted({question.repository for question in QUESTIONS}):
        try:
            archive = source_archive(name, cache_folder())
        except NoIndex as error:
            pytest.skip(f"no package index gives the source archives: {error}")
        tops[name] = as_repository(archive, folder / name)
    return tops


@pytest.fixture(scope="module")
def satchel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Satchel]:
    engine = Satchel(Home(tmp_path_factory.mktemp("home")), Settings({}))
    yield engine
    engine.close()


def test_there_are_twenty_questions_over_five_repositories() -> None:
    assert len(QUESTIONS) == 20
    assert len({question.repository for question in QUESTIONS}) == 5


@pytest.mark.timeout(1200)
def test_every_place_lies_within_its_file(repositories: Mapping[str, Path]) -> None:
    for question in QUESTIONS:
        for place in question.places:
            file = repositories[question.repository] / place.path
            length = len(file.read_text(encoding="utf-8").splitlines())
            assert 1 <= place.start <= place.end <= length, place


@pytest.mark.timeout(1200)
def test_the_packet_points_at_the_answer(
    satchel: Satchel, repositories: Mapping[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for top in repositories.values():
        satchel.index(str(top), lambda _: None, accept=True)
    missed = []
    for question in QUESTIONS:
        workspace = str(repositories[question.repository])
        packet = satchel.brief(question.text, workspace, budget=None, files=0)
        if not answers(packet, question):
            missed.append((question, packet))
    with capsys.disabled():
        print(f"\nquestions answered by the packet: {20 - len(missed)} of 20")
        for question, packet in missed:
            print("\n".join(tell(question, packet)))
    assert 20 - len(missed) >= FLOOR


def tell(question: Question, packet: Packet) -> Sequence[str]:
    wanted = ", ".join(f"{p.path}:{p.start}-{p.end}" for p in question.places)
    given = [
        f"{file.path}:" + ",".join(f"{start}-{end}" for start, end in file.lines)
        for file in packet.files
        if file.in_packet
    ]
    return (
        f"  missed  {question.repository}: {' '.join(question.text.split())[:100]}",
        f"    wants {wanted}",
        f"    has   {'; '.join(given) or packet.empty_reason or 'nothing'}",
    )
