"""What a commit chose and what it left, each by its name: a package, a tool, a module. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.choices import named
from satchel.context.conflict.options import table
from satchel.context.english import common, stem
from satchel.context.mine.history_forms import DEPENDENCIES, wordings

_KIND: Final = re.compile(  # what says of a name what it is: "the uuid package"
    r"(?<![\w@/.-])(?:the|an?|our|old|new|deprecated|legacy|crate|gem|package|librar(?:y|ies)|module"
    r"|dependency|plugin|tool|framework|client|v?\d[\w.]*\+?)(?![\w/.-])\s?",
    re.IGNORECASE,
)
_MOVED: Final = re.compile(r"\w{3,15}\s(?P<what>(?:[\w-]+\s){0,6}?)from\s", re.IGNORECASE)
_NAME: Final = re.compile(r"@?[A-Za-z][\w.+#/-]{1,80}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The names by which what was `taken` shows in code, any one of them, and the name of what was
    `left` altogether; empty where a commit names none."""

    taken: tuple[str, ...] = ()
    left: str = ""


@lru_cache(maxsize=4_000)
def choice(text: str) -> Choice:
    """Read what the record of a commit took up and left. What is but described ("a dedicated file
    server"), or has the name of an everyday thing, is no name."""
    for form, match in wordings(text)[1]:
        if form.name in DEPENDENCIES or form.name == "deprecate":
            groups = match.groupdict()
            new, old = groups.get("new") or "", groups.get("old") or groups.get("old2") or ""
            return Choice(_shown_by(new), "" if _in_one_place(text, match) else _name(old))
    return Choice()


def _in_one_place(text: str, match: re.Match[str]) -> bool:
    """Tell whether something is left for one use alone: "move file serving from gRPC to HTTP"."""
    moved = _MOVED.match(match.group())
    rest = text[match.end() :].lstrip()
    scoped = ")" in text[: match.start()]  # "chore(remix): …"
    return scoped or (moved is not None and moved["what"] != "") or rest[:1].isalpha()


def _name(words: str) -> str:
    """Return the one name that these words are, as it is written; else nothing."""
    quoted = words.strip().startswith("`")
    bare = _KIND.sub("", words.replace("`", " ").strip(" \"'.,")).strip()
    if not _NAME.fullmatch(bare):
        return ""
    everyday = bare.isalpha() and stem(bare.lower()) in common()
    return "" if everyday and not quoted and not named(f"use {bare}") else bare


def _shown_by(words: str) -> tuple[str, ...]:
    """Return what shows in a file that something is in use: its name, the last part of that, and
    the names and signs of the option that it is known to be. What no file need show ("the standard
    library") gives nothing."""
    bare = " ".join(words.replace("`", " ").split())
    known = {one.option for one in named(f"use {bare}") if one.end - one.start == len(bare)}
    shown: set[str] = set()
    if known:
        entries = ((one, option) for one, some in table().names.items() for option, _ in some)
        signs = [sign for some in table().signs.values() for sign in some if sign.option in known]
        shown = {sign.text for sign in signs}
        name = bare if signs else _name(words)
        shown.update(one for one, option in entries if option in known)
    else:
        name = _name(words)
    if not name:
        return ()
    shown |= {name.lower(), re.split(r"[./]", name)[-1]}
    return (name, *sorted(shown - {name, ""}))
