"""What each client tells its hooks, and what it is given back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput
from satchel.context.conflict.diff import Edit, edits
from satchel.tools.hook_edits import Change, difference, patched, unified
from satchel.tools.hook_forms import FORMS, Moment, printed, read, said

CLAUDE = {
    "session_id": "s",
    "transcript_path": "/t.jsonl",
    "cwd": "/w",
    "hook_event_name": "UserPromptSubmit",
    "prompt": "change it",
}
GEMINI = {
    "session_id": "s",
    "cwd": "/w",
    "hook_event_name": "BeforeAgent",
    "timestamp": "2026-11-22T10:00:00Z",
    "prompt": "change it",
}
COPILOT = {"sessionId": "s", "timestamp": 1.0, "cwd": "/w", "prompt": "change it"}


@pytest.mark.parametrize(
    ("value", "client", "read_as"),
    [
        (CLAUDE, None, "claude"),
        (CLAUDE, "codex", "codex"),
        (CLAUDE, "qwen", "qwen"),
        (GEMINI, None, "gemini"),
        (COPILOT, None, "copilot"),
        (COPILOT | {"hook_event_name": "userPromptSubmitted"}, None, "copilot"),
        (CLAUDE, "copilot", "copilot"),
    ],
)
def test_a_prompt_is_read_in_each_clients_form(
    value: dict[str, Any], client: str | None, read_as: str
) -> None:
    told = read(value, client)
    assert told.form.client == read_as
    assert (told.moment, told.prompt) == (Moment.PROMPT, "change it")
    assert (told.session, told.folder) == ("s", "/w")


@pytest.mark.parametrize(
    ("value", "client", "moment"),
    [
        ({"hook_event_name": "SessionStart", "source": "startup"}, "claude", Moment.START),
        ({"hook_event_name": "SessionStart", "source": "startup"}, "gemini", Moment.START),
        ({"source": "new", "initialPrompt": "hello"}, "copilot", Moment.START),
        ({"source": "new"}, None, Moment.START),
        ({"toolName": "edit", "toolArgs": "{}"}, None, Moment.EDIT),
        ({"toolName": "edit", "toolArgs": "{}", "toolResult": {}}, None, Moment.OTHER),
        ({"reason": "complete"}, None, Moment.END),
        ({"hook_event_name": "BeforeTool", "tool_name": "replace"}, "gemini", Moment.EDIT),
        ({"hook_event_name": "Stop"}, "codex", Moment.END),
        ({"hook_event_name": "SessionEnd"}, "claude", Moment.END),
        ({"hook_event_name": "Notification"}, "claude", Moment.OTHER),
        ({"hook_event_name": "AfterTool"}, "gemini", Moment.READ),
    ],
)
def test_the_moment_is_told_by_the_event_or_by_what_there_is(
    value: dict[str, Any], client: str | None, moment: Moment
) -> None:
    assert read({"cwd": "/w"} | value, client).moment is moment


def test_the_command_line_says_what_the_input_does_not() -> None:
    told = read({"prompt": "x"}, "copilot", "userPromptSubmitted", "/here")
    assert (told.moment, told.folder) == (Moment.PROMPT, "/here")


def test_only_a_resumed_session_still_has_what_was_said() -> None:
    start = {"cwd": "/w", "hook_event_name": "SessionStart"}
    anew = {source: read(start | {"source": source}).anew for source in ("compact", "resume")}
    assert anew == {"compact": True, "resume": False}
    assert not read(CLAUDE).anew


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"cwd": "/w"},
        {"hook_event_name": "UserPromptSubmit", "prompt": "x"},
        CLAUDE | {"prompt": ["x"]},
        CLAUDE | {"cwd": 3},
    ],
    ids=["nothing", "no event", "no folder", "a list for a prompt", "a number for a folder"],
)
def test_what_is_not_understood_is_told(value: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read(value)


def test_an_unknown_client_is_told_which_there_are() -> None:
    with pytest.raises(BadInput) as raised:
        read(CLAUDE, "emacs")
    assert all(client in raised.value.next_step for client in FORMS)


def test_each_client_is_given_its_own_form() -> None:
    assert json.loads(printed(read(CLAUDE), "c")) == {
        "hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": "c"}
    }
    assert json.loads(printed(read(GEMINI), "c")) == {
        "hookSpecificOutput": {"hookEventName": "BeforeAgent", "additionalContext": "c"}
    }
    assert json.loads(printed(read(COPILOT), "c")) == {"additionalContext": "c"}
    edit = {"cwd": "/w", "hook_event_name": "BeforeTool", "timestamp": "x"}
    assert json.loads(printed(read(edit), "c")) == {"systemMessage": "c"}


@pytest.mark.parametrize("value", [CLAUDE, GEMINI, COPILOT])
def test_nothing_is_printed_for_nothing(value: dict[str, Any]) -> None:
    assert printed(read(value), "") == ""


@pytest.mark.parametrize(
    "prompt",
    [
        "/compact",
        "/review-pr 12",
        "/plugin:deploy staging",
        "!git status",
        "<task-notification>\nBackground command finished\n</task-notification>",
        "  <task-notification> it never ends",
        "<system-reminder>read the list</system-reminder>",
        "<command-name>/cost</command-name>\n<command-args></command-args>",
        "[Request interrupted by user]",
        "This session is being continued from a previous conversation.",
        "<ide_opened_file>a.py</ide_opened_file>/compact",
        "",
        "  \n",
    ],
)
def test_what_no_user_asked_for_is_no_request(prompt: str) -> None:
    assert said(prompt) == ""


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("fix the cart", "fix the cart"),
        ("/usr/lib/libfoo.so is missing", "/usr/lib/libfoo.so is missing"),
        ("why is <div>this</div> red?", "why is <div>this</div> red?"),
        ("<ide_selection>x = 1</ide_selection>\nrename it", "rename it"),
        ("a <system-reminder>no</system-reminder>b", "a b"),
        ("rename it <system-reminder>and more", "rename it"),
        ("is a <b an error?", "is a <b an error?"),
    ],
)
def test_the_users_words_stay_without_what_stands_beside_them(prompt: str, words: str) -> None:
    assert said(prompt) == words


def test_a_hostile_prompt_takes_no_longer_than_its_length() -> None:
    assert said("<system-reminder>" * 60_000) == ""
    assert said("<a" * 200_000)


def edit_of(tool: str, given: dict[str, Any]) -> tuple[Change, ...]:
    value = {"cwd": "/w", "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": given}
    return read(value).changes


@pytest.mark.parametrize(
    ("tool", "given", "change"),
    [
        (
            "Edit",
            {"file_path": "/w/a.py", "old_string": "a\nb\n", "new_string": "a\nc\n"},
            Change("/w/a.py", ("c",), ("b",)),
        ),
        (
            "MultiEdit",
            {
                "file_path": "/w/a.py",
                "edits": [
                    {"old_string": "a", "new_string": "b"},
                    {"old_string": "", "new_string": "c"},
                ],
            },
            Change("/w/a.py", ("b", "c"), ("a",)),
        ),
        (
            "Write",
            {"file_path": "/w/a.py", "content": "a\nb"},
            Change("/w/a.py", ("a", "b"), whole=True),
        ),
        (
            "edit",
            {"filePath": "a.py", "oldString": "a", "newString": "b"},
            Change("a.py", ("b",), ("a",)),
        ),
        (
            "apply_patch",
            {"command": "*** Begin Patch\n*** Update File: a.py\n@@\n x\n-a\n+b\n*** End Patch"},
            Change("a.py", ("b",), ("a",)),
        ),
    ],
)
def test_a_pending_edit_is_read_from_each_tool(
    tool: str, given: dict[str, Any], change: Change
) -> None:
    assert edit_of(tool, given) == (change,)


def test_a_tool_that_edits_nothing_changes_nothing() -> None:
    assert edit_of("Bash", {"command": "rm a.py"}) == ()
    assert edit_of("Edit", {"file_path": "a.py", "old_string": "a", "new_string": "a"}) == ()
    assert edit_of("Edit", {}) == edit_of("MultiEdit", {"file_path": "a", "edits": [3]}) == ()


def test_copilots_own_form_has_its_arguments_in_a_string() -> None:
    given = json.dumps({"path": "/w/a.py", "old_str": "a", "new_str": "b"})
    value = {"cwd": "/w", "toolName": "edit", "toolArgs": given}
    assert read(value).changes == (Change("/w/a.py", ("b",), ("a",)),)


def test_a_patch_may_touch_many_files() -> None:
    patch = (
        "*** Begin Patch\n*** Add File: new.py\n+one\n+two\n*** Delete File: old.py\n"
        "*** Update File: a.py\n*** Move to: b.py\n@@ def f\n-x\n+y\n*** End Patch\n"
    )
    assert list(patched(patch)) == [
        Change("new.py", ("one", "two"), created=True),
        Change("old.py", (), deleted=True),
        Change("b.py", ("y",), ("x",)),
    ]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_a_difference_is_what_one_side_has_more_of(before: list[str], after: list[str]) -> None:
    added, removed = difference(before, after)
    assert sorted([*before, *added]) == sorted([*after, *removed])
    assert not set(added) & set(removed)


@pytest.mark.parametrize("path", ["a.py", "with space/ä.py", 'quo"te\\.py', "tab\there.py"])
def test_a_change_becomes_a_diff_that_reads_back(path: str) -> None:
    change = Change(path, ("new", "--- like a head"), ("old",))
    assert edits(unified(change)) == (Edit(path, change.added, change.removed, ()),)
    gone = edits(unified(Change(path, (), deleted=True)))
    assert [(each.path, each.deleted) for each in gone] == [(path, True)]


def test_two_changes_become_one_diff() -> None:
    diff = unified(Change("a.py", ("x",))) + unified(Change("b.py", (), ("y",)))
    assert [(each.path, each.added, each.removed) for each in edits(diff)] == [
        ("a.py", ("x",), ()),
        ("b.py", (), ("y",)),
    ]


@pytest.mark.parametrize(
    ("client", "event", "tool", "given", "opened"),
    [
        ("claude", "PostToolUse", "Read", {"file_path": "/w/a.py"}, ("/w/a.py",)),
        ("gemini", "AfterTool", "read_file", {"absolute_path": "/w/a.py"}, ("/w/a.py",)),
        ("copilot", "PostToolUse", "view", '{"path": "/w/a.py"}', ("/w/a.py",)),
        ("claude", "PostToolUse", "Edit", {"file_path": "/w/a.py"}, ()),
        ("claude", "PostToolUse", "Read", {"file_path": 7}, ()),
        ("claude", "PostToolUse", "Read", "[", ()),
        ("claude", "PreToolUse", "Read", {"file_path": "/w/a.py"}, ()),
    ],
)
def test_what_a_tool_has_read_is_told_apart(
    client: str, event: str, tool: str, given: object, opened: tuple[str, ...]
) -> None:
    value = {"cwd": "/w", "hook_event_name": event, "tool_name": tool, "tool_input": given}
    assert read(value, client).opened == opened
