"""What the demo asks of its shop, and what it has Satchel remember there."""

from __future__ import annotations

REQUESTS = (
    "switch sessions to JWT",
    "with a 10% voucher, three lamps cost one cent less than they should",
    "what happens to the cart when a visitor logs in?",
    "thanks!",
)

REMEMBERED = (
    ("preference", "Prefer plain functions over classes in request handlers."),
    ("preference", "Ask before adding a dependency; the standard library first."),
    ("rule", "Sessions and passwords: every change needs a test that fails without it."),
    ("fact", "Support logs customers out everywhere about twice a week."),
)
