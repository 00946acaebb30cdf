"""Rules on what one writes to people: replies, reviews, pull requests, commit messages. Pure.

"Use fenced code blocks" below "Response formatting" demands nothing of a line of code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HEADING: Final = 80  # characters of a heading


@lru_cache(maxsize=4_096)
def is_of_talk(text: str) -> bool:
    """Tell whether a statement is on what one writes to people, by its heading or its subject: no
    edit keeps or breaks it."""
    heading, colon, _ = text[: HEADING + 2].partition(": ")
    return bool(colon and _HEADING.search(heading)) or _SUBJECT.search(text) is not None


_HEADING: Final = re.compile(
    r"\b(?:(?:responses?|repl(?:y|ies)|answers?|outputs?|messages?)\s(?:format\w{0,5}|styles?|"
    r"guidelines|conventions)|replying|responding|reviewers?|reviewing|personas?|"
    r"pull requests?|merge requests?|PRs?|commenting|commit (?:messages?|attribution)|"
    r"example (?:comment|reply|answer)|(?:github|gitlab) interactions?|communication|"
    r"tone)\b",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"^(?:[^:]{2,80}:\s)?\W{0,4}(?:(?:the|a|an|every|each|all|your|our)\s)?"
    r"(?:example (?:comment|reply|answer)|(?:PR|pull request|merge request)s?|"
    r"(?:PR|pull request|merge request|commit)\s(?:titles?|descriptions?|bod(?:y|ies)|messages?)|"
    r"repl(?:y|ies)|respond|review comments?)\b|\bpull_request_template\b",
    re.IGNORECASE,
)
