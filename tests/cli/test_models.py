"""`satchel models`: the table, pull, rm, use; and a model that was pulled answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.cli.model_rows import listed, rows_of
from satchel.cli.models import noted
from satchel.model.assets import SMOLLM2
from satchel.model.leaving import Material
from satchel.model.ledger import Ledger
from satchel.model.shelf import Kept
from tests.cli.conftest import User
from tests.model.file_server import serving
from tests.model.ggufs import STRING, gguf


def settle(user: User, **more: int) -> None:
    """Look at no server of the machine that runs the tests."""
    user.home.mkdir(exist_ok=True)
    chosen = {"detect.timeout_ms": 50, **more}
    (user.home / "settings.json").write_text(json.dumps(chosen))


def test_a_model_is_shown_pulled_listed_chosen_and_removed(user: User) -> None:
    settle(user)
    with serving(gguf()) as server:
        refused = user.runs("models", "pull", server.url)
        assert refused.status == 2
        assert "nobody is here to be asked" in refused.err
        for told in (
            "made-up.q4_k_m",
            "mit",
            "llama, 384 parameters, Q4_K_M",
            "chat, tools",
            "trained on 2,048",
            "it fits",
            "at 10 Mbit/s",
            "127.0.0.1",
        ):
            assert told in refused.err
        assert not (user.home / "models").exists()
        pulled = user.runs("models", "pull", server.url, "--yes")
        assert pulled.status == 0, pulled
        asked = len(server.asked)
        again = user.runs("models", "pull", server.url, "--yes")
        assert "is here already; nothing was fetched" in again.out
        assert server.asked[asked:] == [server.asked[0]]  # its header alone
        second = user.runs("models", "pull", server.url, "--name", "mine", "--json")
        assert second.json["kept"]["name"] == "mine"
    rows = {row["name"]: row for row in user.runs("models", "--json").json["models"]}
    assert set(rows) == {"made-up.q4_k_m", "mine"}
    assert rows["mine"]["kept"]["source"] == server.url
    assert (rows["mine"]["backend"], rows["mine"]["locality"]) == ("embedded", "on-device")
    assert user.runs("models", "use", "mine").out == "mine answers where no model is named.\n"
    for action in ("use", "default"):
        assert user.runs("models", action, "--json").json == {"default": "mine"}
    table = user.runs("models", "list").out.splitlines()
    assert [line.split()[:2] for line in table if line.startswith("*")] == [["*", "mine"]]
    gone = user.runs("models", "rm", "mine")
    assert (gone.status, "has another one and stays" in gone.out) == (0, True)
    assert "was the default" in gone.err
    assert user.runs("models", "rm", "made-up.q4_k_m", "--json").json["bytes"] == len(gguf())
    assert "No model is here" in user.runs("models").out


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("pull",), 2, "usage"),
        (("rm", "nothing"), 3, "model-not-kept"),
        (("use", "nothing"), 3, "model-not-found"),
        (("list", "more"), 2, "usage"),
        (("rm", "a", "--name", "b"), 2, "usage"),
        (("pull", "http://example.org/m.gguf"), 2, "not-https"),
        (("pull", "nowhere.gguf"), 2, "no-such-file"),
        (("pull", "nowhere.gguf", "--sha256", "abc"), 2, "bad-sha256"),
        (("pull", "nowhere.gguf", "--name", "A B"), 2, "bad-name"),
    ],
)
def test_what_cannot_be_is_one_error(
    user: User, words: tuple[str, ...], status: int, code: str
) -> None:
    settle(user)
    said = user.runs("models", *words, "--json")
    assert (said.status, said.json["error"]["code"]) == (status, code)


def test_a_hostile_file_is_refused_and_nothing_is_kept(user: User) -> None:
    settle(user)
    path = user.folder / "hostile.gguf"
    path.write_bytes(gguf({"general.architecture": (STRING, "../../x")}))
    said = user.runs("models", "pull", str(path), "--yes")
    assert said.status == 2
    assert "hostile.gguf is not taken: it does not name its architecture" in said.err
    assert not (user.home / "models").exists()


def test_an_interrupted_pull_is_told_and_can_be_dropped(user: User) -> None:
    settle(user)
    with serving(gguf() + bytes(3_000_000)) as server:
        server.breaks = [1 << 20, 2_000_000, 0, 0, 0]
        broken = user.runs("models", "pull", server.url, "--yes", "--json")
        assert (broken.status, broken.json["error"]["code"]) == (3, "pull-broken-off")
        told = user.runs("models", "--json").json["interrupted"]
        assert told == [{"source": server.url, "bytes": 2_000_000}]
        assert "pull it again" in user.runs("models").err
        assert user.runs("models", "rm", server.url).status == 0
    assert user.runs("models", "--json").json["interrupted"] == []


def test_a_pulled_model_answers_and_is_told_as_loaded(user: User, real_assets: Path) -> None:
    settle(user, **{"ask.answer_tokens": 16})
    file = SMOLLM2.path(real_assets)
    assert user.runs("models", "pull", str(file), "--name", "tiny", "--yes").status == 0
    (user.folder / "lamps.md").write_text("# Lamps\n\nThe harbour lamps are lit at dusk.\n")
    words = ("ask", "When are the harbour lamps lit?", "--file", "lamps.md", "--model", "tiny")
    said = user.runs(*words, "--json")
    assert said.status == 0, said
    model = said.json["model"]
    assert (model["name"], model["backend"], model["locality"]) == ("tiny", "embedded", "on-device")
    assert not model["fallback"]
    assert said.json["answer"]
    (row,) = [row for row in user.runs("models", "--json").json["models"] if row["kept"]]
    assert (row["name"], row["loaded"], row["device"]) == ("tiny", True, "CPU")


def test_each_call_of_another_machine_is_in_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(Home(tmp_path))
    noted(ledger)("models.example", "big.gguf", 42)
    (entry,) = ledger.read()
    assert (entry.destination, entry.model) == ("https://models.example", "big.gguf")
    assert (entry.material, entry.bytes, entry.allowed) == (Material.ADDRESS, 42, True)


# --- the rows, pure ---------------------------------------------------------------------------


def seen(usable: bool, locality: str, evidence: str) -> dict[str, object]:
    model = {
        "name": "big",
        "locality": locality,
        "evidence": evidence,
        "chat": True,
        "tools": True,
        "vision": None,
        "embeddings": False,
        "context_allocated": 4096,
        "context_trained": 131_072,
        "size_bytes": 5_000_000_000,
        "quantisation": "Q4_K_M",
        "loaded": True,
        "device": "GPU",
    }
    return {
        "backends": [
            {
                "name": "ollama",
                "base_url": "http://127.0.0.1:11434",
                "usable": usable,
                "models": [model],
            }
        ]
    }


def test_a_row_says_where_a_model_runs_and_how_that_is_known() -> None:
    rows = rows_of(seen(True, "on-device", "it lists a digest"), (), "ollama/big")
    _, line = listed(rows)
    for cell in ("*", "big", "ollama", "5.0 GB", "Q4_K_M", "4,096 of 131,072", "chat, tools"):
        assert cell in line
    assert line.endswith("on-device: it lists a digest")


def test_what_a_server_does_not_tell_is_left_empty() -> None:
    (row,) = rows_of(seen(True, "on-device", "it says so"), (), "")
    untold = row | dict.fromkeys(("chat", "embeddings")) | {"tools": False, "vision": False}
    assert not {"chat", "completion"} & set(listed([untold])[1].split())
    own = untold | {"backend": "embedded", "chat": False}
    assert "completion" in listed([own])[1].split()


def test_a_model_that_is_not_on_this_machine_is_never_the_default() -> None:
    (row,) = rows_of(seen(False, "cloud", "its tag says so"), (), "big")
    assert (row["default"], row["usable"]) == (False, False)
    assert listed([row])[1].endswith("cloud: its tag says so")


def test_a_name_that_two_offer_is_the_default_once() -> None:
    kept = Kept(
        "big", "ab" * 32, 1, 0, "here", "", None, "llama", 8, "F32", 8, True, False, False, 1
    )
    own = [kept.model(8).as_json()]
    rows = rows_of(seen(True, "on-device", "x") | {"own": own}, [kept], "big")
    assert [(row["backend"], row["default"]) for row in rows] == [
        ("ollama", True),
        ("embedded", False),
    ]
    rows = rows_of(seen(True, "on-device", "x") | {"own": own}, [kept], "embedded/big")
    assert [row["default"] for row in rows] == [False, True]
