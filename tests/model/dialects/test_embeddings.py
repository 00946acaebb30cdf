"""Embeddings: what may be asked, floats and base64 of the same vectors, and the list of models."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput
from satchel.model.dialects.embeddings import Wanted, answer, read
from satchel.model.dialects.models import Row, listed, shown

VECTORS = np.array([[0.5, -1.25, 3.0], [0.1, 0.0, 1.0]], dtype=np.float32)


@given(
    st.one_of(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=1, max_size=5)),
    st.sampled_from([None, "float", "base64"]),
)
def test_texts_are_read(texts: str | list[str], encoding: str | None) -> None:
    wanted = read({"model": "m", "input": texts, "encoding_format": encoding, "user": "u"})
    many = (texts,) if isinstance(texts, str) else tuple(texts)
    assert wanted == Wanted("m", many, encoding == "base64")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": ""}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": [1, 2]}, "input"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": {"text": "a"}}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"model": None}, "model"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"truncate": True}, "truncate"),
    ],
)
def test_what_is_not_served_is_refused_by_its_place(fields: Any, refusal: str) -> None:
    with pytest.raises(BadInput) as caught:
        read({"model": "m", "input": "a"} | fields)
    assert caught.value.extra["field"] == refusal


def test_base64_holds_the_same_floats() -> None:
    texts = ("a", "b")
    plain = json.loads(json.dumps(answer(Wanted("m", texts), VECTORS, 4)))
    coded = json.loads(json.dumps(answer(Wanted("m", texts, packed=True), VECTORS, 4)))
    for row, other in zip(plain["data"], coded["data"], strict=True):
        floats = np.frombuffer(base64.b64decode(other["embedding"]), dtype="<f4")
        assert floats.tolist() == row["embedding"]
    assert [row["index"] for row in plain["data"]] == [0, 1]
    assert plain["usage"] == {"prompt_tokens": 4, "total_tokens": 4}


def test_other_dimensions_than_the_models_are_refused() -> None:
    assert answer(Wanted("m", ("a", "b"), dimensions=3), VECTORS, 4)
    with pytest.raises(BadInput, match="can only be 3"):
        answer(Wanted("m", ("a", "b"), dimensions=2), VECTORS, 4)


def test_models_are_listed_for_both_kinds_of_client() -> None:
    rows = [Row("a/b", "llama.cpp", "on-device", 4096, ("chat",), True), Row("c", "x", "cloud")]
    whole = listed(rows)
    assert [row["id"] for row in whole["data"]] == ["a/b", "c"]
    assert (whole["first_id"], whole["last_id"], whole["has_more"]) == ("a/b", "c", False)
    assert shown(rows[0])["created_at"] == "1970-01-01T00:00:00Z"
    assert listed([])["data"] == []
