"""The hook as a process: fast to start, silent whatever happens, and nothing of a folder opened."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from satchel import __version__
from satchel.base import paths, settings
from satchel.base.paths import Home
from satchel.tools import hook
from satchel.tools.hook import DEADLINE, DEADLINE_MS, LEAST_MS, deadline_ms, options
from satchel.tools.hook_wake import folder_of, start_soon

PROMPT = {
    "session_id": "s",
    "cwd": "/w",
    "hook_event_name": "UserPromptSubmit",
    "prompt": "the users own words",
}


REFUSED = b'HTTP/1.1 400 X\r\ncontent-length: 29\r\n\r\n{"error":{"code":"bad-json"}}'
PATIENT = 30_000  # ms: nothing here is timed but what says so


@dataclass
class Asked:
    """A fake daemon: what it was asked, and what it says."""

    requests: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    waits: threading.Event = field(default_factory=threading.Event)


@contextmanager
def daemon(home: Home, version: str = __version__) -> Iterator[Asked]:
    """Answer one connection after another in a thread; where a daemon would listen."""
    asked = Asked()
    asked.waits.set()
    home.run.mkdir(parents=True)
    home.workspaces.mkdir()
    home.token.write_text("secret-token")
    server = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    told = {"pid": os.getpid(), "url": url, "socket": None, "version": version}
    home.address.write_text(json.dumps(told))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                request = b""
                while b"\r\n\r\n" not in request or not request.endswith(b"}"):
                    block = connection.recv(65536)
                    if not block:
                        break
                    request += block
                asked.requests.append(request)
                asked.waits.wait(10)
                connection.sendall(asked.answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        asked.waits.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


@pytest.fixture
def fresh(tmp_path: Path) -> Home:
    made = Home(tmp_path / "h")
    made.root.mkdir()
    made.settings.write_text(json.dumps({DEADLINE: PATIENT}))
    return made


def run(
    home: Home, *words: str, told: object = PROMPT, raw: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    given = json.dumps(told).encode() if raw is None else raw
    return subprocess.run(
        [sys.executable, "-m", "satchel.tools.hook", *words],
        input=given,
        capture_output=True,
        env={**os.environ, "SATCHEL_HOME": str(home.root)},
        timeout=60,
    )


def log_of(home: Home) -> str:
    return home.log.read_text() if home.log.exists() else ""


def test_it_passes_on_what_it_is_told_and_prints_what_comes_back(fresh: Home) -> None:
    with daemon(fresh) as asked:
        asked.answer = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"a":"\xc3\xa4b"}'
        done = run(fresh, "--client", "codex", "--event=X")
    assert (done.returncode, done.stdout, done.stderr) == (0, b'{"a":"\xc3\xa4b"}', b"")
    head, _, body = asked.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == PROMPT
    for line in (
        b"POST /api/hook HTTP/1.1",
        b"Authorization: Bearer secret-token",
        b"X-Satchel-Client: codex",
        b"X-Satchel-Event: X",
    ):
        assert line in head.split(b"\r\n")
    assert log_of(fresh) == ""


def test_a_slow_daemon_holds_no_prompt_up(fresh: Home) -> None:
    fresh.settings.write_text(json.dumps({DEADLINE: 50}))
    with daemon(fresh) as asked:
        asked.waits.clear()
        done = run(fresh)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert "hook: no answer within 50 ms" in log_of(fresh)
    assert "users own" not in log_of(fresh)


def test_a_client_that_says_nothing_is_not_waited_for(fresh: Home) -> None:
    fresh.settings.write_text(json.dumps({DEADLINE: 50}))
    with daemon(fresh) as asked:
        started = subprocess.Popen(
            [sys.executable, "-m", "satchel.tools.hook"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "SATCHEL_HOME": str(fresh.root)},
        )
        with started:
            assert started.wait(60) == 0
    assert asked.requests == []
    assert "no answer within" in log_of(fresh)


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        (REFUSED, "hook: the daemon answered 400 (bad-json)"),
        (b"HTTP/1.1 401 X\r\ncontent-length: 2\r\n\r\n{}", "hook: the daemon answered 401"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", ""),
        (b"", ""),
        (b"ceci n'est pas HTTP", ""),
    ],
    ids=["refused", "no entry", "broken off", "nothing", "no HTTP"],
)
def test_what_goes_wrong_is_silent(fresh: Home, answer: bytes, noted: str) -> None:
    with daemon(fresh) as asked:
        (fresh.run / "woken").touch()  # another was started just now
        asked.answer = answer
        done = run(fresh)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert noted in log_of(fresh)


def test_the_port_of_a_daemon_that_died_gets_no_prompt(fresh: Home) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with daemon(fresh) as asked:
        told = json.loads(fresh.address.read_text())
        fresh.address.write_text(json.dumps(told | {"pid": ended.pid}))
        (fresh.run / "woken").touch()
        assert run(fresh).stdout == b""
    assert asked.requests == []


def test_nothing_is_started_where_no_folder_was_ever_accepted(tmp_path: Path) -> None:
    home = Home(tmp_path / "never")
    done = run(home)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not home.root.exists()


def test_a_daemon_is_started_beside_the_prompt_and_not_again_at_once(fresh: Home) -> None:
    script = "import os, sys; open('started', 'a').write(os.getcwd() + sys.argv[1])"
    command = (sys.executable, "-c", script)
    started = start_soon(str(fresh.root), "/the folder", command)
    assert started is not None
    assert started.wait(60) == 0
    assert (fresh.root / "started").read_text() == f"{fresh.root}/the folder"
    assert start_soon(str(fresh.root), "/the folder", command) is None


def test_a_daemon_of_another_version_is_asked_and_replaced(fresh: Home) -> None:
    with daemon(fresh, version="0.0.1"):
        (fresh.run / "woken").touch()
        before = (fresh.run / "woken").stat().st_mtime_ns
        assert run(fresh).stdout == b"{}"
        assert (fresh.run / "woken").stat().st_mtime_ns == before  # it was tried just now


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_what_is_no_json_is_the_daemons_to_refuse(fresh: Home, raw: bytes) -> None:
    with daemon(fresh) as asked:
        asked.answer = REFUSED
        done = run(fresh, raw=raw + b"}")
    assert (done.returncode, done.stdout) == (0, b"")
    assert "bad-json" in log_of(fresh)


def test_what_is_too_large_is_not_sent(fresh: Home) -> None:
    with daemon(fresh) as asked:
        done = run(fresh, raw=b"x" * (hook.MOST_BYTES + 1))
    assert (done.returncode, done.stdout, asked.requests) == (0, b"", [])
    assert "8,000,000 bytes" in log_of(fresh)


def test_a_person_is_told_what_is_wrong(fresh: Home) -> None:
    told = run(fresh, "--check", raw=b"{")
    assert told.returncode == 1
    assert b"not a JSON object" in told.stderr
    told = run(fresh, "--check", "--client", "emacs")
    assert b"no client is called 'emacs'" in told.stderr
    fresh.workspaces.mkdir()
    assert b"satchel up" in run(fresh, "--check").stderr


def test_a_person_is_told_what_would_be_printed(fresh: Home) -> None:
    with daemon(fresh) as asked:
        told = run(fresh, "--check")
        assert told.returncode == 0
        assert b"claude, prompt, about /w" in told.stdout
        asked.answer = b"HTTP/1.1 200 X\r\ncontent-length: 0\r\nX-Satchel-Why: small talk\r\n\r\n"
        assert b"prints nothing: small talk" in run(fresh, "--check").stdout
    assert all(b"X-Satchel-Check: 1" in request for request in asked.requests)


def test_it_says_what_it_is_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "satchel.tools.hook", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "--check" in done.stderr


def test_words_that_it_does_not_know_break_no_prompt() -> None:
    assert options(["--client", "claude", "--newer", "x", "--event=Y"]) == {
        "client": "claude",
        "event": "Y",
    }
    assert options(["--client"]) == {"client": ""}


def test_its_way_of_finding_home_and_deadline_is_everybody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = settings.BY_NAME[DEADLINE]
    assert (row.default, row.least) == (DEADLINE_MS, LEAST_MS)
    for named in (None, "~/x", "here/../there", str(tmp_path)):
        if named is None:
            monkeypatch.delenv("SATCHEL_HOME")
        else:
            monkeypatch.setenv("SATCHEL_HOME", named)
        assert str(paths.home().root.resolve()) == os.path.realpath(hook.home_folder())


@pytest.mark.parametrize(
    ("stored", "limit"),
    [
        ("{}", 250),
        ('{"hook.deadline_ms": 400}', 400),
        ('{"hook.deadline_ms": "x"}', 250),
        ('{"hook.deadline_ms": 0}', 10),
        ("[]", 250),
        ("{", 250),
    ],
)
def test_the_deadline_is_the_users_own_or_the_default(
    tmp_path: Path, stored: str, limit: int
) -> None:
    (tmp_path / "settings.json").write_text(stored)
    assert deadline_ms(str(tmp_path)) == limit


def test_the_folder_is_the_one_that_was_told() -> None:
    assert folder_of(b'{"cwd": "/w"}') == "/w"
    assert folder_of(b"[]") == folder_of(b"{") == str(Path.cwd())


def test_it_starts_without_what_is_slow_to_load() -> None:
    source = Path(hook.__file__ or "").parents[2]
    script = (
        f"import sys; sys.path.insert(0, {str(source)!r}); "
        "import os; before = set(sys.modules); import satchel.tools.hook; "
        "print(sorted(set(sys.modules) - before - set(sys.builtin_module_names)))"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout.replace("'", '"')) == [
        "__future__",
        *(() if "_socket" in sys.builtin_module_names else ("_socket",)),
        "satchel",
        "satchel.tools",
        "satchel.tools.hook",
    ]


def test_it_opens_nothing_in_the_folder_that_it_runs_in(fresh: Home, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("json.py", "socket.py", "satchel.py", "signal.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit('a file of the project was run')")
    script = Path(sys.executable).with_name("satchel-hook")
    if not script.exists():
        pytest.skip("the console script is not installed")
    with daemon(fresh):
        done = subprocess.run(
            [script],
            input=json.dumps(PROMPT | {"cwd": str(folder)}).encode(),
            capture_output=True,
            cwd=folder,
            env={**os.environ, "SATCHEL_HOME": str(fresh.root)},
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}", b"")


def test_nothing_slow_is_loaded_on_the_way_of_a_prompt(fresh: Home) -> None:
    fresh.settings.unlink()
    script = (
        "import sys; from satchel.tools import hook; hook.main([]); "
        "print(sorted({'json', 're', 'enum', 'socket', 'signal'} & set(sys.modules)))"
    )
    with daemon(fresh):
        done = subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(PROMPT).encode(),
            capture_output=True,
            env={**os.environ, "SATCHEL_HOME": str(fresh.root)},
        )
    assert done.stdout == b"{}[]\n"


@pytest.mark.parametrize("home", ["/h", "/a b", '/it"s', "/caf\u00e9", "C:\\h"])
@pytest.mark.parametrize("unix", [True, False])
def test_where_the_daemon_listens_is_read_as_json_would(home: str, unix: bool) -> None:
    told = {"pid": 71, "url": "http://127.0.0.1:8", "socket": f"{home}/s" if unix else None}
    told |= {"token_file": f"{home}/t", "version": "0.1", "home": home}
    for text in (json.dumps(told), json.dumps(told, ensure_ascii=False, separators=(",", ":"))):
        read = hook._read(text)
        assert {name: told[name] for name in ("pid", "url", "socket", "version")} == {
            name: read[name] for name in ("pid", "url", "socket", "version")
        }
