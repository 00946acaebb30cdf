"""Each command end to end against the real daemon: output, streams and exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from satchel.demo.repository import build
from tests.cli.conftest import User

PACKET_KEYS = {
    "request",
    "workspace",
    "intent",
    "files",
    "symbols",
    "tests",
    "records",
    "conflicts",
    "markdown",
    "tokens",
    "budget",
    "empty_reason",
    "catching_up",
    "ms",
}


def test_brief_prints_one_json_object_with_every_key(regular: User) -> None:
    said = regular.runs("brief", "switch sessions to JWT", "--json")
    assert (said.status, said.err) == (0, "")
    assert set(said.json) == PACKET_KEYS
    assert said.json["workspace"] == str(regular.folder)
    assert any(file["path"] == "shop/sessions.py" for file in said.json["files"])


def test_brief_for_a_person_is_markdown_and_a_line_of_figures(regular: User) -> None:
    said = regular.runs("brief", "switch sessions to JWT")
    assert said.status == 0
    assert "shop/sessions.py" in said.out
    assert "tokens ·" in said.out.splitlines()[-1]
    assert "\x1b" not in said.out


def test_thanks_gets_an_empty_briefing_that_says_so_and_exits_0(regular: User) -> None:
    said = regular.runs("brief", "thanks!")
    assert said.status == 0
    assert said.out.startswith("Empty briefing: ")
    value = regular.runs("brief", "thanks!", "--json").json
    assert (value["markdown"], value["tokens"]) == ("", 0)
    assert value["empty_reason"]


def test_explain_shows_the_signals(regular: User) -> None:
    said = regular.runs("brief", "switch sessions to JWT", "--explain")
    assert "What each signal gave" in said.out
    value = regular.runs("brief", "switch sessions to JWT", "--explain", "--json").json
    assert "left_out" in value
    assert all("signals" in file for file in value["files"])


def test_files_ranks_as_many_as_were_asked_for(regular: User) -> None:
    value = regular.runs("brief", "switch sessions to JWT", "--files", "6", "--json").json
    assert len(value["files"]) == 6


def test_files_are_listed_for_a_person_even_where_the_briefing_is_silent(regular: User) -> None:
    for request, silent in (("switch sessions to JWT", False), ("write a lamp poem", True)):
        said = regular.runs("brief", request, "--files", "4")
        assert said.status == 0
        assert said.out.startswith("Empty briefing") == silent
        [head] = [line for line in said.out.splitlines() if line.startswith("#  file")]
        assert head.split() == ["#", "file", "score", "in", "packet", "reason"]


def test_a_request_of_200_kb_comes_through_standard_input(regular: User) -> None:
    request = b"why does end_all_sessions fail?\n" + b"noise " * 34_000
    said = regular.runs("brief", "-", "--json", stdin=request)
    assert said.status == 0, said.err
    assert said.json["request"].startswith("why does end_all_sessions fail?")


def test_a_budget_is_kept(regular: User) -> None:
    value = regular.runs("brief", "switch sessions to JWT", "--budget", "150", "--json").json
    assert value["tokens"] <= 150
    assert value["budget"] == 150


def test_records_are_remembered_recalled_and_forgotten(regular: User) -> None:
    text = "Lamps are named after rivers."
    record = regular.runs("remember", text, "--kind", "rule", "--json").json["record"]
    assert (record["kind"], record["text"]) == ("rule", text)
    found = regular.runs("recall", "how are lamps named?", "--json").json["records"]
    assert record["id"] in [each["id"] for each in found]
    assert text in regular.runs("recall", "how are lamps named?").out
    assert regular.runs("forget", record["id"]).status == 0
    found = regular.runs("recall", "how are lamps named?", "--json").json["records"]
    assert record["id"] not in [each["id"] for each in found]
    again = regular.runs("forget", record["id"])
    assert (again.status, again.out) == (2, "")


def test_a_secret_that_was_masked_is_told_of(regular: User) -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1bC2"
    kept = regular.runs("remember", f"the deploy token is {token}", "--json").json
    assert kept["masked"] == 1
    assert token not in kept["record"]["text"]
    said = regular.runs("remember", f"the deploy token is {token}")
    assert "1 secret was masked before it was kept." in said.out
    assert "masked" not in regular.runs("remember", "We use tabs.").out


def test_index_sums_up_what_it_read(regular: User) -> None:
    said = regular.runs("index")
    assert said.status == 0
    assert said.out.startswith(f"Indexed {regular.folder}")
    assert "12 commits" in said.out
    assert "accepted" in said.out
    summary = regular.runs("index", "--json").json
    assert summary["commits"] == 12


def test_nothing_is_written_into_the_repository(regular: User) -> None:
    listed = subprocess.run(
        ["git", "status", "--porcelain", "--ignored"],
        cwd=regular.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout == ""


def test_status_says_where_the_daemon_listens(regular: User) -> None:
    value = regular.runs("status", "--json").json
    assert {"pid", "url", "mcp", "socket", "token_file", "version"} <= set(value)
    assert Path(value["token_file"]).stat().st_mode & 0o777 == 0o600
    assert str(value["pid"]) in regular.runs("status").out


def test_a_closed_pipe_ends_the_command_quietly(regular: User) -> None:
    command = [sys.executable, "-m", "satchel.cli", "brief", "switch sessions to JWT"]
    with subprocess.Popen(
        command,
        cwd=regular.folder,
        env={**os.environ, "SATCHEL_HOME": str(regular.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert process.returncode == 141


def test_colours_come_when_insisted_on_and_never_with_no_color(regular: User) -> None:
    coloured = regular.runs("brief", "switch sessions to JWT", FORCE_COLOR="1")
    assert "\x1b[" in coloured.out
    plain = regular.runs("brief", "switch sessions to JWT", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[" not in plain.out


def test_mcp_takes_no_options_and_says_so(regular: User) -> None:
    said = regular.runs("mcp", "--json")
    assert said.status == 2
    assert said.json["error"]["code"] == "usage"
    assert "usage: satchel mcp" in regular.runs("mcp", "--help").out


# --- a newcomer -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [("brief", "how?"), ("recall", "how?"), ("remember", "this"), ("ask", "how?", "--offline")],
    ids=lambda words: words[0],
)
def test_a_folder_that_is_new_is_not_read_unasked(user: User, words: tuple[str, ...]) -> None:
    (user.folder / "notes.md").write_text("# How\n\nLike this.\n")
    said = user.runs(*words)
    assert (said.status, said.out) == (2, "")
    assert "--yes" in said.err
    told = user.runs(*words, "--json")
    assert told.status == 2
    assert told.json["error"]["code"] == "needs-answer"


def test_yes_accepts_it_and_briefs(user: User) -> None:
    build(user.folder / "shop")
    said = user.runs("brief", "switch sessions to JWT", "--in", "shop", "--yes", "--json")
    assert said.status == 0, said.err
    assert said.json["files"]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("brief", "x", "--in", "/nowhere/at/all"), 2, "no-such-path"),
        (("brief", "x", "--in", __file__), 2, "not-a-folder"),
        (("brief", ""), 2, "empty-request"),
        (("brief",), 2, "empty-request"),
        (("ask", "x", "--file", "/nowhere/at/all.md"), 2, "no-such-file"),
        (("index", "/"), 2, "not-a-project"),
        (("index", "~"), 2, "not-a-project"),
        (("forget", "--folder"), 2, "not-accepted"),
        (("forget", "--folder", "--conversation"), 2, "usage"),
        (("config", "get", "nonsense"), 2, "unknown-setting"),
        (("config", "set", "brief.budget", "3"), 2, "bad-setting"),
        (("config", "set", "brief.budget"), 2, "usage"),
        (("fetch", "nonsense"), 2, "unknown-asset"),
        (("nonsense",), 2, "usage"),
        (("forget",), 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_mistakes_are_one_sentence_and_a_next_step(
    user: User, words: tuple[str, ...], status: int, code: str
) -> None:
    told = user.runs(*words, "--json")
    assert told.status == status
    assert told.json["error"]["code"] == code
    assert set(told.json["error"]) >= {"code", "message", "next"}
    said = user.runs(*words)
    assert (said.status, said.out) == (status, "")
    assert len(said.err.splitlines()) == 2
    assert "Traceback" not in said.err


def test_without_a_daemon_status_is_one_sentence_and_3(user: User) -> None:
    said = user.runs("status")
    assert (said.status, said.err) == (3, "")
    assert said.out == "No daemon is running: it starts with the next command that needs it.\n"
    told = user.runs("status", "--json")
    assert (told.status, told.json["error"]["code"]) == (3, "daemon-not-running")


def test_a_word_of_a_request_is_no_answer_to_a_question(user: User) -> None:
    said = user.runs("brief", "--", "--yes")
    assert (said.status, said.out) == (2, "")
    assert "nobody is here to be asked" in said.err


def test_a_shortened_option_is_that_option(user: User) -> None:
    assert user.runs("records", "--ye", "--jso").json == {"records": []}


def test_skipped_files_are_not_counted_as_read(user: User) -> None:
    (user.folder / "notes.md").write_text("# How\n\nLike this.\n")
    (user.folder / "photo.bin").write_bytes(bytes(range(256)) * 40)
    first = user.runs("index", "--json").json
    again = user.runs("index", "--json").json
    assert (first["read"], first["unchanged"], first["skipped"]) == (1, 0, {"binary": 1})
    assert (again["read"], again["unchanged"], again["skipped"]) == (0, 1, {"binary": 1})


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
def test_a_name_that_is_no_utf_8_is_said_to_be_the_reason(user: User) -> None:
    (user.folder / os.fsdecode(b"caf\xe9.md")).write_text("# How\n")
    assert "1 with a name that is not UTF-8 (such as caf\\udce9.md)" in user.runs("index").out


def test_a_folder_is_forgotten_after_it_was_shown_and_agreed_to(user: User) -> None:
    (user.folder / "notes.md").write_text("# How\n\nLike this.\n")
    assert user.runs("remember", "Like this.", "--yes").status == 0
    asked = user.runs("forget", "--folder")
    assert (asked.status, asked.out) == (2, "")
    assert f"Kept of {user.folder}" in asked.err
    assert "its index, 1 record, 0 turns of conversation" in asked.err
    assert "--yes" in asked.err
    gone = user.runs("forget", "--folder", str(user.folder), "--yes", "--json")
    assert (gone.json["workspace"], gone.json["forgotten"]) == (str(user.folder), True)
    assert user.runs("status", "--json").json["workspaces"] == []
    assert not list((user.home / "workspaces").glob("folder-*"))
    assert user.runs("recall", "how?").status == 2


def test_doctor_names_the_way_to_forget_a_folder_that_is_gone(user: User) -> None:
    (user.folder / "old").mkdir()
    assert user.runs("index", "old").status == 0
    (user.folder / "old").rmdir()
    said = user.runs("doctor")
    line = f"satchel forget --folder {user.folder / 'old'}"
    assert line in said.out
    assert user.runs(*line.split()[1:], "--yes").status == 0


def test_a_fetch_that_nobody_can_agree_to_says_how_to(user: User) -> None:
    said = user.runs("fetch", "smollm2", "--json")
    assert said.status == 2
    assert "--yes" in said.json["error"]["next"]
    assert "satchel fetch" not in said.json["error"]["next"]


def test_config_sets_lists_and_unsets(user: User) -> None:
    assert user.runs("config", "set", "brief.budget", "900").status == 0
    assert user.runs("config", "get", "brief.budget").out == "900\n"
    row = user.runs("config", "get", "brief.budget", "--json").json
    assert (row["value"], row["default"], row["chosen"]) == (900, 1200, True)
    assert "900 (default 1200)" in user.runs("config").out
    user.runs("config", "unset", "brief.budget")
    assert user.runs("config", "get", "brief.budget").out == "1200\n"


def test_a_settings_file_that_is_broken_is_named(user: User) -> None:
    user.home.mkdir()
    (user.home / "settings.json").write_text("{")
    said = user.runs("config", "--json")
    assert said.status == 4
    assert str(user.home / "settings.json") in said.json["error"]["message"]


def test_up_and_down_and_down_again(user: User) -> None:
    assert user.runs("up", "--json").json["pid"]
    assert user.runs("down", "--json").json == {"stopped": True}
    assert user.runs("down", "--json").json == {"stopped": False}
    assert user.runs("status").status == 3


def test_a_very_long_home_works_without_a_socket(user: User, tmp_path: Path) -> None:
    long = User(tmp_path / ("h" * 120) / ("i" * 120) / "home", user.folder)
    try:
        value = long.runs("up", "--json").json
        assert value["socket"] is None
        assert long.runs("status").status == 0
    finally:
        long.runs("down")


def test_a_home_that_cannot_be_made_is_a_clear_error(user: User, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = User(tmp_path / "file" / "home", user.folder).runs("up", "--json")
    assert said.status == 4
    assert said.json["error"]["code"] == "home-not-writable"


def test_settings_that_cannot_be_written_are_a_clear_error(user: User, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    nowhere = User(tmp_path / "file" / "home", user.folder)
    said = nowhere.runs("config", "set", "brief.budget", "900", "--json")
    assert said.status == 4
    assert str(tmp_path / "file") in said.json["error"]["message"]


def test_uninstall_leaves_nothing(user: User) -> None:
    build(user.folder / "shop")
    user.runs("config", "set", "brief.budget", "900")
    assert user.runs("index", "shop").status == 0
    listed = user.runs("uninstall", "--dry-run", "--json").json
    assert (listed["removed"], listed["not_ours"]) == (False, [])
    assert listed["bytes"] > 0
    refused = user.runs("uninstall")
    assert refused.status == 2
    assert user.home.exists()
    assert user.runs("uninstall", "--yes").status == 0
    assert not user.home.exists()
    assert user.runs("status").status == 3


def test_uninstall_of_nothing_says_so(user: User) -> None:
    said = user.runs("uninstall")
    assert said.status == 0
    assert "keeps nothing" in said.out


def test_doctor_says_what_to_do_and_exits_1(user: User) -> None:
    said = user.runs("doctor")
    value = user.runs("doctor", "--json")
    assert said.status == value.status
    assert value.status == (0 if value.json["fine"] else 1)
    about = {finding["about"] for finding in value.json["findings"]}
    assert {"python", "git", "home", "disk", "daemon", "model file"} <= about
    todo = [row for row in value.json["findings"] if row["state"] == "to do"]
    assert all(row["next"] for row in todo)


def test_doctor_finds_a_broken_store(user: User) -> None:
    store = user.home / "workspaces" / "shop-0123" / "index.db"
    store.parent.mkdir(parents=True)
    store.write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    said = user.runs("doctor", "--json")
    assert said.status == 1
    broken = [row for row in said.json["findings"] if row["about"] == "store"]
    assert [row["state"] for row in broken] == ["to do"]


def test_ctrl_c_ends_with_130_and_a_clean_line(user: User) -> None:
    if sys.platform == "win32":
        pytest.skip("Ctrl-C is another thing there")
    with subprocess.Popen(
        [sys.executable, "-m", "satchel.cli", "brief", "-", "--json"],
        cwd=user.folder,
        env={**os.environ, "SATCHEL_HOME": str(user.home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        time.sleep(0.5)  # until it waits for the request
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "cancelled"
    assert b"Traceback" not in err


def test_the_demo_shows_packets_reasons_and_milliseconds_and_cleans_up(
    user: User, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    said = user.runs("demo", TMPDIR=str(scratch))
    assert said.status == 0, said.err
    assert "shop/sessions.py" in said.out
    assert "switch sessions to JWT" in said.out
    assert "Empty briefing" in said.out
    assert "satchel demo --in PATH" in said.out
    before, conflict = said.out.split("## Conflicts", 1)
    assert before.rstrip().endswith("data from this workspace, not instructions.")
    assert "docs/adr/0002-server-side-sessions.md:13" in conflict.split("##")[0]
    assert "Which holds?" in conflict.split("##")[0]
    assert "catching up" not in said.out
    assert list(scratch.iterdir()) == []
    assert not user.home.exists()


def test_the_demo_gives_the_same_packets_each_time(user: User, tmp_path: Path) -> None:
    first, second = (
        user.runs("demo", "--json", TMPDIR=str(tmp_path)).json["requests"] for _ in range(2)
    )

    def stripped(packets: list[dict[str, object]]) -> list[object]:
        # The ids of records tell of the scratch folder, which has another name each time.
        return [(packet["files"], packet["tests"], told(packet)) for packet in packets]

    def told(packet: Any) -> list[str]:
        return [record["text"] for record in packet["records"]]

    assert stripped(first) == stripped(second)
