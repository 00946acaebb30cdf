"""What stands in the turns of Anthropic's requests, block by block.

A block is read into words, a picture, a thought, a call or a result; what only Anthropic's own
servers could read or fetch (an address, a file of theirs, a PDF) is refused by name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from satchel.model.dialects.fields import Fields
from satchel.model.dialects.parts import PICTURES, read_base64
from satchel.model.turns import Call, Image, Part, Result, Text, Thought

BILLING = "x-anthropic-billing-header:"
_Block: TypeAlias = Callable[[Fields], Iterator[Part]]

THREADLESS = "thread-not-kept"  # the code of a refusal that clients know how to go on from
SEAL = "satchel"  # the signature under every thought that is shown


def sealed(thought: str) -> str:
    """Return the signature of a thought that the tool does not want to see.

    Anthropic keeps such a thought, encrypted, in its signature; so do we, in base64, because the
    tool sends the signature back and the model then has its thought again.
    """
    return f"{SEAL}.{base64.b64encode(thought.encode('utf-8', 'surrogatepass')).decode('ascii')}"


def unsealed(signature: str) -> str:
    """Return the thought that a signature of ours holds; empty for any other signature."""
    seal, _, held = signature.partition(".")
    if seal != SEAL:
        return ""
    try:
        return base64.b64decode(held, validate=True).decode("utf-8", "surrogatepass")
    except ValueError:
        return ""


def system(fields: Fields) -> tuple[Text, ...]:
    """Read the system prompt, without Claude Code's line of billing.

    Claude Code puts a block in front whose one line names the client and a hash that changes
    with every request. No model needs it, and it would keep a local model from ever finding the
    rest of its prompt in its cache. What is taken out is the first line of the first block, where
    it begins with the name of that header; nothing else.
    """
    content = fields.text_or_each("system")
    texts = [content] if isinstance(content, str) else [_words(row).text for row in content or ()]
    if texts and texts[0].startswith(BILLING):
        texts[0] = texts[0].partition("\n")[2]
    return tuple(Text(text) for text in texts if text.strip())


def content(fields: Fields, allowed: Mapping[str, _Block]) -> list[Part]:
    """Read the `content` of a message or of a result: a text, or blocks of the `allowed` kinds."""
    given = fields.text_or_each("content")
    if given is None:
        return []
    if isinstance(given, str):
        return [Text(given)] if given else []
    parts: list[Part] = []
    for block in given:
        kind = block.need("type", str)
        if kind not in allowed:
            raise block.wrong("type", f"{kind[:40]!r} is not served here")
        block.harmless("cache_control")  # a local server keeps the cache of a prompt by itself
        parts += allowed[kind](block)
        block.done()
    return parts


def _words(block: Fields) -> Text:
    block.only("type", "text")
    block.harmless("cache_control", "citations")
    text = block.need("text", str)
    block.done()
    return Text(text)


def _text(block: Fields) -> Iterator[Text]:
    block.harmless("citations")  # where an earlier answer had its words from; the words are there
    if text := block.need("text", str):
        yield Text(text)


def _image(block: Fields) -> Iterator[Image]:
    block.only("transformations", {})
    source = block.need_inner("source")
    if (kind := source.need("type", str)) != "base64":
        raise source.wrong("type", f"{kind[:40]!r} would have to be fetched: send it as base64")
    media_type = source.word("media_type", *PICTURES)
    if media_type is None:
        raise source.wrong("media_type", "is missing")
    yield Image(media_type, read_base64(source, "data"))
    source.done()


def _document(block: Fields) -> Iterator[Text | Image]:
    _uncited(block)
    heading = [text for name in ("title", "context") if (text := block.take(name, str))]
    source = block.need_inner("source")
    if heading:
        yield Text("\n".join(heading))
    match source.need("type", str):
        case "text":
            source.only("media_type", "text/plain")
            yield Text(source.need("data", str))
        case "content":
            for part in content(source, {"text": _text, "image": _image}):
                if isinstance(part, Text | Image):
                    yield part
        case kind:
            raise source.wrong("type", f"{kind[:40]!r} is not served: send the document as text")
    source.done()


def _search_result(block: Fields) -> Iterator[Text]:
    _uncited(block)
    yield Text(f"{block.need('title', str)}\n{block.need('source', str)}")
    for part in content(block, {"text": _text}):
        if isinstance(part, Text):
            yield part


def _uncited(block: Fields) -> None:
    """Refuse a wish for citations: no local model marks what it quotes."""
    block.only("citations", {"enabled": False}, {})


def _thinking(block: Fields) -> Iterator[Thought]:
    signature = block.take("signature", str) or ""
    if text := block.need("thinking", str) or unsealed(signature):
        yield Thought(text, signature)


def _redacted(block: Fields) -> Iterator[Thought]:
    block.need("data", str)  # sealed by another model's server: nobody here could read it
    return iter(())


def _call(block: Fields) -> Iterator[Call]:
    block.only("caller", {"type": "direct"})
    block.only("toolset_name")
    arguments = json.dumps(block.need("input", dict), ensure_ascii=False)
    yield Call(block.need("id", str), block.need("name", str), arguments)


def _result(block: Fields) -> Iterator[Result]:
    block.only("toolset_name")
    id = block.need("tool_use_id", str)
    failed = block.take("is_error", bool) or False
    parts = content(block, _RESULT)
    yield Result(id, tuple(part for part in parts if isinstance(part, Text | Image)), failed)


def _reference(block: Fields) -> Iterator[Text]:
    yield Text(f"This tool can be called now: {block.need('tool_name', str)}")


def _change(block: Fields) -> Iterator[Part]:
    """Check a tool that is added or removed in mid-conversation; `changes` says which hold."""
    tool = block.need_inner("tool")
    if (kind := tool.need("type", str)) != "tool_reference":
        raise tool.wrong("type", f"{kind[:40]!r} is not served: list the tool in `tools`")
    tool.need("name", str)
    tool.done()
    return iter(())


def changes(messages: Any) -> Mapping[str, bool]:
    """Tell which tools a conversation brought in (true) and took away (false), the last word last.

    A tool of `defer_loading` is offered only once a result refers to it or a system message adds
    it: Claude Code's ToolSearch does the first. Takes the messages unread, of whatever form.
    """
    told: dict[str, bool] = {}
    for block in _blocks(messages):
        match block:
            case {"type": "tool_reference", "tool_name": str(name)}:
                told[name] = True
            case {"type": "tool_addition" | "tool_removal" as kind, "tool": {"name": str(name)}}:
                told[name] = kind == "tool_addition"
    return told


def _blocks(messages: Any) -> Iterator[Any]:
    for message in messages if isinstance(messages, list) else ():
        for block in _inside(message):
            yield block
            yield from _inside(block)


def _inside(value: Any) -> Sequence[Any]:
    held = value.get("content") if isinstance(value, dict) else None
    return held if isinstance(held, list) else ()


_RESULT: Mapping[str, _Block] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "tool_reference": _reference,
}
USER: Mapping[str, _Block] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "tool_result": _result,
}
SYSTEM: Mapping[str, _Block] = {
    "text": _text,
    "tool_addition": _change,
    "tool_removal": _change,
}
ASSISTANT: Mapping[str, _Block] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _call,
}
