"""Where clients keep their files: the folders of each, and the paths that a row names. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from satchel.tools.client_rows import Places


def roots(
    person: Path, environment: Mapping[str, str], system: str = sys.platform
) -> dict[str, Path]:
    """Return the folders that clients keep their own below, by the name of each."""

    def told(variable: str, usual: Path) -> Path:
        value = environment.get(variable)
        path = Path(value) if value else usual
        return path if path.is_absolute() else usual

    config = told("XDG_CONFIG_HOME", person / ".config")
    appdata = config
    if system == "darwin":
        appdata = person / "Library" / "Application Support"
    elif system == "win32":
        appdata = told("APPDATA", person / "AppData" / "Roaming")
    is_windows = system == "win32"
    return {
        "home": person,
        "appdata": appdata,
        "code": appdata / "Code" / "User",
        "claude": told("CLAUDE_CONFIG_DIR", person / ".claude"),
        "claude_json": told("CLAUDE_CONFIG_DIR", person),
        "codex": told("CODEX_HOME", person / ".codex"),
        "copilot": told("COPILOT_HOME", person / ".copilot"),
        "gemini": told("GEMINI_CLI_HOME", person) / ".gemini",
        "qwen": person / ".qwen",
        "opencode": config / "opencode",
        "cline": told("CLINE_DIR", person / ".cline"),
        "zed": appdata / "Zed" if is_windows else config / "zed",
        "goose": (appdata / "Block" / "goose" / "config" if is_windows else config / "goose"),
    }


def candidates(places: Places, roots: Mapping[str, Path], project: Path | None) -> list[Path]:
    """Return the paths that a row names, for the user or below a project."""
    if project is not None:
        return [project / place for place in places]
    return [Path(place.format_map({k: str(v) for k, v in roots.items()})) for place in places]
