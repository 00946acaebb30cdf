"""Where the transcripts of Claude Code and Codex lie, and which of them are of one workspace."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

HUGE: Final = 1_000_000  # characters of a line; a longer one holds a file or an image
PROBED: Final = 64  # lines at the head of a transcript that are asked for its folder
SLUG: Final = 200  # characters of a folder's name; Claude Code cuts a longer one and adds a hash


def find(home: Path, workspace: Path, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Find the transcripts that hold lines of a workspace, oldest name first.

    `home` is the user's home; CLAUDE_CONFIG_DIR and CODEX_HOME of `environment` go before it.
    The name that Claude Code gives a project's folder is lossy ("/a/b" and "/a-b" are one), so
    each file is asked for its `cwd`; a folder below the workspace has a name of its own that
    begins the same.
    """
    found: list[Path] = []
    claude = Path(environment.get("CLAUDE_CONFIG_DIR") or home / ".claude") / "projects"
    rollouts = Path(environment.get("CODEX_HOME") or home / ".codex")
    slug = re.sub(r"[^A-Za-z0-9]", "-", str(workspace))[:SLUG]
    for folder in _listed(claude):
        if folder.name == slug or folder.name.startswith((f"{slug}-", slug[:SLUG] + "-")):
            found += [path for path in _listed(folder) if path.suffix == ".jsonl"]
    for name in ("sessions", "archived_sessions"):
        found += _rollouts(rollouts / name)
    return [path for path in found if _concerns(path, str(workspace))]


def _rollouts(folder: Path, depth: int = 4) -> Iterator[Path]:
    """Yield the rollouts below a folder of years, months and days."""
    for path in _listed(folder):
        if path.suffix == ".jsonl" and path.name.startswith("rollout-"):
            yield path
        elif depth > 1 and path.name.isdigit() and path.is_dir() and not path.is_symlink():
            yield from _rollouts(path, depth - 1)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _concerns(path: Path, workspace: str) -> bool:
    """Tell whether the head of a transcript names a folder of the workspace."""
    try:
        if not path.is_file():
            return False
        with path.open(encoding="utf-8", errors="replace") as lines:
            for _, line in zip(range(PROBED), iter(lambda: lines.readline(HUGE), ""), strict=False):
                entry = parsed(line)
                payload = entry.get("payload") if entry else None
                for fields in (entry, payload):
                    if isinstance(fields, dict) and is_within(fields.get("cwd"), workspace):
                        return True
    except OSError:
        return False
    return False


def parsed(line: str) -> dict[str, object] | None:
    """Return the object that a line of JSON Lines holds; None where it holds none."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def is_within(folder: object, workspace: str) -> bool:
    """Tell whether a folder is the workspace or lies in it, by its spelling alone."""
    if not isinstance(folder, str) or not folder:
        return False
    kind = PureWindowsPath if "\\" in workspace or workspace[1:2] == ":" else PurePosixPath
    path = kind(folder)
    return ".." not in path.parts and path.is_relative_to(kind(workspace))
