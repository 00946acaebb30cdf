"""The best chat model on this machine is taken, a Remote never."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from satchel.base.errors import Unavailable
from satchel.model.select import Chosen, Fallback, Shelved, select
from satchel.model.types import Found, Local, Locality, Model, Rejected, Remote

GB = 1_000_000_000


def row(name: str, **more: Any) -> Model:
    told = {"chat": True, "embeddings": False} | more
    return Model(name, Locality.ON_DEVICE, "a test says so", **told)


def away(name: str, locality: Locality = Locality.CLOUD) -> Model:
    return Model(name, locality, "a test says so", chat=True, parameters=10**12, loaded=True)


def found(*models: Model, remote: Sequence[Model] = (), rejected: Sequence[Rejected] = ()) -> Found:
    backends: list[Local | Remote] = [Local("ollama", "http://127.0.0.1:11434", models, "ollama")]
    if remote:
        backends.append(Remote("ollama", "http://127.0.0.1:11434", tuple(remote), "elsewhere"))
    return Found(tuple(backends), tuple(rejected))


def chosen(what: Found, wanted: str | None = None, memory: int | None = None) -> str | None:
    choice = select(wanted, what, memory).choice
    return choice.model.name if isinstance(choice, Chosen) else None


@pytest.mark.parametrize(
    ("models", "name"),
    [
        ([row("small:1b", parameters=1), row("large:8b", parameters=8)], "large:8b"),
        ([row("large:8b", parameters=8), row("small:1b", parameters=1, loaded=True)], "small:1b"),
        ([row("a:8b", chat=None, parameters=8), row("b:4b", parameters=4)], "b:4b"),
        ([row("a-base:8b", parameters=8), row("b-instruct:4b", parameters=4)], "b-instruct:4b"),
        ([row("first:4b", parameters=4), row("second:4b", parameters=4)], "first:4b"),
        ([row("huge:70b", size_bytes=40 * GB), row("fits:8b", size_bytes=GB)], "fits:8b"),
        ([row("huge:70b", size_bytes=40 * GB, loaded=True), row("fits:8b")], "huge:70b"),
        ([row("embed", chat=False, embeddings=True)], None),
        ([row("nomic-embed-text", chat=None, embeddings=None)], None),
        ([row("bge-m3", chat=None, embeddings=None)], None),
        ([row("huge:70b", size_bytes=40 * GB)], None),
        ([], None),
    ],
    ids=[
        "more parameters", "loaded first", "one that says it chats", "instruct over base",
        "first of equals", "what fits", "loaded fits by proof", "embeddings", "embeddings by name",
        "embeddings by another name", "nothing fits", "nothing",
    ],
)  # fmt: skip
def test_the_best_model_is_taken(models: list[Model], name: str | None) -> None:
    assert chosen(found(*models), memory=16 * GB) == name


def test_without_a_model_the_embedded_one_is_the_fallback() -> None:
    assert select(None, Found()).choice == Fallback("smollm2")


@pytest.mark.parametrize("locality", [Locality.CLOUD, Locality.LAN, Locality.UNKNOWN])
def test_a_remote_is_never_taken_and_always_named(locality: Locality) -> None:
    selection = select(None, found(remote=[away("gpt-oss:120b-cloud", locality)]))
    assert isinstance(selection.choice, Fallback)
    (skipped,) = selection.skipped
    assert skipped.name == "ollama/gpt-oss:120b-cloud"
    assert skipped.why == f"{locality}: a test says so"


def test_everything_passed_over_is_named_with_its_reason() -> None:
    what = found(
        row("embed", chat=False, embeddings=True),
        row("huge:70b", size_bytes=40 * GB),
        row("good:4b"),
        remote=[away("big:cloud")],
        rejected=[Rejected("http://127.0.0.1:8080", "is still loading", "llama.cpp")],
    )
    assert [(one.name, one.why) for one in select(None, what, 16 * GB).skipped] == [
        ("ollama/big:cloud", "cloud: a test says so"),
        ("http://127.0.0.1:8080", "llama.cpp is still loading"),
        ("ollama/embed", "it makes embeddings, not answers"),
        ("ollama/huge:70b", "it needs about 48.0 GB and this machine has 16.0 GB"),
    ]


@pytest.mark.parametrize(
    "wanted", ["qwen3:4b", "ollama/qwen3:4b", "plain", "plain:latest", "ollama/plain", "qwen/qwen3"]
)
def test_a_model_is_named_with_or_without_its_backend(wanted: str) -> None:
    what = found(row("best", loaded=True), row("qwen3:4b"), row("plain:latest"), row("qwen/qwen3"))
    name = chosen(what, wanted)
    assert name is not None
    assert wanted.removeprefix("ollama/") in (name, name.removesuffix(":latest"))


@pytest.mark.parametrize("wanted", ["embedded", "smollm2-135m-instruct"])
def test_the_embedded_model_can_be_named(wanted: str) -> None:
    assert isinstance(select(wanted, found(row("good:4b"))).choice, Fallback)


@pytest.mark.parametrize(
    ("wanted", "code", "says"),
    [
        ("big:cloud", "model-not-on-device", "big:cloud"),
        ("ollama/big:cloud", "model-not-on-device", "a test says so"),
        ("embed", "not-a-chat-model", "embeddings"),
        ("qwen3:4", "model-not-found", "qwen3:4"),
    ],
)
def test_a_named_model_that_cannot_answer_is_refused(wanted: str, code: str, says: str) -> None:
    embeds = row("embed", chat=False, embeddings=True)
    with pytest.raises(Unavailable, match=says) as refused:
        select(wanted, found(row("qwen3:4b"), embeds, remote=[away("big:cloud")]))
    assert refused.value.code == code
    assert refused.value.next_step


def test_a_slip_of_the_pen_is_answered_with_a_suggestion() -> None:
    with pytest.raises(Unavailable) as refused:
        select("qwen3:4", found(row("qwen3:4b")))
    assert "`qwen3:4b`" in refused.value.next_step


def test_a_model_that_cannot_be_told_can_be_vouched_for() -> None:
    linked = Model("qwen3", Locality.UNKNOWN, "LM Link is on")
    remote = Remote("lm-studio", "http://127.0.0.1:1234", (linked,), "elsewhere")
    with pytest.raises(Unavailable) as refused:
        select("qwen3", Found((remote,)))
    assert "satchel config set model.on_device 127.0.0.1:1234" in refused.value.next_step


# --- what was pulled, and the default ---------------------------------------------------------


def pulled(what: Found, *shelf: Model, wanted: str | None = None, default: str = "") -> str:
    choice = select(wanted, what, 16 * GB, shelf=lambda: shelf, default=lambda: default).choice
    match choice:
        case Chosen(backend=backend, model=model):
            return f"{backend.name}/{model.name}"
        case Shelved(model=model):
            return f"embedded/{model.name}"
    return choice.asset


@pytest.mark.parametrize(
    ("what", "shelf", "name"),
    [
        (found(row("served:1b")), [row("kept", parameters=8)], "ollama/served:1b"),
        (found(), [row("kept", parameters=8)], "embedded/kept"),
        (found(), [row("small", parameters=1), row("large", parameters=8)], "embedded/large"),
        (found(), [row("huge", size_bytes=40 * GB), row("fits")], "embedded/fits"),
        (found(), [row("huge", size_bytes=40 * GB)], "smollm2"),
        (found(), [row("no-template", chat=False)], "smollm2"),
        (found(row("embed", chat=False, embeddings=True)), [row("kept")], "embedded/kept"),
    ],
)
def test_what_was_pulled_comes_behind_the_servers_and_before_the_fallback(
    what: Found, shelf: list[Model], name: str
) -> None:
    assert pulled(what, *shelf) == name


@pytest.mark.parametrize("wanted", ["kept", "embedded/kept"])
def test_what_was_pulled_can_be_named(wanted: str) -> None:
    assert pulled(found(row("served:8b")), row("kept"), wanted=wanted) == "embedded/kept"


def test_a_name_that_a_server_has_too_is_the_servers_unless_the_engine_is_named() -> None:
    both = found(row("same")), row("same")
    assert pulled(*both, wanted="same") == "ollama/same"
    assert pulled(*both, wanted="embedded/same") == "embedded/same"


def test_a_pulled_model_that_makes_embeddings_is_refused_by_name() -> None:
    with pytest.raises(Unavailable) as refused:
        pulled(found(), row("bge", chat=False, embeddings=True), wanted="bge")
    assert refused.value.code == "not-a-chat-model"


@pytest.mark.parametrize(
    ("default", "name"),
    [
        ("small:1b", "ollama/small:1b"),
        ("kept", "embedded/kept"),
        ("embedded", "smollm2"),
        ("auto", "ollama/large:8b"),
        ("gone", "ollama/large:8b"),
    ],
)
def test_the_default_answers_where_none_is_named(default: str, name: str) -> None:
    what = found(row("large:8b", parameters=8), row("small:1b", parameters=1))
    assert pulled(what, row("kept"), default=default) == name
    assert pulled(what, row("kept"), default=default, wanted="auto") == name
    assert pulled(what, row("kept"), default=default, wanted="large:8b") == "ollama/large:8b"


@pytest.mark.parametrize("default", ["gone", "gpt-oss:120b-cloud"])
def test_a_default_that_is_not_on_this_machine_is_passed_over_and_named(default: str) -> None:
    what = found(row("here"), remote=[away("gpt-oss:120b-cloud")])
    selection = select(None, what, default=lambda: default)
    assert isinstance(selection.choice, Chosen)
    assert selection.skipped[0].name == default
    assert "model.default" in selection.skipped[0].why
