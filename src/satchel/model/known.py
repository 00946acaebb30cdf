"""The table of servers that Satchel speaks to, told apart by what they answer and never by port.

A port proves nothing: LocalAI, Lemonade and others are told to live on Ollama's. Nor does a
greeting: LocalAI says "Ollama is running", LM Studio answers 200 to any path, Docker Model Runner
has an /api/version of its own. Each proof below is a thing that only that server was seen to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from satchel.base.text import one_line
from satchel.model import locality
from satchel.model.types import Dialect, Locality, Model

ROWS_MAX = 2000
NAME_MAX = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What one GET brought: the status, the Server header, and the body (capped, decoded)."""

    status: int
    server: str
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is not."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


Answers: TypeAlias = Mapping[str, Answer]


class Unusable(Exception):
    """A recognised server cannot be used now; the text says why, as half a sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """One kind of server: where it is looked for, what proves it, and how its rows are read.

    `read` takes the answers to `paths` by path; it raises Unusable.
    """

    name: str
    ports: tuple[int, ...]
    proof: str
    proves: Callable[[Answer], bool]
    paths: tuple[str, ...]
    read: Callable[[Answers, locality.Link], tuple[Model, ...]]
    dialect: Dialect


def _is_ollama(answer: Answer) -> bool:
    body = answer.json
    cloud = body.get("cloud") if isinstance(body, dict) else None
    return (
        answer.status == 200
        and isinstance(cloud, dict)
        and isinstance(cloud.get("disabled"), bool)
        and isinstance(cloud.get("source"), str)
    )


def _is_llama(answer: Answer) -> bool:
    body = answer.json
    if not answer.server.startswith("llama.cpp") or not isinstance(body, dict):
        return False
    if answer.status == 200:
        return isinstance(body.get("default_generation_settings"), dict)
    return answer.status in (401, 503) and isinstance(body.get("error"), dict)


def _is_lm_studio(answer: Answer) -> bool:
    body = answer.json
    return answer.status == 200 and isinstance(body, dict) and body.get("lmstudio") is True


def _read_ollama(answers: Answers, link: locality.Link) -> tuple[Model, ...]:
    running = {
        text(row, "name"): number(row, "context_length")
        for row in rows(answers.get("/api/ps"), "models", needed=False)
    }
    models = []
    for row in rows(answers.get("/api/tags"), "models"):
        name = text(row, "name") or text(row, "model")
        if not is_plain(name):
            continue
        details = mapping(row, "details")
        told = row.get("capabilities")
        where, evidence = locality.of_ollama(
            name, text(row, "remote_model"), text(row, "remote_host")
        )
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                chat="completion" in told if isinstance(told, list) else None,
                embeddings="embedding" in told if isinstance(told, list) else None,
                context_trained=number(details, "context_length"),
                context_allocated=running.get(name),
                size_bytes=number(row, "size"),
                parameters=parameters(text(details, "parameter_size")),
                loaded=name in running,
            )
        )
    return tuple(models)


def _read_llama(answers: Answers, link: locality.Link) -> tuple[Model, ...]:
    props = answers["/props"]
    if props.status == 503:
        raise Unusable("is still loading its model; try again in a moment")
    if props.status == 401:
        raise Unusable("asks for an API key, and Satchel sends none")
    settings = mapping(props.json, "default_generation_settings")
    models = []
    for row in rows(answers.get("/v1/models"), "data"):
        name = text(row, "id")
        if not is_plain(name):
            continue
        meta = mapping(row, "meta")
        status = text(mapping(row, "status"), "value")  # told by the router alone
        where, evidence = locality.of_llama(
            text(row, "owned_by"), "" if status else text(props.json, "model_path")
        )
        if status in ("downloading", "failed"):
            where, evidence = Locality.UNKNOWN, f"llama-server says that it is {status}"
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                context_trained=number(meta, "n_ctx_train"),
                context_allocated=number(settings, "n_ctx"),
                size_bytes=number(meta, "size"),
                parameters=number(meta, "n_params"),
                loaded=status in ("", "loaded"),
            )
        )
    return tuple(models)


def _read_lm_studio(answers: Answers, link: locality.Link) -> tuple[Model, ...]:
    where, evidence = locality.of_lm_studio(link)
    newer = answers.get("/api/v1/models")
    if newer is not None and isinstance(mapping(newer.json).get("models"), list):
        listed = [_lm_studio_v1(row) for row in rows(newer, "models")]
    else:  # before 0.4 the path is unknown, which LM Studio says with a 200
        listed = [_lm_studio_v0(row) for row in rows(answers.get("/api/v0/models"), "data")]
    return tuple(
        Model(locality=where, evidence=evidence, **told)
        for told in listed
        if is_plain(told["name"])
    )


def _lm_studio_v1(row: Mapping[str, Any]) -> dict[str, Any]:
    instances = [one for one in row.get("loaded_instances") or [] if isinstance(one, dict)]
    return {
        "name": text(row, "key"),
        "chat": text(row, "type") == "llm",
        "embeddings": text(row, "type") == "embedding",
        "context_trained": number(row, "max_context_length"),
        "context_allocated": (
            number(mapping(instances[0], "config"), "context_length") if instances else None
        ),
        "size_bytes": number(row, "size_bytes"),
        "parameters": parameters(text(row, "params_string")),
        "loaded": bool(instances),
    }


def _lm_studio_v0(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": text(row, "id"),
        "chat": text(row, "type") in ("llm", "vlm"),
        "embeddings": text(row, "type") == "embeddings",
        "context_trained": number(row, "max_context_length"),
        "context_allocated": number(row, "loaded_context_length"),
        "loaded": text(row, "state") == "loaded",
    }


KNOWN = (
    Server(
        name="ollama",
        ports=(11434,),
        proof="/api/status",
        proves=_is_ollama,
        paths=("/api/tags", "/api/ps"),
        read=_read_ollama,
        dialect="ollama",
    ),
    Server(
        name="llama.cpp",
        ports=(8080, 9931),  # the second is where its default is moving to
        proof="/props",
        proves=_is_llama,
        paths=("/props", "/v1/models"),
        read=_read_llama,
        dialect="openai",
    ),
    Server(
        name="lm-studio",
        ports=(1234,),
        proof="/lmstudio-greeting",
        proves=_is_lm_studio,
        paths=("/api/v1/models", "/api/v0/models"),
        read=_read_lm_studio,
        dialect="openai",
    ),
)

DEFAULT_ADDRESSES = tuple(f"http://127.0.0.1:{port}" for server in KNOWN for port in server.ports)


def describe_stranger(root: Answer | None) -> str:
    """Say what an unrecognised server looks like, from its answer to `GET /`."""
    greeting = one_line(root.text, 60) if root is not None else ""
    if greeting.startswith("Ollama is running"):
        return (
            "greets like Ollama but has no /api/status, which tells cloud models apart: "
            "an Ollama that is too old (update it), or another server such as LocalAI"
        )
    if greeting.startswith("Docker Model Runner"):
        return "is Docker Model Runner, which Satchel does not speak to"
    return "is none of the servers that Satchel knows"


def rows(answer: Answer | None, key: str, needed: bool = True) -> list[dict[str, Any]]:
    """Return the JSON objects listed under `key`; null is an empty list (Ollama's nil slice).

    Raises Unusable where a needed listing is no listing.
    """
    if answer is not None and answer.status == 200 and key in mapping(answer.json):
        listed = answer.json[key]
        if listed is None or isinstance(listed, list):
            return [row for row in (listed or [])[:ROWS_MAX] if isinstance(row, dict)]
    if not needed:
        return []
    if answer is not None and answer.status in (401, 403):
        raise Unusable("asks for a key to list its models, and Satchel sends none")
    raise Unusable("did not list its models in a form that Satchel can read")


def mapping(value: Any, key: str | None = None) -> Mapping[str, Any]:
    """Return a JSON object, or the one under `key`; anything else is an empty one."""
    if key is not None:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def text(row: Any, key: str) -> str:
    """Return a string field, or the empty string."""
    value = mapping(row).get(key)
    return value if isinstance(value, str) else ""


def number(row: Any, key: str) -> int | None:
    """Return a positive number field, or None."""
    value = mapping(row).get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e18:
        return None
    return int(value)


def parameters(told: str) -> int | None:
    """Read "4.0B", "135M" or "8x7B" as a number of parameters."""
    match = re.fullmatch(r"(?:(\d{1,3})X)?(\d{1,6}(?:\.\d{1,6})?)\s*([KMBT])", told.strip().upper())
    if match is None:
        return None
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[match[3]]
    return int(int(match[1] or 1) * float(match[2]) * scale)


def is_plain(name: str) -> bool:
    """Tell whether a model's name can be printed and sent back as it stands."""
    return 0 < len(name) <= NAME_MAX and one_line(name, NAME_MAX) == name
