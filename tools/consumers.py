"""Who reads what: the models of the services that take a fact, and which of them a change breaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.service import Service
from tools.compatibility import Json, resolved

OUTSIDE = "no service of ours reads it, other systems may"


@dataclass(frozen=True)
class Consumer:
    """One service's tolerant model of a fact; ``schema`` is what it reads."""

    service: str
    model: str
    schema: Json

    def reads(self, path: Sequence[str]) -> bool:
        """Whether the field at ``path`` (below the data, ``[]`` for entries) is among those it reads."""
        return _has(self.schema, self.schema, path)

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Every field that it reads, nested ones after their parents."""
        yield from _paths(self.schema, self.schema, (), frozenset())

    def __str__(self) -> str:
        return f"{self.service} ({self.model})"


def consumers(services: Sequence[Service]) -> dict[str, list[Consumer]]:
    """The consumers of each type of fact, those of other bank systems' facts left out."""
    found: dict[str, list[Consumer]] = {}
    for service in services:
        for subscription in service.inbox.subscriptions.values():
            for type_, reaction in subscription.reactions.items():
                if not subscription.accepted:
                    name = f"{reaction.model.__module__}.{reaction.model.__qualname__}"
                    schema = reaction.model.model_json_schema()
                    found.setdefault(type_, []).append(Consumer(service.name, name, schema))
    return found


def who_breaks(line: str, readers: Sequence[Consumer]) -> str:
    """Which readers a breaking change hits; ``line`` names its field (``data.items[].name: ...``) or none."""
    place = line.split(":")[0]
    path = (
        place.removeprefix("data").replace("[]", ".[]").strip(".").split(".")
        if place.startswith("data")
        else []
    )
    hit = [reader for reader in readers if reader.reads([step for step in path if step])]
    return f"breaks {', '.join(map(str, hit))}" if hit else OUTSIDE


def unpromised(reader: Consumer, published: Json) -> Iterator[str]:
    """Fields that a consumer reads and that the publisher's schema does not have."""
    for path in reader.paths():
        if _has(published, published, path[:-1]) and not _has(published, published, path):
            yield ".".join(path).replace(".[]", "[]")


def _branches(root: Json, schema: Any) -> Iterator[Json]:
    whole = resolved(root, schema)
    yield whole
    for joint in ("anyOf", "oneOf", "allOf"):
        for option in whole.get(joint, ()):
            yield from _branches(root, option)


def _steps(part: Json) -> dict[str, Any]:
    steps = dict(part.get("properties", {}))
    for word in ("items", "additionalProperties"):
        if isinstance(part.get(word), dict):
            steps["[]"] = part[word]
    if "prefixItems" in part:
        steps["[]"] = {"anyOf": part["prefixItems"]}
    return steps


def _has(root: Json, schema: Any, path: Sequence[str]) -> bool:
    if not path:
        return True
    return any(
        _has(root, _steps(part)[path[0]], path[1:])
        for part in _branches(root, schema)
        if path[0] in _steps(part)
    )


def _paths(
    root: Json, schema: Any, above: tuple[str, ...], seen: frozenset[str]
) -> Iterator[tuple[str, ...]]:
    reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
    if reference in seen:
        return
    for part in _branches(root, schema):
        for name, inner in _steps(part).items():
            yield (*above, name)
            yield from _paths(root, inner, (*above, name), seen | ({reference} if reference else set()))
