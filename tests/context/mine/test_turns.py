"""What a user's words state, and what they only ask, paste, suppose or report."""

from collections import Counter

import pytest

from satchel.context.mine.turns import FOR_ONCE, stated
from satchel.context.types import RecordKind

D, P, R, F = RecordKind.DECISION, RecordKind.PREFERENCE, RecordKind.RULE, RecordKind.FACT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Let's go with Postgres for the job queue.", D),
        ("We decided to drop Redis because it was flaky.", D),
        ("we'll use Tailwind for styling", D),
        ("No, use httpx instead.", D),
        ("Use pnpm instead of npm.", D),
        ("I switched from VS Code to Neovim last week.", D),
        ("I prefer tabs over spaces.", P),
        ("I really like short functions.", P),
        ("I don't like mocks.", P),
        ("Please always run the linter before committing.", P),
        ("From now on, write commit messages in the imperative.", P),
        ("Can you please always answer in German?", P),
        ("My favourite language is OCaml.", P),
        ("I can't eat gluten.", P),
        ("Don't use lodash, we have our own.", R),
        ("I don't want any new dependencies.", R),
        ("All migrations must be reversible.", R),
        ("We never deploy on Fridays.", R),
        ("Vendor code is off limits.", R),
        ("In this repo we don't squash merges.", R),
        ("Use double quotes everywhere please", P),
        ("please write docs in British English", P),
        ("You must run make lint before each commit.", P),
        ("no no, please don't touch the settings file", R),
        ("I changed my mind: not Redis, Postgres for the queue.", D),
        ("I recently moved to Lisbon and I'm looking for a dentist.", F),
        ("Our deploy target is Fly.io.", F),
        ("The staging DB is on db-staging.internal.", F),
        ("My name is Dana.", F),
        ("Actually it's port 5433.", F),
        ("I work at a small hospital as a nurse.", F),
        ("Remember that the API takes 100 requests a minute.", F),
        ("From now on always run `make test` before you say you're done", P),
        ("Never force-push to main.", P),
        ("Going forward, use pnpm for everything", P),
        ("Always ask me when you want to add a dependency", P),
        ("Never claim it works if you haven't run it", P),
        ("Whenever you change the API, update the docs", P),
        ("In this repo never use lodash", P),
        ("Ab jetzt immer pnpm verwenden", P),
        ("Bitte verwende ab sofort nur pnpm.", P),
        ("Bitte niemals auf main pushen!", P),
        ("Antworte mir immer auf Deutsch", P),
        ("Ich bevorzuge kurze Funktionen", P),
        ("Ich ziehe Tabs Leerzeichen vor.", P),
        ("Verwende kein lodash", R),
        ("Wir haben entschieden, Postgres zu nutzen", D),
        ("Wir haben uns gegen Redis entschieden.", D),
        ("We use Bun for tests, can you add one for the parser?", F),
    ],
)
def test_what_is_meant_to_last_is_kept(text: str, kind: RecordKind) -> None:
    (one,) = stated(text)

    assert one.kind is kind
    assert 0.4 <= one.confidence <= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "Fix this bug.",
        "never mind",
        "Never seen this before",
        "never do that again",
        "Always use it.",
        "Bob always says never use eval",
        "You said you'd always run the tests",
        "It always crashes when you run it",
        "Ab heute ist der Server down",
        "Immer wieder Fehler beim Laden",
        "Immer noch am laden",
        "Wir haben noch nicht entschieden",
        "Vielleicht immer alles neu laden",
        "Kannst du immer alles testen?",
        "Bob sagt, wir haben entschieden, Kafka zu nutzen",
        "Wenn wir Kafka nutzen würden, wäre es schneller",
        "Run the tests",
        "continue",
        "thanks, that works now!",
        "Can you add a test for the parser?",
        "Should we use Postgres or MySQL?",
        "why does it always crash?",
        "What if we used Redis?",
        "If we used Postgres, it would be faster.",
        "Maybe we should use Kafka.",
        "Imagine our client is Acme.",
        "I'm thinking we should go with Redis.",
        "Bob said we decided to use Kafka.",
        "The docs say never use eval.",
        "they decided to use MySQL",
        "You said you'd use Postgres.",
        "yeah right, let's use COBOL",
        "Oh great, let's use COBOL, what could possibly go wrong",
        "The test is failing.",
        "My build is broken",
        "My question is whether this scales.",
        "I have a question about the parser.",
        "Let's keep going.",
        "Let's use it",
        "Go with option B.",
        "I like it",
        "don't change anything yet",
        "The function must return a list of ints",
        "Add a button that says we decided to use React",
        'Translate "We decided to use Kafka for everything" to French',
        "Wir sollten das morgen testen.",
        "この関数を修正してください。",
        "",
    ],
)
def test_what_is_not_the_users_own_assertion_gives_nothing(text: str) -> None:
    assert stated(text) == []


@pytest.mark.parametrize(
    "pasted",
    [
        "```\nWe decided to use Kafka.\n```",
        "> We decided to use Kafka.",
        "    We decided to use Kafka.",
        "2026-01-02T10:00:00 INFO We decided to use Kafka.",
        "<document>\nWe decided to use Kafka.\n\nWe never deploy on Fridays.\n</document>",
        "Here is what Bob wrote:\n\nWe decided to use Kafka.\nWe never deploy on Fridays.",
        "assistant: We decided to use Kafka.",
        "+We decided to use Kafka.",
    ],
)
def test_a_paste_states_nothing_and_the_words_around_it_still_do(pasted: str) -> None:
    found = stated(f"Look at this please.\n\n{pasted}\n\nI prefer Postgres for that.")

    assert [one.text for one in found] == ["I prefer Postgres for that."]


def test_each_sentence_is_judged_on_its_own() -> None:
    found = stated("Ok, thanks. We use Bun for tests. What about CI? I'd rather not add a service.")

    assert [one.text for one in found] == [
        "We use Bun for tests.",
        "I'd rather not add a service.",
    ]


def test_the_statement_is_cut_out_of_its_fillers_and_the_task_behind_it() -> None:
    (one,) = stated("ok so, I have a golden retriever named Max, can you suggest a second name?")

    assert one.text == "I have a golden retriever named Max."


def test_a_definition_names_whom_it_means() -> None:
    (one,) = stated('By "the client" I mean Acme GmbH.')

    assert (one.kind, one.subject, one.aliases) == (F, "Acme GmbH", ("the client", "client"))


def test_what_holds_for_a_while_is_less_sure_than_what_holds() -> None:
    (now,) = stated("Let's use SQLite until we have more users.")
    (ever,) = stated("Let's use SQLite for the queue.")

    assert now.confidence < ever.confidence


@pytest.mark.parametrize(
    "text",
    [
        "please don't touch setup.py in this change",
        "Don't add comments to this function",
        "Don't add a new dependency in this PR, please.",
        "Never use print in this file",
        "From now on use tabs in this branch",
        "Don't use mocks for now",
        "Let's use SQLite for now.",
        "Use httpx instead of requests this time",
        "Use tabs instead of spaces just here",
        "No new files in this change",
        "Don't add comments here.",
    ],
)
def test_what_is_said_for_once_is_left_and_counted(text: str) -> None:
    left: Counter[str] = Counter()

    assert stated(text, left) == []
    assert left == {FOR_ONCE: 1}


@pytest.mark.parametrize(
    "text",
    [
        "We don't use Redis here.",
        "Don't add dependencies to this project",
        "Always rebase in this repository",
        "Don't use time zones other than UTC",
    ],
)
def test_what_points_at_the_project_lasts(text: str) -> None:
    assert len(stated(text)) == 1


@pytest.mark.parametrize(
    "unit",
    ["we ", "don't use ", "(", "\u201c", "if we ", "my a ", "<a> ", "a.", "no, ", "the x ", "I'm "],
)
def test_a_hostile_message_is_read_and_gives_little(unit: str) -> None:
    assert all(len(one.text) <= 400 for one in stated(unit * 100_000))
