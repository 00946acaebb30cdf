"""Which model beyond this machine a name means."""

from __future__ import annotations

import pytest

from satchel.model.away import away
from satchel.model.types import Found, Local, Locality, Model, Remote

HERE = Model("own:4b", Locality.ON_DEVICE, "it is here")
CLOUD = Model("grand:cloud", Locality.CLOUD, "it is passed on")
OLLAMA = Remote("ollama", "http://127.0.0.1:11434", (CLOUD,), "elsewhere", "ollama")
LAN = Remote("unknown", "http://192.168.1.5:8000", (), "not called")
FOUND = Found((Local("ollama", "http://127.0.0.1:11434", (HERE,)), OLLAMA, LAN))
NAMED = ("https://host.example/v1", "https://host.example/v1/more", "http://127.0.0.1:9999")


@pytest.mark.parametrize(
    ("wanted", "address", "model"),
    [
        ("grand:cloud", OLLAMA.base_url, "grand:cloud"),
        ("ollama/grand:cloud", OLLAMA.base_url, "grand:cloud"),
        ("192.168.1.5:8000/some/model", LAN.base_url, "some/model"),
        ("http://192.168.1.5:8000/m", LAN.base_url, "m"),
        ("https://host.example/v1/vendor/m", "https://host.example/v1", "vendor/m"),
        ("host.example/v1/more/m", "https://host.example/v1/more", "m"),
        ("https://other.example/api/v1/vendor/m", "https://other.example/api/v1", "vendor/m"),
        ("https://other.example/m", "https://other.example", "m"),
        ("http://10.0.0.7:8080/v1/m", "http://10.0.0.7:8080/v1", "m"),
    ],
)
def test_a_name_means_one_model_of_one_address(wanted: str, address: str, model: str) -> None:
    found = away(wanted, FOUND, NAMED)
    assert found is not None
    assert (found.backend.base_url, found.model.name) == (address, model)
    assert found.model.locality is not Locality.ON_DEVICE


@pytest.mark.parametrize(
    "wanted",
    [
        "own:4b",
        "nothing",
        "https://other.example",
        "https://other.example/",
        "https://other.example/v1/",
        "https://user@other.example/m",
        "https://OTHER.example/m",
        "https://other.example:443/m",
        "ftp://other.example/m",
        "http://127.0.0.1:9999/m",
        "http://localhost:9999/m",
        "//other.example/m",
        "192.168.1.5:8000/",
        "",
    ],
)
def test_what_names_none_or_this_machine_means_none(wanted: str) -> None:
    assert away(wanted, FOUND, NAMED) is None
