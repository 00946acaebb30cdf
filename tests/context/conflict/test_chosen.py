"""What records choose, what they but speak of, and which of them cannot both hold."""

from __future__ import annotations

import pytest

from satchel.context.conflict import ask, contradictions, held_against, told
from satchel.context.conflict.diff import edits
from satchel.context.types import Record, RecordKind


def record(text: str, name: str = "r1") -> Record:
    return Record(
        id=name,
        kind=RecordKind.RULE,
        text=text,
        workspace="/shop",
        sources=("user",),
        learned="2026-02-01",
        valid_from="2026-02-01",
    )


def clash(one: str, other: str) -> bool:
    return bool(contradictions([record(one), record(other, "r2")]))


def raised(rule: str, request: str, *files: str) -> bool:
    return bool(held_against(ask(request, files), [record(rule)]))


def raised_by_edit(rule: str, path: str, line: str) -> bool:
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,2 @@\n const limit = 1;\n+{line}\n"
    return bool(held_against(ask("", (), edits(diff)), [record(rule)]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We use PostgreSQL.", "Our database is MySQL."),
        ("pnpm is the package manager.", "Use yarn for installs."),
        ("Use pnpm, not npm.", "Use npm to install packages."),
        ("We never use Redis.", "We use Redis for the cache."),
        ("No Redux.", "State is kept in Redux."),
        ("We deploy to AWS.", "We deploy to Heroku."),
        ("Indent with tabs.", "Use spaces for indentation, never tabs."),
    ],
)
def test_two_choices_that_cannot_both_hold_are_found(one: str, other: str) -> None:
    assert clash(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # on both sides in one record
        ("Run `pnpm format` first.", "Use pnpm exec instead of pnpm dlx."),
        # a part of a command, or of code
        ("Use pnpm, not npm.", "Run npm run build before a push."),
        ("Use pnpm, not npm.", "Run `npm run build`."),
        ("Return plain values, never `json()`.", "The API answers in JSON."),
        # the name belongs to what is really meant
        ("Use Prisma.", "Write the table's own name, not the Prisma model name."),
        ("Use MobX.", "Avoid `useMemo` to create MobX stores."),
        ("Data is kept in PostgreSQL.", "They cannot be combined (a PostgreSQL requirement)."),
        # what is told of its subject
        ("Use Prisma.", "Prisma does not support `@@check`."),
        ("Use Prisma.", "Without `@relation`, Prisma does not generate FK constraints."),
        ("Svelte is the framework.", "`$app/forms` is not resolvable outside SvelteKit."),
        ("The API returns JSON.", "`fetch` follows and gets HTML not JSON."),
        # the thing of another time
        ("We deploy to AWS.", "The old site is still on Heroku."),
        ("We use tabs nowhere.", "Indent with spaces."),
        # one thing for one end
        ("REST for the public API.", "gRPC between services."),
        ("Use tabs in the Go code.", "Use spaces in the Python code."),
        ("State lives in MobX.", "Moved packages/i18n from MobX to react-i18next."),
        # a place where packages are published
        ("Packages are installed with Yarn.", "It is distributed as a global NPM package."),
        # a place for what is turned away, and what is left as it is
        ("Write the guide in Markdown.", "No disclaimers or other notes in committed Markdown."),
        ("Use yarn for installs.", "Never change Yarn or package versions."),
        # a heading
        ("Dead code: delete a function only with its tests.", "Unused imports are not dead code."),
        # what was not chosen is more than the name
        (
            "We write ADRs.",
            "Use Log4brains. Considered and not chosen: ADR Tools; adr-viewer.",
        ),
    ],
)
def test_what_is_but_spoken_of_contradicts_no_choice(one: str, other: str) -> None:
    assert not clash(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME pays within 30 days.", "Beta GmbH pays within 60 days."),
        ("Uploads are at most 10 MB for free users.", "Uploads are 100 MB for paying users."),
        ("The payment API timeout is 5 seconds.", "The search API timeout is 2 seconds."),
        ("The payment API times out after 30 s.", "The search API times out after 2 s."),
        ("Audit logs are kept for a year.", "Access logs are kept for 30 days."),
    ],
)
def test_numbers_of_two_parties_are_no_contradiction(one: str, other: str) -> None:
    assert not clash(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The search API timeout is 2 seconds.", "The search API timeout is 5 seconds."),
        ("The API rate limit is 100 requests per minute.", "The API rate limit is 1000 req/min."),
        ("API rate limit is 100 per minute.", "API rate limit is 10 per second."),
    ],
)
def test_numbers_of_one_thing_are(one: str, other: str) -> None:
    assert clash(one, other)


def test_a_rate_is_the_same_in_any_unit() -> None:
    assert not clash("API rate limit is 60 per minute.", "API rate limit is 1 request a second.")


@pytest.mark.parametrize(
    ("rule", "request_", "is_raised"),
    [
        ("No Prisma imports in route handlers.", "add a Prisma model for comments", False),
        ("No Prisma imports in route handlers.", "import prisma in the route handler", True),
        ("Prisma does not support `@@check`.", "add a Prisma model for comments", False),
        ("Use the table's name, not the Prisma model name.", "add a prisma model", False),
        ("Kafka does not scale for us.", "use Kafka for the events", True),
        ("Remove explicit rspec dependency. We have rspec-rails.", "write an rspec test", False),
        ("Moved packages/i18n from MobX to react-i18next.", "add a MobX store", False),
        ("Moved packages/i18n from MobX to Zustand.", "use MobX in packages/i18n for it", True),
        ("Switched to pnpm from yarn.", "use yarn to add zod", True),
        ("We moved from Mastra to LangChain.", "remove the unused LangChain agent", False),
        ("Restarts: If it didn't come up, run it again (`pnpm dev`).", "use pnpm for zod", False),
        ("Install with Yarn.", "publish the cli package to npm", False),
        ("If it does not start, restart Redis (`redis-cli`).", "use Redis for the cache", False),
        ("Node.js, Bun and Deno must behave alike.", "write the script for Node", False),
        ("Event streams are separate from PostgreSQL.", "add a ClickHouse table", False),
        ("Service functions return values, never `Response` or JSON.", "a route as JSON", False),
        ("Don't log events which end in an error.", "move the events log to S3", False),
        ("Don't log events which end in an error.", "log the events that end in an error", True),
        ("Never import server code in client components.", "import the server code", False),
        ("Avoid default exports.", "export the component as default", True),
        ("The search API timeout is 2 seconds.", "set the search API timeout to 5 seconds", True),
        ("The payment API timeout is 2 seconds.", "set the search API timeout to 5 s", False),
    ],
)
def test_a_request_is_held_to_what_a_record_says_of_its_own_place(
    rule: str, request_: str, is_raised: bool
) -> None:
    assert raised(rule, request_) == is_raised


def test_a_rule_for_a_kind_of_file_is_held_against_an_edit_of_one() -> None:
    rule = "Route handlers call services; no Prisma in `+server.ts` / `+page.server.ts`."
    line = "import { PrismaClient } from '@prisma/client';"
    assert raised_by_edit(rule, "src/routes/api/+server.ts", line)
    assert raised_by_edit(rule, "src/routes/+page.server.ts", line)
    assert not raised_by_edit(rule, "src/lib/server/comments.ts", line)


def test_a_rule_for_files_by_their_ending_is_held_against_those_alone() -> None:
    rule = "No Prisma in `*.svelte`."
    line = "import { PrismaClient } from '@prisma/client';"
    assert raised_by_edit(rule, "src/routes/Page.svelte", line)
    assert not raised_by_edit(rule, "src/routes/page.ts", line)
    assert not raised_by_edit("No Prisma in `api.ts`.", "src/lib/testapi.ts", line)


def test_a_rule_for_client_components_is_held_against_no_edit_on_the_server() -> None:
    rule = "Never import server code in client components."
    line = "import { PrismaClient } from '$lib/server/database';"
    assert not raised_by_edit(rule, "src/lib/server/comments.ts", line)
    assert raised_by_edit(rule, "src/client/components/Comments.tsx", line)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The API is versioned in the URL.", "Do not version the API in the URL."),
        ("Support Python 3.9 to 3.12.", "We dropped Python 3.9."),
        ("We support Python 3.9 to 3.12.", "We dropped support for Python 3.9."),
    ],
)
def test_what_one_says_and_the_other_denies_is_found(one: str, other: str) -> None:
    assert clash(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Run the migration before the deploy.", "Never run the migration after the deploy."),
        ("Support Python 3.9 to 3.12.", "We dropped Python 3.8."),
        ("The API is versioned in the URL.", "Do not version the API in a header."),
    ],
)
def test_what_only_sounds_like_its_denial_is_not(one: str, other: str) -> None:
    assert not clash(one, other)


def test_items_below_one_heading_raise_the_same_once() -> None:
    rules = [
        record("No Redux: keep what is active in a ref."),
        record("No Redux: what is shared goes through the context.", "r2"),
    ]
    assert len(held_against(ask("add a Redux store for the zoom"), rules)) == 1


def test_a_stance_tells_no_side_of_what_stands_on_both_or_in_one_place() -> None:
    assert told("Use pnpm exec instead of pnpm dlx.")[1] is None
    assert told("No Prisma imports in route handlers.")[1] is None
    assert told("Use the table's name, not the Prisma model name.")[1] is None
    assert told("No Prisma.")[1] == "against prisma"
