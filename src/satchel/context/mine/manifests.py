"""Manifests as statements: the language and its version, frameworks and tools, package manager.

Single dependencies are not told: a packet has better use for its tokens.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from satchel.base.text import one_line
from satchel.context.ingest.languages import is_test
from satchel.context.types import Mined, Origin, RecordKind, Statement

SURE: Final = 0.95
MOST_PLACES: Final = 3  # packages of one workspace that may differ in one subject
Row = tuple[str, str, str, str, int]  # subject, attribute, value, path, line

_APART: Final = re.compile(
    r"(?:^|/)(?:examples?|samples?|fixtures?|templates?|docs?|website|bench(?:marks?)?|demos?"
    r"|playgrounds?|e2e|sandbox|starters?|boilerplates?|scripts|tools|fuzz|\.github"
    r"|tests?-[\w-]{1,60}|[\w-]{1,60}-tests?)/",
    re.I,
)
_LANGUAGES: Final = {
    "python": "Python",
    "node": "Node.js",
    "go": "Go",
    "toolchain": "The Go toolchain",
    "rust": "Rust",
    "java": "Java",
    "php": "PHP",
    "ruby": "Ruby",
    ".net": ".NET",
    "kotlin": "Kotlin",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "csharp": "C#",
    "bun": "Bun",
    "deno": "Deno",
}
_MANAGERS: Final = {
    "npm": "npm",
    "pnpm": "pnpm",
    "yarn": "Yarn",
    "bun": "Bun",
    "poetry": "Poetry",
    "uv": "uv",
    "pdm": "PDM",
    "pipenv": "Pipenv",
}
_OF_JAVASCRIPT: Final = frozenset({"npm", "pnpm", "yarn", "bun"})
_OF_LOCKS: Final = frozenset({"locked", "pinned", "package manager"})
_UNSTATED: Final = frozenset({"*", "", "latest", "configured", "any", "x"})
_BACKENDS: Final = frozenset(
    {"setuptools", "hatchling", "poetry-core", "flit_core", "flit-core", "pdm-backend", "maturin"}
    | {"scikit-build-core", "meson-python", "uv_build", "uv-build"}
)
_TOOLING: Final = ("gemfile", "build.gradle", "build.gradle.kts")  # of projects in any language


def manifests(facts: Iterable[Row]) -> Mined:
    """Mine what manifests and lock files state: (subject, attribute, value, path, line) rows.

    One statement a subject, from the manifest nearest the top; packages that differ have one each,
    for their folder. `read` counts rows.
    """
    rows = list(facts)
    left: Counter[str] = Counter()
    kept: dict[tuple[str, str], list[Row]] = {}
    own = {value.lower() for _, attribute, value, _, _ in rows if attribute == "name"}
    for row in rows:
        reason, group = _sorted(row, own)
        if reason:
            left[reason] += 1
        else:
            kept.setdefault((group, row[0].lower()), []).append(row)
    made: list[Statement] = []
    for (group, subject), found in sorted(kept.items()):
        found.sort(key=lambda row: (row[3].count("/"), row[3], row[4]))
        if group == "language":
            made += _language(subject, found, kept.get(("pin", subject), []))
        elif group in ("framework", "tool"):
            made += _used(group, found, kept.get(("locked", subject), []))
        elif group == "pin" and ("language", subject) not in kept:
            made += _language(subject, [], found)
    made += _written_in(kept)
    stated = {posixpath.dirname(row[3]) for row in rows if row[1] not in _OF_LOCKS}
    managing = [row for (group, _), found in kept.items() if group == "manager" for row in found]
    made += _managers([row for row in managing if posixpath.dirname(row[3]) in stated])
    return Mined(tuple(made), len(rows), dict(left))


def _sorted(row: Row, own: set[str]) -> tuple[str | None, str]:
    """Say why a row is left, or what it is about."""
    subject, attribute, _, path, _ = row
    lowered = subject.lower()
    if is_test(path) or _APART.search(path):
        return "in tests, examples or documentation", ""
    if attribute == "package manager" or (lowered in _MANAGERS and attribute != "dependency"):
        known = lowered in _MANAGERS
        return (None, "manager") if known else ("goes without saying", "")
    if attribute in ("framework", "tool", "locked") and lowered in own:
        return "the project itself", ""
    if row[2] == "build" and lowered not in _BACKENDS:
        return "a part of the build", ""
    if attribute == "requires":
        return (None, "language") if lowered in _LANGUAGES else ("a dependency", "")
    groups = {"framework": "framework", "tool": "tool", "locked": "locked", "pinned": "pin"}
    if attribute in groups:
        return None, groups[attribute]
    if attribute == "language":
        tooling = path.rpartition("/")[2].lower() in _TOOLING
        return ("goes without saying", "") if tooling else (None, "written")
    return ("a dependency" if attribute == "dependency" else "its own name or version"), ""


def _nearest(rows: Sequence[Row]) -> list[tuple[list[Row], tuple[str, ...]]]:
    """Group the rows of a subject by manifest: the one at the top, or those that differ."""
    by_path: dict[str, list[Row]] = {}
    for row in rows:
        by_path.setdefault(row[3], []).append(row)
    groups = list(by_path.values())
    if top := [row for row in rows if "/" not in row[3]]:
        return [(top, ())]
    if not groups:
        return []
    if len({group[0][2] for group in groups}) == 1:
        folder = posixpath.dirname(groups[0][0][3])
        return [(groups[0], (f"{folder}/**",) if len(groups) == 1 else ())]
    return [(g, (f"{posixpath.dirname(g[0][3])}/**",)) for g in groups[:MOST_PLACES]]


def _language(subject: str, rows: Sequence[Row], pins: Sequence[Row]) -> list[Statement]:
    name = _LANGUAGES.get(subject, subject)
    made = []
    for group, globs in _nearest(rows):
        values = list(dict.fromkeys(row[2] for row in group if _is_told(row[2])))[:2]
        if not values:
            continue
        pin = next((f" ({row[2]} in {row[3]})" for row in pins[:1] if row[2] not in values), "")
        spelled = ", ".join(values).replace(";", ", ")
        text = f"{name} {spelled} is required{pin}."
        if name == ".NET":
            text = f"Targets .NET: {spelled}."
        made.append(_fact(text, group[0], "version", values[0], globs, name))
    if not rows and pins:
        row = pins[0]
        text = f"{name} {row[2]} is used ({posixpath.basename(row[3])})."
        made.append(_fact(text, row, "version", row[2], (), name))
    return made


def _used(group: str, rows: Sequence[Row], locks: Sequence[Row]) -> list[Statement]:
    made = []
    for found, globs in _nearest(rows):
        told = next((row for row in found if _is_told(row[2])), found[0])
        name, value = told[0], told[2]
        if value == "build":
            made.append(_fact(f"Builds with {name}.", told, "build tool", None, globs))
            continue
        lock = _lock_of(told[3], locks)
        if lock is not None:
            wide = f"; {value} in {told[3]}" if _is_told(value) and lock[2] not in value else ""
            text = f"Uses {name} {lock[2]} ({group}{wide})."
            made.append(_fact(text, told, group, lock[2], globs))
        else:
            version = f" {value}" if _is_told(value) else ""
            text = f"Uses {name}{version} ({group})."
            made.append(_fact(text, told, group, value if version else None, globs))
    return made


def _lock_of(path: str, locks: Sequence[Row]) -> Row | None:
    """Return the lock row that holds for a manifest: beside it, else the one above it."""
    folder = posixpath.dirname(path)
    over = [
        row
        for row in locks
        if (at := posixpath.dirname(row[3])) == folder or not at or folder.startswith(at + "/")
    ]
    return max(over, key=lambda row: len(posixpath.dirname(row[3])), default=None)


def _written_in(kept: dict[tuple[str, str], list[Row]]) -> list[Statement]:
    """Name the language where one alone is stated at the top, and no version of it."""
    top = [
        found[0]
        for (group, _), found in kept.items()
        if group == "written" and any("/" not in row[3] for row in found)
    ]
    if len(top) != 1 or ("language", top[0][0].lower()) in kept:
        return []
    name = _LANGUAGES.get(top[0][0].lower(), top[0][0])
    return [_fact(f"Written in {name}.", top[0], "language", name, ())]


def _managers(rows: Sequence[Row]) -> list[Statement]:
    """Name each ecosystem's package manager, unless two lock files at the top disagree."""
    made = []
    for javascript in (True, False):
        some = [row for row in rows if (row[0].lower() in _OF_JAVASCRIPT) is javascript]
        some = [row for row in some if row[1] in ("tool", "package manager")]
        if not some:
            continue
        some.sort(key=lambda row: (row[3].count("/"), row[1] != "tool", row[3]))
        depth = some[0][3].count("/")
        near = [row for row in some if row[3].count("/") == depth]
        said = [row for row in near if row[1] == "tool"]
        names = {row[0].lower() for row in said or near}
        if len(names) != 1:
            continue
        row = (said or near)[0]
        name = _MANAGERS[row[0].lower()]
        version = f" {row[2]}" if row[1] == "tool" and _is_told(row[2]) else ""
        text = f"The package manager is {name}{version}."
        if row[1] != "tool":
            text = f"The package manager is {name} ({row[2]})."
        folder = posixpath.dirname(row[3])
        globs = (f"{folder}/**",) if folder else ()
        made.append(_fact(text, row, "tool", name, globs, "package manager"))
    return made


def _is_told(value: str) -> bool:
    return value.lower() not in _UNSTATED and any(map(str.isdigit, value))


def _fact(
    text: str,
    row: Row,
    attribute: str,
    stance: str | None,
    globs: tuple[str, ...],
    subject: str = "",
) -> Statement:
    return Statement(
        kind=RecordKind.FACT,
        text=one_line(text),
        origin=Origin.MANIFESTS,
        source=f"{row[3]}:{row[4]}",
        confidence=SURE,
        subject=(subject or row[0]).lower(),
        attribute=attribute,
        stance=stance,
        globs=globs,
    )
