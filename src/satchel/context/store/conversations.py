"""What was said to each other in `satchel ask`, turn by turn."""

from __future__ import annotations

from satchel.context.store.sqlite import Database


class Conversations:
    """The conversations of one workspace: a part of its records' file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, conversation: str, time: str, role: str, text: str) -> None:
        """Keep one turn."""
        with self._database.write() as db:
            db.execute(
                "INSERT INTO turn (conversation, time, role, text) VALUES (?, ?, ?, ?)",
                (conversation, time, role, text),
            )

    def last(self) -> str | None:
        """Return the conversation that was spoken in last."""
        rows = self._database.rows("SELECT conversation FROM turn ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def turns(self, conversation: str) -> list[tuple[str, str]]:
        """Return (role, text) of a conversation, oldest first."""
        return self._database.rows(
            "SELECT role, text FROM turn WHERE conversation = ? ORDER BY id", (conversation,)
        )

    def all(self) -> list[tuple[int, str, str, str, str]]:
        """Return every turn, oldest first: number, conversation, time, role, text."""
        return self._database.rows(
            "SELECT id, conversation, time, role, text FROM turn ORDER BY id"
        )

    def forget(self) -> int:
        """Delete every conversation truly; return how many turns that were."""
        with self._database.write() as db:
            db.execute("DELETE FROM turn")
            count = db.changes()
        self._database.scrub()
        return count
