"""What servers say when they refuse or break, each turned into one sentence and a next step."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

from satchel.base.errors import BadInput, SatchelError, Unavailable
from satchel.base.text import one_line
from satchel.model.answers import mapping, number, text

ELSEWHERE = "look at that server's own log, or choose another model"
FULL = ("context length", "context size", "context window", "exceeds the available context")


def message_of(body: Any) -> str:
    """Return the sentence of an error body, whichever server wrote it; empty where none is."""
    body = mapping(body)
    error = body.get("error")
    if isinstance(error, str):
        return one_line(error)
    # FastAPI's own errors stand under "detail", vLLM's older ones at the top.
    return one_line(text(error, "message") or text(body, "message") or text(body, "detail"))


def refusal(server: str, model: str, status: int, raw: str) -> SatchelError:
    """Turn an HTTP error of a server into what the user is told."""
    body = json_of(raw)
    error = mapping(body, "error")
    said = message_of(body)
    words = f": {said}" if said else ""
    if text(error, "type") == "exceed_context_size_error":
        return too_long(number(error, "n_prompt_tokens"), number(error, "n_ctx"))
    if status in (400, 413, 500) and _is_full(said):
        return too_long(None, None)
    if "image input is not supported" in said or "multimodal" in said.lower():
        return not_served(f"{server} ({model})", "image", said)
    if status in (400, 405, 413, 415, 422, 501):
        return BadInput(
            "refused-by-backend",
            f"{server} does not take this request ({status}){words}",
            "change what it names, or choose another model",
        )
    if status in (401, 403):
        return Unavailable(
            "server-refuses",
            f"{server} refused the request ({status}{words})",
            "have a server here ask for no key; one elsewhere gets the key of its grant, which "
            "`satchel consent grant` takes with `--key-file`",
        )
    if status == 404:
        return Unavailable(
            "model-missing",
            f"{server} does not offer {model}",
            "`satchel models` lists what is here now; a server elsewhere lists its own",
        )
    if status in (429, 503):
        return Unavailable("server-busy", f"{server} is busy{words}", "try again in a moment")
    if 300 <= status < 400:
        return Unavailable(
            "server-redirects",
            f"{server} redirects elsewhere ({status}), which is never followed",
            "look at what listens on its port",
        )
    return Unavailable("server-failed", f"{server} failed with status {status}{words}", ELSEWHERE)


def broken_off(server: str, said: str) -> SatchelError:
    """Turn an error that came in the middle of a stream into what the user is told."""
    if _is_full(said):
        return too_long(None, None)
    return Unavailable("server-failed", f"{server} stopped with an error: {said}", ELSEWHERE)


def died(server: str) -> SatchelError:
    """Say that an answer ended without its end."""
    return Unavailable(
        "server-died",
        f"{server} broke off in the middle of its answer",
        "ask again; if it happens again, look at that server's own log",
    )


def hangs(server: str) -> SatchelError:
    """Say that a server said nothing for too long."""
    return Unavailable(
        "server-hangs",
        f"{server} went silent in the middle of a request",
        "restart that server, or choose another model",
    )


def still_loading(server: str) -> SatchelError:
    """Say that a server was not done with loading its model in all the time that it had."""
    return Unavailable(
        "server-loading",
        f"{server} is still loading its model",
        "ask again once it has; that server's own log tells how far it is",
    )


def gone(server: str, address: str, why: BaseException) -> SatchelError:
    """Say that a server cannot be reached, hung up too early, or did not prove who it is."""
    if isinstance(why, ssl.SSLError):  # the hand was not shaken, so no word was said
        reason = getattr(why, "verify_message", "") or (why.reason or type(why).__name__)
        return Unavailable(
            "server-not-proved",
            f"{server} did not prove to be {address}, so nothing was sent: {one_line(reason)}",
            "look at the address; an authority of your own is trusted once SSL_CERT_FILE names its "
            "certificate and the daemon was started anew (`satchel down`)",
        )
    if isinstance(why, socket.gaierror):
        return Unavailable(
            "server-gone",
            f"the name of {address} cannot be looked up, so nothing was sent",
            "look at the address and the network",
        )
    return Unavailable(
        "server-gone",
        f"{server} at {address} stopped answering ({type(why).__name__})",
        "start that server again, or choose another model",
    )


def nonsense(server: str, address: str) -> SatchelError:
    """Say that what came is not of the server's protocol."""
    return Unavailable(
        "server-garbage",
        f"{server} at {address} answered something that is not its protocol",
        "restart that server, or choose another model",
    )


def too_long(tokens: int | None, context: int | None) -> SatchelError:
    """Say that a prompt does not fit."""
    takes = f"{tokens} tokens, more" if tokens else "more tokens"
    holds = f"context of {context} tokens holds" if context else "context holds"
    return BadInput(
        "context-exceeded",
        f"the request takes {takes} than the model's {holds}",
        "ask for less, or give the model a larger context in its server",
        tokens=tokens,
        context=context,
    )


def not_served(server: str, field: str, why: str = "") -> SatchelError:
    """Say that a backend has no way to do what a field asks."""
    return BadInput(
        "not-served-by-backend",
        f"{server} cannot serve `{field}`{': ' + why if why else ''}",
        f"leave `{field}` out, or choose another model",
        field=field,
        backend=server,
    )


def json_of(raw: str | bytes) -> Any:
    """Read a body as JSON; None where it is not."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _is_full(said: str) -> bool:
    lower = said.lower()
    return any(words in lower for words in FULL) or ("context" in lower and "longer" in lower)
