"""What one file becomes when clients are connected or disconnected. Pure: bytes in, bytes out.

Where nobody touched a file since, taking everything out gives the old bytes. Else each part is
taken out of what the file holds now. An entry of our name that is not ours is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from satchel.tools import entries
from satchel.tools.connected import Kept, Part, Whole, digest
from satchel.tools.edit.change import (
    MISSING,
    Append,
    Format,
    Put,
    Trace,
    Unfit,
    Unreadable,
    dotted,
    look,
    same,
)
from satchel.tools.edit.formats import FORMATS

WHOLE: Final = "whole"  # the format of a file that is ours alone
LANGUAGE: Final = {"json": "JSON", "toml": "TOML", "yaml": "YAML"}


class LeftAlone(Exception):
    """The file stays as it is. The message is one sentence; `next_step` says what to do."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Joined:
    """What a file is to be, None for no file; what is to be kept of it, None where nothing of ours
    is in it any more; what was found changed and left, in words."""

    content: bytes | None
    kept: Kept | None
    notes: tuple[str, ...] = ()


# --- connect ----------------------------------------------------------------------------------


def join(
    path: str,
    project: str | None,
    format_name: str,
    content: bytes | None,
    kept: Kept | None,
    parts: Sequence[Part],
    overwrite: bool = False,
) -> Joined:
    """Work parts into a file. Raises LeftAlone.

    `overwrite` lets an entry of our name, or a file, that is not ours be replaced; what it was is
    kept for `disconnect`.
    """
    if format_name == WHOLE:
        return _join_whole(path, project, content, kept, parts, overwrite)
    format_ = FORMATS[format_name]
    text = _text(content)
    held = list(kept.parts) if kept is not None else []
    before = content
    if kept is not None:
        touched = content is None or digest(content) != kept.after
        before = _bare(content, kept, format_) if touched else kept.before
    elif content is not None and (found := strays(format_name, content, parts)):
        # Connected by an earlier home of ours: what it is without us is the old.
        kept = _with(path, format_name, project, None, content, found)
        before = _bare(content, kept, format_)
    try:
        for part in parts:
            text, done = _work_in(format_, text, part, held, overwrite)
            held = [one for one in held if not _alike(one, done)] + [done]
    except Unreadable as error:
        raise _unreadable(format_name, error) from error
    except Unfit as error:
        raise _unfit(error) from error
    changed = content if content is not None and text == _text(content) else text.encode("utf-8")
    return Joined(changed, _with(path, format_name, project, before, changed, held))


def _work_in(
    format_: Format, text: str, part: Part, held: Sequence[Part], overwrite: bool
) -> tuple[str, Part]:
    deed = part.deed
    known = [one for one in held if _alike(one, part)]
    others = [one for one in held if one.client != part.client and _same_place(one, part)]
    trace = known[0].trace if known else (others[0].trace if others else Trace())
    value = format_.read(text)
    if isinstance(deed, Append):
        listed = look(value, deed.path)
        ones = listed if isinstance(listed, list) else []
        if any(same(one, deed.value) for one in ones):
            return text, replace(part, trace=trace)
        for old in [one for one in ones if entries.hooks_in(one)]:
            text = format_.drop(text, Append(deed.path, old), trace)
        text, trace = format_.put(text, deed)
        return text, replace(part, trace=trace)
    assert isinstance(deed, Put)
    found = look(value, deed.path)
    if found is MISSING:
        text, trace = format_.put(text, deed)
    elif _is_ours(found, known or others):
        last = known[0].deed if known else None
        was = last.value if isinstance(last, Put) else {}
        text = _mended(format_, text, deed, found, was)
    elif overwrite:
        text, trace = format_.put(text, deed)
    else:
        raise LeftAlone(
            f"it has an entry {dotted(deed.path)} that is not Satchel's",
            "rename it, or add --replace; `satchel disconnect` then puts it back",
        )
    return text, replace(part, trace=trace)


def _mended(format_: Format, text: str, deed: Put, found: Any, was: Any) -> str:
    """Bring an entry of ours up to date, with what the user gave it besides."""
    if not isinstance(found, dict):
        return format_.put(text, deed)[0]
    for name, value in deed.value.items():
        if name not in found or not same(found[name], value):
            text, _ = format_.put(text, Put((*deed.path, name), value))
    for name, value in was.items() if isinstance(was, dict) else ():
        if name not in deed.value and name in found and same(found[name], value):
            text = format_.drop(text, Put((*deed.path, name), value), Trace())
    return text


def _is_ours(found: Any, known: Sequence[Part]) -> bool:
    return entries.serves(found) or any(
        isinstance(one.deed, Put) and same(one.deed.value, found) for one in known
    )


def _join_whole(
    path: str,
    project: str | None,
    content: bytes | None,
    kept: Kept | None,
    parts: Sequence[Part],
    overwrite: bool,
) -> Joined:
    [part] = parts
    assert isinstance(part.deed, Whole)
    wanted = part.deed.text.encode("utf-8")
    before = content
    if kept is not None and content is not None and digest(content) == kept.after:
        before = kept.before
    elif content == wanted:
        before = None
    elif content is not None and not overwrite:
        raise LeftAlone(
            "it is there already, and it is not as Satchel writes it",
            "move it away, or add --replace; `satchel disconnect` then puts it back",
        )
    return Joined(wanted, _with(path, WHOLE, project, before, wanted, [part]))


# --- disconnect -------------------------------------------------------------------------------


def part_from(kept: Kept, content: bytes | None, leaving: Sequence[Part]) -> Joined:
    """Take parts out of a file. Raises LeftAlone where it cannot be read any more."""
    staying = [part for part in kept.parts if part not in leaving]
    untouched = content is not None and digest(content) == kept.after
    if untouched and not staying:
        return Joined(kept.before, None)
    if content is None:  # it was removed since, and all that was in it
        return Joined(None, None)
    if kept.format == WHOLE:
        note = "you changed it since, so it stays; remove it where you need it no more"
        return Joined(content, None, (note,))
    format_ = FORMATS[kept.format]
    text = _text(content)
    notes: list[str] = []
    try:
        for part in reversed(kept.parts):
            shared = any(_same_place(one, part) for one in staying)
            if part in leaving and not shared:
                text = _taken_out(format_, text, part, notes)
        is_empty = not format_.read(text)
    except Unreadable as error:
        raise _unreadable(kept.format, error) from error
    except Unfit as error:
        raise _unfit(error) from error
    if kept.before is None and not staying and is_empty and not _remarked(text):
        return Joined(None, None, tuple(notes))
    changed = text.encode("utf-8")
    if not staying:
        return Joined(changed, None, tuple(notes))
    before = kept.before if untouched else _bare(content, kept, format_)
    left = _with(kept.path, kept.format, kept.project, before, changed, staying)
    return Joined(changed, left, tuple(notes))


def _taken_out(format_: Format, text: str, part: Part, notes: list[str]) -> str:
    deed = part.deed
    assert not isinstance(deed, Whole)
    found = look(format_.read(text), deed.path)
    if isinstance(deed, Put):
        if found is MISSING:
            return text
        if not entries.serves(found) and not same(found, deed.value):
            notes.append(f"{dotted(deed.path)} is not Satchel's any more, so it stays")
            return text
        return format_.drop(text, deed, part.trace)
    ones = found if isinstance(found, list) else []
    exact = [one for one in ones if same(one, deed.value)]
    for one in exact or [one for one in ones if entries.hooks_in(one)]:
        text = format_.drop(text, Append(deed.path, one), part.trace)
    return text


def strays(format_name: str, content: bytes, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return which parts stand in a file that nothing is kept of, as they stand there.

    That is so where the Satchel home was removed before the clients were disconnected. What stood
    there before is not known, so containers that they leave empty are taken for ours.
    """
    if format_name == WHOLE:
        return tuple(
            part
            for part in parts
            if isinstance(part.deed, Whole)
            and (b"satchel-hook" in content or part.deed.text.encode("utf-8") == content)
        )
    try:
        value = FORMATS[format_name].read(_text(content))
    except (Unreadable, LeftAlone):
        return ()
    found: list[Part] = []
    for part in parts:
        deed = part.deed
        assert not isinstance(deed, Whole)
        there = look(value, deed.path)
        if isinstance(deed, Put) and there is not MISSING and entries.serves(there):
            made = Trace(made=len(deed.path) - 1)
            found.append(replace(part, deed=Put(deed.path, there), trace=made))
        elif isinstance(deed, Append) and isinstance(there, list):
            ours = [one for one in there if entries.hooks_in(one)]
            made = Trace(made=len(deed.path))
            found += [replace(part, deed=Append(deed.path, one), trace=made) for one in ours]
    return tuple(found)


def as_kept(
    path: str, format_name: str, project: Path | None, content: bytes, found: Sequence[Part]
) -> Kept:
    """Return strays as if they had been kept: a file goes that holds nothing without them."""
    top = str(project) if project else None
    if format_name == WHOLE:
        return _with(path, WHOLE, top, None, content, found)
    return Kept(path, format_name, top, None, "", tuple(found))


# --- shared -----------------------------------------------------------------------------------


def _bare(content: bytes | None, kept: Kept, format_: Format) -> bytes | None:
    """Return a file without anything of ours; as it is, where that cannot be told."""
    if content is None:
        return None
    try:
        text = _text(content)
        for part in reversed(kept.parts):
            text = _taken_out(format_, text, part, [])
    except (Unreadable, Unfit, LeftAlone):
        return content
    return text.encode("utf-8")


def _with(
    path: str,
    format_name: str,
    project: str | None,
    before: bytes | None,
    content: bytes,
    parts: Sequence[Part],
) -> Kept:
    return Kept(path, format_name, project, before, digest(content), tuple(parts))


def _alike(one: Part, other: Part) -> bool:
    return one.client == other.client and _same_place(one, other)


def _same_place(one: Part, other: Part) -> bool:
    mine, its = one.deed, other.deed
    if isinstance(mine, Whole) or isinstance(its, Whole):
        return isinstance(mine, Whole) and isinstance(its, Whole)
    return type(mine) is type(its) and mine.path == its.path


def _text(content: bytes | None) -> str:
    try:
        return "" if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LeftAlone("it is not UTF-8 text", "save it as UTF-8") from error


def _remarked(text: str) -> bool:
    """Tell whether more than brackets is left: a remark that the user wrote into our file."""
    return bool(text.strip("\ufeff \t\r\n{}"))


def _unreadable(format_name: str, error: Unreadable) -> LeftAlone:
    return LeftAlone(
        f"it cannot be read as {LANGUAGE[format_name]} ({error})", "mend it and run this again"
    )


def _unfit(error: Unfit) -> LeftAlone:
    return LeftAlone(
        f"{error}" if str(error)[:1] != "`" else f"in it, {error}",
        "paste the entry by hand: `satchel connect --print` shows it",
    )
