"""Choose who answers: the best chat model on this machine, or the one that the user named. Pure.

A Remote is never chosen; its rows are named with the reason why not. Running servers come before
the models that were pulled, and these before the fallback.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from satchel.base.errors import Unavailable
from satchel.base.values import value
from satchel.model.types import Found, Local, Locality, Model

EMBEDDED = "embedded"  # the backend's name of the model that Satchel runs itself
EMBEDDED_MODEL = "smollm2-135m-instruct"
AUTO = "auto"  # as a name: choose for me
HEADROOM = 1.2  # weights, plus the key-value cache and buffers of a modest context

# Names that betray a model's use where its server does not tell.
_EMBEDS = re.compile(r"embed|minilm|(^|[/_-])(bge|gte|e5|arctic)[/_-]|rerank", re.IGNORECASE)
_INSTRUCT = re.compile(r"instruct|chat|(^|[:_-])it($|[:_-])", re.IGNORECASE)
_BASE = re.compile(r"(^|[:_-])(base|text|pt)($|[:_-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was not taken, and why; `name` is `backend/model` or an address."""

    name: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {"name": self.name, "why": self.why}


@value(frozen=True, slots=True)
class Chosen:
    """A model of a running server on this machine."""

    backend: Local
    model: Model


@dataclass(frozen=True, slots=True)
class Shelved:
    """A model that was pulled: the embedded engine runs it."""

    model: Model


@dataclass(frozen=True, slots=True)
class Fallback:
    """No server offers a model: run the embedded one, whose file is the named asset."""

    asset: str = "smollm2"


Own: TypeAlias = Shelved | Fallback  # what the embedded engine runs
Choice: TypeAlias = Chosen | Own


@value(frozen=True, slots=True)
class Selection:
    """The choice and every row that was passed over because it is not on this machine or unfit.

    `default` is the user's own choice where that is among them.
    """

    choice: Choice
    skipped: tuple[Skipped, ...]
    default: str = ""


_Offer: TypeAlias = tuple[Local, Model]


def select(
    wanted: str | None,
    found: Found,
    memory: int | None = None,
    *,
    shelf: Callable[[], Sequence[Model]] = tuple,
    default: Callable[[], str] = str,
) -> Selection:
    """Choose a model; `wanted` is `name` or `backend/name`, `memory` the machine's bytes.

    `shelf` gives the models that were pulled, `default` the one that is taken where none is wanted
    and it is there; both are asked for only where they count. Without either: of the running
    servers a loaded model before an unloaded one, then one that says it chats, then more parameters
    among those that fit, then detection order; else the best of the shelf in the same way. Raises
    Unavailable where the named one is not to be had; without a name it never raises, since the
    fallback is always left.
    """
    skipped = tuple(_skipped(found))
    offers = [
        (backend, model)
        for backend in found.backends
        if isinstance(backend, Local)
        for model in backend.models
    ]
    if wanted is not None and wanted != AUTO:
        return Selection(_named(wanted, found, offers, shelf, skipped), skipped)
    missed = ""
    if (usual := default()) and usual != AUTO:
        try:
            return Selection(_named(usual, found, offers, shelf, skipped), skipped)
        except Unavailable as error:
            missed = usual
            skipped = (Skipped(usual, f"the default (`model.default`): {error}"), *skipped)
    fitting, unfit = _parted(offers, memory)
    if fitting:
        backend, model = max(fitting, key=lambda offer: _worth(offer[1]))  # the first of equals
        return Selection(Chosen(backend, model), (*skipped, *unfit), missed)
    kept = shelf()
    pulled = [
        Skipped(f"{EMBEDDED}/{row.name}", why) for row in kept if (why := _unfit(row, memory))
    ]
    passed = (*skipped, *unfit, *pulled)
    able = [row for row in kept if _unfit(row, memory) is None]
    return Selection(Shelved(max(able, key=_worth)) if able else Fallback(), passed, missed)


def _parted(offers: Sequence[_Offer], memory: int | None) -> tuple[list[_Offer], list[Skipped]]:
    """Part the offers into those that can answer here, and the reasons why the others cannot."""
    fitting: list[_Offer] = []
    unfit: list[Skipped] = []
    for backend, model in offers:
        why = _unfit(model, memory)
        if why is None:
            fitting.append((backend, model))
        else:
            unfit.append(Skipped(f"{backend.name}/{model.name}", why))
    return fitting, unfit


def _worth(model: Model) -> tuple[bool, bool, bool, int]:
    """Order the fitting models; larger is better."""
    chats = model.chat is True or _INSTRUCT.search(model.name) is not None
    plain = _BASE.search(model.name) is not None and _INSTRUCT.search(model.name) is None
    return model.loaded, not plain, chats, model.parameters or model.size_bytes or 0


def _unfit(model: Model, memory: int | None) -> str | None:
    """Say why a model cannot answer here, or None."""
    if embeds(model):
        return "it makes embeddings, not answers"
    if model.chat is False:
        return "its server says that it does not chat"
    needed = int((model.size_bytes or 0) * HEADROOM)
    if memory is not None and not model.loaded and needed > memory:
        return f"it needs about {needed / 1e9:.1f} GB and this machine has {memory / 1e9:.1f} GB"
    return None


def embeds(model: Model) -> bool:
    """Tell whether a model only makes embeddings: as told, else by its name."""
    if model.chat is None and model.embeddings is None:
        return _is_embedder(model.name)
    return bool(model.embeddings) and not model.chat


@functools.lru_cache
def _is_embedder(name: str) -> bool:
    return _EMBEDS.search(name) is not None


def _named(
    wanted: str,
    found: Found,
    offers: Sequence[_Offer],
    shelf: Callable[[], Sequence[Model]],
    skipped: Sequence[Skipped],
) -> Choice:
    if wanted in (EMBEDDED, EMBEDDED_MODEL, f"{EMBEDDED}/{EMBEDDED_MODEL}"):
        return Fallback()
    for backend, model in offers:
        if matches(wanted, backend.name, model.name):
            return Chosen(backend, _able(model))
    kept = shelf()
    for model in kept:
        if matches(wanted, EMBEDDED, model.name):
            return Shelved(_able(model))
    for remote in found.backends:
        for model in remote.models:
            if matches(wanted, remote.name, model.name):
                raise Unavailable(
                    "model-not-on-device",
                    f"{model.name} is not known to run on this machine: {model.evidence}",
                    _way_out(remote.base_url, model),
                )
    raise Unavailable(
        "model-not-found",
        f"no local server offers {wanted!r}",
        _suggestion(wanted, [model.name for _, model in offers] + [row.name for row in kept]),
        skipped=[row.as_json() for row in skipped],
    )


def _able(model: Model) -> Model:
    """Return a model that was named. Raises Unavailable where it only makes embeddings."""
    if embeds(model):
        raise Unavailable(
            "not-a-chat-model",
            f"{model.name} makes embeddings and cannot answer",
            "name a chat model; `satchel models` lists what was found",
        )
    return model


def _way_out(base_url: str, model: Model) -> str:
    if model.locality is Locality.UNKNOWN:
        address = base_url.removeprefix("http://")
        return f"if you know that it runs here: `satchel config set model.on_device {address}`"
    return "name a model that runs here, or none; nothing was sent"


def matches(wanted: str, backend: str, model: str) -> bool:
    """Tell whether a user means this model of that server: `model` or `server/model`."""
    if wanted == model:
        return True
    plain = model.removesuffix(":latest")  # Ollama's default tag
    return wanted in (plain, f"{backend}/{model}", f"{backend}/{plain}")


def _suggestion(wanted: str, offered: Sequence[str]) -> str:
    names = [*offered, EMBEDDED]
    close = difflib.get_close_matches(wanted.rpartition("/")[2], names, n=1, cutoff=0.4)
    if close:
        return f"did you mean `{close[0]}`?"
    if len(names) > 1:
        return f"offered here: {', '.join(names[:8])}"
    return "start Ollama, llama-server or LM Studio with it, or name none"


def _skipped(found: Found) -> list[Skipped]:
    """Name everything that is not on this machine or could not be read."""
    named = []
    for backend in found.backends:
        if isinstance(backend, Local):
            continue
        named += [
            Skipped(f"{backend.name}/{model.name}", f"{model.locality}: {model.evidence}")
            for model in backend.models
        ] or [Skipped(backend.base_url, backend.evidence)]
    for row in found.rejected:
        named.append(
            Skipped(row.address, f"{row.server} {row.reason}" if row.server else row.reason)
        )
    return named
