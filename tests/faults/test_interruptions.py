"""What is killed, stopped, replaced or started twice loses nothing that was acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from satchel import __version__
from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect, find
from tests.cli.conftest import User, at_home
from tests.faults.conftest import CART, commit, git, until
from tests.model.fakes import WORDS, ollama

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

FILES = 2_400  # several batches, so that a run can be cut in the middle
ROUNDS = 4


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that takes a moment to read."""
    top = tmp_path_factory.mktemp("large") / "shop"
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch=main")
    for number in range(FILES):
        (top / f"m{number}.py").write_text(
            "".join(f"def made_{number}_{n}(x):\n    return x + {n}\n" for n in range(5))
        )
    commit(top, "Begin")
    return top


@pytest.fixture
def worker(large: Path, tmp_path: Path) -> Iterator[User]:
    with at_home(tmp_path / "home") as home:
        yield User(home, large)


def daemon_of(user: User) -> Daemon:
    return connect(Home(user.home))


def kill(daemon: Daemon) -> None:
    os.kill(daemon.pid, signal.SIGKILL)
    until(lambda: find(daemon.home) is None)


def start(user: User, *words: str) -> subprocess.Popen[str]:
    """Run `satchel` without waiting for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "satchel.cli", *words],
        cwd=user.folder,
        env={**os.environ, "SATCHEL_HOME": str(user.home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def half_read(daemon: Daemon, top: Path) -> Iterator[dict[str, Any]]:
    """Begin to index, and return the events that come after something was kept."""
    events = daemon.stream("/api/index", {"path": str(top), "accept": True})
    for event in events:
        if event.get("stage") == "parse" and event["done"] > FILES // 3:
            break
    return events


def resumed(user: User) -> dict[str, Any]:
    """Index again to the end; nothing that was kept is read twice, and nothing lacks."""
    said = user.runs("index", "--json")
    assert said.status == 0, said
    summary = said.json
    assert summary["read"] + summary["unchanged"] == FILES
    assert summary["definitions"] == 5 * FILES
    assert summary["commits"] == 1
    files = user.runs("brief", "change made_2_4", "--json").json["files"]
    assert files[0]["path"] == "m2.py"
    return summary


# --- an index that is cut short -----------------------------------------------------------------


def test_a_daemon_killed_while_it_indexes_goes_on_from_there(worker: User) -> None:
    daemon = daemon_of(worker)
    events = half_read(daemon, worker.folder)
    kill(daemon)
    with pytest.raises(SatchelError) as told:
        list(events)
    assert told.value.code == "daemon-gone"
    assert resumed(worker)["unchanged"] > 0


def test_a_command_whose_daemon_is_killed_says_so_and_can_be_repeated(worker: User) -> None:
    command = start(worker, "index")
    daemon = until(lambda: find(Home(worker.home)))
    until(lambda: list(worker.home.glob("workspaces/*/index.db-wal")))
    kill(daemon)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 3, (out, err)
    assert "the daemon ended before it had answered" in err
    assert len(err.splitlines()) == 2
    resumed(worker)


def test_a_client_that_leaves_stops_the_index_which_goes_on_later(worker: User) -> None:
    daemon = daemon_of(worker)
    events = half_read(daemon, worker.folder)
    events.close()  # type: ignore[attr-defined]  # a generator, closed as a client that leaves
    assert resumed(worker)["unchanged"] > 0
    assert daemon_of(worker).pid == daemon.pid


def test_ctrl_c_during_an_index_is_clean_and_the_next_one_goes_on(worker: User) -> None:
    command = start(worker, "index")
    until(lambda: list(worker.home.glob("workspaces/*/index.db-wal")))
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert (command.returncode, out) == (130, ""), err
    assert err.splitlines()[0] == "satchel: stopped."
    assert "Traceback" not in err
    resumed(worker)


def test_ctrl_c_at_a_terminal_leaves_a_clean_line(worker: User) -> None:
    pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of POSIX")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "satchel.cli", "index"],
        cwd=worker.folder,
        env={**os.environ, "SATCHEL_HOME": str(worker.home), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as command:
        os.close(theirs)
        screen = b""
        interrupted = False
        while True:
            try:
                screen += os.read(ours, 4096)
            except OSError:  # EIO: the other side has closed
                break
            if not interrupted and b"reading files" in screen:
                interrupted = True
                command.send_signal(signal.SIGINT)
    os.close(ours)
    assert command.returncode == 130
    assert b"Traceback" not in screen
    assert b"\x1b[?25h" in screen  # the cursor is shown again
    lines = screen.decode().replace("\r", "").splitlines()
    assert lines[-2].endswith("stopped.")
    assert "next:" in lines[-1]


def test_a_daemon_that_is_told_to_end_while_it_indexes_does(worker: User) -> None:
    daemon = daemon_of(worker)
    events = half_read(daemon, worker.folder)
    assert worker.runs("down").status == 0
    assert find(daemon.home) is None
    with contextlib.suppress(SatchelError):  # a quick machine has read the rest meanwhile
        list(events)
    assert resumed(worker)["unchanged"] > 0


def test_two_indexes_of_one_folder_at_once_both_end_well(worker: User) -> None:
    commands = [start(worker, "index", "--json") for _ in range(2)]
    summaries = [json.loads(command.communicate(timeout=120)[0]) for command in commands]
    assert [command.returncode for command in commands] == [0, 0]
    assert {summary["definitions"] for summary in summaries} == {5 * FILES}
    assert sum(summary["read"] for summary in summaries) == FILES


# --- records ------------------------------------------------------------------------------------


def test_no_acknowledged_record_is_lost_to_a_kill_at_any_time(owner: User) -> None:
    assert owner.runs("index").status == 0
    acknowledged: set[str] = set()
    path = str(owner.folder)

    def remember(daemon: Daemon) -> None:
        for number in range(10_000):
            body = {"text": f"carts hold {number} items", "path": path}
            try:
                kept = daemon.call("POST", "/api/remember", body)
            except SatchelError:
                return
            acknowledged.add(kept["record"]["id"])

    for turn in range(ROUNDS):
        daemon = daemon_of(owner)
        before = len(acknowledged)
        writing = threading.Thread(target=remember, args=(daemon,))
        writing.start()
        until(lambda: len(acknowledged) >= before + 5 * (turn + 1))  # noqa: B023 - waited for here
        kill(daemon)
        writing.join()
    daemon = daemon_of(owner)
    asked = {"query": "", "path": path, "limit": 100_000}
    found = daemon.call("POST", "/api/recall", asked)["records"]
    assert acknowledged <= {record["id"] for record in found}
    assert len(found) <= len(acknowledged) + ROUNDS  # the one that each kill met may be there


# --- daemons ------------------------------------------------------------------------------------


def daemons(home: Path) -> list[int]:
    """Return the processes that serve a home, by what the kernel says of each."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"satchel.daemon" in words and f"SATCHEL_HOME={home}".encode() in environment:
            found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here")
def test_commands_that_start_at_once_share_one_daemon(owner: User) -> None:
    commands = [start(owner, "remember", f"carts hold {n} items", "--yes") for n in range(4)]
    for command in commands:
        out, err = command.communicate(timeout=60)
        assert command.returncode == 0, (out, err)
    pid = owner.runs("status", "--json").json["pid"]
    until(lambda: daemons(owner.home) == [pid])  # those that came second have gone
    assert len(owner.runs("recall", "--json").json["records"]) == 4


OLD = """
import satchel
satchel.__version__ = "0.0.1"
import sys
from satchel.daemon.__main__ import main
sys.exit(main())
"""


def test_a_daemon_of_an_older_version_is_replaced_and_what_it_kept_stays(owner: User) -> None:
    home = Home(owner.home)
    old = connect(home, command=(sys.executable, "-P", "-c", OLD), version="0.0.1")
    path = str(owner.folder)
    list(old.stream("/api/index", {"path": path, "accept": True}))
    old.call("POST", "/api/remember", {"text": "carts hold nine items", "path": path})
    doctor = owner.runs("doctor", "--json").json["findings"]
    assert any("0.0.1" in row["text"] for row in doctor if row["about"] == "daemon")
    found = owner.runs("recall", "carts", "--json").json["records"]
    assert [record["text"] for record in found] == ["carts hold nine items"]
    now = owner.runs("status", "--json").json
    assert (now["version"], now["pid"] != old.pid) == (__version__, True)


# --- an answer that is stopped ------------------------------------------------------------------


def test_ctrl_c_during_an_answer_stops_the_server_and_keeps_no_half_turn(owner: User) -> None:
    with ollama(fault="endless") as server:
        assert owner.runs("config", "set", "model.servers", server.url).status == 0
        assert owner.runs("index").status == 0
        command = start(owner, "ask", "what does add_to_cart do?")
        assert command.stdout is not None
        for line in command.stdout:
            if "── Answer" in line:
                break
        assert command.stdout.read(len(WORDS[0])) == WORDS[0]
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=60)
        assert command.returncode == 130
        assert "satchel: stopped." in err.splitlines()
        assert server.hung_up.wait(30)
    assert owner.runs("forget", "--conversation", "--json").json == {"forgotten_turns": 0}
    assert owner.runs("brief", "change add_to_cart", "--json").json["files"]


def test_ctrl_c_leaves_a_server_that_never_answers(owner: User) -> None:
    with ollama(fault="silence") as server:
        assert owner.runs("config", "set", "model.servers", server.url).status == 0
        assert owner.runs("index").status == 0
        command = start(owner, "ask", "what does add_to_cart do?", "--json")
        until(lambda: server.posted("/api/chat"))
        command.send_signal(signal.SIGINT)
        out, _ = command.communicate(timeout=60)
        assert (command.returncode, json.loads(out)["error"]["code"]) == (130, "cancelled")
        assert server.hung_up.wait(30)


# --- what is saved is seen ----------------------------------------------------------------------


def test_a_saved_file_is_in_the_next_packet(owner: User) -> None:
    assert owner.runs("index").status == 0

    def briefed(request: str) -> list[str]:
        files = owner.runs("brief", request, "--json").json["files"]
        return [file["path"] for file in files]

    assert briefed("change add_to_cart") == ["cart.py"]
    (owner.folder / "smile.py").write_text("def draw_smile(face):\n    return face\n")
    until(lambda: briefed("change draw_smile") == ["smile.py"])
    (owner.folder / "cart.py").write_text(CART.replace("add_to_cart", "put_in_trolley"))
    until(lambda: briefed("change put_in_trolley") == ["cart.py"])
    assert briefed("change add_to_cart") == []
