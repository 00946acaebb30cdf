"""What the demo asks of its shop, and what it has Satchel remember there."""

from __future__ import annotations

REQUESTS = (
    "switch sessions to JWT",
    "the discounted total is one cent off with a 10% voucher",
    "what happens to the cart when a visitor logs in?",
    "thanks!",
)

REMEMBERED = (
    ("rule", "Whoever switches how sessions or links work keeps the old ones valid for a release."),
    ("decision", "A voucher may cost the shop a cent, never the customer."),
    ("fact", "A visitor's cart is kept for thirty days."),
    ("preference", "Prefer plain functions over classes in request handlers."),
)
