"""The real daemon over a real repository: what is saved is seen, what was kept survives a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect, find

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    home = Home(tmp_path / "h")
    yield connect(home)
    running = find(home)
    if running is not None:
        running.stop()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / "src").mkdir(parents=True)
    (made / "src" / "cart.py").write_text("def add_to_cart(item):\n    return [item]\n")
    git(made, "init", "-q", "-b", "main")
    git(made, "add", ".")
    git(made, "commit", "-qm", "Add the cart")
    return made


def git(top: Path, *words: str) -> None:
    subprocess.run([*GIT, *words], cwd=top, check=True, capture_output=True)


def files(daemon: Daemon, top: Path, request: str) -> set[str]:
    packet = daemon.call("POST", "/api/brief", {"request": request, "path": str(top)})
    return {file["path"] for file in packet["files"]}


def until(holds: Callable[[], Any]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_saved_moved_deleted_or_checked_out_is_in_the_next_packet(
    daemon: Daemon, top: Path
) -> None:
    list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
    assert files(daemon, top, "change add_to_cart") == {"src/cart.py"}
    (top / "src" / "pay.py").write_text("def charge_card(card):\n    return card\n")
    until(lambda: "src/pay.py" in files(daemon, top, "change charge_card"))
    (top / "src" / "pay.py").rename(top / "src" / "billing.py")
    until(lambda: "src/billing.py" in files(daemon, top, "change charge_card"))
    until(lambda: "src/pay.py" not in files(daemon, top, "change charge_card"))
    (top / "src" / "billing.py").unlink()
    until(lambda: not files(daemon, top, "change charge_card"))
    git(top, "switch", "-qc", "other")
    (top / "src" / "ship.py").write_text("def ship_parcel(parcel):\n    return parcel\n")
    git(top, "add", ".")
    git(top, "commit", "-qm", "Ship")
    until(lambda: "src/ship.py" in files(daemon, top, "change ship_parcel"))
    git(top, "switch", "-q", "main")
    until(lambda: not files(daemon, top, "change ship_parcel"))


def test_a_folder_that_was_never_accepted_is_not_read(daemon: Daemon, top: Path) -> None:
    with pytest.raises(SatchelError) as raised:
        files(daemon, top, "change add_to_cart")
    assert raised.value.code == "not-accepted"
    assert "satchel index" in raised.value.next_step


@pytest.mark.skipif(os.name != "posix", reason="kill -9 of POSIX")
def test_nothing_acknowledged_is_lost_to_a_kill(daemon: Daemon, top: Path) -> None:
    list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
    kept = []
    for number in range(5):
        body = {"text": f"parcel rule {number}", "kind": "rule", "path": str(top)}
        kept.append(daemon.call("POST", "/api/remember", body)["record"]["id"])
    os.kill(daemon.pid, signal.SIGKILL)
    until(lambda: find(daemon.home) is None)
    again = connect(daemon.home)
    asked = {"query": "parcel rule", "path": str(top), "limit": 10}
    found = again.call("POST", "/api/recall", asked)["records"]
    assert {record["id"] for record in found} == set(kept)
    assert files(again, top, "change add_to_cart") == {"src/cart.py"}


def test_what_changed_while_no_daemon_ran_is_found(daemon: Daemon, top: Path) -> None:
    list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
    daemon.stop()
    (top / "src" / "pay.py").write_text("def charge_card(card):\n    return card\n")
    again = connect(daemon.home)
    until(lambda: "src/pay.py" in files(again, top, "change charge_card"))


def test_the_log_of_a_whole_walk_holds_none_of_its_words(daemon: Daemon, top: Path) -> None:
    list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
    files(daemon, top, "change add_to_cart with zeal")
    with pytest.raises(SatchelError):
        daemon.call("POST", "/api/brief", {"request": "zeal", "path": str(top / "gone")})
    log = daemon.home.log.read_text()
    assert "POST /api/brief 200" in log
    for word in ("cart", "zeal", "shop"):
        assert word not in log
