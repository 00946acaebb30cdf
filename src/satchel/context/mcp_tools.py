"""A function as an MCP tool: with the least schema that says it all, and errors in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from satchel.base.errors import SatchelError
from satchel.context.mcp_texts import sentence


class _Tool(Tool):
    """A tool that says in a sentence what is wrong with its arguments."""

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_misfit(self.name, error.__cause__)) from None
            raise


def _misfit(name: str, error: ValidationError) -> str:
    """Say which arguments a tool cannot take: "`request` is missing"."""
    wrong = [
        f"`{'.'.join(map(str, one['loc']))}` "
        + ("is missing" if one["type"] == "missing" else one["msg"].removeprefix("Input "))
        for one in error.errors(include_url=False, include_input=False)
    ]
    return f"{name}: {', '.join(wrong)}. Next: call it again with that mended."


def tool(function: Callable[..., str], description: str, hints: ToolAnnotations) -> Tool:
    """Register one tool with the least schema that says it all."""

    @wraps(function)  # the signature is read through it
    def told(**arguments: Any) -> str:
        try:
            return function(**arguments)
        except SatchelError as error:
            raise ToolError(sentence(error)) from None

    made = _Tool.from_function(
        told,
        name=function.__name__,
        description=description,
        annotations=hints,
        structured_output=False,
        meta={"anthropic/alwaysLoad": True},
    )
    made.parameters = slim(made.parameters)
    return made


def slim(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop from a JSON schema what a model gains nothing from: titles, nulls and their defaults.

    A null is still accepted where an argument is optional; it is only not advertised.
    """
    slimmed = {
        key: value
        for key, value in schema.items()
        if key != "title" and not (key == "default" and value is None)
    }
    match slimmed.pop("anyOf", None):
        case [dict() as kind, {"type": "null"}]:
            slimmed |= kind
    if "properties" in slimmed:
        slimmed["properties"] = {name: slim(inner) for name, inner in slimmed["properties"].items()}
    return slimmed
