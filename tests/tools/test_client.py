"""What programs of ours use to call the daemon."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from satchel.base.errors import NeedsAnswer, SatchelError
from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect, find


def test_an_error_comes_back_as_what_it_was(home: Home, fake: tuple[str, ...]) -> None:
    daemon = connect(home, command=fake)
    with pytest.raises(SatchelError) as raised:
        daemon.call("POST", "/api/brief", {"request": "x", "path": "/closed"})
    assert raised.value.exit_status == NeedsAnswer.exit_status
    assert raised.value.code == "not-accepted"
    assert raised.value.next_step == "run `satchel index /closed`"


def test_a_daemon_that_runs_is_found_and_not_started_again(
    home: Home, fake: tuple[str, ...]
) -> None:
    started = connect(home, command=fake)
    assert connect(home, command=("false",)) == started == find(home) == Daemon.connect(home)


def test_a_token_that_is_wrong_is_told(home: Home, fake: tuple[str, ...]) -> None:
    daemon = connect(home, command=fake)
    stranger = Daemon(home, daemon.pid, daemon.version, daemon.url, daemon.address, "wrong")
    with pytest.raises(SatchelError) as raised:
        stranger.call("GET", "/api/status")
    assert raised.value.code == "bad-token"


def test_the_port_of_a_daemon_that_died_gets_no_request(home: Home) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    home.run.mkdir(parents=True)
    home.token.write_text("token")
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        told = {
            "pid": ended.pid,
            "url": url,
            "socket": None,
            "token_file": str(home.token),
            "version": "1",
        }
        home.address.write_text(json.dumps(told))
        assert find(home) is None


def test_it_imports_the_standard_library_alone() -> None:
    source = Path(sys.modules[Daemon.__module__].__file__ or "").parents[2]
    script = (
        f"import sys; sys.path.insert(0, {str(source)!r}); "
        "import satchel.tools.shim, satchel.tools.client; "
        "slow = {'http', 'http.client', 'asyncio', 'subprocess', 'email', 'ssl', 'logging'}; "
        "print(sorted(slow & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
