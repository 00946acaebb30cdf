"""A pull by https: the server proves who it is, and redirects lead to such servers alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from satchel.base.errors import BadInput, Unavailable
from satchel.model import pull
from tests.model.certificates import HOUR, Authority
from tests.model.file_server import FileServer, serving
from tests.model.ggufs import gguf

FILE = gguf(tensors=[("a", (64, 1 << 13), 0)]) + bytes(2 << 20)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one authority that this process trusts."""
    authority = Authority.made("an authority of our own")
    file = tmp_path / "authorities.pem"
    file.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return authority


@contextmanager
def proved(by: Authority, folder: Path, address: str = "127.0.0.1") -> Iterator[FileServer]:
    file = by.certify(folder / f"{address}.pem", address, datetime.now(UTC) + HOUR)
    with serving(FILE, file) as server:
        yield server


def test_a_model_comes_by_https_also_where_it_is_led_on(trusted: Authority, tmp_path: Path) -> None:
    with proved(trusted, tmp_path) as there, proved(trusted, tmp_path) as first:
        first.lead = there.url
        offer = pull.look(first.url, tmp_path / "m")
        assert offer.hosts == ("127.0.0.1", "127.0.0.1")
        row = pull.bring(offer, tmp_path / "m")
        assert len(there.asked) == 2
    assert row.sha256 == hashlib.sha256(FILE).hexdigest()


@pytest.mark.parametrize(
    ("authority", "address", "why"),
    [
        ("a stranger", "127.0.0.1", "unable to get local issuer certificate|self-signed"),
        (None, "192.0.2.7", "IP address mismatch"),
    ],
    ids=["an authority that nobody knows", "another address"],
)
def test_a_server_that_does_not_prove_its_address_is_not_asked(
    trusted: Authority, tmp_path: Path, authority: str | None, address: str, why: str
) -> None:
    by = Authority.made(authority) if authority else trusted
    with proved(by, tmp_path, address) as server:
        with pytest.raises(Unavailable, match=why) as failed:
            pull.look(server.url, tmp_path / "m")
        assert server.asked == []
    assert failed.value.code == "pull-unreachable"


def test_https_does_not_lead_to_http(trusted: Authority, tmp_path: Path) -> None:
    with proved(trusted, tmp_path) as server, serving(FILE) as plain:
        server.lead = plain.url
        with pytest.raises(BadInput, match="which is not followed"):
            pull.look(server.url, tmp_path / "m")
        assert plain.asked == []
