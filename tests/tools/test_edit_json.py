"""JSON with comments, edited: a change taken out again leaves the text as it was."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.tools.edit import jsonc
from satchel.tools.edit.change import Append, Change, Put, Trace, Unfit, Unreadable

ENTRY = {"command": "/opt/satchel", "args": ["mcp"]}
PUT = Put(("mcpServers", "satchel"), ENTRY)
HOOK = Append(("hooks", "Prompt"), {"hooks": [{"command": "satchel-hook"}]})

# --- generated texts --------------------------------------------------------------------------

gaps = st.text(alphabet=" \t\n", max_size=3)
remarks = st.sampled_from(["", "", '/* a, "b" } */', "// c: [1, {\n", "/*\n*/"])
names = st.sampled_from(
    ["a", "b c", "mcp", "mcpServers", "hooks", "Prompt", "other", 'q"uote', "é"]
)
scalars = st.sampled_from([1, -2.5, 10**20, True, None, "", "x // y", "/* z */", "\\", 'say "{,"'])


@st.composite
def trivia(draw: st.DrawFn) -> str:
    """What may stand between two signs."""
    return draw(gaps) + draw(remarks) + draw(gaps)


@st.composite
def values(draw: st.DrawFn, depth: int = 0) -> str:
    """A value as somebody may have typed it."""
    kinds = ["scalar", "object", "array"] if depth < 3 else ["scalar"]
    kind = draw(st.sampled_from(kinds))
    if kind == "scalar":
        return json.dumps(draw(scalars), ensure_ascii=draw(st.booleans()))
    return draw(objects(depth + 1)) if kind == "object" else draw(arrays(depth + 1))


def joined(draw: st.DrawFn, parts: list[str], opening: str, closing: str) -> str:
    told = ",".join(draw(trivia()) + part + draw(trivia()) for part in parts)
    trailing = draw(st.booleans())
    comma = "," + draw(trivia()) if parts and trailing else ""
    return opening + (told or draw(trivia())) + comma + closing


@st.composite
def objects(draw: st.DrawFn, depth: int = 0) -> str:
    keys = draw(st.lists(names, max_size=3, unique=True))
    inner = {"mcpServers": objects, "hooks": objects, "Prompt": arrays}
    members = []
    for key in keys:
        wanted = inner.get(key, values) if depth < 3 else values
        made: st.SearchStrategy[str] = wanted(depth + 1)
        members.append(f"{json.dumps(key)}{draw(trivia())}:{draw(trivia())}{draw(made)}")
    return joined(draw, members, "{", "}")


@st.composite
def arrays(draw: st.DrawFn, depth: int = 0) -> str:
    return joined(draw, draw(st.lists(values(depth + 1), max_size=3)), "[", "]")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A whole file: with a BOM or not, line ends of one kind, blanks around it, or nothing."""
    body = draw(st.one_of(objects(), st.just("")))
    text = draw(trivia()) + body + draw(trivia())
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


changes: st.SearchStrategy[Change] = st.sampled_from([PUT, HOOK])


@given(texts(), changes)
def test_putting_and_dropping_is_the_identity(text: str, change: Change) -> None:
    try:
        changed, trace = jsonc.put(text, change)
    except Unfit:
        return  # something else is in the way, and nothing was changed
    assert jsonc.drop(changed, change, trace) == text


@given(texts())
def test_dropping_in_reverse_leaves_nothing_of_several_changes(text: str) -> None:
    done: list[tuple[Change, Trace]] = []
    changed = text
    try:
        for change in (PUT, HOOK, Append(("hooks", "Start"), 1), Put(("mcp", "satchel"), {})):
            changed, trace = jsonc.put(changed, change)
            done.append((change, trace))
    except Unfit:
        return
    for change, trace in reversed(done):
        changed = jsonc.drop(changed, change, trace)
    assert changed == text


@given(texts(), changes)
def test_everything_else_is_kept_in_its_order(text: str, change: Change) -> None:
    before = jsonc.read(text)
    try:
        changed, trace = jsonc.put(text, change)
    except Unfit:
        return
    after = jsonc.read(changed)
    assert [name for name in after if name in before] == list(before)
    for name in before:
        if name != change.path[0]:
            assert after[name] == before[name]
    if trace.replaced is None:  # only added: what was there is there, sign by sign
        rest = iter(changed)
        assert all(sign in rest for sign in text if not sign.isspace())


@given(st.text(alphabet='{}[]",:/*\\ \n\ra1', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable, Unfit):
        jsonc.put(text, PUT)


# --- the manner of what is around -------------------------------------------------------------

TABBED = '{\r\n\t"a": 1, // one\r\n\t// end\r\n}\r\n'
TRAILING = '{\n    "mcpServers": {\n        "o": {"command": "x"}, // k\n    },\n}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", '{\n  "k": 1\n}\n', id="empty"),
        pytest.param("{}", '{\n  "k": 1\n}', id="an empty object"),
        pytest.param('{"a":1}', '{"a":1, "k": 1}', id="one line"),
        pytest.param('{"a": 1,}', '{"a": 1, "k": 1,}', id="one line, trailing comma"),
        pytest.param('{\n    "a": 1\n}', '{\n    "a": 1,\n    "k": 1\n}', id="four spaces"),
        pytest.param(
            TABBED, '{\r\n\t"a": 1, // one\r\n\t"k": 1,\r\n\t// end\r\n}\r\n', id="tabs and CRLF"
        ),
        pytest.param("// mine\n", '// mine\n{\n  "k": 1\n}\n', id="a comment alone"),
    ],
)
def test_it_is_written_as_what_stands_around_it(before: str, after: str) -> None:
    assert jsonc.put(before, Put(("k",), 1))[0] == after


def test_a_trailing_comma_stays_a_habit() -> None:
    changed, _ = jsonc.put(TRAILING, Put(("mcpServers", "s"), 1))
    assert '{"command": "x"}, // k\n        "s": 1,\n    },\n}' in changed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": }', "line 1"),
        ('{"a": 1', "line 1"),
        ('{\n"a": "x\n"}', "line 2: a string that never ends"),
        ("{ /* }", "a comment that never ends"),
        ('{"a": 1 / 2}', "a stray slash"),
        ("[,]", "a comma without a value"),
        ('{"a": NaN}', "a number"),
        ("[" * 300 + "]" * 300, "nested too deep"),
        ('{"a": 1}\r{}', "line ends"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        jsonc.put(text, PUT)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        '{"mcpServers": []}',
        '{"mcpServers": null}',
        '{"mcpServers": {}, "mcpServers": {}}',
    ],
)
def test_what_is_in_the_way_is_said(text: str) -> None:
    with pytest.raises(Unfit):
        jsonc.put(text, PUT)


def test_a_value_that_was_replaced_comes_back_as_it_was_written() -> None:
    text = '{"mcpServers": {"satchel": {"command" : "mine" /* ! */}}}'
    changed, trace = jsonc.put(text, PUT)
    assert jsonc.read(changed)["mcpServers"]["satchel"] == ENTRY
    assert jsonc.drop(changed, PUT, trace) == text


def test_what_the_user_added_since_stays() -> None:
    changed, trace = jsonc.put("{}", PUT)
    mine: dict[str, Any] = {"command": "y"}
    later, _ = jsonc.put(changed, Put(("mcpServers", "mine"), mine))
    later = later.replace("{\n", "{ // hello\n", 1)
    left = jsonc.drop(later, PUT, trace)
    assert jsonc.read(left) == {"mcpServers": {"mine": mine}}
    assert left.startswith("{ // hello\n")


def test_a_comment_of_the_users_on_our_line_stays() -> None:
    text = '{\n  "k": 1, // why\n  "z": 2\n}'
    assert jsonc.drop(text, Put(("k",), 1), Trace()) == '{\n  // why\n  "z": 2\n}'
