"""Commands and what they are for: "Run the tests:" with the lines of the shell below it. Pure."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.english import content

MOST: Final = 4  # commands of one block
LONGEST: Final = 140  # characters of one
_SHELLS: Final = frozenset(
    "bash sh shell zsh fish console terminal shell-session powershell pwsh ps1 cmd bat".split()  # noqa: SIM905 - read as words
)
_PROMPT: Final = re.compile(r"(?:\$|>|%|PS>)\s+")
_TRAILING: Final = re.compile(r"\s{1,20}#\s{1,3}(?P<told>[^#]{2,200})$")
# Words of a lead-in that do not say what a command is for.
_GENERIC: Final = frozenset(
    content(
        "run execute type enter issue invoke start open following command commands script scripts "
        "example examples steps step below shell terminal bash root directory folder"
    )
)
_SPAN: Final = re.compile(r"`[^`\n]{1,200}`")
_TOOLS: Final = (
    r"(?:npm|pnpm|yarn|npx|bunx?|node|deno|make|just|task|cargo|go|python3?|pip3?|uvx?|poetry|pytest"
    r"|tox|nox|ruff|mypy|pre-commit|bundle|rake|rails|rspec|ruby|gem|composer|php|mvn|gradle"
    r"|dotnet|swift|xcodebuild|cmake|ctest|ninja|bazel|docker(?:-compose)?|kubectl|helm|terraform"
    r"|git|gh|mise|nix|mix|sbt|stack|cabal|flutter|dart|turbo|nx|buf|golangci-lint|cd"
    r"|(?:\./|bin/|scripts?/)[\w./-]{1,80})"
)
_NAMES: Final = (
    re.compile(  # "Format code with oxfmt: `yarn format`", "Migrate with `make migrate`."
        r"(?:[^:`.]|\.(?!\s)){1,80}(?:: |(?: with| by running| using| via):? )"
        rf"`(?:[A-Z_]{{2,30}}=\S{{1,60}} ){{0,3}}{_TOOLS} [^`]*`(?: \([^()]*\))?\.?"
    )
)
_NO_COMMAND: Final = re.compile(  # a line of a script: it is an example of code
    r"(?:if|fi|for|do|done|while|case|esac|then|else|elif|function|local|set|shift|exit|return|trap"
    r"|source|\.|readonly|declare|\[\[?|[{}()]|\w{1,60}\(\)|\w{1,60}\+?=\S*$|\w{1,60}=[(\"'$])"
    r"(?:\s|$|(?<=[=(\"'$]))|.*\$[{(]"
)


def names_command(text: str) -> bool:
    """Tell whether a text names a command, and what that does, and nothing else: "Build: `go
    build`"."""
    return len(text) <= 2 * LONGEST and bool(_NAMES.fullmatch(text)) and _is_purposeful(text)


def with_commands(lead: str, code: str, language: str) -> str | None:
    """Return a lead-in with the first commands of the block below it, on one line: "Run the tests:
    `make test`"; None where that is no shell's, or nobody says what it is for."""
    if language.lower() not in _SHELLS or not _is_purposeful(lead):
        return None
    found: list[str] = []
    for command, told in _commands(code)[:MOST]:
        if _NO_COMMAND.match(command) or "`" in command:
            return None
        if len(command) <= LONGEST:
            found.append(f"`{command}` \u2013 {told}" if told else f"`{command}`")
    return f"{lead}: {'; '.join(found)}" if found else None


def _is_purposeful(lead: str) -> bool:
    """Tell whether a text says what a command is for, outside of what it quotes."""
    return not content(_SPAN.sub(" ", lead)) <= _GENERIC


def _commands(code: str) -> list[tuple[str, str]]:
    """Return each command with the comment above or behind it. Where one follows a prompt, what
    follows none is its output."""
    lines = code.replace("\\\n", " ").splitlines()
    prompted = any(map(_PROMPT.match, lines))
    found: list[tuple[str, str]] = []
    above = ""
    for line in map(str.strip, lines):
        if line.startswith("#"):
            above = line.lstrip("# ")
            continue
        if "<<" in line:
            break  # what follows is fed to it
        prompt = _PROMPT.match(line)
        if line and (prompt or not prompted):
            command = line[prompt.end() :] if prompt else line
            behind = _TRAILING.search(command)
            told = behind["told"].strip() if behind else above
            found.append((" ".join(_TRAILING.sub("", command).split()), told.rstrip(".:")))
        above = ""
    return found
