"""Hook, MCP, command, API and model endpoint of a real daemon: the same packet for the same words.

Each way is asked as its clients ask it. Around the packet a way may say whose it is, or that there
is none.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from satchel.base import settings
from satchel.base.paths import Home
from satchel.context.mcp import SESSION
from satchel.tools.client import Daemon, connect
from satchel.tools.hook import DEADLINE

ROOT = Path(__file__).parents[2]
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
RULE = "Use httpx for HTTP calls, not requests."
CHANGE = "change add_to_cart so that it refuses what is sold out"
REQUESTS = {
    "a change": CHANGE,
    "a question": "where is the shipping rate of an order computed?",
    "one that a record contradicts": "fetch the shipping rate with requests instead",
    "small talk": "thanks, that is all for today!",
    "another project's": "how do I center a div in the landing page?",
}
ASIDE = "<system-reminder>\nThe list of tasks is empty.\n</system-reminder>\n"
TOOL = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
SHOP = {
    "src/cart.py": "def add_to_cart(item):\n    return [item]\n",
    "src/shipping.py": "def shipping_rate(order):\n    return 4.9 if order.total < 50 else 0\n",
    "tests/test_cart.py": "from src.cart import add_to_cart\n\n\ndef test_it_is_added():\n"
    "    assert add_to_cart(1) == [1]\n",
    "README.md": "# Shop\n\nCarts, orders and what shipping them costs.\n",
}


@dataclass(frozen=True, slots=True)
class Shop:
    """A repository that is indexed, the daemon before it, and the scripted model's log."""

    top: Path
    home: Home
    daemon: Daemon
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SATCHEL_HOME": str(self.home.root)}

    def by_api(self, words: str) -> str:
        packet = self.daemon.call("POST", "/api/brief", {"request": words, "path": str(self.top)})
        return str(packet["markdown"])

    def by_command(self, words: str) -> str:
        command = [sys.executable, "-m", "satchel.cli", "brief", "--json", "--in", str(self.top)]
        told = subprocess.run(
            [*command, "--", words], capture_output=True, check=True, env=self.environment
        )
        return str(json.loads(told.stdout)["markdown"])

    def by_hook(self, words: str, session: str = "") -> str:
        told = {
            "session_id": session,
            "cwd": str(self.top),
            "hook_event_name": "UserPromptSubmit",
            "prompt": words,
        }
        done = subprocess.run(
            [sys.executable, "-m", "satchel.tools.hook", "--client", "claude"],
            input=json.dumps(told).encode(),
            capture_output=True,
            check=True,
            env=self.environment,
        )
        given = json.loads(done.stdout)["hookSpecificOutput"] if done.stdout else {}
        return self._unlabelled(given.get("additionalContext", ""))

    def by_tool(self, words: str, session: str | None = None) -> str:
        async def call() -> str:
            parameters = StdioServerParameters(
                command=sys.executable,
                args=["-m", "satchel.cli", "mcp"],
                env={"SATCHEL_HOME": str(self.home.root)},
                cwd=self.top,
            )
            async with Client(stdio_client(parameters), mode="auto") as client:
                meta: Any = None if session is None else {SESSION: session}
                answer = await client.call_tool("get_context", {"request": words}, meta=meta)
                return str(answer.content[0].text)  # type: ignore[union-attr]  # it is text

        told = asyncio.run(call())
        return "" if told.startswith("No context is needed: ") else self._unlabelled(told)

    def by_endpoint(self, words: str, *tools: object) -> str:
        """Ask the model, and return what stands before the words in what reached it."""
        body = {
            "model": "satchel/auto+context",
            "messages": [{"role": "user", "content": words}],
            "tools": list(tools),
        }
        self.daemon.call("POST", "/v1/chat/completions", body)
        content = json.loads(self.log.read_text().splitlines()[-1])["body"]["messages"][-1]
        given = content["content"]
        text = given if isinstance(given, str) else "\n\n".join(part["text"] for part in given)
        assert text.endswith(words)
        return text.removesuffix(words).removesuffix("\n\n")

    def _unlabelled(self, text: str) -> str:
        return text.removeprefix(f"From {self.top}:\n\n")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("same")
    top, home, log = folder / "shop", Home(folder / "h"), folder / "asked.jsonl"
    for name, text in SHOP.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Sell things"]):
        subprocess.run([*GIT, *words], cwd=top, check=True, capture_output=True)
    command = [sys.executable, "-m", "tests.e2e.scripted_model", str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as model:
        assert model.stdout is not None
        settings.change(home, "model.servers", model.stdout.readline().strip())
        settings.change(home, DEADLINE, "60000")
        daemon = connect(home)
        try:
            list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
            body = {"text": RULE, "kind": "rule", "path": str(top)}
            daemon.call("POST", "/api/remember", body)
            yield Shop(top, home, daemon, log)
        finally:
            daemon.stop()
            model.kill()


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_way_gives_the_same_packet(shop: Shop, kind: str) -> None:
    words = REQUESTS[kind]
    packet = shop.by_api(words)
    ways: list[Callable[[str], str]] = [shop.by_command, shop.by_hook, shop.by_tool]
    assert [way(words) for way in ways] == [packet] * len(ways)
    assert shop.by_endpoint(words, TOOL) == packet
    about = {"a change": "src/cart.py", "a question": "src/shipping.py"}
    about["one that a record contradicts"] = RULE
    assert about.get(kind, "") in packet
    assert bool(packet) == (kind in about)


def test_what_a_client_puts_beside_the_words_changes_nothing(shop: Shop) -> None:
    packet = shop.by_api(CHANGE)
    assert shop.by_hook(ASIDE + CHANGE) == shop.by_endpoint(ASIDE + CHANGE, TOOL) == packet
    for words in ("/compact keep the cart", "[Request interrupted by user]"):
        assert shop.by_hook(words) == shop.by_endpoint(words, TOOL) == ""


def test_a_model_that_can_open_no_file_is_given_the_text_of_the_same_ones(shop: Shop) -> None:
    told = shop.by_endpoint(CHANGE)
    assert "def add_to_cart" in told
    assert "src/shipping.py" not in told + shop.by_api(CHANGE)
    for kind in ("small talk", "another project's"):
        assert shop.by_endpoint(REQUESTS[kind]) == ""


def test_within_a_session_nothing_is_said_twice_whichever_way_it_came(shop: Shop) -> None:
    whole = shop.by_api(CHANGE)
    assert shop.by_hook(CHANGE, "one") == whole
    assert shop.by_tool(CHANGE, "one") == ""
    assert shop.by_tool(CHANGE, "two") == whole
    assert shop.by_hook(CHANGE, "two") == ""
    assert shop.by_tool(CHANGE) == whole  # it names no session
    cart = shop.top / "src/cart.py"
    cart.write_text(cart.read_text().replace("[item]", "[item, item]"))
    list(shop.daemon.stream("/api/index", {"path": str(shop.top)}))
    for again in (shop.by_hook(CHANGE, "one"), shop.by_tool(CHANGE, "two")):
        assert "src/cart.py" in again  # it changed
        assert "tests/test_cart.py" not in again
