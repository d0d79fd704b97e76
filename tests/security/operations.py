"""Every operation of a service, read from its OpenAPI document, and a good request for each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.testing import ServiceKit

Json = dict[str, Any]

#: No object of any service has it.
UNKNOWN = "0190a000-0000-7000-8000-0000000fffff"

#: The roles of the design, whether a service knows them or not.
ROLES = (
    "kiosk", "display", "lobby_manager", "teller", "seller", "outlet_head", "complaint_handler",
    "staffing_planner", "evaluator_hq", "product_admin", "compliance_officer", "auditor", "operator",
    "integration", "customer",
)  # fmt: skip

_SAMPLES = {"uuid": UNKNOWN, "date": "2026-03-02", "date-time": "2026-03-02T01:00:00Z", "time-local": "09:00"}


@dataclass(frozen=True)
class Operation:
    """One method of one path; ``body`` is the JSON schema of what it takes, where it takes something."""

    id: str
    method: str
    path: str
    path_names: frozenset[str]
    query_names: frozenset[str]
    body: Json | None
    schemas: Mapping[str, Json] = field(repr=False)

    def sample(self, ids: Mapping[str, str]) -> Any:
        """A valid body, as far as its schema tells, that names the objects of ``ids``."""
        return None if self.body is None else self._value(self.body, "", ids)

    def free_texts(self) -> Iterator[str]:
        """The names of the body's fields that take any text."""
        schema = self.body or {}
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        for name, given in schema.get("properties", {}).items():
            kinds = [given, *given.get("anyOf", ())]
            if any(
                kind.get("type") == "string" and not {"format", "pattern", "enum", "const"} & set(kind)
                for kind in kinds
            ):
                yield name

    def _value(self, schema: Json, name: str, ids: Mapping[str, str]) -> Any:
        if "$ref" in schema:
            return self._value(self.schemas[schema["$ref"].rsplit("/", 1)[1]], name, ids)
        for choices in (schema.get("anyOf"), schema.get("oneOf"), schema.get("allOf")):
            if choices:
                return self._value(choices[0], name, ids)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                wanted = set(schema.get("required", ())) | (set(schema.get("properties", {})) & set(ids))
                return {key: self._value(schema["properties"][key], key, ids) for key in sorted(wanted)}
            case "array":
                count = schema.get("minItems", 1)
                return [self._value(schema["items"], name.removesuffix("s"), ids)] * count
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case "string":
                text = ids.get(name) or _SAMPLES.get(
                    schema.get("format", ""), "a" * schema.get("minLength", 1)
                )
                return str(text)
        return None


def operations(kit: ServiceKit) -> Iterator[Operation]:
    """The operations of the service's document below ``/v1``."""
    document = kit.app.openapi()
    schemas = document.get("components", {}).get("schemas", {})
    shared = document.get("components", {}).get("parameters", {})
    for path, item in document["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, found in item.items():
            places: dict[str, set[str]] = {"path": set(), "query": set(), "header": set()}
            for given in found.get("parameters", ()):
                parameter = shared[given["$ref"].rsplit("/", 1)[1]] if "$ref" in given else given
                places[parameter["in"]].add(parameter["name"])
            body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            yield Operation(
                found["operationId"],
                method.upper(),
                path,
                frozenset(places["path"]),
                frozenset(places["query"]),
                body,
                schemas,
            )
