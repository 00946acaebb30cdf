"""`satchel-hook`: what a client runs on every prompt, between the prompt and the daemon.

It passes on what it is told and prints what comes back; the daemon understands both. So it opens
no file of the folder it runs in, and starts as fast as the interpreter does: on the way of a prompt
it imports nothing that is not loaded already or built in. `json`, `socket` and `signal` are half of
a process that has them, for the patterns and enumerations that they bring along.

A prompt is never broken and never held up: whatever goes wrong, and whatever takes longer than
`hook.deadline_ms`, ends in silence, exit status 0 and a line in the log. Where no daemon answers,
one is started beside the prompt, for the next.
"""

from __future__ import annotations

import _socket as socket  # what `socket` wraps
import os
import sys
import time

from satchel import __version__

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

USAGE = """usage: satchel-hook [--client NAME] [--event NAME] [--check] < INPUT.json

What AI tools run on every prompt; `satchel connect` sets it up.

  --client NAME  whose form the input has: claude, codex, qwen, opencode, gemini or copilot
  --event NAME   what it is called for, where the input does not say
  --check        say what is wrong, to a person, and what would be printed
"""
DEADLINE = "hook.deadline_ms"
DEADLINE_MS = 250  # that setting's default
LEAST_MS = 10  # and its least
MOST_BYTES = 8_000_000  # of what a client tells
LONGEST_ANSWER = 1_000_000  # bytes


class Late(BaseException):
    """The deadline passed. Nothing between here and `main` may take it for an error."""


class Silent(Exception):
    """There is nothing to print; the message says why, and never a word of the user's."""


class Absent(Silent):
    """No daemon answers."""


def main(words: Sequence[str] | None = None) -> int:
    """Answer one hook on standard output; return 0, whatever happens, but for --check."""
    chosen = options(sys.argv[1:] if words is None else words)
    home = home_folder()
    if "check" in chosen:
        from satchel.tools import hook_check

        return hook_check.main(home, chosen)
    if "help" in chosen or sys.stdin is None or sys.stdin.isatty():
        sys.stderr.write(USAGE)
        return 0
    limit = deadline_ms(home)
    told: list[bytes] = []
    try:
        try:
            _arm(limit / 1000)
            answer = ask(home, read_all(told), chosen)
        finally:
            _arm(0.0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    except Late:
        note(home, f"no answer within {limit} ms")
    except Absent as absent:
        if _start_soon(home, b"".join(told)):
            note(home, f"{absent}; it is started for the next prompt")
    except Silent as silent:
        note(home, str(silent))
    except Exception as error:  # a hook must not break a prompt
        note(home, type(error).__name__)
    return 0


def run() -> NoReturn:
    """Be the console script: leave at once, since taking an interpreter down takes its time."""
    os._exit(main())


def options(words: Sequence[str]) -> dict[str, str]:
    """Read the command line; what is not known is passed over, or a new client's settings would
    break every prompt of an old Satchel."""
    chosen: dict[str, str] = {}
    rest = list(words)
    while rest:
        name, is_given, value = rest.pop(0).partition("=")
        name = name.lstrip("-")
        if name in ("check", "help", "h"):
            chosen["help" if name == "h" else name] = ""
        elif name in ("client", "event"):
            chosen[name] = value if is_given or not rest else rest.pop(0)
    return chosen


def home_folder() -> str:
    """Return Satchel's own folder; as `base.paths.home`, without what that imports."""
    named = os.environ.get("SATCHEL_HOME")
    return os.path.abspath(os.path.expanduser(named or os.path.join("~", ".satchel")))


def deadline_ms(home: str) -> int:
    """Read the one setting that is needed here, which holds at once; a wrong one is the default."""
    try:
        with open(os.path.join(home, "settings.json"), encoding="utf-8") as file:
            text = file.read()
        if f'"{DEADLINE}"' not in text:
            return DEADLINE_MS
        import json

        return max(LEAST_MS, int(json.loads(text).get(DEADLINE, DEADLINE_MS)))
    except (OSError, ValueError, TypeError, AttributeError):
        return DEADLINE_MS


def read_all(pieces: list[bytes]) -> bytes:
    """Read what the client tells, up to a limit; `pieces` has it even where time runs out."""
    size = 0
    while piece := os.read(0, 1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise Silent(f"the input has more than {MOST_BYTES:,} bytes")
    return b"".join(pieces)


def ask(home: str, told: bytes, chosen: Mapping[str, str], check: bool = False) -> bytes:
    """Pass on what a client told, and return what it takes. Raises Absent and Silent."""
    if not os.path.isdir(os.path.join(home, "workspaces")):
        raise Silent("no folder was ever accepted")
    daemon, token = _daemon(home)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Length": str(len(told)),
        "X-Satchel-Workspace": _quoted(here()),
        "X-Satchel-Client": _plain(chosen.get("client", "")),
        "X-Satchel-Event": _plain(chosen.get("event", "")),
    }
    if check:
        headers["X-Satchel-Check"] = "1"
    status, head, body = exchange(daemon, "/api/hook", headers, told)
    if daemon.get("version") != __version__:
        _start_soon(home, told)  # it takes the place of the old one
    if status != 200:
        raise Silent(f"the daemon answered {status}{_code(body)}")
    if check and not body:
        raise Silent(head.get("x-satchel-why", "it says nothing"))
    return body


def exchange(
    daemon: Mapping[str, Any], path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """POST to the daemon and return the status, the headers and the body. Raises Absent, Silent."""
    unix = daemon.get("socket")
    try:
        if unix and hasattr(socket, "AF_UNIX"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            address: Any = unix
            host = "localhost"
        else:
            if not _lives(int(daemon["pid"])):
                raise Absent("no daemon runs")  # its port may be another program's by now
            host = str(daemon["url"]).removeprefix("http://")
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            address = ("127.0.0.1", int(host.rpartition(":")[2]))
        try:
            connection.connect(address)
            lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items() if value]
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            answer = b""
            while (block := connection.recv(1 << 16)) and len(answer) < LONGEST_ANSWER:
                answer += block
        finally:
            connection.close()
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise Absent("no daemon answers") from error
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    told = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    status = first.split(" ", 2)[1:2]
    if not first.startswith("HTTP/1.") or len(content) != int(told.get("content-length", "-1")):
        raise Absent("the daemon ended in the middle of its answer")
    return int(status[0]), told, content


def note(home: str, text: str) -> None:
    """Put a line into the log, where there is one; never a word of what was told."""
    try:
        if os.path.isdir(home):
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime())
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            log = os.open(os.path.join(home, "daemon.log"), flags, 0o600)
            os.write(log, f"{stamp},000 warning hook: {text}\n".encode())
            os.close(log)
    except OSError:
        pass  # nowhere to say it


def _start_soon(home: str, told: bytes) -> bool:
    """Have a daemon started for the next prompt; tell whether it is."""
    from satchel.tools.hook_wake import folder_of, start_soon

    return start_soon(home, folder_of(told)) is not None


def _daemon(home: str) -> tuple[dict[str, Any], str]:
    """Read where the daemon listens, and what opens it."""
    run = os.path.join(home, "run")
    try:
        with open(os.path.join(run, "daemon.json"), encoding="utf-8") as file:
            daemon = _read(file.read())
        with open(os.path.join(run, "token"), encoding="ascii") as file:
            token = file.read().strip()
    except (OSError, ValueError) as error:
        raise Absent("no daemon runs") from error
    if not isinstance(daemon, dict):
        raise Absent("no daemon runs")
    return daemon, _plain(token)


def _read(text: str) -> Any:
    """Read the daemon's own flat JSON: where nothing is escaped, what stands in quotes is meant."""
    if "\\" in text or not text.startswith('{"'):
        import json

        return json.loads(text)
    found = {}
    for name in ("pid", "url", "socket", "version"):
        given = text.partition(f'"{name}":')[2].lstrip()
        found[name] = given[1:].partition('"')[0] if given[:1] == '"' else _number(given)
    return found


def _number(text: str) -> int | None:
    """Return the number that a text begins with; None for `null`."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits) if digits else None


def _lives(pid: int) -> bool:
    """Tell whether a process runs; on Windows only its connection tells."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    return True


def _arm(seconds: float) -> None:
    """Have Late raised after so many seconds, wherever this stands then; 0 takes that back."""
    import _signal as signal  # type: ignore[import-not-found]  # built in: what `signal` wraps

    if not hasattr(signal, "setitimer"):  # Windows: there is nothing to undo but the waiting
        _leave_after(seconds)
        return

    def late(*_: object) -> NoReturn:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)


_TIMERS: list[Any] = []


def _leave_after(seconds: float) -> None:
    import threading

    while _TIMERS:
        _TIMERS.pop().cancel()
    if seconds:
        timer = threading.Timer(seconds, os._exit, (0,))
        timer.daemon = True
        timer.start()
        _TIMERS.append(timer)


def here() -> str:
    """Return the folder that this runs in; "" where it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _quoted(path: str) -> str:
    """Spell a path so that it can stand in a header, as a URL would."""
    return "".join(
        chr(byte) if 32 < byte < 127 and byte != 37 else f"%{byte:02X}"
        for byte in os.fsencode(path)
    )


def _plain(value: str) -> str:
    return "".join(letter for letter in value if " " <= letter <= "~")


def _code(body: bytes) -> str:
    """Return the code of an error that the daemon answered with: a fixed word."""
    import json

    try:
        return f" ({_plain(str(json.loads(body)['error']['code']))[:40]})"
    except (ValueError, KeyError, TypeError):
        return ""


if __name__ == "__main__":
    sys.exit(main())
