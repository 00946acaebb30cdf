"""Google's spelling of JSON: either case of a field's name, and schemas of its own form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satchel.base.errors import BadInput
from satchel.model.dialects.fields import Fields

DEEPEST = 100  # objects and lists within one another

# What stands under these is somebody else's: values, or a schema that is JSON schema already.
OPAQUE = frozenset(
    {
        "args",
        "default",
        "enum",
        "example",
        "labels",
        "parametersJsonSchema",
        "partMetadata",
        "response",
        "responseJsonSchema",
        "_responseJsonSchema",
    }
)
KEYED = frozenset({"properties", "defs", "$defs"})  # the keys are names that somebody chose

SAME = ("title", "description", "default", "format", "pattern", "minimum", "maximum")
COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")


def spelled(value: Any, depth: int = 0) -> Any:
    """Return JSON with every field's name in camelCase, which Google takes in snake_case too.

    Raises BadInput where a field stands there in both, or where it is nested too deeply.
    """
    if depth > DEEPEST:
        said = f"the body has more than {DEEPEST} objects within one another"
        raise BadInput("too-deep", said, "send less deeply nested JSON")
    if isinstance(value, list):
        return [spelled(row, depth + 1) for row in value]
    if not isinstance(value, dict):
        return value
    read: dict[str, Any] = {}
    for key, held in value.items():
        name = camel(key)
        if name in read:
            raise Fields({}).wrong(name, "is there twice, in two spellings")
        if name in OPAQUE:
            read[name] = held
        elif name in KEYED and isinstance(held, dict):
            read[name] = {chosen: spelled(row, depth + 2) for chosen, row in held.items()}
        else:
            read[name] = spelled(held, depth + 1)
    return read


def camel(name: str) -> str:
    """Return top_p as topP; a name that begins with an underscore stays."""
    first, *rest = name.split("_")
    if not first or not rest:
        return name
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def json_schema(schema: Fields) -> Mapping[str, Any]:
    """Return Google's schema (an OpenAPI schema with types in capitals) as JSON schema.

    `propertyOrdering` becomes the order of the properties, which is the order that a grammar made
    of the schema holds a model to.
    """
    read: dict[str, Any] = {}
    kind = (schema.take("type", str) or "").lower()
    if kind not in ("", "type_unspecified"):
        read["type"] = kind
    for name in SAME:
        if (value := schema.raw(name)) is not None:
            read[name] = value
    for name in COUNTS:
        if (count := _count(schema, name)) is not None:
            read[name] = count
    if (choices := schema.take("enum", list)) is not None:
        read["enum"] = choices
    if (example := schema.raw("example")) is not None:
        read["examples"] = [example]
    if (items := schema.inner("items")) is not None:
        read["items"] = json_schema(items)
    for name in ("anyOf", "prefixItems"):
        if branches := [json_schema(branch) for branch in schema.each(name)]:
            read[name] = branches
    order = schema.texts("propertyOrdering")
    if properties := _named(schema, "properties"):
        places = {name: place for place, name in enumerate(order)}
        ordered = sorted(properties, key=lambda name: places.get(name, len(places)))
        read["properties"] = {name: properties[name] for name in ordered}
    if required := schema.texts("required"):
        read["required"] = list(required)
    more = schema.raw("additionalProperties")
    if more is not None:
        place = schema.path("additionalProperties")
        read["additionalProperties"] = (
            more if isinstance(more, bool) else json_schema(Fields(more, place))
        )
    for name in ("defs", "$defs"):
        if definitions := _named(schema, name):
            read["$defs"] = definitions
    for name in ("ref", "$ref"):
        if (reference := schema.take(name, str)) is not None:
            read["$ref"] = reference.replace("#/defs/", "#/$defs/")
    if schema.take("nullable", bool):
        read = _nullable(read)
    schema.done()
    return read


def _named(schema: Fields, name: str) -> Mapping[str, Mapping[str, Any]]:
    held = schema.take(name, dict) or {}
    place = schema.path(name)
    return {key: json_schema(Fields(row, f"{place}.{key}")) for key, row in held.items()}


def _count(schema: Fields, name: str) -> int | None:
    """Read a count, which Google writes as text because it has 64 bits."""
    value = schema.raw(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise schema.wrong(name, "must be a whole number")
    return value


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" in schema:
        choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **choices}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}
