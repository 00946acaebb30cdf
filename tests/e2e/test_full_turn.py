"""Real agents, each connected by `satchel connect`, through a full turn, and left as they were.

Prompt, the hook's packet in what the model is asked, its call of `get_context`, the result before
the model, the final text; once more in the same conversation; then `satchel disconnect`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agents import AGENTS, ASK, PAGE, Agent, Endpoint, Seat, seated, serving, trust_hooks
from tests.e2e.npm import needed
from tests.e2e.scripted_model import FINAL, Asked, words_of

pytestmark = needed

TOLD = "- sessions.py:4-6 `open_session`: defines"  # by the tool; not in the packet of the hook
HOLDS = "What holds in this workspace"  # told where a session starts, or with its first prompt


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agent's own check said, what it printed after each prompt, what the model was asked
    (without what agents ask on the side, such as a title), what the daemon answered meanwhile; and
    the files that were changed to connect it: before, then, at last, and after disconnecting."""

    agent: Agent
    checked: str
    said: tuple[str, ...]
    asked: list[Asked]
    answered: list[str]
    before: dict[Path, bytes | None]
    connected: dict[Path, bytes | None]
    left: dict[Path, bytes | None]
    after: dict[Path, bytes | None]
    folders: list[Path]  # that were made to connect it


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with serving(tmp_path_factory.mktemp("gateway")) as there:
        yield there


@pytest.fixture(scope="module")
def packet(endpoint: Endpoint) -> str:
    """What `satchel brief` gives for the prompt."""
    said = endpoint.satchel(endpoint.home.parent, "brief", "--json", "--", ASK)
    return str(json.loads(said)["markdown"]).strip()


@pytest.fixture(scope="module", params=AGENTS, ids=lambda agent: agent.name)
def turn(
    request: pytest.FixtureRequest, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Turn:
    agent: Agent = request.param
    seat = seated(agent, endpoint, tmp_path_factory.mktemp("agent"))
    if agent.name == "claude-code":  # its configuration is its own to write first
        seat.types(agent.check)
    paths = [Path(one["path"]) for one in ours(seat, "connect", "--dry-run")["changes"]]
    before, folders = contents(paths), [path.parent for path in paths if not path.parent.exists()]
    connect = f"satchel connect {agent.name}"
    assert connect in seat.lines
    seat.types(f"{connect} --yes")
    connected = contents(paths)
    assert ours(seat, "connect", "--yes")["changes"] == []
    if agent.name == "codex":
        trust_hooks(seat)
    checked = seat.types(agent.check)
    since = len(endpoint.asked()), len(endpoint.answered())
    said = tuple(seat.says(words) for words in (agent.first, agent.second))
    asked = [one for one in endpoint.asked()[since[0] :] if one.body.get("tools")]
    answered = endpoint.answered()[since[1] :]
    left = contents(paths)
    assert ours(seat, "disconnect", "--yes")["left"] == []
    after = contents(paths)
    return Turn(agent, checked, said, asked, answered, before, connected, left, after, folders)


def ours(seat: Seat, word: str, option: str) -> dict[str, Any]:
    """Connect or disconnect the agent of a seat, and return what is told of it."""
    told = seat.endpoint.satchel(seat.home, word, seat.agent.name, option, "--json")
    return dict(json.loads(told))


def contents(paths: Sequence[Path]) -> dict[Path, bytes | None]:
    """Return what files hold, None for one that is not there."""
    return {path: path.read_bytes() if path.exists() else None for path in paths}


def words(asked: Asked) -> str:
    """Return what a model is told, but for what it said itself and what tools answered."""
    turns = asked.body["messages"]
    return "\n".join(words_of(turn) for turn in turns if turn["role"] in ("system", "user"))


def test_the_page_tells_of_these_agents() -> None:
    told = PAGE.read_text(encoding="utf-8").split("\n## Pointing agents here\n")[1]
    assert re.findall(r"^### (.*)$", told, re.M) == [agent.title for agent in AGENTS]


def test_the_agents_own_check_finds_it_connected(turn: Turn) -> None:
    assert re.search(turn.agent.well, turn.checked), turn.checked


def test_the_packet_of_the_prompt_is_before_the_model_to_the_letter(
    turn: Turn, packet: str
) -> None:
    assert "sessions.py:4-6 `open_session`: is named" in packet
    assert TOLD not in packet
    assert words(turn.asked[0]).count(packet) == 1


def test_in_a_conversation_that_is_taken_up_again_the_packet_is_there_once(
    turn: Turn, packet: str
) -> None:
    assert words(turn.asked[-1]).count(ASK.partition(" ")[2]) == 2
    assert words(turn.asked[-1]).count(packet) == 1


def test_what_always_holds_is_there_once(turn: Turn) -> None:
    for asked in turn.asked:
        assert words(asked).count(HOLDS) == 1


def test_the_agent_says_what_the_tool_told_the_model(turn: Turn) -> None:
    for said in turn.said:
        assert FINAL in said
        assert TOLD in said


def test_nothing_that_the_agent_asked_was_refused(turn: Turn) -> None:
    asked = [line.split(" info ")[1].split() for line in turn.answered]
    statuses = [status for _, route, status, _ in asked if route != "/mcp"]
    assert len(statuses) >= 4
    assert set(statuses) == {"200"}


def test_the_model_gets_tools_calls_and_results_well_formed(turn: Turn, endpoint: Endpoint) -> None:
    assert len(turn.asked) == 4
    for one in turn.asked:
        tools = [tool["function"] for tool in one.body["tools"]]
        names = [tool["name"] for tool in tools]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[\w-]{1,64}", name) for name in names)
        assert all(tool["parameters"]["type"] == "object" for tool in tools)
        [briefing] = [tool for tool in tools if tool["name"].endswith("get_context")]
        assert briefing["description"]
        assert briefing["parameters"]["required"] == ["request"]
        open_calls: list[str] = []
        for each in one.body["messages"]:
            assert bool(open_calls) == (each["role"] == "tool")
            if each["role"] == "tool":
                assert each["tool_call_id"] == open_calls.pop(0)
                assert f"From {endpoint.repository}:" in each["content"]
                assert TOLD in each["content"]
            for call in each.get("tool_calls", ()):
                assert call["function"]["name"] == briefing["name"]
                assert set(json.loads(call["function"]["arguments"])) == {"request"}
                open_calls.append(call["id"])
        assert open_calls == []


def test_each_prompt_begins_as_the_one_before_so_that_a_cache_of_it_holds(turn: Turn) -> None:
    for place, (before, after) in enumerate(pairwise(turn.asked)):
        is_restart = place == 1
        if not (is_restart and turn.agent.name == "gemini"):  # its skills come in any order
            assert after.cached > 0.97 * before.tokens
    for one in turn.asked:
        assert "x-anthropic-billing-header" not in json.dumps(one.body)


def test_disconnecting_leaves_every_file_as_it_was(turn: Turn, endpoint: Endpoint) -> None:
    for path, before in turn.before.items():
        assert turn.connected[path] != before
        if path.name == ".claude.json":  # Claude Code counts its starts in it, in its own form
            told = json.loads(turn.left[path] or b"")
            del told["mcpServers"]
            before = json.dumps(told, indent=2, ensure_ascii=False).encode()
        assert turn.after[path] == before
    assert not any(folder.exists() for folder in turn.folders)
    assert not (endpoint.home / "connected" / "state.json").exists()


def test_a_project_can_be_connected_for_all_who_work_on_it(
    endpoint: Endpoint, packet: str, tmp_path: Path
) -> None:
    [agent] = [agent for agent in AGENTS if agent.name == "claude-code"]
    seat = seated(agent, endpoint, tmp_path)
    before = {path: path.read_bytes() for path in files(endpoint.repository)}
    seat.types(f"satchel connect {agent.name} --project --yes")
    made = {path.name for path in files(endpoint.repository)} - {path.name for path in before}
    assert made == {".mcp.json", "settings.json"}
    assert "satchel: satchel mcp - ⏸ Pending approval" in seat.types(agent.check)
    since = len(endpoint.asked())
    assert TOLD in seat.says(agent.first)
    assert words(endpoint.asked()[since]).count(packet) == 1
    seat.types(f"satchel disconnect {agent.name} --project --yes")
    assert {path: path.read_bytes() for path in files(endpoint.repository)} == before
    assert not (endpoint.repository / ".claude").exists()


def files(top: Path) -> list[Path]:
    """Return the files of a repository, without git's own."""
    return [path for path in top.rglob("*") if path.is_file() and ".git" not in path.parts]


def test_gemini_cli_does_not_ask_for_ever_for_a_model_that_is_not_here(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    [agent] = [agent for agent in AGENTS if agent.name == "gemini"]
    seat = seated(agent, endpoint, tmp_path)
    settings = tmp_path / ".gemini" / "settings.json"
    told = json.loads(settings.read_text(encoding="utf-8").partition("//")[0])
    del told["modelConfigs"]
    settings.write_text(json.dumps(told), encoding="utf-8")
    before = len(endpoint.answered())
    ran = seat.run("gemini --model nobody/none -p hello")
    assert ran.returncode != 0
    assert "no local server offers 'nobody/none'" in ran.stderr
    asked = [line for line in endpoint.answered()[before:] if "/v1beta/" in line]
    assert [line.split()[-2] for line in asked] == ["400"]
