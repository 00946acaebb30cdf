"""A pending edit as it comes in."""

from __future__ import annotations

import pytest

from satchel.base.errors import BadInput
from satchel.context.pending import checked

DIFF = """\
diff --git a/shop/cart.py b/shop/cart.py
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,2 +1,2 @@
 import json
-import npm
+import bun
"""


def test_an_edit_is_taken_as_it_stands() -> None:
    assert checked(DIFF) == DIFF


@pytest.mark.parametrize(
    ("diff", "code"),
    [
        ("", "empty-diff"),
        ("just words", "not-a-diff"),
        (DIFF + "+" + "é" * 2_500_000, "diff-too-long"),
    ],
)
def test_what_is_no_edit_is_refused(diff: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(diff)
    assert refused.value.code == code
