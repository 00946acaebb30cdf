"""Faithful fakes of local inference servers: field names, orders and quirks as they were seen.

Each is a context manager that gives a Fake with its base URL and the requests that it got; they
run in a thread of their own, so that tests, child processes and daemons can all call them.
"""

from tests.model.fakes.llama_server import (
    LLAMA_LOADING,
    LLAMA_ROUTER_PROPS,
    llama_props,
    llama_routed,
    llama_row,
    llama_server,
)
from tests.model.fakes.lm_studio_server import lm_studio, lm_studio_loaded, lm_studio_row
from tests.model.fakes.ollama_server import ollama, ollama_cloud_row, ollama_row
from tests.model.fakes.others import OTHERS, Other, other
from tests.model.fakes.serving import (
    Fake,
    Request,
    Respond,
    Table,
    answering_all,
    endless_body,
    failing,
    from_table,
    not_found,
    ok,
    raw,
    serving,
)
from tests.model.fakes.streams import WORDS, Fault, openai_chat, stream_lines

__all__ = [
    "LLAMA_LOADING",
    "LLAMA_ROUTER_PROPS",
    "OTHERS",
    "WORDS",
    "Fake",
    "Fault",
    "Other",
    "Request",
    "Respond",
    "Table",
    "answering_all",
    "endless_body",
    "failing",
    "from_table",
    "llama_props",
    "llama_routed",
    "llama_row",
    "llama_server",
    "lm_studio",
    "lm_studio_loaded",
    "lm_studio_row",
    "not_found",
    "ok",
    "ollama",
    "ollama_cloud_row",
    "ollama_row",
    "openai_chat",
    "other",
    "raw",
    "serving",
    "stream_lines",
]
