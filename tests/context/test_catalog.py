"""Files by the names that requests spell."""

from __future__ import annotations

import pytest

from satchel.context.catalog import Row, by_folder, catalog_of

SESSIONS = Row(1, "src/flask/sessions.py", "source", "python")


@pytest.mark.parametrize(
    ("frame", "names"),
    [
        ("sessions.py", True),
        ("app/sessions.py", True),
        ("/venv/lib/site-packages/flask/sessions.py", True),
        ("/venv/lib/site-packages/requests/sessions.py", False),
        ("C:\\work\\flask\\sessions.py", True),
    ],
)
def test_a_frame_of_somebody_elses_package_names_no_file_of_ours(frame: str, names: bool) -> None:
    assert SESSIONS.is_at(frame) is names


def test_a_file_at_the_top_is_named_from_wherever_it_was_run() -> None:
    assert Row(1, "setup.py", "source", "python").is_at("/home/ann/code/shop/setup.py")


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("shop/cart.py", "cart"),
        ("shop/__init__.py", "shop"),
        ("web/basket/index.ts", "basket"),
        ("src/main.rs", "src"),
    ],
)
def test_a_files_subject_is_its_name_or_its_folders(path: str, subject: str) -> None:
    assert Row(1, path, "source", None).subject == subject


@pytest.mark.parametrize(
    ("spelled", "files"),
    [
        ("shop/tests", {"shop/tests/test_cart.py"}),
        ("tests/", {"tests/e2e/test_all.py"}),
        ("tests/e2e", {"tests/e2e/test_all.py"}),
        ("shop/api", {"src/shop/api/cart.py"}),
        ("api/", set()),  # by one part of its path, from the top alone
        ("lib/util", set()),  # there are two
        ("read/write", set()),
    ],
)
def test_a_folder_is_named_from_the_top_or_with_its_parent(spelled: str, files: set[str]) -> None:
    paths = (
        *("shop/tests/test_cart.py", "tests/e2e/test_all.py", "src/shop/api/cart.py"),
        *("one/lib/util/a.py", "other/lib/util/b.py"),
    )
    rows = [Row(n, path, "source", "python") for n, path in enumerate(paths)]
    assert {row.path for row in by_folder(catalog_of("1", rows, 0), spelled)} == files


@pytest.mark.parametrize(
    ("path", "request_", "is_called"),
    [
        ("README.md", "the readme is outdated", True),
        ("HISTORY.md", "update HISTORY", True),
        ("HISTORY.md", "the history of a session", False),
        ("HISTORY.md", "update the changelog", True),
        ("Makefile", "edit the Makefile", True),
        ("setup.cfg", "setup a session", False),
        ("API.md", "use the API of the shop", False),
        (".github/workflows/build.yml", "fix the CI", True),
        (".github/workflows/build.yml", "fix the ci flag", False),
    ],
)
def test_a_document_of_the_workspace_is_called_by_its_name(
    path: str, request_: str, is_called: bool
) -> None:
    row = Row(1, path, "prose", None)
    assert row.is_called(frozenset(request_.split())) is is_called
