"""Whose words a transcript holds: only the user's, only this workspace's, one line at a time."""

import json
from pathlib import Path

import pytest

from satchel.context.mine.transcript_files import find
from satchel.context.mine.transcripts import claude_code, codex, conversation
from satchel.context.types import Origin, Status

HERE = "/home/ada/shop"
DECIDED = "We decided to use Postgres for the queue."


def claude(content: object, /, **fields: object) -> str:
    entry = {
        "type": "user",
        "message": {"role": "user", "content": content},
        "cwd": HERE,
        "sessionId": "s",
        "isSidechain": False,
        "timestamp": "2026-05-01T10:00:00.000Z",
        **fields,
    }
    return json.dumps(entry)


def item(text: object, role: str = "user", **fields: object) -> str:
    content = text if isinstance(text, list) else [{"type": "input_text", "text": text}]
    payload = {"type": "message", "role": role, "content": content, **fields}
    return json.dumps(
        {"timestamp": "2026-05-01T10:00:00Z", "type": "response_item", "payload": payload}
    )


def event(text: str, kind: str = "user_message") -> str:
    return json.dumps(
        {
            "timestamp": "2026-05-01T10:00:00Z",
            "type": "event_msg",
            "payload": {"type": kind, "message": text},
        }
    )


def meta(**fields: object) -> str:
    return json.dumps({"type": "session_meta", "payload": {"id": "s", "cwd": HERE, **fields}})


def test_what_the_user_typed_is_a_statement_that_opens_at_its_line() -> None:
    lines = [json.dumps({"type": "summary", "summary": "a"}), "", claude(DECIDED)]
    (one,) = claude_code(lines, HERE, "/t/s.jsonl").statements

    assert one.text == DECIDED
    assert one.source == "/t/s.jsonl:3"
    assert one.date == "2026-05-01T10:00:00+00:00"
    assert (one.origin, one.status) == (Origin.TRANSCRIPTS, Status.UNCONFIRMED)


@pytest.mark.parametrize(
    "line",
    [
        claude([{"type": "tool_result", "tool_use_id": "t", "content": DECIDED}]),
        claude([{"type": "tool_result", "content": "x"}, {"type": "text", "text": DECIDED}]),
        claude(DECIDED, toolUseResult={"stdout": DECIDED}),
        claude(DECIDED, isMeta=True),
        claude(DECIDED, isSidechain=True),
        claude(DECIDED, isCompactSummary=True),
        claude(DECIDED, isVisibleInTranscriptOnly=True),
        claude(DECIDED, origin={"kind": "task-notification"}),
        claude(DECIDED, type="assistant", message={"role": "assistant", "content": DECIDED}),
        claude([{"type": "text", "text": DECIDED}], type="assistant"),
        claude(DECIDED, type="system", content=DECIDED),
        claude([{"type": "thinking", "thinking": DECIDED}]),
        claude(f"<command-name>/note</command-name> <command-args>{DECIDED}</command-args>"),
        claude(f"<local-command-stdout>{DECIDED}</local-command-stdout>"),
        claude(f"<bash-stdout>{DECIDED}</bash-stdout>"),
        claude(f"<system-reminder>\n{DECIDED}\n</system-reminder>"),
        claude(f"<system-reminder>\n{DECIDED}"),
        claude("[Request interrupted by user for tool use]"),
        claude(f"This session is being continued from a previous conversation. {DECIDED}"),
        claude(DECIDED, type="attachment", attachment={"type": "skill", "content": DECIDED}),
        json.dumps({"type": "queue-operation", "content": DECIDED, "cwd": HERE}),
        json.dumps({"type": "last-prompt", "lastPrompt": DECIDED, "cwd": HERE}),
    ],
)
def test_what_programs_and_the_model_wrote_gives_nothing(line: str) -> None:
    mined = claude_code([line], HERE)

    assert mined.statements == ()
    assert mined.left == {"not the user's words": 1}


def test_what_the_user_typed_while_the_model_was_at_work_counts() -> None:
    queued = {"type": "queued_command", "prompt": DECIDED, "commandMode": "prompt"}
    line = claude("", type="attachment", attachment=queued)

    assert len(claude_code([line], HERE).statements) == 1


def test_an_editors_note_is_cut_from_the_users_words() -> None:
    note = "<ide_opened_file>We never deploy on Fridays.</ide_opened_file>"
    whole = claude_code([claude(f"{note}\n{DECIDED}")], HERE)
    blocks = [{"type": "text", "text": note}, {"type": "text", "text": DECIDED}]
    parts = claude_code([claude(blocks)], HERE)

    assert [s.text for s in whole.statements] == [DECIDED]
    assert [s.text for s in parts.statements] == [DECIDED]


@pytest.mark.parametrize("mine", [claude_code, codex])
@pytest.mark.parametrize(
    "said",
    [
        "From now on always run `make test` before you say you're done",
        "Never force-push",
        "Bitte niemals auf main pushen",
    ],
)
def test_what_is_said_as_lasting_is_mined_from_either_client(mine, said: str) -> None:  # type: ignore[no-untyped-def] # two functions of one form
    lines = [claude(said)] if mine is claude_code else [meta(), event(said)]
    assert [one.text for one in mine(lines, HERE).statements] == [said]


def test_what_is_said_for_once_is_left_and_counted() -> None:
    once = "please don't touch setup.py in this change. Don't use mocks for now."
    mined = claude_code([claude(once), claude(f"{DECIDED} {once}")], HERE)
    assert [one.text for one in mined.statements] == [DECIDED]
    assert mined.left == {"said for once": 4}


@pytest.mark.parametrize(
    "cwd", ["/home/ada/shop-two", "/home/ada", "/etc", f"{HERE}/../x", None, 3]
)
def test_lines_of_another_folder_are_left(cwd: object) -> None:
    mined = claude_code([claude(DECIDED, cwd=cwd), claude("I prefer tabs.", cwd=f"{HERE}/a")], HERE)

    assert [s.text for s in mined.statements] == ["I prefer tabs."]
    assert mined.left == {"another folder": 1}


def test_a_bad_line_costs_that_line() -> None:
    lines = [
        "{",
        "[1]",
        '"text"',
        "null",
        "[" * 100_000,
        '{"type": "user", "message": ',
        claude("x" * 2_000_000),
        claude({"a": 1}),
        claude([1, None, {"type": "text"}]),
        claude(DECIDED, timestamp="yesterday"),
    ]
    mined = claude_code(lines, HERE)

    assert [(s.text, s.date) for s in mined.statements] == [(DECIDED, None)]
    assert mined.left["a malformed line"] == 6
    assert mined.left["a huge line"] == 1


def test_secrets_are_masked() -> None:
    line = claude("The staging server is at postgres://ada:vX9kQ2mZ7rT4@db.example.org/shop")
    (one,) = claude_code([line], HERE).statements

    assert "vX9kQ2mZ7rT4" not in one.text


def test_codex_counts_the_same_words_once() -> None:
    mined = codex([meta(), item(DECIDED), event(DECIDED)], HERE, "/r.jsonl")

    assert [(s.text, s.source) for s in mined.statements] == [(DECIDED, "/r.jsonl:2")]
    assert mined.left == {"the same words again": 1}


@pytest.mark.parametrize("line", [item(DECIDED), event(DECIDED)])
def test_codex_may_write_either_form_alone(line: str) -> None:
    assert len(codex([meta(), line], HERE).statements) == 1


@pytest.mark.parametrize(
    "line",
    [
        item(DECIDED, role="assistant"),
        item(DECIDED, role="developer"),
        item([{"type": "output_text", "text": DECIDED}]),
        item(f"# AGENTS.md instructions for {HERE}\n\n<INSTRUCTIONS>\n{DECIDED}\n</INSTRUCTIONS>"),
        item(f"<user_instructions>\n{DECIDED}\n</user_instructions>"),
        item(f"<environment_context>\n{DECIDED}\n</environment_context>"),
        item(f"<turn_aborted>\n{DECIDED}\n</turn_aborted>"),
        event(DECIDED, "agent_message"),
        event(DECIDED, "agent_reasoning"),
        json.dumps(
            {
                "type": "response_item",
                "payload": {"type": "function_call_output", "role": "user", "output": DECIDED},
            }
        ),
        json.dumps({"type": "compacted", "payload": {"message": DECIDED}}),
    ],
)
def test_codex_wrappers_tools_and_the_model_give_nothing(line: str) -> None:
    mined = codex([meta(), line], HERE)

    assert mined.statements == ()
    assert mined.left == {"not the user's words": 1}


def test_codex_blocks_are_judged_one_by_one() -> None:
    blocks = [
        {"type": "input_text", "text": "# AGENTS.md instructions for /x\n\nNever use tabs."},
        {"type": "input_text", "text": "<environment_context>\n</environment_context>"},
        {"type": "input_text", "text": DECIDED},
    ]

    assert [s.text for s in codex([meta(), item(blocks)], HERE).statements] == [DECIDED]


def test_an_editors_request_stands_behind_its_heading() -> None:
    text = (
        "# Context from my IDE setup:\n\n## Open tabs:\nWe never deploy on Fridays.\n\n"
        f"## My request for Codex:\n{DECIDED}\n"
    )

    assert [s.text for s in codex([meta(), item(text)], HERE).statements] == [DECIDED]


@pytest.mark.parametrize(
    "head",
    [
        meta(source={"subagent": {"thread_spawn": {"depth": 1}}}),
        meta(thread_source="subagent"),
        meta(cwd="/elsewhere"),
        "{}",
    ],
)
def test_codex_sessions_of_agents_and_of_other_folders_give_nothing(head: str) -> None:
    assert codex([head, item(DECIDED)], HERE).statements == ()


def test_of_our_conversations_only_the_users_turns_count() -> None:
    turns = [
        (4, "3fa2", "2026-05-01T10:00:00Z", "user", DECIDED),
        (5, "3fa2", "2026-05-01T10:00:01Z", "assistant", "We decided to use Kafka."),
        (6, "3fa2", "2026-05-01T10:00:02Z", "tool", "We decided to use Redis."),
    ]
    mined = conversation(turns)

    (one,) = mined.statements
    assert (one.text, one.source) == (DECIDED, "conversation 3fa2 turn 4")
    assert one.origin is Origin.CONVERSATIONS
    assert mined.left == {"not the user's words": 2}


def test_only_transcripts_of_the_workspace_are_found(tmp_path: Path) -> None:
    projects = tmp_path / ".claude" / "projects"
    day = tmp_path / ".codex" / "sessions" / "2026" / "05" / "01"
    ours = projects / "-home-ada-shop" / "1.jsonl"
    below = projects / "-home-ada-shop-web" / "2.jsonl"
    twin = projects / "-home-ada-shop" / "3.jsonl"  # "/home/ada-shop" has the same name
    other = projects / "-home-ada-shop-two" / "4.jsonl"
    rollout, foreign = day / "rollout-1.jsonl", day / "rollout-2.jsonl"
    for path, line in (
        (ours, claude(DECIDED)),
        (below, claude(DECIDED, cwd=f"{HERE}/web")),
        (twin, claude(DECIDED, cwd="/home/ada-shop")),
        (other, claude(DECIDED, cwd="/home/ada/shop-two")),
        (rollout, meta()),
        (foreign, meta(cwd="/home/ada")),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not json\n" + line + "\n", encoding="utf-8")

    assert find(tmp_path, Path(HERE), {}) == [ours, below, rollout]


def test_no_transcripts_at_all_is_an_empty_list(tmp_path: Path) -> None:
    assert find(tmp_path / "nobody", Path(HERE), {}) == []
