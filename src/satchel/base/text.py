"""Text hygiene: what may reach a terminal or a model. Standard library alone."""

from __future__ import annotations

import re

# C0 but tab and newline, DEL and C1; bidi controls; zero-width; Unicode tag characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)

# ECMA-48's control sequences whole: CSI (colours, cursor), strings up to their end (OSC: titles,
# links), character sets. One that has no end loses its ESC alone.
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c\n]{0,4000}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]{1,4}[0-~]"
)


def clean(text: str) -> str:
    """Drop characters that could steer a terminal or hide an instruction; keep the rest."""
    if "\x1b" in text:
        text = _SEQUENCE.sub("", text)
    return _UNSAFE.sub("", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 200) -> str:
    """Put text on one clean line of at most `limit` characters, marking what was cut."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def sound(text: str) -> str:
    """Put a replacement for what is no character (half a surrogate pair, out of broken JSON)."""
    return text.encode("utf-8", "replace").decode()
