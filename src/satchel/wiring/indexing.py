"""Runs the first index of a folder in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from satchel.base.errors import SatchelError, from_json
from satchel.context.ingest.indexer import IndexSummary, Limits, Progress, Report


def index_in_child(top: Path, index: Path, report: Report, limits: Limits) -> IndexSummary:
    """Index `top` into the store at `index`; raises what the child raised.

    An exception out of `report` ends the child; what it had committed stays, so that the next
    run goes on from there.
    """
    config = {
        "top": str(top),
        "index": str(index),
        "max_bytes": limits.max_bytes,
        "history": limits.history,
        "apart": str(limits.apart) if limits.apart else None,
    }
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "satchel.wiring.index_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(config).encode() + b"\n")
        child.stdin.flush()
        for line in child.stdout:
            said = json.loads(line)
            if "progress" in said:
                report(Progress(*said["progress"]))
            elif "error" in said:
                raise from_json(said["error"])
            else:
                summary = IndexSummary(**said["summary"])
                summary.languages = Counter(summary.languages)
                summary.skipped = Counter(summary.skipped)
                return summary
    finally:
        child.kill()
        child.stdin.close()
        child.stdout.close()
        child.wait()
    raise SatchelError(
        "index-died",
        f"reading {top} ended before its time (status {child.returncode})",
        "run `satchel index` again",
    )
