"""Unified diffs."""

from __future__ import annotations

import pytest

from satchel.base.errors import BadInput
from satchel.context.conflict.diff import edits

DIFF = """diff --git a/src/a.py b/src/a.py
--- a/src/a.py
+++ b/src/a.py
@@ -1,3 +1,3 @@
 kept
-gone
+come
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-all of it
diff --git a/notes.md b/notes.md
--- /dev/null
+++ b/notes.md
@@ -0,0 +1 @@
+--- a line that looks like a header
"""


def test_each_file_of_a_diff_is_read() -> None:
    changed, deleted, added = edits(DIFF)
    assert (changed.path, changed.added, changed.removed, changed.context) == (
        "src/a.py",
        ("come",),
        ("gone",),
        ("kept",),
    )
    assert (deleted.path, deleted.deleted, deleted.removed) == ("old.py", True, ("all of it",))
    assert (added.path, added.is_prose) == ("notes.md", True)
    assert added.added == ("--- a line that looks like a header",)


def test_what_is_not_a_diff_is_refused() -> None:
    with pytest.raises(BadInput, match="no unified diff"):
        edits("hello\n+ world")
