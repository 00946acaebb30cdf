"""What manifests and lock files state, as facts worth telling."""

from __future__ import annotations

import pytest

from satchel.context.ingest.locks import is_lock, lock_facts
from satchel.context.mine.manifests import Row, manifests
from satchel.context.types import Origin, RecordKind


def rows(*facts: tuple[str, str, str], path: str = "pyproject.toml") -> list[Row]:
    return [(*fact, path, line) for line, fact in enumerate(facts, start=1)]


def texts(some: list[Row]) -> list[str]:
    return [statement.text for statement in manifests(some).statements]


def test_languages_frameworks_and_tools_are_told_and_dependencies_are_not() -> None:
    mined = manifests(
        rows(
            ("python", "language", "python"),
            ("bag", "name", "bag"),
            ("python", "requires", ">=3.11"),
            ("django", "dependency", ">=5"),
            ("Django", "framework", ">=5"),
            ("Ruff", "tool", "configured"),
            ("hatchling", "tool", "build"),
            ("wheel", "tool", "build"),
        )
    )
    assert [s.text for s in mined.statements] == [
        "Uses Django >=5 (framework).",
        "Python >=3.11 is required.",
        "Builds with hatchling.",
        "Uses Ruff (tool).",
    ]
    django = mined.statements[0]
    assert (django.subject, django.attribute, django.stance) == ("django", "framework", ">=5")
    assert (django.kind, django.origin) == (RecordKind.FACT, Origin.MANIFESTS)
    assert django.source == "pyproject.toml:5"
    assert mined.read == 8
    assert mined.left == {"its own name or version": 1, "a dependency": 1, "a part of the build": 1}


def test_the_locked_version_comes_with_what_the_manifest_asks_for() -> None:
    some = rows(("Django", "framework", ">=5,<6"))
    some += rows(("Django", "locked", "5.1.4"), path="uv.lock")
    assert texts(some) == ["Uses Django 5.1.4 (framework; >=5,<6 in pyproject.toml)."]


def test_a_lock_file_of_another_package_says_nothing_about_this_one() -> None:
    some = rows(("React", "framework", "^18"), path="web/package.json")
    some += rows(("React", "locked", "17.0.2"), path="admin/package-lock.json")
    assert texts(some) == ["Uses React ^18 (framework)."]


def test_packages_that_differ_are_told_for_their_folders() -> None:
    some = rows(("React", "framework", "^17"), path="a/package.json")
    some += rows(("React", "framework", "^18"), path="b/package.json")
    assert [(s.text, s.globs) for s in manifests(some).statements] == [
        ("Uses React ^17 (framework).", ("a/**",)),
        ("Uses React ^18 (framework).", ("b/**",)),
    ]


def test_the_manifest_at_the_top_speaks_for_the_workspace() -> None:
    some = rows(("Jest", "tool", "^29"), path="packages/a/package.json")
    some += rows(("Jest", "tool", "^30"), path="package.json")
    assert texts(some) == ["Uses Jest ^30 (tool)."]


@pytest.mark.parametrize(
    "path", ["examples/a/package.json", "tests/package.json", "docs/requirements.txt"]
)
def test_examples_and_tests_are_left(path: str) -> None:
    mined = manifests(rows(("React", "framework", "^17"), path=path))
    assert not mined.statements
    assert sum(mined.left.values()) == 1


def test_a_framework_does_not_use_itself() -> None:
    some = rows(("tornado", "name", "tornado"), ("Tornado", "framework", "*"))
    assert texts(some) == []


def test_the_package_manager_is_the_one_that_the_manifest_names() -> None:
    some = rows(("pnpm", "tool", "9.1.0"), path="package.json")
    some += rows(("npm", "package manager", "package-lock.json"), path="package-lock.json")
    assert texts(some) == ["The package manager is pnpm 9.1.0."]


def test_two_lock_files_that_disagree_name_no_package_manager() -> None:
    some = rows(("bag", "name", "bag"), path="package.json")
    some += rows(("npm", "package manager", "package-lock.json"), path="package-lock.json")
    some += rows(("Yarn", "package manager", "yarn.lock"), path="yarn.lock")
    assert texts(some) == []


def test_a_lock_file_without_its_manifest_names_no_package_manager() -> None:
    assert texts(rows(("Yarn", "package manager", "yarn.lock"), path="js-store/yarn.lock")) == []


def test_a_pin_stands_beside_what_is_required() -> None:
    some = rows(("python", "requires", ">=3.11"))
    some += rows(("python", "pinned", "3.12.1"), path=".python-version")
    assert texts(some) == ["Python >=3.11 is required (3.12.1 in .python-version)."]


def test_the_language_is_told_where_nothing_says_its_version() -> None:
    assert texts(rows(("go", "language", "go"), path="go.mod")) == ["Written in Go."]
    assert texts(rows(("ruby", "language", "ruby"), path="Gemfile")) == []


LOCKS = {
    "poetry.lock": '[[package]]\nname = "django"\nversion = "5.1.4"\noptional = false\n',
    "Cargo.lock": '[[package]]\nname = "tokio"\nversion = "1.40.0"\n',
    "package-lock.json": (
        '{\n  "packages": {\n    "": {\n      "version": "1.0.0"\n    },\n'
        '    "node_modules/react": {\n      "version": "18.2.0",\n    },\n'
        '    "node_modules/x/node_modules/react": {\n      "version": "17.0.0"\n'
    ),
    "yarn.lock": '"@babel/core@^7", "@babel/core@^7.1":\n  version "7.2"\n\nreact@^18.2.0:\n'
    '  version "18.2.0"\n',
    "sub/yarn.lock": '"react@npm:^18.2.0":\n  version: 18.2.0\n',
    "pnpm-lock.yaml": "packages:\n\n  react@18.2.0:\n    resolution: {}\n",
    "old/pnpm-lock.yaml": "packages:\n\n  /react@18.2.0(x@1):\n    dev: false\n",
    "bun.lock": '  "packages": {\n    "react": ["react@18.2.0", "", {}, "sha"],\n',
    "composer.lock": '        {\n            "name": "laravel/framework",\n'
    '            "version": "v11.2.0",\n',
    "Gemfile.lock": "GEM\n  specs:\n    rails (7.1.2)\n      rack (>= 1)\n",
    "Pipfile.lock": '        "django": {\n            "hashes": [],\n'
    '            "version": "==5.1.4"\n',
}


@pytest.mark.parametrize("path", LOCKS)
def test_a_lock_file_gives_the_exact_version(path: str) -> None:
    assert is_lock(path)
    manager, locked = lock_facts(path, LOCKS[path].splitlines(keepends=True))
    assert manager.attribute == "package manager"
    assert locked.attribute == "locked"
    assert (locked.subject, locked.value) in {
        ("React", "18.2.0"),
        ("Django", "5.1.4"),
        ("Tokio", "1.40.0"),
        ("Laravel", "11.2.0"),
        ("Ruby on Rails", "7.1.2"),
    }


def test_two_locked_versions_are_none() -> None:
    twice = 'name = "tokio"\nversion = "1.40.0"\nname = "tokio"\nversion = "0.2.0"\n'
    assert [f.attribute for f in lock_facts("Cargo.lock", twice.split("\n"))] == ["package manager"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".python-version", "# mine\n3.12.1\n3.11\n", [("python", "3.12.1", 2)]),
        (".nvmrc", "v20.10\n", [("node", "20.10", 1)]),
        (".nvmrc", "lts/iron\n", []),
        (".tool-versions", "nodejs 20.1.0\npython 3.12 3.11\n", [("node", "20.1.0", 1)]),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.80"\n', [("rust", "1.80", 2)]),
    ],
)
def test_a_pin_gives_its_version(
    path: str, text: str, expected: list[tuple[str, str, int]]
) -> None:
    found = [(f.subject, f.value, f.line) for f in lock_facts(path, text.split("\n"))]
    assert found[: len(expected)] == expected


@pytest.mark.parametrize("path", [*LOCKS, ".tool-versions", ".nvmrc"])
@pytest.mark.parametrize(
    "text", ["\0\x1b[31m" * 50, "x" * 1_000_000, '"' * 90_000, "  a@" * 50_000, "{[(:" * 9_000]
)
def test_junk_gives_no_version(path: str, text: str) -> None:
    assert all(fact.attribute == "package manager" for fact in lock_facts(path, [text]))
