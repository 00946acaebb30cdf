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


def test_an_edit_without_words_speaks_of_the_files_that_it_touches() -> None:
    assert checked("", DIFF) == "change `shop/cart.py`"
    assert checked("switch to Bun", DIFF) == "switch to Bun"


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
        checked("x", diff)
    assert refused.value.code == code
