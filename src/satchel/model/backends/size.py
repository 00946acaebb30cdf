"""How many tokens a generation takes, where its server does not count them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from satchel.model.turns import Call, Generation, Image, Result, Text, Thought

PER_TURN: Final = 16  # tokens of a turn's role and separators, to the high side
PER_TOOL: Final = 24
PER_IMAGE: Final = 1_000  # most encoders make 256 to 1,000 tokens of one

_PIECE: Final = re.compile(
    r"(?P<word>[A-Za-z]+)|[0-9]|[^\W\d_A-Za-z]|\n[ \t]*|[ \t]{2,}|[^\w\s]{1,2}|_+"
)
WORD_LETTERS: Final = 6  # letters of a word that one token holds, to the high side
LONG: Final = 1_000_000  # characters, a fifth of a second to count
SLICES: Final = 50
SLICE: Final = 10_000  # characters of each


def estimate(generation: Generation) -> int:
    """Return the tokens of a prompt, to the high side for prose and code alike."""
    said = list(texts(generation))
    if sum(map(len, said)) > LONG:
        return _frame(generation) + tokens("\n".join(said))
    return _frame(generation) + sum(map(_counted, said))


def weight(generation: Generation) -> int:
    """Return about how many characters its turns bring along, pictures too; cheap."""
    total = len(generation.prompt or "")
    for turn in generation.turns:
        for part in turn.parts:
            match part:
                case Text() | Thought():
                    total += len(part.text)
                case Call():
                    total += len(part.arguments)
                case Image():
                    total += len(part.data)
                case Result():
                    for one in part.parts:
                        total += len(one.text if isinstance(one, Text) else one.data)
    return total


def most(generation: Generation) -> int:
    """Return what no tokenizer that falls back on bytes can exceed; cheap."""
    return _frame(generation) + sum(len(text.encode()) for text in texts(generation))


def tokens(text: str) -> int:
    """Return the tokens of a text by what tokenizers agree on: words, digits, signs, space.

    Of a text beyond LONG, which hardly any context holds, slices all through it are counted and
    the rest is taken to be alike, a tenth to the high side: a request must not hold up others.
    """
    if len(text) <= LONG:
        return _counted(text)
    step = len(text) // SLICES
    seen = [text[at : at + SLICE] for at in range(0, len(text) - SLICE, step)]
    return int(1.1 * sum(map(_counted, seen)) * len(text) / (SLICE * len(seen)))


def _counted(text: str) -> int:
    total = 0
    for piece in _PIECE.finditer(text):
        total += -(-len(piece.group()) // WORD_LETTERS) if piece.lastgroup else 1
    return total


def texts(generation: Generation) -> Iterator[str]:
    """Yield every text that reaches the model."""
    if generation.prompt is not None:
        yield generation.prompt
    for turn in generation.turns:
        for part in turn.parts:
            match part:
                case Text() | Thought():
                    yield part.text
                case Call():
                    yield part.name
                    yield part.arguments
                case Result():
                    yield from (inner.text for inner in part.parts if isinstance(inner, Text))
                case Image():
                    pass
    for tool in generation.tools:
        yield f"{tool.name}\n{tool.description}\n{json.dumps(dict(tool.schema))}"


def images(generation: Generation) -> int:
    """Return how many images there are."""
    total = 0
    for turn in generation.turns:
        for part in turn.parts:
            inner = part.parts if isinstance(part, Result) else (part,)
            total += sum([isinstance(one, Image) for one in inner])
    return total


def _frame(generation: Generation) -> int:
    return (
        PER_TURN * (len(generation.turns) + 1)
        + PER_TOOL * len(generation.tools)
        + PER_IMAGE * images(generation)
    )
