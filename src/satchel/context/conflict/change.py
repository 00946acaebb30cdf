"""An edit, read once so that it can be held against many records. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from satchel.context.conflict.constants import Constant, constants
from satchel.context.conflict.diff import Edit, refuses
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.names import spelling
from satchel.context.conflict.swap import Swaps, swaps
from satchel.context.conflict.switch import set_by


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of an edit by their concepts, and the lines that hold each concept."""

    concepts: tuple[frozenset[str], ...]
    holding: Mapping[str, Sequence[int]]
    all: frozenset[str]

    def with_any(self, wanted: Iterable[str]) -> Iterator[frozenset[str]]:
        """Yield the concepts of the lines that hold any of these, in order."""
        at = {line for one in wanted for line in self.holding.get(one, ())}
        return (self.concepts[line] for line in sorted(at))


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit adds and removes, by concepts; `place` are those of its path."""

    edit: Edit
    added: Lines
    removed: Lines
    context: frozenset[str]
    place: frozenset[str]
    constants: tuple[Constant, ...]
    put: str  # the added lines, in lower case
    stood: str  # … and those that were there before
    swaps: Swaps
    switches: Mapping[str, bool]  # that it sets otherwise than before

    @property
    def before(self) -> frozenset[str]:
        """What the file was seen to hold before."""
        return self.removed.all | self.context

    def adds_name(self, name: str, written: str = "") -> bool:
        """Tell whether a name, in lower case, comes into the file: as it is `written`, if it has
        capitals."""
        if self.edit.is_prose or name not in self.put:
            return False
        if written.isalpha() and not any(written in line for line in self.edit.added):
            return False  # the word "act" is not `Act`
        spelled = spelling(name)
        return bool(spelled.search(self.put)) and not spelled.search(self.stood)


def change(edit: Edit) -> Change:
    """Read an edit."""
    context = frozenset().union(*map(concepts, edit.context))
    return Change(
        edit,
        _lines(edit.added),
        _lines(edit.removed),
        context,
        concepts(edit.path.replace("/", " ")),
        tuple(constants(edit)),
        "\n".join(line for line in edit.added if not refuses(line)).lower(),
        "\n".join((*edit.removed, *edit.context)).lower(),
        swaps(edit),
        {} if edit.is_prose else dict(set_by(edit.added).items() - set_by(edit.removed).items()),
    )


def _lines(lines: Sequence[str]) -> Lines:
    read = tuple(map(concepts, lines))
    holding: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(read):
        for one in line:
            holding[one].append(at)
    return Lines(read, holding, frozenset(holding))
