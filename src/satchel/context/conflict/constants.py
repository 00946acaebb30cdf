"""Numbers that an edit gives to a name where another stood before. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.conflict.diff import Edit, refuses
from satchel.context.conflict.likeness import concept, concepts
from satchel.context.conflict.quantity import SIZE, TIME, UNITS, Bound, Quantity, opposed, version
from satchel.context.terms import parts

_ASSIGNED: Final = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,60})(?:[\"']?\s{0,4}(?:[<>]=|=>|==|=|:|\(|<|>)\s{0,4}[\"']?|"
    r"\s{1,4})"
    r"(?P<number>\d{1,9}(?:[._]\d{1,6}){0,3})(?P<unit>[A-Za-z%]{0,7})(?:\.(?P<of>[a-z]{3,12})(?![\w(]))?(?![\w.])"
)
SMALL: Final = 5  # a number up to this stands in many places
_BARE: Final = re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,6})?(?!\.\d)")
_CHOICE: Final = re.compile(r"\?|\|\||\bor\b|\bif\b")  # `retries: ci ? 3 : 0`
_DEFINED: Final = re.compile(r"[=:<>(]|^\s{0,8}#\s{0,4}define\b|^\s{0,40}(?:ARG|ENV|FROM)\b")
_ONE: Final = frozenset(
    {"one ", "one-", "zero", "no o"}
)  # "one purpose a task" is no number in code
_UNIT_WORDS: Final = frozenset(map(concept, UNITS))


@dataclass(frozen=True, slots=True)
class Constant:
    """A number given to a name, and what it was before, both in the base unit where one is told.

    `words` are the concepts of the name, `near` those of its line and file.
    """

    name: str
    now: Quantity
    was: Quantity | None
    words: frozenset[str]
    near: frozenset[str]
    around: frozenset[str] = frozenset()  # … and those of the lines that stay


def constants(edit: Edit) -> Iterator[Constant]:
    """Yield the numbers that an edit changes or adds."""
    before = {name: read for line in edit.removed for name, read in _numbers(line)}
    heads = {_head(line): read for line in edit.removed for name, read in _numbers(line)}
    place = concepts(edit.path.replace("/", " "))
    around = frozenset().union(*map(concepts, edit.context))
    stood = {_BARE.sub("#", line): line for line in edit.removed}
    for line in edit.added:
        if refuses(line):
            continue
        found, head = list(_numbers(line)), _head(line)
        if not found and (old := stood.get(_BARE.sub("#", line))):
            yield from _bare(line, old, place, around)
        elif not found and head and (former := heads.get(head)) and _CHOICE.search(line):
            found = [
                (head, replace(former, value=float(one), number=float(one), spelled=line.strip()))
                for one in _BARE.findall(line.partition(head)[2])
                if float(one) != former.number and former.unit == "number"
            ][:1]
        for name, now in found:
            was = before.get(name)
            if was is None and concepts(name) <= _UNIT_WORDS:  # `minutes: 5` made `hours: 8`
                was = heads.get(head)
            if was is None or was.number != now.number:
                yield Constant(name, now, was, concepts(name), concepts(line) | place, around)


def _bare(line: str, old: str, place: frozenset[str], around: frozenset[str]) -> Iterator[Constant]:
    """Yield the numbers in which alone a line differs from the one that stood there: `wait(60)`."""
    for now, was in zip(_BARE.finditer(line), _BARE.finditer(old), strict=True):
        if now.group() != was.group() and float(was.group()) > 1:
            new, former = (
                Quantity(float(one.group()), "number", Bound.EXACT, one.group(), float(one.group()))
                for one in (now, was)
            )
            yield Constant(now.group(), new, former, frozenset(), concepts(line) | place, around)


def _head(line: str) -> str:
    return re.split(r"[=:(]", line, maxsplit=1)[0].strip()


def passes(
    stated: Quantity, constant: Constant, about: frozenset[str], whole: frozenset[str] = frozenset()
) -> bool:
    """Tell whether a number in code passes one that is stated in words about these concepts, in a
    record about the whole."""
    if stated.unit == "interval":  # code has a time for it
        stated = replace(stated, unit="duration")
    if ((constant.words - _UNIT_WORDS) & about or len(constant.around & about) > 1) and _scaled(
        stated, constant
    ):
        return True
    if not _is_of_kind(stated, constant.now) or stated.spelled[:4].lower() in _ONE:
        return False
    if constant.was is not None and _same(stated, constant.was):
        around = constant.around if constant.was.number > SMALL else frozenset()
        near = (constant.near | around) & (about | whole)
        return bool(near) and _opposed(stated, constant.now)
    if constant.was is not None and _opposed(stated, constant.was):
        return False  # what stood there is not what is stated
    told = bool((constant.words - _UNIT_WORDS) & about)
    told = told and (len(constant.near & about) > 1 or stated.unit.startswith("version"))
    return told and _opposed(stated, constant.now)


def _is_of_kind(stated: Quantity, one: Quantity) -> bool:
    """Tell whether a number in code may count what is stated, by the units that both say."""
    if one.unit not in {"duration", "bytes"}:
        return True
    return stated.unit in {one.unit, "number"} or stated.unit.startswith("named")


def _scaled(stated: Quantity, constant: Constant) -> bool:
    """Tell whether what stood before is what is stated, in another unit, and what stands now passes
    it: 250 mm/s, and `speed: 0.25` made 0.6."""
    was, now = constant.was, constant.now
    if was is None or not (was.number and stated.number) or now.unit != was.unit:
        return False
    scale = stated.number / was.number
    power = math.log10(scale) if scale > 0 else 0.5
    if abs(power - round(power)) > 1e-9 or not round(power):
        return False
    return opposed(stated.bare(), replace(now.bare(), value=now.number * scale))


def _same(stated: Quantity, one: Quantity) -> bool:
    if one.unit != "number":
        return one.unit == stated.unit and one.value == stated.value
    return one.number == stated.number


def _opposed(stated: Quantity, one: Quantity) -> bool:
    if stated.unit.startswith("version"):
        asks = Bound.LEAST if one.unit == "version" else Bound.EXACT  # as a manifest requires it
        told = one.value if one.unit == "version" else version(f"{one.number:g}")
        return opposed(stated, replace(one, value=told, unit=stated.unit, bound=asks))
    if one.unit != "number" and stated.unit in {"duration", "bytes"}:
        return opposed(stated, one)
    return opposed(stated.bare(), one.bare())


def _numbers(line: str) -> Iterator[tuple[str, Quantity]]:
    if _DEFINED.search(line) is None:
        return
    for match in _ASSIGNED.finditer(line):
        name, digits = match["name"], match["number"].replace("_", "")
        split = parts(name.rpartition(".")[2])
        unit = match["unit"].lower() or match["of"] or (split[-1] if split else "")
        last = name.rpartition("_")[2].lower()
        number = float(digits) if digits.count(".") < 2 else float(digits.split(".")[0])
        if split[-1:] == ("version",):
            yield (
                name,
                Quantity(version(digits), "version", Bound.EXACT, f"{name} {digits}", number),
            )
            continue
        kind, factor = "number", 1.0
        if "per" in split:  # per_minute(60)
            yield name, Quantity(number, kind, Bound.EXACT, f"{name} {match['number']}", number)
            continue
        for word in (unit, unit.rstrip("s"), last, last.rstrip("s")):
            if word in TIME and (len(word) > 1 or name.isupper() or match["unit"] or match["of"]):
                kind, factor = "duration", TIME[word]
                break
            if word in SIZE and len(word) > 1:
                kind, factor = "bytes", SIZE[word]
                break
        spelled = f"{name} {match['number']}{match['unit']}"
        yield name, Quantity(number * factor, kind, Bound.EXACT, spelled, number)
