"""aider's repository map, kept warm, made for a request as its chat makes one.

No file is in the chat, so the map may take eight times its tokens, as in aider. A token is four
characters, in place of the vocabulary that litellm would fetch.
"""

from __future__ import annotations

import subprocess
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.peer_tools.drivers.serving import serve

MAP_TOKENS = 1024  # its default
WINDOW = 128_000  # tokens of the model that would read the map
LETTERS = 4


class Aider:
    """A map of one repository's tracked files."""

    def __init__(self) -> None:
        self._map: Any = None
        self._paths: list[str] = []
        self._top = Path()

    def index(self, top: str) -> None:
        """Read the definitions and references of every file whose time differs."""
        self._top = Path(top)
        listed = subprocess.run(
            ["git", "-C", top, "ls-files", "-z"], capture_output=True, check=True
        )
        self._paths = [path for path in listed.stdout.decode().split("\0") if path]
        self._map = import_module("aider.repomap").RepoMap(
            map_tokens=MAP_TOKENS,
            root=top,
            main_model=SimpleNamespace(token_count=lambda text: len(text) // LETTERS),
            io=import_module("aider.io").InputOutput(pretty=False, yes=True),
            max_context_window=WINDOW,
        )
        self._map.get_ranked_tags(set(), self._files(), set(), set())

    def ask(self, request: str) -> str:
        """Return the map."""
        idents, names = self._mentioned(request)
        return str(self._map.get_repo_map(set(), self._files(), names, idents, True) or "")

    def rank(self, request: str, limit: int) -> list[str]:
        """Return all files in the order of their first definition, the order that the map cuts."""
        idents, names = self._mentioned(request)
        tags = self._map.get_ranked_tags(set(), self._files(), names, idents)
        return list(dict.fromkeys(tag[0] for tag in tags))

    def _files(self) -> set[str]:
        return {str(self._top / path) for path in self._paths}

    def _mentioned(self, request: str) -> tuple[set[str], set[str]]:
        """Return the words and the files that aider sees mentioned."""
        coder = import_module("aider.coders.base_coder").Coder
        chat = SimpleNamespace(get_all_relative_files=lambda: self._paths)
        idents = coder.get_ident_mentions(chat, request)
        names = coder.get_file_mentions(chat, request, ignore_current=True)
        return idents, names | coder.get_ident_filename_matches(chat, idents)


if __name__ == "__main__":
    serve(Aider())
