"""Which files are read for what to quote, for a model that can open none."""

from __future__ import annotations

import pytest

from satchel.context.engine import Sources, brief
from satchel.context.ingest.parse import parse
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Packet, Request, Stamp

BASKET = "def add_to_basket(basket, item):\n    basket.append(item)\n    return basket\n"
LIMITS = "# What the till takes.\n\n# Things in a basket.\nCEILING = 40\n"
README = "# Shop\n\nA shop with a basket, a till and a café.\n"


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    texts = {"shop/basket.py": BASKET, "shop/limits.py": LIMITS, "README.md": README}
    others = {f"shop/other{n}.py": f"def other{n}(value):\n    return {n}\n" for n in range(30)}
    index.replace(
        [
            Document(path, Stamp(1, 1, 1, path), parse(path, text))
            for path, text in (texts | others).items()
        ]
    )
    return index


def asked(text: str, index: IndexStore, with_text: bool = True) -> Packet:
    return brief(Request(text, "/w", 400, with_text=with_text), Sources(index, ()))


def test_a_file_that_the_packet_alone_would_leave_out_is_quoted(index: IndexStore) -> None:
    question = "How many things does add_to_basket put into a basket at most?"
    plain, quoted = asked(question, index, with_text=False), asked(question, index)
    assert [file.path for file in plain.files] == ["shop/basket.py"]
    assert "CEILING = 40" in quoted.markdown
    held = {file.path for file in quoted.files if file.in_packet}
    assert held >= {"shop/basket.py", "shop/limits.py"}
    assert not any(line.startswith("shop/limits.py") for line in quoted.left_out)


def test_of_a_file_that_the_request_names_no_other_is_quoted(index: IndexStore) -> None:
    quoted = asked("What is added to a basket in shop/basket.py at most?", index)
    assert "basket.append(item)" in quoted.markdown
    assert "CEILING" not in quoted.markdown


def test_a_line_that_is_not_ascii_is_found(index: IndexStore) -> None:
    assert (
        "café" in asked("Where is the cafe of the shop with a basket and a till?", index).markdown
    )
