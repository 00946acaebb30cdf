"""What a tool of a client is about to change, or has read, whatever the client calls it. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# The tools that edit, lower-case, and the names under which each client gives a path and a text.
_EDITS: Final = frozenset(
    (
        *("edit", "multiedit", "write", "notebookedit", "replace", "write_file", "create"),
        *("str_replace", "str_replace_editor", "apply_patch", "applypatch"),
    )
)
_READS: Final = frozenset(("read", "read_file", "view", "notebookread"))
_PATH: Final = ("file_path", "filePath", "path", "notebook_path", "absolute_path")
_OLD: Final = ("old_string", "oldString", "old_str")
_NEW: Final = ("new_string", "newString", "new_str", "new_source")
_WHOLE: Final = ("content", "file_text")
_PATCH: Final = ("command", "input", "patch", "patchText")


@dataclass(frozen=True, slots=True)
class Change:
    """What a tool is about to do to one file, in lines. `path` is as the client spells it.

    `whole`: the lines that are added are all that the file will hold.
    """

    path: str
    added: tuple[str, ...]
    removed: tuple[str, ...] = ()
    whole: bool = False
    deleted: bool = False
    created: bool = False


def changes(value: Mapping[str, Any]) -> Iterator[Change]:
    """Read the files that a tool call would change; nothing for a tool that edits none."""
    name, given = _call(value)
    if name not in _EDITS or given is None:
        return
    path = _text(given, _PATH)
    if path is None:
        patch = _text(given, _PATCH)
        if patch is not None:
            yield from patched(patch)
        return
    whole = _text(given, _WHOLE)
    if whole is not None:
        yield Change(path, tuple(whole.splitlines()), whole=True)
        return
    many = given.get("edits")
    edits = [each for each in many if isinstance(each, dict)] if isinstance(many, list) else [given]
    added: list[str] = []
    removed: list[str] = []
    for each in edits:
        old, new = _text(each, _OLD) or "", _text(each, _NEW) or ""
        more, less = difference(old.splitlines(), new.splitlines())
        added += more
        removed += less
    if added or removed:
        yield Change(path, tuple(added), tuple(removed))


def opened(value: Mapping[str, Any]) -> Iterator[str]:
    """Read the files that a tool call has read."""
    name, given = _call(value)
    if name in _READS and given is not None and (path := _text(given, _PATH)) is not None:
        yield path


def _call(value: Mapping[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Return the tool that a hook is about, in lower case, and what it is given."""
    name = str(value.get("tool_name") or value.get("toolName") or "").lower()
    given = value.get("tool_input", value.get("toolArgs"))
    if isinstance(given, str):  # Copilot's own form: JSON in a string
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = {"input": given}
    return name, given if isinstance(given, dict) else None


def _text(given: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((given[name] for name in names if isinstance(given.get(name), str)), None)


def difference(
    before: Sequence[str], after: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (added, removed) lines, each in its order. Lines that only moved are neither; linear,
    where an alignment is quadratic for a hostile file."""
    return tuple(_beyond(after, before)), tuple(_beyond(before, after))


def _beyond(lines: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    left = Counter(others)
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            yield line


def patched(patch: str) -> Iterator[Change]:
    """Read the envelope of `apply_patch`: files that it adds, updates, moves and deletes."""
    path, deleted, created = "", False, False
    added: list[str] = []
    removed: list[str] = []
    for line in [*patch.splitlines(), "*** End Patch"]:
        head, _, named = line.partition(": ")
        if head in ("*** Add File", "*** Update File", "*** Delete File") or (
            line.startswith("*** End Patch")
        ):
            if path and (added or removed or deleted):
                yield Change(path, tuple(added), tuple(removed), deleted=deleted, created=created)
            path, added, removed = named.strip(), [], []
            deleted, created = head == "*** Delete File", head == "*** Add File"
        elif head == "*** Move to":
            path = named.strip()
        elif line[:1] == "+":
            added.append(line[1:])
        elif line[:1] == "-":
            removed.append(line[1:])


def unified(change: Change) -> str:
    """Write a change as a unified diff of one hunk; its path must be relative by now."""
    old = f'"{_escaped(f"a/{change.path}")}"'
    new = f'"{_escaped(f"b/{change.path}")}"'
    lines = [f"diff --git {old} {new}"]
    if change.deleted:
        return "\n".join([*lines, "deleted file mode 100644", ""])
    lines += ["new file mode 100644"] * change.created + [f"--- {old}", f"+++ {new}"]
    lines.append(f"@@ -1,{len(change.removed)} +1,{len(change.added)} @@")
    lines += [f"-{line}" for line in change.removed]
    lines += [f"+{line}" for line in change.added]
    return "\n".join([*lines, ""])


def _escaped(path: str) -> str:
    """Quote a path as git does."""
    return path.translate({34: '\\"', 92: "\\\\", 9: "\\t", 10: "\\n", 13: "\\r"})
