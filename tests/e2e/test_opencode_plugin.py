"""The plugin that OpenCode loads, run by Node as OpenCode calls it; the hook is a stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from satchel.tools import clients, entries
from satchel.tools.client_rows import Program
from tests.e2e.npm import needed, node

pytestmark = needed

HOOK = """
import json, os, sys
told = json.load(sys.stdin)
with open(os.environ["TOLD"], "a") as log:
    log.write(json.dumps(told) + "\\n")
if told["hook_event_name"] in ("UserPromptSubmit", "PreToolUse"):
    given = {"hookEventName": told["hook_event_name"], "additionalContext": "context"}
    print(json.dumps({"hookSpecificOutput": given}))
"""
CALLS = """
import { Satchel } from "./satchel.mjs"
const hooks = await Satchel({ directory: "/w" })
const emit = (type, properties) => hooks.event({ event: { type, properties } })
await emit("session.created", { info: { id: "s" } })
await emit("session.updated", {})
const message = { parts: [{ id: "p", type: "text", text: "a" }, { type: "text", text: "b" }] }
await hooks["chat.message"]({ sessionID: "s" }, message)
const result = { output: "edited" }
const edit = { tool: "edit", sessionID: "s", callID: "1" }
const args = { filePath: "/w/a.py", oldString: "x", newString: "y" }
await hooks["tool.execute.before"](edit, { args })
await hooks["tool.execute.after"]({ ...edit, args }, result)
const listed = { output: "files" }
const list = { tool: "list", sessionID: "s", callID: "2" }
await hooks["tool.execute.before"](list, { args: {} })
await hooks["tool.execute.after"]({ ...list, args: {} }, listed)
const read = { tool: "read", sessionID: "s", callID: "3", args: { filePath: "/w/a.py" } }
await hooks["tool.execute.after"](read, undefined)
await emit("session.compacted", { sessionID: "s" })
await emit("session.idle", { sessionID: "s" })
console.log(JSON.stringify({ parts: message.parts, result, listed }))
"""


def test_it_tells_what_other_clients_tell_and_adds_what_comes_back(tmp_path: Path) -> None:
    hook = tmp_path / "hook.py"
    hook.write_text(HOOK)
    told = tmp_path / "told"
    [plugin, *_] = clients.named("opencode").pages
    program = Program((), (sys.executable, str(hook)), {"TOLD": str(told)})
    (tmp_path / "satchel.mjs").write_text(entries.page_text(plugin, program))
    (tmp_path / "calls.mjs").write_text(CALLS)
    done = subprocess.run([node(), "calls.mjs"], cwd=tmp_path, capture_output=True, check=True)
    seen = json.loads(done.stdout)
    assert seen["parts"][2] == {"id": "p0", "type": "text", "text": "context", "synthetic": True}
    assert seen["result"]["output"] == "edited\n\ncontext"
    assert seen["listed"]["output"] == "files"
    events = sorted(map(json.loads, told.read_text().splitlines()), key=_name)
    assert all((one["session_id"], one["cwd"]) == ("s", "/w") for one in events)
    assert [_name(one) for one in events] == [
        *("PostToolUse", "PreToolUse", "SessionStart", "SessionStart", "Stop", "UserPromptSubmit")
    ]
    assert events[-1]["prompt"] == "a\nb"
    assert {one.get("source") for one in events} == {None, "resume", "compact"}
    assert events[1]["tool_input"]["newString"] == "y"


def _name(told: dict[str, Any]) -> str:
    return str(told["hook_event_name"])
