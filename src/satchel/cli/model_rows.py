"""The rows of `satchel models`: what detection found and what is kept, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.text import one_line
from satchel.cli.render import size, table
from satchel.cli.terminal import PLAIN, Paint
from satchel.model.select import EMBEDDED, matches
from satchel.model.shelf import Kept

HEAD = (
    "", "name", "backend", "size", "quantised", "context", "does", "loaded", "device", "runs",
)  # fmt: skip
ABLE = ("chat", "tools", "vision", "embeddings")
WHY = 120  # characters of the evidence


def rows_of(seen: Mapping[str, Any], kept: Sequence[Kept], default: str) -> list[dict[str, Any]]:
    """A row a model, servers first. `default` marks the one that answers where none is named."""
    pulled = {row.name: row for row in kept}
    rows = []
    for backend in seen.get("backends", ()):
        for model in backend["models"]:
            name = str(model["name"])
            usable = bool(backend["usable"])
            rows.append(
                {
                    **model,
                    "backend": backend["name"],
                    "base_url": backend["base_url"],
                    "usable": usable,
                    "default": usable and _is(default, str(backend["name"]), name),
                    "kept": None,
                }
            )
    for model in seen.get("own", ()):
        file = pulled.get(str(model["name"]))
        rows.append(
            {
                **model,
                "backend": EMBEDDED,
                "base_url": None,
                "usable": True,
                "default": _is(default, EMBEDDED, str(model["name"])),
                "kept": {"sha256": file.sha256, "source": file.source, "licence": file.licence}
                if file
                else None,
            }
        )
    marked = [row for row in rows if row["default"]]
    for row in marked[1:]:  # one name at two servers: the first is taken
        row["default"] = False
    return rows


def _is(default: str, backend: str, name: str) -> bool:
    return bool(default) and matches(default, backend, name)


def listed(rows: Sequence[Mapping[str, Any]], paint: Paint = PLAIN) -> list[str]:
    """The table for a person."""
    if not rows:
        return [
            "No model is here: start Ollama, llama-server or LM Studio, bring one with "
            "`satchel models pull`, or `satchel fetch smollm2`."
        ]
    return table(HEAD, [_cells(row) for row in rows], paint)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    does = [word for word in ABLE if row.get(word)]
    bare = row["backend"] == EMBEDDED and row.get("chat") is False  # a file without a template
    return (
        "*" if row["default"] else "",
        str(row["name"]),
        str(row["backend"]),
        size(row["size_bytes"]) if row.get("size_bytes") else "",
        str(row.get("quantisation") or ""),
        _context(row.get("context_allocated"), row.get("context_trained")),
        ", ".join(does) or ("completion" if bare else ""),
        "yes" if row.get("loaded") else "no",
        str(row.get("device") or ""),
        f"{row['locality']}: {one_line(str(row['evidence']), WHY)}",
    )


def _context(allocated: int | None, trained: int | None) -> str:
    """Tokens that are allocated, of those that it was trained on."""
    if allocated and trained and allocated != trained:
        return f"{allocated:,} of {trained:,}"
    known = allocated or trained
    return f"{known:,}" if known else ""
