"""A pending edit as it comes in: not too long, a diff at all, and in words where it has none."""

from __future__ import annotations

from typing import Final

from satchel.base.errors import BadInput
from satchel.base.text import one_line
from satchel.context.diff import edits

LONGEST_DIFF: Final = 5_000_000  # bytes
NAMED: Final = 8  # files that stand for an edit that comes without words


def checked(text: str, diff: str) -> str:
    """Return the words of a request that brings an edit: its own, or else what the edit touches.

    Raises BadInput where `diff` is too long, empty, or no unified diff.
    """
    if len(diff.encode("utf-8", "replace")) > LONGEST_DIFF:
        raise BadInput(
            "diff-too-long",
            f"a diff may have {LONGEST_DIFF:,} bytes",
            "hold the files one by one, such as `git diff -- FILE | satchel brief --diff -`",
        )
    if not diff.strip():
        raise BadInput(
            "empty-diff",
            "the diff is empty: it would change nothing",
            "edit something first, then `git diff | satchel brief --diff -`",
        )
    touched = dict.fromkeys(one_line(edit.path) for edit in edits(diff))
    if text.strip():
        return text
    return "change " + ", ".join(f"`{name}`" for name in list(touched)[:NAMED])
