"""`satchel-hook --check`: what a hook would do with an input, told to a person."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from satchel.base.errors import BadInput, SatchelError
from satchel.tools import hook, hook_forms

NOT_JSON = BadInput("bad-json", "the input is not a JSON object", "send one, as the client does")


def main(home: str, chosen: Mapping[str, str]) -> int:
    """Read the input as the hook would, ask the daemon without a deadline, and say what came of
    it. Nothing counts as handed over. Returns 1 where something is wrong."""
    try:
        raw = hook.read_all([])
        told = _understood(raw, chosen)
        print(f"input: {told.form.client}, {told.moment.value}, about {told.folder}")
        if told.moment is hook_forms.Moment.PROMPT and not hook_forms.said(told.prompt):
            print("nothing of the prompt is the user's own words")
        began = time.perf_counter()
        answer = hook.ask(home, raw, chosen, check=True)
    except SatchelError as error:
        print(f"wrong: {error.message}. Next: {error.next_step}.", file=sys.stderr)
        return 1
    except hook.Absent as absent:
        print(f"wrong: {absent}. Next: run `satchel up`.", file=sys.stderr)
        return 1
    except hook.Silent as silent:
        print(f"prints nothing: {silent}")
        return 0
    taken = (time.perf_counter() - began) * 1000
    print(f"prints, after {taken:.0f} of {hook.deadline_ms(home)} ms:")
    print(answer.decode("utf-8"))
    return 0


def _understood(raw: bytes, chosen: Mapping[str, str]) -> hook_forms.Told:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NOT_JSON from error
    if not isinstance(value, dict):
        raise NOT_JSON
    return hook_forms.read(
        value, chosen.get("client") or None, chosen.get("event") or None, hook.here() or None
    )
