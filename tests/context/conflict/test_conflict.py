"""Requests, plans and edits against decisions and rules of invented projects."""

from __future__ import annotations

import pytest

from satchel.context.conflict import (
    ask,
    contradictions,
    held_against,
    position,
    told,
    with_others,
)
from satchel.context.conflict.diff import edits
from satchel.context.types import Record, RecordKind, Status


def record(
    text: str,
    name: str = "r1",
    *,
    globs: tuple[str, ...] = (),
    status: Status = Status.ACTIVE,
    supersedes: tuple[str, ...] = (),
) -> Record:
    return Record(
        id=name,
        kind=RecordKind.RULE,
        text=text,
        workspace="/w",
        sources=("docs/rules.md:3",),
        learned="2026-03-01",
        valid_from="2026-02-01",
        globs=globs,
        status=status,
        supersedes=supersedes,
    )


def reasons(
    rule: str,
    request: str,
    *files: str,
    globs: tuple[str, ...] = (),
    status: Status = Status.ACTIVE,
) -> list[str]:
    found = held_against(ask(request, files), [record(rule, globs=globs, status=status)])
    return [reason for _, reason in found]


CONFLICTS = [
    ("We ruled out a global timeout: it breaks streaming.", "Add a global timeout to the client."),
    ("The team decided against adding plugin support.", "Add plugin support to the runner."),
    ("We store everything in PostgreSQL.", "Put the wishlist into MongoDB."),
    ("MongoDB was ruled out after the outage.", "Let's use MongoDB for the wishlist."),
    ("Retry a failed upload at most 4 times.", "Retry a failed upload 12 times before giving up."),
    ("Sessions expire after 30 minutes.", "Let sessions expire after 8 hours instead."),
    ("A parcel is offered to the courier 3 times.", "Offer a parcel to the courier six times."),
    ("The start page is shown within 200 ms.", "Put the map on the start page, 900 ms are fine."),
    ("p99 of the quote stays under 90 ms.", "Merge the discounts even though p99 is 130 ms."),
    ("Coverage must stay at least 85 percent.", "Lower the coverage threshold to 60 percent."),
    (
        "We support Python 3.10 or later.",
        "Raise the minimum to Python 3.12, pattern matching helps.",
    ),
    ("The linter stays at level 6.", "The linter complains, set it to level 2 for now."),
    ("Never delete a ledger row.", "Write a script that removes ledger rows older than a year."),
    ("Log files must not contain card numbers or passwords.", "Print the card numbers to the log."),
    (
        "Every export is encrypted with the tenant key.",
        "Skip the tenant key for the export to FTP.",
    ),
    ("Firmware images are signed.", "Accept unsigned firmware images from the lab."),
    (
        "Nothing ships on Fridays; releases go out Monday to Wednesday.",
        "Do the release this Friday.",
    ),
    ("No recursion in the parser.", "Rewrite the parser with recursion."),
    ("The kernel module has no floating point.", "Use floating point in the kernel module."),
    ("Do not use foo.legacy_client anywhere.", "Call foo.legacy_client from the importer."),
    ("The nightly backup always stays on.", "Turn off the nightly backup during the migration."),
    (
        "CI is GitHub Actions; GitLab was switched off.",
        "Write a .gitlab-ci.yml for the new package.",
    ),
    ("Kubernetes is more than three people can run.", "Spin up an EKS cluster for the search."),
    ("Containers do not run as root.", "Let the import container run as root."),
    ("At most 20 connections to the database.", "Raise the pool to 40 connections."),
    # Whoever wants a thing calls it, talks to it, asks for it.
    ("A widget never talks to a socket.", "The chart widget can just open a FeedSocket."),
    ("Guest records are never deleted.", "Write a job that deletes guests without a booking."),
    ("Forms of staff block autofill (NO_AUTOFILL).", "Take NO_AUTOFILL off the login form."),
    ("Golden images for the map only.", "I want golden images of the settings pages."),
    ("No Redis on the small server.", "Cache the menu in Redis."),
    ("Parcels carry no names.", "Print the name of the buyer on each parcel."),
    ("Do not hard-code a toll.", "Use 4.50 as the toll for the preview."),
    ("PostgreSQL in all environments.", "Use MySQL locally."),
    ("Charts are scanned at 600 dpi.", "Scan the charts at 300 dpi this time."),
    ("A shelf number is given once and never reused.", "Reuse the shelf numbers of lost volumes."),
    ("A rebate is at most 15 percent.", "Give members a rebate of 25 percent on Mondays."),
    ("Alerts go over Signal; SMS was switched off in spring.", "Send an SMS when a pump stops."),
    ("Supported: Windows 10 and 11.", "Drop Windows 10 from the matrix."),
    ("Menus are drawn with quillpad.", "I want to get rid of quillpad, it is slow."),
    ("Quiet hours for the horn begin at 20:00.", "Let the quiet hours of the horn begin at 22:30."),
    ("Seals come from the vault, they must never reach a printer.", "Send the seals to a printer."),
    ("Raw samples are kept for two years.", "Drop raw samples after three months."),
    ("A booking has at most eight chairs.", "Let a school have thirty chairs in a booking."),
    (
        "Fees are between one and three times the base rate.",
        "On Sundays charge four times the base rate.",
    ),
]

NEAR_MISSES = [
    ("We ruled out a global timeout: it breaks streaming.", "Remove the global timeout."),
    ("The team decided against adding plugin support.", "Drop what is left of plugin support."),
    ("Timeouts default to None.", "Remove the global default timeout."),
    # Examples in parentheses are no choice; what is ours of one thing says nothing of another.
    (
        "The limits were measured on four shops (one on Django, one on Flask, one on Rails).",
        "Move the shop from Django to FastAPI.",
    ),
    ("Prices are rounded by a small table of our own.", "Use libcurl and not our own downloader."),
    ("Bun runs the tests.", "Node stays in production."),
    ("We store everything in PostgreSQL.", "Add an index to the PostgreSQL orders table."),
    ("MongoDB was ruled out after the outage.", "Remove the last MongoDB container."),
    ("MongoDB was ruled out after the outage.", "Why did we rule out MongoDB?"),
    ("MongoDB was ruled out after the outage.", "Do not use MongoDB for the wishlist."),
    ("Retry a failed upload at most 4 times.", "Retry a failed upload twice, then 3 times."),
    ("Retry a failed upload at most 4 times.", "Show the 12 newest uploads on the start page."),
    ("Sessions expire after 30 minutes.", "Show a banner for 10 seconds."),
    ("Coverage must stay at least 85 percent.", "Cut the test time by 40 percent."),
    ("Journal rows are kept for 10 years.", "Export the journal rows of the last two weeks."),
    ("The bus runs at 115200.", "Set the bus of the GPS to 9600."),
    ("Never delete a ledger row.", "Delete the temporary folder after the run."),
    ("Golden images for the map only.", "Add golden images of the map at night."),
    ("No advertising letters to tenants.", "List the tenants by name."),
    ("Query texts are private and are not logged.", "Log the latency of queries, no text."),
    ("Charts are scanned at 600 dpi.", "Explain the 300 dpi of the old charts."),
    ("Supported: Windows 10 and 11.", "Drop 10 of the screenshots from the manual."),
    ("Quiet hours for the horn begin at 20:00.", "Send the report of the horn at 22:30."),
    ("Golden images for the map only.", "Remove the golden images of the settings pages."),
    ("Log the ORDER_ID of a call.", "Log the ORDER_ID whenever an order gets rejected."),
    ("SQLite is no option, its drivers need cgo.", "Link libjpeg through cgo."),
    ("Never delete a ledger row.", "Make sure that nobody can delete a ledger row."),
    ("Log files must not contain card numbers or passwords.", "Log how long a login takes."),
    ("Every export is encrypted with the tenant key.", "Add a CSV export of the holidays."),
    ("Nothing ships on Fridays; releases go out Monday to Wednesday.", "Release it on Tuesday."),
    ("No recursion in the parser.", "Remove the recursion from the parser."),
    ("Do not use foo.legacy_client anywhere.", "Replace foo.legacy_client with foo.client."),
    ("The nightly backup always stays on.", "Turn off the light in the demo scene."),
    ("No unwrap outside tests.", "Use unwrap in the tests of the lexer."),
    ("Mails go through Postmark; SendGrid was switched off.", "SendGrid still sends us invoices."),
    ("We left PayPal because of the fees.", "Refund the two open PayPal disputes."),
    ("CI is GitHub Actions. Jenkins was shut down.", "Move the last job from Jenkins to Actions."),
    ("Between both boards JSON was dropped.", "Let the web panel keep its colours in a JSON file."),
    ("OpenGL was given up on macOS.", "Test the installer on macOS."),
    ("We left Resque because Redis ran full.", "Cache the menu in Redis."),
    ("Integration tests never mock the database.", "Mock the mail server in the unit tests."),
    ("Deleted users keep their orders.", "Show deleted users in grey."),
    ("Invoices are never deleted.", "Add a filter for paid invoices."),
    ("Supported is Ubuntu 22.04+.", "Test the installer on Ubuntu 24.04 too."),
    ("Passwords have at least 12 characters.", "Cut the titles after 8 characters."),
    ("A build takes at most 10 minutes.", "Log how many builds took longer than 20 minutes."),
]


@pytest.mark.parametrize(("rule", "request_"), CONFLICTS)
def test_a_request_that_contradicts_a_rule_is_told(rule: str, request_: str) -> None:
    assert reasons(rule, request_)


@pytest.mark.parametrize(("rule", "request_"), NEAR_MISSES)
def test_a_request_that_does_not_contradict_is_left_alone(rule: str, request_: str) -> None:
    assert reasons(rule, request_) == []


def test_a_choice_for_tests_does_not_contradict_one_for_production() -> None:
    assert reasons("Use Bun for tests.", "Deploy with Node in production.") == []
    pair = [record("Use Bun for tests."), record("Use Node in production.", "r2")]
    assert contradictions(pair) == ()


def test_reasons_name_things_as_they_are_written() -> None:
    assert reasons("We store everything in PostgreSQL.", "Put the wishlist into MongoDB.") == [
        "postgresql was chosen, not mongodb"
    ]
    assert reasons("Never delete a ledger row.", "Delete every ledger row of May.") == [
        "it says “Never delete a ledger row”"
    ]


def test_a_rule_for_other_files_is_not_held_against_a_request() -> None:
    rule, request = "No recursion in the parser.", "Rewrite the parser with recursion."
    assert reasons(rule, request, "parse/top.py", globs=("parse/**",))
    assert reasons(rule, request, "web/top.py", globs=("parse/**",)) == []


def test_in_the_files_of_a_rule_a_request_need_not_say_where() -> None:
    rule, request = "No hex values in panels.", "Paint the badge in #ff8800."
    assert reasons(rule, request, "panels/badge.css", globs=("panels/**",))
    assert reasons(rule, request) == []


@pytest.mark.parametrize("status", [Status.SUPERSEDED, Status.STALE, Status.OPEN])
def test_what_is_not_in_force_contradicts_nothing(status: Status) -> None:
    rule, request = "We store everything in PostgreSQL.", "Put the wishlist into MongoDB."
    assert reasons(rule, request, status=status) == []


def test_a_proposal_that_was_turned_down_is_against_what_it_is_for() -> None:
    rule, request = "Store sessions in MongoDB.", "Let's store the sessions in MongoDB."
    assert reasons(rule, request, status=Status.REJECTED)


def test_every_step_of_a_plan_is_read() -> None:
    plan = "Plan: tidy up\n1. Measure the table\n2. Delete ledger rows before 2020\n3. Vacuum"
    assert reasons("Never delete a ledger row.", plan)


def test_a_step_is_read_under_the_title_of_its_plan() -> None:
    plan = "Plan: richer quotes\n1. Call the credit agency\n2. Accept 700 ms per request"
    assert reasons("A quote request is answered within 90 ms.", plan)


def test_a_step_for_the_documentation_does_not_hide_the_others() -> None:
    plan = "Plan: storage\n- put the wishlist into MongoDB\n- a paragraph in the README"
    assert reasons("We store everything in PostgreSQL.", plan)


# --- diffs


def edited(rule: str, path: str, *lines: str) -> list[str]:
    diff = "\n".join([f"--- a/{path}", f"+++ b/{path}", "@@ -1,9 +1,9 @@", *lines])
    return [r for _, r in held_against(ask("", (), edits(diff)), [record(rule)])]


@pytest.mark.parametrize(
    ("rule", "path", "lines"),
    [
        ("MongoDB was ruled out.", "store.py", ["+import pymongo"]),
        ("Do not use acme_http; it leaks sockets.", "a.py", ["+from acme_http import get"]),
        (
            "A poll happens every 5 minutes.",
            "poll.h",
            ["-#define POLL_S 300", "+#define POLL_S 20"],
        ),
        ("An upload is at most 10 MB.", "up.py", ["-max_upload_mb = 10", "+max_upload_mb = 64"]),
        (
            "Every withdrawal writes an audit entry.",
            "bank.py",
            [" def withdraw(amount):", "-    audit.entry('withdrawal', amount)"],
        ),
        ("Never delete a ledger row.", "gc.sql", ["+DELETE FROM ledger WHERE year < 2020;"]),
        (
            "Test coverage stays at 80 percent or above.",
            "vite.ts",
            [" coverage: {", "-  limits: { lines: 80 }", "+  limits: { lines: 70 }", " }"],
        ),
        # A value that depends on something has another one now.
        ("Attempts stay at 0.", "run.yml", ["-attempts: 0", "+attempts: nightly ? 3 : 0"]),
        (
            "Kennels have escape-latches on.",
            "gate.tf",
            ["-  escape_latches = true", "+  escape_latches = false"],
        ),
        (
            "No hard-coded strings in panels.",
            "panels/a.tsx",
            ['-  <Text id="empty" />', '+  <Text>{"Nothing here yet"}</Text>', " String"],
        ),
    ],
)
def test_an_edit_that_contradicts_a_rule_is_told(rule: str, path: str, lines: list[str]) -> None:
    assert edited(rule, path, *lines)


@pytest.mark.parametrize(
    ("rule", "path", "lines"),
    [
        ("MongoDB was ruled out.", "store.py", ["-import pymongo"]),
        ("MongoDB was ruled out.", "notes.md", ["+We looked at pymongo."]),
        (
            "A poll happens every 5 minutes.",
            "poll.h",
            ["-#define POLL_S 20", "+#define POLL_S 300"],
        ),
        ("An upload is at most 10 MB.", "up.py", ["-max_upload_mb = 10", "+max_upload_mb = 8"]),
        (
            "Every withdrawal writes an audit entry.",
            "bank.py",
            ["-audit.entry('withdrawal', amount)", "+audit.entry('withdrawal', amount, user)"],
        ),
    ],
)
def test_an_edit_that_agrees_is_left_alone(rule: str, path: str, lines: list[str]) -> None:
    assert edited(rule, path, *lines) == []


# --- among records


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We use PostgreSQL.", "We use MongoDB."),
        ("Orders are stored in MongoDB.", "Orders are stored in PostgreSQL."),
        ("Access logs are kept for 30 days.", "Access logs are kept for one year."),
        ("Never deploy the shop on Fridays.", "The shop is deployed every Friday."),
    ],
)
def test_records_that_contradict_each_other_are_found(one: str, other: str) -> None:
    (found,) = contradictions([record(one), record(other, "r2")])
    assert found.ids == ("r1", "r2")
    assert found.statements == (one, other)
    assert found.dates == ("2026-02-01", "2026-02-01")
    assert found.sources == ("docs/rules.md:3", "docs/rules.md:3")
    assert with_others(record(one), [record(other, "r2")]) == (found,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Access logs are kept for 30 days.", "Access logs are kept for a month at least."),
        ("Access logs are kept for 52 weeks.", "A session expires after 30 minutes."),
        ("An avatar is at most 2 MB.", "A backup is at most 2 GB."),
        ("We use PostgreSQL.", "PostgreSQL is the database."),
        ("Never deploy the shop on Fridays.", "The team has lunch together on Fridays."),
    ],
)
def test_records_that_can_both_hold_are_not_paired(one: str, other: str) -> None:
    assert contradictions([record(one), record(other, "r2")]) == ()


def test_a_record_does_not_contradict_the_one_that_it_took_the_place_of() -> None:
    old, new = record("We use PostgreSQL."), record("We use MongoDB.", "r2", supersedes=("r1",))
    assert contradictions([old, new]) == ()
    assert with_others(new, [old]) == ()


def test_records_for_different_files_are_not_paired() -> None:
    one = record("We use PostgreSQL.", globs=("a/**",))
    other = record("We use MongoDB.", "r2", globs=("b/**",))
    assert contradictions([one, other]) == ()


def test_what_a_record_is_about_and_holds_is_told() -> None:
    assert told("We chose PostgreSQL over MongoDB.") == (
        "database",
        "for postgresql; against mongodb",
    )
    assert told("Names are short.") == (None, None)


def test_no_more_than_three_sides_are_told() -> None:
    _, stance = told("We use PostgreSQL, not MongoDB, not MySQL, not SQLite and not Cassandra.")
    assert stance is not None
    assert stance.count(";") == 2


def test_a_record_without_words_holds_nothing() -> None:
    assert position("…").bans == ()
    assert held_against(ask(""), [record("…")]) == ()


def test_a_folder_that_must_not_be_edited_guards_itself_alone() -> None:
    rule = record("Do not edit files under `src/generated/`; run the generator instead.")
    touching = edits("--- a/src/generated/x.py\n+++ b/src/generated/x.py\n@@ -1 +1,2 @@\n a\n+b\n")
    assert held_against(ask("fix src/generated/api.py by hand"), [rule])
    assert held_against(ask("", (), touching), [rule])
    assert not held_against(ask("change src/cart/total.py to round up"), [rule])
    assert not held_against(ask("edit the files of the cart"), [rule])
    assert not held_against(ask("regenerate what is in src/generated/"), [rule])
    rule = record("Do not edit files in generated/.")
    assert held_against(ask("fix the typo in generated/client.py"), [rule])


@pytest.mark.parametrize(
    ("rule", "request_", "wanted"),
    [
        ("We deploy with Docker, never with systemd.", "add a systemd unit for the worker", True),
        ("Never log e-mail addresses.", "log the user's email when the login fails", True),
        ("Use tabs for indentation.", "reformat it with four spaces", True),
        ("Use tabs for indentation.", "fix the order of the tabs in the form", False),
        ("Docker images are based on Debian slim.", "switch the Dockerfile to alpine", True),
        ("Comments are in English.", "write the comments in German", True),
        ("Comments are in English.", "translate the German comments", False),
        ("Tests must not touch the network.", "write a test that calls the real API", True),
        ("Tests must not touch the network.", "mock the API in the test", False),
        ("The API is versioned in the URL.", "put the API version into a header", True),
    ],
)
def test_what_people_say_in_passing(rule: str, request_: str, wanted: bool) -> None:
    assert bool(held_against(ask(request_), [record(rule)])) is wanted


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        ("No labels in Compose code, they go into strings.xml", "add a button in Compose"),
        ("We don't use Django signals", "show the orders in the Django admin"),
        (
            "The public API is REST; GraphQL was ruled out",
            "read the list from GitHub's GraphQL API",
        ),
        ("No Confluence", "export the Confluence pages to Markdown"),
        ("Use pnpm, npm is not used", "read the package's age from the npm registry"),
        ("Kafka was rejected", "the article about Kafka has a dead link"),
        ("Cron jobs are replaced by Celery", "the crontab entry of the mailer can go"),
        ("Invoices are never deleted, only cancelled", "delete the invoice template"),
        ("Never push to main", "MainActivity drops the link when it comes from a push message"),
        ("Never log patient data; log the patient_id instead", "log the patient_id of a booking"),
        ("Drop support for Python 3.7", "add a Python script that renames the files"),
        ("Tokens go to the Keychain, not to UserDefaults", "save the currency in UserDefaults"),
        ("We stopped writing CSV", "read the CSV and write it as Parquet"),
        ("Never deploy `latest`", "write a test that fails when a manifest has `latest`"),
        (
            "The basket is kept on the server; localStorage baskets got lost",
            "theme in localStorage",
        ),
        ("No moment", "moment still comes in through the calendar; find out who pulls it"),
        ("We keep logs for 13 months, then they're deleted", "delete logs older than 13 months"),
        ("Migrations wait for a review", "we won't migrate now; list what would break"),
        ("Never upgrade Django unless explicitly asked", "upgrade Django"),
    ],
)
def test_what_is_only_mentioned_opposes_nothing(rule: str, request_: str) -> None:
    assert reasons(rule, request_) == []


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        ("At most 3 retries per call to Adyen", "Adyen is flaky, bump the retries to 8"),
        ("MSRV is 1.74", "Set rust-version to 1.88"),
        ("We support Python 3.11 and newer", "Drop 3.11 from the CI matrix"),
        ("CHANGELOG.md is generated; never edit it by hand", "Write an entry into CHANGELOG.md"),
        ("Do not skip checkout tests", "put a test.skip on the checkout test"),
        ("Never log patient data", "When a booking fails, put the patient data into the log"),
        ("Stripe is our only payment provider", "add PayPal as a second button"),
        ("All new services are written in Kotlin", "write the new pricing service in Rust"),
        ("Sessions are kept for 30 minutes", "keep sessions for 8 hours"),
        ("numpy below 2 until the extension is ported", "require numpy 2.1 for the new dtype"),
        ("At most 5 login attempts a minute", "allow 20 login tries a minute"),
    ],
)
def test_what_passes_or_drops_a_rule_opposes_it(rule: str, request_: str) -> None:
    assert reasons(rule, request_)


def test_what_one_record_rules_out_is_no_rival_in_another() -> None:
    records = [
        record("All infrastructure is Terraform", "r1"),
        record("No changes by hand in the AWS console", "r2"),
        record("Pages use HTMX", "r3"),
        record("We never want jQuery again", "r4"),
    ]
    found = held_against(ask("use the jQuery date picker"), records)
    assert [one.id for one, _ in found] == ["r4"]


def test_what_is_allowed_in_one_place_is_held_against_an_edit_of_another() -> None:
    added = (
        "--- a/src/build.py\n+++ b/src/build.py\n@@ -1,1 +1,2 @@\n import json\n+import pandas\n"
    )
    rule = record("Polars for new code, pandas only in notebooks")
    assert held_against(ask("", (), edits(added)), [rule])
    assert not held_against(ask("", (), edits(added.replace("src/", "notebooks/"))), [rule])


def test_a_large_edit_must_have_all_that_is_banned_on_one_line() -> None:
    banned = record("No hard-coded paths in the importer")
    lines = [f"+step_{number} = run({number})" for number in range(14)]
    lines[3], lines[9] = "+width = hard_coded(8)", "+found = paths_of(x)"
    head = f"--- a/a.py\n+++ b/a.py\n@@ -1,0 +1,{len(lines)} @@\n"
    assert not held_against(ask("", (), edits(head + "\n".join(lines) + "\n")), [banned])


def test_a_word_in_code_is_not_the_name_that_is_ruled_out() -> None:
    rule = record('Do not write "Act" or "Arrange" comments')
    added = "--- a/a.cs\n+++ b/a.cs\n@@ -1,1 +1,2 @@\n x\n+var act = Run();\n"
    assert not held_against(ask("", (), edits(added)), [rule])


def test_a_check_of_a_thing_is_given_up_with_the_thing_itself() -> None:
    rule = "Updates are signed. The charger installs nothing without a valid signature."
    assert reasons(rule, "skip the signature check for updates that come from a stick")
