"""What a request names, and what a form put around it."""

import pytest

from satchel.context.understand import MOST_NAMES, MOST_WORDS, understand

FORM = """[Bug]: Totals are rounded twice

### Describe the bug

A clear and concise description of what the bug is.

Adding an item rounds the total, and so does paying.

### Bug summary
**To Reproduce**
Steps to reproduce the behavior:
1. Go to '...'
2. Call `cart.total()`
3. See error

### Checklist

- [x] I have searched the existing issues and found no duplicate.
- [ ] I agree to follow this project's Code of Conduct
- [ ] round only when paying

<details><summary>Environment</summary>

### Environment

- OS: macOS Sonoma
- Browser: Firefox
- Interpreter: 3.11.4

</details>

### What version of Shop are you using?

4.2 (homebrew)

| Package | Version |
|---------|---------|
| pandas  | 1.2.3   |
| scipy   | 1.7.1   |
| jinja2  | None    |

### Additional context

_No response_

Discounts are unaffected.
"""


def test_of_a_form_only_what_somebody_wrote_is_read() -> None:
    query = understand(FORM)
    assert query.title[:3] == ("totals", "rounded", "twice")
    wrote = {"adding", "item", "rounds", "paying", "cart.total", "round", "discounts", "unaffected"}
    assert wrote - {"cart.total"} <= query.words.keys()
    assert "cart.total" in query.names
    for word in (
        *("describe", "concise", "summary", "reproduce", "steps", "click", "checklist", "details"),
        *("searched", "duplicate", "agree", "conduct", "environment", "macos", "sonoma", "firefox"),
        *("interpreter", "homebrew", "pandas", "scipy", "package", "version", "additional"),
        *("response", "bug"),
    ):
        assert word not in query.words, word


@pytest.mark.parametrize(
    "text",
    [
        "Environment",
        "Raise the Python version",
        "Raise the Python version\n\nThe oldest one is 3.11 now.",
        "# Raise the Python version\n\nThe oldest one is 3.11 now.",
        "bump numpy==1.26.4",
        "numpy==1.26.4\nscipy==1.7.1\njinja2==3.1.2",
        "describe the error message",
        "### Environment\n\nThe environment of a child process is read twice, once by its parent.",
        "Tasks\n- [ ] add a retry to the client\n- [x] drop the old reader",
        "add an example\n```\n# Environment\nshop.run()\n```",
    ],
)
def test_what_is_asked_for_is_no_form(text: str) -> None:
    words = understand(text).words.keys()
    for word in ("environment", "version", "numpy", "message", "retry", "reader", "run"):
        assert (word in words) == (word in text.lower()), word


def test_a_list_of_versions_is_left_out_between_fences_too() -> None:
    text = "Totals are wrong\n```\npandas : 1.2.3\nscipy==1.7.1\njinja2   None\n```\nin the cart"
    assert understand(text).words.keys() == {"totals", "wrong", "cart"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("see src/shop/cart.py", "src/shop/cart.py"),
        ("see src/shop/cart.py:12", "src/shop/cart.py"),
        ("see src/shop/cart.py:12:5, it fails", "src/shop/cart.py"),
        ("see src/shop/cart.py#L12-L20.", "src/shop/cart.py"),
        ("see src/shop/cart.py(12)", "src/shop/cart.py"),
        ("see (src/shop/cart.py, line 12).", "src/shop/cart.py"),
        ("see `src/shop/cart.py`", "src/shop/cart.py"),
        ("see ./src/shop/cart.py", "./src/shop/cart.py"),
        ("see /home/me/shop/src/cart.py", "/home/me/shop/src/cart.py"),
        ("see ~/shop/src/cart.py", "~/shop/src/cart.py"),
        (r"see src\shop\cart.py", r"src\shop\cart.py"),
        (r"see C:\shop\cart.cs:7", r"C:\shop\cart.cs"),
        ("see cart.tsx", "cart.tsx"),
        ("见src/shop/cart.py。第十二行", "src/shop/cart.py"),
        ("see https://example.com/me/shop/blob/v1.2/src/cart.py#L3-L9.", "src/cart.py"),
        ("see [it](https://example.com/me/shop/-/blob/main/src/cart.py?plain=1)", "src/cart.py"),
    ],
)
def test_a_path_is_found_as_it_is_spelled(text: str, path: str) -> None:
    assert path in understand(text).paths


@pytest.mark.parametrize("text", ["https://example.com/me/shop/issues/12", "https://example.com"])
def test_another_link_says_nothing(text: str) -> None:
    query = understand(text)
    assert (query.words, query.names, query.paths) == ({}, (), ())


def test_text_around_a_link_is_read() -> None:
    query = understand("请看https://example.com/a。修复购物车 (https://example.com/b)and carts")
    assert {"修复", "购物", "物车", "carts"} <= query.words.keys()
    assert "example" not in query.words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("`Session.save` is slow", "Session.save"),
        ("``save`` is slow", "save"),
        ("save_all() is slow", "save_all"),
        ("cart.save() is slow", "cart.save"),
        ("shop.cart.totals is slow", "shop.cart.totals"),
        ("shop::cart::totals is slow", "shop.cart.totals"),
        ("Cart#total is slow", "Cart.total"),
        ("addToCart is slow", "addToCart"),
        ("修复get_user函数", "get_user"),
        ("修复Session.save方法", "Session.save"),
    ],
)
def test_a_name_is_found_as_it_is_spelled(text: str, name: str) -> None:
    assert name in understand(text).names


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("``open`` breaks ``close``", "breaks"),
        ("the session (see below) is slow", "session"),
        ("see views.py", "views.py"),
        ("it runs on Node.js", "Node.js"),
    ],
)
def test_a_plain_word_is_no_name(text: str, word: str) -> None:
    assert word not in understand(text).names


def test_what_is_looked_up_is_bounded() -> None:
    words = " ".join(f"{a}{b}_{c}x.py" for a in "abcdefghij" for b in "klmno" for c in range(300))
    query = understand(f"change the cart\n{words}")
    assert len(query.words) == MOST_WORDS
    assert "cart" in query.words
    assert max(map(len, (query.names, query.plain, query.paths))) <= MOST_NAMES


HOSTILE = {
    "space after a heading": "x\n# description" + " " * 90_000 + "x",
    "space before a line": ("\n" + " " * 9_000) * 10 + "x",
    "dashes": ("a-" * 149 + " ") * 330,
    "dots": ("a." * 149 + " ") * 330,
    "accents and dashes": "é-" * 50_000,
    "the beginnings of frames": 'at File "' * 12_000,
    "the beginnings of quotations": "\"' " * 30_000,
    "backticks": "` `` " * 20_000,
    "comments that never end": "<!--" * 25_000,
    "rows of a table": ("| a " * 22 + "\n") * 1_100,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_more_than_a_walk_over_it(text: str) -> None:
    """A pattern that walks anew from each start would take minutes over some of these."""
    assert len(understand(text).words) < 10


def test_a_long_text_without_spaces_is_read() -> None:
    assert {"修复", "折扣"} <= understand("修复购物车的折扣。" * 50).words.keys()
    assert understand("x" * 400).words == {}


def test_words_with_accents_stay_whole() -> None:
    query = understand("Die Größe können wir nicht ändern, naïveCafé")
    assert {"größe", "können", "ändern", "naïve", "café"} <= query.words.keys()
    assert not query.words.keys() & {"nnen", "gr", "ndern", "na", "ve", "caf"}
