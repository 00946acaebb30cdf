"""A pending edit as it comes in: not too long, and a diff at all. Pure."""

from __future__ import annotations

from typing import Final

from satchel.base.errors import BadInput
from satchel.context.conflict.diff import edits

LONGEST_DIFF: Final = 5_000_000  # bytes


def checked(diff: str) -> str:
    """Return a unified diff as it stands. Raises BadInput where it is too long, empty or none."""
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
    edits(diff)
    return diff
