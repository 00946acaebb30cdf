"""Where a model runs: a verdict a row, with the evidence for it. Pure.

"localhost" is not "local": Ollama answers for models of its cloud, LM Studio for another machine's,
and a loopback port may be a tunnel. What cannot be told is unknown, and unknown counts as remote.
A tunnel that the user dug (`ssh -L`) to a server that names no file cannot be seen from here.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final, TypeAlias

from satchel.model.types import Locality, host_of, is_loopback

Verdict: TypeAlias = tuple[Locality, str]

# Lemonade's recipes whose engine is a child process of its own; `cloud` and the collections,
# which may hand a request to a cloud row, are none of them.
LEMONADE_ENGINES: Final = frozenset(
    {"llamacpp", "flm", "ryzenai-llm", "vllm", "onnxruntime", "oga-cpu", "oga-hybrid", "oga-npu",
     "oga-igpu", "whispercpp", "sd-cpp", "kokoro"}
)  # fmt: skip
# RamaLama's transport for a hosted API; its others (`hf://`, `oci://`, …) fetch a file.
_HOSTED = re.compile(r"(?:openai|anthropic|https?)://", re.IGNORECASE)


class Link(Enum):
    """What LM Studio's own tool says of LM Link, which serves other machines' models."""

    OFF = auto()
    ON = auto()
    UNTOLD = auto()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a verdict rests on that the server itself does not tell."""

    link: Link = Link.UNTOLD
    platform: str = sys.platform


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


def of_llama(name: str, owned_by: str, model_path: str) -> Verdict:
    """Judge a row of llama-server by its name, its owner and the file that it says it serves."""
    if _HOSTED.match(name):
        return Locality.CLOUD, f"its name {name!r} is that of a hosted API behind a proxy"
    if owned_by != "llamacpp":
        return Locality.UNKNOWN, f"llama-server lists it as owned by {owned_by!r}, not by itself"
    if is_elsewhere(model_path):
        return (
            Locality.UNKNOWN,
            "its model file is not on this machine: a container or a tunnel looks like that",
        )
    return Locality.ON_DEVICE, "llama-server runs it from a file"


def is_elsewhere(path: str) -> bool:
    """Tell whether an absolute path of a server's does not exist on this machine."""
    try:
        given = Path(path)
        return given.is_absolute() and not given.exists()
    except OSError:  # a folder that we may not look into proves nothing
        return False


def of_lm_studio(link: Link) -> Verdict:
    """Judge LM Studio's rows: its API lists a linked machine's models as if they were here."""
    match link:
        case Link.OFF:
            return Locality.ON_DEVICE, "LM Link is off, so LM Studio runs it here"
        case Link.ON:
            return Locality.UNKNOWN, "LM Link is on, so another machine may run it"
        case Link.UNTOLD:
            return Locality.UNKNOWN, "`lms link status` did not say whether another machine runs it"


def of_vllm(owned_by: str, root: str) -> Verdict:
    """Judge a row of vLLM by its owner and by the folder that it was loaded from."""
    if owned_by != "vllm":
        return Locality.UNKNOWN, f"it is listed as owned by {owned_by!r}, not by vLLM itself"
    if is_elsewhere(root):
        return Locality.UNKNOWN, "its model folder is not on this machine: a container or a tunnel"
    return Locality.ON_DEVICE, "vLLM runs it in its own engine"


def of_local_ai(backend: str, has_process: bool, is_alone: bool | None) -> Verdict:
    """Judge a row of LocalAI, which can pass on to a cloud, a worker or a federation.

    Only a loaded row tells its backend, and the process that runs it. A federation's proxy
    answers as one of its members, whose peer-to-peer network is on: `is_alone` rules that out.
    """
    if "proxy" in backend:
        return Locality.CLOUD, f"LocalAI passes it on through its backend {backend!r}"
    if is_alone is None:
        return Locality.UNKNOWN, "LocalAI did not say whether it shares work with other machines"
    if not is_alone:
        return Locality.UNKNOWN, "LocalAI shares work with other machines"
    if not has_process:
        return Locality.UNKNOWN, "LocalAI tells what runs a model only once it is loaded"
    return Locality.ON_DEVICE, f"LocalAI runs it in a process of its own ({backend or 'unnamed'})"


def of_lemonade(recipe: str, provider: str, backend_url: str) -> Verdict:
    """Judge a row of Lemonade by its recipe and, once it is loaded, by its engine's address."""
    if recipe == "cloud" or provider:
        return Locality.CLOUD, f"Lemonade passes it on to {provider or 'a cloud provider'}"
    if backend_url and not is_loopback(backend_url):
        return Locality.UNKNOWN, f"Lemonade's engine for it is at {host_of(backend_url)!r}"
    if recipe not in LEMONADE_ENGINES:
        return Locality.UNKNOWN, f"Lemonade's recipe {recipe!r} does not tell what runs it"
    return Locality.ON_DEVICE, f"Lemonade runs it with {recipe}"


def of_apple(name: str, surroundings: Surroundings) -> Verdict:
    """Judge a row of Apple's models: `pcc` is Private Cloud Compute, anything else is local."""
    if name == "pcc":
        return Locality.CLOUD, "it is Apple's Private Cloud Compute"
    if surroundings.platform != "darwin":
        return Locality.UNKNOWN, "Apple's model does not run on this machine: a tunnel, or no Apple"
    return Locality.ON_DEVICE, "it is Apple's model on this Mac"


def of_kobold(owned_by: str) -> Verdict:
    """Judge KoboldCpp's one row by its owner: a front end to another server lists that one's."""
    if owned_by != "koboldcpp":
        return Locality.UNKNOWN, f"it is listed as owned by {owned_by!r}, not by KoboldCpp itself"
    return Locality.ON_DEVICE, "KoboldCpp runs it in its own process"


def of_foundry(folder: str) -> Verdict:
    """Judge Foundry Local by the folder that it says its models are kept in."""
    if not folder or is_elsewhere(folder):
        return Locality.UNKNOWN, "its model folder is not on this machine"
    return Locality.ON_DEVICE, "Foundry Local runs it from its folder on this machine"


def of_stranger(name: str, why: str) -> Verdict:
    """Judge a row of a server that does not tell where its models run; `why` is a sentence."""
    if _HOSTED.match(name):
        return Locality.CLOUD, f"its name {name!r} is that of a hosted API behind a proxy"
    return Locality.UNKNOWN, why


def vouched(verdict: Verdict, base_url: str, addresses: frozenset[str]) -> Verdict:
    """Let the user's word settle what cannot be told of a loopback server; never a cloud row."""
    if verdict[0] is Locality.UNKNOWN and is_loopback(base_url) and base_url in addresses:
        return Locality.ON_DEVICE, f"you said so in `model.on_device`; {verdict[1]}"
    return verdict
