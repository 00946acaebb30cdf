"""The process that reads a whole folder for the first time: what parsing takes in memory goes
with it, and requests are answered meanwhile.

A JSON line comes in on stdin (`top`, `index` and the limits); JSON lines go out on stdout:
`{"progress": [stage, done, total]}`, and last `{"summary": …}` or `{"error": …}`. The process ends
when its stdin closes, which also happens when its parent is killed; what it had committed stays.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

from satchel.base.errors import SatchelError
from satchel.context.ingest import git, indexer
from satchel.context.store.index import IndexStore


def main() -> None:
    """Index one folder."""
    config = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        top = Path(config["top"])
        store = IndexStore(Path(config["index"]))
        summary = indexer.index(
            top,
            git.open_repository(top),
            store,
            lambda step: _say({"progress": [step.stage, step.done, step.total]}),
            indexer.Limits(
                config["max_bytes"],
                config["history"],
                Path(config["apart"]) if config["apart"] else None,
            ),
        )
        store.close()
    except SatchelError as error:
        _say({"error": {**error.as_json(), "status": error.exit_status}})
        return
    _say({"summary": {field.name: getattr(summary, field.name) for field in fields(summary)}})


def _say(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
