"""Every setting, with its default and its meaning, in one table. Standard library alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from satchel.base.errors import BadInput, Broken
from satchel.base.paths import Home, write_private

Value: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Its type is its default's type; `least` bounds an integer from below.

    A text with `choices` is one of them.
    """

    name: str
    default: Value
    meaning: str
    least: int = 0
    choices: tuple[str, ...] = ()


TABLE = (
    Setting("brief.budget", 1200, "tokens of a briefing where the caller names no budget", 50),
    Setting("ask.answer_tokens", 512, "tokens that an answer may take", 16),
    Setting("ask.budget", 0, "tokens of the briefing in `ask`; 0 lets the model's context decide"),
    Setting("daemon.idle_minutes", 30, "minutes without a request after which the daemon ends", 1),
    Setting("gateway.port", 7282, "port that tools are pointed at; 0, or a taken one: any other"),
    Setting("gateway.stay", 0, "1 keeps the daemon running for tools that are pointed at it"),
    Setting("model.idle_minutes", 10, "minutes without a request after which the model ends", 1),
    Setting("model.servers", "", "further server addresses to look at, separated by commas"),
    Setting("model.on_device", "", "servers that you vouch for as running on this machine"),
    Setting("model.threads", 0, "threads of the embedded model; 0 leaves one core free"),
    Setting("model.default", "", "the model where none is named; `satchel models use` sets it"),
    Setting(
        "model.device",
        "auto",
        "what runs the models of our own engine: auto takes a GPU where its build finds one",
        choices=("auto", "cpu", "gpu"),
    ),
    Setting(
        "model.context",
        0,
        "tokens of context of a pulled model; 0 takes 8,192 where memory allows, else 4,096",
    ),
    Setting("detect.timeout_ms", 250, "milliseconds that a server has to answer a probe", 10),
    Setting(
        "hook.deadline_ms", 250, "milliseconds that a hook may hold a prompt up; then silence", 10
    ),
    Setting(
        "hook.idle_minutes",
        1440,
        "the same as `daemon.idle_minutes`, where a client's hook has called; the longer one holds",
        1,
    ),
    Setting("index.max_file_kb", 1024, "files larger than this many kB are skipped", 1),
    Setting(
        "packets.days",
        365,
        "days that briefings, and which files were edited after them, are kept; 0 keeps none",
    ),
    Setting(
        "packets.rank",
        0,
        "1 ranks files higher that were edited after requests very like this one",
    ),
    Setting("index.history", 5000, "commits of history that are read, newest first"),
    Setting(
        "mine.transcripts",
        1,
        "1 reads what you said to Claude Code and Codex in an accepted folder; 0 leaves it",
    ),
)

BY_NAME = {setting.name: setting for setting in TABLE}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force: the user's own over the defaults."""

    chosen: Mapping[str, Value]

    def number(self, name: str) -> int:
        """Return an integer setting."""
        value = self.chosen.get(name, BY_NAME[name].default)
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """Return a text setting."""
        value = self.chosen.get(name, BY_NAME[name].default)
        assert isinstance(value, str)
        return value


def load(home: Home) -> Settings:
    """Read the user's settings; a missing file means the defaults."""
    try:
        stored = json.loads(home.settings.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings({})
    except (OSError, ValueError) as error:
        raise Broken(
            "settings-unreadable",
            f"{home.settings} cannot be read as settings: {error}",
            "mend or delete that file; the defaults then apply",
        ) from error
    if not isinstance(stored, dict):
        raise Broken(
            "settings-unreadable",
            f"{home.settings} is not a JSON object",
            "mend or delete that file; the defaults then apply",
        )
    return Settings({name: parse(name, value) for name, value in stored.items()})


def parse(name: str, given: object) -> Value:
    """Check one value against the table.

    Raises BadInput for an unknown name, a wrong type or a number below the least.
    """
    setting = BY_NAME.get(name)
    if setting is None:
        raise BadInput(
            "unknown-setting",
            f"there is no setting {name!r}",
            "run `satchel config` to see them all",
        )
    if isinstance(setting.default, str):
        if setting.choices and given not in setting.choices:
            raise BadInput(
                "bad-setting",
                f"{name} takes one of {', '.join(setting.choices)}, not {str(given)!r}",
                f"for example `satchel config set {name} {setting.default}`",
            )
        return str(given)
    try:
        number = int(str(given))
    except ValueError:
        number = setting.least - 1
    if number < setting.least:
        raise BadInput(
            "bad-setting",
            f"{name} takes a whole number of at least {setting.least}, not {str(given)!r}",
            f"for example `satchel config set {name} {setting.default}`",
        )
    return number


def change(home: Home, name: str, given: str | None) -> Settings:
    """Set one value, or put it back to its default where `given` is None; return what holds now."""
    chosen = dict(load(home).chosen)
    if given is None:
        parse(name, BY_NAME[name].default if name in BY_NAME else "")
        chosen.pop(name, None)
    else:
        chosen[name] = parse(name, given)
    write_private(home.settings, json.dumps(chosen, indent=2, sort_keys=True) + "\n")
    return Settings(chosen)
