"""Where a model runs: a verdict with its evidence; what cannot be told is unknown."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from satchel.model.link import ask_lms, read_status
from satchel.model.locality import (
    Link,
    Surroundings,
    of_address,
    of_apple,
    of_foundry,
    of_kobold,
    of_lemonade,
    of_llama,
    of_local_ai,
    of_ollama,
    of_stranger,
    of_vllm,
)
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
    assert of_llama("x", "llamacpp", str(file))[0] is Locality.ON_DEVICE
    assert of_llama("x", "llamacpp", str(tmp_path / "y.gguf"))[0] is Locality.UNKNOWN
    assert of_llama("x", "llamacpp", "relative.gguf")[0] is Locality.ON_DEVICE
    assert of_llama("x", "llamacpp", "/\0")[0] is Locality.UNKNOWN


@pytest.mark.parametrize("scheme", ["openai", "OpenAI", "anthropic", "https"])
def test_a_name_with_a_hosted_apis_scheme_is_in_the_cloud(scheme: str) -> None:
    name = f"{scheme}://gpt-5"
    assert of_llama(name, "llamacpp", "")[0] is Locality.CLOUD
    assert of_stranger(name, "it does not tell")[0] is Locality.CLOUD


@pytest.mark.parametrize("scheme", ["hf", "ollama", "oci", "file", "ms"])
def test_a_name_with_the_scheme_of_a_download_is_not(scheme: str) -> None:
    assert of_llama(f"{scheme}://smollm:135m", "llamacpp", "")[0] is Locality.ON_DEVICE


@pytest.mark.parametrize(
    ("owner", "root", "locality"),
    [
        ("vllm", "Qwen/Qwen3-4B", Locality.ON_DEVICE),
        ("vllm", "/nowhere/at/all", Locality.UNKNOWN),
        ("litellm", "Qwen/Qwen3-4B", Locality.UNKNOWN),
    ],
)
def test_vllm_is_believed_about_a_folder_that_is_here(
    owner: str, root: str, locality: Locality
) -> None:
    assert of_vllm(owner, root)[0] is locality


@pytest.mark.parametrize(
    ("backend", "has_process", "alone", "locality"),
    [
        ("llama-cpp", True, True, Locality.ON_DEVICE),
        ("llama-cpp", True, False, Locality.UNKNOWN),
        ("llama-cpp", True, None, Locality.UNKNOWN),
        ("llama-cpp", False, True, Locality.UNKNOWN),
        ("", False, True, Locality.UNKNOWN),
        ("cloud-proxy", True, True, Locality.CLOUD),
        ("cloud-proxy", True, None, Locality.CLOUD),
    ],
)
def test_local_ai_is_believed_only_alone_and_with_a_process(
    backend: str, has_process: bool, alone: bool | None, locality: Locality
) -> None:
    assert of_local_ai(backend, has_process, alone)[0] is locality


@pytest.mark.parametrize(
    ("recipe", "provider", "engine", "locality"),
    [
        ("llamacpp", "", "", Locality.ON_DEVICE),
        ("flm", "", "http://127.0.0.1:8002/v1", Locality.ON_DEVICE),
        ("llamacpp", "", "http://10.0.0.8:8002/v1", Locality.UNKNOWN),
        ("cloud", "fireworks", "", Locality.CLOUD),
        ("cloud", "", "", Locality.CLOUD),
        ("llamacpp", "fireworks", "", Locality.CLOUD),
        ("collection.router", "", "", Locality.UNKNOWN),
        ("something-new", "", "", Locality.UNKNOWN),
        ("", "", "", Locality.UNKNOWN),
    ],
)
def test_lemonade_rows_are_judged_by_their_recipe(
    recipe: str, provider: str, engine: str, locality: Locality
) -> None:
    assert of_lemonade(recipe, provider, engine)[0] is locality


@pytest.mark.parametrize(
    ("name", "platform", "locality"),
    [
        ("system", "darwin", Locality.ON_DEVICE),
        ("apple-foundationmodel", "darwin", Locality.ON_DEVICE),
        ("system", "linux", Locality.UNKNOWN),
        ("pcc", "darwin", Locality.CLOUD),
        ("pcc", "linux", Locality.CLOUD),
    ],
)
def test_apples_models_are_local_on_a_mac_alone(
    name: str, platform: str, locality: Locality
) -> None:
    assert of_apple(name, Surroundings(platform=platform))[0] is locality


def test_foundry_is_believed_about_a_folder_that_is_here(tmp_path: Path) -> None:
    assert of_foundry(str(tmp_path))[0] is Locality.ON_DEVICE
    assert of_foundry(str(tmp_path / "away"))[0] is Locality.UNKNOWN
    assert of_foundry("")[0] is Locality.UNKNOWN


def test_kobold_in_front_of_another_server_is_not_believed() -> None:
    assert of_kobold("koboldcpp")[0] is Locality.ON_DEVICE
    assert of_kobold("openai")[0] is Locality.UNKNOWN


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
