"""Which documents answer how a workspace is tested, built and released."""

from __future__ import annotations

import pytest

from satchel.context.catalog import Row, catalog_of
from satchel.context.understand import understand
from satchel.context.upkeep import upkeep

ROWS = [
    Row(number, path, role, None)
    for number, (path, role) in enumerate(
        (
            ("README.md", "prose"),
            (".github/CONTRIBUTING.md", "prose"),
            (".github/workflows/run-tests.yml", "text"),
            (".github/workflows/release.yml", "text"),
            ("Cargo.toml", "manifest"),
            ("docs/faq.md", "prose"),
            ("src/build.rs", "source"),
            ("tests/test_build.rs", "test"),
        ),
        1,
    )
]
CATALOG = catalog_of("1", ROWS, 100)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (
            "how do I run the tests?",
            [".github/workflows/run-tests.yml", ".github/CONTRIBUTING.md", "Cargo.toml"],
        ),
        ("how do I build it from source?", [".github/CONTRIBUTING.md", "README.md", "Cargo.toml"]),
        (
            "how do we release?",
            [".github/workflows/release.yml", ".github/CONTRIBUTING.md", "Cargo.toml"],
        ),
    ],
)
def test_the_documents_that_say_it_are_found_best_first(text: str, paths: list[str]) -> None:
    assert [row.path for row in upkeep(understand(text), CATALOG)] == paths


@pytest.mark.parametrize(
    "text",
    [
        "which rust versions are supported",
        "drop support for Rust 1.70",
        "bump the minimum rust version to 1.80",
        "test on node 22",
    ],
)
def test_the_manifest_says_which_versions_are_supported(text: str) -> None:
    found = upkeep(understand(text), CATALOG)
    assert {row.path: why for row, why in found.items()} == {
        "Cargo.toml": "says which versions it runs on"
    }


@pytest.mark.parametrize(
    "text",
    [
        "run the tests again",
        "how do I run a marathon?",
        "how do I build a house?",
        "where are the tests for the basket?",
        "what is the version of the price list that the shop shows to everybody?",
        "how do I test my patience?",
        "add python 3 examples to the docs",
        "add the ruby gem to the basket",
        "what version of you is this",
        "where are the tests?",
        "what about the tests?",
        "which tests did you run?",
    ],
)
def test_what_is_about_something_else_finds_none(text: str) -> None:
    assert not upkeep(understand(text), CATALOG)
