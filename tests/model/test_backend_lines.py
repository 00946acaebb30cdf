"""A line of a stream is read as the standard library reads JSON, whatever reads it."""

from __future__ import annotations

import json

import pytest

from satchel.model.backends.reading import Garbage, parsed


@pytest.mark.parametrize(
    "line",
    [
        b'{"a" :\t1 , "b": [ ] }',
        b'{"a": 1, "a": 2}',
        b'{"a": -0.0, "b": 1e999, "c": 5e-324, "d": 0.30000000000000004}',
        b'{"a": 123456789012345678901234567890}',
        b'{"a": "\\ud83d\\ude00 \\ud83d \\u0000"}',
        b'{"a": "\xed\xa0\xbd"}',
        b'{"a": Infinity}',
        b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_an_object_is_what_json_makes_of_it(line: bytes) -> None:
    assert parsed(line) == json.loads(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[1]",
        b'{"a": 1}x',
        b'{"a": 1,}',
        b'{"a": "\x01"}',
        b'{"a": "\xff"}',
        b'{"a": 01}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_object_is_garbage(line: bytes) -> None:
    with pytest.raises(Garbage):
        parsed(line)
