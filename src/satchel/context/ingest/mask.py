"""Secrets are masked before anything is kept: what a token looks like, and what is called one.

Known token shapes are found by Kingfisher's rules, in this process and without any connection:
only its scanner is used, never its validation. Secrets that only their name or their place gives
away ("password = …", "scheme://user:password@host") are found by a table here.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from kingfisher_sdk import DetectionScanner, Rules

from satchel.base.paths import home

Span: TypeAlias = tuple[int, int, str]  # first byte, byte after the last, kind of secret

# What marks a place to look at, in lower case, and what must follow it there. A plain search for
# the marks takes a tenth of the time of one pattern with all of them as alternatives.
_VALUE = rb"""
    [\w-]{0,30} ["']? \s{0,4} (?: => | := | = | : ) \s{0,4}
    (?: (?P<quote>["'`]) (?P<quoted>[^\s"'`]{8,400}) (?P=quote)
      | (?P<bare>[A-Za-z0-9+/=_~!@\#$%^&*.-]{12,400}) (?=[\s;,&<]|$) )
"""
_NAMED = re.compile(
    rb"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credential|key)" + _VALUE, re.I | re.X
)
_MARKS = (b"pass", b"pwd", b"secret", b"token", b"credential", b"key")
_KEYS = tuple(  # what a key must be called to be a secret
    word + joint
    for word in b"api access account auth encryption private signing storage".split()
    for joint in (b"_", b"-", b" ", b"")
)
# What a sentence tells ("the password of the staging box is …").
_TOLD = re.compile(
    rb"""(?:pass(?:word|phrase|code|wd)|pwd|secret|token|credential|key) s?
    (?:\s+[\w.@/-]{1,40}){0,6}? \s+ (?:is|was|are) \s+ (?:now\s+)?
    (?P<quote>["'`]?) (?P<told>[^\s"'`,;()<>{}\[\]]{7,199}[^\s"'`,;.:?()<>{}\[\]]) (?P=quote)
    (?=[,;.:?)]{0,3}(?:\s|$))""",
    re.I | re.X,
)
_SYMBOL = re.compile(r"[!@#$%^&*+=~]")
_DIGITS = re.compile(r"(?<=[A-Za-z])\d+(?=[A-Za-z])")
_IN_URL = re.compile(rb"://[^\s:/@\"'<>]{0,64}:(?P<quoted>[^\s:/@\"'<>]{6,200})@")
# The commonest shapes again, wherever they stand: the rules want a quote or a space after them.
_SHAPED = re.compile(
    rb"(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,255}|xox[abeoprs]-[A-Za-z0-9-]{20,255}"
    rb"|[rs]k_live_[A-Za-z0-9]{20,255}|AIza[\w-]{35}|glpat-[\w-]{20,64}|npm_[A-Za-z0-9]{36}"
    rb"|sk-(?:ant|proj)-[\w-]{40,255}|hf_[A-Za-z]{34}|SG\.[\w-]{22}\.[\w-]{43}"
    rb"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,2000})"
)
_SHAPE_MARKS = (
    *(
        b"ghp_",
        b"gho_",
        b"ghu_",
        b"ghs_",
        b"ghr_",
        b"github_pat_",
        b"xox",
        b"sk_live_",
        b"rk_live_",
    ),
    *(b"AIza", b"glpat-", b"npm_", b"sk-", b"hf_", b"SG.", b"eyJ"),
)
_AWS_ID = re.compile(rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")
_PLACEHOLDER = re.compile(
    r"(?i)example|change[_-]?me|placeholder|your[_-]|dummy|fake|sample|redacted|secret"
    r"|passw|xxxx|\*\*\*|\.\.\.|1234|abcd|test|[${<%]|^(?:none|null|true|false|undefined)"
)
LEAST_ENTROPY = 3.0  # bits a character: words in one case lie below, keys above

# The rules take seconds to compile the first time on a machine, so they are not loaded before a
# text holds a run of characters that could be a token.
_SHAPES = bytes(
    ord("0") if chr(code).isdigit() else ord("a") if chr(code).isalpha() or code in b"+/-" else 32
    for code in range(128)
).ljust(256)
TOKEN_LENGTH = 16
LETTERS_LENGTH = 30  # without a digit


def mask(text: str) -> tuple[str, int]:
    """Put "[masked …]" in the place of every secret; the number of lines stays as it was.

    Returns the text and how many were masked.
    """
    source = text.encode("utf-8", "replace")
    spans = list(_named(source))
    if _token_like(source):
        spans.extend(_known(source))
    if not spans:
        return text, 0
    parts: list[bytes] = []
    at = count = 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1], span[2] == "token")):
        if end <= at:
            continue
        if start >= at:
            parts += [source[at:start], f"[masked {kind}]".encode()]
            count += 1
        parts.append(b"\n" * source.count(b"\n", max(at, start), end))
        at = end
    parts.append(source[at:])
    return b"".join(parts).decode("utf-8", "replace"), count


def warm() -> None:
    """Load the rules now (in a thread, beside other work), not at the first suspicion."""
    _scanner()


@cache
def _scanner() -> DetectionScanner:
    """Compile the rules once a process; compiled ones are kept in Satchel's own folder.

    KF_RULE_CACHE_DIR, the scanner's own variable, puts them elsewhere.
    """
    named = os.environ.get("KF_RULE_CACHE_DIR")
    folder = Path(named) if named else home().root / "cache" / "secret-rules"
    return DetectionScanner(Rules(cache_dir=folder), inline_ignores=False, markup_context=False)


def _token_like(source: bytes) -> bool:
    """Tell whether any run of characters is long and mixed enough for a token."""
    return b"PRIVATE KEY" in source or any(
        len(run) >= TOKEN_LENGTH and (len(run) >= LETTERS_LENGTH or b"0" in run) and b"a" in run
        for run in source.translate(_SHAPES).split()
    )


def _known(source: bytes) -> Iterator[Span]:
    """Find tokens of a known shape."""
    for mark in _SHAPE_MARKS:
        for found in _matches(source, source, mark, _SHAPED):
            yield *found.span(), "token"
    for finding in _scanner().scan(source):
        place = finding.location
        start, end = place["start_offset"], place["end_offset"]
        if end - start >= 20 or _is_random(source[start:end]):
            kind = re.split(r"[./]", finding.rule_id)[-1].replace("-", " ")
            yield start, end, kind


def _named(source: bytes) -> Iterator[Span]:
    """Find secrets that only their name, or their place in an address, gives away."""
    lowered = source.lower()
    for mark in _MARKS:
        for found in _matches(source, lowered, mark, _TOLD):
            if _is_secrets(mark, lowered, found.start()) and _is_no_word(found["told"]):
                yield *found.span("told"), "secret value"
        for found in _matches(source, lowered, mark, _NAMED):
            if not _is_secrets(mark, lowered, found.start()):
                continue
            group = "quoted" if found["quoted"] else "bare"
            value = found[group]
            if _is_random(value) and (group == "quoted" or _is_mixed(value)):
                yield *found.span(group), "secret value"
    for found in _matches(source, source, b"://", _IN_URL):
        if _is_random(found["quoted"]):
            yield *found.span("quoted"), "password in an address"
    for mark in (b"AKIA", b"ASIA"):
        for found in _matches(source, source, mark, _AWS_ID):
            if not _PLACEHOLDER.search(found[0].decode()):
                yield *found.span(), "aws access key id"


def _is_secrets(mark: bytes, lowered: bytes, start: int) -> bool:
    """Tell whether what is called so is kept secret: not every key is."""
    return mark != b"key" or lowered.endswith(_KEYS, max(0, start - 12), start)


def _matches(
    source: bytes, lowered: bytes, mark: bytes, pattern: re.Pattern[bytes]
) -> Iterator[re.Match[bytes]]:
    at = lowered.find(mark)
    while at != -1:
        if found := pattern.match(source, at):
            yield found
        at = lowered.find(mark, at + len(mark))


def _is_random(value: bytes) -> bool:
    """Tell whether a value reads like a secret and neither like a word nor like a stand-in."""
    text = value.decode("utf-8", "replace")
    return (
        any(character.isdigit() for character in text)
        and any(character.isalpha() for character in text)
        and not _PLACEHOLDER.search(text)
        and entropy(text) >= LEAST_ENTROPY
    )


def _is_mixed(value: bytes) -> bool:
    """Tell an unquoted value from a name in code: both cases, and digits before its end."""
    text = value.decode("utf-8", "replace")
    return (
        any(character.isdigit() for character in text.rstrip("0123456789"))
        and any(character.isupper() for character in text)
        and any(character.islower() for character in text)
        and "." not in text
    )


def _is_no_word(value: bytes) -> bool:
    """Tell a value from what a sentence says of one: "SHA256-hashed", "Base64URL", "rotated2x"."""
    text = value.decode("utf-8", "replace")
    return _is_random(value) and bool(_SYMBOL.search(text) or len(_DIGITS.findall(text)) > 1)


def entropy(value: str) -> float:
    """Return the Shannon entropy of a text's characters, in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
