"""The user's side of the screen: two streams, colours, questions. Standard library alone."""

from __future__ import annotations

import json as codec
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from satchel.base.errors import NeedsAnswer, SatchelError
from satchel.base.text import clean

if TYPE_CHECKING:
    from argparse import Namespace

STYLES = {"head": "1", "dim": "2", "place": "36", "good": "32", "poor": "33", "bad": "31"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts a style around text that is clean already, or leaves it alone."""

    on: bool

    def __call__(self, style: str, text: str) -> str:
        """Return `text` in one of STYLES."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.on and text else text


PLAIN = Paint(False)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where answers go (out), where everything else goes (err), and whether anyone can answer.

    `live` means that a progress bar may be drawn on `err`.
    """

    out: TextIO
    err: TextIO
    input: TextIO
    paint: Paint
    paint_err: Paint
    live: bool
    answers: bool
    json: bool = False
    yes: bool = False

    @classmethod
    def of_process(cls, *, json: bool) -> Terminal:
        """Look at this process's own streams."""
        for stream in (sys.stdout, sys.stderr):
            # A file name may hold bytes that are no text; printing it must not fail.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")
        err_live = is_terminal(sys.stderr)
        return cls(
            out=sys.stdout,
            err=sys.stderr,
            input=sys.stdin,
            paint=Paint(wants_colour(os.environ, is_terminal(sys.stdout)) and not json),
            paint_err=Paint(wants_colour(os.environ, err_live)),
            live=err_live and os.environ.get("TERM") != "dumb",
            answers=err_live and is_terminal(sys.stdin),
            json=json,
        )

    def asked(self, chosen: Namespace) -> Terminal:
        """Return the terminal as a command line asks for it: a word of a request is no option."""
        json, yes = getattr(chosen, "json", False), getattr(chosen, "yes", False)
        return replace(self, json=json, yes=yes)

    def show(self, text: str) -> None:
        """Print a line or more of the answer on standard output."""
        self.out.write(text + "\n")

    def stream(self, text: str) -> None:
        """Print a piece of the answer as it comes."""
        self.out.write(text)
        self.out.flush()

    def answer(self, value: Mapping[str, Any]) -> None:
        """Print the one JSON object of a command under --json.

        ASCII, so that it is the same in every locale and cannot steer a terminal.
        """
        self.out.write(codec.dumps(value) + "\n")

    def say(self, text: str = "") -> None:
        """Print a line beside the answer, on standard error."""
        self.out.flush()
        self.err.write(text + "\n")
        self.err.flush()

    def fail(self, error: SatchelError) -> None:
        """Print an error: JSON on standard output under --json, else two lines beside it."""
        try:
            if self.json:
                self.answer({"error": error.as_json()})
                self.out.flush()
            else:
                self.say(self.paint_err("bad", "satchel: ") + clean(error.message) + ".")
                self.say(f"  {self.paint_err('dim', 'next:')} {clean(error.next_step)}")
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def confirm(self, question: str, *, cannot: str, instead: str) -> bool:
        """Ask a yes-or-no question; Enter means no. `--yes` answers it.

        Raises NeedsAnswer with the sentence `cannot` and the next step `instead` where nobody
        can answer.
        """
        if self.yes:
            return True
        if not self.answers:
            raise NeedsAnswer("needs-answer", cannot, instead)
        self.out.flush()
        self.err.write(f"{question} {self.paint_err('dim', '[y/N]')} ")
        self.err.flush()
        given = self.input.readline()
        if not given:  # end of input: the line was never ended
            self.say()
        return given.strip().lower() in {"y", "yes"}

    def end_line(self) -> None:
        """Leave a half-written line behind."""
        if self.answers or self.live:
            self.say()

    def flush(self) -> None:
        """Hand everything over while a closed pipe can still be caught."""
        self.out.flush()
        self.err.flush()


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person sits at this stream; a closed one has nobody."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def wants_colour(environment: Mapping[str, str], terminal: bool) -> bool:
    """Decide on colours: NO_COLOR refuses, FORCE_COLOR insists, else a real terminal gets them."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return terminal and environment.get("TERM") != "dumb"
