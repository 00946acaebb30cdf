"""What is of a kind: a rule about the kind is about each of them, and they are no rivals."""

import pytest

from satchel.context.conflict import ask, held_against
from satchel.context.conflict.choices import named
from satchel.context.conflict.diff import edits
from satchel.context.conflict.options import Option, _lines, _rows, is_of, refused
from tests.context.conflict.rules import is_opposed, rule

KINDS = {
    option.name: option for option, _, _ in _rows(_lines()) if option.purpose.name == option.name
}

AGAINST = [
    ("Pure Go: no cgo.", "Use github.com/mattn/go-sqlite3 for the cache"),
    ("The agent is pure Go.", "Use github.com/mattn/go-sqlite3 for the cache"),
    ("No third-party analytics on the site.", "Put a Facebook pixel on the checkout page"),
    ("The iOS app has no third-party SDKs.", "Add Firebase Crashlytics to the app"),
    ("No new runtime dependencies in the web app.", "Pull in lodash for the deep merge"),
    ("Standard library only.", "Use cobra for the commands"),
    ("No blocking calls inside async handlers.", "Call requests.get in the handler"),
    ("Only permissive licences.", "Use Ghostscript for the thumbnails"),
    ("No third-party RPC providers.", "Point the default RPC to mainnet.infura.io"),
    ("Everything runs on our own hardware.", "Deploy the preview to Vercel"),
]
NOT_AGAINST = [
    ("Pure Go: no cgo.", "Use modernc.org/sqlite for the cache"),
    ("We use Mixpanel.", "Add the Facebook pixel"),  # they are no rivals
    ("No third-party analytics on the site.", "Count page views in our own table"),
    ("No third-party analytics except Mixpanel.", "Add a Mixpanel event for the checkout"),
    ("No Mixpanel.", "Add Plausible to the landing page"),
    ("No new runtime dependencies in the web app.", "Use lodash's debounce in the search box"),
    ("No new runtime dependencies in the web app.", "Add an axios interceptor for the token"),
    ("Standard library only.", "Parse the flags with flag.FlagSet"),
    ("No blocking calls inside async handlers.", "Await the httpx client in the handler"),
    ("Only permissive licences.", "Use zlib for the export"),
    ("The crate compiles on stable Rust.", "Use regex for the parser"),
]


@pytest.mark.parametrize(("statement", "request_"), AGAINST)
def test_a_rule_about_a_kind_is_about_what_is_of_it(statement: str, request_: str) -> None:
    assert is_opposed(statement, request_)


@pytest.mark.parametrize(("statement", "request_"), NOT_AGAINST)
def test_a_rule_about_a_kind_leaves_the_rest_alone(statement: str, request_: str) -> None:
    assert not is_opposed(statement, request_)


def test_an_option_of_another_purpose_is_of_each_kind_that_lists_it() -> None:
    mixpanel = named("Mixpanel")[0].option
    assert mixpanel.purpose.name == "analytics"
    assert is_of(mixpanel, KINDS["third-party analytics"])
    assert is_of(mixpanel, KINDS["third-party sdk"])
    assert not is_of(mixpanel, KINDS["cgo"])


def test_the_absence_of_a_kind_refuses_it() -> None:
    cgo = KINDS["cgo"]
    assert refused(Option("no cgo", cgo.purpose)) == cgo
    assert refused(cgo) == cgo


def test_no_kind_is_of_itself() -> None:
    assert [kind for kind in KINDS.values() if is_of(kind, kind)] == []


@pytest.mark.parametrize(
    ("text", "is_added"),
    [
        ("add lodash", True),
        ("pull in lodash for the merge", True),
        ("depend on axios and retry", True),
        ("install click", True),
        ("use lodash for the merge", False),
        ("add lodash types", False),
        ("add a lodash call", False),
        ("add click handlers", False),
        ("bump lodash", False),
    ],
)
def test_a_package_is_new_where_it_is_what_is_added(text: str, is_added: bool) -> None:
    assert ("new dependencies" in {one.option.name for one in named(text)}) is is_added


def test_an_edit_shows_what_a_short_rule_turns_away() -> None:
    edit = "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,2 @@\n import os\n+from models import *\n"
    assert held_against(ask("", ["a.py"], edits(edit)), [rule("No wildcard imports.")])
