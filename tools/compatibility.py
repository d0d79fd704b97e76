"""What a released contract forbids to change: additions only, anything else is a new major version beside it.

A document is compared with the released one. What we send (facts, answers) may gain optional fields and lose
nothing; what we accept (bodies, parameters, records of other systems) may gain optional fields and widen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]

#: Words about a schema that promise nothing.
PROSE = frozenset({"$id", "$schema", "default", "deprecated", "description", "examples", "summary", "title"})

#: Bounds: whether a larger number is the wider one.
BOUNDS = {
    "maximum": True,
    "exclusiveMaximum": True,
    "maxLength": True,
    "maxItems": True,
    "maxProperties": True,
    "minimum": False,
    "exclusiveMinimum": False,
    "minLength": False,
    "minItems": False,
    "minProperties": False,
}

#: Words that allow less than their absence does, however they are filled.
NARROWING = ("pattern", "uniqueItems", "multipleOf")

#: Pairs of references that are being compared.
Seen = frozenset[tuple[str, str]]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Side(StrEnum):
    """Who writes what a schema describes, and whether older records of it are still read."""

    FACT = "fact"
    ANSWER = "answer"
    INPUT = "input"


@dataclass(frozen=True)
class Comparison:
    """Two versions of a document, and whose side its schemas describe.

    Facts and answers are written by us and read by others: nothing may go missing or change its type. Inputs
    are written by others and read by us: nothing may be demanded or narrowed.
    """

    old: Json
    new: Json
    side: Side

    def schemas(self, old: Json, new: Json, place: str, seen: Seen = frozenset()) -> Iterator[str]:
        """What breaks between two schemas at ``place``; ``seen`` ends the walk of recursive ones."""
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in seen:
                return
            seen |= {pair}
        yield from self.kinds(resolved(self.old, old), resolved(self.new, new), place)
        before, after = options(self.old, old), options(self.new, new)
        for name in sorted(before.keys() & after.keys()):
            yield from self.bounds(before[name], after[name], place)
            yield from self.fields(before[name], after[name], place, seen)
            for part, mark in (("items", "[]"), ("additionalProperties", "[]"), ("propertyNames", "{}")):
                inner = before[name].get(part), after[name].get(part)
                if isinstance(inner[0], dict) and isinstance(inner[1], dict):
                    yield from self.schemas(inner[0], inner[1], place + mark, seen)
            yield from self.places(before[name], after[name], place, seen)

    def places(self, old: Json, new: Json, place: str, seen: Seen) -> Iterator[str]:
        """Lists whose places have meanings of their own (``prefixItems``)."""
        before, after = old.get("prefixItems"), new.get("prefixItems")
        if (before is None) != (after is None) or len(before or ()) != len(after or ()):
            yield f"{place}: had {len(before or ())} places of their own, has {len(after or ())}"
            return
        for number, (one, other) in enumerate(zip(before or (), after or (), strict=True)):
            yield from self.schemas(one, other, f"{place}[{number}]", seen)

    def fields(self, old: Json, new: Json, place: str, seen: Seen) -> Iterator[str]:
        """Fields that went, that are demanded now, or that are no longer sure."""
        before, after = old.get("properties", {}), new.get("properties", {})
        demanded, demands = set(old.get("required", ())), set(new.get("required", ()))
        closed = new.get("additionalProperties") is False
        for field in sorted(before.keys() - after.keys()):
            if closed or self.side is not Side.INPUT:
                yield f"{place}.{field}: field removed"
        for field in sorted(before.keys() & after.keys()):
            yield from self.schemas(before[field], after[field], f"{place}.{field}", seen)
        for field in sorted(demands - demanded):
            if self.side is Side.INPUT:
                yield f"{place}.{field}: {'now required' if field in before else 'new required field'}"
            elif self.side is Side.FACT and field not in before:
                yield f"{place}.{field}: a new field must be optional, for older facts lack it"
        for field in sorted((demanded - demands) & after.keys()):
            if self.side is not Side.INPUT:
                yield f"{place}.{field}: no longer always there"

    def kinds(self, old: Json, new: Json, place: str) -> Iterator[str]:
        """Types, formats and sets of values that moved the wrong way."""
        before, after = kinds(self.old, old), kinds(self.new, new)
        if self.side is not Side.INPUT:
            if before != after:
                yield f"{place}: was {said(before)}, is {said(after)}"
        elif after and (lost := {kind for kind in before or {"anything"} if not covered(kind, after)}):
            yield f"{place}: no longer takes {said(lost)}"

    def bounds(self, old: Json, new: Json, place: str) -> Iterator[str]:
        """Bounds that widen what we send or narrow what we take (none is the widest), changed patterns."""
        for name, larger_is_wider in BOUNDS.items():
            before, after = old.get(name), new.get(name)
            if before == after:
                continue
            wider = after is None or (before is not None and (after > before) == larger_is_wider)
            if wider == (self.side is not Side.INPUT):
                yield f"{place}: {name} was {before}, is {after}"
        for name in NARROWING:
            before, after = old.get(name), new.get(name)
            if before != after and (after if self.side is Side.INPUT else before):
                yield f"{place}: {name} was {before}, is {after}"
        closed = new.get("additionalProperties") is False and old.get("additionalProperties") is not False
        if self.side is Side.INPUT and closed:
            yield f"{place}: no longer takes fields that it does not know"


def kinds(root: Json, schema: Json) -> set[str]:
    """The kinds of value a schema allows: types with formats, or single values of an enumeration."""
    found: set[str] = set()
    for joint in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(joint, ()):
            found |= kinds(root, resolved(root, option))
    if "const" in schema:
        found.add(repr(schema["const"]))
    elif "enum" in schema:
        found |= {repr(value) for value in schema["enum"]}
    elif "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        found |= {f"{type_} ({schema['format']})" if "format" in schema else type_ for type_ in types}
    return found


def covered(kind: str, after: set[str]) -> bool:
    """Whether values of a kind are still taken: as themselves, without their format, or by a wider type."""
    wider = {kind, kind.split(" (")[0]}
    if kind == "integer":
        wider.add("number")
    if kind.startswith(("'", '"')):
        wider.add("string")
    return bool(wider & after)


def options(root: Json, schema: Json) -> dict[str, Json]:
    """The alternatives of a schema that have parts, each by what names it in both versions."""
    whole = resolved(root, schema)
    given = [option for joint in ("anyOf", "oneOf", "allOf") for option in whole.get(joint, ())]
    parts = [option for option in given if option.get("type") != "null"]
    if not parts:
        return {"": whole}
    if len(parts) == 1:
        return {"": resolved(root, parts[0])}
    return {option.get("$ref", str(place)): resolved(root, option) for place, option in enumerate(parts)}


def said(found: set[str]) -> str:
    """Kinds of value as text."""
    return " | ".join(sorted(found)) or "anything"


def resolved(root: Json, schema: Any) -> Json:
    """The schema that a reference points to, without its prose; ``true`` is the schema of anything."""
    if not isinstance(schema, dict):
        return {}
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return {word: value for word, value in schema.items() if word not in PROSE}


def broken_schema(old: Json, new: Json, side: Side) -> Iterator[str]:
    """What breaks between two JSON Schemas of one type of fact."""
    yield from Comparison(old, new, side).schemas(old, new, "data")


def broken_openapi(old: Json, new: Json) -> Iterator[str]:
    """Operations, inputs and answers that a client of the released API would miss."""
    for path, operations in old.get("paths", {}).items():
        for method in METHODS:
            if method not in operations:
                continue
            name = f"{method.upper()} {path}"
            after = new.get("paths", {}).get(path, {}).get(method)
            if after is None:
                yield f"{name}: operation removed"
                continue
            yield from broken_inputs(old, new, operations[method], after, name)
            yield from broken_answers(old, new, operations[method], after, name)


def broken_inputs(old: Json, new: Json, before: Json, after: Json, name: str) -> Iterator[str]:
    """Parameters and bodies that ask for more than before."""
    taken = Comparison(old, new, Side.INPUT)
    known, given = parameters(old, before), parameters(new, after)
    for key in sorted(known.keys() - given.keys()):
        if key[0] != "header":
            yield f"{name}: {key[0]} parameter {key[1]} removed"
    for key in sorted(given):
        demanded = given[key].get("required", False)
        if key not in known and demanded:
            yield f"{name}: new required {key[0]} parameter {key[1]}"
        elif key in known:
            if demanded and not known[key].get("required", False):
                yield f"{name}: {key[0]} parameter {key[1]} is now required"
            place = f"{name} {key[1]}"
            yield from taken.schemas(known[key].get("schema", {}), given[key].get("schema", {}), place)
    body, asked = resolved(old, before.get("requestBody", {})), resolved(new, after.get("requestBody", {}))
    if asked.get("required") and not body.get("required"):
        yield f"{name}: a body is now required"
    for kind, content in body.get("content", {}).items():
        if kind not in asked.get("content", {}):
            yield f"{name}: no longer takes {kind}"
        else:
            schemas = content.get("schema", {}), asked["content"][kind].get("schema", {})
            yield from taken.schemas(*schemas, f"{name} body")


def broken_answers(old: Json, new: Json, before: Json, after: Json, name: str) -> Iterator[str]:
    """Successful answers that went or lost something."""
    sent = Comparison(old, new, Side.ANSWER)
    for status, answer in before.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        if status not in after.get("responses", {}):
            yield f"{name}: no longer answers {status}"
            continue
        contents = resolved(new, after["responses"][status]).get("content", {})
        for kind, content in resolved(old, answer).get("content", {}).items():
            if kind not in contents:
                yield f"{name} {status}: no longer answers {kind}"
            else:
                schemas = content.get("schema", {}), contents[kind].get("schema", {})
                yield from sent.schemas(*schemas, f"{name} {status}")


def parameters(root: Json, operation: Json) -> dict[tuple[str, str], Json]:
    """The parameters of an operation by place and name."""
    found = [resolved(root, given) for given in operation.get("parameters", ())]
    return {(given["in"], given["name"]): given for given in found}


def broken_asyncapi(old: Json, new: Json) -> Iterator[str]:
    """Facts that moved to another topic, are keyed by another field, or are no longer sent."""
    before, after = sent_on(old), sent_on(new)
    for type_ in sorted(before):
        if type_ not in after:
            yield f"{type_}: no longer sent"
        elif before[type_][0] != after[type_][0]:
            yield f"{type_}: topic was {before[type_][0]}, is {after[type_][0]}"
        elif before[type_][1] != after[type_][1]:
            yield f"{type_}: key was {before[type_][1]}, is {after[type_][1]}"


def sent_on(document: Json) -> Mapping[str, tuple[str, str | None]]:
    """Topic and key field of every type that is sent."""
    found = {}
    for operation in document.get("operations", {}).values():
        if operation["action"] == "send":
            topic = operation["channel"]["$ref"].rsplit("/", 1)[-1]
            for reference in operation["messages"]:
                type_ = reference["$ref"].rsplit("/", 1)[-1]
                message = document["components"]["messages"][type_]
                key = message.get("bindings", {}).get("kafka", {}).get("key", {})
                found[type_] = (topic, key.get("x-field"))
    return found
