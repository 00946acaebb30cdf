"""What is decided when something is said: its kind, its scope, and what cannot be kept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from satchel.base.errors import BadInput
from satchel.context.kinds import guess_kind, undecided
from satchel.context.remember import Saying, scope, stated
from satchel.context.types import Record, RecordKind
from satchel.context.validity import opposes


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("Handlers must not touch the database", RecordKind.RULE, "must"),
        ("Never commit to main", RecordKind.RULE, "never"),
        ("I prefer tabs", RecordKind.PREFERENCE, "prefer"),
        ("We decided that every price must be in cents", RecordKind.DECISION, "decided"),
        ("Use pnpm instead of npm", RecordKind.DECISION, "use"),
        ("JWT was ruled out", RecordKind.DECISION, "ruled out"),
        ("The client is called Ada", RecordKind.NOTE, ""),
        ("preferential treatment", RecordKind.NOTE, ""),
        ("No new dependency without asking Ada first", RecordKind.RULE, "no"),
        ("No idea who owns the parser", RecordKind.NOTE, ""),
        ("Answer in English", RecordKind.PREFERENCE, "answer"),
        ("Validate every form on the server", RecordKind.RULE, "validate"),
        ("Log files are kept for a week", RecordKind.NOTE, ""),
        ("Search goes through the gateway", RecordKind.NOTE, ""),
        (
            "Alpine stays; distroless was rejected since we need a shell",
            RecordKind.DECISION,
            "was rejected",
        ),
        ("A request with a bad token was rejected with 401", RecordKind.NOTE, ""),
        ("We store times as Unix seconds, not as ISO strings", RecordKind.DECISION, "not"),
        ("The bug is in the parser, not in the lexer", RecordKind.NOTE, ""),
        ("She is called Ada, not Eda", RecordKind.NOTE, ""),
        ("Hooks are retried at most 3 times", RecordKind.RULE, "at most"),
        ("The migration took at least two hours", RecordKind.NOTE, ""),
        ("Wir haben entschieden, nie wieder MySQL zu nutzen", RecordKind.DECISION, "entschieden"),
        ("Wir verwenden pnpm statt npm", RecordKind.DECISION, "wir verwenden"),
        ("Ab jetzt immer die Tests laufen lassen", RecordKind.RULE, "ab jetzt"),
        ("Bitte niemals auf main pushen", RecordKind.RULE, "niemals"),
        ("Preise dürfen im Code nicht als float stehen", RecordKind.RULE, "dürfen im code nicht"),
        ("Ich bevorzuge kurze Funktionen", RecordKind.PREFERENCE, "bevorzuge"),
        ("Ich schreibe Tests lieber in pytest", RecordKind.PREFERENCE, "ich schreibe tests lieber"),
        ("Das Treffen findet am Montag statt", RecordKind.NOTE, ""),
        ("Der Server läuft immer noch", RecordKind.NOTE, ""),
        ("Keine Ahnung, wem das gehört", RecordKind.NOTE, ""),
    ],
)
def test_a_kind_is_told_from_the_word_that_stands_first(
    text: str, kind: RecordKind, word: str
) -> None:
    assert guess_kind(text) == (kind, word)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We might switch to Bun, not decided yet", RecordKind.DECISION),
        ("maybe we should use Kafka", RecordKind.DECISION),
        ("I'm not sure whether we should go with Redis", RecordKind.DECISION),
        ("Should we use Redis or Kafka for the queue?", RecordKind.DECISION),
        ("Use Kafka or RabbitMQ: we haven't decided", RecordKind.DECISION),
        ("Perhaps we must never log bodies", RecordKind.RULE),
        ("I'm not sure whether Ada is the owner", RecordKind.NOTE),
        ("Sollen wir zu Bun wechseln?", RecordKind.DECISION),
        ("Vielleicht sollten wir Kafka nutzen", RecordKind.DECISION),
        ("Ob wir Kafka nutzen, ist noch nicht entschieden", RecordKind.DECISION),
    ],
)
def test_what_is_only_weighed_is_kept_as_open_and_says_so(text: str, kind: RecordKind) -> None:
    read = stated(Saying(text))
    assert (read.kind, read.is_open) == (kind, True)
    assert "kept as open" in read.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "Never log tokens, they might leak",
        "We decided to use npm, because Bun might change its API",
        "You must not use GPL code; we could be sued",
        "Maybe is no answer. We never use it.",
        "We could not use Kafka, so we use Redis",
        "Perhaps surprisingly, we decided to stay with npm",
        "Do we use npm? Yes, always",
        "It might rain tomorrow",
    ],
)
def test_what_says_that_something_is_so_is_not_open(text: str) -> None:
    assert not undecided(text)
    assert not stated(Saying(text)).is_open


@pytest.mark.parametrize(
    "text",
    [
        "please don't touch setup.py in this change",
        "Don't add comments to this function",
        "Never use print in this file",
        "Use SQLite for now",
        "Bitte in dieser Datei niemals print verwenden",
    ],
)
def test_what_is_said_for_once_is_a_note_that_opposes_nothing(text: str) -> None:
    read = stated(Saying(text))
    assert read.kind is RecordKind.NOTE
    assert "opposes nothing" in read.notes[0]
    assert not opposes(Record("r", read.kind, text, "/w", ("user",), "2026-01-01", "2026-01-01"))
    assert stated(Saying(text, kind="rule")).kind is RecordKind.RULE


def test_what_holds_beyond_the_moment_as_well_keeps_its_kind() -> None:
    read = stated(Saying("Never push to main. In this change, don't touch setup.py."))
    assert (read.kind, read.notes) == (RecordKind.RULE, ())


def test_a_kind_that_is_named_is_not_guessed() -> None:
    read = stated(Saying("Never say never", kind="fact"))
    assert (read.kind, read.guessed) == (RecordKind.FACT, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("src/api/*", "./docs/"), ("src/api/*", "docs/")),
        (("src/*", "!src/old/*"), ("src/*", "!src/old/*")),
        ((), ()),
    ],
)
def test_globs_are_kept_as_seen_from_the_top(given: Sequence[str], kept: tuple[str, ...]) -> None:
    assert scope(given) == (kept, ())


@pytest.mark.parametrize("glob", ["*", "**", "**/*", "./**", "*.*"])
def test_a_glob_that_matches_everything_is_none_and_says_so(glob: str) -> None:
    globs, notes = scope(["src/*", glob])
    assert globs == ()
    assert "matches every file" in notes[0]


@pytest.mark.parametrize(
    ("glob", "why"),
    [
        ("", "is empty"),
        ("/etc/*", "is absolute"),
        ("~/x", "is absolute"),
        ("../x", "leads out"),
        ("x" * 201, "longer than"),
        ("!src/*", "leave none in"),
    ],
)
def test_a_glob_that_can_match_nothing_is_refused(glob: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        scope([glob])


def test_what_could_steer_a_terminal_is_not_kept() -> None:
    assert stated(Saying("use \x1b[31mtabs\u202e")).text == "use tabs"


@pytest.mark.parametrize(
    ("saying", "code"),
    [
        (Saying("x", subject="s" * 201), "bad-name"),
        (Saying("x", aliases=("\x1b",)), "bad-name"),
        (Saying("x", aliases=("a",) * 101), "too-many-names"),
        (Saying("x", globs=("a",) * 101), "too-many-names"),
        (Saying("x", since="soon"), "bad-date"),
        (Saying("\x00"), "empty-record"),
    ],
)
def test_what_cannot_be_kept_is_refused(saying: Saying, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        stated(saying)
    assert refused.value.code == code


def test_what_no_briefing_shows_whole_says_what_is_kept_of_it() -> None:
    [note] = stated(Saying("lorem ipsum " * 25_000)).notes
    assert note.startswith("all 299,999 characters from “lorem ipsum lorem")
    assert note.endswith("; a briefing shows only the first lines")
    assert (
        stated(Saying("Sessions stay on the server, since a token cannot be revoked")).notes == ()
    )
