"""What a path alone tells: language and role."""

from __future__ import annotations

import pytest

from satchel.context.ingest.languages import language_of, role_of


@pytest.mark.parametrize(
    ("path", "first", "language"),
    [
        ("a.py", "", "python"),
        ("a.PY", "", "python"),
        ("a/b.tsx", "", "tsx"),
        ("Rakefile", "", "ruby"),
        ("bin/run", "#!/usr/bin/env python3", "python"),
        ("bin/run", "#!/usr/bin/env -S bash -e", "bash"),
        ("bin/run", "#!/bin/sh", "bash"),
        ("bin/run", "#!/usr/bin/python3.11", "python"),
        ("bin/run", "#!/usr/bin/perl", None),
        ("bin/run", "", None),
        (".py", "", None),
        ("a.txt", "#!/bin/sh", None),
        ("a.md", "", None),
    ],
)
def test_a_language_is_told_by_name_or_first_line(
    path: str, first: str, language: str | None
) -> None:
    assert language_of(path, first) == language


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py",
        "app/tests.py",
        "app/test_models.py",
        "conftest.py",
        "pkg/net_test.go",
        "src/a.spec.ts",
        "src/a.test.tsx",
        "src/__tests__/a.js",
        "src/test/java/app/FooTest.java",
        "app/FooTests.cs",
        "Project.Tests/Foo.cs",
        "spec/models/user_spec.rb",
        "tests/it.rs",
        "src/git/test.rs",
        "Tests/AppTests/SessionTests.swift",
        "test/app.js",
    ],
)
def test_tests_are_known_by_the_habits_of_each_language(path: str) -> None:
    assert role_of(path, language_of(path)) == "test"


@pytest.mark.parametrize(
    "path",
    [
        "django/test/client.py",
        "management/commands/test.py",
        "src/contest.py",
        "src/latest.ts",
        "app/attestation.go",
        "a/Test.md",
        "src/Fittest.java",
        "lib/protest.rb",
    ],
)
def test_what_only_sounds_like_a_test_is_none(path: str) -> None:
    assert role_of(path, language_of(path)) != "test"


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("a.py", "source"),
        ("README.md", "prose"),
        ("LICENSE", "prose"),
        ("requirements/base.txt", "manifest"),
        ("dev-requirements.txt", "manifest"),
        ("package.json", "manifest"),
        ("src/IntegrationTests/Cart.cs", "test"),
        ("shop.gemspec", "manifest"),
        ("gradle/libs.versions.toml", "manifest"),
        ("Directory.Packages.props", "manifest"),
        ("sub/Cargo.toml", "manifest"),
        ("a.yml", "text"),
        ("templates/a.html", "text"),
    ],
)
def test_a_role_is_told_by_the_path(path: str, role: str) -> None:
    assert role_of(path, language_of(path)) == role
