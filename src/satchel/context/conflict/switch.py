"""What a text or an edit sets by name: "sandbox on", `strict: true`, `retries: 2`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from satchel.context.english import stem

_NAME: Final = r"[A-Za-z_][\w.-]{2,60}"
_ON: Final = frozenset({"on", "true", "yes", "y", "enabled", "enable", "activate", "enabling"})
_STATE: Final = r"(?P<state>on|off|true|false|enabled|disabled|yes|no)"
# "nodeIntegration off, contextIsolation and sandbox on", "strict is true", `strict: true`.
_AFTER: Final = re.compile(
    rf"(?P<names>{_NAME}(?:(?:,\s|\sand\s|\sor\s){_NAME}){{0,4}})['\"`]{{0,2}}"
    rf"(?:\s(?:is|are|stays?|remains?|be|set to|to|must be|always)\b){{0,2}}\s{{0,3}}"
    rf"[:=]{{0,2}}\s{{0,3}}"
    rf"['\"`]?{_STATE}\b(?!\s(?:the|a|an|our|its|this|that|every|each|all|[A-Z]|my|of|to)\b)(?!-)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"\b(?:turn(?:s|ed|ing)?|switch(?:es|ed|ing)?)\s(?P<state>on|off)\s(?:the\s|our\s)?[`'\"]?"
    rf"(?P<names>{_NAME})|\b(?P<verb>enabl|activat|disabl|deactivat)(?:e|es|ed|ing)\s(?:the\s|"
    rf"our\s)?"
    rf"[`'\"]?(?P<object>{_NAME})|\b(?:turn|switch)(?:s|es|ed|ing)?\s(?:the\s|our\s)?"
    rf"(?P<between>{_NAME})\s(?P<end>on|off)\b",
    re.IGNORECASE,
)
_SET: Final = re.compile(
    rf"^\W{{0,40}}(?:(?:const|let|var|val|final|public|private|static|export|set|ENV|ARG)\s){{0,4}}"
    rf"(?P<name>{_NAME})['\"]?\s{{0,4}}(?:=>|:=|:|=)\s{{0,4}}['\"]?(?P<state>true|false|on|off|"
    rf"yes|no|y|n|enabled|"
    rf"disabled)\b(?P<rest>\W{{0,6}})(?:#.{{0,200}}|//.{{0,200}})?$",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(  # without one of these, neither of the above can match
    r"\b(?:on|off|true|false|enabled|disabled|yes|no)\b|\b(?:enabl|activat|disabl|deactivat)",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(r"\b(?:not|never|no|don't|without)\s(?:\w+\s)?$", re.IGNORECASE)
_WORDS: Final = frozenset(
    [
        "it",
        "that",
        "this",
        "them",
        "which",
        "and",
        "the",
        "are",
        "is",
        "was",
        "set",
        "be",
        "stays",
        "from",
    ]
)


def switches(text: str) -> dict[str, bool]:
    """Return which switches a sentence of prose has on or off, by their letters; those that it
    names both ways are left."""
    return _sure(_told(text))


def switches_in(text: str) -> dict[str, bool]:
    """Return which switches a text has on or off: of two of its sentences the later counts."""
    found: dict[str, bool] = {}
    for line in re.split(r"\n|[.;]\s", text):
        found.update(switches(line))
    return found


def set_by(lines: Iterable[str]) -> dict[str, bool]:
    """Return which switches lines of code or configuration set."""
    found = []
    for line in lines:
        if match := _SET.match(line):
            found.append((_bare(match["name"]), match["state"].lower() in _ON))
        elif match := _NOT_SET.match(line):
            found.append((_bare(match["name"]), False))
    return _sure(found)


def switched(held: Mapping[str, bool], asked: Mapping[str, bool]) -> str | None:
    """Return a switch that is asked for the other way round than it is held."""
    return next((name for name, on in asked.items() if held.get(name, on) is not on), None)


def _told(text: str) -> Iterator[tuple[str, bool]]:
    if _TELLS.search(text) is None:
        return
    for match in _BEFORE.finditer(text):
        if _NEGATED.search(text[: match.start()]):
            continue
        if match["verb"]:
            yield _letters(match["object"]), match["verb"].lower() in {"enabl", "activat"}
        else:
            name, state = match["names"] or match["between"], match["state"] or match["end"]
            yield _letters(name), state.lower() in _ON
    for match in _AFTER.finditer(text):
        on = match["state"].lower() in _ON
        for name in re.split(r",\s|\s(?:and|or)\s", match["names"]):
            yield _letters(name), on


def _bare(name: str) -> str:
    """Return the letters of a switch without what only says that it is one: CONFIG_WATCHDOG."""
    return _letters(_PREFIX.sub("", name))


_PREFIX: Final = re.compile(r"^(?:CONFIG_|ENABLE_|USE_|WITH_|(?:enable|use|with|is)(?=[A-Z]))")
_NOT_SET: Final = re.compile(rf"# (?P<name>{_NAME}) is not set$")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.rpartition(".")[2].lower())


def _sure(found: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    seen: dict[str, set[bool]] = {}
    for name, on in found:
        if len(name) > 3 and name not in _WORDS:
            seen.setdefault(name, set()).add(on)
    return {name: states.pop() for name, states in seen.items() if len(states) == 1}


def key(name: str) -> str:
    """Return that by which a number is known, however its name is written."""
    return stem(_letters(name))


def numbers(text: str) -> dict[str, float]:
    """Return the plain numbers that names are set to: "retries stay at 0", `retries: 2`."""
    seen: dict[str, set[float]] = {}
    for match in _NUMBERED.finditer(text):
        name = key(match["name"])
        if len(name) > 3 and name not in _WORDS:
            seen.setdefault(name, set()).add(float(match["number"]))
    return {name: values.pop() for name, values in seen.items() if len(values) == 1}


_NUMBERED: Final = re.compile(  # … and no unit after it
    rf"\b(?P<name>{_NAME})['\"`]?(?:\s?[:=]\s?|\s(?:(?:stays?|remains?|is|are|be|set|fixed|"
    r"pinned)\s)?(?:at|to)\s|\s(?:stays?|remains?)\s)(?P<number>\d{1,9}(?:\.\d{1,4})?)"
    r"(?![\w%:/-]|\.\d|\s?(?!(?:and|as|at|but|for|here|if|in|instead|on|so|to|when)\b)[A-Za-z%])"
)
