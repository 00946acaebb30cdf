"""Requests, servers and model files that are not what they should be."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.model.assets import ASSETS, MINILM, SMOLLM2, Asset
from satchel.tools.client import connect
from tests.cli.conftest import User, at_home
from tests.faults.conftest import CART, until
from tests.model.fakes import WORDS, Fake, answering_all, endless_body, ollama, ollama_row, raw

QUESTION = "what does add_to_cart do?"
SIZE = 200_000  # bytes of a request


@pytest.fixture
def reader(owner: User) -> User:
    """Somebody whose repository is indexed."""
    assert owner.runs("index").status == 0
    return owner


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """The same, one for all tests that only look."""
    scratch = tmp_path_factory.mktemp("settled")
    (scratch / "shop").mkdir()
    (scratch / "shop" / "cart.py").write_text(CART)
    with at_home(scratch / "home") as home:
        settled = User(home, scratch / "shop")
        assert settled.runs("index").status == 0
        yield settled


# --- requests -----------------------------------------------------------------------------------


def words(count: int) -> bytes:
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(rng.choices(letters, k=8)) for _ in range(count)).encode()


REQUESTS = {
    "one word over and over": b"noise " * (SIZE // 6),
    "words that are all different": words(SIZE // 9),
    "one word": b"a" * SIZE,
    "a log": b"2026-01-01 ERROR src/cart.py:12 in add_to_cart: KeyError 'item'\n" * (SIZE // 64),
    "one path": b"a/" * (SIZE // 2),
    "names": b"AddToCart.make_it_so(x) " * (SIZE // 24),
    "brackets": b"(" * SIZE,
    "quotes and stars": b'"*`' * (SIZE // 3),
    "lines": b"\n" * SIZE + b"x",
    "emoji": "😀".encode() * (SIZE // 4),
    "no UTF-8": b"\xff\xfe\x00\x80" * (SIZE // 4),
}


@pytest.mark.parametrize("noise", REQUESTS.values(), ids=REQUESTS)
def test_a_request_of_200_kb_finds_what_it_names_first(settled: User, noise: bytes) -> None:
    said = settled.runs("brief", "-", "--json", stdin=b"change add_to_cart\n\n" + noise)
    assert said.status == 0, said.err
    assert said.err == ""
    packet = said.json
    assert packet["request"].startswith("change add_to_cart")
    assert packet["tokens"] <= packet["budget"]
    assert [file["path"] for file in packet["files"]] == ["cart.py"] or packet["empty_reason"]


def test_a_question_of_200_kb_gets_an_answer(reader: User) -> None:
    with ollama([ollama_row("qwen3:4b")]) as server:
        reader.runs("config", "set", "model.servers", server.url)
        reader.runs("down")
        question = QUESTION.encode() + b"\n" + REQUESTS["a log"]
        said = reader.runs("ask", "-", "--json", stdin=question)
    assert said.status == 0, said
    assert said.json["answer"] == "".join(WORDS)


def test_a_request_larger_than_the_daemon_takes_is_said_to_be(settled: User) -> None:
    said = settled.runs("brief", "-", "--json", stdin=b"change add_to_cart " * 500_000)
    assert said.status == 2, said
    assert said.json["error"]["code"] == "too-large"


def test_half_a_character_in_json_is_no_fault(settled: User) -> None:
    daemon = connect(Home(settled.home))
    path = str(settled.folder)
    half = "carts \ud83d hold"
    assert daemon.call("POST", "/api/brief", {"request": half, "path": path})["request"]
    kept = daemon.call("POST", "/api/remember", {"text": half, "path": path, "source": half})
    found = daemon.call("POST", "/api/recall", {"query": half, "path": path, "limit": 3})
    assert [record["id"] for record in found["records"]] == [kept["record"]["id"]]
    with pytest.raises(SatchelError, match="no record"):
        daemon.call("POST", "/api/forget", {"id": half, "path": path})


# --- servers ------------------------------------------------------------------------------------


@contextlib.contextmanager
def knowing(reader: User, url: str) -> Iterator[None]:
    """Make a server known to the daemon, which reads its settings when it starts."""
    assert reader.runs("config", "set", "model.servers", url).status == 0
    reader.runs("down")
    yield


@pytest.mark.parametrize(
    ("fault", "code"),
    [("garbage", "server-garbage"), ("die", "server-gone"), ("error", "server-error")],
)
def test_a_server_that_fails_in_the_middle_is_named(reader: User, fault: str, code: str) -> None:
    with ollama(fault=fault) as server, knowing(reader, server.url):  # type: ignore[arg-type]
        said = reader.runs("ask", QUESTION, "--json")
        told = reader.runs("ask", QUESTION)
    assert said.status == 3, said
    assert said.json["error"]["code"] == code or "ollama" in said.json["error"]["message"]
    assert said.json["error"]["next"]
    assert len(told.err.strip().splitlines()) <= 4
    assert "Traceback" not in told.err
    # What was said before it broke off is no turn of a conversation.
    assert reader.runs("forget", "--conversation", "--json").json == {"forgotten_turns": 0}


def silent() -> AbstractContextManager[str]:
    return raw(None)


def noisy() -> AbstractContextManager[str]:
    return raw(b"\x00\xffSSH-2.0-garbage\r\n" * 10)


def endless() -> AbstractContextManager[Fake]:
    return endless_body()


def praise() -> AbstractContextManager[Fake]:
    return answering_all("yes")


@pytest.mark.parametrize("strange", [silent, noisy, endless, praise])
def test_a_stranger_on_a_port_is_passed_over_and_named_by_doctor(
    reader: User, strange: Callable[[], AbstractContextManager[str | Fake]]
) -> None:
    with strange() as server:
        url = server if isinstance(server, str) else server.url
        with knowing(reader, url):
            said = reader.runs("ask", QUESTION, "--offline", "--json")
            told = reader.runs("doctor", "--json").json["findings"]
    assert said.status == 3, said
    assert said.json["error"]["code"] == "asset-missing"  # nothing else was there to answer
    assert any(row["about"] == "passed over" and url in row["text"] for row in told)


# --- model files --------------------------------------------------------------------------------


def put_in_place(asset: Asset, home: Path, wrong: Callable[[int], int]) -> None:
    """Put files of an asset into a home, all holes, each of a size by its right one."""
    folder = asset.folder(Home(home).assets)
    folder.mkdir(parents=True)
    for file in asset.files:
        with (folder / file.name).open("wb") as made:
            made.truncate(wrong(file.bytes))


SIZES: dict[str, Callable[[int], int]] = {
    "of the right size": lambda size: size,
    "cut short": lambda size: size // 2,
    "empty": lambda size: 0,
}


@pytest.mark.parametrize("wrong", SIZES.values(), ids=SIZES)
def test_a_model_file_with_the_wrong_hash_is_never_run(
    reader: User, wrong: Callable[[int], int]
) -> None:
    put_in_place(SMOLLM2, reader.home, wrong)
    for words in (("ask", QUESTION), ("ask", QUESTION, "--offline"), ("ask", QUESTION, "--yes")):
        said = reader.runs(*words, "--json")
        assert said.status == 4, said
        assert said.json["error"]["code"] == "asset-damaged"
        assert "satchel fetch smollm2" in said.json["error"]["next"]
    assert reader.runs("brief", "change add_to_cart", "--json").json["files"]


def test_a_damaged_model_is_replaced_by_a_fetch(reader: User, real_assets: Path) -> None:
    put_in_place(SMOLLM2, reader.home, lambda size: size)
    source = SMOLLM2.folder(real_assets)
    assert reader.runs("doctor", "--json").status == 1
    said = reader.runs("fetch", "smollm2", "--from", str(source), "--json")
    assert said.status == 0, said
    rows = reader.runs("doctor", "--json").json["findings"]
    assert {"smollm2: here"} <= {row["text"] for row in rows}


def test_a_damaged_embedder_leaves_the_rest_as_it_is(reader: User) -> None:
    put_in_place(MINILM, reader.home, lambda size: size)
    (reader.folder / "notes.md").write_text("# Carts\n\nCarts hold nine items.\n")
    assert reader.runs("index", "--json").status == 0
    assert reader.runs("remember", "carts hold nine items").status == 0
    assert reader.runs("recall", "carts", "--json").json["records"]
    until(lambda: reader.runs("brief", "how many items do carts hold?", "--json").json["files"])
    with ollama() as server, knowing(reader, server.url):
        assert reader.runs("ask", QUESTION, "--json").status == 0
    said = reader.runs("ask", QUESTION, "--offline", "--json")
    assert said.json["error"]["assets"] == list(ASSETS)  # a damaged one is among what is missing


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_model_that_only_looks_like_one_is_refused_by_its_hash(
    reader: User, real_assets: Path
) -> None:
    put_in_place(MINILM, reader.home, lambda size: size)
    folder = SMOLLM2.folder(Home(reader.home).assets)
    folder.mkdir(parents=True)
    (name,) = (file.name for file in SMOLLM2.files)
    content = bytearray((SMOLLM2.folder(real_assets) / name).read_bytes())
    content[-1] ^= 1  # one bit of the last weight
    (folder / name).write_bytes(content)
    assert reader.runs("ask", QUESTION, "--json").json["error"]["code"] == "asset-damaged"
