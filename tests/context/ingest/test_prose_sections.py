"""Prose is cut at headings, and says which code it speaks of."""

from __future__ import annotations

from satchel.context.ingest.parse import parse
from satchel.context.ingest.prose import parse_prose
from satchel.context.types import PassageKind


def sections(path: str, text: str) -> list[tuple[str, int, int]]:
    return [(one.symbol, one.start, one.end) for one in parse_prose(path, text)[0]]


def names(path: str, text: str) -> set[str]:
    return {one.name for one in parse_prose(path, text)[1]}


def test_markdown_is_cut_at_headings_and_carries_their_path() -> None:
    text = """\
---
title: x
---
Before.

# Usage

Text.

## The `Session` [class](x.md)

More.

```sh
# not a heading
```

Under
-----

Last.

# End
"""
    assert sections("a.md", text) == [
        ("front matter", 1, 3),
        ("", 4, 4),
        ("Usage", 6, 8),
        ("Usage > The Session class", 10, 16),
        ("Usage > Under", 18, 21),
        ("End", 23, 23),
    ]
    assert parse_prose("a.md", text)[0][3].name == "The Session class"


def test_restructured_text_takes_depth_from_the_order_of_its_lines() -> None:
    text = """\
=====
Title
=====

Text.

Usage
=====

.. code::

    x = [
    -----

Deep
----

Text.

Again
=====

+----+
| no |
+----+
"""
    assert sections("a.rst", text) == [
        ("Title", 1, 5),
        ("Title > Usage", 7, 13),
        ("Title > Usage > Deep", 15, 18),
        ("Title > Again", 20, 25),
    ]


def test_text_without_headings_is_blocks() -> None:
    passages, _ = parse_prose("a.txt", "One.\n\nTwo.\n---\nThree.\n")
    assert [(one.kind, one.symbol) for one in passages] == [(PassageKind.BLOCK, "")]


def test_asciidoc_headings_are_signs_before_the_text() -> None:
    assert sections("a.adoc", "= Title\n\nText.\n\n== Usage\n\nMore.\n") == [
        ("Title", 1, 3),
        ("Title > Usage", 5, 7),
    ]


def test_a_long_section_is_cut_between_paragraphs() -> None:
    text = "# Long\n\n" + "\n\n".join(f"Paragraph {n}.\nGoes on." for n in range(100)) + "\n"
    passages, _ = parse_prose("a.md", text)
    assert len(passages) > 4
    assert {one.symbol for one in passages} == {"Long"}
    assert all(one.end - one.start < 60 for one in passages)
    assert all(one.text.startswith("Paragraph") for one in passages[1:])


def test_names_paths_and_roles_become_references() -> None:
    text = """\
Call `open_store()` or ``Session.close``, see :class:`~app.net.Client`,
:func:`the opener <app.net.open>`, src/app/net.py and app.store.Store, or run reload().
Not e.g. this, nor `a whole phrase here`, nor https://example.org/a/b.html.
"""
    found = names("a.md", text)
    assert {"open_store", "Session.close", "app.net.Client", "app.net.open"} <= found
    assert {"src/app/net.py", "app.store.Store", "reload"} <= found
    assert not {"e.g", "a whole phrase here", "a/b.html"} & found


def test_a_readme_without_a_suffix_is_prose() -> None:
    assert parse("README", "Words.\n").role == "prose"
    assert parse("docs/guide.txt", "Words.\n").role == "prose"
    assert parse("CMakeLists.txt", "project(x)\n").role == "text"
