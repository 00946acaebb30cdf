"""Find the model beyond this machine that a name means. Pure, and it leads to consent alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from satchel.model import destination
from satchel.model.locality import of_address
from satchel.model.select import matches
from satchel.model.types import Found, Local, Model, Remote


@dataclass(frozen=True, slots=True)
class Away:
    """A model that does not run here, or cannot be told to; `consent.permit` is the way to it."""

    backend: Remote
    model: Model


def away(wanted: str, found: Found, destinations: Sequence[str]) -> Away | None:
    """Choose the model that `wanted` names: a row that a server on this machine passes on, or
    `address/model` of a server elsewhere, which was never asked what it offers.

    `destinations` are normal addresses that the user has named, as `destination.normal` spells
    them.
    """
    remotes = [backend for backend in found.backends if not isinstance(backend, Local)]
    for remote in remotes:
        for model in remote.models:
            if matches(wanted, remote.name, model.name):
                return Away(remote, model)
    unasked = [remote.base_url for remote in remotes if not remote.models]
    for address in dict.fromkeys([*unasked, *destinations]):
        for prefix in (address, address.partition("://")[2]):
            name = wanted.removeprefix(f"{prefix}/")
            if prefix and name not in (wanted, ""):
                where, evidence = of_address(address)
                model = Model(name, where, evidence)
                host = destination.shortest("", address)
                return Away(Remote(host, address, (model,), evidence), model)
    return None
