"""Edits of a user's configuration: text in, text out, with everything else left as it stands.

A format is a module with three functions of the same shapes (`Format`): `read` gives the parsed
value, `put` works one change in and tells how it did, `drop` takes it out again, `drop(put(t))`
being `t`. What a change does to the value is defined once, in `change`, and every edit is checked
against that by reading its result with a parser that many use: what would change anything else
is refused.
"""
