"""Where a model runs: a verdict with its evidence; what cannot be told is unknown."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from satchel.model.link import ask_lms, read_status
from satchel.model.locality import Link, of_address, of_llama, of_ollama
from satchel.model.types import Local, Locality, Model, is_loopback


@pytest.mark.parametrize(
    ("name", "remote_model", "remote_host", "locality"),
    [
        ("qwen3:4b", "", "", Locality.ON_DEVICE),
        ("cloud", "", "", Locality.ON_DEVICE),
        ("cloudy:4b", "", "", Locality.ON_DEVICE),
        ("gpt-oss:120b-cloud", "", "", Locality.CLOUD),
        ("kimi:cloud", "", "", Locality.CLOUD),
        ("mine:latest", "gpt-oss:120b", "", Locality.CLOUD),
        ("mine:latest", "", "https://ollama.com:443", Locality.CLOUD),
    ],
)
def test_ollama_rows_are_judged_by_remote_fields_and_tag(
    name: str, remote_model: str, remote_host: str, locality: Locality
) -> None:
    verdict, evidence = of_ollama(name, remote_model, remote_host)
    assert verdict is locality
    assert evidence


@pytest.mark.parametrize(
    ("address", "locality"),
    [
        ("http://127.0.0.1:1", Locality.ON_DEVICE),
        ("http://127.8.9.1:1", Locality.ON_DEVICE),
        ("http://[::1]:1", Locality.ON_DEVICE),
        ("http://[::ffff:127.0.0.1]:1", Locality.ON_DEVICE),
        ("http://192.168.0.2:1", Locality.LAN),
        ("http://[fe80::1]:1", Locality.LAN),
        ("http://8.8.8.8:1", Locality.UNKNOWN),
        ("http://gpu.local:1", Locality.UNKNOWN),
        ("http://127.0.0.1.example.com:1", Locality.UNKNOWN),
    ],
)
def test_addresses_are_judged_by_their_literal(address: str, locality: Locality) -> None:
    assert of_address(address)[0] is locality
    assert is_loopback(address) is (locality is Locality.ON_DEVICE)


def test_a_llama_server_is_believed_about_a_file_that_is_here(tmp_path: Path) -> None:
    file = tmp_path / "x.gguf"
    file.touch()
    assert of_llama("llamacpp", str(file))[0] is Locality.ON_DEVICE
    assert of_llama("llamacpp", str(tmp_path / "y.gguf"))[0] is Locality.UNKNOWN
    assert of_llama("llamacpp", "relative.gguf")[0] is Locality.ON_DEVICE


@pytest.mark.parametrize(
    ("status", "link"),
    [
        ({"issues": ["deviceDisabled"], "peers": [], "status": "offline"}, Link.OFF),
        ({"issues": ["notLoggedIn"], "peers": []}, Link.OFF),
        ({"issues": [], "peers": [], "status": "online", "deviceName": "me"}, Link.OFF),
        ({"issues": [], "peers": [{"deviceName": "rig", "loadedModels": []}]}, Link.ON),
        ({"issues": ["somethingNew"], "peers": [{}]}, Link.ON),
        ({}, Link.UNTOLD),
        ([], Link.UNTOLD),
    ],
)
def test_the_status_of_lm_link_is_read(status: Any, link: Link) -> None:
    assert read_status(json.dumps(status).encode()) is link


def test_a_status_that_is_no_json_tells_nothing() -> None:
    assert read_status(b"LM Studio is not running\n") is Link.UNTOLD


def tool(folder: Path, program: str) -> str:
    path = folder / "lms"
    path.write_text(f"#!{sys.executable}\n{program}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a shebang stands in for lms")
@pytest.mark.parametrize(
    ("program", "link"),
    [
        ("import sys; assert sys.argv[1:] == 'link status --json'.split(); "
         "print('{\"issues\": [\"deviceDisabled\"], \"peers\": []}')", Link.OFF),
        ("raise SystemExit(1)", Link.UNTOLD),
        ("import time; time.sleep(60)", Link.UNTOLD),
    ],
    ids=["off", "fails", "hangs"],
)  # fmt: skip
def test_lm_studios_own_tool_is_asked(tmp_path: Path, program: str, link: Link) -> None:
    assert asyncio.run(ask_lms(tool(tmp_path, program), limit_s=1.0)) is link


def test_a_tool_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    assert asyncio.run(ask_lms(str(tmp_path / "lms"))) is Link.UNTOLD


def test_a_local_cannot_be_made_of_what_is_not_here() -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        Local("ollama", "http://10.0.0.1:11434", ())
    with pytest.raises(ValueError, match="cloud"):
        Local("ollama", "http://127.0.0.1:1", (Model("big:cloud", Locality.CLOUD, "its tag"),))


def test_a_key_is_not_shown_where_a_local_is_printed() -> None:
    assert "word" not in repr(Local("embedded", "http://127.0.0.1:1", (), "openai", "word"))
