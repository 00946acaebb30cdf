"""Secrets are masked before anything is kept: what a token looks like, and what is called one.

Known token shapes are found by Kingfisher's rules, in this process and without any connection:
only its scanner is used, never its validation. Secrets that only their name or their place gives
away are found by `mask_named`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kingfisher_sdk import DetectionScanner, Rules

from satchel.base.paths import home
from satchel.context.ingest.mask_named import Span, is_random, matches, named

# The commonest shapes again, wherever they stand: the rules want a quote or a space after them.
_SHAPED = re.compile(
    rb"(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,255}|xox[abeoprs]-[A-Za-z0-9-]{20,255}"
    rb"|[rs]k_live_[A-Za-z0-9]{20,255}|AIza[\w-]{35}|glpat-[\w-]{20,64}|npm_[A-Za-z0-9]{36}"
    rb"|sk-(?:ant|proj)-[\w-]{40,255}|hf_[A-Za-z]{34}|SG\.[\w-]{22}\.[\w-]{43}"
    rb"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,2000})"
)
# A key that begins so may be of any of a dozen services: no rule's own.
_OF_ANY = re.compile(rb"(?<![A-Za-z0-9])sk-(?:[a-z]{2,10}-){0,2}[A-Za-z0-9]{20,255}(?![\w-])")
_SHAPE_MARKS = tuple(
    b"ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ xox sk_live_ rk_live_ AIza glpat- npm_ sk- hf_ SG. "
    b"eyJ".split()
)

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
    spans = list(named(source))
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
        for found in matches(source, source, mark, _SHAPED):
            yield *found.span(), "token"
    for found in matches(source, source, b"sk-", _OF_ANY):
        if is_random(found[0]):
            yield *found.span(), "api key"
    for finding in _scanner().scan(source):
        place = finding.location
        start, end = place["start_offset"], place["end_offset"]
        if end - start >= 20 or is_random(source[start:end]):
            kind = re.split(r"[./]", finding.rule_id)[-1].replace("-", " ")
            yield start, end, kind
