"""A briefing goes before the user's last words, and is of the workspace that is meant."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import BadInput, Unavailable
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context import tokens
from satchel.context.types import Packet
from satchel.model.gateway import Briefed, Caller
from satchel.model.select import Choice, Chosen, Fallback, Selection
from satchel.model.turns import Asked, Generation, Result, Text, Turn
from satchel.model.types import Found, Local, Locality, Model
from satchel.wiring import Satchel, gateway
from satchel.wiring.ask import FALLBACK_BUDGET
from satchel.wiring.gateway_brief import asked, briefed, place


def turns(*rows: tuple[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(role, (Text(text),)) for role, text in rows)  # type: ignore[arg-type]


def test_the_words_are_the_last_that_the_user_said() -> None:
    told = turns(("user", "first"), ("assistant", "yes"), ("user", "second"), ("assistant", "…"))
    assert asked(told) == (2, "second")


def test_what_an_agent_puts_beside_them_is_no_part_of_them() -> None:
    aside = Text("<system-reminder>\nThe date is known.\n</system-reminder>\n")
    told = (Turn("user", (aside, Text("Where is it read?"))),)
    assert asked(told) == (0, "Where is it read?")


def test_what_tools_gave_back_does_not_change_the_question() -> None:
    result = Turn("tool", (Result("1", (Text("a file"),)),))
    told = (*turns(("user", "Where is it read?"), ("assistant", "I look.")), result)
    assert asked(told) == (0, "Where is it read?")


def test_nothing_said_is_nothing_asked() -> None:
    assert asked(turns(("system", "be brief"))) == (-1, "")


@pytest.mark.parametrize(
    ("said", "tops", "meant"),
    [
        ("Working directory: /w/shop", ["/w/shop", "/w/other"], "/w/shop"),
        ("cwd is /w/shop/api.", ["/w/shop", "/w/shop/api"], "/w/shop/api"),
        ("cwd is /w/shop-old", ["/w/shop", "/w/other"], None),
        ("cwd is /home/w/shop", ["/w/shop", "/w/other"], None),
        ("nothing is named", ["/w/shop"], "/w/shop"),
        ("nothing is named", ["/w/shop", "/w/other"], None),
        ("nothing is named", [], None),
    ],
)
def test_the_workspace_is_the_one_that_is_named(
    said: str, tops: list[str], meant: str | None
) -> None:
    assert place(turns(("system", said), ("user", "hello")), tops) == meant


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Satchel, str]:
    top = tmp_path / "shop"
    top.mkdir()
    (top / "carts.py").write_text(
        '"""Shopping carts."""\n\n\ndef expire_cart(cart: str) -> None:\n'
        '    """Drop a cart that nobody touched for a day."""\n'
    )
    satchel = Satchel(Home(tmp_path / "home"), Settings({}))
    satchel.index(str(top), lambda step: None, accept=True)
    return satchel, str(top)


def _briefed(
    shop: tuple[Satchel, str], generation: Generation, caller: Caller, most: int | None = None
) -> Briefed:
    satchel, top = shop

    def packets(request: str, path: str, with_text: bool, most: int | None) -> Packet:
        return satchel.brief(request, path, budget=most, with_text=with_text)

    try:
        return asyncio.run(briefed(generation, caller, [top], packets, most))
    finally:
        satchel.close()


def test_the_briefing_stands_before_the_last_words(shop: tuple[Satchel, str]) -> None:
    told = turns(("system", "be brief"), ("user", "Where does a cart expire? See expire_cart."))
    done = _briefed(shop, Generation(turns=told), Caller())
    assert done.workspace == shop[1]
    assert done.sections["files"] == 1
    first, last = done.generation.turns[1].parts
    assert isinstance(first, Text)
    assert "def expire_cart" in first.text
    assert last == told[1].parts[0]
    assert done.generation.turns[0] == told[0]


def test_thanks_is_not_briefed(shop: tuple[Satchel, str]) -> None:
    generation = Generation(turns=turns(("user", "thanks!")))
    done = _briefed(shop, generation, Caller())
    assert done.generation == generation
    assert not done.sections


def test_bare_text_is_briefed_too(shop: tuple[Satchel, str]) -> None:
    generation = Generation(prompt="Where does a cart expire? See expire_cart.")
    done = _briefed(shop, generation, Caller())
    assert done.generation.prompt is not None
    assert done.generation.prompt.endswith("\n\nWhere does a cart expire? See expire_cart.")
    assert replace(done.generation, prompt=generation.prompt) == generation


def test_without_a_workspace_it_says_how_to_name_one(tmp_path: Path) -> None:
    generation = Generation(turns=turns(("user", "Where does a cart expire?")))
    with pytest.raises(BadInput, match="nothing says of which workspace") as raised:
        asyncio.run(briefed(generation, Caller(), [], lambda request, path, with_text, most: None))  # type: ignore[arg-type, return-value]
    assert "X-Satchel-Workspace" in raised.value.next_step


def test_the_fallback_is_given_no_more_than_it_can_read(tmp_path: Path) -> None:
    given: list[int | None] = []

    def packets(request: str, path: str, with_text: bool, most: int | None) -> Packet:
        given.append(most)
        raise Unavailable("enough", "it is known what it is given", "")

    class Nothing:
        async def found(self) -> Found:
            return Found((), ())

    class Ours:
        own = staticmethod(tuple)

        def __init__(self, choice: Choice) -> None:
            self._choice = choice

        def select(self, name: str | None, found: Found) -> Selection:
            return Selection(self._choice, ())

    class Nobody:
        permit = destinations = None

    model = Model("m", Locality.ON_DEVICE, "a test says so")
    asked = Asked("satchel/auto+context", Generation(prompt="Where does a cart expire?"), False)
    for choice in (Fallback(), Chosen(Local("llama.cpp", "http://127.0.0.1:1", (model,)), model)):
        parts: Any = (Ours(choice), Nothing(), packets, None, None, Nobody())
        endpoint = gateway.build(Home(tmp_path), *parts)
        with pytest.raises(Unavailable, match="it is known"):
            asyncio.run(endpoint.answer(asked, Caller(str(tmp_path))))
    assert given == [FALLBACK_BUDGET, None]


def test_a_briefing_keeps_its_bound(shop: tuple[Satchel, str]) -> None:
    question = "Where does a cart expire? See expire_cart."
    given = _briefed(shop, Generation(prompt=question), Caller(), most=40).generation.prompt
    assert given is not None
    assert 0 < tokens.count(given.removesuffix(f"\n\n{question}")) <= 40
