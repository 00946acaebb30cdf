"""The command line as a user types it."""

from __future__ import annotations

import pytest

from satchel.base.errors import BadInput
from satchel.cli import arguments, commands
from satchel.cli.ask import question_and_files


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_every_command_has_code_and_help(
    command: commands.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments.parse([command.name, "--help"])
    assert ended.value.code == 0
    assert f"usage: satchel {command.name}" in capsys.readouterr().out
    chosen = arguments.tree(only=command.name)
    assert chosen is not None


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.parse(["--help"])
    shown = capsys.readouterr().out
    rows = [f"\n    {command.name} " for command in commands.COMMANDS]
    assert [row for row in rows if row not in shown] == [], "what it does stands beside its name"


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["brief", "x", "--budget", "0"],
        ["brief", "x", "--budget", "many"],
        ["brief", "x", "--unknown"],
        ["remember", "x", "--kind", "wish"],
        ["remember"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_an_error_with_a_next_step(words: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        arguments.parse(words)
    assert "--help" in caught.value.next_step


def test_what_a_command_does_not_take_is_named_with_that_command() -> None:
    with pytest.raises(BadInput, match="`satchel index` takes no '--explain'") as raised:
        arguments.parse(["index", "--explain"])
    assert raised.value.next_step == "see `satchel index --help`"


def test_index_takes_its_folder_in_either_way_and_not_in_both() -> None:
    assert arguments.parse(["index", "shop"]).path == "shop"
    assert arguments.parse(["index", "--in", "shop"]).inside == "shop"
    with pytest.raises(BadInput, match="not allowed with"):
        arguments.parse(["index", "shop", "--in", "other"])


@pytest.mark.parametrize(
    ("word", "meant"),
    [("breif", "brief"), ("indx", "index"), ("conflict", "conflicts"), ("record", "records")],
)
def test_a_command_that_is_not_there_is_asked_after_in_one_sentence(word: str, meant: str) -> None:
    with pytest.raises(BadInput) as raised:
        arguments.parse([word, "x", "--in", "."])
    assert raised.value.message == f"there is no command '{word}'"
    assert raised.value.next_step == f"did you mean `{meant}`? `satchel --help` lists them all"


def test_a_word_like_no_command_is_not_guessed_at() -> None:
    with pytest.raises(BadInput) as raised:
        arguments.parse(["help"])
    assert raised.value.next_step == "`satchel --help` lists them all"


def test_an_option_that_is_not_there_is_asked_after() -> None:
    with pytest.raises(BadInput) as raised:
        arguments.parse(["brief", "x", "--explian"])
    assert raised.value.message == "`satchel brief` takes no '--explian'"
    assert raised.value.next_step == "did you mean `--explain`? see `satchel brief --help`"


def test_options_may_stand_before_and_after_the_words() -> None:
    before = arguments.parse(["ask", "--in", ".", "how", "now"])
    after = arguments.parse(["ask", "how", "now", "--in", "."])
    assert before == after
    assert before.question == ["how", "now"]


@pytest.mark.parametrize(
    ("words", "files", "question", "documents"),
    [
        (["Q"], ["a", "b"], ["Q"], ["a", "b"]),
        ([], [__file__, "Summarize this"], ["Summarize this"], [__file__]),
        ([], [__file__, __file__], [], [__file__, __file__]),
        ([], ["missing.md"], [], ["missing.md"]),
    ],
    ids=["question first", "question last", "all are files", "only a file"],
)
def test_a_question_after_the_documents_is_the_question(
    words: list[str], files: list[str], question: list[str], documents: list[str]
) -> None:
    assert question_and_files(words, files) == (question, documents)
