"""A server that is too busy to say what it has is waited for, not answered for by another; nor is
the user's default where it is not there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from satchel.base.errors import Unavailable
from satchel.model.gateway import Caller, Gateway, Given
from satchel.model.select import Selection, select
from satchel.model.turns import Asked, Generation, Text, Turn
from satchel.model.types import Found, Local, Locality, Model, Rejected

ASKED = Generation(turns=(Turn("user", (Text("hi"),)),))


def server(name: str, port: int, parameters: int) -> Local:
    model = Model(f"of-{name}", Locality.ON_DEVICE, "a test says so", parameters=parameters)
    return Local(name, f"http://127.0.0.1:{port}", (model,))


# Nothing listens there: that such a server was asked is told by its being gone.
LARGE, SMALL = server("llama.cpp", 1, 8), server("vllm", 2, 1)
BIGGER = server("jan", 3, 70)
BUSY = Rejected(LARGE.base_url, "does not answer", slow=True)
UNLISTED = Rejected(LARGE.base_url, "did not list its models", "llama.cpp", slow=True)
STRANGER = Rejected("http://127.0.0.1:4", "does not answer", slow=True)


def never(*given: Any) -> Any:
    raise AssertionError("nothing of this is asked for")


def own(choice: object) -> Any:
    raise Unavailable("our-own", "one of our own models was taken", "")


def refusal(model: str, *looks: Found, default: str = "") -> str:
    """Return the code of `refused`."""
    return refused(model, *looks, default=default).code


def refused(model: str, *looks: Found, default: str = "") -> Unavailable:
    """Return why a request is not answered: each look finds what is given, the last for ever."""
    coming = list(looks)

    async def found(anew: bool) -> Found:
        if anew and len(coming) > 1:
            coming.pop(0)
        return coming[0]

    def chosen(wanted: str | None, seen: Found) -> Selection:
        return select(wanted, seen, default=lambda: default)

    gateway = Gateway(Given(found, chosen, own, never, never, never, tuple, tuple, never))

    async def run() -> None:
        async with await gateway.answer(Asked(model, ASKED, streamed=False), Caller()) as coming:
            await anext(coming.batches)

    with pytest.raises(Unavailable) as failed:
        asyncio.run(run())
    return failed.value


@pytest.mark.parametrize("model", ["satchel/auto", "of-llama.cpp", "llama.cpp/of-llama.cpp"])
@pytest.mark.parametrize("others", [(), (SMALL,)], ids=["alone", "beside another"])
def test_no_other_answers_in_place_of_a_busy_server(model: str, others: tuple[Local, ...]) -> None:
    assert refusal(model, Found(others, (BUSY,), slow=(LARGE,))) == "server-slow"


def test_our_own_model_does_not_answer_in_place_of_one_that_was_not_listed_in_time() -> None:
    assert refusal("satchel/auto", Found((), (UNLISTED,))) == "server-slow"


@pytest.mark.parametrize(
    ("model", "look", "why"),
    [
        pytest.param("of-vllm", Found((SMALL,), (BUSY,), slow=(LARGE,)), "server-gone", id="named"),
        pytest.param("satchel/auto", Found((BIGGER,), (BUSY,), slow=(LARGE,)), "server-gone",
                     id="a better one answers"),
        pytest.param("satchel/auto", Found((), (STRANGER,)), "our-own", id="a stranger is busy"),
        pytest.param("embedded", Found((), (BUSY,), slow=(LARGE,)), "our-own", id="our own named"),
    ],
)  # fmt: skip
def test_a_busy_server_that_would_not_answer_is_no_matter(
    model: str, look: Found, why: str
) -> None:
    assert refusal(model, look) == why


def test_a_server_that_answers_at_the_second_look_is_asked() -> None:
    busy = Found((), (BUSY,), slow=(LARGE,))
    assert refusal("satchel/auto", busy, Found((LARGE,))) == "server-gone"


@pytest.mark.parametrize(
    ("look", "other"), [(Found((SMALL,)), "vllm/of-vllm"), (Found(), "embedded")]
)
def test_no_other_answers_in_place_of_a_default_that_is_not_there(look: Found, other: str) -> None:
    error = refused("satchel/auto", look, default="of-llama.cpp")
    assert error.code == "default-missing"
    assert "'of-llama.cpp'" in error.message
    assert other in error.message
    assert f"`satchel models use {other}`" in error.next_step


def test_a_default_that_is_there_at_the_second_look_is_asked() -> None:
    look = Found((SMALL,))
    assert refusal("auto", look, Found((SMALL, LARGE)), default="of-llama.cpp") == "server-gone"


def test_a_model_that_is_named_needs_no_default() -> None:
    assert refusal("of-vllm", Found((SMALL,)), default="of-llama.cpp") == "server-gone"
