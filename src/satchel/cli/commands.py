"""The commands: where the code of each is, its options, and what its help says. A table."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from satchel.cli import connect_options, consent_options, options, record_options


@dataclass(frozen=True, slots=True)
class Command:
    """One command: where its code is, its options, and what it is for."""

    name: str
    module: str
    function: str
    options: Callable[[argparse.ArgumentParser], None]
    help: str
    more: str = ""


COMMANDS = (
    Command(
        "ask",
        "satchel.cli.ask",
        "ask",
        options.ask,
        "answer a question about a repository or a document",
        "Looks for a model on this machine (Ollama, llama-server, LM Studio), else uses the small "
        "embedded one; prints the briefing that the model gets, the answer, and what it was given. "
        "A model elsewhere is asked only by its name and with a grant: without one it shows what "
        "would leave, and how to permit it.",
    ),
    Command(
        "brief",
        "satchel.cli.brief",
        "brief",
        options.brief,
        "print the briefing that a request needs, without a model",
        "Files, places, records and tests for one request, within a budget of tokens. A request "
        'that needs nothing ("thanks!") gets an empty briefing that says so.',
    ),
    Command(
        "index",
        "satchel.cli.index",
        "index",
        options.index,
        "accept a folder and read it",
        "Indexing a folder is the act of accepting it: from then on Satchel may read it and "
        "follows its changes. Nothing is written into it. Only accepted folders are ever read; "
        "`satchel forget --folder` takes it back.",
    ),
    Command(
        "remember",
        "satchel.cli.records",
        "remember",
        record_options.remember,
        "keep a decision, preference, rule, fact or note",
        "What was known already is folded into one record with several sources; secrets are "
        "masked; what contradicts it is shown, with the commands that settle it.",
    ),
    Command(
        "recall", "satchel.cli.records", "recall", record_options.recall, "find what was remembered"
    ),
    Command(
        "forget",
        "satchel.cli.records",
        "forget",
        record_options.forget,
        "drop records, the conversations held in a folder, or a folder and all that is kept of it",
        "What is forgotten is deleted truly, from files and indexes. What was mined from a file "
        "that still says it is not mined again.",
    ),
    Command(
        "records",
        "satchel.cli.listing",
        "records",
        record_options.records,
        "list what is remembered, now or at a time, or the whole history of one record",
    ),
    Command(
        "confirm",
        "satchel.cli.settling",
        "confirm",
        record_options.confirm,
        "stand by what was mined or what an agent proposed",
    ),
    Command(
        "pin",
        "satchel.cli.settling",
        "pin",
        record_options.pin,
        "have a record in every briefing that is not empty",
    ),
    Command(
        "supersede",
        "satchel.cli.settling",
        "supersede",
        record_options.supersede,
        "let one record take another's place",
        "Nothing is deleted: the old one stays, says what took its place and until when it held, "
        "and never comes back as current.",
    ),
    Command(
        "conflicts",
        "satchel.cli.settling",
        "conflicts",
        record_options.conflicts,
        "find records that contradict each other",
    ),
    Command(
        "packets",
        "satchel.cli.packets",
        "packets",
        options.packets,
        "show what was handed over, and what happened next",
        "Of each briefing: its request (secrets masked), files and records by name, which of them "
        "were opened, edited, confirmed or refused after it, and which edited files it missed. It "
        "stays here and can be forgotten; `satchel config set packets.days 0` keeps none, "
        "`packets.rank 1` ranks by it.",
    ),
    Command(
        "export",
        "satchel.cli.exchange",
        "export",
        record_options.export,
        "write the records of a workspace to a file, as JSON Lines",
        "Nothing of a record is left out; docs/export.md is the format.",
    ),
    Command(
        "import",
        "satchel.cli.exchange",
        "take_in",
        record_options.take_in,
        "read records from such a file",
        "Every line is checked before anything is written, and a second time changes nothing. A "
        "file that this Satchel wrote comes back as it went out, but for what was read in the "
        "files of another folder. What any other file says has to be confirmed, unless --trust "
        "takes its word.",
    ),
    Command(
        "up",
        "satchel.cli.resident",
        "up",
        options.as_json,
        "start the daemon (it starts on demand too)",
    ),
    Command("down", "satchel.cli.resident", "down", options.as_json, "stop the daemon"),
    Command(
        "status", "satchel.cli.resident", "status", options.as_json, "say where the daemon listens"
    ),
    Command(
        "mcp",
        "satchel.cli.resident",
        "mcp",
        lambda parser: None,
        "serve MCP over stdio, for a client to start",
        "`satchel connect` puts this into the configuration of your clients.",
    ),
    Command(
        "connect",
        "satchel.cli.connect",
        "connect",
        connect_options.connect,
        "connect the AI tools that are installed: MCP, and a briefing on each prompt",
        "Shows the exact change to each file and asks. Comments, order and everything else in it "
        "stay; what it was is kept outside the project, so that `satchel disconnect` puts it back. "
        "A file that cannot be changed is left alone and named, the others are changed, and the "
        "exit status is 1.",
    ),
    Command(
        "disconnect",
        "satchel.cli.connect",
        "disconnect",
        connect_options.disconnect,
        "take out of AI tools what `connect` put in",
        "A file that nobody touched since is as it was, byte for byte; your later changes stay.",
    ),
    Command(
        "clients",
        "satchel.cli.connect",
        "clients",
        connect_options.clients,
        "list the AI tools: which are installed, which are connected, and by which file",
    ),
    Command(
        "gateway",
        "satchel.cli.gateway",
        "gateway",
        options.gateway,
        "the model endpoint: start it, have it stay, and say how tools are pointed at it",
        "One local address for every tool: OpenAI's, Anthropic's and Gemini's ways to ask, over "
        "whatever runs on this machine. It stays until `--off`; docs/gateway.md tells more.",
    ),
    Command(
        "config", "satchel.cli.config", "config", options.config, "list, get and set the settings"
    ),
    Command(
        "consent",
        "satchel.cli.consent",
        "consent",
        consent_options.consent,
        "list, give and take back leave to send something off this machine",
        "Without a grant nothing leaves. `grant` shows what it permits and asks; what is not named "
        "is taken at its narrowest. Grants and revocations hold from the next request on.",
    ),
    Command(
        "ledger",
        "satchel.cli.ledger",
        "ledger",
        consent_options.ledger,
        "show every attempt to send something off this machine, allowed or refused",
        "When, where to, how much, and by which grant or why not; the text itself is kept nowhere.",
    ),
    Command(
        "models",
        "satchel.cli.models",
        "models",
        options.models,
        "list the models that can answer here and where each runs; pull, remove, choose one",
        "Every model that a server on this machine offers, and those that were pulled: size, "
        "quantisation, context, what it can do, and where it runs, with the evidence. `pull` "
        "takes a GGUF from an https address or a file: its header is read and shown before "
        "anything else is fetched.",
    ),
    Command(
        "fetch",
        "satchel.cli.fetch",
        "fetch",
        options.fetch,
        "fetch the model files now, after saying what they are",
    ),
    Command(
        "doctor",
        "satchel.cli.doctor",
        "doctor",
        options.as_json,
        "say what is there, what is missing, and what to do",
    ),
    Command(
        "demo",
        "satchel.cli.demo",
        "demo",
        options.demo,
        "the first minute, in a made-up repository",
    ),
    Command(
        "prove",
        "satchel.cli.prove",
        "prove",
        options.as_json,
        "run the whole walk where the kernel counts what tries to leave",
    ),
    Command(
        "uninstall",
        "satchel.cli.uninstall",
        "uninstall",
        options.uninstall,
        "show and remove everything that Satchel keeps outside its package",
    ),
)

BY_NAME = {command.name: command for command in COMMANDS}
