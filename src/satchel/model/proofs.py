"""What only one kind of server was seen to say, as predicates over one answer. Pure.

A port proves nothing: LocalAI, Lemonade and apfel are told to live on Ollama's. Nor does a
greeting: LocalAI says "Ollama is running", LM Studio answers 200 to any path, Docker Model Runner
has an /api/version of its own, and its /version is vLLM's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from satchel.model.answers import Answer, flag, mapping, number, text, words


@dataclass(frozen=True, slots=True)
class Proof:
    """A path, and what its answer has to hold."""

    path: str
    holds: Callable[[Answer], bool]


def is_ollama(answer: Answer) -> bool:
    """/api/status tells whether Ollama's cloud is on, which only Ollama has."""
    cloud = mapping(_body(answer), "cloud")
    return isinstance(cloud.get("disabled"), bool) and isinstance(cloud.get("source"), str)


def is_llama(answer: Answer) -> bool:
    """/props in llama.cpp's form or its error's, under its Server header."""
    if not answer.server.startswith("llama.cpp"):
        return False
    if answer.status == 200:
        return isinstance(mapping(answer.json).get("default_generation_settings"), dict)
    return answer.status in (401, 503) and isinstance(mapping(answer.json).get("error"), dict)


def is_lm_studio(answer: Answer) -> bool:
    """/lmstudio-greeting, since its other paths answer 200 to anything."""
    return flag(_body(answer), "lmstudio") is True


def is_local_ai(answer: Answer) -> bool:
    """/.well-known/localai.json, which is open even where all else wants a key."""
    return text(mapping(_body(answer), "endpoints"), "models_capabilities") != ""


def is_docker(answer: Answer) -> bool:
    """Docker Model Runner's greeting; its other marks need a model to be there."""
    return answer.status == 200 and answer.text.strip() == "Docker Model Runner is running"


def is_kobold(answer: Answer) -> bool:
    """/api/extra/version names itself."""
    return text(_body(answer), "result") == "KoboldCpp" and text(_body(answer), "version") != ""


def is_lemonade(answer: Answer) -> bool:
    """/v1/health with its list of loaded models."""
    body = mapping(_body(answer))
    return (
        text(body, "status") == "ok"
        and isinstance(body.get("all_models_loaded"), list)
        and text(body, "version") != ""
    )


def is_webui(answer: Answer) -> bool:
    """/v1/internal/model/info of text-generation-webui."""
    return (
        text(_body(answer), "model_name") != "" and words(_body(answer), "lora_names") is not None
    )


def is_foundry(answer: Answer) -> bool:
    """/status of Foundry Local's service, which tells its folder, its addresses and its process."""
    body = _body(answer)
    return (
        text(body, "modelCachePath") != ""
        and words(body, "endpoints") is not None
        and number(body, "pid") is not None
    )


def is_older_foundry(answer: Answer) -> bool:
    """/openai/status of Foundry Local before its service was rewritten."""
    return (
        text(_body(answer), "modelDirPath") != "" and words(_body(answer), "endpoints") is not None
    )


def is_jan(answer: Answer) -> bool:
    """The title of Jan's /openapi.json, which is open where all else wants a key."""
    return text(mapping(_body(answer), "info"), "title") == "Jan API Server Endpoints"


def is_vllm(answer: Answer) -> bool:
    """Rows that vLLM owns, in its form; a proxy before it puts its own name there."""
    return _every_row(
        answer,
        lambda row: text(row, "owned_by") == "vllm" and "max_model_len" in row and "root" in row,
    )


def is_apfel(answer: Answer) -> bool:
    """apfel's one row."""
    return _every_row(
        answer,
        lambda row: text(row, "owned_by") == "apple" and text(row, "id") == "apple-foundationmodel",
    )


def is_fm(answer: Answer) -> bool:
    """The two names that `fm serve` knows, and no other."""
    names = {text(row, "id") for row in listed(answer) or ()}
    return "system" in names and names <= {"system", "pcc"}


def is_gpt4all(answer: Answer) -> bool:
    """Rows owned by "humanity", with a placeholder for permissions."""
    return _every_row(
        answer,
        lambda row: (
            text(row, "owned_by") == "humanity" and isinstance(row.get("permissions"), list)
        ),
    )


def listed(answer: Answer | None) -> Sequence[dict[str, Any]] | None:
    """Return the rows of an answer that lists models as OpenAI does, or None."""
    body = mapping(_body(answer)) if answer is not None else {}
    rows = body.get("data")
    if text(body, "object") != "list" or not (rows is None or isinstance(rows, list)):
        return None
    if not all(isinstance(row, dict) and text(row, "id") for row in rows or ()):
        return None
    return rows or ()


def _every_row(answer: Answer, holds: Callable[[dict[str, Any]], bool]) -> bool:
    rows = listed(answer)
    return bool(rows) and all(map(holds, rows or ()))


def _body(answer: Answer) -> Any:
    return answer.json if answer.status == 200 else None
