import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict

from chassis.contracts import contracts, example, id_example, schema_of
from chassis.inbox import Reaction, Subscription
from chassis.register import HEARTBEAT_TYPE
from chassis.service import Capability
from libs.chassis.tests.contracts import parcels


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return contracts(parcels.service)


def document(files: dict[str, str], path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files[path])
    return found


def test_what_a_service_promises(files: dict[str, str]) -> None:
    assert list(files) == [
        "accepted/post.stamp.sold.v1.example.json",
        "accepted/post.stamp.sold.v1.schema.json",
        "asyncapi.json",
        "consumed/traffic.lorry.moved.v1.schema.json",
        "events/shipping.parcel.lost.v1.example.json",
        "events/shipping.parcel.lost.v1.schema.json",
        "events/shipping.parcel.sent.v1.example.json",
        "events/shipping.parcel.sent.v1.schema.json",
        f"events/{HEARTBEAT_TYPE}.example.json",
        f"events/{HEARTBEAT_TYPE}.schema.json",
        "openapi.json",
    ]


def test_contracts_are_the_same_on_every_run(files: dict[str, str]) -> None:
    assert contracts(parcels.service) == files
    assert all(text.endswith("}\n") and not text.endswith("\n\n") for text in files.values())
    schema = files["events/shipping.parcel.sent.v1.schema.json"]
    assert json.dumps(json.loads(schema), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == schema


def test_a_fact_has_an_open_schema(files: dict[str, str]) -> None:
    schema = document(files, "events/shipping.parcel.sent.v1.schema.json")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "/shipping/contracts/events/shipping.parcel.sent.v1.schema.json"
    assert schema["title"] == "ParcelSent"
    assert "additionalProperties" not in schema
    assert set(schema["properties"]) - set(schema["required"]) == {"note"}
    assert {"version", "occurred_at"} <= set(schema["required"])
    assert schema["properties"]["parcel_id"] == {"type": "string", "format": "uuid"}


def test_a_closed_model_is_no_contract() -> None:
    class Closed(BaseModel):
        model_config = ConfigDict(extra="forbid")

        x: int

    with pytest.raises(ValueError, match="Closed is closed to unknown fields"):
        schema_of(Closed, "validation")


def test_examples_keep_their_schemas(files: dict[str, str]) -> None:
    examples = [path for path in files if path.endswith(".example.json")]
    assert len(examples) == 4
    for path in examples:
        schema = document(files, path.replace(".example.", ".schema."))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        validator.validate(document(files, path))


def test_an_example_is_what_the_fact_would_send(files: dict[str, str]) -> None:
    fact = parcels.ParcelSent(
        version=1,
        occurred_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
        parcel_id=id_example("parcel_id"),
        speed=parcels.Speed.SLOW,
        items=(parcels.Item(name="name", price_minor=5_000_000, currency="CNY"),),
        fees={"fee": 1},
        opens="09:00",
        weight=1.0,
        due_on=date(2027, 3, 2),
        signed=True,
        sender=id_example("sender"),
        note="note",
    )
    assert document(files, "events/shipping.parcel.sent.v1.example.json") == fact.data()
    lost = document(files, "events/shipping.parcel.lost.v1.example.json")
    assert lost["parcel_id"] == str(fact.parcel_id)
    assert UUID(lost["parcel_id"]).version == 7


def test_an_accepted_record_has_an_example_within_its_bounds(files: dict[str, str]) -> None:
    assert document(files, "accepted/post.stamp.sold.v1.example.json") == {
        "stamp": "CN42",
        "value_minor": 49,
        "colour": "colourxx",
    }


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 7}, 7),
        ({"type": "null"}, None),
        ({"type": "object"}, {}),
        ({"type": "array", "prefixItems": [{"type": "boolean"}, {"const": 1}]}, [True, 1]),
        ({"type": "array", "items": {"const": 2}, "minItems": 3}, [2, 2, 2]),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"anyOf": [{"type": "null"}, {"const": 3}]}, 3),
    ],
)
def test_an_example_of_each_kind(schema: dict[str, Any], value: Any) -> None:
    assert example(schema, schema) == value


def test_topics_and_keys_are_described(files: dict[str, str]) -> None:
    described = document(files, "asyncapi.json")
    assert described["asyncapi"] == "3.0.0"
    assert set(described["channels"]) == {"shipping.parcels.v1", "traffic.lorries.v1", "post.stamps.v1"}
    sent = described["components"]["messages"]["shipping.parcel.sent.v1"]
    assert sent["bindings"]["kafka"]["key"]["x-field"] == "parcel_id"
    assert sent["payload"]["schema"] == {"$ref": "events/shipping.parcel.sent.v1.schema.json"}
    assert sent["summary"] == "A parcel is on its way."
    assert "bindings" not in described["components"]["messages"][HEARTBEAT_TYPE]
    actions = {name: operation["action"] for name, operation in described["operations"].items()}
    assert actions == {
        "send.shipping.parcels.v1": "send",
        "receive.traffic.lorries.v1": "receive",
        "receive.post.stamps.v1": "receive",
    }
    envelope = described["components"]["schemas"]["envelope"]
    assert {"ce_id", "ce_source", "ce_type", "ce_time"} <= set(envelope["required"])
    assert "ce_sequence" in envelope["properties"]


def test_every_reference_of_the_description_leads_somewhere(files: dict[str, str]) -> None:
    described = document(files, "asyncapi.json")

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [found for part in node.values() for found in references(part)]
        return [found for part in node for found in references(part)] if isinstance(node, list) else []

    for reference in references(described):
        if reference.startswith("#/"):
            target: Any = described
            for step in reference[2:].split("/"):
                target = target[step]
        else:
            assert reference in files


def test_a_topic_that_is_sent_and_received_is_one_channel() -> None:
    own = Subscription(
        topic="shipping.parcels.v1", reactions={parcels.LOST: Reaction(parcels.Moved, parcels.ignore)}
    )
    capabilities = (*parcels.service.capabilities, Capability(name="tracking", subscriptions=(own,)))
    described = json.loads(contracts(replace(parcels.service, capabilities=capabilities))["asyncapi.json"])
    assert described["components"]["messages"][parcels.LOST]["title"] == "ParcelLost"
    assert len(described["channels"]["shipping.parcels.v1"]["messages"]) == 3
    assert "receive.shipping.parcels.v1" in described["operations"]


def test_the_api_is_described_without_a_database(files: dict[str, str]) -> None:
    api = document(files, "openapi.json")
    assert api["openapi"].startswith("3.1")
    assert "/v1/parcels/{parcel_id}/dispatch" in api["paths"]
