"""Globs as the clients of rules files understand them."""

from __future__ import annotations

import pytest

from satchel.context.globs import below, covers, is_everything, is_of_a_language, narrowing, split


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.ts", "a.ts"),
        ("*.ts", "src/deep/a.ts"),
        ("**/*.ts", "a.ts"),
        ("**/*.ts", "src/deep/a.ts"),
        ("src/**", "src/a/b.py"),
        ("src/**/*.py", "src/a.py"),
        ("src/**/*.py", "src/x/y/a.py"),
        ("src/*.py", "src/a.py"),
        ("docs/", "docs/a/b.md"),
        ("docs/", "packages/x/docs/a.md"),
        ("src/api", "src/api/routes/users.ts"),
        ("Dockerfile", "deploy/Dockerfile"),
        ("/a.ts", "a.ts"),
        ("./src/*.ts", "src/a.ts"),
        ("*.{ts,tsx}", "src/a.tsx"),
        ("src/{api,web}/**/*.{ts,js}", "src/web/x/a.js"),
        ("{a,b{c,d}}.py", "bd.py"),
        ("app/[id]/page.tsx", "app/[id]/page.tsx"),
        ("app/[id]/page.tsx", "app/i/page.tsx"),
        ("file[0-9].txt", "x/file7.txt"),
        ("file[!0-9].txt", "filea.txt"),
        ("a?c", "abc"),
        ("**/test/**", "x/test/y/z.py"),
        ("**/tests/**/*.py", "tests/a.py"),
        ("src\\**\\*.cs", "src/A/B.cs"),
        ("*[", "a["),
        ("{a", "{a"),
    ],
)
def test_a_glob_covers(glob: str, path: str) -> None:
    assert covers([glob], path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.ts", "a.tsx"),
        ("src/*.py", "src/x/a.py"),
        ("src/*.py", "lib/src/a.py"),
        ("/a.ts", "src/a.ts"),
        ("src/**", "src"),
        ("src/**", "srcs/a.py"),
        ("docs/", "docs"),
        ("src/api", "src/apis/a.ts"),
        ("*.{ts,tsx}", "a.js"),
        ("a?c", "ac"),
        ("file[!0-9].txt", "file1.txt"),
        ("", "a"),
        ("/", "a"),
    ],
)
def test_a_glob_leaves_out(glob: str, path: str) -> None:
    assert not covers([glob], path)


def test_no_globs_cover_nothing() -> None:
    assert not covers([], "a.py")


def test_a_negated_glob_takes_files_out_wherever_it_stands() -> None:
    assert covers(["!**/*.gen.ts", "*.ts"], "src/a.ts")
    assert not covers(["*.ts", "!**/*.gen.ts"], "src/a.gen.ts")


def test_a_line_of_globs_is_cut_outside_of_braces() -> None:
    assert split('src/**/*.{ts,tsx}, "docs/**" ,*.md,') == ("src/**/*.{ts,tsx}", "docs/**", "*.md")
    assert split("a{b,c") == ("a{b", "c")


@pytest.mark.parametrize("glob", ["**", "*", "**/*", "./**", "/", "**/**/*", "*.*", "**/*.*"])
def test_what_matches_everything_narrows_nothing(glob: str) -> None:
    assert is_everything(glob)
    assert narrowing(["src/*.py", glob]) == ()


@pytest.mark.parametrize("glob", ["*/*", "src/**", "*.py", "*/**/*"])
def test_what_leaves_files_out_narrows(glob: str) -> None:
    assert narrowing([glob, glob]) == (glob,)


def test_globs_of_a_folder_are_set_into_the_workspace() -> None:
    assert below("packages/api", ()) == ("packages/api/**",)
    assert below("packages/api", ("*.ts", "src/*.ts", "!x.ts")) == (
        "packages/api/**/*.ts",
        "packages/api/src/*.ts",
        "!packages/api/**/x.ts",
    )
    assert below("", ("*.ts",)) == ("*.ts",)


@pytest.mark.parametrize(
    "glob",
    [
        "a*" * 400 + "b",
        "**/" * 300 + "b",
        "**/a*" * 150 + "b",
        "{a,b}" * 150,
        "{" * 900,
        "{a,{" * 200,
        "[" * 900,
        "x" * 2_000,
    ],
)
def test_a_hostile_glob_is_answered(glob: str) -> None:
    assert not covers([glob], "a/" * 400 + "a" * 400)


@pytest.mark.parametrize("glob", ["*.go", "**/*.ts", "**/*.{ts,tsx}", "./**/*.py", "**.rs"])
def test_a_glob_that_names_an_ending_alone_is_of_a_language(glob: str) -> None:
    assert is_of_a_language([glob, "!vendor/**"])


@pytest.mark.parametrize("glob", ["src/*.go", "*.test.ts", "test_*.py", "Dockerfile", "web/**"])
def test_a_glob_that_names_a_place_or_a_kind_of_file_is_not(glob: str) -> None:
    assert not is_of_a_language([glob])
    assert not is_of_a_language(["*.go", glob])
    assert not is_of_a_language([])
