"""The table of servers that Satchel speaks to: where each is looked for, proved and read.

To add one: its proof in proofs.py, its reader in listings/, its verdict in locality.py, a row
here, and a fake of it that the collision tests then hold against all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from satchel.base.text import one_line
from satchel.model import proofs
from satchel.model.answers import Answer, Answers, Listing
from satchel.model.listings import apple, lemonade, llama, lm_studio, local_ai, ollama, openai
from satchel.model.locality import Surroundings
from satchel.model.proofs import Proof
from satchel.model.types import Dialect


@dataclass(frozen=True, slots=True)
class Server:
    """One kind of server: where it is looked for, what proves it, and how its rows are read.

    Any one of `proofs` is enough. `read` takes the answers by path, of proofs and of `paths`, and
    raises Unusable. `prefix` is what goes before `/v1` where something is asked of a model.
    """

    name: str
    ports: tuple[int, ...]
    proofs: tuple[Proof, ...]
    paths: tuple[str, ...]
    read: Callable[[Answers, Surroundings], Listing]
    dialect: Dialect = "openai"
    prefix: str = ""

    def proven(self, answers: Answers) -> bool:
        """Tell whether these answers hold one of its proofs."""
        return any(one.path in answers and one.holds(answers[one.path]) for one in self.proofs)


KNOWN: Final = (
    Server(
        name="ollama",
        ports=(11434,),
        proofs=(Proof("/api/status", proofs.is_ollama),),
        paths=ollama.PATHS,
        read=ollama.read,
        dialect="ollama",
    ),
    Server(
        name="llama.cpp",
        ports=(8080, 9931),  # the second is where its default is moving to
        proofs=(Proof("/props", proofs.is_llama),),
        paths=llama.PATHS,
        read=llama.read,
    ),
    Server(
        name="lm-studio",
        ports=(1234,),
        proofs=(Proof("/lmstudio-greeting", proofs.is_lm_studio),),
        paths=lm_studio.PATHS,
        read=lm_studio.read,
    ),
    Server(
        name="jan",
        ports=(1337,),
        proofs=(Proof("/openapi.json", proofs.is_jan),),
        paths=openai.LISTED_PATHS,
        read=openai.read_jan,
    ),
    Server(
        name="localai",
        ports=(8080,),
        proofs=(Proof("/.well-known/localai.json", proofs.is_local_ai),),
        paths=local_ai.PATHS,
        read=local_ai.read,
    ),
    Server(
        name="vllm",
        ports=(8000,),
        proofs=(Proof("/v1/models", proofs.is_vllm),),
        paths=openai.VLLM_PATHS,
        read=openai.read_vllm,
    ),
    Server(
        name="docker",
        ports=(12434,),
        proofs=(Proof("/", proofs.is_docker),),
        paths=openai.DOCKER_PATHS,
        read=openai.read_docker,
        prefix="/engines",
    ),
    Server(
        name="koboldcpp",
        ports=(5001,),
        proofs=(Proof("/api/extra/version", proofs.is_kobold),),
        paths=openai.KOBOLD_PATHS,
        read=openai.read_kobold,
    ),
    Server(
        name="lemonade",
        ports=(13305, 8000),  # the second before version 10
        proofs=(Proof("/v1/health", proofs.is_lemonade),),
        paths=lemonade.PATHS,
        read=lemonade.read,
    ),
    Server(
        name="text-generation-webui",
        ports=(5000,),
        proofs=(Proof("/v1/internal/model/info", proofs.is_webui),),
        paths=openai.WEBUI_PATHS,
        read=openai.read_webui,
    ),
    Server(
        name="gpt4all",
        ports=(4891,),
        proofs=(Proof("/v1/models", proofs.is_gpt4all),),
        paths=openai.LISTED_PATHS,
        read=openai.read_gpt4all,
    ),
    Server(
        name="foundry-local",
        ports=(),  # a new one at each start, which `foundry service status` prints
        proofs=(
            Proof("/status", proofs.is_foundry),
            Proof("/openai/status", proofs.is_older_foundry),
        ),
        paths=openai.FOUNDRY_PATHS,
        read=openai.read_foundry,
    ),
    Server(
        name="apfel",
        ports=(11434,),
        proofs=(Proof("/v1/models", proofs.is_apfel),),
        paths=apple.APFEL_PATHS,
        read=apple.read_apfel,
    ),
    Server(
        name="fm",
        ports=(),  # the one that it is started with
        proofs=(Proof("/v1/models", proofs.is_fm),),
        paths=apple.FM_PATHS,
        read=apple.read_fm,
    ),
)

COMPATIBLE: Final = Server(
    name="openai-compatible",  # MLX-LM and whatever else lists models and proves nothing
    ports=(),
    proofs=(),
    paths=openai.LISTED_PATHS,
    read=openai.read_compatible,
)

PROOF_PATHS: Final = tuple(
    dict.fromkeys(["/", "/v1/models", *(one.path for server in KNOWN for one in server.proofs)])
)
DEFAULT_ADDRESSES: Final = tuple(
    dict.fromkeys(f"http://127.0.0.1:{port}" for server in KNOWN for port in server.ports)
)


def recognise(answers: Answers) -> Server | str:
    """Name the server behind the answers to PROOF_PATHS, or say why none can be named."""
    proven = [server for server in KNOWN if server.proven(answers)]
    if len(proven) == 1:
        return proven[0]
    if proven:
        names = " and as ".join(server.name for server in proven)
        return f"answers as {names} at once, so it is taken for neither"
    if not _greets_like_ollama(answers) and proofs.listed(answers.get("/v1/models")) is not None:
        return COMPATIBLE
    return describe_stranger(answers)


def describe_stranger(answers: Answers) -> str:
    """Say what an unrecognised server looks like."""
    if _greets_like_ollama(answers):
        return (
            "greets like Ollama but has no /api/status, which tells cloud models apart: "
            "an Ollama that is too old (update it), or another server such as LocalAI"
        )
    models: Answer | None = answers.get("/v1/models")
    if models is not None and models.status in (401, 403):
        return "asks for a key to list its models, and Satchel sends none"
    return "is none of the servers that Satchel knows"


def _greets_like_ollama(answers: Answers) -> bool:
    root = answers.get("/")
    return root is not None and one_line(root.text, 60).startswith("Ollama is running")
