"""Which files a glob covers, as the clients that read rules files understand globs.

Like .gitignore: a pattern without a slash matches at any depth, one with a slash from the top;
`**` stands for any folders, none too; a trailing slash, or a plain last name, also covers what
lies below. Like editors: `{a,b}` are alternatives, and `*` in a pattern with a slash stays within
its folder. Paths are relative to the workspace, with forward slashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Final

MOST_ALTERNATIVES: Final = 64  # that braces open into; past it a brace is a brace
MOST_CHARACTERS: Final = 1_000  # of a glob; a longer one covers nothing
_ANY_NAME: Final = frozenset({"*", "**", "*.*", "**.*"})
_OF_A_LANGUAGE: Final = re.compile(r"(?:\./|\*\*?/)*\*\*?\.(?:\w{1,20}|\{[\w, ]{1,100}\})")
_SIGNS: Final = frozenset("*?[{")


def covers(globs: Iterable[str], path: str) -> bool:
    """Tell whether any glob covers a path; one that begins with "!" takes files out again.

    No globs cover nothing: a caller that means "everywhere" does not ask. The time is at most the
    product of the two lengths, for each alternative.
    """
    parts = _parts(path)
    found = False
    for glob in globs:
        out = glob.startswith("!")
        if (out or not found) and _covers(glob[1:] if out else glob, parts):
            if out:
                return False
            found = True
    return found


def split(spelled: str) -> tuple[str, ...]:
    """Split globs that stand in one line at the commas that are not within braces."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(spelled):
        if character == "{":
            depth += 1
        elif character == "}":
            depth = max(0, depth - 1)
        elif character == "," and depth == 0:
            found.append(spelled[start:at])
            start = at + 1
    if depth:  # a brace that never closes holds nothing together
        return tuple(one for part in spelled.split(",") if (one := _bare(part)))
    return tuple(one for part in (*found, spelled[start:]) if (one := _bare(part)))


def narrowing(globs: Iterable[str]) -> tuple[str, ...]:
    """Return the globs, each once; none where one of them matches everything."""
    kept = dict.fromkeys(one for glob in globs if (one := _bare(glob)))
    if any(is_everything(one) for one in kept):
        return ()
    return tuple(kept) if any(not one.startswith("!") for one in kept) else ()


def is_everything(glob: str) -> bool:
    """Tell whether a glob narrows nothing: "**", "*", "**/*", "./"."""
    parts = [part for part in glob.strip().split("/") if part not in ("", ".")]
    return not parts or (parts[-1] in _ANY_NAME and set(parts[:-1]) <= {"**"})


def is_of_a_language(globs: Iterable[str]) -> bool:
    """Tell whether globs name endings alone, wherever the files lie: "*.go", "**/*.{ts,tsx}"."""
    covering = [glob for glob in globs if not glob.startswith("!")]
    return bool(covering) and all(map(_OF_A_LANGUAGE.fullmatch, covering))


def below(folder: str, globs: Sequence[str]) -> tuple[str, ...]:
    """Set globs that are meant from a folder into the workspace; none there mean all below it."""
    folder = folder.strip("/")
    if not folder:
        return tuple(globs)
    return tuple(_below(folder, glob) for glob in globs) or (f"{folder}/**",)


def _below(folder: str, glob: str) -> str:
    sign, plain = ("!", glob[1:]) if glob.startswith("!") else ("", glob)
    anchored = "/" in plain.rstrip("/")
    return f"{sign}{folder}/{'' if anchored else '**/'}{plain.removeprefix('./').lstrip('/')}"


def _bare(glob: str) -> str:
    return glob.strip().strip("\"'`").strip().replace("\\", "/")


@lru_cache(maxsize=4_096)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("./").split("/"))


def _covers(glob: str, parts: tuple[str, ...]) -> bool:
    for literal, pattern in _patterns(glob):
        if parts[: len(literal)] == literal and _matches(pattern, parts):
            return True
    return False


@lru_cache(maxsize=4_096)
def _patterns(glob: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Turn a glob into its alternatives, each a list of segments from the top; "**" among them.

    Beside each stand its first segments that are no patterns: most paths differ there already.
    """
    if len(glob) > MOST_CHARACTERS:
        return ()
    opened = (_segments(one) for one in _alternatives(glob.strip()))
    return tuple(
        (tuple(takewhile(_SIGNS.isdisjoint, pattern)), pattern) for pattern in opened if pattern
    )


def _segments(glob: str) -> tuple[str, ...] | None:
    plain = glob.replace("\\", "/").removeprefix("./")
    if not plain.strip("/"):
        return None
    anchored = "/" in plain.rstrip("/")
    segments = [part for part in plain.split("/") if part not in ("", ".")]
    if not anchored:
        segments.insert(0, "**")
    if plain.endswith("/"):
        segments += ["**", "*"]  # what lies below, not the folder itself
    joined = [
        part for at, part in enumerate(segments) if part != "**" or segments[at - 1 : at] != ["**"]
    ]
    return tuple(joined)


def _alternatives(glob: str) -> list[str]:
    """Open braces from the left; what would give too many alternatives is left as it stands."""
    done: list[str] = []
    waiting = [glob]
    while waiting:
        one = waiting.pop()
        opened = _opened(one)
        if opened is None or len(done) + len(waiting) + len(opened) > MOST_ALTERNATIVES:
            done.append(one)
        else:
            waiting += reversed(opened)
    return done


def _opened(glob: str) -> list[str] | None:
    """Open the first pair of braces that has a comma within it."""
    start = glob.find("{")
    while start != -1:
        depth, cuts = 0, [start]
        for at in range(start, len(glob)):
            if glob[at] == "{":
                depth += 1
            elif glob[at] == "," and depth == 1:
                cuts.append(at)
            elif glob[at] == "}":
                depth -= 1
                if depth == 0:
                    if len(cuts) > 1:
                        ends = [*cuts[1:], at]
                        choices = [glob[a + 1 : b] for a, b in zip(cuts, ends, strict=True)]
                        return [glob[:start] + one + glob[at + 1 :] for one in choices]
                    break
        if depth:
            return None
        start = glob.find("{", start + 1)
    return None


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Match segments; a plain last name is a folder as well as a file.

    The last "**" alone is ever taken back: what stands before it matched as early as it could.
    """
    is_folder_too = _SIGNS.isdisjoint(pattern[-1])
    at = place = 0
    star, taken = -1, 0
    while place < len(parts):
        if at < len(pattern) and pattern[at] == "**":
            star, taken = at, place
            at += 1
        elif at < len(pattern) and _fits(pattern[at], parts[place]):
            at, place = at + 1, place + 1
            if at == len(pattern) and is_folder_too:
                return True
        elif star != -1:
            taken += 1
            at, place = star + 1, taken
        else:
            return False
    rest = pattern[at:]
    return not rest or (tuple(rest) == ("**",) and len(pattern) == 1)


def _fits(segment: str, name: str) -> bool:
    """Match one name; `*` and `?` and classes, or the very text ("[id]" is a folder's name)."""
    if segment == name:
        return True
    if _SIGNS.isdisjoint(segment):
        return False
    at = place = 0
    star, taken = -1, 0
    while place < len(name):
        step = _step(segment, at, name[place])
        if at < len(segment) and segment[at] == "*":
            star, taken = at, place
            at += 1
        elif step:
            at, place = at + step, place + 1
        elif star != -1:
            taken += 1
            at, place = star + 1, taken
        else:
            return False
    return not segment[at:].strip("*")


def _step(segment: str, at: int, character: str) -> int:
    """Return how many characters of the segment match this one; 0 where it does not match."""
    if at >= len(segment):
        return 0
    sign = segment[at]
    if sign == "?":
        return 1
    if sign == "[" and (end := segment.find("]", at + 2, at + 66)) != -1:
        inner = segment[at + 1 : end]
        out = inner[0] in "!^"
        return (end - at + 1) if _in_class(inner[out:], character) != out else 0
    return int(sign == character)


def _in_class(inner: str, character: str) -> bool:
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            if inner[at] <= character <= inner[at + 2]:
                return True
            at += 3
        else:
            if inner[at] == character:
                return True
            at += 1
    return False
