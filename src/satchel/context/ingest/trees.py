"""Source into a syntax tree, within bounds: a grammar is native code, and a file may be hostile."""

from __future__ import annotations

import os
import re
import sys
import time
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import tree_sitter

from satchel.context.ingest.languages import BY_NAME

BYTES_A_STEP = 16  # the parser reports about every 190 bytes; far below that it is lost
SECONDS_AT_MOST = 10.0  # of parsing, where single steps become slow: no written file takes one
BYTES_AT_MOST = 300_000_000  # that parsing may add
STEPS_A_LOOK = 32  # between looks at the clock and the memory
# The query looks for the next named sibling from every token, so its work grows with the square
# of a run of tokens without names; written code has no such runs.
RUN_AT_MOST = 4_000
ROOTS_AT_MOST = 30_000  # statements of a file
_PAGE = 4096 if sys.platform == "win32" else os.sysconf("SC_PAGE_SIZE")
_STATM = Path("/proc/self/statm")
_SIGNS = rb"(?:[^\w\s\"'`#\x80-\xff]\s?)"
_PUNCTUATION = re.compile(_SIGNS + rb"{60}" + _SIGNS + rb"*+")
# These grammars need the square of an ambiguous chain (`a<b<a<b<…`, `a => a => …`) in memory, and
# ask for it in one step that nothing can stop: 12 kB of one can end the process.
_CHAINING = frozenset({"java", "c", "cpp", "csharp", "rust"})
# What is escaped outside of them is taken along, and stays: else it would be tried as their start.
_LITERALS = re.compile(
    rb"""(\\.)|//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+'""", re.S
)
_CHAIN = re.compile(rb"[^;{},#]{300}[^;{},#]*+")
CHAIN_AT_MOST = 3_000  # bytes without an end of anything

# Macros that only a preprocessor could take out: `class LIB_API Name {`, LIB_BEGIN on its own.
_MACROS = re.compile(
    rb"(?:(?<=\bclass )|(?<=\bstruct ))[A-Z][A-Z0-9_]{2,}(?= +\w+[^;(){}]{0,200}{)"
    rb"|^[ \t]*[A-Z][A-Z0-9_]{3,}(?:\([^()\n]*\))?[ \t]*$(?!\s{0,80}{)"
    rb"|^[ \t]*[A-Z][A-Z0-9_]*_(?:API|EXPORTS?|INLINE|CONSTEXPR\d*|NODISCARD|DEPRECATED|PUBLIC)"
    rb"(?= +[a-z])",
    re.M,
)


@cache
def grammar(language: str) -> tuple[tree_sitter.Language, tree_sitter.Query]:
    """Load a language's grammar and compile its query, once a process."""
    row = BY_NAME[language]
    loaded = tree_sitter.Language(getattr(import_module(row.wheel), row.entry)())
    folder = files("satchel.context.ingest") / "queries"
    names = [row.query, row.name] if row.query else [row.name]
    source = "".join((folder / f"{name}.scm").read_text(encoding="utf-8") for name in names)
    return loaded, tree_sitter.Query(loaded, source + "(ERROR) @error\n")


def grow(source: bytes, language: str) -> tree_sitter.Tree | None:
    """Parse, or return None for what nobody wrote: no work or memory without bound.

    The bounds are the text's length and shape; a clock and the memory only where it is hopeless.
    Byte offsets of the tree are those of `source`.
    """
    if language in ("c", "cpp"):
        source = _MACROS.sub(lambda found: b" " * len(found[0]), source)
    if any(len(run[0]) > RUN_AT_MOST for run in _PUNCTUATION.finditer(source)):
        return None
    if language in _CHAINING and any(
        len(run[0]) > CHAIN_AT_MOST
        for run in _CHAIN.finditer(_LITERALS.sub(lambda found: found[1] or b'""', source))
    ):
        return None
    steps = len(source) // BYTES_A_STEP + 1_000
    deadline = time.monotonic() + SECONDS_AT_MOST
    room = _resident() + BYTES_AT_MOST

    def read(offset: int, _point: tree_sitter.Point) -> bytes:
        return source[offset : offset + 65_536]

    def stop(_offset: int, _error: bool) -> bool:
        nonlocal steps
        steps -= 1
        if steps % STEPS_A_LOOK == 0 and (time.monotonic() > deadline or _resident() > room):
            steps = -1
        return steps < 0

    try:
        tree = tree_sitter.Parser(grammar(language)[0]).parse(read, progress_callback=stop)
    except ValueError:  # it was stopped
        return None
    return None if _is_hopeless(tree.root_node) else tree


def _resident() -> int:
    """Return the bytes of memory that this process holds, or 0 where that is not told cheaply."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except OSError:
        return 0


def _is_hopeless(root: tree_sitter.Node) -> bool:
    """Tell whether the parser put thousands of tokens on one heap of errors."""
    if root.child_count > ROOTS_AT_MOST:
        return True
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error and node.child_count > RUN_AT_MOST:
            return True
        waiting.extend(child for child in node.children if child.has_error)
    return False
