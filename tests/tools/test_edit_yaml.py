"""YAML, edited: a member taken out again leaves the text as it was."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from satchel.tools.edit import yaml as edit
from satchel.tools.edit.change import Append, Put, Trace, Unfit, Unreadable

ENTRY = {"name": "satchel", "cmd": "/opt/sa tchel", "args": ["mcp"], "envs": {}, "timeout": 300}
PUT = Put(("extensions", "satchel"), ENTRY)

blocks = st.sampled_from(
    (
        "",
        "# a remark: {",
        "GOOSE_MODEL: m  # one",
        'quoted: "a: b # c"',
        "list:\n- 1\n- b: 2\n",
        "text: |\n  # no remark\n    deep\n\n",
        "folded: >-\n  a\n  b",
        "flow: {a: [1, 2], b: {c: d}}",
        "anchor: &a\n  x: 1",
        "multi: [1,\n  2]",
    )
)
holders = st.sampled_from(
    (
        "",
        "extensions:",
        "extensions: # none yet",
        "extensions: {}",
        "extensions: {  }  # none",
        "extensions: {a: {b: 1}}",
        "extensions:\n  dev:\n    enabled: true  # k\n    # below",
        "extensions:\n    dev:\n        args:\n        - a\n        text: |\n          x\n\n",
        "extensions:\n  b: &b {c: 1}\n  d: *b",
    )
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole file, the extensions anywhere in it or not at all."""
    before, after = draw(st.lists(blocks, max_size=3)), draw(st.lists(blocks, max_size=3))
    text = "\n".join([*before, draw(holders), *after])
    text = draw(st.sampled_from(["", "---\n"])) + text + draw(st.sampled_from(["", "\n", "\n\n"]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


@given(texts())
def test_putting_and_dropping_is_the_identity(text: str) -> None:
    try:
        changed, trace = edit.put(text, PUT)
    except (Unreadable, Unfit):
        return
    assert yaml.safe_load(changed)["extensions"]["satchel"] == ENTRY
    rest = iter(changed)
    assert all(sign in rest for sign in text)
    assert edit.drop(changed, PUT, trace) == text


@given(st.text(alphabet="{}[]-:,#|>&*\"' \n\ta1", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable, Unfit):
        edit.put(text, PUT)


@pytest.mark.parametrize(
    "text",
    [
        "- 1\n",
        "x: &a {b: 1}\nextensions: *a\n",
        "extensions: null\n",
        "extensions: 1\n",
        "extensions: {}\nextensions: {}\n",
    ],
)
def test_what_is_in_the_way_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        edit.put(text, PUT)


@pytest.mark.parametrize("text", ["a: b: c\n", "a: 1\n---\nb: 2\n", "a: !x 1\n", "\tb: 1\n"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(Unreadable):
        edit.put(text, PUT)


def test_a_list_is_not_added_to() -> None:
    with pytest.raises(Unfit):
        edit.put("", Append(("a",), 1))


def test_a_member_that_was_replaced_comes_back_where_it_was() -> None:
    text = "extensions:\n  satchel:\n    cmd: mine # !\n  b: 1\n"
    changed, trace = edit.put(text, PUT)
    assert edit.read(changed)["extensions"] == {"satchel": ENTRY, "b": 1}
    assert edit.drop(changed, PUT, trace) == text


def test_one_value_is_brought_up_to_date() -> None:
    text = "extensions:\n  satchel:\n    cmd: old # !\n    mine: 1\n"
    changed, _ = edit.put(text, Put(("extensions", "satchel", "cmd"), "new"))
    assert edit.read(changed)["extensions"]["satchel"] == {"cmd": "new", "mine": 1}


def test_a_mapping_that_the_user_emptied_stays_one() -> None:
    changed, trace = edit.put("extensions:\n  a: 1\n", PUT)
    assert edit.drop(changed.replace("  a: 1\n", ""), PUT, trace) == "extensions: {}\n"


def test_nothing_is_dropped_where_nothing_is() -> None:
    assert edit.drop("a: 1\n", PUT, Trace()) == "a: 1\n"
