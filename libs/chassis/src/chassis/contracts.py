"""What a service promises, as documents: OpenAPI, AsyncAPI, a JSON Schema and an example for each fact.

All of it follows from the :class:`~chassis.service.Service` value and is the same on every run. Schemas stay
open: a reader ignores what it does not know. The files of a service, below its folder ``contracts/``::

    openapi.json                      what it answers
    asyncapi.json                     what it sends and receives
    events/<type>.schema.json         a fact that it publishes, with <type>.example.json
    consumed/<type>.schema.json       what it needs of another service's fact
    accepted/<type>.schema.json       what it accepts from other bank systems, with <type>.example.json
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from chassis.clock import SystemClock
from chassis.db import create_engine, session_factory
from chassis.events import Fact
from chassis.http.app import API_VERSION, create_app
from chassis.http.openapi import LOCAL_TIME
from chassis.http.refusals import TokenInvalid
from chassis.http.tokens import Verified
from chassis.inbox import Reaction, Subscription, Together
from chassis.register import HEARTBEAT_TYPE, Heartbeat
from chassis.service import Service

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
KAFKA_BINDING = "0.5.0"

#: Attributes of the CloudEvents envelope, as Kafka headers of a record in binary mode.
ENVELOPE: Mapping[str, str] = {
    "content-type": "application/json",
    "ce_specversion": "1.0",
    "ce_id": "id of the fact; what is seen twice has the same one",
    "ce_source": "`/` and the name of the service that publishes",
    "ce_type": "type of the fact, with its major version",
    "ce_time": "when it happened, RFC 3339 in UTC",
    "ce_sequence": "version of the aggregate that the fact made",
    "ce_archiveseq": "place in the publisher's archive",
    "ce_dataschema": "path of the JSON Schema of the data",
    "ce_subject": "id of the aggregate; equals the record's key",
    "ce_partitionkey": "equals the record's key",
    "ce_correlationid": "id of the request that caused the fact",
    "ce_causationid": "id of the fact that caused it",
    "ce_traceparent": "W3C trace context of what caused it, where traces are made",
}

#: What a record must carry; heartbeats have no key, other bank systems neither version nor archive.
REQUIRED_HEADERS = ("content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")


class _Schemas(GenerateJsonSchema):
    """Schemas without a title on every field: the name says it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def time_schema(self, schema: Any) -> Json:
        """Hours of the wall clock: `time` would promise a zone (RFC 3339)."""
        return {"type": "string", "format": LOCAL_TIME}


class _NoTokens:
    """Lets nobody in: an app that is only described answers nobody."""

    async def verify(self, token: str) -> Verified:
        raise TokenInvalid


def contracts(service: Service) -> dict[str, str]:
    """The text of every contract of the service, by its path below ``contracts/``."""
    files = {"openapi.json": openapi(service), "asyncapi.json": asyncapi(service)}
    for type_, schema in published(service):
        files |= documents("events", type_, schema)
    for subscription in service.inbox.subscriptions.values():
        for type_, reaction in sorted(subscription.reactions.items()):
            schema = model_schema(service, subscription, type_, reaction)
            if subscription.accepted:
                files |= documents("accepted", type_, schema)
            else:
                files[f"consumed/{type_}.schema.json"] = schema
    return {path: written(files[path]) for path in sorted(files)}


def documents(folder: str, type_: str, schema: Json) -> dict[str, Json]:
    """The schema and the example of one type of fact."""
    return {
        f"{folder}/{type_}.schema.json": schema,
        f"{folder}/{type_}.example.json": example(schema, schema),
    }


def written(document: Json) -> str:
    """JSON text that is the same on every run: sorted keys, two blanks, one line end at the end."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def openapi(service: Service) -> Json:
    """The OpenAPI 3.1 document of the service's app; needs neither an environment nor a database."""
    settings = service.settings.model_construct(database_url="postgresql://nowhere/none")
    sessions = session_factory(create_engine(settings))
    app = create_app(service, settings, sessions=sessions, clock=SystemClock(), verifier=_NoTokens())
    document: Json = app.openapi()
    return document


def published(service: Service) -> Iterator[tuple[str, Json]]:
    """Type and schema of every fact that the service publishes, the heartbeat of its registers among them."""
    for fact in sorted(service.facts, key=lambda fact: fact.type):
        yield fact.type, fact_schema(service, fact)
    if service.registers:
        yield HEARTBEAT_TYPE, named(service, "events", HEARTBEAT_TYPE, schema_of(Heartbeat, "serialization"))


def fact_schema(service: Service, fact: type[Fact]) -> Json:
    """The JSON Schema of a fact's data. A field with a default may be missing in older records."""
    return named(service, "events", fact.type, schema_of(fact, "serialization"))


def model_schema(
    service: Service,
    subscription: Subscription,
    type_: str,
    reaction: Reaction[BaseModel] | Together[BaseModel],
) -> Json:
    """The JSON Schema of what a reaction reads."""
    folder = "accepted" if subscription.accepted else "consumed"
    return named(service, folder, type_, schema_of(reaction.model, "validation"))


def schema_of(declared: type[Any], mode: JsonSchemaMode) -> Json:
    """The JSON Schema of a dataclass or model; raises ``ValueError`` when it is closed to unknown fields."""
    schema = TypeAdapter(declared).json_schema(schema_generator=_Schemas, mode=mode)
    for part in (schema, *schema.get("$defs", {}).values()):
        if part.get("additionalProperties") is False:
            raise ValueError(f"{declared.__name__} is closed to unknown fields")
    return schema


def named(service: Service, folder: str, type_: str, schema: Json) -> Json:
    """The schema with its dialect and with the address that ``ce_dataschema`` names."""
    return {"$schema": DIALECT, "$id": f"/{service.name}/contracts/{folder}/{type_}.schema.json", **schema}


def asyncapi(service: Service) -> Json:
    """The AsyncAPI 3.0 document: topics as channels, facts as messages, what is sent and what is received."""
    channels: dict[str, Json] = {}
    operations: dict[str, Json] = {}
    messages: dict[str, Json] = {}
    for topic in service.topics:
        facts = [fact for fact in service.facts if fact.topic == topic]
        messages |= {fact.type: fact_message(fact) for fact in facts}
        types = sorted(fact.type for fact in facts)
        if topic in service.registers:
            messages[HEARTBEAT_TYPE] = heartbeat_message()
            types.append(HEARTBEAT_TYPE)
        channels[topic] = channel(topic, types)
        operations[f"send.{topic}"] = operation("send", topic, types)
    for topic, subscription in service.inbox.subscriptions.items():
        types = sorted(subscription.reactions)
        for type_ in types:
            messages.setdefault(type_, received_message(subscription, type_))
        if topic not in channels:
            channels[topic] = channel(topic, types)
        operations[f"receive.{topic}"] = operation("receive", topic, types)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:wangdian:{service.name}",
        "info": {"title": service.title, "version": API_VERSION, "description": service.description},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"envelope": envelope()}},
    }


def channel(topic: str, types: list[str]) -> Json:
    """One topic with the types of fact that stand on it."""
    return {
        "address": topic,
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in types},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": KAFKA_BINDING}},
    }


def operation(action: str, topic: str, types: list[str]) -> Json:
    """Sending to, or receiving from, one topic."""
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{type_}"} for type_ in types],
    }


def message(type_: str, title: str, summary: str, schema_path: str, key: Json | None) -> Json:
    """One message: CloudEvents headers, data by reference to its schema's file, the record's key."""
    bindings = {} if key is None else {"bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}}}
    return {
        "name": type_,
        "title": title,
        "summary": summary,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/envelope"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": schema_path}},
        **bindings,
    }


def fact_message(fact: type[Fact]) -> Json:
    """A fact that the service publishes; its key is a field of its data."""
    key = {"type": "string", "description": f"`{fact.key_field}`", "x-field": fact.key_field}
    return message(fact.type, fact.__name__, summary(fact), f"events/{fact.type}.schema.json", key)


def heartbeat_message() -> Json:
    """S1: the heartbeat, which goes to every partition and has no key."""
    path = f"events/{HEARTBEAT_TYPE}.schema.json"
    return message(HEARTBEAT_TYPE, Heartbeat.__name__, summary(Heartbeat), path, None)


def received_message(subscription: Subscription, type_: str) -> Json:
    """A fact from elsewhere, as far as the service reads it."""
    model = subscription.reactions[type_].model
    folder = "accepted" if subscription.accepted else "consumed"
    return message(type_, model.__name__, summary(model), f"{folder}/{type_}.schema.json", None)


def summary(declared: type[Any]) -> str:
    """The first line of what a class says about itself."""
    return (declared.__doc__ or "").strip().split("\n")[0]


def envelope() -> Json:
    """The schema of the CloudEvents headers."""
    return {
        "type": "object",
        "required": list(REQUIRED_HEADERS),
        "properties": {name: {"type": "string", "description": said} for name, said in ENVELOPE.items()},
    }


#: Values for examples, by the end of a field's name; the longest ending that fits wins.
NAMED_VALUES: Mapping[str, Any] = {
    "version": 1,
    "sequence": 1,
    "_minor": 5_000_000,
    "_seconds": 90,
    "_count": 3,
    "currency": "CNY",
    "timezone": "Asia/Shanghai",
    "_on": "2026-03-02",
    "_at": "2026-03-02T01:00:00Z",
}

FORMATS: Mapping[str, str] = {
    "date-time": "2026-03-02T01:00:00Z",
    "date": "2026-03-02",
    LOCAL_TIME: "09:00:00",
    "duration": "PT90S",
    "email": "a@example.com",
    "uri": "https://example.com/",
}

#: Fields that name an end: their dates lie a year after the others.
ENDS = ("ends", "end", "until", "to", "expires", "due", "deadline", "closes", "matures")


def example(schema: Json, root: Json, name: str = "") -> Any:
    """A value that the schema allows, the same on every run; a field's own ``examples`` come first.

    ``root`` is the document that ``$ref`` points into; the field's ``name`` says what a value looks like.
    """
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for joint in ("anyOf", "oneOf", "allOf"):
        if joint in schema:
            given = [option for option in schema[joint] if option.get("type") != "null"]
            return example(given[0], root, name)
    match schema.get("type"):
        case "object":
            return object_example(schema, root, name)
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})] * max(1, schema.get("minItems", 1))
            return [example(item, root, one(name)) for item in items]
        case "boolean":
            return True
        case "integer" | "number" as kind:
            return number_example(schema, name, kind)
        case "null":
            return None
    return text_example(schema, name)


def object_example(schema: Json, root: Json, name: str) -> Json:
    """All fields of an object; one entry of a mapping."""
    if "properties" in schema:
        return {field: example(part, root, field) for field, part in schema["properties"].items()}
    inner = schema.get("additionalProperties")
    key = example(schema.get("propertyNames", {"type": "string"}), root, one(name))
    return {key: example(inner, root, one(name))} if isinstance(inner, dict) else {}


def one(name: str) -> str:
    """The name of one of many: ``outlets`` → outlet, ``capabilities`` → capability."""
    return f"{name.removesuffix('ies')}y" if name.endswith("ies") else name.removesuffix("s")


def number_example(schema: Json, name: str, kind: str) -> int | float:
    """A number that its name suggests, moved between its bounds."""
    value = hint(name)
    number = value if isinstance(value, int) else 1
    number = max(number, schema.get("minimum", number), schema.get("exclusiveMinimum", number - 1) + 1)
    number = min(number, schema.get("maximum", number), schema.get("exclusiveMaximum", number + 1) - 1)
    return number if kind == "integer" else float(number)


def text_example(schema: Json, name: str) -> str:
    """A text of the right format, or one that its name suggests, as long as it must be."""
    form = str(schema.get("format"))
    if form == "uuid":
        return str(id_example(name))
    if form in FORMATS:
        late = bool(set(name.split("_")) & set(ENDS))
        return FORMATS[form].replace("2026-", "2027-") if late else FORMATS[form]
    value = hint(name)
    text = value if isinstance(value, str) else name.replace("_", "-") or "text"
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 200)]


def hint(name: str) -> Any:
    """What the name of a field says about its value; None when it says nothing."""
    fitting = [ending for ending in NAMED_VALUES if name.endswith(ending)]
    return NAMED_VALUES[max(fitting, key=len)] if fitting else None


def id_example(name: str) -> UUID:
    """A UUIDv7 made from the field's name: the same id in every example that names it."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return UUID(f"019cac2c-1c80-7{digits[:3]}-8{digits[3:6]}-{digits[6:18]}")
