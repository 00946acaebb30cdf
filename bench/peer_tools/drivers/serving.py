"""Answers `index`, `ask` and `rank` over standard input and output, one JSON-RPC line each.

Imported in environments that are not ours: standard library alone.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Protocol


class Tool(Protocol):
    """A code-context tool that stays warm between requests."""

    def index(self, top: str) -> None:
        """Read what the folder holds now."""
        ...

    def ask(self, request: str) -> str:
        """Return what the tool prints for a model at its defaults."""
        ...

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the paths of at least `limit` results where there are as many, best first."""
        ...


def serve(tool: Tool) -> None:
    """Answer until the input ends. What the tool itself prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told: dict[str, Any] = {"result": _answer(tool, asked["method"], asked["params"])}
        except Exception as error:  # whatever a foreign tool raises is the answer
            told = {"error": {"message": f"{type(error).__name__}: {error}"}}
        answers.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told}) + "\n")
        answers.flush()


def _answer(tool: Tool, method: str, params: dict[str, Any]) -> Any:
    if method == "index":
        return tool.index(params["top"])
    if method == "ask":
        return tool.ask(params["request"])
    return tool.rank(params["request"], params["limit"])
