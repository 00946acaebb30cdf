"""One walk with records: said, found, contradicted, replaced, exported, forgotten, imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import User, at_home

DIFF = b"""\
diff --git a/build.sh b/build.sh
--- a/build.sh
+++ b/build.sh
@@ -1,2 +1,2 @@
 set -e
-pnpm install
+npm install
"""


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """Somebody in a folder that is indexed, and in which nothing is written that is a record."""
    scratch = tmp_path_factory.mktemp("records")
    (scratch / "shop").mkdir()
    (scratch / "shop" / "build.sh").write_text("set -e\npnpm install\n")
    with at_home(scratch / "home") as home:
        user = User(home, scratch / "shop")
        assert user.runs("index", "--json").status == 0
        yield user


def answer(user: User, *words: str, stdin: bytes = b"") -> dict[str, Any]:
    said = user.runs(*words, "--json", stdin=stdin)
    assert said.status == 0, said
    return said.json


def test_a_record_s_whole_life(user: User, tmp_path: Path) -> None:
    # Said, and found again.
    npm = answer(
        user, "remember", "We use npm as our package manager", "--kind", "decision",
        "--since", "2026-01-02",
    )["record"]  # fmt: skip
    assert (npm["status"], npm["confirmed"], npm["mined"]) == ("active", True, False)
    found = answer(user, "recall", "which package manager do we use?")["records"]
    assert npm["id"] in [record["id"] for record in found]

    # Contradicted: both sides are shown, and neither is settled.
    kept = answer(user, "remember", "We use pnpm as our package manager", "--kind", "decision")
    pnpm = kept["record"]
    [clash] = kept["conflicts"]
    assert set(clash["ids"]) == {npm["id"], pnpm["id"]}
    assert {npm["source"], pnpm["source"]} == set(clash["sources"])
    assert len(answer(user, "conflicts")["conflicts"]) == 1
    assert len(answer(user, "records")["records"]) == 2

    # Settled by the user.
    ended = answer(user, "supersede", npm["id"], pnpm["id"])
    assert [old["id"] for old in ended["superseded"]] == [npm["id"]]
    assert answer(user, "conflicts")["conflicts"] == []
    found = answer(user, "recall", "which package manager do we use?")["records"]
    assert [record["id"] for record in found] == [pnpm["id"]]

    # Its history, and the past.
    told = answer(user, "records", "--history", pnpm["id"][:6])
    assert [record["id"] for record in told["before"]] == [npm["id"]]
    then = answer(user, "records", "--as-of", "2026-02-03")["records"]
    assert [record["id"] for record in then] == [npm["id"]]
    found = answer(user, "recall", "which package manager do we use?", "--as-of", "2026-02-03")
    assert [record["id"] for record in found["records"]] == [npm["id"]]

    # An edit against it is held up.
    packet = answer(user, "brief", "--diff", "-", stdin=DIFF)
    [clash] = packet["conflicts"]
    assert pnpm["id"] in clash["ids"]

    # Out, gone, and back as it was.
    file = tmp_path / "records.jsonl"
    assert answer(user, "export", str(file))["records"] == 2
    before = answer(user, "records", "--status", "any")["records"]
    assert answer(user, "forget", npm["id"], pnpm["id"])["forgotten"] == [npm["id"], pnpm["id"]]
    assert answer(user, "records", "--status", "any")["records"] == []
    store = next(user.home.glob("workspaces/shop-*/records.db"))
    assert b"package manager" not in store.read_bytes()
    told = answer(user, "import", str(file))
    assert (told["added"], told["trusted"]) == (2, True)
    assert answer(user, "records", "--status", "any")["records"] == before
    told = answer(user, "import", str(file))
    assert (told["added"], told["changed"], told["unchanged"]) == (0, 0, 2)
    header = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    assert header["workspace"] == str(user.folder)
