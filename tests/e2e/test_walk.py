"""The main job as a user runs it: a real repository, the real embedded model, real processes; then
once more where the network is taken away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from fpdf import FPDF

from bench.repositories import NoIndex, as_repository, cache_folder, source_archive
from satchel.cli.prove import closed_world_refused
from tests.cli.conftest import User, at_home

REPOSITORY = "marshmallow==3.25.1"
QUESTION = "which method of Schema runs the validators of a field?"
PACKET_KEYS = {
    "request", "workspace", "intent", "files", "symbols", "tests", "records", "conflicts",
    "markdown", "tokens", "budget", "empty_reason", "catching_up", "ms",
}  # fmt: skip
POLICY = (
    "# Travel policy\n\nTrains before planes, always.\n\n"
    "## Hotels\n\nA hotel may cost up to 140 euros a night.\n"
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        archive = source_archive(REPOSITORY, cache_folder())
    except NoIndex as error:
        pytest.skip(f"no package index gives the source archives: {error}")
    return as_repository(archive, tmp_path_factory.mktemp("walk") / "marshmallow")


@pytest.fixture(scope="module")
def user(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, real_assets: Path
) -> Iterator[User]:
    home = tmp_path_factory.mktemp("walk-home")
    (home / "assets").symlink_to(real_assets)
    with at_home(home):
        yield User(home, repository)


@pytest.fixture(scope="module")
def asked(user: User) -> dict[str, Any]:
    """The first question to a repository that was never read."""
    said = user.runs("ask", QUESTION, "--in", ".", "--yes", "--json")
    assert said.status == 0, said
    return said.json


def test_a_real_model_answers_about_a_real_repository(asked: dict[str, Any]) -> None:
    assert asked["answer"].strip()
    assert asked["model"]["locality"] == "on-device"
    assert asked["model"]["fallback"] is True
    assert asked["usage"]["completion"] > 0
    assert {"detect", "load", "brief", "first_token", "answer", "total"} <= asked["ms"].keys()


def test_every_place_that_the_model_was_given_can_be_opened(
    asked: dict[str, Any], repository: Path
) -> None:
    packet = asked["packet"]
    given = [file for file in packet["files"] if file["in_packet"]]
    assert given
    assert packet["tokens"] <= packet["budget"]
    for file in given:
        assert file["reason"]
        lines = (repository / file["path"]).read_text(encoding="utf-8").splitlines()
        for start, end in file["lines"]:
            assert 1 <= start <= end <= len(lines)
            assert lines[start - 1].strip() in packet["markdown"]


def test_for_a_person_the_answer_ends_with_an_account(user: User, asked: dict[str, Any]) -> None:
    said = user.runs("ask", "where is Schema.dump defined?")
    assert said.status == 0, said
    account = said.out[said.out.rindex("\nmodel ") :]
    assert "on this machine" in account
    assert "src/marshmallow/schema.py:" in account
    assert "tokens" in account
    assert "milliseconds" in account
    assert "fallback" in said.err


def test_a_conversation_is_taken_up_and_forgotten(user: User, asked: dict[str, Any]) -> None:
    again = user.runs("ask", "and where is it called?", "--continue", "--json")
    assert again.status == 0, again
    assert again.json["answer"].strip()
    gone = user.runs("forget", "--conversation", "--json")
    assert gone.status == 0, gone
    assert gone.json["forgotten_turns"] >= 4


def test_a_briefing_is_one_json_object_of_the_documented_shape(
    user: User, asked: dict[str, Any]
) -> None:
    said = user.runs("brief", QUESTION, "--json", "--files", "12", "--explain")
    packet = said.json
    assert packet.keys() >= PACKET_KEYS
    assert packet["workspace"] == str(user.folder)
    assert packet["intent"]["kind"] == "question"
    assert len(packet["files"]) >= 12
    assert [f["in_packet"] for f in packet["files"]].count(True) < 12
    scores = [file["score"] for file in packet["files"][:12]]
    assert scores == sorted(scores, reverse=True)
    assert all(file["signals"] for file in packet["files"])
    assert packet["ms"].keys() >= {"classify", "retrieve", "rank", "conflict", "pack", "total"}
    small = user.runs("brief", QUESTION, "--json", "--budget", "80").json
    assert 0 < small["tokens"] <= 80


def pdf(path: Path) -> None:
    made = FPDF()
    made.set_font("helvetica", size=12)
    for page in (
        "Trains before planes, always.",
        "A hotel may cost up to 140 euros a night.",
    ):
        made.add_page()
        made.multi_cell(0, 8, page)
    made.output(str(path))


def docx(path: Path) -> None:
    made = Document()
    made.add_heading("Travel policy", 1)
    made.add_paragraph("A hotel may cost up to 140 euros a night.")
    made.save(str(path))


def markdown(path: Path) -> None:
    path.write_text(POLICY)


def html(path: Path) -> None:
    path.write_text(
        "<html><script>alert(1)</script><h1>Travel policy</h1>"
        "<p>A hotel may cost up to 140 euros a night.</p></html>"
    )


def long(path: Path) -> None:
    sections = "".join(
        f"## Rule {n}\n\nRule {n} is about pencils and paper.\n\n" for n in range(400)
    )
    path.write_text(POLICY + sections)


@pytest.mark.parametrize(
    ("name", "make"),
    [("p.pdf", pdf), ("p.docx", docx), ("p.md", markdown), ("p.html", html), ("long.md", long)],
    ids=["pdf", "docx", "markdown", "html", "long"],
)
def test_a_document_is_briefed_from_itself(
    user: User, tmp_path: Path, name: str, make: Any
) -> None:
    make(tmp_path / name)
    question = "how much may a hotel cost a night?"
    said = user.runs("ask", question, "--file", str(tmp_path / name), "--json", folder=tmp_path)
    assert said.status == 0, said
    packet = said.json["packet"]
    assert "140 euros" in packet["markdown"]
    assert "alert" not in packet["markdown"]
    (file,) = packet["files"]
    expected = "excerpts of" if name == "long.md" else "the whole document"
    assert expected in file["reason"]
    assert said.json["answer"].strip()


CLOSED = """
import subprocess, sys
from satchel.prove.kernel import raise_loopback
raise_loopback()
done = subprocess.run([sys.executable, "-m", "satchel.cli", *sys.argv[1:]])
subprocess.run([sys.executable, "-m", "satchel.cli", "down"], stdout=subprocess.DEVNULL)
sys.exit(done.returncode)
"""


def without_network(home: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `satchel` where only loopback exists, with a daemon of its own."""
    return subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, "-c", CLOSED, *words],
        cwd=folder,
        env={**os.environ, "SATCHEL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.skipif(bool(closed_world_refused()), reason="no network namespaces here")
def test_the_same_walk_needs_no_network(
    repository: Path, real_assets: Path, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/assets").symlink_to(real_assets)
    done = without_network(tmp_path / "home", repository, "ask", QUESTION, "--yes")
    assert done.returncode == 0, done
    assert "on this machine" in done.stdout
    assert "src/marshmallow/" in done.stdout


@pytest.mark.skipif(bool(closed_world_refused()), reason="no network namespaces here")
def test_without_network_and_without_a_model_it_says_what_is_missing(
    repository: Path, tmp_path: Path
) -> None:
    for words in (("--yes",), ("--yes", "--offline")):
        done = without_network(tmp_path / "home", repository, "ask", QUESTION, *words)
        assert done.returncode != 0
        assert "smollm2" in done.stderr
        assert "Traceback" not in done.stderr
