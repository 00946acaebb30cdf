"""Files that a request is about by its own word: they lead the briefing."""

from __future__ import annotations

import pytest

from satchel.context.engine import Sources, brief
from satchel.context.ingest.parse import parse
from satchel.context.lead import leads
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Packet, Request, Stamp
from satchel.context.understand import understand

CART = (
    '"""The cart, with every price and its discount."""\n\n\n'
    "class Cart:\n    def add_price(self, price):\n"
    '        """Fix the price, and take the discount off the price."""\n'
    "        self.total += price\n        return self.total\n"
)
DISCOUNT = (
    "RATE = 0.1\n\n\ndef rate_for(customer):\n    if customer.is_new:\n        return RATE\n"
    "    return 0\n"
)
LONG = (
    "def sum_up(items):\n    total = 0\n    for item in items:\n        total += item\n"
    "    return total\n\n\ndef discount_of_price(price):\n    # The price, wrong or right.\n"
    "    rate = price.rate\n    return price * rate\n"
)
TEST = "def test_a_cart_sums_up_its_prices():\n    cart = Cart()\n    cart.add_price(3)\n"
FILES = {
    "shop/cart.py": CART,
    "shop/discount.py": DISCOUNT,
    "shop/order.py": CART.replace("cart", "order").replace("Cart", "Order"),
    "shop/giftcard.py": "def rows():\n    return []\n",
    "shop/gift.py": "def gift(card):\n    return card.gift\n",
    "tests/test_cart.py": TEST,
    "README.md": "# Shop\n\nSells at a discount.\n",
    "Makefile": "all:\n\techo all\n",
    "LICENSE-MIT": "Permission is granted to whoever holds a copy.\n",
}


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    index.replace([Document(p, Stamp(1, 1, 1, p), parse(p, text)) for p, text in FILES.items()])
    return index


def briefed(text: str, index: IndexStore, diff: str | None = None) -> Packet:
    return brief(Request(text, "/shop", 1200, diff=diff), Sources(index, ()), lambda: 1.0)


def files(packet: Packet) -> list[str]:
    return [file.path for file in packet.files if file.in_packet]


@pytest.mark.parametrize("named", ["shop/discount.py", "discount.py", "/home/me/shop/discount.py"])
def test_a_file_that_a_short_request_names_comes_first(named: str, index: IndexStore) -> None:
    assert files(briefed("fix the price of the cart", index))[0] != "shop/discount.py"
    packet = briefed(f"fix the price of the cart in {named}", index)
    assert files(packet)[0] == "shop/discount.py"
    assert packet.files[0].reason.startswith(f"is named: {named}")


def test_all_of_up_to_three_named_files_are_in_the_packet_whatever_they_are(
    index: IndexStore,
) -> None:
    packet = briefed("fix the price in shop/discount.py, README.md and tests/test_cart.py", index)
    named = {"shop/discount.py", "README.md", "tests/test_cart.py"}
    assert set(files(packet)[:3]) == named


@pytest.mark.parametrize(
    "text",
    [
        "fix the price of the cart " + "and add the price to the price of the cart " * 3 + "{}",
        "fix the price of the cart in other/{}",
    ],
)
def test_a_file_that_is_named_in_passing_or_lies_elsewhere_does_not_lead(
    text: str, index: IndexStore
) -> None:
    packet = briefed(text.format("discount.py"), index)
    assert files(packet)[0] != "shop/discount.py"


@pytest.mark.parametrize("text", ["", "fix the price of the cart", "wholly unrelated zeppelins"])
@pytest.mark.parametrize("path", ["shop/discount.py", "Makefile"])
def test_what_a_diff_edits_comes_first(text: str, path: str, index: IndexStore) -> None:
    change = "-x\n+the price of the cart, and its discount\n"
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n{change}"
    packet = briefed(text, index, diff)
    assert files(packet)[0] == path
    assert packet.files[0].reason.startswith("is edited by the diff")


@pytest.mark.parametrize(
    "spelled", ["shop/cart.py:{}", "cart.py:{}:4", "cart.py line {}", "`cart.py`, line {}"]
)
def test_a_line_points_at_the_definition_that_holds_it(spelled: str, index: IndexStore) -> None:
    index.replace([Document("shop/cart.py", Stamp(2, 2, 2, "2"), parse("shop/cart.py", LONG))])
    for line, name in ((4, "sum_up"), (10, "discount_of_price")):
        packet = briefed(f"the price is wrong: {spelled.format(line)}", index)
        first = packet.files[0]
        assert (first.path, first.symbols[0]) == ("shop/cart.py", name)
        assert first.reason.startswith("is named: ")
        assert f"cart.py:{line};" in first.reason


@pytest.mark.parametrize(
    ("request_", "first"),
    [("the price in the readme is wrong, fix it", "README.md"), ("edit the Makefile", "Makefile")],
)
def test_a_document_that_a_brief_request_calls_by_its_name_leads(
    request_: str, first: str, index: IndexStore
) -> None:
    handed = (file.path for file in briefed(request_, index).files if file.in_packet)
    assert next(handed) == first


def test_what_is_asked_of_the_upkeep_no_other_file_answers(index: IndexStore) -> None:
    packet = briefed("how do I run this?", index)
    assert files(packet) == ["README.md", "Makefile"]
    assert packet.tests == ()
    rest = [line for line in packet.left_out if line.startswith("shop/")]
    assert all(line.endswith("the request is about other files") for line in rest)


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (("ci.yml", "docs.yml", "release.yml", "stale.yml", "notes.js"), {"ci.yml"}),
        (("a.yml", "b.yaml", "c.yml", "d.yml"), {"a.yml", "b.yaml", "c.yml", "d.yml"}),
        (("go.yml",), {"go.yml"}),
    ],
)
def test_ci_is_what_is_called_so_else_any_workflow(
    there: tuple[str, ...], told: set[str], index: IndexStore
) -> None:
    paths = [f".github/workflows/{name}" for name in there]
    index.replace([Document(p, Stamp(1, 1, 1, p), parse(p, "on: push\n")) for p in paths])
    found = files(briefed("where is CI configured?", index))
    assert set(found) == {f".github/workflows/{name}" for name in told}


@pytest.mark.parametrize("spelled", ["shop/discuont.py", "discont.py", "src/dicount.py"])
def test_a_path_with_a_slip_of_the_pen_means_the_nearest(spelled: str, index: IndexStore) -> None:
    packet = briefed(f"fix the typo in {spelled}", index)
    assert files(packet)[0] == "shop/discount.py"
    wanted = spelled.rpartition("/")[2]
    assert packet.files[0].reason.startswith(f"is nearest to {wanted}, which is not here")


MANIFESTS = {
    "package.json": '{"version": "2.1.0", '
    '"dependencies": {"left-pad": "1.0.0", "vitest": "^3.0.0"}}\n',
    "web/package.json": '{"dependencies": {"vitest": "^3.0.0"}}\n',
}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bump vitest to v4", ["package.json", "web/package.json"]),
        ("upgrade left-pad from 1.0.0 to 1.3.0", ["package.json"]),
        ("pin the vitest dependency", ["package.json", "web/package.json"]),
        ("we need left-pad >= 1.3, bump it", ["package.json"]),
        ("bump nowhere to v4", []),
        ("bump the version to 2.2", []),
        ("update the discount to 20 percent", []),
    ],
)
def test_a_dependency_is_bumped_where_manifests_list_it(
    text: str, told: list[str], index: IndexStore
) -> None:
    index.replace([Document(p, Stamp(1, 1, 1, p), parse(p, t)) for p, t in MANIFESTS.items()])
    packet = briefed(text, index)
    listing = [f.path for f in packet.files if f.in_packet and f.reason.startswith("lists ")]
    assert listing == told
    if told and " to " in text:
        assert files(packet) == told


TRACE = """It fails
Traceback (most recent call last):
  File "/srv/shop/cart.py", line 6, in add_price
    self.total += rate_for(self.customer)
  File "/srv/shop/discount.py", line 5, in rate_for
    if customer.is_new:
AttributeError: 'NoneType' object has no attribute 'is_new'
"""


def test_a_trace_leads_with_its_files_the_innermost_first(index: IndexStore) -> None:
    packet = briefed(TRACE, index)
    assert files(packet)[:2] == ["shop/discount.py", "shop/cart.py"]
    assert packet.files[0].reason.startswith("is in the stack trace")


def test_a_trace_in_a_long_report_is_one_signal_among_others(index: IndexStore) -> None:
    said = "The gift card of a customer who orders early, and pays by invoice, loses its value "
    report = f"{said}when the warehouse ships every parcel separately.\n{TRACE}"
    assert leads(understand(TRACE), (), index.catalog()).why
    assert not leads(understand(report), (), index.catalog()).why


def test_the_test_that_has_the_words_comes_before_that_of_the_best_file(index: IndexStore) -> None:
    path = "tests/test_rates.py"
    told = "def test_add_price_of_a_gift():\n    assert add_price(gift) == 0\n"
    index.replace([Document(path, Stamp(1, 1, 1, path), parse(path, told))])
    assert files(briefed("write a test for add_price of a gift", index))[0] == path


def test_who_asks_for_a_test_is_shown_the_test_of_the_best_file_first(index: IndexStore) -> None:
    packet = briefed("write a test for what add_price in class Cart returns", index)
    assert files(packet)[:2] == ["tests/test_cart.py", "shop/cart.py"]
    named = briefed("write a test for what add_price returns in shop/cart.py", index)
    assert files(named)[0] == "shop/cart.py"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("document the rate a customer pays", "docs/rates.md"),
        ("improve the docs on the rate for a customer", "docs/rates.md"),
        ("docs on the rate a customer pays are wrong", "docs/rates.md"),
        ("fix the rate for a customer", "shop/discount.py"),
    ],
)
def test_documents_come_first_where_they_are_asked_for(
    text: str, first: str, index: IndexStore
) -> None:
    path = "docs/rates.md"
    told = "# Rates\n\nThe rate for a customer who is new: a customer pays less.\n"
    index.replace([Document(path, Stamp(1, 1, 1, path), parse(path, told))])
    assert files(briefed(text, index))[0] == first


def test_a_test_that_is_asked_for_among_other_words_leads(index: IndexStore) -> None:
    assert files(briefed("add a regression test for the empty cart", index))[0] == (
        "tests/test_cart.py"
    )


def test_a_journal_is_added_to_at_its_head_and_asked_where_it_tells_of_something(
    index: IndexStore,
) -> None:
    text = "# Changes\n\n## 2.0\n\n- A cart.\n- Rows.\n\n## 1.0\n\n- Gifts.\n- Zeppelins.\n"
    stamp = Stamp(1, 1, 1, "CHANGES.md")
    index.replace([Document("CHANGES.md", stamp, parse("CHANGES.md", text))])
    added = briefed("add a changelog entry for the zeppelins", index).files[0]
    asked = briefed("what does the changelog say about zeppelins?", index).files[0]
    assert (added.path, added.places[0].start) == ("CHANGES.md", 1)
    assert (asked.path, asked.places[0].name) == ("CHANGES.md", "1.0")
    assert files(briefed("write the release notes for the cart", index))[0] == "CHANGES.md"
    new = briefed("what is new in the last release?", index).files[0]
    assert (new.path, new.places[0].start) == ("CHANGES.md", 1)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("where are the cart tests?", "tests/test_cart.py"),
        ("change the license header", "LICENSE-MIT"),
        ("how do I run this?", "README.md"),
        ("sort the gift cards", "shop/giftcard.py"),
        ("sort the gift", "shop/gift.py"),
    ],
)
def test_a_few_words_name_a_test_by_what_it_tests_and_a_document_by_its_subject(
    text: str, first: str, index: IndexStore
) -> None:
    assert files(briefed(text, index))[0] == first


def test_a_word_that_merely_is_in_a_documents_name_names_none(index: IndexStore) -> None:
    assert "LICENSE-MIT" not in files(briefed("is a license to sell wine needed here", index))
