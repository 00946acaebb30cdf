"""`satchel ask` end to end, with faithful fakes of local servers behind the real daemon."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.cli.ask import Heard, account
from satchel.demo.repository import build
from tests.cli.conftest import User, at_home
from tests.model.fakes import WORDS, ollama, ollama_cloud_row, ollama_row

QUESTION = "where does a session end?"
ANSWER = "".join(WORDS)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[User]:
    """Somebody whose shop is indexed, and who has no model yet."""
    build(tmp_path / "shop")
    with at_home(tmp_path / "home") as home:
        yield User(home, tmp_path / "shop")


def knows(user: User, url: str) -> None:
    """Tell Satchel of a server; the daemon reads it when it starts."""
    assert user.runs("config", "set", "model.servers", url).status == 0


def test_the_answer_comes_with_model_briefing_and_account(asking: User) -> None:
    with ollama([ollama_row("qwen3:4b"), ollama_cloud_row("gpt-oss:120b-cloud")]) as server:
        knows(asking, server.url)
        said = asking.runs("ask", QUESTION, "--yes")
        sent = server.posted("/api/chat")
    assert said.status == 0, said.err
    assert "qwen3:4b answers, through ollama, on this machine." in said.err
    assert "passed over: ollama/gpt-oss:120b-cloud" in said.err
    assert "fallback" not in said.err
    briefing, _, rest = said.out.partition("── Answer")
    assert "shop/sessions.py" in briefing
    assert ANSWER in rest
    assert "on this machine" in rest
    assert "shop/sessions.py:" in rest
    assert "milliseconds" in rest
    assert "def end_session" in str(sent[0]["messages"])


@pytest.mark.parametrize(
    ("finish", "fallback", "told"),
    [
        ("length", False, "stopped at 512 tokens (setting ask.answer_tokens)"),
        ("length", True, "stopped at 512 tokens (setting ask.answer_tokens; a fallback gets less)"),
        ("stop", False, None),
    ],
)
def test_an_answer_that_was_cut_short_says_so(
    finish: str, fallback: bool, told: str | None
) -> None:
    heard = Heard({"name": "m", "fallback": fallback}, {"empty_reason": "small talk"})
    heard.usage = {"prompt": 1, "completion": 512, "finish": finish}
    said = "\n".join(account(heard))
    assert ("stopped" in said) == (told is not None)
    assert (told or "") in said
    assert "nothing: small talk" in said


def test_a_model_that_was_not_asked_spent_no_tokens() -> None:
    heard = Heard({"name": "m", "fallback": True}, {}, usage={"finish": "silent"})
    assert "none: the model was not asked" in "\n".join(account(heard))


def test_json_is_one_object_with_packet_answer_and_model(asking: User) -> None:
    with ollama() as server:
        knows(asking, server.url)
        said = asking.runs("ask", QUESTION, "--yes", "--json")
    assert said.status == 0, said.err
    value = said.json
    assert value["answer"] == ANSWER
    assert value["model"]["locality"] == "on-device"
    assert value["packet"]["files"]
    assert value["usage"]["completion"] == len(WORDS)
    assert value["ms"]["total"] > 0


def test_a_document_is_answered_from_without_any_repository(asking: User, tmp_path: Path) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "report.md").write_text("# Lamps\n\nThe blue lamp sold best in March.\n")
    with ollama() as server:
        knows(asking, server.url)
        said = asking.runs(
            "ask", "--file", "report.md", "Summarize this document", "--json", folder=loose
        )
        sent = server.posted("/api/chat")
    assert said.status == 0, said.out + said.err
    assert said.json["question"] == "Summarize this document"
    assert "The blue lamp sold best" in str(sent[0]["messages"])


def test_a_document_that_cannot_be_read_is_told_of_before_any_model(
    asking: User, tmp_path: Path
) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    words = ("ask", "Summarize this", "--file", str(tmp_path / "bad.pdf"))
    without_model = asking.runs(*words)
    with ollama() as server:
        knows(asking, server.url)
        asking.runs("down")
        with_model = asking.runs(*words)
    for said in (without_model, with_model):
        assert (said.status, said.out) == (2, "")
        assert len(said.err.splitlines()) == 2
        assert "bad.pdf" in said.err


def test_a_conversation_goes_on_and_can_be_forgotten(asking: User) -> None:
    with ollama() as server:
        knows(asking, server.url)
        asking.runs("ask", QUESTION, "--yes")
        asking.runs("ask", "and how long does it last?", "--continue")
        assert asking.runs("forget", "--conversation").status == 0
        asking.runs("ask", "and now?", "--continue")
        sent = [str(body["messages"]) for body in server.posted("/api/chat")]
    assert ANSWER in sent[1]
    assert ANSWER not in sent[2]


def test_without_any_model_and_offline_it_says_what_is_missing(asking: User) -> None:
    assert asking.runs("index").status == 0
    said = asking.runs("ask", QUESTION, "--offline", "--json")
    assert said.status == 3
    assert said.json["error"]["code"] == "asset-missing"
    assert "smollm2" in said.json["error"]["assets"]
    assert "satchel fetch" in said.json["error"]["next"]


def test_a_fetch_is_disclosed_and_never_begun_unasked(asking: User) -> None:
    assert asking.runs("index").status == 0
    said = asking.runs("ask", QUESTION)
    assert said.status == 2
    assert said.out == ""
    for told in ("92,871,040 bytes", "Apache-2.0", "10 Mbit/s", "100 Mbit/s", "sha256"):
        assert told in said.err
    assert str(asking.home / "assets" / "smollm2") in said.err
    assert not (asking.home / "assets" / "smollm2").exists()


def test_an_unreachable_index_is_a_clear_error(asking: User) -> None:
    said = asking.runs(
        "fetch",
        "smollm2",
        "--yes",
        "--json",
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_RETRIES="0",
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_INDEX="",
        PIP_FIND_LINKS="",
        PIP_EXTRA_INDEX_URL="",
    )
    assert said.status == 3
    assert said.json["error"]["code"] == "asset-unreachable"
    assert not (asking.home / "assets" / "smollm2").exists()


def test_a_wrong_file_is_not_taken_for_the_model(asking: User, tmp_path: Path) -> None:
    wrong = tmp_path / "model.gguf"
    wrong.write_bytes(b"GGUF, but not the one")
    said = asking.runs("fetch", "smollm2", "--from", str(wrong), "--json")
    assert said.status in {2, 4}
    assert said.json["error"]["next"]


def test_ctrl_c_stops_the_model(asking: User) -> None:
    if sys.platform == "win32":
        pytest.skip("Ctrl-C is another thing there")
    with ollama(fault="endless") as server:
        knows(asking, server.url)
        assert asking.runs("index").status == 0
        with subprocess.Popen(
            [sys.executable, "-m", "satchel.cli", "ask", QUESTION],
            cwd=asking.folder,
            env={**os.environ, "SATCHEL_HOME": str(asking.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if "── Answer" in line:
                    break
            assert process.stdout.read(len(WORDS[0])) == WORDS[0]
            process.send_signal(signal.SIGINT)
            errors = process.stderr.read()
            process.stdout.read()
        assert process.returncode == 130
        assert "Traceback" not in errors
        assert "stopped" in errors
        assert server.hung_up.wait(20)
