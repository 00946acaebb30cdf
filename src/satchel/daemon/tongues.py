"""What went wrong with a request, told as its client reads it.

A client of the model endpoint reads its own dialect's errors, also where the request came no
further than the guard; everybody else reads the daemon's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Scope

from satchel.base.errors import SatchelError
from satchel.daemon.answers import HTTP_STATUS, answer, error_json
from satchel.model.dialects import gemini, messages, models
from satchel.model.dialects.chat import CHAT
from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.gemini import GEMINI
from satchel.model.dialects.messages import MESSAGES

ENDPOINT: Final = ("/v1/", "/v1beta/")  # the model endpoint, which tools are pointed at
STATUS: Final[Mapping[str, int]] = {
    "consent-needed": 403,
    "model-not-on-device": 403,
    "model-not-found": 404,
    "default-missing": 404,
    "model-missing": 404,
    "no-route": 404,
    "no-method": 405,
    "context-exceeded": 400,
    "not-a-chat-model": 400,
    "more-than-permitted": 409,
    "server-busy": 503,
    "server-slow": 503,
    "server-gone": 502,
    "server-not-proved": 502,
    "server-died": 502,
    "server-failed": 502,
    "server-garbage": 502,
    "server-refuses": 502,
    "server-redirects": 502,
    "tool-not-called": 502,
    "server-hangs": 504,
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """How errors and the models are told to one family of clients."""

    dialect: Dialect
    listed: Callable[[Sequence[models.Row]], Mapping[str, Any]]
    shown: Callable[[models.Row], Mapping[str, Any]]


OPENAI: Final = Tongue(CHAT, models.listed, models.shown)
ANTHROPIC: Final = Tongue(MESSAGES, messages.listing, messages.row)
GOOGLE: Final = Tongue(GEMINI, gemini.listing, gemini.row)


def tongue_of(scope: Scope) -> Tongue | None:
    """Tell what a request's client reads, by its path, and by what it brings where three share
    one; None where it does not come to the model endpoint."""
    path: str = scope.get("path", "")
    if path.startswith("/v1beta/"):
        return GOOGLE
    if path.startswith("/v1/messages"):
        return ANTHROPIC
    if not path.startswith("/v1/models"):
        return OPENAI if path.startswith(ENDPOINT) else None
    brought = {name for name, _ in scope["headers"]}
    if scope["method"] == "POST" or b"x-goog-api-client" in brought:
        return GOOGLE
    return ANTHROPIC if b"anthropic-version" in brought else OPENAI


def status_of(error: SatchelError) -> int:
    """Return the HTTP status of an error: by its code, else by its kind."""
    return STATUS.get(error.code) or HTTP_STATUS.get(type(error), 500)


def told(scope: Scope, error: SatchelError, status: int) -> Mapping[str, Any]:
    """Return the body of an error."""
    tongue = tongue_of(scope)
    if tongue is None:
        return {"error": error_json(error)}
    return tongue.dialect.failure(error, status)


def refused(scope: Scope, error: SatchelError, status: int | None = None) -> Response:
    """Answer a request with an error, by the status of its kind unless told otherwise."""
    status = status or status_of(error)
    return answer(told(scope, error, status), status)
