"""Turns in an order that every chat template takes. Pure.

Many a template refuses a system turn that is not the first of all (Qwen's since 3.5), or two turns
of one role in a row (Gemma's, Mistral's). Agents send both: Claude Code tells of its surroundings
in a system turn behind the question, Codex begins with two system turns and two of the user.
"""

from __future__ import annotations

from collections.abc import Sequence

from satchel.model.turns import Text, Turn


def in_order(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the turns with one of the system at most, the first, and roles that take turns.

    A later turn of the system becomes words of the user's that say so. It stays where it is: at
    the front it would change the beginning of a prompt that the server has in its cache. Turns of
    tools are left as they are.
    """
    ordered: list[Turn] = []
    for turn in turns:
        late = turn.role == "system" and bool(ordered) and ordered[-1].role != "system"
        told = _as_user(turn) if late else turn
        if ordered and told.role == ordered[-1].role != "tool":
            ordered[-1] = Turn(told.role, (*ordered[-1].parts, *told.parts))
        else:
            ordered.append(told)
    return tuple(ordered)


def _as_user(turn: Turn) -> Turn:
    others = (part for part in turn.parts if not isinstance(part, Text))
    return Turn("user", (Text(f"<system>\n{turn.text}\n</system>"), *others))
