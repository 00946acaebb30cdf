"""What a person reads: values in, lines out. Pure; nothing here prints, asks or looks anything up.

Values come as the JSON of the daemon, and hold text of other people's repositories: whatever is
put on a line passes `clean` or `one_line` first.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from satchel.base.text import clean, one_line
from satchel.cli.terminal import PLAIN, Paint

Json: TypeAlias = Mapping[str, Any]

LANGUAGES = 6  # named in the summary of an index, the rest are counted
CELL = 60  # characters of one cell of a table
WIDTH = 100  # characters of a line of features
SPOT = 1_000  # characters of the places in one file

# --- small things -----------------------------------------------------------------------------


def size(count: float) -> str:
    """Bytes as a person says them, in powers of 1,000: "93 MB", "1.2 kB"."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= least:
            number = count / least
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{count:.0f} B"


def span(seconds: float) -> str:
    """A time as a person says it: "0.4 s", "12 s", "2 min 5 s"."""
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 file", "1,204 files"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def millis(ms: Json, without: Iterable[str] = ("total",)) -> str:
    """Stages and their milliseconds: "classify 0.1, retrieve 11.2"."""
    left_out = set(without)
    return ", ".join(
        f"{clean(name)} {float(value):.1f}" for name, value in ms.items() if name not in left_out
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], paint: Paint = PLAIN) -> list[str]:
    """Align columns; numbers stand to the right, text to the left, the last column runs free."""
    cells = [[one_line(cell, CELL) for cell in row[:-1]] + [one_line(row[-1])] for row in rows]
    widths = [
        max([len(title)] + [len(row[column]) for row in cells]) for column, title in enumerate(head)
    ]
    numeric = [
        bool(cells) and all(_is_number(row[column]) for row in cells) for column in range(len(head))
    ]

    def line(row: Sequence[str]) -> str:
        parts = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return [paint("dim", line(head)), *(line(row) for row in cells)]


def _is_number(cell: str) -> bool:
    return not cell or cell.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()


def pairs(rows: Iterable[tuple[str, str]], paint: Paint = PLAIN, indent: str = "") -> list[str]:
    """Names and what they hold, in two columns; a repeated name is printed once."""
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    lines = []
    before = None
    for name, value in listed:
        label = "" if name == before else name
        lines.append(f"{indent}{paint('dim', label.ljust(width))}  {value}".rstrip())
        before = name
    return lines


# --- the packet -------------------------------------------------------------------------------


def packet(value: Json, paint: Paint = PLAIN) -> str:
    """The briefing as a person sees it: the packet's own Markdown, or why it is empty."""
    body = clean(str(value.get("markdown") or "")).strip("\n")
    if not body:
        reason = value.get("empty_reason") or "nothing in this workspace earns its place"
        return sentence(f"Empty briefing: {one_line(str(reason))}")
    return markdown(body, paint)


def sentence(text: str) -> str:
    """End a line as a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def markdown(text: str, paint: Paint = PLAIN) -> str:
    """Colour headings and code spans of clean Markdown; every character stays where it is.

    Nothing is wrapped or re-flowed, so that `path:line` stays something a terminal can open.
    """
    if not paint.on:
        return text
    lines = []
    fenced = False
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
            lines.append(paint("dim", line))
        elif fenced:
            lines.append(line)
        elif line.startswith("#"):
            lines.append(paint("head", line))
        else:
            parts = line.split("`")
            closed = len(parts) % 2 == 1
            lines.append(
                "".join(
                    paint("place", f"`{part}`") if index % 2 else part
                    for index, part in enumerate(parts)
                )
                if closed
                else line
            )
    return "\n".join(lines)


def footer(value: Json, paint: Paint = PLAIN) -> str:
    """One line below a briefing: what kind of request it was, its tokens and milliseconds."""
    intent = value.get("intent") or {}
    ms = value.get("ms") or {}
    text = (
        f"{intent.get('kind', '?')} ({float(intent.get('confidence', 0)):.2f})"
        f" · {value.get('tokens', 0)} of {value.get('budget', 0)} tokens"
        f" · {float(ms.get('total', 0)):.1f} ms"
    )
    stages = millis(ms)
    text += f" ({stages})" if stages else ""
    if value.get("catching_up"):
        text += " · the latest changes are still being read"
    return paint("dim", clean(text))


def places(path: str, lines: Sequence[Sequence[int]]) -> str:
    """Places that a terminal or an editor opens: "path:10-42, path:50"."""
    spans = [f"{start}-{end}" if end > start else f"{start}" for start, end in lines]
    return ", ".join(f"{path}:{span}" for span in spans) or path


def given(value: Json, paint: Paint = PLAIN) -> list[tuple[str, str]]:
    """What a briefing handed over: each item with its places and its reason."""
    rows = []
    for file in value.get("files", ()):
        if file.get("in_packet", True):
            spot = places(str(file["path"]), file.get("lines") or ())
            rows.append((spot, str(file.get("reason", ""))))
    rows += [(str(test["path"]), str(test.get("reason", ""))) for test in value.get("tests", ())]
    rows += [
        (f"{record.get('kind', 'record')} {record.get('source') or record.get('id', '')}", why)
        for record in value.get("records", ())
        for why in [str(record.get("reason", ""))]
    ]
    return [
        ("given", f"{paint('place', one_line(spot, SPOT))}  {one_line(reason)}")
        for spot, reason in rows
    ]


def ranked(value: Json, paint: Paint = PLAIN) -> list[str]:
    """The files in rank order, whether the briefing holds them or not."""
    files = list(value.get("files", ()))
    if not files:
        return ["No file ranks."]
    rows = [
        [
            str(number),
            str(file["path"]),
            _score(file.get("score")),
            "yes" if file.get("in_packet") else "no",
            str(file.get("reason", "")),
        ]
        for number, file in enumerate(files, start=1)
    ]
    return table(["#", "file", "score", "in packet", "reason"], rows, paint)


def _features(file: Json, paint: Paint) -> list[str]:
    """What the ranker read of a file, but for what is nothing."""
    features = {name: value for name, value in (file.get("features") or {}).items() if value}
    if not features:
        return []
    told = ", ".join(f"{one_line(name)} {_score(value)}" for name, value in features.items())
    head = paint("head", f"What the ranker read of {one_line(str(file['path']))}")
    return ["", head, *textwrap.wrap(told, WIDTH)]


def explained(value: Json, paint: Paint = PLAIN) -> list[str]:
    """What each signal gave each file, then what was left out and why."""
    files = list(value.get("files", ()))
    names = sorted({name for file in files for name in file.get("signals") or {}})
    lines = [paint("head", "What each signal gave")]
    if not files:
        lines.append("no file ranked")
    else:
        rows = [
            [
                str(place_of),
                *(_score((file.get("signals") or {}).get(name)) for name in names),
                _score(file.get("score")),
                "yes" if file.get("in_packet") else "no",
                str(file.get("reason", "")),
            ]
            for place_of, file in enumerate(files, start=1)
        ]
        for row, file in zip(rows, files, strict=True):
            row.insert(1, str(file["path"]))
        lines += table(["#", "file", *names, "score", "in", "reason"], rows, paint)
        for file in files:
            lines += _features(file, paint)
    records = list(value.get("records", ()))
    if records:
        lines += ["", paint("head", "Records that apply")]
        lines += [
            f"{one_line(str(record.get('id', '')))}  {_score(record.get('score'))}  "
            f"{one_line(str(record.get('reason', '')))}"
            for record in records
        ]
    left_out = list(value.get("left_out", ()))
    if left_out:
        lines += ["", paint("head", "Left out")]
        lines += [f"- {one_line(str(item))}" for item in left_out]
    return lines


def _score(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) and value else ""


# --- an index ---------------------------------------------------------------------------------


def tally(counts: Mapping[str, int], most: int = LANGUAGES) -> str:
    """Counts by name, largest first: "python 30, markdown 8, 2 others 3"."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{one_line(name)} {number:,}" for name, number in ordered[:most]]
    rest = ordered[most:]
    if rest:
        shown.append(f"{counted(len(rest), 'other')} {sum(number for _, number in rest):,}")
    return ", ".join(shown)
