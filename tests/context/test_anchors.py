"""What a record cites or chose, and whether that is still there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from satchel.context.anchors import anchors, standing
from satchel.context.ingest.parse import parse
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Origin, Record, RecordKind, Stamp, Status

DAY = "2022-05-22T00:00:00+00:00"
FILES = {
    "package.json": '{"name": "shop", "dependencies": {"clsx": "^2.1.0", "uuid": "^11.0.0"}}\n',
    "src/lex.ts": 'import { init } from "es-module-lexer";\n',
    "src/prices.ts": 'import clsx from "clsx";\nexport const total = (all) => all.flat().length;\n',
    ".github/workflows/test.yml": "jobs:\n  test:\n    steps:\n      - uses: codecov/action@v4\n",
    "CHANGELOG.md": "# 1.0\n\n- Use axios instead of fetch.\n",
}


@pytest.fixture
def shop(index: IndexStore) -> IndexStore:
    index.replace(
        [Document(path, Stamp(1, 1, 1, path), parse(path, text)) for path, text in FILES.items()]
    )
    return index


def committed(text: str, **fields: object) -> Record:
    known = {"origin": Origin.HISTORY, "confirmed": False, **fields}
    return Record("r1", RecordKind.DECISION, text, "/shop", ("commit 1a2b3c4d",), DAY, DAY, **known)  # type: ignore[arg-type]  # one keyword each


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("chore: use `axios` instead of `fetch`", "`axios`, which is in no source"),
        ("Switch to Jest", "`Jest`, which is in no source"),
        ("Replace uuid package with the standard module", "`uuid`, which package.json lists"),
    ],
)
def test_what_a_commit_chose_is_stale_once_the_code_shows_otherwise(
    text: str, why: str, shop: IndexStore
) -> None:
    found = standing(committed(text), shop)

    assert found.status is Status.STALE
    assert why in (found.reason or "")


@pytest.mark.parametrize(
    "text",
    [
        "chore: replace classnames with clsx",
        "Use es-module-lexer instead of acorn",
        "Switch to Codecov for coverage reporting",
        "Use Array.flat instead of array-flatten",
        "Move file serving from uuid to a dedicated server",  # one use of it alone
        "Replace uuid with clsx",  # on the way: both are there
        "Replace `methods` with the standard library",  # nothing need show that
        "Switch to approachable concurrency",  # described, not named
        'Revert "Use axios instead of fetch"',
    ],
)
def test_a_choice_that_the_code_does_not_speak_against_stands(text: str, shop: IndexStore) -> None:
    assert standing(committed(text), shop).status is Status.ACTIVE


@pytest.mark.parametrize(
    "fields",
    [
        {"confirmed": True},
        {"pinned": True},
        {"origin": Origin.RULES},
        {"sources": ("commit 1a2b3c4d", "CLAUDE.md:3")},
    ],
    ids=str,
)
def test_what_more_than_a_commit_says_stands_whatever_the_code_shows(
    fields: dict[str, object], shop: IndexStore
) -> None:
    record = replace(committed("Use axios instead of fetch"), **fields)  # type: ignore[arg-type]  # one field each

    assert standing(record, shop).status is Status.ACTIVE


def test_an_index_that_holds_nothing_says_nothing_of_a_choice(index: IndexStore) -> None:
    assert standing(committed("Use axios instead of fetch"), index).status is Status.ACTIVE


def test_a_choice_is_looked_up_anew_once_the_index_changes(shop: IndexStore) -> None:
    record = committed("Use axios instead of fetch")
    assert standing(record, shop).status is Status.STALE

    path = "src/users.ts"
    code = 'import axios from "axios";\n'
    shop.replace([Document(path, Stamp(1, 1, 1, path), parse(path, code))])

    assert standing(record, shop).status is Status.ACTIVE


def test_a_record_is_stale_where_a_file_that_it_cites_is_gone(shop: IndexStore) -> None:
    cited = anchors("Prices are summed in `src/prices.ts`.", shop)
    record = committed("Prices are summed in `src/prices.ts`.", anchors=cited)
    assert cited == ("src/prices.ts",)
    assert standing(record, shop).status is Status.ACTIVE

    shop.replace([], removed=["src/prices.ts"])

    assert standing(record, shop).reason == "cites `src/prices.ts`, which is gone"
