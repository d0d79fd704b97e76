"""JSON Schemas as tables that a person reads: one row a field, one section a shape."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

#: Words of a schema that bound a value, as they are shown.
BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "matches `{}`",
}


def cell(text: str) -> str:
    """Text that stays within its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; empty text for no rows."""
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *[[cell(part) for part in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def kind(schema: Json) -> str:
    """What a value is, in a few words; a shape of its own by its name, linked."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{anchor(name)})"
    for joint in ("anyOf", "oneOf", "allOf"):
        if joint in schema:
            return " or ".join(dict.fromkeys(kind(option) for option in schema[joint]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " · ".join(f"`{value}`" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            if "prefixItems" in schema:
                return f"list of {len(schema['prefixItems'])}: {kind(schema['prefixItems'][0])}"
            return f"list of {kind(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"mapping of {kind(schema['additionalProperties'])}"
        case "null":
            return "null"
        case str() as name:
            return str(schema.get("format", name))
    return "anything"


def bounds(schema: Json) -> str:
    """The bounds of a value, also of the one alternative that is not null."""
    parts = [schema, *schema.get("anyOf", ())]
    found = [said.format(part[word]) for part in parts for word, said in BOUNDS.items() if word in part]
    if "default" in schema and schema["default"] is not None:
        found.append(f"default `{schema['default']}`")
    return ", ".join(found)


def rows(schema: Json) -> Iterator[tuple[str, str, str, str]]:
    """Field, kind, whether it is always there, meaning and bounds."""
    required = set(schema.get("required", ()))
    for name, part in schema.get("properties", {}).items():
        meaning = "; ".join(filter(None, (part.get("description", ""), bounds(part))))
        yield f"`{name}`", kind(part), "yes" if name in required else "", meaning


def shapes(named: Mapping[str, Json], roots: Sequence[Any]) -> Iterator[tuple[str, Json]]:
    """The named schemas that ``roots`` refer to, also through each other, by name."""
    found: set[str] = set()
    waiting = [name for root in roots for name in references(root)]
    while waiting:
        name = waiting.pop()
        if name in named and name not in found:
            found.add(name)
            waiting += references(named[name])
    for name in sorted(found):
        yield name, named[name]


def references(part: Any) -> list[str]:
    """The names of the shapes that a part of a document refers to."""
    if isinstance(part, list):
        return [name for one in part for name in references(one)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"].rsplit("/", 1)[-1]] if isinstance(part.get("$ref"), str) else []
    return own + [name for one in part.values() for name in references(one)]


def section(name: str, schema: Json) -> str:
    """One shape: what it is, its fields or its values."""
    said = schema.get("description", "").strip()
    body = table(("Field", "Kind", "Always", "Meaning"), list(rows(schema))) or f"{kind(schema)}\n"
    return f"### {name}\n\n" + (f"{said}\n\n" if said else "") + body


def anchor(heading: str) -> str:
    """The anchor that a heading gets where pages are shown."""
    kept = "".join(character for character in heading.lower() if character.isalnum() or character in " -_")
    return kept.replace(" ", "-")
