"""Records for a person: values in, lines out. Pure; what others wrote is cleaned on its way.

Values come as the JSON of the daemon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from satchel.base.text import clean, one_line
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint
from satchel.cli.when import day, moment

Json = Mapping[str, Any]

STATEMENT: Final = 300  # characters of a side of a conflict
LISTED: Final = 600  # characters of a text where several are listed whole
FIRST_LINE: Final = 60  # characters of a record in a list
SOURCE: Final = 36
PATH: Final = 5_000


def listed(records: Sequence[Json], paint: Paint = PLAIN) -> list[str]:
    """What was found: what it is, since when, its text, why it fits, where it is from."""
    lines = []
    for record in records:
        date = day(record.get("date") or record.get("valid_from"))
        head = [str(record.get(name) or "") for name in ("id", "kind")]
        lines.append(paint("head", one_line("  ".join([*head, date, *_marks(record)]))))
        lines += [f"  {line}" for line in _beginning(record, paint)]
        lines += [
            paint("dim", f"  until {day(old.get('until'))}: ") + one_line(str(old["text"]))
            for old in record.get("before", ())
        ]
        why = [f"why: {one_line(str(record['reason']))}"] if record.get("reason") else []
        why += [f"from: {place(record, record['source'])}"] if record.get("source") else []
        if why:
            lines.append("  " + paint("dim", " · ".join(why)))
    return lines


def _beginning(record: Json, paint: Paint) -> list[str]:
    """The lines of a text; of a long one those that a list has room for, and where the rest is."""
    text = clean(str(record.get("text", ""))).strip()
    if len(text) <= LISTED:
        return text.splitlines()
    rest = paint("dim", f"… `satchel records --history {one_line(str(record['id']))}` shows all")
    return [*text[:LISTED].rstrip().splitlines(), rest]


def _marks(record: Json) -> list[str]:
    """What sets a record apart: where it stands, that nobody confirmed it, that it is pinned."""
    status = str(record.get("status") or "active")
    marks = [status] if status != "active" else []
    if record.get("mined"):
        marks.append(f"mined, {float(record.get('confidence', 0)):.0%} sure")
    if record.get("pinned"):
        marks.append("pinned")
    return marks


def table(records: Sequence[Json], paint: Paint = PLAIN) -> list[str]:
    """One line a record: reads as well with five as with five hundred."""
    rows = [
        [
            str(record["id"]),
            str(record["kind"]),
            ", ".join([_state(record), *(["pinned"] if record.get("pinned") else [])]),
            day(record["valid_from"]),
            one_line(str(record["text"]), FIRST_LINE),
            _origin(record),
        ]
        for record in records
    ]
    return render.table(["id", "kind", "stands", "since", "what it says", "from"], rows, paint)


def _state(record: Json) -> str:
    status = str(record["status"])
    if status == "later":
        return f"from {day(record['valid_from'])}"
    return "mined" if status == "active" and record.get("mined") else status


def _origin(record: Json) -> str:
    sources = list(record.get("sources") or [record.get("source", "")])
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    where = " · everywhere" if record.get("workspace") == "everywhere" else ""
    return place(record, sources[0], SOURCE) + more + where


def place(record: Json, source: object, most: int = 200) -> str:
    """Where a record is from, in at most so many characters: its end, which tells it from others.
    A transcript lies deep, and by its end it is known, as in a briefing."""
    line, said = one_line(str(source), PATH), ""
    if record.get("origin") == "transcripts" and "/" in line:
        line, said = f"…/{line.rpartition('/')[2]}", "what you said, "
    room = most - len(said)
    return said + (line if len(line) <= room else f"…{line[1 - room :].lstrip('…')}")


def tally(records: Sequence[Json]) -> str:
    """How many of each kind: "12 records: 5 rules, 4 decisions, 3 notes"."""
    counts: dict[str, int] = {}
    for record in records:
        counts[str(record["kind"])] = counts.get(str(record["kind"]), 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kinds = ", ".join(render.counted(number, one_line(kind)) for kind, number in ordered)
    return f"{render.counted(len(records), 'record')}: {kinds}"


def whole(record: Json, paint: Paint = PLAIN) -> list[str]:
    """Everything that is known of one record."""
    head = f"{record['id']}  {record['kind']}  {_state(record)}"
    lines = [paint("head", one_line(head))]
    lines += [f"  {line}" for line in clean(str(record["text"])).splitlines()]
    until = f" until {moment(record['valid_to'])}" if record.get("valid_to") else ""
    confirmed = "confirmed" if record.get("confirmed") else "nobody confirmed it"
    sure = f"{confirmed}, {float(record.get('confidence', 1)):.0%} sure"
    rows = [
        ("held", f"from {moment(record['valid_from'])}{until}"),
        ("learned", moment(record["learned"])),
        *(("source", one_line(str(source))) for source in record.get("sources", ())),
        ("stands", f"{record['status']}, {sure}" + (", pinned" if record.get("pinned") else "")),
        ("because", one_line(str(record.get("status_reason") or ""))),
        ("scope", one_line(str(record["workspace"]))),
        *(("files", one_line(str(glob))) for glob in record.get("globs", ())),
        ("about", _about(record)),
        ("also", ", ".join(one_line(str(name)) for name in record.get("aliases", ()))),
        ("cites", ", ".join(one_line(str(name)) for name in record.get("anchors", ()))),
        ("related", ", ".join(one_line(str(name)) for name in record.get("related", ()))),
        ("replaced", ", ".join(one_line(str(name)) for name in record.get("supersedes", ()))),
        ("replaced by", one_line(str(record.get("superseded_by") or ""))),
    ]
    return lines + render.pairs(((name, value) for name, value in rows if value), paint, "  ")


def _about(record: Json) -> str:
    named = [record.get(name) for name in ("subject", "attribute", "stance")]
    return " · ".join(one_line(str(name)) for name in named if name)


def history(told: Json, paint: Paint = PLAIN) -> list[str]:
    """A record's chain, oldest first, then all that is known of it."""
    chain = [*told["before"], told["record"], *told["after"]]
    lines = []
    if len(chain) > 1:
        for record in chain:
            here = record["id"] == told["record"]["id"]
            until = day(record["valid_to"]) if record.get("valid_to") else "now"
            span = f"{day(record['valid_from'])} to {until}"
            line = f"{one_line(str(record['id']))}  {span:<24}  {one_line(str(record['text']))}"
            lines.append(("→ " if here else "  ") + (paint("head", line) if here else line))
        lines.append("")
    return lines + whole(told["record"], paint)


def remembered(kept: Json, where: str, paint: Paint = PLAIN) -> list[str]:
    """What became of something that was to be remembered."""
    record, known = kept["record"], kept.get("known")
    name = f"{clean(str(record['kind']))} {clean(str(record['id']))}"
    if known:
        before = ", ".join(place(known, source, SOURCE) for source in known["sources"])
        same = known == record
        again = "; it holds again" if known["status"] == "superseded" != record["status"] else ""
        wide = ", which holds everywhere" if known["workspace"] == "everywhere" else ""
        lines = [
            f"Known already: {name}{wide} (from {before}, {day(known['valid_from'])})"
            + ("; nothing changed." if same else f", now also from you{again}.")
        ]
    else:
        reach = clean(str(record.get("workspace") or where))
        told = _told(kept.get("guessed"))
        lines = [f"Remembered as {name} (holds in: {reach}){told}."]
    lines += [f"Note: {one_line(str(note))}." for note in kept.get("notes", ())]
    if kept.get("masked"):
        lines.append(f"{masked(kept['masked'])} before it was kept.")
    lines += ended(kept, paint)
    for conflict in kept.get("conflicts", ()):
        lines += disagreement(conflict, paint)
    return lines


def _told(guessed: object) -> str:
    """How its kind was told, where nobody said it."""
    if guessed is None:
        return ""
    if not guessed:
        return "; no word told its kind, --kind does"
    return f"; “{one_line(str(guessed))}” told its kind, --kind overrules it"


def ended(kept: Json, paint: Paint = PLAIN) -> list[str]:
    """What no longer holds since."""
    return [
        f"It took the place of {old['id']}, which held until {day(old.get('valid_to'))}: "
        + paint("dim", one_line(str(old["text"])))
        for old in kept.get("superseded", ())
    ]


def masked(count: int) -> str:
    """Say how many secrets were masked: "1 secret was masked"."""
    return f"{render.counted(count, 'secret')} {'was' if count == 1 else 'were'} masked"


def disagreement(conflict: Json, paint: Paint = PLAIN) -> list[str]:
    """Two statements that contradict each other, with dates and sources, and how to settle it."""
    lines = [paint("poor", f"These contradict each other: {one_line(str(conflict['reason']))}")]
    ids = [one_line(str(name)) for name in conflict["ids"]]
    sides = zip(ids, conflict["dates"], conflict["statements"], conflict["sources"], strict=True)
    for name, date, text, source in sides:
        lines.append(f"  {name}  {day(date)}  {one_line(str(text), STATEMENT)}")
        lines.append("  " + paint("dim", f"from: {one_line(str(source))}"))
    (first, second), (one, other) = ids, conflict["statements"]
    choices = [
        (f"satchel supersede {first} {second}", _holds(other)),
        (f"satchel supersede {second} {first}", _holds(one)),
        ("satchel forget ID", "one of them was never so"),
    ]
    lines.append("Which one holds?")
    return lines + [f"  {call.ljust(len(choices[0][0]))}  {meaning}" for call, meaning in choices]


def disagreements(conflicts: Sequence[Json], paint: Paint = PLAIN) -> list[list[str]]:
    """Contradictions, each as its lines: where several records say one thing against another, once,
    with the sources of all."""
    keys = [[(str(name), _words(one)) for name in one["ids"]] for one in conflicts]
    often = Counter(key for both in keys for key in both)
    grouped: dict[tuple[str, tuple[str, ...]], list[Json]] = {}
    for one, both in zip(conflicts, keys, strict=True):
        grouped.setdefault(max(both, key=lambda key: often[key]), []).append(one)
    return [_together(shared, alike, paint) for (shared, _), alike in grouped.items()]


def _words(conflict: Json) -> tuple[str, ...]:
    """The words of a reason, whichever of the two records comes first in it."""
    return tuple(sorted(str(conflict["reason"]).split()))


def _together(shared: str, alike: Sequence[Json], paint: Paint) -> list[str]:
    lines = disagreement(alike[0], paint)
    others = [
        f"{one_line(str(name))} ({one_line(str(source))})"
        for one in alike[1:]
        for name, source in zip(one["ids"], one["sources"], strict=True)
        if name != shared
    ]
    if others:
        at = lines.index("Which one holds?")
        lines.insert(at, f"The same against {one_line(shared)}: {', '.join(others)}")
    return lines


def _holds(text: object) -> str:
    return f"“{one_line(str(text), FIRST_LINE)}” holds"


def found_secrets(hits: Sequence[Json]) -> list[str]:
    """Where secrets stand, and of what kinds; never what they are."""
    return [
        f"  {one_line(str(hit['where']))} {one_line(str(hit['id']))}: "
        + ", ".join(
            f"{one_line(str(kind))}" + (f" ({number} times)" if number > 1 else "")
            for kind, number in sorted(hit["kinds"].items())
        )
        for hit in hits
    ]


def imported(told: Json) -> list[str]:
    """What became of a file of records."""
    total = told["added"] + told["changed"] + told["unchanged"]
    lines = [
        f"Imported: {told['added']:,} new, {told['changed']:,} changed, "
        f"{told['unchanged']:,} known already."
    ]
    is_nothing = not told["added"] and not told["changed"]
    if is_nothing:
        lines = [f"Nothing changed: all {render.counted(total, 'record')} were here already."]
    if apart := told.get("elsewhere"):
        lines = lines if total else ["Nothing changed."]
        lines.append(
            f"Left out: {render.counted(apart, 'record')} read in the files and commits of another "
            "folder. --trust takes them too."
        )
    elif total == 0:
        lines = ["Nothing changed: there is no record in it."]
    if is_nothing:
        return lines
    if told.get("masked"):
        lines.append(f"{masked(told['masked'])} before it was kept.")
    if not told["trusted"]:
        lines.append(
            "This Satchel did not write that file, so what it says waits to be confirmed: "
            "`satchel records --status unconfirmed` lists it."
        )
    return lines
