"""What a document says of itself before its text: YAML between two lines of dashes.

Clients write `globs: *.ts` there, which is not YAML; what YAML refuses is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import yaml

from satchel.context.globs import split

MOST: Final = 20_000  # characters that are read as front matter
_ITEMS: Final = 200  # of one list
_FENCE: Final = re.compile(r"-{3,}[ \t]*$")
_FIELD: Final = re.compile(r"([A-Za-z_][\w .-]{0,60}?)\s{0,10}:(?:\s|$)")

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields by their names in lower case, dashes for blanks; and where the text begins.

    `lines` is how many lines come before the text; `is_readable` is false where something stands
    there that is neither YAML nor lines of "name: value".
    """

    fields: Mapping[str, Value]
    lines: int = 0
    is_readable: bool = True

    def text(self, *names: str) -> str:
        """Return the first of these fields that is there, as one text."""
        for name in names:
            if value := self.fields.get(name):
                return value if isinstance(value, str) else ", ".join(value)
        return ""

    def items(self, name: str) -> tuple[str, ...]:
        """Return a field that may hold several values."""
        value = self.fields.get(name, ())
        return ((value,) if value else ()) if isinstance(value, str) else value


NONE: Final = FrontMatter({})


def front_matter(text: str) -> FrontMatter:
    """Read the front matter of a text. Never raises."""
    if not text.startswith("---"):
        return NONE
    lines = text[:MOST].split("\n")
    if not _FENCE.match(lines[0]):
        return NONE
    end = next((at for at, line in enumerate(lines[1:], start=1) if _FENCE.match(line)), None)
    if end is None:
        return FrontMatter({}, 0, False) if _FIELD.match("".join(lines[1:2])) else NONE
    fields = read_fields("\n".join(lines[1:end]))
    return FrontMatter(fields or {}, end + 1, fields is not None)


def read_fields(spelled: str) -> dict[str, Value] | None:
    """Read YAML whose top is a mapping, in plain texts and lists of them; None if it is neither."""
    spelled = spelled[:MOST]
    if not spelled.strip():
        return {}
    loose = _loose(spelled.split("\n"))
    try:
        found = yaml.load(spelled, Loader=_Texts)  # noqa: S506 - it builds nothing but texts
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError):
        return loose
    if not isinstance(found, dict):
        return loose
    return {_name(key): _plain(value) for key, value in found.items()}


class _Texts(yaml.BaseLoader):
    """Every scalar is the text that it is: `1.10` is no number and `no` no answer."""


def _name(key: object) -> str:
    return "-".join(str(key).lower().replace("_", "-").split())


def _plain(value: object) -> Value:
    if isinstance(value, (list, tuple)):
        return tuple(one for item in value[:_ITEMS] if (one := _scalar(item)))
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, (str, int, float, date, datetime)):
        return " ".join(str(value).split())
    return ""


def _loose(lines: list[str]) -> dict[str, Value] | None:
    """Read lines of "name: value", with "- item" below them; None where a line is neither."""
    fields: dict[str, Value] = {}
    name = None
    for line in lines:
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        found = _FIELD.match(line)
        if found:
            name = _name(found[1])
            fields[name] = _listed(line[found.end(1) :].lstrip()[1:].strip())
        elif name is not None and bare.startswith("- "):
            held = fields[name]
            items = held if isinstance(held, tuple) else (held,) if held else ()
            fields[name] = (*items, *_unquoted(bare[2:]))[:_ITEMS]
        elif name is not None and line[:1] in " \t":
            held = fields[name]
            if isinstance(held, str):
                fields[name] = f"{held} {bare}".strip(" >|")
        else:
            return None
    return fields


def _listed(value: str) -> Value:
    """Read "[a, b]" as a list, anything else as the text that it is."""
    if value.startswith("[") and value.endswith("]"):
        return split(value[1:-1])[:_ITEMS]
    return next(_unquoted(value), "")


def _unquoted(value: str) -> Iterator[str]:
    bare = value.strip()
    if len(bare) > 1 and bare[0] in "\"'" and bare[-1] == bare[0]:
        bare = bare[1:-1]
    if bare:
        yield bare
