"""A model is brought whole or not at all, gone on from where it broke off, and kept once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from satchel.base import lock
from satchel.base.errors import BadInput, Broken, SatchelError, Unavailable
from satchel.model import download, pull, shelf
from satchel.model.assets import SMOLLM2
from satchel.model.fetch import Transfer
from satchel.model.part import Part, drop, leftovers
from satchel.model.shelf import Kept
from tests.model.file_server import FileServer, serving
from tests.model.ggufs import ARRAY, STRING, gguf

MB = 1 << 20
LARGE = gguf(tensors=[("a", (64, 1 << 13), 0)]) + bytes(2 * MB)
"""Three megabytes, so that its header is not all of it."""
LONG = gguf({"tokenizer.ggml.merges": (ARRAY, (STRING, ["merge " * 20] * 15_000))})
"""A header of two megabytes."""


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(LARGE) as files:
        yield files


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def at_once(seconds: float) -> None:
    """Wait for nothing."""


def bring(given: str, models: Path, name: str | None = None, **more: Any) -> Kept:
    return pull.bring(pull.look(given, models, name), models, pause=at_once, **more)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files(models: Path) -> list[str]:
    return sorted(str(path.relative_to(models)) for path in models.rglob("*") if path.is_file())


# --- the header first -------------------------------------------------------------------------


def test_no_more_than_the_front_is_fetched_to_be_shown(server: FileServer, models: Path) -> None:
    offer = pull.look(server.url, models)
    assert server.asked == [f"bytes=0-{MB - 1}"]
    assert server.sent <= MB  # it counts a piece after the piece has left
    assert (offer.name, offer.bytes, offer.licence) == ("made-up.q4_k_m", len(LARGE), "mit")
    assert (offer.resumable, offer.hosts, offer.have) == (True, ("127.0.0.1",), 0)
    assert not models.exists()


def test_a_longer_header_is_fetched_in_steps(server: FileServer, models: Path) -> None:
    server.content = LONG
    assert pull.look(server.url, models).header.parameters == 384
    assert server.asked == [f"bytes=0-{MB - 1}", f"bytes={MB}-{4 * MB - 1}"]


def test_a_server_without_ranges_is_read_no_further_than_the_header(
    server: FileServer, models: Path
) -> None:
    server.ranges, server.content = False, LONG + bytes(64 * MB)
    offer = pull.look(server.url, models)
    assert len(server.asked) == 1
    assert server.sent < 32 * MB  # what the system buffers, not the file
    assert (offer.resumable, offer.bytes) == (False, len(server.content))


def test_what_is_told_holds_it_against_the_machine(server: FileServer, models: Path) -> None:
    offer = pull.look(server.url, models)
    told = pull.disclosure(offer, models)
    assert (told.bytes, told.disk_bytes, told.licence) == (len(LARGE), len(LARGE), "mit")
    assert told.seconds(10) == pytest.approx(len(LARGE) * 8 / 10_000_000)
    fits = pull.fit(offer, models, 0, 16 * 1000 * MB)
    assert fits.in_memory
    assert fits.on_disk
    assert fits.context == 2048  # as it was trained
    assert not pull.fit(offer, models, 0, 50 * MB).in_memory
    assert pull.fit(offer, models, 512, None).context == 512


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"content": b"<html>" * 100_000}, "gguf-refused"),
        ({"content": b"<html>", "ranges": False}, "gguf-refused"),
        ({"content": LARGE[: len(LARGE) - 3 * MB]}, "gguf-refused"),
        ({"content": gguf()[:200]}, "gguf-refused"),
        ({"content": gguf()[:200], "length": False, "ranges": False}, "gguf-refused"),
        ({"status": 404}, "pull-refused"),
        ({"status": 401}, "pull-refused"),
        ({"status": 503}, "pull-refused"),
        ({"coding": "gzip"}, "pull-garbled"),
        ({"shift": 7}, "pull-garbled"),
        ({"lead": "http://127.0.0.1:9/other.gguf"}, "bad-redirect"),
        ({"lead": "https://example.org/other.gguf"}, "bad-redirect"),
        ({"lead": "file:///etc/passwd"}, "pull-refused"),
    ],
)
def test_what_is_not_to_be_had_is_an_error_and_leaves_nothing(
    server: FileServer, models: Path, change: dict[str, Any], code: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(SatchelError) as failed:
        pull.look(server.url, models)
    assert failed.value.code == code
    assert not models.exists()


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(Unavailable) as failed:
        pull.look("http://127.0.0.1:9/model.gguf", Path("nowhere"))
    assert failed.value.code == "pull-unreachable"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://example.org/m.gguf", "not-https"),
        ("http://localhost/m.gguf", "not-https"),
        ("http://127.0.0.1.example.org/m.gguf", "not-https"),
        ("ftp://example.org/m.gguf", "not-https"),
        ("file:///etc/passwd", "bad-url"),
        ("https://", "bad-url"),
        ("https://a:b@example.org/m.gguf", "bad-url"),
        ("https://example.org/m .gguf", "bad-url"),
        ("https://example.org/m\r\nX: y", "bad-url"),
        ("https://[::1/m.gguf", "bad-url"),
        ("https://example.org:port/m.gguf", "bad-url"),
    ],
)
def test_an_address_that_is_not_called(address: str, code: str) -> None:
    noted: list[str] = []
    with pytest.raises(BadInput) as refused:
        pull.look(address, Path("nowhere"), note=lambda host, file, sent: noted.append(host))
    assert refused.value.code == code
    assert noted == []


@pytest.mark.parametrize(
    ("sends_on", "to", "follows"),
    [
        ("https://a.example/m", "https://b.example/m", True),
        ("https://a.example/m", "http://b.example/m", False),
        ("https://a.example/m", "http://127.0.0.1:11434/api/delete", False),
        ("https://a.example/m", "https://user:pass@b.example/m", False),
        ("http://127.0.0.1:80/m", "https://b.example/m", False),
    ],
)
def test_only_https_leads_on_to_https(sends_on: str, to: str, follows: bool) -> None:
    called: list[str] = []
    trail = download.Trail(called.append)
    request = Request(sends_on)
    if follows:
        assert trail.redirect_request(request, BytesIO(), 302, "Found", {}, to) is not None
        assert called == trail.hosts == ["b.example"]
        return
    with pytest.raises(BadInput):
        trail.redirect_request(request, BytesIO(), 302, "Found", {}, to)
    assert called == []


def test_another_machine_is_noted_before_it_is_called_and_this_one_is_not(
    server: FileServer, models: Path
) -> None:
    noted: list[tuple[str, str, int]] = []

    class Refused(Exception):
        pass

    def note(host: str, file: str, sent: int) -> None:
        noted.append((host, file, sent))
        raise Refused

    offer = pull.look(server.url, models, note=note)
    pull.bring(offer, models, note=note)
    assert noted == []
    address = "https://models.example/a/b.gguf?key=1"
    with pytest.raises(Refused):
        pull.look(address, models, note=note)
    assert noted == [("models.example", "b.gguf", len(address))]


# --- the file ---------------------------------------------------------------------------------


def test_a_model_is_kept_with_what_is_known_of_it(server: FileServer, models: Path) -> None:
    seen: list[Transfer] = []
    row = bring(server.url, models, progress=seen.append)
    assert (row.name, row.sha256, row.bytes) == ("made-up.q4_k_m", sha256(LARGE), len(LARGE))
    assert (row.source, row.licence, row.quantisation) == (server.url, "mit", "Q4_K_M")
    assert shelf.blob(models, row.sha256).read_bytes() == LARGE
    assert files(models) == [f"blobs/{row.sha256}.gguf", "made-up.q4_k_m.json"]
    assert shelf.kept(models) == [row]
    assert (seen[-1].done, seen[-1].total) == (len(LARGE), len(LARGE))
    assert shelf.blob(models, row.sha256).stat().st_mode & 0o077 == 0


def test_a_query_is_sent_and_not_kept(server: FileServer, models: Path) -> None:
    row = bring(f"{server.url}?key=secret", models)
    assert row.source == server.url
    assert "secret" not in (models / f"{row.name}.json").read_text()


@pytest.mark.parametrize("cut", [1, MB + 5, len(LARGE) - 1])
def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(
    server: FileServer, models: Path, cut: int
) -> None:
    offer = pull.look(server.url, models)
    server.breaks, server.sent = [cut], 0
    row = pull.bring(offer, models, pause=at_once)
    assert row.sha256 == sha256(LARGE)
    assert server.asked[1:] == ["bytes=0-", f"bytes={cut}-"]
    assert server.sent == len(LARGE)


def test_what_broke_off_for_good_goes_on_the_next_time(server: FileServer, models: Path) -> None:
    server.breaks = [MB, MB + 77, 0, 0, 0]
    offer = pull.look(server.url, models)
    with pytest.raises(Unavailable) as failed:
        pull.bring(offer, models, pause=at_once)
    assert failed.value.code == "pull-broken-off"
    assert f"{MB + 77:,} of {len(LARGE):,} bytes are here" in failed.value.next_step
    (left,) = leftovers(models)
    assert (left.source, left.bytes) == (server.url, MB + 77)
    again = pull.look(server.url, models)
    assert again.have == MB + 77
    assert pull.disclosure(again, models).bytes == len(LARGE) - MB - 77
    assert pull.bring(again, models).sha256 == sha256(LARGE)
    assert server.asked[-1] == f"bytes={MB + 77}-"
    assert leftovers(models) == []


def test_a_pull_that_is_given_up_can_be_dropped(server: FileServer, models: Path) -> None:
    server.breaks = [MB, MB, 0, 0, 0]
    with pytest.raises(Unavailable):
        bring(server.url, models)
    (left,) = leftovers(models)
    drop(left)
    assert files(models) == []


def test_what_the_user_stops_is_kept_to_go_on_with(server: FileServer, models: Path) -> None:
    def stop(transfer: Transfer) -> None:
        if transfer.done > MB:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(server.url, models, progress=stop)
    assert pull.look(server.url, models).have > MB
    assert bring(server.url, models).sha256 == sha256(LARGE)


@pytest.mark.parametrize(
    ("etag", "content"),
    [('"two"', LARGE), ('"one"', LARGE + b"!"), (None, gguf() + bytes(3 * MB))],
    ids=["another ETag", "another size", "another header"],
)
def test_a_file_that_was_changed_meanwhile_begins_anew(
    server: FileServer, models: Path, etag: str | None, content: bytes
) -> None:
    server.etag = '"one"' if etag else None
    server.breaks = [MB, MB, 0, 0, 0]
    with pytest.raises(Unavailable):
        bring(server.url, models)
    server.etag, server.content = etag, content
    offer = pull.look(server.url, models)
    assert offer.have == 0
    assert pull.bring(offer, models).sha256 == sha256(content)


def test_a_file_that_is_changed_after_it_was_shown_is_not_taken(
    server: FileServer, models: Path
) -> None:
    offer = pull.look(server.url, models)
    server.etag = '"two"'
    with pytest.raises(Broken) as failed:
        pull.bring(offer, models)
    assert failed.value.code == "pull-changed"
    server.etag = '"one"'  # a server that says it is the same, and gives another one
    server.content = gguf({"general.license": (STRING, "gpl")}, [("a", (64, 1 << 13), 0)])
    server.content += bytes(len(LARGE) - len(server.content))
    with pytest.raises(Broken) as failed:
        pull.bring(offer, models)
    assert failed.value.code == "pull-wrong"
    assert shelf.kept(models) == []
    assert leftovers(models) == []


def test_a_server_without_ranges_is_asked_for_the_whole_again(
    server: FileServer, models: Path
) -> None:
    server.ranges = False
    offer = pull.look(server.url, models)
    server.breaks = [2 * MB]
    assert pull.bring(offer, models, pause=at_once).sha256 == sha256(LARGE)
    assert len(server.asked) == 3
    server.breaks = [MB, MB, MB, MB]
    server.etag = '"new"'
    with pytest.raises(Unavailable) as failed:
        bring(server.url, models)
    assert failed.value.code == "pull-broken-off"


def test_a_server_that_does_not_tell_the_size_is_held_to_the_headers(
    server: FileServer, models: Path
) -> None:
    server.ranges = server.length = False
    server.content = whole = gguf(tensors=[("a", (64, 256), 0)])
    offer = pull.look(server.url, models)
    assert offer.total is None
    assert offer.bytes == len(whole)
    assert pull.bring(offer, models).sha256 == sha256(whole)
    server.content = whole + bytes(8 * MB)
    with pytest.raises(Broken, match="more than"):
        pull.bring(pull.look(server.url, models, "endless"), models)
    assert leftovers(models) == []


def test_the_sha256_that_the_user_gives_must_be_that_of_the_file(
    server: FileServer, models: Path
) -> None:
    with pytest.raises(Broken) as failed:
        bring(server.url, models, sha256="0" * 64)
    assert failed.value.code == "pull-wrong"
    assert sha256(LARGE) in failed.value.message
    assert files(models) == []
    assert bring(server.url, models, sha256=sha256(LARGE)).sha256 == sha256(LARGE)


def test_one_pull_of_a_file_at_a_time(server: FileServer, models: Path) -> None:
    offer = pull.look(server.url, models)
    part = Part(models, offer)
    part.folder.mkdir(parents=True)
    held = lock.take(part.lock)
    assert held is not None
    try:
        with pytest.raises(Unavailable) as failed:
            pull.bring(offer, models)
    finally:
        os.close(held)
    assert failed.value.code == "pull-running"


# --- each file once ---------------------------------------------------------------------------


def test_a_second_name_is_a_name_of_the_same_file(server: FileServer, models: Path) -> None:
    first = bring(server.url, models)
    second = bring(server.url, models, "other")
    assert (second.name, second.sha256) == ("other", first.sha256)
    assert [row.name for row in shelf.kept(models)] == ["made-up.q4_k_m", "other"]
    assert len(list((models / "blobs").iterdir())) == 1
    _, last = shelf.remove(models, "other")
    assert not last
    _, last = shelf.remove(models, "made-up.q4_k_m")
    assert last
    assert files(models) == []


def test_what_is_here_is_known_before_it_is_fetched(
    server: FileServer, models: Path, tmp_path: Path
) -> None:
    row = bring(server.url, models)
    offer = pull.look(server.url, models)
    assert pull.known(offer, models) == row
    assert pull.known(offer, models, "0" * 64) is None  # another file was asked for
    server.etag = '"two"'
    offer = pull.look(server.url, models)
    assert pull.known(offer, models) is None
    assert pull.known(offer, models, sha256(LARGE)) == row
    server.sent = 0
    assert pull.bring(offer, models) == row  # the same bytes: no second name that nobody gave
    assert [each.name for each in shelf.kept(models)] == [row.name]
    path = tmp_path / "the same.gguf"
    path.write_bytes(LARGE)
    assert bring(str(path), models) == row


def test_a_name_is_never_given_to_another_file(server: FileServer, models: Path) -> None:
    bring(server.url, models, "mine")
    server.content, server.etag = LONG, '"two"'
    with pytest.raises(BadInput) as failed:
        bring(server.url, models, "mine")
    assert failed.value.code == "name-taken"
    assert bring(server.url, models).name == "made-up.q4_k_m"
    server.content, server.etag = gguf(), '"three"'
    assert bring(server.url, models).name == "made-up.q4_k_m-2"


def test_a_file_at_hand_is_copied(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "My Model (Q4).GGUF"
    path.write_bytes(gguf())
    row = bring(str(path), models)
    assert (row.name, row.sha256) == ("my-model-q4", sha256(gguf()))
    path.write_bytes(b"changed")
    assert shelf.blob(models, row.sha256).read_bytes() == gguf()


@pytest.mark.parametrize("what", ["absent", "folder", "text"])
def test_a_file_that_is_none_is_refused(models: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no model")
    with pytest.raises(BadInput):
        pull.look(str(tmp_path / what), models)


def test_a_pull_without_room_does_not_begin(
    server: FileServer, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "SLACK", 1 << 60)
    with pytest.raises(Broken) as failed:
        bring(server.url, models)
    assert failed.value.code == "disk-full"
    assert len(server.asked) == 1


# --- a real one -------------------------------------------------------------------------------


@pytest.mark.parametrize("ranges", [True, False], ids=["with ranges", "without"])
def test_a_real_model_is_pulled_over_a_line_that_breaks(
    gguf: Path, models: Path, ranges: bool
) -> None:
    with serving(gguf) as server:
        server.ranges = ranges
        offer = pull.look(server.url, models, "tiny")
        assert server.sent < 20_000_000
        assert (offer.bytes, offer.header.parameters) == (gguf.stat().st_size, 134_515_008)
        server.breaks = [40_000_000]
        row = pull.bring(offer, models, pause=at_once)
        assert server.asked[-1] == ("bytes=40000000-" if ranges else "bytes=0-")
    assert row.sha256 == SMOLLM2.files[0].sha256
