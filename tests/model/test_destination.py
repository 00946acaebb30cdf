"""An address has one spelling, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput
from satchel.model.destination import covers, destination, is_open, normal


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        ("https://API.Example.COM/", "https://api.example.com"),
        ("https://api.example.com:443/v1/", "https://api.example.com/v1"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("http://localhost:1234", "http://127.0.0.1:1234"),
        ("http://[FE80::1]:80/", "http://[fe80::1]"),
    ],
)
def test_an_address_is_spelled_in_one_way(given: str, spelled: str) -> None:
    assert normal(given) == spelled
    assert normal(spelled) == spelled


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com",
        "https://",
        "https://user@example.com",
        "https://good.example\\@evil.example",
        "https://good.example/a/../b",
        "https://good.example/%2e%2e/b",
        "https://good.example//b",
        "https://good.example?x",
        "https://good.example#x",
        "https://good.example:99999",
        "https://good.example:0",
        "https://gооd.example",  # noqa: RUF001 - two letters of another alphabet
        "https://good.example/a\nb",
        " https://good.example",
        "https://[::1",
        "https://" + "a" * 600,
    ],
    ids=ascii,
)
def test_what_others_may_read_otherwise_is_no_address(address: str) -> None:
    assert normal(address) is None


@given(st.text(max_size=60) | st.text("htps:/.@[]\\%?#a1- ", max_size=40).map("https://".__add__))
def test_any_text_is_an_address_with_one_spelling_or_none(text: str) -> None:
    spelled = normal(text)
    assert spelled is None or normal(spelled) == spelled


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ollama", "ollama"),
        ("192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("localhost:1234", "http://127.0.0.1:1234"),
        ("[::1]:1234", "http://[::1]:1234"),
        ("https://api.example.com/v1", "https://api.example.com/v1"),
    ],
)
def test_a_destination_is_read_as_a_user_writes_it(given: str, meant: str) -> None:
    assert destination(given) == meant


@pytest.mark.parametrize(
    "given", ["", "olama", "api.example.com", "api.example.com:443", "10.0.0.1"]
)
def test_a_destination_that_could_mean_two_things_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="neither a server"):
        destination(given)


def test_a_name_holds_on_this_machine_alone() -> None:
    assert covers("ollama", "ollama", "http://127.0.0.1:11434")
    assert not covers("ollama", "ollama", "http://192.168.1.5:11434")
    assert not covers("ollama", "ollama", "")


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ("https://a.example/v1", True),
        ("https://a.example/v1/x", True),
        ("https://a.example/v10", False),
        ("https://a.example", False),
        ("https://a.example.evil/v1", False),
        ("http://a.example/v1", False),
        ("https://a.example:444/v1", False),
        ("", False),
    ],
)
def test_an_address_covers_what_lies_below_it(address: str, covered: bool) -> None:
    assert covers("https://a.example/v1", "any", address) is covered


def test_a_way_is_open_without_encryption_off_this_machine() -> None:
    assert is_open("http://192.168.1.5:8000")
    assert not is_open("https://192.168.1.5:8000")
    assert not is_open("http://127.0.0.1:8000")
