"""Files of ours in clients that need more than an entry: rules for the model, and plugins.

Rules are factual statements: what reads like an order is taken for an injected prompt.
"""

from __future__ import annotations

from typing import Final

RULE: Final = """\
This workspace's files, history, decisions and rules are indexed by the MCP server `satchel`.
Its tool `get_context` takes the user's request in their own words and names the files, decisions
and conflicts that bear on it. One call before searching or editing is enough. `remember` keeps a
decision, preference or rule that the user states.
"""

CURSOR_RULE: Final = f"""\
---
description: When to ask Satchel for context
alwaysApply: true
---
{RULE}"""

VSCODE_RULE: Final = f"""\
---
description: When to ask Satchel for context
applyTo: "**"
---
{RULE}"""

OPENCODE_PLUGIN: Final = """\
// Written by `satchel connect opencode`; `satchel disconnect opencode` removes it.
// Tells satchel-hook what other clients tell their hooks, and adds what that prints.
import { spawn } from "node:child_process"

const HOOK = {line}
const ENVIRONMENT = {environment}
const PATIENCE_MS = 2000
const EDITS = ["edit", "multiedit", "write", "apply_patch"]

function ask(told) {
  return new Promise((resolve) => {
    let said = ""
    const child = spawn(HOOK[0], HOOK.slice(1), {
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    })
    const timer = setTimeout(() => child.kill(), PATIENCE_MS)
    const done = () => {
      clearTimeout(timer)
      try {
        resolve(JSON.parse(said).hookSpecificOutput?.additionalContext ?? "")
      } catch {
        resolve("")
      }
    }
    child.on("error", done)
    child.on("close", done)
    child.stdin.on("error", () => {})
    child.stdout.on("data", (piece) => (said += piece))
    child.stdin.end(JSON.stringify(told))
  })
}

export const Satchel = async ({ directory }) => {
  const tell = (event, session, more) =>
    ask({ hook_event_name: event, session_id: session, cwd: directory, ...more })
  const conflicts = new Map() // by the call that is about to edit
  return {
    event: async ({ event: { type, properties } }) => {
      const session = properties?.sessionID ?? properties?.info?.id
      // Nothing was told in a new session yet; it is to be ready for the first prompt.
      if (type === "session.created") void tell("SessionStart", session, { source: "resume" })
      if (type === "session.compacted") await tell("SessionStart", session, { source: "compact" })
      if (type === "session.idle") void tell("Stop", session)
    },
    "chat.message": async (input, output) => {
      const texts = output.parts.filter((part) => part.type === "text" && !part.synthetic)
      if (texts.length === 0) return
      const prompt = texts.map((part) => part.text).join("\\n")
      const context = await tell("UserPromptSubmit", input.sessionID, { prompt })
      if (!context) return
      const first = texts[0]
      output.parts.push({ ...first, id: first.id + "0", text: context, synthetic: true })
    },
    // Before an edit OpenCode shows the model nothing; so what is against it goes with its result.
    "tool.execute.before": async ({ tool, sessionID, callID }, { args }) => {
      if (!EDITS.includes(tool)) return
      const call = { tool_name: tool, tool_input: args }
      const context = await tell("PreToolUse", sessionID, call)
      if (context) conflicts.set(callID, context)
    },
    "tool.execute.after": async ({ tool, sessionID, callID, args }, result) => {
      const call = { tool_name: tool, tool_input: args }
      if (tool === "read") void tell("PostToolUse", sessionID, call)
      const context = conflicts.get(callID)
      conflicts.delete(callID)
      if (context && typeof result?.output === "string") result.output += "\\n\\n" + context
    },
  }
}
"""

OPENCODE_NPMRC: Final = """\
; Written by `satchel connect opencode`; `satchel disconnect opencode` removes it.
; With a plugin, OpenCode waits for npm at each start: over a minute where there is no network.
fetch-retries=0
"""
