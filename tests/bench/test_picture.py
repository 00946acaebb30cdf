"""The picture of the README: from what was printed, reaching for nothing."""

from __future__ import annotations

import re
from pathlib import Path

from bench.picture import draw, selected

PRINTED = (
    "A made-up shop\n"
    "\n\x1b[32m$\x1b[0m \x1b[1msatchel index\x1b[0m\nRead 28 files.\n"
    '\n\x1b[32m$\x1b[0m \x1b[1msatchel brief "switch sessions to JWT"\x1b[0m\nA packet.\n'
    '\n\x1b[32m$\x1b[0m \x1b[1msatchel brief "something else"\x1b[0m\nAnother packet.\n'
    '\n\x1b[32m$\x1b[0m \x1b[1msatchel brief "thanks!"\x1b[0m\nNothing.\n'
    "\nThe same in a repository of yours: satchel demo --in PATH\n"
)


def test_it_shows_the_chosen_requests_and_dots_for_the_others() -> None:
    shown = selected(PRINTED)
    assert "A packet." in shown
    assert "Nothing." in shown
    assert "Another packet." not in shown
    assert "…" in shown
    assert "--in PATH" not in shown


def test_no_address_is_in_it_but_the_name_of_its_format() -> None:
    drawn = draw(selected(PRINTED))
    ours = (Path(__file__).parents[2] / "docs" / "demo.svg").read_text(encoding="utf-8")
    for svg in (drawn, ours):
        assert set(re.findall(r"\w+://[^\"'\s)]*", svg)) == {"http://www.w3.org/2000/svg"}
        assert "@import" not in svg
        assert "url(" not in svg.replace("url(#", "")
