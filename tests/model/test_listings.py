"""What each kind of server tells of its models is read into rows with a verdict each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from satchel.model.answers import NAME_MAX
from satchel.model.detect import detect
from satchel.model.locality import Link
from satchel.model.types import Found, Local, Locality, Model
from tests.model import fakes
from tests.model.fakes import others


def look(url: str, platform: str = "linux", on_device: tuple[str, ...] = ()) -> Found:
    async def off() -> Link:
        return Link.OFF

    return asyncio.run(detect([url], 5.0, ask_link=off, platform=platform, on_device=on_device))


def models_of(
    name: str, changes: Mapping[str, Any] | None = None, platform: str = "linux"
) -> dict[str, Model]:
    with fakes.other(name, changes) as fake:
        found = look(fake.url, platform)
    return {model.name: model for backend in found.backends for model in backend.models}


def verdict_of(model: Model) -> Locality:
    assert model.evidence
    return model.locality


def test_lemonade_tells_cloud_rows_engines_and_devices() -> None:
    models = models_of("Lemonade")
    assert {name: verdict_of(model) for name, model in models.items()} == {
        "Qwen3-4B-GGUF": Locality.ON_DEVICE,
        "Phi-4-FLM": Locality.ON_DEVICE,
        "SD-Turbo": Locality.ON_DEVICE,
        "Router": Locality.UNKNOWN,
        "fireworks.kimi-k2p5": Locality.CLOUD,
    }
    qwen, flm = models["Qwen3-4B-GGUF"], models["Phi-4-FLM"]
    assert (qwen.loaded, qwen.device, qwen.quantisation) == (True, "GPU", "Q4_0")
    assert (qwen.size_bytes, qwen.context_trained, qwen.context_allocated) == (
        380_000_000,
        40960,
        8192,
    )
    assert (qwen.chat, qwen.tools, qwen.vision, qwen.embeddings) == (True, True, False, False)
    assert (flm.loaded, flm.device, flm.chat, flm.vision) == (False, "NPU", True, True)
    assert models["SD-Turbo"].chat is False


@pytest.mark.parametrize(
    ("told", "device"), [("cpu", "CPU"), ("gpu npu", "NPU"), ("gpu", "GPU"), ("", None)]
)
def test_lemonade_tells_the_device_of_what_is_loaded(told: str, device: str | None) -> None:
    loaded = others.lemonade_loaded("Qwen3-4B-GGUF", device=told)
    models = models_of("Lemonade", {"/v1/health": others.lemonade_health(loaded)})
    assert models["Qwen3-4B-GGUF"].device == device


def test_lemonade_rows_that_are_not_downloaded_are_left_out() -> None:
    row = others.lemonade_row("absent", downloaded=False)
    assert models_of("Lemonade", {"/v1/models": others.listing(row)}) == {}


def test_local_ai_alone_tells_what_runs_here() -> None:
    (model,) = models_of("LocalAI").values()
    assert (verdict_of(model), model.loaded, model.device) == (Locality.ON_DEVICE, True, "GPU")
    assert (model.chat, model.tools, model.vision) == (True, True, False)


@pytest.mark.parametrize(
    ("told", "locality"),
    [
        (others.local_ai(federated=2), Locality.UNKNOWN),
        (others.local_ai(process=False), Locality.UNKNOWN),
        (others.local_ai(backend=None), Locality.UNKNOWN),
        (others.local_ai(backend="cloud-proxy", process=False), Locality.CLOUD),
        (others.local_ai() | {"/api/p2p/stats": fakes.failing(401, {})}, Locality.UNKNOWN),
        (others.local_ai() | {"/api/p2p/stats": fakes.ok({})}, Locality.UNKNOWN),
        (others.local_ai() | {"/system": fakes.failing(403, {})}, Locality.UNKNOWN),
    ],
    ids=["federated", "no process", "not loaded", "proxy", "closed", "garbage", "no system"],
)
def test_local_ai_that_does_not_tell_is_not_believed(
    told: Mapping[str, Any], locality: Locality
) -> None:
    (model,) = models_of("LocalAI", told).values()
    assert verdict_of(model) is locality


@pytest.mark.parametrize(
    ("root", "locality"),
    [("Qwen/Qwen3-4B", Locality.ON_DEVICE), ("/nowhere/at/all", Locality.UNKNOWN)],
)
def test_vllm_tells_its_window_and_its_folder(root: str, locality: Locality) -> None:
    row = others.vllm_row("qwen", root=root)
    (model,) = models_of("vLLM", {"/v1/models": others.listing(row)}).values()
    assert (verdict_of(model), model.context_allocated, model.loaded) == (locality, 8192, True)


def test_docker_tells_sizes_but_not_where_it_runs() -> None:
    (model,) = models_of("Docker Model Runner").values()
    assert verdict_of(model) is Locality.UNKNOWN
    assert (model.context_trained, model.size_bytes, model.parameters, model.quantisation) == (
        8192,
        268_802_457,
        361_820_000,
        "IQ2_XXS/Q4_K_M",
    )


@pytest.mark.parametrize("path", ["", "/engines"])
def test_a_vouched_docker_is_spoken_to_under_its_prefix(path: str) -> None:
    with fakes.other("Docker Model Runner") as fake:
        (backend,) = look(fake.url, on_device=(fake.url + path,)).backends
        assert isinstance(backend, Local)
        assert backend.base_url == f"{fake.url}/engines"


def test_kobold_tells_its_window_and_its_eyes() -> None:
    (model,) = models_of("KoboldCpp").values()
    assert verdict_of(model) is Locality.ON_DEVICE
    assert (model.context_allocated, model.vision, model.loaded, model.quantisation) == (
        8192,
        True,
        True,
        "Q4_K_M",
    )


def test_kobold_without_a_model_has_no_row() -> None:
    idle = others.listing(others.row("koboldcpp/inactive", "koboldcpp"))
    assert models_of("KoboldCpp", {"/v1/models": idle}) == {}


def test_kobold_in_front_of_another_server_counts_as_remote() -> None:
    passed_on = others.listing(others.row("gpt-5", "openai"))
    (model,) = models_of("KoboldCpp", {"/v1/models": passed_on}).values()
    assert verdict_of(model) is Locality.UNKNOWN


def test_the_web_ui_tells_the_one_model_that_it_has_loaded() -> None:
    (model,) = models_of("text-generation-webui").values()
    assert (verdict_of(model), model.loaded, model.quantisation) == (
        Locality.ON_DEVICE,
        True,
        "Q4_K_M",
    )


def test_the_web_ui_without_a_model_is_a_row_with_a_reason() -> None:
    info = {"/v1/internal/model/info": fakes.ok({"model_name": "None", "lora_names": []})}
    with fakes.other("text-generation-webui", info) as fake:
        (row,) = look(fake.url).rejected
    assert (row.server, row.reason) == ("text-generation-webui", "has no model loaded")


def test_foundry_tells_devices_and_what_is_loaded(tmp_path: Path) -> None:
    with fakes.other("Foundry Local", others.foundry(str(tmp_path))) as fake:
        found = look(fake.url)
    (backend,) = found.backends
    assert isinstance(backend, Local)
    assert [(model.name, model.device, model.loaded) for model in backend.models] == [
        ("phi-4-mini-instruct-cuda-gpu:4", "GPU", True),
        ("qwen2.5-7b-instruct-qnn-npu:2", "NPU", True),
    ]
    assert found.rejected[0].reason == "lists 1 models that it has not loaded"


def test_an_older_foundry_tells_what_is_on_disk() -> None:
    (model,) = models_of("Foundry Local before its rewrite").values()
    assert (verdict_of(model), model.device, model.loaded) == (Locality.ON_DEVICE, "CPU", False)


def test_foundry_whose_folder_is_not_here_counts_as_remote() -> None:
    models = models_of("Foundry Local", others.foundry("/nowhere/at/all"))
    assert {verdict_of(model) for model in models.values()} == {Locality.UNKNOWN}


@pytest.mark.parametrize(
    ("platform", "locality"), [("darwin", Locality.ON_DEVICE), ("linux", Locality.UNKNOWN)]
)
def test_apfel_tells_its_window(platform: str, locality: Locality) -> None:
    (model,) = models_of("apfel", platform=platform).values()
    assert (verdict_of(model), model.context_usable, model.tools) == (locality, 4096, True)


def test_apples_private_cloud_is_parted_from_the_model_on_this_mac() -> None:
    models = models_of("fm serve", platform="darwin")
    assert {name: verdict_of(model) for name, model in models.items()} == {
        "system": Locality.ON_DEVICE,
        "pcc": Locality.CLOUD,
    }
    assert models["system"].tools is False


def test_private_cloud_cannot_be_vouched_for() -> None:
    with fakes.other("fm serve") as fake:
        local, remote = look(fake.url, on_device=(fake.url,)).backends
    assert [model.name for model in local.models] == ["system"]
    assert [model.name for model in remote.models] == ["pcc"]


@pytest.mark.parametrize("name", ["Jan", "GPT4All", "MLX-LM", "llama-swap"])
def test_a_server_that_does_not_tell_is_used_only_once_it_is_vouched_for(name: str) -> None:
    with fakes.other(name) as fake:
        (before,) = look(fake.url).backends
        (after,) = look(fake.url, on_device=(fake.url,)).backends
    assert not isinstance(before, Local)
    assert {verdict_of(model) for model in before.models} == {Locality.UNKNOWN}
    assert isinstance(after, Local)
    assert "you said so" in after.models[0].evidence


def test_a_hosted_api_behind_ramalama_is_cloud_and_cannot_be_vouched_for() -> None:
    with fakes.other("RamaLama before a hosted API") as fake:
        (backend,) = look(fake.url, on_device=(fake.url,)).backends
    assert [verdict_of(model) for model in backend.models] == [Locality.CLOUD]


def test_ramalamas_container_counts_as_remote_until_it_is_vouched_for() -> None:
    (model,) = models_of("RamaLama").values()
    assert verdict_of(model) is Locality.UNKNOWN
    assert "container" in model.evidence


def test_llamafile_is_read_as_the_llama_server_that_it_is() -> None:
    (model,) = models_of("llamafile").values()
    assert (verdict_of(model), model.quantisation) == (Locality.ON_DEVICE, "Q4_K_M")


def test_a_stranger_that_lists_nothing_is_a_row_with_a_reason() -> None:
    with fakes.other("MLX-LM", {"/v1/models": others.listing()}) as fake:
        assert look(fake.url).rejected[0].reason == "lists no models"


ODD: list[Any] = [None, [], {}, "x", 7, {"data": None}, {"data": {}}, {"data": [None, 3, {}]}]


@pytest.mark.parametrize("body", ODD, ids=str)
@pytest.mark.parametrize("name", [name for name, told in fakes.OTHERS.items() if told.kind])
def test_an_odd_listing_is_never_an_exception(name: str, body: Any) -> None:
    proofs = {"/.well-known/localai.json", "/api/extra/version", "/openapi.json"}
    told = fakes.OTHERS[name].table
    odd = {path: fakes.ok(body) for path in told if path not in proofs}
    with fakes.other(name, odd) as fake:
        found = look(fake.url)
    assert found.backends or found.rejected


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "x" * (NAME_MAX + 1), ""])
@pytest.mark.parametrize("server", ["MLX-LM", "Lemonade", "LocalAI", "KoboldCpp"])
def test_a_name_that_could_steer_a_terminal_is_left_out(server: str, name: str) -> None:
    row = others.row(name, "koboldcpp", recipe="llamacpp")
    models = models_of(server, {"/v1/models": others.listing(row, others.row("fine", "koboldcpp"))})
    assert set(models) <= {"fine"}
