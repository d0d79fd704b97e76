import copy
from collections.abc import Callable
from typing import Any

import pytest

from tools.compatibility import Json, Side, broken_asyncapi, broken_openapi, broken_schema

SCHEMA: Json = {
    "title": "ParcelSent",
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "speed": {"$ref": "#/$defs/Speed"},
        "note": {"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "maxItems": 5},
        "count": {"type": "integer", "minimum": 1},
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "propertyNames": {"type": "string", "maxLength": 8},
        },
        "span": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}]},
    },
    "required": ["id", "speed", "items"],
    "$defs": {
        "Speed": {"type": "string", "enum": ["slow", "fast"]},
        "Item": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
            },
            "required": ["name"],
        },
    },
}

Change = Callable[[Json], object]


def changed(change: Change) -> Json:
    new = copy.deepcopy(SCHEMA)
    change(new)
    return new


def drop(*path: str) -> Change:
    def change(schema: Json) -> None:
        for step in path[:-1]:
            schema = schema[step]
        del schema[path[-1]]

    return change


def put(value: Any, *path: str) -> Change:
    def change(schema: Json) -> None:
        for step in path[:-1]:
            schema = schema[step]
        schema[path[-1]] = value

    return change


def both(*changes: Change) -> Change:
    return lambda schema: [change(schema) for change in changes]


NEW = put({"type": "string"}, "properties", "colour")
DEMANDED = put(["id", "speed", "items", "colour"], "required")
ID = ("properties", "id")
COUNT = ("properties", "count")
ITEMS = ("properties", "items")
LABELS = ("properties", "labels")
SPAN = ("properties", "span", "prefixItems")
NOTE = ("properties", "note", "anyOf")

NOTHING: list[str] = []


@pytest.mark.parametrize(
    ("change", "fact", "answer", "taken"),
    [
        (put("Parcel", "title"), NOTHING, NOTHING, NOTHING),
        (put("said", *ID, "description"), NOTHING, NOTHING, NOTHING),
        (NEW, NOTHING, NOTHING, NOTHING),
        (
            both(NEW, DEMANDED),
            ["data.colour: a new field must be optional, for older facts lack it"],
            NOTHING,
            ["data.colour: new required field"],
        ),
        (
            both(drop(*ID), put(["speed", "items"], "required")),
            ["data.id: field removed"],
            ["data.id: field removed"],
            NOTHING,
        ),
        (
            both(drop(*ID), put(["speed", "items"], "required"), put(False, "additionalProperties")),
            ["data.id: field removed"],
            ["data.id: field removed"],
            ["data: no longer takes fields that it does not know", "data.id: field removed"],
        ),
        (
            put(["id", "speed"], "required"),
            ["data.items: no longer always there"],
            ["data.items: no longer always there"],
            NOTHING,
        ),
        (
            put(["id", "speed", "items", "note"], "required"),
            NOTHING,
            NOTHING,
            ["data.note: now required"],
        ),
        (
            put({"type": "integer"}, *ID),
            ["data.id: was string (uuid), is integer"],
            ["data.id: was string (uuid), is integer"],
            ["data.id: no longer takes string (uuid)"],
        ),
        (
            put({"type": "string"}, *ID),
            ["data.id: was string (uuid), is string"],
            ["data.id: was string (uuid), is string"],
            NOTHING,
        ),
        (
            put({"type": "number", "minimum": 1}, *COUNT),
            ["data.count: was integer, is number"],
            ["data.count: was integer, is number"],
            NOTHING,
        ),
        (
            put(["slow"], "$defs", "Speed", "enum"),
            ["data.speed: was 'fast' | 'slow', is 'slow'"],
            ["data.speed: was 'fast' | 'slow', is 'slow'"],
            ["data.speed: no longer takes 'fast'"],
        ),
        (
            put(["slow", "fast", "now"], "$defs", "Speed", "enum"),
            ["data.speed: was 'fast' | 'slow', is 'fast' | 'now' | 'slow'"],
            ["data.speed: was 'fast' | 'slow', is 'fast' | 'now' | 'slow'"],
            NOTHING,
        ),
        (
            put({"type": "string"}, "$defs", "Speed"),
            ["data.speed: was 'fast' | 'slow', is string"],
            ["data.speed: was 'fast' | 'slow', is string"],
            NOTHING,
        ),
        (
            put([{"type": "string", "maxLength": 10}], *NOTE),
            ["data.note: was null | string, is string"],
            ["data.note: was null | string, is string"],
            ["data.note: no longer takes null"],
        ),
        (
            put([{"type": "string", "maxLength": 9}, {"type": "null"}], *NOTE),
            NOTHING,
            NOTHING,
            ["data.note: maxLength was 10, is 9"],
        ),
        (
            put([{"type": "string"}, {"type": "null"}], *NOTE),
            ["data.note: maxLength was 10, is None"],
            ["data.note: maxLength was 10, is None"],
            NOTHING,
        ),
        (put(2, *COUNT, "minimum"), NOTHING, NOTHING, ["data.count: minimum was 1, is 2"]),
        (
            put(0, *COUNT, "minimum"),
            ["data.count: minimum was 1, is 0"],
            ["data.count: minimum was 1, is 0"],
            NOTHING,
        ),
        (put("^a", *ID, "pattern"), NOTHING, NOTHING, ["data.id: pattern was None, is ^a"]),
        (
            drop("$defs", "Item", "properties", "name"),
            ["data.items[].name: field removed"],
            ["data.items[].name: field removed"],
            NOTHING,
        ),
        (put(True, *ITEMS, "uniqueItems"), NOTHING, NOTHING, ["data.items: uniqueItems was None, is True"]),
        (
            put(4, *LABELS, "propertyNames", "maxLength"),
            NOTHING,
            NOTHING,
            ["data.labels{}: maxLength was 8, is 4"],
        ),
        (put(5, *COUNT, "multipleOf"), NOTHING, NOTHING, ["data.count: multipleOf was None, is 5"]),
        (
            put(False, "additionalProperties"),
            NOTHING,
            NOTHING,
            ["data: no longer takes fields that it does not know"],
        ),
        (
            put([{"type": "integer"}], *SPAN),
            ["data.span: had 2 places of their own, has 1"],
            ["data.span: had 2 places of their own, has 1"],
            ["data.span: had 2 places of their own, has 1"],
        ),
        (
            put([{"type": "integer"}, {"type": "string"}], *SPAN),
            ["data.span[1]: was integer, is string"],
            ["data.span[1]: was integer, is string"],
            ["data.span[1]: no longer takes integer"],
        ),
        (
            put({}, *COUNT),
            ["data.count: was integer, is anything"],
            ["data.count: was integer, is anything"],
            NOTHING,
        ),
    ],
)
def test_what_breaks(change: Change, fact: list[str], answer: list[str], taken: list[str]) -> None:
    new = changed(change)
    bounds = {"data.count: minimum was 1, is None"}
    assert [line for line in broken_schema(SCHEMA, new, Side.FACT) if line not in bounds] == fact
    assert [line for line in broken_schema(SCHEMA, new, Side.ANSWER) if line not in bounds] == answer
    assert list(broken_schema(SCHEMA, new, Side.INPUT)) == taken


def test_one_of_several_shapes_is_compared_with_itself() -> None:
    old: Json = {
        "oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}],
        "$defs": {
            "A": {"type": "object", "properties": {"x": {"type": "string"}}},
            "B": {"type": "object", "properties": {"y": {"type": "string"}}},
        },
    }
    new = copy.deepcopy(old)
    new["oneOf"].reverse()
    assert list(broken_schema(old, new, Side.FACT)) == []
    del new["$defs"]["B"]["properties"]["y"]
    assert list(broken_schema(old, new, Side.FACT)) == ["data.y: field removed"]


API: Json = {
    "paths": {
        "/v1/parcels/{id}": {
            "post": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "fast", "in": "query", "schema": {"type": "boolean"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Send"}}},
                },
                "responses": {
                    "200": {
                        "description": "Sent.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}},
                    },
                    "422": {"description": "Refused."},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Send": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"speed": {"type": "string"}},
                "required": ["speed"],
            },
            "Parcel": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        }
    },
}
OPERATION = ("paths", "/v1/parcels/{id}", "post")
SEND = ("components", "schemas", "Send")
CONTENT = (*OPERATION, "responses", "200", "content")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("Gone.", *OPERATION, "responses", "422", "description"), NOTHING),
        (drop(*OPERATION, "responses", "422"), NOTHING),
        (put({}, "paths", "/v1/other"), NOTHING),
        (put({"type": "string"}, *SEND, "properties", "note"), NOTHING),
        (drop(*OPERATION), ["POST /v1/parcels/{id}: operation removed"]),
        (
            put([], *OPERATION, "parameters"),
            [
                "POST /v1/parcels/{id}: path parameter id removed",
                "POST /v1/parcels/{id}: query parameter fast removed",
            ],
        ),
        (
            lambda api: api["paths"]["/v1/parcels/{id}"]["post"]["parameters"].append(
                {"name": "If-Match", "in": "header", "required": True}
            ),
            ["POST /v1/parcels/{id}: new required header parameter If-Match"],
        ),
        (
            lambda api: api["paths"]["/v1/parcels/{id}"]["post"]["parameters"][1].update(required=True),
            ["POST /v1/parcels/{id}: query parameter fast is now required"],
        ),
        (
            lambda api: api["paths"]["/v1/parcels/{id}"]["post"]["parameters"][1].update(
                schema={"type": "integer"}
            ),
            ["POST /v1/parcels/{id} fast: no longer takes boolean"],
        ),
        (
            both(
                put({"type": "string"}, *SEND, "properties", "note"),
                put(["speed", "note"], *SEND, "required"),
            ),
            ["POST /v1/parcels/{id} body.note: new required field"],
        ),
        (
            both(drop(*SEND, "properties", "speed"), put([], *SEND, "required")),
            ["POST /v1/parcels/{id} body.speed: field removed"],
        ),
        (
            put({"text/plain": {}}, *OPERATION, "requestBody", "content"),
            ["POST /v1/parcels/{id}: no longer takes application/json"],
        ),
        (
            put({"201": {}}, *OPERATION, "responses"),
            ["POST /v1/parcels/{id}: no longer answers 200"],
        ),
        (put({}, *CONTENT), ["POST /v1/parcels/{id} 200: no longer answers application/json"]),
        (
            drop("components", "schemas", "Parcel", "properties", "id"),
            ["POST /v1/parcels/{id} 200.id: field removed"],
        ),
    ],
)
def test_what_breaks_a_client(change: Change, said: list[str]) -> None:
    new = copy.deepcopy(API)
    change(new)
    assert list(broken_openapi(API, new)) == said


def sent(topic: str, key: str) -> Json:
    return {
        "operations": {
            f"send.{topic}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic}"},
                "messages": [{"$ref": f"#/channels/{topic}/messages/a.b.done.v1"}],
            },
            "receive.x": {"action": "receive", "channel": {"$ref": "#/channels/x"}, "messages": []},
        },
        "components": {"messages": {"a.b.done.v1": {"bindings": {"kafka": {"key": {"x-field": key}}}}}},
    }


def test_a_fact_keeps_its_topic_and_its_key() -> None:
    released = sent("a.bs.v1", "b_id")
    assert list(broken_asyncapi(released, sent("a.bs.v1", "b_id"))) == []
    assert list(broken_asyncapi(released, sent("a.cs.v1", "b_id"))) == [
        "a.b.done.v1: topic was a.bs.v1, is a.cs.v1"
    ]
    assert list(broken_asyncapi(released, sent("a.bs.v1", "c_id"))) == ["a.b.done.v1: key was b_id, is c_id"]
    assert list(broken_asyncapi(released, {})) == ["a.b.done.v1: no longer sent"]
