"""The tools, resources and prompts that the MCP conformance suite calls by name.

The suite fixes names, texts and schemas; whatever it says about them is said in its own scenario
descriptions. They are added to the product's server beside the product's own, and live here: the
installed package holds none of them.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer, ServerRequestContext
from mcp.server.mcpserver import Context, UserMessage
from mcp.shared.exceptions import MCPError
from mcp.types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    Completion,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, Field

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5E"
    "rkJggg=="
)
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
PAUSE = 0.05  # seconds between two notices, as the suite wants

Server = MCPServer[Any]
Ctx = Context[Any, Any]


def add(server: Server) -> None:
    """Add all that the suite calls."""
    for function in (*CONTENT, *NOTICES, *BACK_CHANNEL, *ROUNDS):
        server.add_tool(function)
    _resources(server)
    _prompts(server)
    _requests(server)


# What a tool may answer with


def text(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def image() -> ImageContent:
    return ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri: str, words: str, kind: str = "text/plain") -> EmbeddedResource:
    held = TextResourceContents(uri=uri, mime_type=kind, text=words)
    return EmbeddedResource(type="resource", resource=held)


def test_simple_text() -> str:
    """Answers with text."""
    return "This is a simple text response for testing."


def test_image_content() -> list[ImageContent]:
    """Answers with an image."""
    return [image()]


def test_audio_content() -> list[AudioContent]:
    """Answers with a sound."""
    return [AudioContent(type="audio", data=WAV, mime_type="audio/wav")]


def test_embedded_resource() -> list[EmbeddedResource]:
    """Answers with a resource."""
    return [embedded("test://embedded-resource", "This is an embedded resource content.")]


def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    """Answers with text, an image and a resource."""
    mixed = json.dumps({"test": "data", "value": 123})
    resource = embedded("test://mixed-content-resource", mixed, "application/json")
    return [text("Multiple content types test:"), image(), resource]


def test_error_handling() -> str:
    """Fails."""
    raise RuntimeError("This tool intentionally returns an error for testing")


def test_missing_capability(ctx: Ctx) -> str:
    """Refuses a client that did not say that it can sample."""
    capable = ctx.client_capabilities
    if capable is None or capable.sampling is None:
        raise MCPError(
            code=MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="sampling is needed",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return "The client can sample."


CONTENT: tuple[Callable[..., Any], ...] = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
    test_missing_capability,
)

# What a tool may tell while it runs


async def test_tool_with_logging(ctx: Ctx) -> str:
    """Logs three times."""
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.info(line)
        await asyncio.sleep(PAUSE)
    return "logged"


async def test_tool_with_progress(ctx: Ctx) -> str:
    """Reports progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await asyncio.sleep(PAUSE)
    return "done"


NOTICES: tuple[Callable[..., Any], ...] = (test_tool_with_logging, test_tool_with_progress)

# What a tool may ask its client in the older era, over the connection


async def test_sampling(prompt: str, ctx: Ctx) -> str:
    """Has the client's model answer a prompt."""
    said = await ctx.session.create_message(
        messages=[SamplingMessage(role="user", content=text(prompt))],
        max_tokens=100,
        related_request_id=ctx.request_id,
    )
    return f"LLM response: {said.content.text if isinstance(said.content, TextContent) else ''}"


class Asked(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: str = Field("active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = True


def titled(*pairs: tuple[str, str]) -> list[Any]:
    return [{"const": value, "title": title} for value, title in pairs]


class Choices(BaseModel):
    untitledSingle: str = Field(json_schema_extra={"enum": ["option1", "option2", "option3"]})  # noqa: N815 - the suite's names
    titledSingle: str = Field(  # noqa: N815
        json_schema_extra={"oneOf": titled(("value1", "First"), ("value2", "Second"))}
    )
    legacyEnum: str = Field(  # noqa: N815
        json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]}
    )
    untitledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"type": "string", "enum": ["option1", "option2"]}}
    )
    titledMulti: list[str] = Field(  # noqa: N815
        json_schema_extra={"items": {"anyOf": titled(("value1", "First"), ("value2", "Second"))}}
    )


async def elicited(ctx: Ctx, message: str, schema: type[BaseModel]) -> str:
    told = await ctx.elicit(message=message, schema=schema)
    content = told.data.model_dump_json() if told.action == "accept" else "{}"
    return f"Elicitation completed: action={told.action}, content={content}"


async def test_elicitation(message: str, ctx: Ctx) -> str:
    """Asks the user."""
    return await elicited(ctx, message, Asked)


async def test_elicitation_sep1034_defaults(ctx: Ctx) -> str:
    """Asks the user, with a default for each kind of value."""
    return await elicited(ctx, "Who are you?", Defaults)


async def test_elicitation_sep1330_enums(ctx: Ctx) -> str:
    """Asks the user to choose, with each kind of choice."""
    return await elicited(ctx, "Choose", Choices)


BACK_CHANNEL: tuple[Callable[..., Any], ...] = (
    test_sampling,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_elicitation_sep1330_enums,
)

# What a tool may ask its client from 2026-07-28 on: it answers what it lacks, and is called again


def form(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(prompt: str, tokens: int) -> CreateMessageRequest:
    messages = [SamplingMessage(role="user", content=text(prompt))]
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=messages, max_tokens=tokens)
    )


def need(state: str | None = None, **requests: InputRequest) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def filled(answer: object, name: str) -> str | None:
    """Return one field of a form that came back filled in."""
    content = answer.content if isinstance(answer, ElicitResult) else None
    return str(content[name]) if content and name in content else None


NAME = form("What is your name?", "name")
CONFIRM = form("Please confirm", "ok", "boolean")


def test_input_required_result_elicitation(ctx: Ctx) -> str | InputRequiredResult:
    """Needs a name."""
    name = filled((ctx.input_responses or {}).get("user_name"), "name")
    return f"Hello, {name}!" if name else need(user_name=NAME)


def test_input_required_result_sampling(ctx: Ctx) -> str | InputRequiredResult:
    """Needs a model's answer."""
    said = (ctx.input_responses or {}).get("capital_question")
    if isinstance(said, CreateMessageResult) and isinstance(said.content, TextContent):
        return f"The model said: {said.content.text}"
    return need(capital_question=sample("What is the capital of France?", 100))


def test_input_required_result_list_roots(ctx: Ctx) -> str | InputRequiredResult:
    """Needs the client's roots."""
    told = (ctx.input_responses or {}).get("client_roots")
    if isinstance(told, ListRootsResult):
        return f"Roots: {', '.join(str(root.uri) for root in told.roots)}"
    return need(client_roots=ListRootsRequest())


def test_input_required_result_request_state(ctx: Ctx) -> str | InputRequiredResult:
    """Needs a confirmation, and the state that it gave with the question."""
    if ctx.request_state == "asked" and "confirm" in (ctx.input_responses or {}):
        return "state-ok"
    return need("asked", confirm=CONFIRM)


def test_input_required_result_tampered_state(ctx: Ctx) -> str | InputRequiredResult:
    """Takes no state that it did not give."""
    return "state-ok" if ctx.request_state == "given" else need("given", confirm=CONFIRM)


def test_input_required_result_multiple_inputs(ctx: Ctx) -> str | InputRequiredResult:
    """Needs three answers at once."""
    wanted: dict[str, InputRequest] = {
        "user_name": NAME,
        "greeting": sample("Generate a greeting", 50),
        "client_roots": ListRootsRequest(),
    }
    return (
        "All came." if wanted.keys() <= (ctx.input_responses or {}).keys() else need("1", **wanted)
    )


def test_input_required_result_multi_round(ctx: Ctx) -> str | InputRequiredResult:
    """Needs a name, then a colour."""
    answers = ctx.input_responses or {}
    name = filled(answers.get("step1"), "name")
    colour = filled(answers.get("step2"), "color")
    if ctx.request_state == "1" and name:
        return need(f"2{name}", step2=form("Step 2: What is your favorite color?", "color"))
    if (ctx.request_state or "").startswith("2") and colour:
        return f"{(ctx.request_state or '')[1:]} likes {colour}"
    return need("1", step1=form("Step 1: What is your name?", "name"))


def test_input_required_result_capabilities(ctx: Ctx) -> str | InputRequiredResult:
    """Asks only for what the client can do."""
    capable = ctx.client_capabilities
    wanted: dict[str, InputRequest] = {}
    if capable and capable.sampling is not None:
        wanted["sample"] = sample("Say hello", 50)
    if capable and capable.elicitation is not None:
        wanted["ask"] = NAME
    return need("1", **wanted)


ROUNDS: tuple[Callable[..., Any], ...] = (
    test_input_required_result_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_tampered_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_multi_round,
    test_input_required_result_capabilities,
)


def _resources(server: Server) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        """A text."""
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        """An image."""
        return b64decode(PNG)

    @server.resource("test://watched-resource", mime_type="text/plain")
    def watched() -> str:
        """What may be subscribed to."""
        return "Watched."

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        """A template."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def _prompts(server: Server) -> None:
    @server.prompt()
    def test_simple_prompt() -> str:
        """Takes no arguments."""
        return "This is a simple prompt for testing."

    @server.prompt()
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """Takes two arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt()
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803
        """Holds a resource."""
        held = embedded(resourceUri, "Embedded resource content for testing.")
        after = text("Please process the embedded resource above.")
        return [UserMessage(content=held), UserMessage(content=after)]

    @server.prompt()
    def test_prompt_with_image() -> list[UserMessage]:
        """Holds an image."""
        after = text("Please analyze the image above.")
        return [UserMessage(content=image()), UserMessage(content=after)]

    @server.prompt()
    def test_input_required_result_prompt(ctx: Ctx) -> str | InputRequiredResult:
        """Needs a context."""
        context = filled((ctx.input_responses or {}).get("user_context"), "context")
        if context:
            return f"Use this: {context}"
        return need(user_context=form("What context should the prompt use?", "context"))


def _requests(server: Server) -> None:
    """Take the requests for which the SDK has no decorator."""

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # untyped there
    async def complete(ref: object, argument: object, context: object) -> Completion:
        return Completion(values=[], total=0, has_more=False)

    async def taken(ctx: ServerRequestContext[Any, Any], params: object) -> EmptyResult:
        return EmptyResult()

    for method, params in (
        ("logging/setLevel", SetLevelRequestParams),
        ("resources/subscribe", SubscribeRequestParams),
        ("resources/unsubscribe", UnsubscribeRequestParams),
    ):
        server._lowlevel_server.add_request_handler(method, params, taken)
