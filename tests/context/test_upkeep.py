"""Which documents answer how a workspace is kept: tested, built, released, and with what."""

from __future__ import annotations

import pytest

from satchel.context.catalog import Row, catalog_of
from satchel.context.understand import understand
from satchel.context.upkeep import Upkeep, upkeep

ROWS = [
    Row(number, path, role, None)
    for number, (path, role) in enumerate(
        (
            ("README.md", "prose"),
            ("CHANGELOG.md", "prose"),
            (".github/CONTRIBUTING.md", "prose"),
            (".github/workflows/run-tests.yml", "text"),
            (".github/workflows/release.yml", "text"),
            (".github/workflows/stale.yml", "text"),
            ("Cargo.toml", "manifest"),
            ("docs/faq.md", "prose"),
            ("extras/README.md", "prose"),
            ("src/build.rs", "source"),
            ("tests/test_build.rs", "test"),
        ),
        1,
    )
]


def asked(text: str, rows: list[Row] = ROWS) -> Upkeep | None:
    return upkeep(understand(text), catalog_of("1", rows, 100))


def found(text: str, rows: list[Row] = ROWS) -> list[str]:
    answer = asked(text, rows)
    return [row.path for row in answer.rows] if answer else []


TESTED = [".github/workflows/run-tests.yml", ".github/CONTRIBUTING.md", "Cargo.toml"]
RELEASED = [".github/workflows/release.yml", ".github/CONTRIBUTING.md", "Cargo.toml"]
STYLED = [".github/CONTRIBUTING.md", "Cargo.toml", "README.md"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("how do I run the tests?", TESTED),
        ("how do I run a single test?", TESTED),
        ("how do I run the tests for a single file?", TESTED),
        ("what runs our unit tests?", TESTED),
        ("how do I build it from source?", [".github/CONTRIBUTING.md", "README.md", "Cargo.toml"]),
        ("how do I set up a dev environment?", [*STYLED[:1], "README.md", "Cargo.toml"]),
        ("how do we release?", RELEASED),
        ("how is a release made?", RELEASED),
        ("which linter do we use?", STYLED),
        ("what's new in the latest version?", ["CHANGELOG.md"]),
        ("what changed in the last release?", ["CHANGELOG.md"]),
    ],
)
def test_the_documents_that_say_it_are_found_best_first(text: str, paths: list[str]) -> None:
    assert found(text) == paths


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("which rust versions are supported", "says which versions it runs on"),
        ("what is the oldest supported version of Rust?", "says which versions it runs on"),
        ("drop support for Rust 1.70", "says which versions it runs on"),
        ("bump the minimum rust version to 1.80", "says which versions it runs on"),
        ("bump MSRV", "says which versions it runs on"),
        ("raise the minimum supported Rust version", "says which versions it runs on"),
        ("what version is this?", "says the version"),
        ("bump the version to 2.0.0", "says the version"),
        ("which dependencies do we have?", "names what it needs"),
        ("add serde as a dependency", "names what it needs"),
        ("upgrade all dependencies", "names what it needs"),
        ("who maintains this?", "says who"),
    ],
)
def test_the_manifest_says_what_it_is_and_needs(text: str, why: str) -> None:
    answer = asked(text)
    assert answer is not None
    assert ([row.path for row in answer.rows], answer.why) == (["Cargo.toml"], why)
    assert answer.alone


@pytest.mark.parametrize(
    "text", ["drop support for python 3.9", "what is the minimum node version"]
)
def test_a_manifest_of_another_language_says_nothing_of_one(text: str) -> None:
    assert found(text) == []
    python = Row(20, "setup.py", "source", "python")
    assert found("drop support for python 3.9", [*ROWS, python]) == ["setup.py"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("drop support for ruby 3.0", ["shop.gemspec"]),
        ("update the copyright year", ["LICENSE"]),
        (
            "add ruby 3.5 to the test matrix",
            [".github/workflows/run-tests.yml", ".github/workflows/release.yml"],
        ),
    ],
)
def test_what_is_changed_by_a_chore_is_found(text: str, paths: list[str]) -> None:
    more = [Row(20, "shop.gemspec", "manifest", "ruby"), Row(21, "LICENSE", "prose", None)]
    assert found(text, [*ROWS, *more])[: len(paths)] == paths


def test_the_version_is_said_by_a_manifest_that_has_one() -> None:
    manifests = ["go.mod", "Package.swift", "app.xcodeproj/project.pbxproj", "a/b/Cargo.toml"]
    rows = [Row(20 + n, path, "manifest", None) for n, path in enumerate(manifests)]
    assert found("bump the version to 2.2", rows) == ["app.xcodeproj/project.pbxproj"]
    assert found("bump the version to 2.2", [*rows[:2], *ROWS])[0] == "Cargo.toml"
    assert found("which dependencies do we have?", rows[:2]) == ["Package.swift", "go.mod"]


def test_any_workflow_is_told_where_nothing_else_says_it() -> None:
    flows = [row for row in ROWS if "workflows/r" not in row.path and row.path.startswith(".")]
    assert found("how do I run the tests?", flows) == [".github/CONTRIBUTING.md"]
    answer = asked("how do I run the tests?", flows[1:])
    assert answer is not None
    assert [row.path for row in answer.rows] == [".github/workflows/stale.yml"]
    assert not answer.alone


def test_a_list_of_what_is_needed_says_not_how_something_is_done() -> None:
    rows = [*ROWS, Row(20, "requirements/test.txt", "manifest", None)]
    assert found("how do I run the unit tests?", rows) == TESTED
    needed = [*rows, Row(21, "requirements.txt", "manifest", None)]
    assert found("which dependencies do we have?", needed)[0] == "requirements.txt"


@pytest.mark.parametrize(
    "text",
    [
        "run the tests again",
        "how do I run a marathon?",
        "how do I run the tests for a single reader of the cash register?",
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
        "what changed your mind?",
        "what is new in physics?",
        "bump the version of the price list",
        "resolve the dependency of the cart on the order",
        "who wrote Hamlet?",
    ],
)
def test_what_is_about_something_else_finds_none(text: str) -> None:
    assert asked(text) is None


def test_a_file_for_agents_says_how_it_is_done_and_a_json_of_settings_does_not() -> None:
    rows = [
        Row(1, "AGENTS.md", "prose", None),
        Row(2, "tsconfig.test.json", "text", "json"),
        Row(3, "README.md", "prose", None),
    ]
    assert found("how do I run the tests?", rows) == ["AGENTS.md", "README.md"]
