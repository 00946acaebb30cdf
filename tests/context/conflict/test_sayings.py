"""Sayings of every day: how a rule is put, what goes against it, and what does not."""

import pytest

from satchel.context.conflict import ask, held_against
from satchel.context.conflict.diff import edits
from tests.context.conflict.rules import is_opposed


def edit(old: str, new: str, path: str = "a.conf") -> str:
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n-{old}\n+{new}\n unchanged\n"


FREEZE = "Code freeze from 15 to 31 December."


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        # dates, days and hours
        (FREEZE, "deploy the new parser on 20 December"),
        ("Nothing is released until 5 January.", "release 2.0 on January 3rd"),
        ("No merges between 2025-03-14 and 2025-03-20.", "merge it on 17 March"),
        ("No deploys after Thursday.", "deploy the new parser on Friday"),
        ("Imports start after 20:00.", "start the import at noon"),
        ("No deploys after 16:00.", "deploy at 18:00"),
        # how often, how long, how much
        ("The sync runs at most every 10 minutes.", "run the sync every minute"),
        ("Polling happens once an hour.", "poll every five minutes"),
        ("Functions stay below 50 lines.", "write the parser as one function, about 120 lines"),
        ("Raw topics keep 7 days.", "keep the raw topics for a year"),
        # names with their signs
        ("No SELECT * in models.", edit("select id", "select *", "models/a.sql")),
        ("Never deploy :latest.", edit("image: web@sha256:9f", "image: web:latest")),
        ("No @ts-ignore in src.", "put a @ts-ignore above the import"),
        # switches of a build
        ("The watchdog stays enabled.", edit("CONFIG_WATCHDOG=y", "CONFIG_WATCHDOG=n")),
        ("Telemetry stays off.", edit("# CONFIG_TELEMETRY is not set", "CONFIG_TELEMETRY=y")),
        # what is gone round, put off, forced
        ("Releases are published from CI only.", "I'll publish the release from my laptop"),
        ("All HTTP calls go through ApiClient.", "call the endpoint straight from the component"),
        ("No new dependency without an issue.", "add lodash, we can file the issue later"),
        ("The intro can be skipped.", "make people watch the intro to the end"),
        # what is on its way out, or too dear
        ("New services are in Go. The Node ones are being ported.", "write a mail service in Node"),
        ("CBOR over the wire, XML eats too much bandwidth.", "send it as XML over the wire"),
        ("Timestamps are stored in UTC.", "store the timestamps in Europe/Berlin"),
        ("We only support evergreen browsers.", "get the checkout working in IE11"),
    ],
)
def test_what_goes_against_a_saying_is_found(rule: str, request_: str) -> None:
    assert is_opposed(rule, request_)


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        (FREEZE, "deploy the new parser on 3 January"),
        (FREEZE, "fix the date picker, it shows 20 December as a Monday"),
        (FREEZE, "write the release notes of 20 December"),
        (FREEZE, "defer the upgrade planned for 20 December until January"),
        ("Nothing is released before 6 January.", "schedule the release for 12 January"),
        ("No deploys after Thursday.", "deploy the new parser on Wednesday"),
        ("Imports start after 20:00.", "start the import at 21:30"),
        ("No deploys after 16:00.", "deploy at 15:00"),
        ("The sync runs at most every 10 minutes.", "run the sync every hour"),
        ("Backups are kept for 14 days.", "back up every day"),
        ("Functions stay below 50 lines.", "split it into functions of 20 lines"),
        ("No SELECT *.", "write SELECT id FROM orders"),
        ("Never deploy :latest.", "show which image :latest points to"),
        ("Releases are published from CI only.", "add a job to CI that publishes the release"),
        ("All HTTP calls go through ApiClient.", "call ApiClient directly from the component"),
        ("No PR is merged without a review.", "require two reviews for each PR"),
        ("The intro can be skipped.", "add a skip button to the intro"),
        ("We only support evergreen browsers.", "drop IE11 from the test matrix"),
        # what is not a ban, no name and no choice
        ("If a task is not exported, STOP and FIX.", "fix the parser of exported tasks"),
        ("Functions are pure, no exceptions.", "catch the exceptions of the parser"),
        ("Every script that deletes rows must offer --dry-run.", "add --dry-run to prune.sh"),
        ("Caddy must not export types of other packages.", "add a header option to Caddy"),
        ("No external OpenSSL needed, it is built from source.", "show what OpenSSL offers"),
        ("Tests are not updated by the bot.", "write the tests with pytest"),
        ("npm, yarn and pnpm must all install it.", "install it with bun"),
        ("Coverage is measured of `dask/core` alone.", "read the frame with pandas"),
        ("The parser is written in plain pandas.", "update polars to 1.4"),
        ("One purpose per task.", edit("tasks = 4", "tasks = 40", "task.py")),
    ],
)
def test_what_only_sounds_like_it_is_left_alone(rule: str, request_: str) -> None:
    assert not is_opposed(rule, request_)


def test_a_line_that_begins_with_a_sign_is_no_number_with_a_name() -> None:
    edited = edits(edit(": 3", ": ci ? 3 : 0"))
    assert held_against(ask("", (), edited), []) == ()


@pytest.mark.parametrize(
    "request_", ["do it directly", "by hand, please", "on 31 February", "20 to 5 May"]
)
def test_what_says_next_to_nothing_is_left_alone(request_: str) -> None:
    assert not is_opposed("All mail goes through the outbox, no mail leaves in May.", request_)
