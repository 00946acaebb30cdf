"""A kind of file that is not to be made, and a construct of a language that is not to be used."""

import pytest

from tests.context.conflict.rules import is_opposed

MARKDOWN = "Do not create new markdown (.md) files."
ANY = 'Never use "any".'
COMBINE = "Avoid Combine unless absolutely necessary"


def new(path: str, *lines: str) -> str:
    added = "".join(f"+{line}\n" for line in lines)
    return f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{added}"


def edit(path: str, *lines: str) -> str:
    added = "".join(f"+{line}\n" for line in lines)
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,{len(lines) + 1} @@\n unchanged\n{added}"


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        (MARKDOWN, new("docs/SEARCH.md", "# Search")),
        (MARKDOWN, "write a CONTRIBUTING_SEARCH.md that tells how search works"),
        (MARKDOWN, "create a new markdown file docs/SEARCH.md"),
        ("Never add new documentation files.", new("docs/search.rst", "Search")),
        ("No new `.css` files.", new("web/a.css", "a {}")),
        ("Don't create new `.js` files in `web/src/`.", new("web/src/a.js", "let a")),
        (ANY, edit("a.ts", "export function parse(x: any) {")),
        (ANY, "type the response as any for now"),
        ("Never use any.", edit("a.ts", "const b = a as any;")),
        ("Avoid `any`.", edit("a.ts", "const b: any = a;")),
        (COMBINE, "use Combine to debounce the search"),
        (COMBINE, edit("a.swift", "import Combine")),
        ("Do not add view models", "add a BookmarksViewModel"),
    ],
)
def test_what_makes_or_uses_it_is_opposed(rule: str, request_: str) -> None:
    assert is_opposed(rule, request_)


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        (MARKDOWN, edit("docs/SEARCH.md", "More")),
        (MARKDOWN, new("docs/search.ts", "export {}")),
        (MARKDOWN, "add a section on search to docs/SEARCH.md"),
        (MARKDOWN, "fix the links in README.md"),
        (MARKDOWN, "render the markdown of a new document"),
        (MARKDOWN, "create a new test file for search.ts"),
        (MARKDOWN, "don't write a SEARCH.md, put it into the docstring"),
        (MARKDOWN, "write a parser for .md attachments"),
        (MARKDOWN, "which commit created the file docs/SEARCH.md?"),
        ("Do not create new markdown files outside docs/.", new("docs/a.md", "A")),
        ("Do not create new markdown files unless asked.", "create a NOTES.md"),
        ("Don't create new `.js` files in `web/src/`.", new("scripts/a.js", "let a")),
        ("Do not edit markdown files by hand.", new("docs/a.md", "A")),
        ("Create new markdown files in docs/.", new("docs/a.md", "A")),
        ("Never commit large files.", new("docs/a.md", "A")),
        (ANY, edit("a.ts", "const found = Promise.any(tasks);")),
        (ANY, edit("a.ts", "// treats it as any other number")),
        (ANY, edit("a.ts", "const company: Company = load();")),
        (ANY, edit("a.py", "found = any(x for x in y)")),
        (ANY, edit("notes.md", "typed as any for now")),
        (ANY, "remove the last uses of any"),
        (ANY, "check if any user has two roles"),
        (ANY, "fix any type errors in parse.ts"),
        (ANY, "use any library for dates"),
        ("Never use any library for dates.", edit("a.ts", "const b: any = a;")),
        (COMBINE, "combine the two search requests"),
        (COMBINE, "combine results and debounce the search"),
        (COMBINE, "remove Combine from the search"),
        (COMBINE, "replace Combine with async sequences in the search"),
        (COMBINE, edit("a.swift", "let c = combine(a, b)")),
        ("Do not add view models", "fix the view model of bookmarks"),
        ("Do not add view models", "remove the BookmarksViewModel"),
    ],
)
def test_what_but_sounds_like_it_is_not(rule: str, request_: str) -> None:
    assert not is_opposed(rule, request_)
