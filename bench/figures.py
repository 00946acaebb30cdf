"""How a figure is taken and printed: human lines on stderr, one JSON line last on stdout."""

from __future__ import annotations

import json
import math
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KB_IN_MB = 1024
BYTES_IN_MB = 1 << 20


@dataclass(slots=True)
class Lap:
    """Seconds that a block took, once it has ended."""

    seconds: float = 0.0


@contextmanager
def lap() -> Iterator[Lap]:
    """Measure a block by the monotonic clock."""
    taken = Lap()
    started = time.perf_counter()
    try:
        yield taken
    finally:
        taken.seconds = round(time.perf_counter() - started, 4)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; 0 where there is nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and the largest, rounded to a hundredth."""
    return {
        "p50": round(percentile(values, 0.50), 2),
        "p95": round(percentile(values, 0.95), 2),
        "max": round(max(values, default=0.0), 2),
    }


def peak_mb() -> dict[str, float]:
    """Return the most memory that this process has held, and the most that any one process has
    that it started and that has ended, in MB."""
    unit = BYTES_IN_MB if sys.platform == "darwin" else KB_IN_MB
    return {
        name: round(resource.getrusage(who).ru_maxrss / unit, 1)
        for name, who in (("own", resource.RUSAGE_SELF), ("child", resource.RUSAGE_CHILDREN))
    }


def memory_mb(pid: int) -> dict[str, float] | None:
    """Return what a process holds now and held at most, in MB; None where /proc does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines.splitlines() if ":" in line)
    if "VmRSS" not in fields:
        return None  # it has ended, and nobody has asked how yet
    return {
        name: round(int(fields[key].split()[0]) / KB_IN_MB, 1)
        for name, key in (("now", "VmRSS"), ("peak", "VmHWM"))
    }


def children_mb(pid: int) -> float:
    """Return what the processes hold that a process has started, in MB; 0 without a /proc."""
    total = 0.0
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        held = [memory_mb(int(child)) for child in listed.read_text(encoding="ascii").split()]
        total += sum(memory["now"] for memory in held if memory)
    return round(total, 1)


def folder_mb(folder: Path) -> float:
    """Return the size of all files below a folder, in MB."""
    sizes = (file.lstat().st_size for file in folder.rglob("*") if file.is_file())
    return round(sum(sizes) / BYTES_IN_MB, 1)


def say(text: str) -> None:
    """Print a line for people."""
    print(text, file=sys.stderr, flush=True)


def give(name: str, figures: Mapping[str, Any]) -> int:
    """Print the one line for programs and return the exit status of success."""
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }
    print(json.dumps({"bench": name, **figures, "machine": machine}), flush=True)
    return 0


def stop(message: str) -> int:
    """Say why nothing can be measured and return the exit status for it."""
    say(message)
    return 2
