"""What refers back to the request before it, and what it is asked with then."""

from __future__ import annotations

import pytest

from satchel.context.follow_up import KEPT, NOTHING, Earlier, after, joined, refers_back
from satchel.context.types import Intent, IntentKind, Packet, RankedFile

FIRST = "where is the lifetime of access tokens defined?"
BEFORE = Earlier((FIRST,))


def packet(*paths: str, text: str = "## Files") -> Packet:
    """Return a packet that hands over these files."""
    files = tuple(RankedFile(path, (), "", 1.0, in_packet=True) for path in paths)
    intent = Intent(IntentKind.CHANGE, 1.0)
    return Packet("", "/w", intent, files, (), (), (), (), text, 0, 100, None, False, {})


FOUND = packet("server/auth/token.go")
EMPTY = packet(text="")


@pytest.mark.parametrize(
    "prompt",
    [
        "now the same for refresh tokens",
        "same thing in the mailer please",
        "does the billing page have the same problem?",
        "and the fish one?",
        "and for guests?",
        "what about the admin?",
        "ok. what about the admin?",
        "handle empty carts too",
        "use a lock for the writer instead",
        "and add a test for it",
        "write a test",
        "can you add a unit test for that?",
        "where is the test for that",
        "is there a test?",
        "is that tested anywhere?",
        "where is it called from?",
        "who calls this?",
        "which setting controls that?",
    ],
)
def test_what_needs_the_request_before_it_refers_back(prompt: str) -> None:
    assert refers_back(prompt)
    assert joined(prompt, BEFORE) == f"{prompt}\n\n{FIRST}"


@pytest.mark.parametrize(
    "prompt",
    [
        "undo that",
        "undo the same in the other file",
        "commit it",
        "thanks",
        "that works too",
        "looks good",
        "looks good to me as well",
        "try again",
        "yes",
        "go on",
        "and now?",
        "and then?",
        "run the tests again",
        "does that test pass now?",
        "why does this test fail?",
        "make it shorter",
        "move that into a table",
        "fix that one too",
        "is it done?",
        "why did you do that?",
        "where did you put it?",
        "what do you mean by that?",
        "that is broken on staging as well",
        "do that in a separate branch",
        "and what is a good name for a boat?",
        "error: the same for all of them",
    ],
)
def test_what_is_said_of_the_work_at_hand_does_not(prompt: str) -> None:
    assert not refers_back(prompt)
    assert joined(prompt, BEFORE) == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "now upgrade eslint to version 9",
        "and validate the address of an order before it is sent",
        "add a test for the currency conversion of invoices",
        "the parser should keep comments of a table, the same way it keeps those of a list for us",
        "what reads the settings file, and where is it written to?",
        "where are the settings read?",
        "where is the list of names that a customer may not choose?",
        "write a test that fails when an invoice has no number",
        "is there a test for the currency conversion?",
        "sign the cookies of guests with the new key as well",
        "now the same for refresh tokens. " + "The reason is a long story. " * 10,
    ],
)
def test_what_can_be_understood_by_itself_does_not(prompt: str) -> None:
    assert not refers_back(prompt)


def test_nothing_is_joined_where_nothing_was_asked() -> None:
    assert joined("and add a test for it", NOTHING) == "and add a test for it"


def test_a_request_takes_the_place_of_the_one_before() -> None:
    assert after("sort the invoices by date", BEFORE, FOUND).requests == (
        "sort the invoices by date",
    )


def test_a_new_topic_for_which_nothing_was_found_does_too() -> None:
    off = "which podcast about sailing boats is worth hearing"
    assert after(off, BEFORE, EMPTY).requests == (off,)


@pytest.mark.parametrize("prompt", ["thanks", "yes, the second one", "commit it", "sounds good"])
def test_what_is_said_in_between_leaves_it(prompt: str) -> None:
    assert after(prompt, BEFORE, EMPTY) == BEFORE


def test_a_follow_up_stands_before_what_it_referred_to() -> None:
    second = after("now the same for refresh tokens", BEFORE, FOUND)
    third = after("and for api keys?", second, FOUND)
    assert third.requests == ("and for api keys?", FIRST)
    assert joined("and add a test for it", third).startswith("and add a test for it\n\nand for api")


def test_a_follow_up_that_found_nothing_is_not_held() -> None:
    assert after("and for api keys?", BEFORE, EMPTY) == BEFORE
    assert after("and for api keys?", NOTHING, FOUND) == NOTHING


def test_of_a_long_request_the_beginning_is_held() -> None:
    assert after("sort the invoices " * 1_000, NOTHING, FOUND).requests == (
        ("sort the invoices " * 1_000)[:KEPT],
    )


@pytest.mark.parametrize("text", ["and " * 60, " " * 200, "same " * 40, "where " * 33, "it, " * 50])
def test_no_text_is_too_strange(text: str) -> None:
    assert refers_back(text) in {True, False}


@pytest.mark.parametrize(
    ("given", "prompt", "sibling"),
    [
        ("auth/bcrypt.go", "now the same for argon2id", "auth/argon2id.go"),
        ("jobs/send-order-report.yaml", "and for refunds?", "jobs/send-refund-report.yaml"),
        ("web/OrderList.tsx", "what about the refund one?", "web/RefundList.tsx"),
        ("log/filewriter.go", "does the net one have the same bug?", "log/netwriter.go"),
        ("encode/gzip/gzip.go", "and zstd?", "encode/zstd/zstd.go"),
        ("test_order.py", "the same for invoice please", "test_invoice.py"),
    ],
)
def test_the_sibling_of_a_file_that_was_handed_over_is_named(
    given: str, prompt: str, sibling: str
) -> None:
    earlier = after(FIRST, NOTHING, packet(given))
    assert joined(prompt, earlier, {given, sibling}) == f"{prompt}\n\n{sibling}\n\n{FIRST}"
    assert joined(prompt, earlier, {given}) == f"{prompt}\n\n{FIRST}"


def test_a_chain_of_follow_ups_keeps_the_files_of_its_request() -> None:
    first = after(FIRST, NOTHING, packet("auth/bcrypt.go"))
    second = after("now the same for argon2id", first, packet("auth/argon2id.go"))
    assert second.files == ("auth/bcrypt.go", "auth/argon2id.go")
