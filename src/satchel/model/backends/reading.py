"""One answer as it is read: whatever a server writes, in whatever pieces, becomes events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from pydantic_core import from_json

from satchel.base.errors import SatchelError, Unavailable
from satchel.base.values import value
from satchel.model.backends.alike import Alike
from satchel.model.backends.calls import Calls, new_id
from satchel.model.backends.forced import Unfolding
from satchel.model.backends.refusals import broken_off, died, nonsense
from satchel.model.backends.stops import Stops
from satchel.model.backends.tags import Tags
from satchel.model.turns import Ended, Event, Finish, Said, Thinking, Tokens

LINE_MAX: Final = 16_000_000  # bytes of one line; Ollama writes a whole tool call into one

# What servers call the end of an answer. What is not here ended by itself.
FINISHES: Final[Mapping[str, Finish]] = {
    "length": "length",
    "max_tokens": "length",
    "limit": "length",
    "content_filter": "content_filter",
}
BROKEN: Final = frozenset({"error", "abort", "aborted", "cancelled"})

_UNTOLD: Final = Tokens()

Rows: TypeAlias = Sequence[Mapping[str, Any]]


class Garbage(ValueError):
    """A line that is not of its protocol."""


class BrokenOff(Exception):
    """The server says that it failed; the text is what it says."""


@value(frozen=True, slots=True)
class Expected:
    """What is known of an answer before it comes.

    `taken` are the ids of the conversation's calls, `single` lets one call alone through, `must`
    says that a tool has to be called, `unfolds` that the text is a form that stands for one, and
    `stop` are the words that then end the answer within it.
    `logprobs` is how many alternatives to a token were asked for, None where no logprobs were.
    `tagged` looks for thinking that a server leaves in the text.
    """

    server: str
    address: str
    taken: frozenset[str] = frozenset()
    single: bool = False
    must: bool = False
    unfolds: bool = False
    stop: tuple[str, ...] = ()
    logprobs: int | None = None
    tagged: bool = True


def parsed(line: bytes) -> dict[str, Any]:
    """Read the object of a line as `json.loads` does. Raises Garbage.

    What reads a token in a third of the time refuses a few lines that `json.loads` takes: half of
    a surrogate pair, what is nested hundreds of times.
    """
    try:
        value = from_json(line, cache_strings="keys")
    except ValueError:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Garbage from error
    if not isinstance(value, dict):
        raise Garbage
    return value


class Reading:
    """Reads one answer. `line` reads a line of the protocol into it; not used by two answers.

    After each `feed`, `over` tells that the answer has come to its end, and `error` what went
    wrong behind the events that were returned.
    """

    def __init__(
        self,
        line: Callable[[Reading, bytes], None],
        expected: Expected,
        fresh: Callable[[], str] = new_id,
    ) -> None:
        self._line = line
        self._expected = expected
        self._events: list[Event] = []
        self._rest: list[bytes] = []
        self._waiting = 0  # bytes of the line that has not ended
        self._tags = Tags() if expected.tagged else None
        self._unfolding = Unfolding() if expected.unfolds else None
        self._stops = Stops(expected.stop) if expected.stop else None
        self._calls = Calls(expected.taken, expected.single, fresh)
        self._rows: list[Mapping[str, Any]] = []  # of text that is held back
        self._said = self._weighed = False
        self._finish: str | None = None
        self._stop: str | None = None
        self._tokens = _UNTOLD
        self.alike = Alike()
        self.signs = 0  # of life; a comment that keeps the connection open is none
        self.over = False
        self.error: SatchelError | None = None

    def feed(self, piece: bytes) -> list[Event]:
        """Return what one read from the socket says; all of it is parsed."""
        self._events = []
        self._guarded(self._split, piece)
        return self._events

    def end(self) -> list[Event]:
        """Return the last events, with the Ended; sets `error` where the answer has no end."""
        self._events = []
        self._guarded(self._end, b"")
        return self._events

    def _guarded(self, step: Callable[[bytes], None], piece: bytes) -> None:
        expected = self._expected
        try:
            step(piece)
        except Garbage:
            self.error = nonsense(expected.server, expected.address)
        except BrokenOff as broken:
            self.error = broken_off(expected.server, str(broken))
        except SatchelError as error:
            self.error = error

    def _split(self, piece: bytes) -> None:
        first, *lines = piece.split(b"\n")
        self._rest.append(first)
        self._waiting += len(first)
        if self._waiting > LINE_MAX:
            raise Garbage
        if not lines:
            return
        *whole, last = b"".join(self._rest), *lines
        self._rest, self._waiting = [last], len(last)
        for line in whole:
            if line := line.strip():
                self._line(self, line)
            if self.over:
                return

    def _end(self, _: bytes) -> None:
        if not self.over and (line := b"".join(self._rest).strip()):
            self._line(self, line)
        if self._finish is None:
            raise died(self._expected.server)
        if self._tags is not None:
            self._pass_on(*self._tags.end(), ())
        if self._unfolding is not None:
            self._unfold_end(self._unfolding)
        if self._stops is not None and (rest := self._stops.end()):
            self._tell(rest)
        finish = FINISHES.get(self._finish, "stop")
        if self._calls.made:
            try:
                self._events += self._calls.end(cut=finish == "length")
            except ValueError as error:
                raise Garbage from error
            finish = "tool_calls" if finish == "stop" else finish
        if finish == "stop" and self._expected.must:
            raise uncalled(self._expected.server)
        if self._expected.logprobs is not None and self._said and not self._weighed:
            raise Unavailable(
                "not-served-by-backend",
                f"{self._expected.server} answered without the `logprobs` that were asked for",
                "leave `logprobs` out, or choose another model",
            )
        self._events.append(Ended(finish, self._tokens, self._stop))

    # --- what a line says

    def say(self, text: str, rows: Rows = ()) -> None:
        """Take a piece of the text, with the logprobs of its tokens."""
        self.signs += 1
        if rows:
            rows = self._weigh(rows)
        if self._tags is None and self._unfolding is None:
            self._tell(text, rows)
        elif self._tags is None:
            self._pass_on("", text, rows)
        else:
            thought, said = self._tags.feed(text)
            if not said and (self._tags.thinks or self._tags.passed):
                rows, self._rows = (), []  # they are of what was thought
            self._pass_on(thought, said, rows)
            if self._tags.is_over:
                self._tags = None

    def think(self, text: str) -> None:
        """Take a piece of the thinking."""
        self.signs += 1
        self._events.append(Thinking(text))

    def call(self, place: int | None, id: str, name: str, arguments: str) -> None:
        """Take an entry of a tool call."""
        self.signs += 1
        self._events += self._calls.hear(place, id, name, arguments)

    def finish(self, word: str, stop: str | None = None) -> None:
        """Take the server's word for how the answer ended."""
        self.signs += 1
        if self._stops is not None and self._stops.hit is not None:
            return  # it had ended before, and the server did not know
        if word in BROKEN:
            raise BrokenOff(word)
        self._finish = word
        self._stop = stop or self._stop

    def count(
        self,
        prompt: int | None = None,
        completion: int | None = None,
        cached: int | None = None,
        thinking: int | None = None,
    ) -> None:
        """Take what the answer cost; what is told later replaces what was told before."""
        old = self._tokens
        self._tokens = Tokens(
            old.prompt if prompt is None else prompt,
            old.completion if completion is None else completion,
            old.cached if cached is None else cached,
            old.thinking if thinking is None else thinking,
        )

    def _weigh(self, rows: Rows) -> Rows:
        """Return rows in OpenAI's fields, with as many alternatives as were asked for."""
        if self._expected.logprobs is None:
            return ()
        self._weighed = True
        most = self._expected.logprobs
        return [
            {**_row(row), "top_logprobs": [_row(each) for each in _listed(row)[:most]]}
            for row in rows
        ]

    # --- text that is more than text

    def _pass_on(self, thought: str, said: str, rows: Rows) -> None:
        if thought:
            self._events.append(Thinking(thought))
        self._rows += rows
        if not said:
            return
        if self._unfolding is None:
            self._tell(said)
            return
        for kind, text in self._unfolding.feed(said):
            self._unfold(kind, text)

    def _tell(self, said: str, rows: Rows = ()) -> None:
        """Pass text on, with the logprobs that were held back until there was any."""
        self._said = True
        if self._rows:
            rows, self._rows = [*self._rows, *rows], []
        self._events.append(Said(said, tuple(rows)))

    def _unfold_end(self, unfolding: Unfolding) -> None:
        try:
            pieces = unfolding.end()
        except ValueError as error:
            if self._finish in FINISHES:  # it was cut before it began
                return
            raise uncalled(self._expected.server) from error
        for kind, text in pieces:
            self._unfold(kind, text)

    def _unfold(self, kind: str, text: str) -> None:
        match kind:
            case "call":
                self._events += self._calls.hear(0, "", text, "")
            case "arguments":
                self._events += self._calls.hear(0, "", "", text)
            case _ if self._stops is None:
                self._tell(text)
            case _:
                self._tell_until(self._stops, text)

    def _tell_until(self, stops: Stops, text: str) -> None:
        """Pass text on up to a stop word, which ends the answer."""
        if said := stops.feed(text):
            self._tell(said)
        if stops.hit is not None:
            self._finish, self._stop = "stop", stops.hit
            self.over = True


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in ("token", "logprob", "bytes")}


def _listed(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    others = row.get("top_logprobs")
    return [each for each in others if isinstance(each, dict)] if isinstance(others, list) else []


def uncalled(server: str) -> SatchelError:
    """Say that a tool had to be called and none was."""
    return Unavailable(
        "tool-not-called",
        f"the model of {server} was to call a tool and did not",
        "ask again, or choose a model that calls tools",
    )
