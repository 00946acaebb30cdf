"""Where a model runs: a verdict a row, with the evidence for it. Pure.

"localhost" is not "local": Ollama answers for models of its cloud, LM Studio for another machine's,
and a loopback port may be a tunnel. What cannot be told is unknown, and unknown counts as remote.
A tunnel that the user dug (`ssh -L`) to a server that names no file cannot be seen from here.
"""

from __future__ import annotations

import ipaddress
from enum import Enum, auto
from pathlib import Path
from typing import TypeAlias

from satchel.model.types import Locality, host_of, is_loopback

Verdict: TypeAlias = tuple[Locality, str]


class Link(Enum):
    """What LM Studio's own tool says of LM Link, which serves other machines' models."""

    OFF = auto()
    ON = auto()
    UNTOLD = auto()


def of_address(base_url: str) -> Verdict:
    """Judge an address by its literal alone: nothing is resolved and nothing is called."""
    host = host_of(base_url)
    if is_loopback(base_url):
        return Locality.ON_DEVICE, f"{host} is this machine"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return Locality.UNKNOWN, f"{host} is a name that only a look-up could place"
    if address.is_private or address.is_link_local:
        return Locality.LAN, f"{host} is an address of the local network"
    return Locality.UNKNOWN, f"{host} is not an address of this machine"


def of_ollama(name: str, remote_model: str, remote_host: str) -> Verdict:
    """Judge a row of Ollama by its remote fields and its tag."""
    if remote_host or remote_model:
        return Locality.CLOUD, f"Ollama passes it on to {remote_host or remote_model}"
    tag = name.rpartition(":")[2] if ":" in name else ""
    if tag == "cloud" or tag.endswith("-cloud"):
        return Locality.CLOUD, f"its tag {tag!r} names a model of Ollama's cloud"
    return Locality.ON_DEVICE, "Ollama lists it with no remote host"


def of_llama(owned_by: str, model_path: str) -> Verdict:
    """Judge a row of llama-server by its owner and by the file that it says it serves."""
    if owned_by != "llamacpp":
        return Locality.UNKNOWN, f"llama-server lists it as owned by {owned_by!r}, not by itself"
    path = Path(model_path)
    try:
        elsewhere = path.is_absolute() and not path.exists()
    except OSError:  # a folder that we may not look into proves nothing
        elsewhere = False
    if elsewhere:
        return (
            Locality.UNKNOWN,
            "its model file is not on this machine: a container or a tunnel looks like that",
        )
    return Locality.ON_DEVICE, "llama-server runs it from a file"


def of_lm_studio(link: Link) -> Verdict:
    """Judge LM Studio's rows: its API lists a linked machine's models as if they were here."""
    match link:
        case Link.OFF:
            return Locality.ON_DEVICE, "LM Link is off, so LM Studio runs it here"
        case Link.ON:
            return Locality.UNKNOWN, "LM Link is on, so another machine may run it"
        case Link.UNTOLD:
            return Locality.UNKNOWN, "`lms link status` did not say whether another machine runs it"


def vouched(verdict: Verdict, base_url: str, addresses: frozenset[str]) -> Verdict:
    """Let the user's word settle what cannot be told of a loopback server; never a cloud row."""
    if verdict[0] is Locality.UNKNOWN and is_loopback(base_url) and base_url in addresses:
        return Locality.ON_DEVICE, f"you said so in `model.on_device`; {verdict[1]}"
    return verdict
