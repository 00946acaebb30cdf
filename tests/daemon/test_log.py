"""The log keeps places and numbers, and stays small."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

from satchel.daemon.log import MOST_BYTES, Reticent, where

TALK = """
import logging, sys, threading, warnings
from pathlib import Path
from satchel.daemon.log import open_log
log = open_log(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    log.info("line %d", number)
print("said on standard output", flush=True)
logging.getLogger("library").error("a library quotes %s", "the user")
thread = threading.Thread(target=lambda: int("the user's own words"))
thread.start(); thread.join()
raise ValueError("the user's own words")
"""


def talk(log: Path, lines: int) -> str:
    with log.open("ab") as file:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", TALK, str(log), str(lines)]
        subprocess.run(command, stdout=file, stderr=file, env=environment, check=False)
    return log.read_text()


def test_no_words_of_a_user_reach_it(tmp_path: Path) -> None:
    text = talk(tmp_path / "log", 1)
    assert "line 0" in text
    assert "library spoke at <string>:9" in text
    assert "uncaught ValueError at <string>:12" in text
    assert "uncaught in a thread: ValueError" in text
    assert "user" not in text


def test_it_is_bounded_and_the_streams_follow_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert "said on standard output" in talk(log, MOST_BYTES // 20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]
    assert log.stat().st_size < MOST_BYTES * 1.1


def test_where_follows_causes() -> None:
    try:
        try:
            raise KeyError("inner words")
        except KeyError as error:
            raise RuntimeError("outer words") from error
    except RuntimeError as error:
        told = where(error)
    assert told.startswith("RuntimeError at test_log.py:")
    assert ", from KeyError at test_log.py:" in told
    assert "words" not in told


def test_our_own_words_are_kept() -> None:
    record = logging.LogRecord("satchel.x", logging.INFO, "f.py", 1, "ready %d", (1,), None)
    assert Reticent().format(record).endswith("info ready 1")
