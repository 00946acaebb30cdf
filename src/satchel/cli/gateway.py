"""`satchel gateway`: the one endpoint that tools are pointed at, and how to point them there."""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from satchel.base import settings
from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.cli import render
from satchel.cli.resident import stop
from satchel.cli.terminal import Terminal
from satchel.tools.client import Daemon

STAY = "gateway.stay"

HOW = """\
Any tool that speaks OpenAI's, Anthropic's or Gemini's way:

  OPENAI_BASE_URL={root}/v1     OPENAI_API_KEY=$(cat {key})
  ANTHROPIC_BASE_URL={root}     ANTHROPIC_AUTH_TOKEN=$(cat {key})
  GOOGLE_GEMINI_BASE_URL={root} GEMINI_API_KEY=$(cat {key})

Models: `satchel/auto` is the best one here; `satchel models` lists them all. Behind a model's name,
`+context` has Satchel brief it: `satchel/auto+context`. What else Claude Code, Codex, OpenCode and
Gemini CLI need is in docs/gateway.md."""


def gateway(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Start the endpoint and have it stay; with --off, let the daemon end again when unused."""
    stay = not args.off
    if bool(settings.load(home).number(STAY)) != stay:
        settings.change(home, STAY, "1" if stay else None)
        stop(home)  # it reads its settings when it starts
    if args.off:
        terminal.answer({"stays": False}) if terminal.json else terminal.show(
            "The daemon ends again when nobody uses it; the endpoint ends with it."
        )
        return 0
    told = Daemon.connect(home).call("GET", "/api/status")
    wanted = settings.load(home).number("gateway.port")
    port = urlsplit(told["url"]).port
    if wanted and port != wanted:
        raise Unavailable(
            "port-taken",
            f"another program holds port {wanted}, so the endpoint is at {port} until it ends",
            "`satchel config set gateway.port N` chooses another, then `satchel down`",
            endpoint=told["endpoint"],
        )
    if terminal.json:
        terminal.answer({"stays": True, "endpoint": told["endpoint"], "key_file": told["key_file"]})
        return 0
    rows = [("endpoint", told["endpoint"]), ("key", f"in {told['key_file']}")]
    terminal.show("\n".join(render.pairs(rows, terminal.paint)))
    key = told["key_file"]
    terminal.show("\n" + HOW.format(root=told["url"], key=Path(key)))
    return 0
