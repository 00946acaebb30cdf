"""The documents say what is so: their commands exist, their lines are the ones that are run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel import __version__
from satchel.base import settings
from satchel.cli import arguments, commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "bench" / "README.md"])
CONSOLE = re.compile(r"^```(?:console|sh|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
BETWEEN = {"&&", "||", "|", ";", "<", ">", "2>"}


def shown_lines(page: Path) -> Iterator[str]:
    """Yield what a page tells the reader to type; what follows is output."""
    for block in CONSOLE.findall(page.read_text(encoding="utf-8")):
        lines = block.replace("\\\n", " ").splitlines()
        yield from (line[2:] for line in lines if line.startswith("$ "))


def shown_calls(page: Path) -> Iterator[list[str]]:
    """Yield the words after `satchel` of each call that a page shows."""
    for line in shown_lines(page):
        words = split_words(line)
        for start in [i for i, word in enumerate(words) if word.rpartition("/")[2] == "satchel"]:
            before = words[start - 1] if start else "&&"
            if before in BETWEEN or "=" in before or before in {"time", "run"}:
                after = words[start + 1 :]
                end = next((i for i, word in enumerate(after) if word in BETWEEN), len(after))
                yield after[:end]


def split_words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    return list(lexer)


def ci_value(name: str) -> str:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(rf'^{name}="(.*)"$', script, re.MULTILINE)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_is_understood(page: Path) -> None:
    for words in shown_calls(page):
        if words and words[0] not in {"--help", "--version"}:
            arguments.parse(words)


def test_the_readme_sets_up_and_tests_with_the_line_that_ci_runs() -> None:
    line = f"{ci_value('setup')} && {ci_value('tests')}"
    assert line in list(shown_lines(ROOT / "README.md"))
    assert line in list(shown_lines(ROOT / "CONTRIBUTING.md"))


def test_the_readme_sets_up_the_main_job_in_one_line() -> None:
    lines = [line for line in shown_lines(ROOT / "README.md") if "python3 -m venv" in line]
    jobs = [
        line for line in lines if re.search(r"(^|/)satchel (ask|demo)\b", line.split("&& ")[-1])
    ]
    assert jobs, "no line of the README sets up and then asks"


def test_the_pages_made_from_the_code_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "docs" / "make.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_every_command_is_told_of(command: commands.Command) -> None:
    pages = (ROOT / "README.md", ROOT / "docs" / "commands.md")
    assert any(f"satchel {command.name}" in page.read_text(encoding="utf-8") for page in pages)


def test_the_readme_s_table_has_every_command_and_no_row_twice() -> None:
    rows = re.findall(
        r"^\| (`satchel .*?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(set(rows)) == sorted(rows)
    named = [
        words.split()[0] for row in rows for words in row.replace("`satchel ", "`").split("`")[1::2]
    ]
    # `forget` has two rows: of records, and of a folder.
    assert sorted([*(command.name for command in commands.COMMANDS), "forget"]) == sorted(named)


@pytest.mark.parametrize("setting", settings.TABLE, ids=lambda setting: setting.name)
def test_every_setting_is_told_of(setting: settings.Setting) -> None:
    assert f"`{setting.name}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_gateway_s_page_names_the_header_that_a_refusal_asks_for() -> None:
    page = ROOT / "docs" / "gateway.md"
    curl = next(line for line in shown_lines(page) if line.startswith("curl "))
    assert "X-Satchel-Workspace: $PWD" in curl
    assert "+context" in curl


def test_every_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        re.split(r"[<>=~!\[; ]", line, maxsplit=1)[0]
        for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    }
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z0-9-]+) \| \S", page, re.MULTILINE)) - {"package"}
    assert told == wanted


def test_every_benchmark_is_listed_with_its_command() -> None:
    page = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    modules = (ROOT / "bench").glob("*.py")
    runnable = {file.stem for file in modules if "__main__" in file.read_text(encoding="utf-8")}
    assert runnable == set(re.findall(r"^\| `python -m bench\.(\w+)", page, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_changelog_tells_of_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
