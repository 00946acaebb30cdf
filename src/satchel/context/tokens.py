"""How many tokens a text takes, counted offline and alike on every machine.

The published vocabularies of large models weigh 60 to 150 MB in memory. This counts instead
what their pre-tokenizers agree on (words, numbers by threes, runs of signs and of space) and
charges long or foreign pieces by length. docs/adr/0004-token-counts.md has its error against
o200k_base: it errs to the high side.
"""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(
    r"(?P<word>[ ]?[A-Za-z]+)|(?P<number>\d{1,3})|(?P<foreign>[^\W\d_A-Za-z])"
    r"|(?P<space>\n[ \t]*|[ \t]+)|(?P<sign>[^\w\s]+|_+)"
)
_CAMEL: Final = re.compile(r"[a-z](?=[A-Z])")
WORD_LETTERS: Final = 7  # letters of a lower-case word that one token holds, to the high side
SIGNS: Final = 3
FOREIGN: Final = 0.8  # tokens a letter outside ASCII


def count(text: str) -> int:
    """Return the tokens of a text, rounded up."""
    total = 0.0
    for match in _PIECE.finditer(text):
        piece = match.group()
        match match.lastgroup:
            case "word":
                letters = len(piece.strip())
                total += -(-letters // WORD_LETTERS)
                if not piece.islower():
                    total += 0.6 * len(_CAMEL.findall(piece))
            case "sign":
                total += -(-len(piece) // SIGNS)
            case "foreign":
                total += FOREIGN
            case "space":
                total += 0.0 if piece == " " else 0.7
            case _:
                total += 1.0
    return int(total + 0.999)


def cut(text: str, most: int) -> str:
    """Return the longest run of whole first lines within `most` tokens; mark what was left."""
    if count(text) <= most:
        return text
    lines = text.splitlines()
    kept: list[str] = []
    spent = count("…")
    for line in lines:
        spent += count(line + "\n")
        if spent > most:
            break
        kept.append(line)
    return "\n".join([*kept, "…"]) if kept else ""
