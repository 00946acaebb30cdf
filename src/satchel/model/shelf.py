"""What is kept of the models that the user pulled: each file once, by its sha256, under its names.

    models/NAME.json            what a name stands for
    models/blobs/SHA256.gguf    the file, however many names it has
    models/parts/               pulls that were interrupted

One small file a name, written whole or not at all: two commands at once cannot lose each other's.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from satchel.base.errors import BadInput, Broken, Unavailable, unwritable
from satchel.base.paths import write_private
from satchel.model.embedded import Weights
from satchel.model.gguf import WORKING
from satchel.model.select import AUTO, EMBEDDED, EMBEDDED_MODEL
from satchel.model.types import Locality, Model

CONTEXTS = (8192, 4096)  # tokens; the first that leaves half of the memory free
RESERVED = frozenset({AUTO, EMBEDDED, EMBEDDED_MODEL, "satchel"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_DULL = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """One name on the shelf and the file behind it. Text of the header is cleaned already.

    `source` is where it came from, without a query, and `validator` what its server or file system
    said that changes when it does; `changed` is the file's time of change in ns,
    by which an altered file is known; `cache_bytes` what a token of context takes in memory.
    """

    name: str
    sha256: str
    bytes: int
    changed: int
    source: str
    validator: str
    licence: str | None
    architecture: str
    parameters: int
    quantisation: str
    context: int
    chat: bool
    tools: bool
    embeddings: bool
    cache_bytes: int

    def fitting(self, setting: int, memory: int | None) -> int:
        """Return the tokens of context that it is run with; see `context_of`."""
        return context_of(self.context, self.bytes, self.cache_bytes, setting, memory)

    def model(self, context: int) -> Model:
        """Return its row, as the rows of a server; `context` is what it would be run with."""
        return Model(
            name=self.name,
            locality=Locality.ON_DEVICE,
            evidence="its file is kept here, and Satchel's own engine runs it",
            chat=self.chat,
            embeddings=self.embeddings,
            context_trained=self.context,
            context_allocated=context,
            size_bytes=self.bytes,
            parameters=self.parameters,
            quantisation=self.quantisation,
            tools=self.tools,
            vision=False,
        )


def blob(models: Path, sha256: str) -> Path:
    """Return where a file lies."""
    return models / "blobs" / f"{sha256}.gguf"


def kept(models: Path) -> list[Kept]:
    """Return what is on the shelf, by name. What cannot be read is passed over."""
    found = (_read(path) for path in sorted(models.glob("*.json")))
    return [row for row in found if row is not None and blob(models, row.sha256).is_file()]


def find(models: Path, name: str) -> Kept:
    """Return what a name stands for; `embedded/NAME` is the same. Raises Unavailable."""
    wanted = name.removeprefix(f"{EMBEDDED}/")
    rows = {row.name: row for row in kept(models)}
    if wanted not in rows:
        raise Unavailable(
            "model-not-kept",
            f"no model {name!r} is kept here",
            f"kept: {', '.join(rows)}" if rows else "bring one with `satchel models pull`",
        )
    return rows[wanted]


def put(models: Path, row: Kept) -> None:
    """Write down what a name stands for. Raises Broken."""
    try:
        write_private(models / f"{row.name}.json", json.dumps(asdict(row), indent=2) + "\n")
    except OSError as error:
        raise unwritable(models, error, "models-unwritable") from error


def remove(models: Path, name: str) -> tuple[Kept, bool]:
    """Take a name from the shelf, and the file where it was its last; tell whether it was.

    Raises Unavailable for an unknown name, Broken where something cannot be removed.
    """
    row = find(models, name)
    try:
        (models / f"{row.name}.json").unlink()
        last = all(other.sha256 != row.sha256 for other in kept(models))
        if last:
            blob(models, row.sha256).unlink()
    except OSError as error:
        raise Broken(
            "models-unwritable",
            f"{row.name} cannot be removed: {error.strerror or error}",
            "`satchel down` ends what may be using it; then try again",
        ) from error
    return row, last


def weights(models: Path, row: Kept, setting: int, memory: int | None) -> Weights:
    """Return what the engine needs to run it; `setting` is `model.context`.

    Raises Broken where the file is not the one that was pulled any more.
    """
    path = blob(models, row.sha256)
    mend = f"`satchel models rm {row.name}` and pull it again"
    try:
        status = path.stat()
    except OSError as error:
        raise unwritable(path, error, "model-damaged") from error
    if (status.st_size, status.st_mtime_ns) != (row.bytes, row.changed):
        raise Broken("model-damaged", f"the file of {row.name} was changed since it came", mend)
    return Weights(
        name=row.name,
        path=path,
        context=row.fitting(setting, memory),
        trained=row.context,
        parameters=row.parameters,
        quantisation=row.quantisation,
        tools=row.tools,
        mend=mend,
    )


def context_of(trained: int, size: int, cache_bytes: int, setting: int, memory: int | None) -> int:
    """Return the tokens of context that a model is run with. Pure.

    The setting, or the larger of CONTEXTS with which it takes half of the memory; never more than
    it was trained on.
    """
    wanted = setting or next(
        (
            context
            for context in CONTEXTS
            if memory is not None and size + cache_bytes * context + WORKING <= memory / 2
        ),
        CONTEXTS[-1],
    )
    return min(trained, wanted)


def name_of(file: str, rows: Iterable[Kept] = ()) -> str:
    """Return a name for a file's own: small letters, without its ending, not taken yet. Pure."""
    stem = file.lower().removesuffix(".gguf")
    name = _DULL.sub("-", stem).strip("-._")[:72] or "model"
    taken = RESERVED | {row.name for row in rows}
    numbered = (f"{name}-{number}" for number in range(2, 1_000))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def checked_name(given: str) -> str:
    """Return a name that a user gave. Raises BadInput where it cannot be one."""
    if not _NAME.fullmatch(given) or given in RESERVED or given.endswith(".json"):
        raise BadInput(
            "bad-name",
            f"{given!r} cannot be a model's name here",
            "use small letters, digits, dots, dashes and underscores; "
            f"{', '.join(sorted(RESERVED))} are taken",
        )
    return given


def _read(path: Path) -> Kept | None:
    """Return one row, or None where the file is no row of ours."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        row = Kept(**{field.name: stored[field.name] for field in fields(Kept)})
        if row.name == path.stem and re.fullmatch(r"[0-9a-f]{64}", row.sha256):
            return row
    return None
