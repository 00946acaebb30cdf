"""Find the model beyond this machine that a name means. Pure, and it leads to consent alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from satchel.model import destination
from satchel.model.locality import of_address
from satchel.model.select import matches
from satchel.model.types import Found, Local, Model, Remote, is_loopback


@dataclass(frozen=True, slots=True)
class Away:
    """A model that does not run here, or cannot be told to; `consent.permit` is the way to it."""

    backend: Remote
    model: Model


def away(wanted: str, found: Found, destinations: Sequence[str]) -> Away | None:
    """Choose the model that `wanted` names: a row that a server on this machine passes on, or
    `address/model` of a server elsewhere, which was never asked what it offers.

    `destinations` are normal addresses that the user has named, as `destination.normal` spells
    them; another is taken where it stands with its scheme. What is on loopback is reached by the
    rows that were found there alone.
    """
    remotes = [backend for backend in found.backends if not isinstance(backend, Local)]
    for remote in remotes:
        for model in remote.models:
            if matches(wanted, remote.name, model.name):
                return Away(remote, model)
    named = [remote.base_url for remote in remotes if not remote.models]
    # The longest first: of two that begin alike, it leaves the shorter name of a model.
    known = sorted(dict.fromkeys([*named, *destinations]), key=len, reverse=True)
    for address in [*known, *_spelled_out(wanted)]:
        for prefix in (address, address.partition("://")[2]):
            name = wanted.removeprefix(f"{prefix}/")
            if name not in (wanted, "") and not is_loopback(address):
                where, evidence = of_address(address)
                model = Model(name, where, evidence)
                host = destination.shortest("", address)
                return Away(Remote(host, address, (model,), evidence), model)
    return None


def _spelled_out(wanted: str) -> list[str]:
    """Return the address that a whole one begins with: up to `/v1`, else without any path."""
    scheme, mark, rest = wanted.partition("://")
    steps = rest.split("/")
    end = steps.index("v1") if "v1" in steps[:-1] else 0
    address = "/".join(steps[: end + 1])
    spelled = destination.normal(f"{scheme}://{address}") if mark else None
    return [spelled] if spelled and wanted.startswith(f"{spelled}/") else []
