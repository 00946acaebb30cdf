"""Which line of a pending edit is quoted for a conflict."""

from satchel.context.conflict import quoted_from
from satchel.context.conflict.diff import edits
from tests.context.conflict.rules import rule

FETCHED = """--- a/web/list.ts
+++ b/web/list.ts
@@ -1,1 +1,2 @@
 const page = 1;
+const size = 20;
--- a/web/parse.ts
+++ b/web/parse.ts
@@ -1,2 +1,5 @@
-import { load } from "./strict";
+import { load } from "./load";
+const first = load(1);
+  const other: any = load(2);
+const last = load(3);
 export { first };
"""


def test_the_added_line_that_goes_against_a_rule_is_quoted_with_its_file() -> None:
    assert quoted_from(edits(FETCHED), rule('Never use "any".')) == (
        "web/parse.ts:\nconst other: any = load(2);"
    )


def test_a_line_that_is_taken_out_is_quoted_as_such() -> None:
    diff = "--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,1 @@\n-  telemetry: off\n run: true\n"
    diff = diff.replace("+1,1 @@", "+1,2 @@").replace(" run", "+  telemetry: on\n run")
    shown = quoted_from(edits(diff), rule("Telemetry stays off."))
    assert shown == "a.yml:\ntelemetry: on"


def test_an_edit_that_goes_against_nothing_has_no_such_line() -> None:
    assert quoted_from(edits(FETCHED), rule("Never log passwords.")) is None


def test_a_file_that_is_not_to_be_there_is_named() -> None:
    diff = "--- /dev/null\n+++ b/docs/a.md\n@@ -0,0 +1,1 @@\n+# A\n"
    shown = quoted_from(edits(diff), rule("Do not create new markdown files."))
    assert shown == "docs/a.md"
