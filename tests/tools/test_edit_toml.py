"""TOML, edited: a table taken out again leaves the text as it was."""

from __future__ import annotations

import contextlib
import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.tools.edit import toml
from satchel.tools.edit.change import Append, Put, Trace, Unfit, Unreadable

ENTRY = {"command": "/opt/satchel", "args": ["mcp"], "env": {"A": 'b"\\'}}
PUT = Put(("mcp_servers", "satchel"), ENTRY)

lines = st.sampled_from(
    (
        "",
        "   ",
        "# a remark [x]",
        'model = "m" # one',
        "  spaced  =  1",
        "[mcp_servers]",
        "[mcp_servers.other]",
        "[ \"mcp_servers\" . 'quoted' ]  # two",
        'command = "x" # "',
        "args = [ # [\n  ']',\n  \"#\", ]",
        'text = """\n[mcp_servers.satchel]\n"" \\" x"""',
        "raw = '''\n[a]\n'''''",
        "[[list]]",
        "[profiles.one]",
        "when = 1979-05-27T07:32:00Z",
        "inline = { a = { b = [1, 2] }, c = '}' }",
        'dotted.key."with space" = true',
    )
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole file of lines that may stand together."""
    text = "\n".join(draw(st.lists(lines, max_size=8))) + draw(st.sampled_from(["", "\n", "\n\n"]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


@given(texts())
def test_putting_and_dropping_is_the_identity(text: str) -> None:
    try:
        changed, trace = toml.put(text, PUT)
    except (Unreadable, Unfit):
        return
    assert tomllib.loads(changed.removeprefix("\ufeff"))["mcp_servers"]["satchel"] == ENTRY
    assert toml.drop(changed, PUT, trace) == text
    assert changed.startswith(text)  # what was there is there, sign by sign


@given(st.text(alphabet="[]{}=\"'#.\\ \n\ra1,", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable, Unfit):
        toml.put(text, PUT)


@pytest.mark.parametrize(
    "text",
    [
        '[mcp_servers.satchel]\ncommand = "q"\n\n[mcp_servers.satchel.env]\nB = "c"\n\n# z\n[o]\n',
        '[mcp_servers]\nsatchel = { command = "q" } # c\nother = 1\n',
        '[a]\n[mcp_servers.satchel]\r\ncommand = "q"',
    ],
    ids=["sections", "inline", "at the end"],
)
def test_a_table_that_was_replaced_comes_back_where_it_was(text: str) -> None:
    changed, trace = toml.put(text, PUT)
    assert toml.read(changed)["mcp_servers"]["satchel"] == ENTRY
    assert toml.drop(changed, PUT, trace) == text


def test_a_table_in_several_places_is_refused() -> None:
    text = '[mcp_servers.satchel]\ncommand = "q"\n[o]\n[mcp_servers.satchel.env]\nB = "c"\n'
    with pytest.raises(Unfit, match="several places"):
        toml.put(text, PUT)


@pytest.mark.parametrize("text", ["mcp_servers = {}\n", "mcp_servers = 1\n", "[[mcp_servers]]\n"])
def test_what_is_in_the_way_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        toml.put(text, PUT)


def test_a_list_is_not_added_to() -> None:
    with pytest.raises(Unfit):
        toml.put("", Append(("a",), 1))


def test_what_cannot_be_read_says_where() -> None:
    with pytest.raises(Unreadable, match="line 2"):
        toml.put("a = 1\nb = \n", PUT)


def test_what_the_user_added_below_stays() -> None:
    changed, trace = toml.put("a = 1", PUT)
    left = toml.drop(changed + '\n[mine]\nb = "c" # hello\n', PUT, trace)
    assert left == 'a = 1\n\n[mine]\nb = "c" # hello\n'


def test_one_value_of_a_table_is_brought_up_to_date() -> None:
    changed, _ = toml.put(
        '# x\n[mcp_servers.satchel]\ncommand = "old" # c\nmine = 1\n',
        Put(("mcp_servers", "satchel", "command"), "/new"),
    )
    assert changed == '# x\n[mcp_servers.satchel]\ncommand = "/new" # c\nmine = 1\n'


def test_a_value_is_added_to_a_table_that_is_there() -> None:
    before = "[mcp_servers.satchel]\nmine = 1\n\n[z]\n"
    changed, _ = toml.put(before, Put(("mcp_servers", "satchel", "args"), ["mcp"]))
    assert changed == '[mcp_servers.satchel]\nmine = 1\nargs = ["mcp"]\n\n[z]\n'


@given(st.text())
def test_any_string_is_spelt_so_that_it_is_read_back(value: str) -> None:
    if "\r" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        value = json.dumps(value)
    changed, _ = toml.put("", Put(("a", value or "b"), {"c": value}))
    assert toml.read(changed) == {"a": {value or "b": {"c": value}}}


def test_nothing_is_dropped_where_nothing_is() -> None:
    assert toml.drop("a = 1\n", PUT, Trace()) == "a = 1\n"
