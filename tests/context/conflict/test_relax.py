"""Requests that loosen what a record sets, and what only looks like it."""

from __future__ import annotations

import pytest

from satchel.context.conflict.contrast import parted, words
from tests.context.conflict.rules import is_opposed


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        (
            "A lorry is weighed on the weighbridge before it leaves the yard.",
            "Let the lorry go now, the weighbridge can follow tomorrow.",
        ),
        ("The fax gateway was switched off in May.", "Bring back the fax gateway for Smith."),
        ("Unsigned plug-ins are rejected.", "Accept the unsigned plug-ins of our partner."),
        (
            "Every locksmith visit needs a witness.",
            "A witness is optional for a locksmith visit under an hour.",
        ),
        (
            "The microphone is opened when the user asks for it.",
            "Open the microphone automatically at start.",
        ),
        ("A parcel is signed for by a customer.", "Hand parcels over at the door without asking."),
        (
            "Letters go out through the franking room only.",
            "Give the letters of Smith straight to the postman, the franking room is closed.",
        ),
        ("Nobody prints on proof sheets by hand.", "Fix the proof sheets directly at the press."),
    ],
)
def test_a_request_that_loosens_a_rule_is_told(rule: str, request_: str) -> None:
    assert is_opposed(rule, request_)


@pytest.mark.parametrize(
    ("rule", "request_"),
    [
        (
            "Letters go out through the franking room only.",
            "The clerk gives letters of the franking room straight to the postman, stop that.",
        ),
        (
            "Letters go out through the franking room only.",
            "Note which letters of the franking room were carried by hand.",
        ),
        ("The fax gateway was switched off in May.", "Send the report of May again."),
        ("Every locksmith visit needs a witness.", "List the visits without a witness."),
        ("Nothing is paid out without a signature by Ada.", "Request the signature of Ada."),
        ("The oven never gets hotter than 250 degrees.", "Heat the oven to 180 degrees."),
        ("Bread rests for 2 hours before it is baked.", "Let the bread rest for 3 hours."),
    ],
)
def test_a_request_that_keeps_a_rule_is_left_alone(rule: str, request_: str) -> None:
    assert not is_opposed(rule, request_)


def test_a_draft_is_parted_from_what_is_issued() -> None:
    held = words("An issued ticket is never changed.")
    assert parted(held, words("Let me change a draft."))
    assert not parted(held, words("Change the issued ticket and its draft."))
    assert not parted(held, words("Change the ticket."))
