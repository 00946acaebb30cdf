"""Rules on what one writes to people are no demands on an edit, and markers ask for nothing."""

import pytest

from satchel.context.conflict import told
from tests.context.conflict.rules import is_opposed

REWRITTEN = """--- a/docs/api.md
+++ b/docs/api.py
@@ -1,3 +1,2 @@
-```python
-print("a fenced code block")
-a permalink to the exact lines
+x = 1
 unchanged
"""


@pytest.mark.parametrize(
    "rule",
    [
        "Response formatting for Copilot: Use fenced code blocks, `python`.",
        "Reviewer persona and behavior: Print a permalink to the exact lines.",
        "Pull Request Guidelines: Every change prints a permalink to the lines.",
        'Example comment: "print a fenced code block in docs/api.py?"',
        "PR titles must print a fenced code block.",
    ],
)
def test_a_rule_on_what_one_writes_to_people_is_held_against_no_edit(rule: str) -> None:
    assert not is_opposed(rule, REWRITTEN)


def test_a_rule_on_code_below_another_heading_still_is() -> None:
    edit = "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,2 @@\n+print(total)\n unchanged\n"
    assert is_opposed("Coding style: Never use `print()`.", edit)


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        ("CI runs on every commit; never skip CI.", "build: update the vendor hashes [skip ci]"),
        ("Removed DeleteTag and RenameTag API endpoints.", "add an api endpoint to list tags"),
        ("Removed the endpoints for better API consistency.", "add an api endpoint to list tags"),
    ],
)
def test_what_is_but_a_marker_or_a_kind_opposes_nothing(rule: str, request_: str) -> None:
    assert not is_opposed(rule, request_)


def test_a_marker_that_is_asked_for_is_no_mere_marker() -> None:
    assert is_opposed("Never skip CI.", "add [skip ci] to the release commits")


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("Keep the Docker image on Alpine", "containers, container images"),
        ("Keep it on Alpine", None),
    ],
)
def test_a_name_of_two_purposes_is_told_by_the_words_beside_it(
    text: str, purpose: str | None
) -> None:
    assert told(text)[0] == purpose
